//! Values and keys to send: built ahead, patched with a stamp per record.
//!
//! Values that are to be audited have room for a [`Stamp`](crate::stamp::Stamp) at their end; those of a load that
//! is only timed go out as they are. A pool of different values is larger than the largest batch that
//! our producers make (librdkafka's 1 MB), and a codec starts anew with each batch, so it finds no record twice. The
//! same seed yields the same values.

use std::io::Write as _;

use fastrand::Rng;

use crate::stamp::SUFFIX_LEN;

mod json;

/// Smallest record in bytes for which [`Payloads::json`] has room, stamp included.
pub const JSON_MIN_BYTES: usize = 400;
/// Smallest record in bytes for which [`Payloads::random`] has room: the stamp alone.
pub const RANDOM_MIN_BYTES: usize = SUFFIX_LEN;

/// How many different keys there are, as in the runbook's script.
pub const KEYS: u64 = 1_000;

/// Bytes of different values, about: four of the largest batches.
const POOL_BYTES: usize = 4 * 1024 * 1024;
/// Of large records, each of which fills a batch or more.
const POOL_MIN: usize = 20;
/// librdkafka puts no more than 10 000 records into a batch, however small they are.
const POOL_MAX: usize = 20_000;

/// A pool of values.
#[derive(Debug, Clone)]
pub struct Payloads {
    values: Vec<Vec<u8>>,
    /// Whether each ends in room for a stamp.
    are_stamped: bool,
}

/// Why there are no such payloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// The stamp, or one of the JSON kinds, does not fit.
    #[error(
        "a record of {asked_bytes} bytes is too small for {what}: it takes at least {minimum_bytes} bytes"
    )]
    TooSmall {
        /// What was to fit.
        what: &'static str,
        /// The record size asked for, bytes.
        asked_bytes: usize,
        /// The smallest possible, bytes.
        minimum_bytes: usize,
    },
    /// Samples were asked for and there are none.
    #[error("there are no payload samples: give at least one")]
    NoSamples,
}

impl Payloads {
    /// JSON objects of exactly `record_size` bytes, of the runbook's five kinds in turn (user_activity,
    /// system_metrics, transaction, log_event, sensor_data), each with a `_metadata` object.
    ///
    /// # Errors
    /// When `record_size` is under [`JSON_MIN_BYTES`].
    pub fn json(record_size: usize, seed: u64) -> Result<Self, PayloadError> {
        at_least(JSON_MIN_BYTES, record_size, "a stamped JSON object")?;
        let mut rng = Rng::with_seed(seed);
        let value = |nth| with_stamp_room(json::open_object(nth, record_size - SUFFIX_LEN, &mut rng));
        Ok(Self { values: (0..pool_len(record_size)).map(value).collect(), are_stamped: true })
    }

    /// Random bytes, incompressible, of exactly `record_size` with the stamp.
    ///
    /// # Errors
    /// When `record_size` is under [`RANDOM_MIN_BYTES`].
    pub fn random(record_size: usize, seed: u64) -> Result<Self, PayloadError> {
        at_least(RANDOM_MIN_BYTES, record_size, "a stamp")?;
        let mut rng = Rng::with_seed(seed);
        let value = |_| {
            let mut bytes = vec![0; record_size - SUFFIX_LEN];
            rng.fill(&mut bytes);
            with_stamp_room(bytes)
        };
        Ok(Self { values: (0..pool_len(record_size)).map(value).collect(), are_stamped: true })
    }

    /// Values of someone's own: JSON objects take the stamp as their last member and stay JSON, other
    /// values have it appended. Both grow by about [`SUFFIX_LEN`] bytes.
    ///
    /// # Errors
    /// When there is no sample.
    pub fn samples(samples: Vec<Vec<u8>>) -> Result<Self, PayloadError> {
        if samples.is_empty() {
            return Err(PayloadError::NoSamples);
        }
        let values = samples.into_iter().map(|sample| with_stamp_room(opened(sample))).collect();
        Ok(Self { values, are_stamped: true })
    }

    /// Random capital letters of exactly `record_size` bytes, without room for a stamp: what
    /// kafka-producer-perf-test sends. Each letter is worth 4.7 bits, so a codec takes off 40 %.
    ///
    /// # Errors
    /// When `record_size` is 0.
    pub fn letters(record_size: usize, seed: u64) -> Result<Self, PayloadError> {
        at_least(1, record_size, "a letter")?;
        let mut rng = Rng::with_seed(seed);
        let value = |_| (0..record_size).map(|_| rng.u8(b'A'..=b'Z')).collect();
        Ok(Self { values: (0..pool_len(record_size)).map(value).collect(), are_stamped: false })
    }

    /// Values of someone's own, to the byte.
    ///
    /// # Errors
    /// When there is none.
    pub fn verbatim(values: Vec<Vec<u8>>) -> Result<Self, PayloadError> {
        if values.is_empty() {
            return Err(PayloadError::NoSamples);
        }
        Ok(Self { values, are_stamped: false })
    }

    /// Whether the values end in room for a stamp.
    pub fn are_stamped(&self) -> bool {
        self.are_stamped
    }

    /// The value for record `i`, unstamped; values repeat when the pool is through.
    pub fn value(&self, i: u64) -> &[u8] {
        &self.values[(i % self.values.len() as u64) as usize]
    }

    /// Puts the value for record `i` into `buffer`, ready for [`Stamp::write`](crate::stamp::Stamp::write).
    pub fn fill(&self, i: u64, buffer: &mut Vec<u8>) {
        buffer.clear();
        buffer.extend_from_slice(self.value(i));
    }

    /// How many different values there are.
    pub fn count(&self) -> usize {
        self.values.len()
    }

    /// Mean size of a value, stamp included, bytes.
    pub fn mean_bytes(&self) -> f64 {
        self.values.iter().map(Vec::len).sum::<usize>() as f64 / self.values.len() as f64
    }
}

/// Puts the key for record `i` into `buffer`: `key_1` … `key_1000` in turn.
pub fn key(i: u64, buffer: &mut Vec<u8>) {
    buffer.clear();
    // Writing to a Vec does not fail.
    write!(buffer, "key_{}", i % KEYS + 1).ok();
}

fn at_least(minimum_bytes: usize, asked_bytes: usize, what: &'static str) -> Result<(), PayloadError> {
    if asked_bytes < minimum_bytes {
        return Err(PayloadError::TooSmall { what, asked_bytes, minimum_bytes });
    }
    Ok(())
}

fn pool_len(record_size: usize) -> usize {
    (POOL_BYTES / record_size).clamp(POOL_MIN, POOL_MAX)
}

/// A JSON object without its closing brace, so that the stamp can be its last member; anything else as
/// it is.
fn opened(mut sample: Vec<u8>) -> Vec<u8> {
    let trimmed = sample.trim_ascii_end();
    if !trimmed.trim_ascii_start().starts_with(b"{") || !trimmed.ends_with(b"}") {
        return sample;
    }
    sample.truncate(trimmed.len() - 1);
    if sample.trim_ascii() == b"{" {
        // The stamp begins with a comma: it cannot be the first member.
        sample.extend_from_slice(br#""pad":"""#);
    }
    sample
}

fn with_stamp_room(mut value: Vec<u8>) -> Vec<u8> {
    value.resize(value.len() + SUFFIX_LEN, b' ');
    value
}

#[cfg(test)]
mod tests;

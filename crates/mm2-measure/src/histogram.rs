//! Latency distributions: HDR histograms in one shape, so that all can be merged and kept as evidence.

use std::fmt;

use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2Serializer};

/// The largest latency told apart: 24 h. Longer ones count as this.
pub const MAX_US: u64 = 24 * 3_600 * 1_000_000;

/// A distribution of latencies, 1 µs to 24 h, to 3 significant digits; about 230 KB.
///
/// Quantiles and maximum are the upper ends of their buckets: at most 0.1 % too high, never too low.
#[derive(Clone, PartialEq)]
pub struct Latency(Histogram<u64>);

/// Why bytes are no latency distribution.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an HDR histogram in V2 encoding: {0}")]
pub struct Undecodable(String);

impl Latency {
    /// An empty distribution.
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "the bounds are constants")]
    pub fn new() -> Self {
        Self(Histogram::new_with_bounds(1, MAX_US, 3).expect("1 µs to 24 h, 3 digits is a valid shape"))
    }

    /// Adds one latency, microseconds.
    pub fn record_us(&mut self, us: u64) {
        self.0.saturating_record(us);
    }

    /// The latency that a share `quantile` (0 to 1) of the records did not exceed, milliseconds; `None`
    /// without records.
    pub fn quantile_ms(&self, quantile: f64) -> Option<f64> {
        self.ms(|h| h.value_at_quantile(quantile) as f64)
    }

    /// The mean, milliseconds; `None` without records.
    pub fn mean_ms(&self) -> Option<f64> {
        self.ms(Histogram::mean)
    }

    /// The largest latency, milliseconds; `None` without records.
    pub fn max_ms(&self) -> Option<f64> {
        self.ms(|h| h.max() as f64)
    }

    /// How many records.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// Adds all records of another distribution.
    pub fn merge(&mut self, other: &Self) {
        self.add_all(&other.0);
    }

    /// Takes everything recorded so far out of this distribution: what has come since the last take.
    #[must_use]
    pub fn take(&mut self) -> Self {
        let taken = self.clone();
        self.0.reset();
        taken
    }

    /// The distribution as HDR V2 binary, uncompressed: a few hundred bytes for an ordinary second.
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "a Vec takes all, no count reaches 2^63"
    )]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        V2Serializer::new().serialize(&self.0, &mut bytes).expect("encoding into memory cannot fail");
        bytes
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// When the bytes are not an HDR histogram in V2 encoding.
    pub fn decode(bytes: &[u8]) -> Result<Self, Undecodable> {
        let mut reader = bytes;
        let decoded: Histogram<u64> =
            Deserializer::new().deserialize(&mut reader).map_err(|e| Undecodable(e.to_string()))?;
        let mut latency = Self::new();
        latency.add_all(&decoded);
        Ok(latency)
    }

    fn add_all(&mut self, other: &Histogram<u64>) {
        for bucket in other.iter_recorded() {
            self.0.saturating_record_n(bucket.value_iterated_to(), bucket.count_at_value());
        }
    }

    fn ms(&self, us: impl Fn(&Histogram<u64>) -> f64) -> Option<f64> {
        (!self.0.is_empty()).then(|| us(&self.0) / 1_000.0)
    }
}

impl Default for Latency {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Latency")
            .field("count", &self.count())
            .field("p50_ms", &self.quantile_ms(0.5))
            .field("p99_ms", &self.quantile_ms(0.99))
            .field("max_ms", &self.max_ms())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values_us: &[u64]) -> Latency {
        let mut latency = Latency::new();
        for &us in values_us {
            latency.record_us(us);
        }
        latency
    }

    #[test]
    fn figures_are_milliseconds_to_a_thousandth() {
        let latency = of(&(1..=1_000).map(|n| n * 1_000).collect::<Vec<_>>());
        for (quantile, ms) in [(0.5, 500.0), (0.9, 900.0), (0.99, 990.0), (1.0, 1_000.0)] {
            let got = latency.quantile_ms(quantile).unwrap();
            assert!((ms..=ms * 1.001).contains(&got), "quantile {quantile}: {got} ms");
        }
        assert!((latency.mean_ms().unwrap() - 500.5).abs() < 0.5);
        assert_eq!(latency.count(), 1_000);
    }

    #[test]
    fn without_records_there_are_no_figures() {
        let latency = Latency::new();
        assert_eq!((latency.quantile_ms(0.99), latency.mean_ms(), latency.max_ms()), (None, None, None));
    }

    #[test]
    fn zero_and_more_than_a_day_are_counted_not_dropped() {
        let latency = of(&[0, u64::MAX]);
        assert_eq!(latency.count(), 2);
        let day_ms = MAX_US as f64 / 1_000.0;
        assert!((day_ms..=day_ms * 1.001).contains(&latency.max_ms().unwrap()), "{latency:?}");
    }

    #[test]
    fn a_take_leaves_nothing_and_the_takes_add_up() {
        let mut latency = of(&[10, 20]);
        let mut sum = latency.take();
        assert_eq!(latency.count(), 0);
        latency.record_us(3_000_000);
        sum.merge(&latency.take());
        assert_eq!(sum, of(&[10, 20, 3_000_000]));
    }

    #[test]
    fn other_bytes_are_refused() {
        assert!(Latency::decode(b"").is_err());
        assert!(Latency::decode(b"not a histogram, but long enough to hold a header of one").is_err());
    }

    proptest! {
        #[test]
        fn merging_and_decoding_lose_nothing(
            a in prop::collection::vec(0..2 * MAX_US, 0..50), b in prop::collection::vec(0_u64..1_000_000, 0..50),
        ) {
            let mut merged = of(&a);
            merged.merge(&of(&b));
            let all = of(&[a, b].concat());
            prop_assert_eq!(&merged, &all);
            prop_assert_eq!(Latency::decode(&all.encode()).unwrap(), all);
        }
    }
}

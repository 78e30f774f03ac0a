//! The stamp that each record carries: who sent it, as which record, and when; with a checksum.
//!
//! It sits at the end of the *value*, in fixed-width ASCII, framed as the last member of a JSON object:
//! `…,"_mm2":"<69 characters>"}`. So JSON stays JSON, mangled headers do not matter, and a converter
//! that changes values shows at once.
//!
//! | field | run | kind | step | producer | slot | sequence | intended µs | sent µs | CRC-32 |
//! |---|---|---|---|---|---|---|---|---|---|
//! | hex digits | 12 | 1 letter | 4 | 4 | 5 | 9 | 13 | 13 | 8 |
//!
//! The CRC is over everything in the value before it, so it covers the payload as well.

use std::fmt;

const OPENING: &[u8; 9] = br#","_mm2":""#;
const DIGITS: &[u8; 16] = b"0123456789abcdef";
const CLOSING: &[u8; 2] = br#""}"#;

const RUN_DIGITS: usize = 12;
const STEP_DIGITS: usize = 4;
const PRODUCER_DIGITS: usize = 4;
const SLOT_DIGITS: usize = 5;
const SEQUENCE_DIGITS: usize = 9;
const TIME_DIGITS: usize = 13;
const CRC_DIGITS: usize = 8;

/// Bytes at the end of a value that the stamp takes, its JSON frame included.
pub const SUFFIX_LEN: usize = OPENING.len()
    + RUN_DIGITS
    + 1
    + STEP_DIGITS
    + PRODUCER_DIGITS
    + SLOT_DIGITS
    + SEQUENCE_DIGITS
    + 2 * TIME_DIGITS
    + CRC_DIGITS
    + CLOSING.len();

/// Where the CRC begins, counted from the end of the value.
const CRC_FROM_END: usize = CRC_DIGITS + CLOSING.len();

/// How many slots a stamp can tell apart.
pub const MAX_SLOTS: u32 = 1 << (4 * SLOT_DIGITS);
/// The largest sequence that a stamp can carry: 68 milliard records a slot.
pub const MAX_SEQUENCE: u64 = (1 << (4 * SEQUENCE_DIGITS)) - 1;
/// The latest time that a stamp can carry, microseconds since the Unix epoch: in the year 2112.
pub const MAX_TIME_US: u64 = (1 << (4 * TIME_DIGITS)) - 1;

/// Which run a record belongs to: 48 random bits, shown as 12 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(u64);

impl RunId {
    /// A run id of the lower 48 bits.
    pub const fn new(bits: u64) -> Self {
        Self(bits & ((1 << (4 * RUN_DIGITS)) - 1))
    }

    /// A new random run id.
    pub fn fresh() -> Self {
        Self::new(fastrand::u64(..))
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012x}", self.0)
    }
}

impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RunId({self})")
    }
}

/// What a stamped record is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Load: what is measured.
    Data,
    /// Closes a slot at load-off: what is missing some time after it was read is lost.
    Marker,
    /// Sent before any load, to see that a slot is replicated at all.
    Canary,
}

impl Kind {
    const fn letter(self) -> u8 {
        match self {
            Self::Data => b'd',
            Self::Marker => b'm',
            Self::Canary => b'c',
        }
    }

    const fn of_letter(letter: u8) -> Option<Self> {
        match letter {
            b'd' => Some(Self::Data),
            b'm' => Some(Self::Marker),
            b'c' => Some(Self::Canary),
            _ => None,
        }
    }

    /// What a value says it is for, unchecked; `None` where it does not end like a stamped one. For those
    /// who carry records and have to know which are data: a look, where [`Stamp::read`] takes a checksum.
    pub fn of(value: &[u8]) -> Option<Self> {
        let (_, suffix) = value.split_last_chunk::<SUFFIX_LEN>()?;
        Self::of_letter(*suffix.strip_prefix(OPENING)?.get(RUN_DIGITS)?)
    }
}

/// What a record says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The run that sent it.
    pub run: RunId,
    /// What it is for.
    pub kind: Kind,
    /// The step that sent it, by number; steps held twice have two numbers.
    pub step: u16,
    /// Which sender sent it.
    pub producer: u16,
    /// The topic-partition it was sent to, as a number below the schedule's slots.
    pub slot: u32,
    /// Its number within the slot, from 0.
    pub sequence: u64,
    /// When it was due, microseconds since the Unix epoch.
    pub intended_us: u64,
    /// When it was handed to the client, microseconds since the Unix epoch.
    pub sent_us: u64,
}

/// Why a value has no stamp that can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The value does not end like a stamped one.
    #[error("the value does not end in a stamp")]
    NoStamp,
    /// The value ends in something like a stamp that cannot be read.
    #[error("the stamp at the end of the value is malformed")]
    Malformed,
    /// The stamp can be read, but value and checksum disagree. The fields may be the damaged part.
    #[error("the value does not match the checksum in its stamp")]
    Checksum(Stamp),
}

impl Stamp {
    /// Writes the stamp over the last [`SUFFIX_LEN`] bytes of `value`, without allocating.
    ///
    /// Fields too large for their digits are written as the largest that fits; [`Schedule`]s with such
    /// records are refused.
    ///
    /// # Panics
    /// When `value` is shorter than [`SUFFIX_LEN`]; [`Payloads`] yields none.
    ///
    /// [`Schedule`]: crate::schedule::Schedule
    /// [`Payloads`]: crate::payload::Payloads
    pub fn write(&self, value: &mut [u8]) {
        let (body, tail) = value.split_at_mut(value.len() - CRC_FROM_END);
        let start = body.len() + CRC_FROM_END - SUFFIX_LEN;
        let mut writer = Writer(&mut body[start..]);
        writer.bytes(OPENING);
        writer.hex(self.run.0, RUN_DIGITS);
        writer.bytes(&[self.kind.letter()]);
        writer.hex(self.step.into(), STEP_DIGITS);
        writer.hex(self.producer.into(), PRODUCER_DIGITS);
        writer.hex(self.slot.min(MAX_SLOTS - 1).into(), SLOT_DIGITS);
        writer.hex(self.sequence.min(MAX_SEQUENCE), SEQUENCE_DIGITS);
        writer.hex(self.intended_us.min(MAX_TIME_US), TIME_DIGITS);
        writer.hex(self.sent_us.min(MAX_TIME_US), TIME_DIGITS);
        let crc = crc32fast::hash(body);
        let mut writer = Writer(tail);
        writer.hex(crc.into(), CRC_DIGITS);
        writer.bytes(CLOSING);
    }

    /// Reads the stamp at the end of `value` and checks the whole value against its checksum.
    ///
    /// # Errors
    /// When there is no stamp, it cannot be read, or the checksum does not match; the last carries the
    /// fields as they were read, so that a damaged record need not be called missing as well.
    pub fn read(value: &[u8]) -> Result<Self, Unreadable> {
        let (_, suffix) = value.split_last_chunk::<SUFFIX_LEN>().ok_or(Unreadable::NoStamp)?;
        let fields = suffix.strip_prefix(OPENING).ok_or(Unreadable::NoStamp)?;
        let (stamp, crc) = Self::parse(fields).ok_or(Unreadable::Malformed)?;
        if crc32fast::hash(&value[..value.len() - CRC_FROM_END]) == crc {
            Ok(stamp)
        } else {
            Err(Unreadable::Checksum(stamp))
        }
    }

    /// When a stamped value was handed to the client, microseconds since the Unix epoch. For values that never left
    /// this process: the checksum is not checked. `None` where there is no stamp.
    pub fn sent_us_of(value: &[u8]) -> Option<u64> {
        let (_, suffix) = value.split_last_chunk::<SUFFIX_LEN>()?;
        let fields = suffix.strip_prefix(OPENING)?;
        Reader(&fields[fields.len() - CRC_FROM_END - TIME_DIGITS..]).hex(TIME_DIGITS)
    }

    fn parse(fields: &[u8]) -> Option<(Self, u32)> {
        let mut reader = Reader(fields);
        let stamp = Self {
            run: RunId(reader.hex(RUN_DIGITS)?),
            kind: Kind::of_letter(reader.byte()?)?,
            step: reader.hex(STEP_DIGITS)? as u16,
            producer: reader.hex(PRODUCER_DIGITS)? as u16,
            slot: reader.hex(SLOT_DIGITS)? as u32,
            sequence: reader.hex(SEQUENCE_DIGITS)?,
            intended_us: reader.hex(TIME_DIGITS)?,
            sent_us: reader.hex(TIME_DIGITS)?,
        };
        let crc = reader.hex(CRC_DIGITS)? as u32;
        (reader.0 == CLOSING).then_some((stamp, crc))
    }
}

/// Writes fixed-width fields one after the other.
struct Writer<'a>(&'a mut [u8]);

impl Writer<'_> {
    fn bytes(&mut self, bytes: &[u8]) {
        self.next(bytes.len()).copy_from_slice(bytes);
    }

    fn hex(&mut self, mut number: u64, digits: usize) {
        for digit in self.next(digits).iter_mut().rev() {
            *digit = DIGITS[(number & 0xf) as usize];
            number >>= 4;
        }
    }

    fn next(&mut self, len: usize) -> &mut [u8] {
        let (field, rest) = std::mem::take(&mut self.0).split_at_mut(len);
        self.0 = rest;
        field
    }
}

/// Reads fixed-width fields one after the other.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn hex(&mut self, digits: usize) -> Option<u64> {
        let (field, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        let (mut number, mut seen) = (0, 0);
        for &digit in field {
            let nibble = NIBBLES[usize::from(digit)];
            seen |= nibble;
            number = number << 4 | u64::from(nibble & 0xf);
        }
        (seen & NO_NIBBLE == 0).then_some(number)
    }
}

const NO_NIBBLE: u8 = 0x80;

/// What each byte stands for as a digit. Only what `write` writes: a stamp in capitals has been through
/// something. A table, because a digit that has to be guessed costs the CPU more than a look.
const NIBBLES: [u8; 256] = {
    let mut nibbles = [NO_NIBBLE; 256];
    let mut nibble = 0;
    while nibble < 16 {
        nibbles[DIGITS[nibble] as usize] = nibble as u8;
        nibble += 1;
    }
    nibbles
};

#[cfg(test)]
mod tests;

//! What a delivery report says of its record, packed into the pointer-sized tag that librdkafka carries: no
//! allocation and no look-up a record.
//!
//! The highest bit tells the two kinds apart. Numbered: 11 bits step, 20 bits slot, 32 bits sequence. Timed: 31
//! bits slip, 32 bits of the sending time.

/// A record as its delivery report names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    /// By its number: for a load that is audited.
    Numbered { step: u16, slot: u32, sequence: u64 },
    /// By its times: for a load that is only timed.
    Timed(Times),
}

/// When a record was sent, and how much later than it was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Times {
    /// The lower 32 bits of the sending time in microseconds: exact for what is answered within 71 min.
    sent_us: u32,
    /// Actual − intended send time, microseconds; at most 35 min.
    slip_us: u32,
}

/// The step number that canaries and markers are sent under: no ledger counts them.
pub(crate) const UNCOUNTED: u16 = 0x7FF;

/// Records of one slot that can be told apart in one hold.
pub(crate) const MAX_RECORDS: u64 = 1 << 32;

const TIMED: u64 = 1 << 63;
const LONGEST_SLIP_US: u64 = (1 << 31) - 1;

impl Times {
    pub(crate) fn of(sent_us: u64, slip_us: u64) -> Self {
        Self { sent_us: sent_us as u32, slip_us: slip_us.min(LONGEST_SLIP_US) as u32 }
    }

    /// How long ago the record was sent, microseconds.
    pub(crate) fn since_sent_us(self, now_us: u64) -> u64 {
        u64::from((now_us as u32).wrapping_sub(self.sent_us))
    }

    /// How long ago the record was due, microseconds.
    pub(crate) fn since_due_us(self, now_us: u64) -> u64 {
        self.since_sent_us(now_us) + u64::from(self.slip_us)
    }
}

impl Tag {
    pub(crate) fn pack(self) -> usize {
        let packed = match self {
            Self::Numbered { step, slot, sequence } => {
                debug_assert!(step <= UNCOUNTED && slot < 1 << 20 && sequence < MAX_RECORDS);
                (u64::from(step) << 52) | (u64::from(slot) << 32) | sequence
            }
            Self::Timed(Times { sent_us, slip_us }) => {
                TIMED | (u64::from(slip_us) << 32) | u64::from(sent_us)
            }
        };
        packed as usize
    }

    pub(crate) fn unpack(packed: usize) -> Self {
        let packed = packed as u64;
        if packed & TIMED != 0 {
            let slip_us = (packed >> 32) as u32 & LONGEST_SLIP_US as u32;
            return Self::Timed(Times { sent_us: packed as u32, slip_us });
        }
        Self::Numbered {
            step: (packed >> 52) as u16,
            slot: (packed >> 32) as u32 & 0xF_FFFF,
            sequence: packed & 0xFFFF_FFFF,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_comes_back_as_it_was_packed() {
        for tag in [
            Tag::Numbered { step: 0, slot: 0, sequence: 0 },
            Tag::Numbered { step: UNCOUNTED, slot: (1 << 20) - 1, sequence: (1 << 32) - 1 },
            Tag::Numbered { step: 7, slot: 119, sequence: 83_333 },
            Tag::Timed(Times::of(0, 0)),
            Tag::Timed(Times::of(u64::MAX, u64::MAX)),
            Tag::Timed(Times::of(1_795_000_000_123_456, 42)),
        ] {
            assert_eq!(Tag::unpack(tag.pack()), tag);
        }
    }

    #[test]
    fn latency_counts_from_the_sending_and_from_the_due_time_also_when_the_lower_bits_wrap() {
        let sent_us = (7 << 32) - 10;
        let times = Times::of(sent_us, 300);
        assert_eq!(times.since_sent_us(sent_us + 25), 25);
        assert_eq!(times.since_due_us(sent_us + 25), 325);
    }
}

//! Which record a delivery report is about, packed into the pointer-sized tag that librdkafka carries.
//!
//! 12 bits step, 20 bits slot, 32 bits sequence: no allocation a record.

/// A record as its delivery report names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) step: u16,
    pub(crate) slot: u32,
    pub(crate) sequence: u64,
}

/// The step number that canaries and markers are sent under: no ledger counts them.
pub(crate) const UNCOUNTED: u16 = 0xFFF;

/// Records of one slot that can be told apart in one hold.
pub(crate) const MAX_RECORDS: u64 = 1 << 32;

impl Tag {
    pub(crate) fn pack(self) -> usize {
        debug_assert!(self.step <= UNCOUNTED && self.slot < 1 << 20 && self.sequence < MAX_RECORDS);
        (usize::from(self.step) << 52) | ((self.slot as usize) << 32) | self.sequence as usize
    }

    pub(crate) fn unpack(packed: usize) -> Self {
        Self {
            step: (packed >> 52) as u16,
            slot: (packed >> 32) as u32 & 0xF_FFFF,
            sequence: (packed & 0xFFFF_FFFF) as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_comes_back_as_it_was_packed() {
        for tag in [
            Tag { step: 0, slot: 0, sequence: 0 },
            Tag { step: UNCOUNTED, slot: (1 << 20) - 1, sequence: (1 << 32) - 1 },
            Tag { step: 7, slot: 119, sequence: 83_333 },
        ] {
            assert_eq!(Tag::unpack(tag.pack()), tag);
        }
    }
}

//! What a site says of itself beside its addresses: the load that production brings, and what the chain is made of.

use crate::chain_file::{ExpectSection, RequirementSection};

const BYTES_PER_MB: f64 = 1e6;

/// What production needs at its peak. At least one of the two is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Requirement {
    /// Records per second.
    pub peak_per_sec: Option<u64>,
    /// Megabytes (10⁶ bytes) of record values per second.
    pub peak_mb_per_sec: Option<f64>,
}

/// How many of each the chain must have, where the chain file says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expect {
    /// Brokers of each of the two clusters.
    pub brokers: Option<u32>,
    /// Connect workers.
    pub workers: Option<u32>,
}

impl Requirement {
    pub(crate) fn of(section: &RequirementSection) -> Self {
        Self {
            peak_per_sec: section.peak_per_sec.as_ref().map(|it| *it.get_ref()),
            peak_mb_per_sec: section.peak_mb_per_sec.as_ref().map(|it| *it.get_ref()),
        }
    }

    /// The records per second that satisfy both, for records whose values are of this size, bytes; rounded up.
    pub fn records_per_sec(&self, record_size_bytes: u64) -> u64 {
        // Whole bytes first: 4.03 MB is 4030000.0000000005 bytes in a float, and must not ask for a record more.
        let bytes_per_sec =
            self.peak_mb_per_sec.map_or(0, |megabytes| (megabytes * BYTES_PER_MB).round() as u64);
        let by_bytes = bytes_per_sec.div_ceil(record_size_bytes.max(1));
        self.peak_per_sec.unwrap_or(0).max(by_bytes)
    }
}

impl Expect {
    pub(crate) fn of(section: &ExpectSection) -> Self {
        Self {
            brokers: section.brokers.as_ref().map(|it| *it.get_ref()),
            workers: section.workers.as_ref().map(|it| *it.get_ref()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_need_counts_rounded_up_to_a_whole_record() {
        let check = |peak_per_sec, peak_mb_per_sec, record_size_bytes, expect: u64| {
            let requirement = Requirement { peak_per_sec, peak_mb_per_sec };
            assert_eq!(requirement.records_per_sec(record_size_bytes), expect, "{requirement:?}");
        };
        check(Some(5_000), None, 1_024, 5_000);
        check(None, Some(5.0), 1_000, 5_000);
        check(None, Some(5.0), 1_024, 4_883);
        check(None, Some(4.03), 1_000, 4_030);
        check(Some(5_000), Some(10.0), 1_000, 10_000);
        check(Some(20_000), Some(10.0), 1_000, 20_000);
        check(None, Some(0.000_001), 1_000, 1);
    }
}

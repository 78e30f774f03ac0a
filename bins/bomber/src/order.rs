//! What one call comes to, in whichever vocabulary it was given. Everything after works on this.

use std::time::Duration;

use mm2_kafka::{ClusterSettings, TopicSpec};
use mm2_load::{FlatOut, LoaderOptions, Pace};
use mm2_measure::{PayloadError, Payloads, Schedule, ScheduleError};

/// Payloads are made from this, so that two runs send the same bytes.
const PAYLOAD_SEED: u64 = 0x6d6d_3200;

/// A load, and how it is talked of.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) cluster: ClusterSettings,
    /// Created where they are missing.
    pub(crate) topics: Vec<TopicSpec>,
    pub(crate) rate: Rate,
    pub(crate) values: Values,
    /// Whether records have the script's keys, or none.
    pub(crate) keys: bool,
    /// Records that go to one partition before it is the next one's turn.
    pub(crate) in_a_row: u32,
    pub(crate) loader: LoaderOptions,
    pub(crate) manner: Manner,
}

/// How fast, and for how long or how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rate {
    /// What is late at the end is abandoned.
    For { per_sec: u64, hold: Duration },
    /// All are sent, however late.
    Until { per_sec: u64, records: u64 },
    /// As fast as the source takes them.
    FlatOut { records: u64 },
}

/// What the values are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// The script's five kinds, stamped.
    Json { bytes: usize },
    /// perf-test's random capitals.
    Letters { bytes: usize },
    /// From a file.
    Given(Vec<Vec<u8>>),
}

/// As which tool it speaks while the load is on and when it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Script,
    PerfTest { reporting_interval: Duration, warm_up_records: u64, print_metrics: bool },
}

impl Order {
    pub(crate) fn warm_up_records(&self) -> u64 {
        match self.manner {
            Manner::Script => 0,
            Manner::PerfTest { warm_up_records, .. } => warm_up_records,
        }
    }

    /// What is about to be done, in one line.
    pub(crate) fn announce(&self) -> String {
        let LoaderOptions { producers, compression, .. } = &self.loader;
        let codec = self.cluster.client.get("compression.codec").map_or(compression.name(), String::as_str);
        let threads = if *producers == 1 { "1 thread".to_owned() } else { format!("{producers} threads") };
        format!("load on: {}, {threads}, {}, {codec}", self.rate.words(), self.values.words())
    }
}

impl Rate {
    /// The load from `t0_us` on.
    ///
    /// # Errors
    /// When there are more records than can be numbered.
    pub(crate) fn pace(self, t0_us: u64, slots: u32) -> Result<Pace, ScheduleError> {
        Ok(match self {
            Self::For { per_sec, hold } => Pace::Hold(Schedule::for_hold(t0_us, per_sec, slots, hold)?),
            Self::Until { per_sec, records } => {
                Pace::Count(as_many(records, |records| Schedule::new(t0_us, per_sec, slots, records))?)
            }
            Self::FlatOut { records } => {
                Pace::FlatOut(as_many(records, |records| FlatOut::new(t0_us, slots, records))?)
            }
        })
    }

    fn words(self) -> String {
        match self {
            Self::For { per_sec, hold } => format!("{per_sec} msg/s for {:.1} s", hold.as_secs_f64()),
            Self::Until { per_sec, records } => format!("{records} records at {per_sec} msg/s"),
            Self::FlatOut { records } => format!("{records} records as fast as the source takes them"),
        }
    }
}

/// The load with all `records`, or with as many as can be numbered: at 100 000 a second that is days of them, so who asks
/// for more means to stop it by hand.
fn as_many<T>(records: u64, load: impl Fn(u64) -> Result<T, ScheduleError>) -> Result<T, ScheduleError> {
    let mut records = records;
    loop {
        match load(records) {
            Err(ScheduleError::TooLong(_)) if records > 1 => records /= 2,
            result => return result,
        }
    }
}

impl Values {
    /// # Errors
    /// When one does not fit its size, or there is none.
    pub(crate) fn payloads(&self) -> Result<Payloads, PayloadError> {
        match self {
            Self::Json { bytes } => Payloads::json(*bytes, PAYLOAD_SEED),
            Self::Letters { bytes } => Payloads::letters(*bytes, PAYLOAD_SEED),
            Self::Given(values) => Payloads::verbatim(values.clone()),
        }
    }

    /// The size of the largest, bytes.
    pub(crate) fn largest_bytes(&self) -> usize {
        match self {
            Self::Json { bytes } | Self::Letters { bytes } => *bytes,
            Self::Given(values) => values.iter().map(Vec::len).max().unwrap_or(0),
        }
    }

    /// The mean size, bytes, rounded up.
    pub(crate) fn mean_bytes(&self) -> usize {
        match self {
            Self::Json { bytes } | Self::Letters { bytes } => *bytes,
            Self::Given(values) => values.iter().map(Vec::len).sum::<usize>().div_ceil(values.len().max(1)),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Json { bytes } => format!("{bytes} B of JSON a record"),
            Self::Letters { bytes } => format!("{bytes} B of letters a record"),
            Self::Given(values) => format!("{} values of a file in turn", values.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_records_than_can_be_numbered_go_on_until_they_are_stopped() {
        let now_us = 1_800_000_000_000_000;
        for per_sec in [1, 1_000, 100_000] {
            let pace = Rate::Until { per_sec, records: i64::MAX as u64 }.pace(now_us, 12).unwrap();
            assert!(pace.end_us().unwrap() - now_us > 86_400_000_000, "{per_sec}: more than a day");
        }
        let pace = Rate::FlatOut { records: i64::MAX as u64 }.pace(now_us, 12).unwrap();
        assert!(pace.total() > 10_000_000_000);
        assert_eq!(Rate::FlatOut { records: 7 }.pace(now_us, 12).unwrap().total(), 7);
    }
}

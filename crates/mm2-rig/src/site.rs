//! What a site says of itself beside its addresses: the load that production brings, and what the chain is made of.

use mm2_connect::WorkerHealth;
use mm2_kafka::ClusterInfo;

use crate::chain_file::{ExpectSection, RequirementSection, WorkerHosts};
use crate::error::RigError;

const BYTES_PER_MB: f64 = 1e6;

/// What production needs at its peak. At least one of the two is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Requirement {
    /// Records per second.
    pub peak_per_sec: Option<u64>,
    /// Megabytes (10⁶ bytes) of record values per second.
    pub peak_mb_per_sec: Option<f64>,
}

/// What the chain must be made of, where the chain file says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expect {
    /// Brokers of each of the two clusters.
    pub brokers: Option<u32>,
    /// Connect workers.
    pub workers: Option<u32>,
    /// Whether something else runs on the workers' hosts: their processors and memory then warn, and stop nothing.
    pub shared_worker_hosts: bool,
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
            shared_worker_hosts: section.worker_hosts == WorkerHosts::Shared,
        }
    }

    /// # Errors
    /// When a cluster has fewer brokers than are expected.
    pub(crate) fn check_brokers(&self, side: &'static str, cluster: &ClusterInfo) -> Result<(), RigError> {
        let found = cluster.brokers.len() as u32;
        match self.brokers {
            Some(expected) if found < expected => {
                Err(RigError::Fewer { what: format!("brokers of the {side}"), found, expected })
            }
            _ => Ok(()),
        }
    }

    /// Each worker has a URL of its own where there are as many URLs as workers are expected. Through fewer, how many
    /// there are cannot be told.
    ///
    /// # Errors
    /// When fewer answer than are expected.
    pub(crate) fn check_workers(&self, workers: &[WorkerHealth]) -> Result<(), RigError> {
        let found = workers.iter().filter(|worker| worker.answered).count() as u32;
        match self.workers {
            Some(expected) if found < expected && workers.len() as u32 >= expected => {
                Err(RigError::Fewer { what: "Connect workers".to_owned(), found, expected })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use mm2_kafka::BrokerInfo;

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

    #[test]
    fn a_chain_with_fewer_parts_than_expected_is_refused() {
        let expect = Expect { brokers: Some(3), workers: Some(2), ..Expect::default() };
        let broker = |id| BrokerInfo { id, address: format!("kafka-{id}:9092") };
        let cluster = |count| ClusterInfo { cluster_id: None, brokers: (0..count).map(broker).collect() };
        assert!(expect.check_brokers("source", &cluster(3)).is_ok());
        let said = expect.check_brokers("source", &cluster(2)).unwrap_err().to_string();
        assert!(said.starts_with("2 of the 3 brokers of the source"), "{said}");

        let workers = |answered: &[bool]| -> Vec<WorkerHealth> {
            let worker = |(at, answered): (usize, &bool)| WorkerHealth {
                url: format!("http://connect-{at}:8083"),
                answered: *answered,
            };
            answered.iter().enumerate().map(worker).collect()
        };
        assert!(expect.check_workers(&workers(&[true, true])).is_ok());
        assert!(expect.check_workers(&workers(&[true, false])).is_err());
        assert!(expect.check_workers(&workers(&[true])).is_ok(), "behind one URL there may be two");
        assert!(Expect::default().check_workers(&workers(&[true, false])).is_ok());
    }
}

//! How long a topic keeps its records, by its own settings.

use std::time::Duration;

use rdkafka::admin::{AdminOptions, ResourceSpecifier};

use crate::cluster::Cluster;
use crate::failure::KafkaFailure;
use crate::topics::CALL;

/// What ends a record's life on a topic; `None` is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// `retention.ms`.
    pub time: Option<Duration>,
    /// `retention.bytes`, of each partition.
    pub partition_bytes: Option<u64>,
}

impl Retention {
    /// How long a record is kept at least where a partition takes so many bytes a second, seconds: the shorter of
    /// time and fill; `None` is for ever. Kafka removes whole segments, so it may be longer.
    pub fn seconds_at(&self, bytes_per_sec: f64) -> Option<f64> {
        let by_time = self.time.map(|time| time.as_secs_f64());
        let full = |bytes: u64| bytes as f64 / bytes_per_sec;
        let by_fill = self.partition_bytes.map(full).filter(|seconds| seconds.is_finite());
        by_time.into_iter().chain(by_fill).min_by(f64::total_cmp)
    }
}

impl Cluster {
    /// The retention of each of these topics.
    ///
    /// # Errors
    /// When the cluster does not answer, or does not let this user read the topics' settings.
    pub async fn retention(&self, topics: &[String]) -> Result<Vec<Retention>, KafkaFailure> {
        let resources: Vec<_> = topics.iter().map(|topic| ResourceSpecifier::Topic(topic)).collect();
        let options = AdminOptions::new().request_timeout(Some(CALL));
        let answers = self
            .admin()?
            .describe_configs(&resources, &options)
            .await
            .map_err(|cause| self.call_failed("read the settings of topics", cause))?;
        let read = |answer: Result<rdkafka::admin::ConfigResource, _>| {
            let topic = answer
                .map_err(rdkafka::error::KafkaError::AdminOp)
                .map_err(|cause| self.call_failed("read the settings of a topic", cause))?;
            // -1 is "no limit" in both.
            let number = |key: &str| topic.get(key)?.value.as_deref()?.parse::<u64>().ok();
            Ok(Retention {
                time: number("retention.ms").map(Duration::from_millis),
                partition_bytes: number("retention.bytes"),
            })
        };
        answers.into_iter().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_lives_until_its_time_is_over_or_its_partition_is_full() {
        let day = Some(Duration::from_secs(86_400));
        let check = |time, partition_bytes, bytes_per_sec, expect| {
            assert_eq!(Retention { time, partition_bytes }.seconds_at(bytes_per_sec), expect);
        };
        check(day, None, 1e6, Some(86_400.0));
        check(day, Some(1_000_000_000), 1e6, Some(1_000.0));
        check(day, Some(1_000_000_000), 0.0, Some(86_400.0));
        check(None, Some(500), 100.0, Some(5.0));
        check(None, None, 1e6, None);
    }
}

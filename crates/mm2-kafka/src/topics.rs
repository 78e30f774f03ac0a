//! Topics: which there are, creating the missing ones, and where their partitions end.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminOptions, NewTopic, TopicReplication};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::Producer as _;

use crate::cluster::Cluster;
use crate::failure::KafkaFailure;

/// How long one question to a cluster may take.
pub(crate) const CALL: Duration = Duration::from_secs(10);

/// One partition of a topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: String,
    /// The partition's number, as Kafka counts: from 0.
    pub partition: i32,
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

/// A topic as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicSpec {
    /// Its name.
    pub name: String,
    /// Partitions; 0: as many as the broker gives a topic by itself.
    pub partitions: u32,
    /// Replicas of each; 0: as the broker has it by itself.
    pub replication: u16,
    /// Topic settings, `retention.ms` and the like.
    pub config: Vec<(String, String)>,
}

impl Cluster {
    /// All topics with their number of partitions. Asks for the whole list, since a question for one
    /// name may create it.
    ///
    /// # Errors
    /// When the cluster does not answer.
    pub fn topics(&self) -> Result<BTreeMap<String, u32>, KafkaFailure> {
        let metadata = self
            .asker()
            .client()
            .fetch_metadata(None, CALL)
            .map_err(|cause| self.call_failed("list the topics", cause))?;
        Ok(metadata.topics().iter().map(|t| (t.name().to_owned(), t.partitions().len() as u32)).collect())
    }

    /// Creates the topics that do not exist yet, and names those that it created. An existing topic is
    /// left as it is, whatever its shape.
    ///
    /// # Errors
    /// When the cluster does not answer or refuses one of them.
    pub async fn create_missing_topics(&self, wanted: &[TopicSpec]) -> Result<Vec<String>, KafkaFailure> {
        let existing = self.topics()?;
        let missing: Vec<&TopicSpec> = wanted.iter().filter(|t| !existing.contains_key(&t.name)).collect();
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        let new_topics: Vec<NewTopic<'_>> = missing.iter().map(|t| new_topic(t)).collect();
        let options = AdminOptions::new().operation_timeout(Some(CALL)).request_timeout(Some(CALL));
        let answers = self
            .admin()?
            .create_topics(&new_topics, &options)
            .await
            .map_err(|cause| self.call_failed("create topics", cause))?;
        for (answer, topic) in answers.into_iter().zip(&missing) {
            if let Err((_, code)) = answer {
                let (side, topic, cause) = (self.side().name(), topic.name.clone(), code.to_string());
                return Err(KafkaFailure::CreateTopic { side, topic, cause });
            }
        }
        Ok(missing.into_iter().map(|t| t.name.clone()).collect())
    }

    /// First and end offset of a partition. A partition that was just created has no leader for a moment:
    /// that is waited for.
    ///
    /// # Errors
    /// When the cluster does not answer, or has no such partition.
    pub fn watermarks(&self, at: &TopicPartition) -> Result<(i64, i64), KafkaFailure> {
        let begun = Instant::now();
        loop {
            match self.asker().client().fetch_watermarks(&at.topic, at.partition, CALL) {
                Ok(watermarks) => return Ok(watermarks),
                Err(error) if is_settling(&error) && begun.elapsed() < CALL => {
                    std::thread::sleep(Duration::from_millis(100));
                }
                Err(cause) => return Err(self.call_failed(&format!("read the offsets of {at}"), cause)),
            }
        }
    }
}

/// Whether a partition is new or moving, so that asking again a moment later helps.
fn is_settling(error: &KafkaError) -> bool {
    use RDKafkaErrorCode as Code;
    matches!(
        error.rdkafka_error_code(),
        Some(
            Code::NotLeaderForPartition
                | Code::LeaderNotAvailable
                | Code::UnknownTopicOrPartition
                | Code::UnknownPartition
        )
    )
}

fn new_topic(spec: &TopicSpec) -> NewTopic<'_> {
    let (partitions, replication) = numbers(spec);
    spec.config.iter().fold(
        NewTopic::new(&spec.name, partitions, TopicReplication::Fixed(replication)),
        |topic, (key, value)| topic.set(key, value),
    )
}

/// Partitions and replicas as Kafka's protocol has them, where −1 is the broker's own default.
fn numbers(spec: &TopicSpec) -> (i32, i32) {
    let or_default = |number: i32| if number == 0 { -1 } else { number };
    (or_default(spec.partitions as i32), or_default(i32::from(spec.replication)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_is_the_brokers_own() {
        let spec = |partitions, replication| {
            numbers(&TopicSpec { name: "t".into(), partitions, replication, config: Vec::new() })
        };
        assert_eq!((spec(0, 0), spec(12, 3)), ((-1, -1), (12, 3)));
    }
}

//! The test topics: created where they are missing, and every partition that they really have.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use mm2_cli::{Failure, OrFail, Printer};
use mm2_kafka::{Cluster, ClusterInfo, KafkaFailure, TopicPartition, TopicSpec};

/// How long all brokers may take to know of a topic that was created.
const KNOWN: Duration = Duration::from_secs(10);

/// Creates what is missing, says so, and lists where records go.
///
/// # Errors
/// When the source does not answer or refuses a topic.
pub(crate) async fn prepare(
    source: &Cluster,
    info: &ClusterInfo,
    wanted: &[TopicSpec],
    printer: &Printer,
) -> Result<Vec<TopicPartition>, Failure> {
    let replication = wanted.iter().map(|topic| topic.replication).max().unwrap_or(0);
    let created = source.create_missing_topics(wanted).await;
    let created = with_remedy(created, replication, info.brokers.len()).or_unavailable()?;
    if let (Some(first), Some(last), Some(spec)) = (created.first(), created.last(), wanted.first()) {
        let range = if created.len() == 1 { first.clone() } else { format!("{first} … {last}") };
        printer.line(&format!("created {}: {range} ({})", created.len(), shape(spec)));
    }
    let names: Vec<String> = wanted.iter().map(|topic| topic.name.clone()).collect();
    let slots = wait_for_all(source, &names).await.or_unavailable()?;
    let (topics, partitions) = (names.len(), slots.len());
    let existed = topics - created.len();
    printer.line(&format!("topics: {topics}, {existed} of them there before; {partitions} partitions"));
    Ok(slots)
}

fn shape(spec: &TopicSpec) -> String {
    let or_default = |what: &str, number: u64, words: String| match number {
        0 => format!("{what} as the broker has it"),
        _ => words,
    };
    let TopicSpec { partitions, replication, config, .. } = spec;
    let mut parts = vec![
        or_default("partitions", u64::from(*partitions), format!("{partitions} partitions")),
        or_default("replication", u64::from(*replication), format!("replication {replication}")),
    ];
    parts.extend(config.iter().map(|(key, value)| match (key.as_str(), value.as_str()) {
        ("retention.ms", "86400000") => "kept for a day".to_owned(),
        _ => format!("{key} {value}"),
    }));
    parts.join(", ")
}

/// The usual reason why a small cluster refuses the runbook's topics.
fn with_remedy(
    created: Result<Vec<String>, KafkaFailure>,
    replication: u16,
    brokers: usize,
) -> anyhow::Result<Vec<String>> {
    let created = created.map_err(anyhow::Error::from);
    if usize::from(replication) <= brokers {
        return created;
    }
    created.with_context(|| {
        format!(
            "{replication} replicas do not fit on the brokers that are up ({brokers}); hint: give --replication {brokers}"
        )
    })
}

async fn wait_for_all(source: &Cluster, names: &[String]) -> anyhow::Result<Vec<TopicPartition>> {
    let begun = Instant::now();
    loop {
        let existing = source.topics()?;
        let missing = names.iter().find(|name| existing.get(*name).is_none_or(|partitions| *partitions == 0));
        let Some(missing) = missing else { return Ok(in_turn(&existing, names)) };
        if begun.elapsed() >= KNOWN {
            anyhow::bail!(
                "topic {missing} was created and is not known {} s later; hint: look at the brokers' logs",
                KNOWN.as_secs()
            );
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Every partition once, topic by topic in turn, so that neighbouring records go to different topics.
fn in_turn(existing: &BTreeMap<String, u32>, names: &[String]) -> Vec<TopicPartition> {
    let partitions = |name: &String| existing.get(name).copied().unwrap_or(0);
    let most = names.iter().map(partitions).max().unwrap_or(0);
    let mut slots = Vec::new();
    for partition in 0..most {
        for topic in names.iter().filter(|name| partition < partitions(name)) {
            slots.push(TopicPartition { topic: topic.clone(), partition: partition as i32 });
        }
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_created_topic_is_told_with_its_shape() {
        let spec = crate::settings::created_topic("t".into(), 12, 3);
        assert_eq!(shape(&spec), "12 partitions, replication 3, kept for a day, min.insync.replicas 2");
        let spec = TopicSpec { name: "t".into(), partitions: 0, replication: 0, config: Vec::new() };
        assert_eq!(shape(&spec), "partitions as the broker has it, replication as the broker has it");
    }

    #[test]
    fn topics_take_turns_and_every_partition_comes_once() {
        let existing = BTreeMap::from([("a".to_owned(), 2), ("b".to_owned(), 1), ("other".to_owned(), 9)]);
        let slots = in_turn(&existing, &["a".to_owned(), "b".to_owned()]);
        let shown: Vec<String> = slots.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["a-0", "b-0", "a-1"]);
    }
}

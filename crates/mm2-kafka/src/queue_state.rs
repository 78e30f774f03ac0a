//! Where a producer's records are, by its own statistics: in its queue, in requests that wait to be sent, in requests
//! that wait for their answer. Not for saying whose doing that is.

use serde_json::Value;

/// One moment of one producer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueState {
    /// Records that are not acknowledged yet.
    pub held: u64,
    /// Records ever put into a request; one that is sent again counts again.
    pub transmitted: u64,
    /// Whether records wait for a partition that has no leader.
    pub has_leaderless: bool,
    /// The brokers that lead partitions of ours.
    pub brokers: Vec<BrokerQueue>,
}

/// What there is at one broker's thread.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BrokerQueue {
    /// Whether it is connected.
    pub is_up: bool,
    /// Requests that are made and not sent off: the line takes no more, or as many as may be are in flight.
    pub unsent: u64,
    /// Requests that wait for their answer.
    pub awaiting_answer: u64,
    /// Records in either.
    pub in_requests: u64,
    /// Partitions with records that are in no request yet.
    pub partitions_queued: u64,
}

impl QueueState {
    /// Reads what librdkafka's STATISTICS.md describes.
    pub(crate) fn of(statistics: &Value) -> Self {
        let broker = |broker: &Value| {
            let partitions = members(broker, "toppars");
            (members(broker, "toppars").count() > 0).then(|| BrokerQueue {
                is_up: broker.get("state").and_then(Value::as_str) == Some("UP"),
                unsent: count(broker, "outbuf_cnt"),
                awaiting_answer: count(broker, "waitresp_cnt"),
                in_requests: count(broker, "outbuf_msg_cnt") + count(broker, "waitresp_msg_cnt"),
                partitions_queued: partitions.filter(|at| is_queued(statistics, at)).count() as u64,
            })
        };
        Self {
            held: count(statistics, "msg_cnt"),
            transmitted: count(statistics, "txmsgs"),
            has_leaderless: members(statistics, "topics").any(has_leaderless),
            brokers: members(statistics, "brokers").filter_map(broker).collect(),
        }
    }
}

/// Whether the partition that a broker's list names has records waiting.
fn is_queued(statistics: &Value, at: &Value) -> bool {
    let partition = || {
        let number = at.get("partition")?.as_i64()?.to_string();
        statistics.get("topics")?.get(at.get("topic")?.as_str()?)?.get("partitions")?.get(number)
    };
    partition().is_some_and(|partition| queued(partition) > 0)
}

fn has_leaderless(topic: &Value) -> bool {
    members(topic, "partitions").any(|partition| {
        let number = |name| partition.get(name).and_then(Value::as_i64);
        // Partition −1 is where librdkafka keeps what has no partition yet.
        number("partition") != Some(-1) && number("leader") == Some(-1) && queued(partition) > 0
    })
}

fn queued(partition: &Value) -> u64 {
    count(partition, "msgq_cnt") + count(partition, "xmit_msgq_cnt")
}

fn members<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_object).into_iter().flat_map(|object| object.values())
}

fn count(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_broker_that_leads_partitions_is_told_with_what_waits_for_it() {
        let partition =
            |leader: i32, queued: u64| json!({"leader": leader, "msgq_cnt": queued, "xmit_msgq_cnt": 0});
        let statistics = json!({"msg_cnt": 500, "txmsgs": 7_000,
            "brokers": {
                "a": {"state": "UP", "outbuf_cnt": 1, "outbuf_msg_cnt": 10, "waitresp_cnt": 3, "waitresp_msg_cnt": 30,
                    "toppars": {"t-0": {"topic": "t", "partition": 0}, "t-1": {"topic": "t", "partition": 1}}},
                "b": {"state": "INIT", "waitresp_cnt": 1, "toppars": {}}},
            "topics": {"t": {"partitions": {"0": partition(1, 7), "1": partition(1, 0)}}}});
        let a =
            BrokerQueue { is_up: true, unsent: 1, awaiting_answer: 3, in_requests: 40, partitions_queued: 1 };
        let expect = QueueState { held: 500, transmitted: 7_000, has_leaderless: false, brokers: vec![a] };
        assert_eq!(QueueState::of(&statistics), expect);
    }

    #[test]
    fn a_partition_without_a_leader_counts_where_records_wait_for_it() {
        let partition = |partition: i32, leader: i32, queued: u64| {
            let partition = json!({"partition": partition, "leader": leader, "msgq_cnt": queued});
            QueueState::of(&json!({"topics": {"t": {"partitions": {"x": partition}}}})).has_leaderless
        };
        assert!(partition(3, -1, 1));
        assert!(!partition(3, -1, 0) && !partition(3, 1, 1) && !partition(-1, -1, 1));
    }
}

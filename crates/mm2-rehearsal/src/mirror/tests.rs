//! The mirror at its limits: a source that keeps too little, a target that takes too slowly, and its own
//! memory.

use std::time::{Duration, Instant};

use mm2_kafka::rdkafka::producer::{BaseRecord, Producer as _};
use mm2_kafka::{ClusterSettings, NoDeliveries, Producer, Side};

use super::*;
use crate::clusters::Clusters;
use crate::faults::Faults;

const LIMIT: Duration = Duration::from_secs(10);
const MIB: usize = 1 << 20;

struct Late {
    mirror: Mirror,
    sender: Producer<NoDeliveries>,
    _clusters: Clusters,
}

/// A mirror that starts only after `records` of `bytes` each are in its one source partition.
fn late(records: usize, bytes: usize, faults: Faults, held_limit_bytes: u64, producer_queue: &str) -> Late {
    let options = RehearsalOptions { topics: vec!["t".into()], partitions: 1, faults };
    let clusters = Clusters::start(&options).unwrap();
    let source = Cluster::new(Side::Source, ClusterSettings::plaintext(clusters.source())).unwrap();
    let mut at_target = ClusterSettings::plaintext(clusters.target());
    at_target.client.insert("queue.buffering.max.messages".into(), producer_queue.into());
    let target = Cluster::new(Side::Target, at_target).unwrap();
    let sender = source.producer(&[("message.max.bytes", "2000000")], NoDeliveries).unwrap();
    send(&sender, records, bytes);
    let mirror = Mirror::start(&source, &target, &options, held_limit_bytes).unwrap();
    Late { mirror, sender, _clusters: clusters }
}

fn send(sender: &Producer<NoDeliveries>, records: usize, bytes: usize) {
    let value = vec![7_u8; bytes];
    for _ in 0..records {
        sender.send(BaseRecord::with_opaque_to("t", 0).partition(0).key("").payload(&value)).unwrap();
    }
    sender.flush(LIMIT).unwrap();
}

impl Late {
    fn health_once(&self, come: impl Fn(&MirrorHealth) -> bool) -> MirrorHealth {
        let deadline = Instant::now() + LIMIT;
        while !come(&self.mirror.health()) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        self.mirror.health()
    }
}

#[test]
fn what_the_source_dropped_before_it_was_read_is_told_and_the_rest_goes_on() {
    let late = late(12, MIB, Faults::default(), u64::MAX, "1000");
    let health = late.health_once(|health| health.mirrored >= 3);
    assert!(health.evicted, "{health:?}");
    assert!((3..=5).contains(&health.mirrored), "the mock keeps 5 MiB: {health:?}");
    assert_eq!(health.failed, None);
}

#[test]
fn what_the_source_kept_is_no_eviction() {
    let late = late(4, MIB, Faults::default(), u64::MAX, "1000");
    let health = late.health_once(|health| health.mirrored == 4);
    assert_eq!(health, MirrorHealth { mirrored: 4, ..MirrorHealth::default() });
}

#[test]
fn a_full_producer_makes_the_mirror_wait_and_nothing_is_dropped() {
    let late = late(2000, 10, Faults::default(), u64::MAX, "10");
    let health = late.health_once(|health| health.mirrored == 2000);
    assert_eq!(health, MirrorHealth { mirrored: 2000, ..MirrorHealth::default() });
}

#[test]
fn a_mirror_that_may_hold_no_more_gives_up_and_says_so() {
    let late = late(0, 0, "delay=60s".parse().unwrap(), 3 << 20, "1000");
    late.mirror.begin_step("P1");
    send(&late.sender, 4, MIB);
    let health = late.health_once(|health| health.failed.is_some());
    let why = health.failed.expect("it holds 4 MiB");
    assert!(why.starts_with("the rehearsal gave up: its mirror holds"), "{why}");
    assert!(why.contains("3 MiB is the limit"), "{why}");
    assert_eq!(late.mirror.health().mirrored, 0);
}

//! What arrives is what was sent.

use std::time::Duration;

use mm2_kafka::Side;
use mm2_kafka::rdkafka::message::{BorrowedMessage, Header, Headers as _, Message as _, OwnedHeaders};
use mm2_kafka::rdkafka::producer::BaseRecord;
use mm2_rehearsal::{Faults, Rehearsal, RehearsalError, RehearsalOptions};

use crate::support::{TOPIC, chain, cluster, done};

const LIMIT: Duration = Duration::from_secs(10);

#[test]
fn the_topics_are_there_under_their_names_before_anything_is_sent() {
    let options = RehearsalOptions {
        topics: vec!["a".into(), "b.c".into()],
        partitions: 4,
        faults: "cap=9/s".parse().unwrap(),
    };
    let rehearsal = Rehearsal::start(&options).unwrap();
    let topics = |side| cluster(side, &rehearsal).topics().unwrap().into_iter().collect::<Vec<_>>();
    assert_eq!(topics(Side::Source), [("a".to_owned(), 4), ("b.c".to_owned(), 4)]);
    assert_eq!(topics(Side::Target), [("source.a".to_owned(), 4), ("source.b.c".to_owned(), 4)]);
}

#[test]
fn a_record_is_copied_byte_by_byte() {
    let chain = chain(3, "");
    let every_byte: Vec<u8> = (0..=255).collect();
    let headers = OwnedHeaders::new()
        .insert(Header { key: "trace", value: Some(&every_byte) })
        .insert(Header { key: "trace", value: Some(b"a second of this name") })
        .insert(Header { key: "null", value: None::<&[u8]> });
    let full = BaseRecord::with_opaque_to(TOPIC, 0)
        .partition(2)
        .timestamp(1_234_567_890_123)
        .key(&every_byte[..])
        .payload(&every_byte[..])
        .headers(headers);
    chain.sender.send(full);
    let seen = chain.probe.read(1, LIMIT);
    let copy = seen.first().expect("it arrives");
    assert_eq!((copy.topic(), copy.partition(), copy.offset()), ("source.orders", 2, 0));
    assert_eq!(copy.timestamp().to_millis(), Some(1_234_567_890_123));
    assert_eq!(copy.key(), Some(&every_byte[..]));
    assert_eq!(copy.payload(), Some(&every_byte[..]));
    let headers: Vec<(&str, Option<&[u8]>)> =
        copy.headers().unwrap().iter().map(|h| (h.key, h.value)).collect();
    assert_eq!(
        headers,
        [("trace", Some(&every_byte[..])), ("trace", Some(b"a second of this name")), ("null", None)]
    );
}

#[test]
fn nothing_and_empty_stay_apart() {
    let chain = chain(1, "");
    let blank = || BaseRecord::with_opaque_to(TOPIC, 0).partition(0);
    chain.sender.send(blank());
    chain.sender.send(blank().key(b"").payload(b""));
    let seen = chain.probe.read(2, LIMIT);
    let shapes: Vec<_> = seen.iter().map(|m| (m.key(), m.payload(), m.headers().is_some())).collect();
    assert_eq!(shapes, [(None, None, false), (Some(&b""[..]), Some(&b""[..]), false)]);
}

#[test]
fn every_partition_keeps_its_order_and_its_records() {
    const EACH: u32 = 5000;
    let chain = chain(3, "");
    for i in 0..EACH {
        for partition in 0..3 {
            chain.sender.send_value(partition, &i.to_be_bytes());
        }
    }
    let mut next = [0_u32; 3];
    for _ in 0..EACH * 3 {
        let message: BorrowedMessage<'_> = chain.probe.poll(LIMIT).expect("nothing is lost");
        let next = &mut next[message.partition() as usize];
        assert_eq!(message.payload(), Some(&next.to_be_bytes()[..]));
        *next += 1;
    }
    assert!(chain.probe.poll(Duration::from_millis(50)).is_none(), "nothing is there twice");
    let all = u64::from(EACH) * 3;
    assert_eq!(chain.health_at(all), done(all));
}

#[test]
fn a_rehearsal_of_nothing_or_of_a_topic_named_twice_does_not_start() {
    let start = |topics: &[&str], partitions| {
        let topics = topics.iter().map(|&topic| topic.to_owned()).collect();
        Rehearsal::start(&RehearsalOptions { topics, partitions, faults: Faults::default() }).unwrap_err()
    };
    assert!(matches!(start(&[], 3), RehearsalError::Nothing { topics: 0, partitions: 3 }));
    assert!(matches!(start(&["a"], 0), RehearsalError::Nothing { topics: 1, partitions: 0 }));
    let twice = start(&["a", "a"], 1).to_string();
    assert!(twice.starts_with("cannot create topic a on a mock cluster"), "{twice}");
}

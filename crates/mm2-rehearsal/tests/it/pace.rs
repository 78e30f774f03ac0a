//! The chain is fast enough that what an audit measures is the fault that was asked for.

use std::time::{Duration, Instant};

use mm2_kafka::rdkafka::message::Message as _;

use crate::support::{Probe, Sender, chain, done};

const PER_SEC: u64 = 50_000;
const RECORDS: u64 = 3 * PER_SEC;
/// More than the three of a usual rehearsal: the mocks keep 5 MiB of each, 1.2 s of this load in all, and a
/// machine that builds something else beside this test has been seen to stand still for 0.6 s.
const PARTITIONS: u32 = 12;

#[test]
fn nothing_is_lost_at_50_000_records_of_1_kib_a_second() {
    let chain = chain(PARTITIONS, "");
    warm_up(&chain.sender, &chain.probe);
    let start = Instant::now();
    let mut latencies_us = std::thread::scope(|threads| {
        threads.spawn(|| send_on_schedule(&chain.sender, start));
        read_all(&chain.probe, start)
    });
    latencies_us.sort_unstable();
    let at = |share: f64| latencies_us[(share * (latencies_us.len() - 1) as f64) as usize] as f64 / 1000.0;
    println!("{PER_SEC}/s of 1 KiB: p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms", at(0.5), at(0.99), at(1.0));
    let mirrored = RECORDS + u64::from(PARTITIONS);
    assert_eq!(chain.health_at(mirrored), done(mirrored));
}

/// Connections and metadata take the first half second of every chain.
fn warm_up(sender: &Sender, probe: &Probe) {
    for partition in 0..PARTITIONS as i32 {
        sender.send_value(partition, b"");
    }
    assert_eq!(probe.read(PARTITIONS as usize, Duration::from_secs(10)).len(), PARTITIONS as usize);
}

/// Record i is due at i / rate, whatever happened before; it carries that time.
fn send_on_schedule(sender: &Sender, start: Instant) {
    let mut value = [b'x'; 1024];
    let mut sent = 0;
    while sent < RECORDS {
        let due = (start.elapsed().as_micros() as u64 * PER_SEC / 1_000_000).min(RECORDS);
        for i in sent..due {
            let due_us = i * 1_000_000 / PER_SEC;
            value[..8].copy_from_slice(&due_us.to_be_bytes());
            value[8..16].copy_from_slice(&i.to_be_bytes());
            sender.send_value((i % u64::from(PARTITIONS)) as i32, &value);
        }
        sent = due;
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Latencies since the due time, in microseconds. Each partition must hold its records in order.
fn read_all(probe: &Probe, start: Instant) -> Vec<u64> {
    let mut next: Vec<u64> = (0..u64::from(PARTITIONS)).collect();
    let mut latencies_us = Vec::new();
    while (latencies_us.len() as u64) < RECORDS {
        let message = probe.poll(Duration::from_secs(5)).expect("nothing is lost");
        let value = message.payload().unwrap();
        let number = |at: usize| u64::from_be_bytes(value[at..at + 8].try_into().unwrap());
        let next = &mut next[message.partition() as usize];
        assert_eq!(number(8), *next, "lost or reordered");
        *next += u64::from(PARTITIONS);
        latencies_us.push((start.elapsed().as_micros() as u64).saturating_sub(number(0)));
    }
    latencies_us
}

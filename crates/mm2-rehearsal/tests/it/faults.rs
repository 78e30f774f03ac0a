//! `delay` and `cap` do what they say, and nothing else.

use std::time::{Duration, Instant};

use mm2_kafka::rdkafka::message::Message as _;

use crate::support::{chain, done};

const MS: Duration = Duration::from_millis(1);
const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn a_delay_holds_every_record_at_least_that_long() {
    let chain = chain(2, "delay=400ms");
    let start = Instant::now();
    for i in 0..1000_i32 {
        let sent_us = start.elapsed().as_micros() as u64;
        chain.sender.send_value(i % 2, &sent_us.to_be_bytes());
        std::thread::sleep(MS / 2);
    }
    for _ in 0..1000 {
        let message = chain.probe.poll(LIMIT).expect("nothing is lost");
        let sent_us = u64::from_be_bytes(message.payload().unwrap().try_into().unwrap());
        let took = start.elapsed().saturating_sub(Duration::from_micros(sent_us));
        assert!(took >= 400 * MS, "held for {took:?} only");
    }
}

#[test]
fn a_cap_lets_the_asked_rate_through_and_loses_nothing() {
    // Three tries: a machine that stands still for longer than the cap's burst takes capacity away.
    let as_asked = |per_sec: f64| (per_sec / 2000.0 - 1.0).abs() <= 0.02;
    assert!((0..3).any(|_| as_asked(rate_through("cap=2000/s"))), "more than 2 % off, three times");
}

/// Records per second over 3 s, after the first quarter second. Each partition must be complete and in order.
fn rate_through(faults: &str) -> f64 {
    const RECORDS: u32 = 8000;
    let chain = chain(3, faults);
    for i in 0..RECORDS {
        chain.sender.send_value((i % 3) as i32, &i.to_be_bytes());
    }
    let mut next = [0, 1, 2];
    let mut arrived = Vec::new();
    for _ in 0..RECORDS {
        let message = chain.probe.poll(LIMIT).expect("nothing is lost");
        let next: &mut u32 = &mut next[message.partition() as usize];
        assert_eq!(message.payload(), Some(&next.to_be_bytes()[..]), "in order");
        *next += 3;
        arrived.push(Instant::now());
    }
    assert!(chain.probe.poll(50 * MS).is_none(), "nothing is there twice");
    assert_eq!(chain.health_at(RECORDS.into()), done(RECORDS.into()));
    let start = arrived[500];
    let per_sec =
        arrived[500..].iter().filter(|at| at.duration_since(start) < 3000 * MS).count() as f64 / 3.0;
    println!("{faults} let {per_sec:.1}/s through");
    per_sec
}

#[test]
fn a_chain_stops_at_once_with_records_held_and_with_none() {
    for faults in ["delay=60s", "cap=10/s", ""] {
        let mut chain = chain(3, faults);
        for i in 0..3000 {
            chain.sender.send_value(i % 3, &[0; 1024]);
        }
        let held = || chain.rehearsal.health().held;
        let deadline = Instant::now() + LIMIT;
        while !faults.is_empty() && held() < 2900 && Instant::now() < deadline {
            std::thread::sleep(MS);
        }
        let held = held();
        assert!(faults.is_empty() || held >= 2900, "{faults} holds {held}");
        let stopping = Instant::now();
        chain.rehearsal.stop();
        let took = stopping.elapsed();
        println!("`{faults}` stopped in {took:?} with {held} held");
        assert!(took < Duration::from_secs(1), "{took:?}");
        assert_eq!(chain.rehearsal.health().failed, None);
    }
}

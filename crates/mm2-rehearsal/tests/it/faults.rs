//! `delay`, `cap` and `stall` do what they say, and nothing else.

use std::time::{Duration, Instant};

use mm2_kafka::rdkafka::message::Message as _;
use mm2_rehearsal::STALL_AFTER;

use crate::support::{chain, chain_before_any_step, done};

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
fn a_stall_is_one_gap_of_its_length_and_loses_nothing() {
    const RECORDS: u32 = 700;
    let chain = chain(1, "stall=1s");
    let start = Instant::now();
    let mut arrived = Vec::new();
    std::thread::scope(|threads| {
        threads.spawn(|| {
            for i in 0..RECORDS {
                chain.sender.send_value(0, &i.to_be_bytes());
                std::thread::sleep((start + 10 * MS * (i + 1)).saturating_duration_since(Instant::now()));
            }
        });
        for i in 0..RECORDS {
            let message = chain.probe.poll(LIMIT).expect("nothing is lost");
            assert_eq!(message.payload(), Some(&i.to_be_bytes()[..]), "in order");
            arrived.push(start.elapsed());
        }
    });
    let gaps = arrived.windows(2).map(|at| (at[0], at[1].saturating_sub(at[0])));
    let (begins, lasts) = gaps.max_by_key(|(_, gap)| *gap).unwrap();
    println!("nothing for {lasts:?} from {begins:?} on");
    // A busy machine is late on either end.
    assert!(lasts >= 900 * MS && lasts <= 1500 * MS, "{lasts:?}");
    assert!(begins + 100 * MS >= STALL_AFTER && begins <= STALL_AFTER + 500 * MS, "{begins:?}");
    let journal = chain.rehearsal.journal();
    assert_eq!((journal.steps[1].stalled_ms, journal.steps[1].mirrored), (1000, RECORDS.into()));
}

#[test]
fn before_the_step_they_name_faults_do_nothing() {
    let chain = chain_before_any_step(3, "delay=2s,loss=1,cap=1/s,from=P2");
    let took = |step: &str| {
        let start = Instant::now();
        for i in 0..30 {
            chain.sender.send_value(i % 3, step.as_bytes());
        }
        assert_eq!(chain.probe.read(30, LIMIT).len(), 30, "{step:?}");
        start.elapsed()
    };
    assert!(took("") < 1500 * MS);
    chain.rehearsal.begin_step("P1");
    assert!(took("P1") < 1500 * MS);
    chain.rehearsal.begin_step("P2");
    chain.sender.send_value(0, b"gone");
    assert!(chain.probe.poll(3000 * MS).is_none());
    let steps = chain.rehearsal.journal().steps;
    let told: Vec<_> = steps.iter().map(|step| (step.step.as_str(), step.mirrored, step.lost)).collect();
    assert_eq!(told, [("", 30, 0), ("P1", 30, 0), ("P2", 0, 1)]);
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

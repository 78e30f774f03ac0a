//! What arrives lacks, repeats, misplaces and damages exactly what the journal says.

use std::collections::BTreeMap;
use std::time::Duration;

use mm2_kafka::rdkafka::message::{Message as _, OwnedMessage};
use mm2_measure::{Kind, RunId, SUFFIX_LEN, Stamp, Unreadable};
use mm2_rehearsal::{Damage, Rehearsal, StepJournal};

use crate::support::{Chain, TOPIC, chain, chain_before_any_step};

const PARTITIONS: u32 = 3;
const EACH: u64 = 2000;
const LIMIT: Duration = Duration::from_secs(20);

fn value(kind: Kind, slot: u32, sequence: u64) -> Vec<u8> {
    let mut value = vec![b'x'; SUFFIX_LEN + 40];
    let (run, step, producer) = (RunId::new(1), 1, 0);
    Stamp { run, kind, step, producer, slot, sequence, intended_us: 1, sent_us: 1 }.write(&mut value);
    value
}

fn send(chain: &Chain, kind: Kind, records: u64) {
    for sequence in 0..records {
        for partition in 0..PARTITIONS {
            chain.sender.send_value(partition as i32, &value(kind, partition, sequence));
        }
    }
}

/// Everything up to the marker of each partition.
fn read_to_the_markers(chain: &Chain) -> Vec<OwnedMessage> {
    let (mut seen, mut markers) = (Vec::new(), 0);
    while markers < PARTITIONS {
        let message = chain.probe.poll(LIMIT).expect("every marker comes").detach();
        markers += u32::from(Kind::of(message.payload().unwrap()) == Some(Kind::Marker));
        seen.push(message);
    }
    seen
}

/// What a reader of the target finds wrong.
fn found(seen: &[OwnedMessage]) -> BTreeMap<String, Damage> {
    let mut found = BTreeMap::new();
    for partition in 0..PARTITIONS {
        let mut damage = Damage::default();
        let mut sequences = Vec::new();
        for message in seen.iter().filter(|message| message.partition() == partition as i32) {
            let stamp = match Stamp::read(message.payload().unwrap()) {
                Ok(stamp) => stamp,
                Err(Unreadable::Checksum(stamp)) => {
                    damage.corrupted += 1;
                    stamp
                }
                Err(error) => panic!("{error}"),
            };
            if stamp.kind != Kind::Data {
                continue;
            }
            if sequences.contains(&stamp.sequence) {
                damage.duplicated += 1;
            } else {
                damage.reordered += u64::from(sequences.iter().any(|&before| before > stamp.sequence));
                sequences.push(stamp.sequence);
            }
        }
        damage.lost = EACH - sequences.len() as u64;
        if damage != Damage::default() {
            found.insert(format!("{}-{partition}", Rehearsal::target_topic(TOPIC)), damage);
        }
    }
    found
}

/// Sends a step and its markers, and holds what comes against the journal.
fn step(chain: &Chain) -> StepJournal {
    send(chain, Kind::Data, EACH);
    send(chain, Kind::Marker, 1);
    let seen = read_to_the_markers(chain);
    let told = chain.rehearsal.journal().steps.pop().unwrap();
    assert_eq!(found(&seen), told.located);
    assert_eq!(told.arrived, EACH * u64::from(PARTITIONS), "markers are not counted");
    assert_eq!(told.arrived, told.mirrored + told.lost, "nothing is still held");
    told
}

#[test]
fn each_fault_alone_is_found_as_often_as_the_journal_says() {
    let all = (EACH * u64::from(PARTITIONS)) as f64;
    for fault in ["loss", "duplicate", "reorder", "corrupt"] {
        let told = step(&chain(PARTITIONS, &format!("{fault}=0.05")));
        let counts = [
            ("loss", told.lost),
            ("duplicate", told.duplicated),
            ("reorder", told.reordered),
            ("corrupt", told.corrupted),
        ];
        for (name, count) in counts {
            let share = count as f64 / all;
            // Four standard deviations and more; who is held back lets the next one pass, which makes them fewer.
            let expected = if name == fault { (0.037..0.063).contains(&share) } else { count == 0 };
            assert!(expected, "{fault}: {name} {count}");
        }
    }
}

#[test]
fn all_together_are_found_as_the_journal_says() {
    let faults = "loss=0.1,duplicate=0.1,reorder=0.2,corrupt=0.1,delay=20ms,cap=50000/s";
    let told = step(&chain(PARTITIONS, faults));
    for count in [told.lost, told.duplicated, told.reordered, told.corrupted] {
        assert!(count > 300, "{told:?}");
    }
}

#[test]
fn the_same_seed_hits_the_same_records_whatever_came_before() {
    let hit = |faults: &str, warm_up: u64| {
        let chain = chain_before_any_step(PARTITIONS, faults);
        send(&chain, Kind::Canary, 1 + warm_up % 2);
        send(&chain, Kind::Data, warm_up);
        chain.probe.read(((1 + warm_up % 2 + warm_up) * u64::from(PARTITIONS)) as usize, LIMIT);
        chain.rehearsal.begin_step("P1");
        step(&chain).located
    };
    let faults = "loss=0.02,corrupt=0.02,reorder=0.02,duplicate=0.02";
    let once = hit(faults, 10);
    assert_eq!(once, hit(faults, 77));
    assert_ne!(once, hit(&format!("{faults},seed=43"), 10));
}

//! Any mixture of loss, duplication, reordering, corruption and strangers in a stream is counted exactly.
//! The expectations come from a model that keeps everything in plain sets.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{LIMIT_US, RUN, STEP, T0_US};
use crate::audit::{Auditor, SETTLE_US, StepAudit};
use crate::ledger::SendLedger;
use crate::schedule::Schedule;
use crate::stamp::{Kind, RunId, Stamp};

/// What befalls one record on its way.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Fine,
    Lost,
    Repeated(u8),
    Damaged,
    Misplaced,
    Delayed(u8),
    NotAcked,
    FailedButArrived,
}

/// Who else is on the topic.
#[derive(Debug, Clone, Copy)]
enum Stranger {
    OtherRun,
    OtherStep,
    NoStamp,
    Tombstone,
}

#[derive(Debug, Clone)]
struct Scenario {
    schedule: Schedule,
    fates: Vec<Fate>,
    strangers: Vec<(Stranger, usize)>,
    marked: Vec<bool>,
    deadline: bool,
    latency_us: u64,
}

fn fates() -> impl Strategy<Value = Fate> {
    prop_oneof![
        20 => Just(Fate::Fine),
        1 => Just(Fate::Lost),
        1 => (1_u8..4).prop_map(Fate::Repeated),
        1 => Just(Fate::Damaged),
        1 => Just(Fate::Misplaced),
        1 => (1_u8..20).prop_map(Fate::Delayed),
        1 => Just(Fate::NotAcked),
        1 => Just(Fate::FailedButArrived),
    ]
}

fn scenarios() -> impl Strategy<Value = Scenario> {
    let strangers = prop_oneof![
        Just(Stranger::OtherRun),
        Just(Stranger::OtherStep),
        Just(Stranger::NoStamp),
        Just(Stranger::Tombstone)
    ];
    (1_u32..6, 1_u64..2_000)
        .prop_flat_map(move |(slots, rate)| {
            (
                Just((slots, rate)),
                prop::collection::vec(fates(), 1..300),
                prop::collection::vec((strangers.clone(), 0_usize..300), 0..20),
                prop::collection::vec(any::<bool>(), slots as usize),
                any::<bool>(),
                0..2 * LIMIT_US,
            )
        })
        .prop_map(|((slots, rate), fates, strangers, marked, deadline, latency_us)| {
            let schedule = Schedule::new(T0_US, rate, slots, fates.len() as u64).unwrap();
            Scenario { schedule, fates, strangers, marked, deadline, latency_us }
        })
}

/// One record on the target: the value, where it is, when it is read.
type Sighting = (Option<Vec<u8>>, u32, u64);

impl Scenario {
    fn stamp(&self, i: u64) -> Stamp {
        Stamp {
            run: RUN,
            kind: Kind::Data,
            step: STEP,
            producer: 0,
            slot: self.schedule.slot(i),
            sequence: self.schedule.sequence(i),
            intended_us: self.schedule.due_us(i),
            sent_us: self.schedule.due_us(i),
        }
    }

    fn ledger(&self) -> SendLedger {
        let ledger = SendLedger::new(self.schedule.slots);
        for (i, fate) in (0..).zip(&self.fates) {
            let (slot, sequence) = (self.schedule.slot(i), self.schedule.sequence(i));
            ledger.record_sent(slot, sequence);
            match fate {
                Fate::NotAcked => {}
                Fate::FailedButArrived => ledger.record_failed(slot, sequence),
                _ => ledger.record_acked(slot, sequence),
            }
        }
        ledger
    }

    /// The records as they stand on the target, with the index they were sent as where they are ours.
    fn sightings(&self) -> Vec<(Option<u64>, Sighting)> {
        let mut placed: Vec<(u64, Option<u64>, Sighting)> = Vec::new();
        for (i, &fate) in (0..).zip(&self.fates) {
            let (copies, delay) = match fate {
                Fate::Lost | Fate::NotAcked => (0, 0),
                Fate::Repeated(more) => (1 + more, 0),
                Fate::Delayed(by) => (1, u64::from(by)),
                _ => (1, 0),
            };
            for copy in 0..u64::from(copies) {
                placed.push((i + delay + 3 * copy, Some(i), self.sighting(i, fate)));
            }
        }
        for &(stranger, at) in &self.strangers {
            placed.push((at as u64, None, self.stranger(stranger, at as u64)));
        }
        placed.sort_by_key(|&(at, ..)| at);
        placed.into_iter().map(|(_, i, sighting)| (i, sighting)).collect()
    }

    fn sighting(&self, i: u64, fate: Fate) -> Sighting {
        let stamp = self.stamp(i);
        let mut value = vec![b'.'; 100 + (i % 7) as usize];
        stamp.write(&mut value);
        if fate == Fate::Damaged {
            value[(i % 20) as usize] ^= 0x10;
        }
        let slot = match fate {
            Fate::Misplaced => (stamp.slot + 1) % (self.schedule.slots + 1),
            _ => stamp.slot,
        };
        (Some(value), slot, stamp.intended_us + self.latency_us)
    }

    fn stranger(&self, stranger: Stranger, at: u64) -> Sighting {
        let i = at % self.schedule.total;
        let stamped = |stamp: Stamp| {
            let mut value = vec![b'.'; 100];
            stamp.write(&mut value);
            Some(value)
        };
        let value = match stranger {
            Stranger::OtherRun => stamped(Stamp { run: RunId::new(77), ..self.stamp(i) }),
            Stranger::OtherStep => stamped(Stamp { step: STEP + 1, ..self.stamp(i) }),
            Stranger::NoStamp => Some(vec![b'.'; 100]),
            Stranger::Tombstone => None,
        };
        (value, self.schedule.slot(i), T0_US)
    }

    fn end_us(&self) -> u64 {
        T0_US + self.schedule.hold_us() + 60_000_000
    }

    /// Runs the audit. There is one slot more on the target than the step sends to.
    fn audit(&self) -> StepAudit {
        let names = (0..=self.schedule.slots).map(|slot| slot.to_string()).collect();
        let mut auditor = Auditor::new(RUN, names);
        auditor.open(STEP, self.schedule, LIMIT_US);
        for (_, (value, slot, now_us)) in self.sightings() {
            auditor.observe(value.as_deref(), slot, now_us);
        }
        for (slot, _) in (0..).zip(&self.marked).filter(|(_, marked)| **marked) {
            let mut value = vec![b'.'; 100];
            Stamp { kind: Kind::Marker, slot, ..self.stamp(0) }.write(&mut value);
            auditor.observe(Some(&value), slot, self.end_us() - SETTLE_US);
        }
        let settled = auditor.is_settled(STEP, self.end_us(), SETTLE_US);
        assert_eq!(settled, self.marked.iter().all(|&marked| marked));
        auditor.close(STEP, &self.ledger(), self.end_us(), SETTLE_US, self.deadline).unwrap()
    }

    fn count_missing(&self, seen: &BTreeSet<u64>, of: impl Fn(bool) -> bool) -> u64 {
        let acked = |i: u64| !matches!(self.fates[i as usize], Fate::NotAcked | Fate::FailedButArrived);
        let missing = |&i: &u64| acked(i) && !seen.contains(&i);
        let here = |&i: &u64| of(self.marked[self.schedule.slot(i) as usize]);
        (0..self.schedule.total).filter(missing).filter(here).count() as u64
    }
}

/// What a plain reading of the stream finds: who was seen, duplicates, reordered.
fn model(scenario: &Scenario) -> (BTreeSet<u64>, u64, u64) {
    let (mut seen, mut duplicates, mut reordered) = (BTreeSet::new(), 0, 0);
    let mut latest: BTreeMap<u32, u64> = BTreeMap::new();
    for (i, _) in scenario.sightings() {
        let Some(i) = i.filter(|&i| scenario.fates[i as usize] != Fate::Misplaced) else { continue };
        let latest = latest.entry(scenario.schedule.slot(i)).or_insert(i);
        if !seen.insert(i) {
            duplicates += 1;
        } else if i < *latest {
            reordered += 1;
        }
        *latest = i.max(*latest);
    }
    (seen, duplicates, reordered)
}

proptest! {
    #[test]
    fn every_mixture_of_damage_is_counted_exactly(scenario in scenarios()) {
        let audit = scenario.audit();
        let (seen, duplicates, reordered) = model(&scenario);
        let fated = |of: fn(&Fate) -> bool| scenario.fates.iter().filter(|fate| of(fate)).count() as u64;
        let strange = |of: fn(&Stranger) -> bool| {
            scenario.strangers.iter().filter(|(stranger, _)| of(stranger)).count() as u64
        };

        prop_assert_eq!(audit.received, seen.len() as u64);
        prop_assert_eq!(audit.duplicates, duplicates);
        prop_assert_eq!(audit.reordered, reordered);
        prop_assert_eq!(audit.corrupt, fated(|fate| matches!(fate, Fate::Damaged | Fate::Misplaced)));
        prop_assert_eq!(audit.foreign, strange(|s| matches!(s, Stranger::OtherRun)));
        prop_assert_eq!(audit.late, strange(|s| matches!(s, Stranger::OtherStep)));
        prop_assert_eq!(audit.unreadable, strange(|s| matches!(s, Stranger::NoStamp | Stranger::Tombstone)));

        let elsewhere = scenario.count_missing(&seen, |marked| !marked);
        prop_assert_eq!(audit.lost, scenario.count_missing(&seen, |marked| marked));
        prop_assert_eq!(audit.unseen, if scenario.deadline { elsewhere } else { 0 });
        prop_assert_eq!(audit.undecided, if scenario.deadline { 0 } else { elsewhere });
    }

    #[test]
    fn every_record_is_in_the_figures_once(scenario in scenarios()) {
        let audit = scenario.audit();
        let entered = audit.received + audit.lost + audit.unseen;
        let received_over = if scenario.latency_us >= LIMIT_US { audit.received } else { 0 };
        prop_assert_eq!(audit.latency_intended.count(), entered);
        prop_assert_eq!(audit.latency_sent.count(), entered);
        prop_assert_eq!(audit.blocks.iter().map(|block| block.records).sum::<u64>(), entered);
        prop_assert_eq!(
            audit.blocks.iter().map(|block| block.over).sum::<u64>(),
            received_over + audit.lost + audit.unseen
        );
        let whole = [audit.received, audit.lost, audit.unseen, audit.undecided, audit.corrupt];
        let mut sums = [0; 5];
        for slot in &audit.per_slot {
            let parts = [slot.received, slot.lost, slot.unseen, slot.undecided, slot.corrupt];
            sums = std::array::from_fn(|n| sums[n] + parts[n]);
        }
        prop_assert_eq!(sums, whole);
    }
}

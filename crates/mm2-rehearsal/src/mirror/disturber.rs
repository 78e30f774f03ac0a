//! Loss, duplicates, disorder and damage: what is done to a record when it arrives. Time is the gate's
//! affair, not this one's, so that what happens does not depend on it.

use std::sync::Arc;

use super::record::{Part, Record};
use crate::chance::Chances;
use crate::faults::Faults;
use crate::journal::JournalKeeper;

/// Passes records on, or does not.
pub(crate) struct Disturber {
    chances: Chances,
    topics: Vec<String>,
    slots: Vec<Slot>,
    journal: Arc<JournalKeeper>,
}

/// Where one topic-partition stands.
#[derive(Default)]
struct Slot {
    /// Records since the faults began, markers and canaries left out.
    position: u64,
    /// Waits for the next one to be written before it.
    held_back: Option<HeldBack>,
}

struct HeldBack {
    record: Record,
    duplicated: bool,
}

impl Disturber {
    pub(crate) fn new(faults: &Faults, topics: &[String], slots: usize, journal: Arc<JournalKeeper>) -> Self {
        let slots = std::iter::repeat_with(Slot::default).take(slots).collect();
        Self { chances: Chances::new(faults), topics: topics.to_vec(), slots, journal }
    }

    /// Takes a record in and passes on, to the end of `out`, what is to be written now.
    pub(crate) fn take(&mut self, mut record: Record, out: &mut Vec<Record>) {
        self.journal.arrived(record.tag);
        let Some(slot) = self.slots.get_mut(record.tag.slot) else { return };
        if record.tag.part == Part::Spared || !record.tag.during.faulty {
            // A marker closes what came before it, so that goes first, and in order after all.
            out.extend(slot.held_back.take().into_iter().flat_map(HeldBack::copies));
            out.push(record);
            return;
        }
        let topic = self.topics.get(record.topic).map_or("", String::as_str);
        let fate = self.chances.fate(topic, record.partition, slot.position);
        slot.position += 1;
        if fate.lost {
            self.journal.lost(record.tag);
            return;
        }
        if let Some(random) = fate.corrupted {
            record.corrupt(random);
        }
        let record = HeldBack { record, duplicated: fate.duplicated };
        match slot.held_back.take() {
            None if fate.held_back => slot.held_back = Some(record),
            None => out.extend(record.copies()),
            Some(mut overtaken) => {
                overtaken.record.tag.part = Part::Overtaken;
                out.extend(record.copies());
                out.extend(overtaken.copies());
            }
        }
    }
}

impl HeldBack {
    fn copies(self) -> impl Iterator<Item = Record> {
        let second = self.duplicated.then(|| {
            let mut second = self.record.clone();
            second.tag.part = Part::Second;
            second
        });
        [self.record].into_iter().chain(second)
    }
}

#[cfg(test)]
mod tests {
    use mm2_measure::{Kind, RunId, SUFFIX_LEN, Stamp};

    use super::*;
    use crate::journal::During;

    const FAULTY: During = During { step: 1, faulty: true, stalls: false };

    fn disturber(faults: &str) -> Disturber {
        let faults: Faults = faults.parse().unwrap();
        let journal =
            Arc::new(JournalKeeper::new(faults.clone(), vec!["source.t-0".into(), "source.t-1".into()]));
        journal.begin_step("P1");
        Disturber::new(&faults, &["t".into()], 2, journal)
    }

    fn stamped(kind: Kind, slot: u32, sequence: u64) -> Vec<u8> {
        let mut value = vec![b'x'; SUFFIX_LEN + 20];
        let (run, step, producer) = (RunId::new(1), 1, 0);
        Stamp { run, kind, step, producer, slot, sequence, intended_us: 5, sent_us: 6 }.write(&mut value);
        value
    }

    /// What is passed on of `records` data records and a marker in one slot: kind, sequence, part.
    fn passed(disturber: &mut Disturber, records: u64) -> Vec<(Kind, u64, Part)> {
        let mut out = Vec::new();
        for sequence in 0..records {
            disturber.take(Record::made(0, &stamped(Kind::Data, 0, sequence), FAULTY), &mut out);
        }
        disturber.take(Record::made(0, &stamped(Kind::Marker, 0, 0), FAULTY), &mut out);
        out.iter()
            .map(|record| match Stamp::read(record.value()) {
                Ok(stamp) => (stamp.kind, stamp.sequence, record.tag.part),
                Err(error) => panic!("{error}"),
            })
            .collect()
    }

    fn data(sequence: u64, part: Part) -> (Kind, u64, Part) {
        (Kind::Data, sequence, part)
    }

    const MARKER: (Kind, u64, Part) = (Kind::Marker, 0, Part::Spared);

    #[test]
    fn what_is_lost_is_not_passed_on_but_its_marker_is() {
        assert_eq!(passed(&mut disturber("loss=1"), 3), [MARKER]);
    }

    #[test]
    fn a_duplicate_comes_right_behind_its_record_and_markers_come_once() {
        let twice = |sequence| [data(sequence, Part::First), data(sequence, Part::Second)];
        let expect: Vec<_> = (0..3).flat_map(twice).chain([MARKER]).collect();
        assert_eq!(passed(&mut disturber("duplicate=1"), 3), expect);
    }

    #[test]
    fn what_is_held_back_comes_behind_the_next_of_its_partition() {
        let late = |sequence| data(sequence, Part::Overtaken);
        let first = |sequence| data(sequence, Part::First);
        let expect = [first(1), late(0), first(3), late(2), first(4), MARKER];
        assert_eq!(passed(&mut disturber("reorder=1"), 5), expect, "the last had none behind it");
        let expect = [
            data(1, Part::First),
            data(1, Part::Second),
            data(0, Part::Overtaken),
            data(0, Part::Second),
            MARKER,
        ];
        assert_eq!(passed(&mut disturber("reorder=1,duplicate=1"), 2), expect);
    }

    #[test]
    fn a_record_of_another_partition_releases_nothing() {
        let mut disturber = disturber("reorder=1");
        let mut out = Vec::new();
        disturber.take(Record::made(0, &stamped(Kind::Data, 0, 0), FAULTY), &mut out);
        disturber.take(Record::made(1, &stamped(Kind::Data, 1, 0), FAULTY), &mut out);
        assert!(out.is_empty());
    }

    #[test]
    fn damage_is_in_front_of_the_stamp_and_is_one_byte() {
        for kind in [Kind::Data, Kind::Marker, Kind::Canary] {
            for sequence in 0..200 {
                let value = stamped(kind, 0, sequence);
                let mut out = Vec::new();
                let mut disturber = disturber(&format!("corrupt=1,seed={sequence}"));
                disturber.take(Record::made(0, &value, FAULTY), &mut out);
                let changed: Vec<usize> =
                    (0..value.len()).filter(|&i| out[0].value()[i] != value[i]).collect();
                if kind == Kind::Data {
                    assert!(matches!(changed[..], [at] if at < 20), "{changed:?}");
                    assert!(out[0].tag.corrupted);
                } else {
                    assert_eq!((changed.len(), out[0].tag.corrupted), (0, false), "{kind:?}");
                }
            }
        }
    }

    #[test]
    fn a_value_without_a_stamp_may_be_damaged_anywhere_and_an_empty_one_nowhere() {
        let mut out = Vec::new();
        let mut disturber = disturber("corrupt=1");
        disturber.take(Record::made(0, b"x", FAULTY), &mut out);
        disturber.take(Record::made(0, b"", FAULTY), &mut out);
        assert_ne!(out[0].value(), b"x");
        assert_eq!((out[0].tag.corrupted, out[1].tag.corrupted), (true, false));
    }

    #[test]
    fn until_the_faults_begin_everything_is_passed_on_as_it_came() {
        let mut disturber = disturber("loss=1");
        let mut out = Vec::new();
        disturber.take(Record::made(0, b"x", During { step: 0, faulty: false, stalls: false }), &mut out);
        assert_eq!(out.len(), 1);
        disturber.take(Record::made(0, b"x", FAULTY), &mut out);
        assert_eq!(out.len(), 1);
    }

    #[test]
    fn what_came_before_the_faults_does_not_change_what_they_hit() {
        let hit = |before: u64| -> Vec<u64> {
            let mut disturber = disturber("loss=0.1");
            let mut out = Vec::new();
            for _ in 0..before {
                let during = During { step: 0, faulty: false, stalls: false };
                disturber.take(Record::made(0, &stamped(Kind::Data, 0, 0), during), &mut out);
            }
            passed(&mut disturber, 1000).iter().map(|(_, sequence, _)| *sequence).collect()
        };
        assert_eq!(hit(0), hit(77));
    }
}

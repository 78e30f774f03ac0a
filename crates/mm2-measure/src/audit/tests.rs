//! What the audit counts is what was done to the stream, exactly.

use super::*;

mod stream;

const RUN: RunId = RunId::new(0xa11);
const STEP: u16 = 4;
const T0_US: u64 = 1_000_000_000;
const LIMIT_US: u64 = 500_000;

/// 3 slots, 10 records/s for 3 s: 10 records a slot.
fn schedule() -> Schedule {
    Schedule::new(T0_US, 10, 3, 30).unwrap()
}

fn names() -> Vec<String> {
    ["t-0", "t-1", "t-2"].map(String::from).to_vec()
}

fn stamp(kind: Kind, slot: u32, sequence: u64) -> Stamp {
    let intended_us = schedule().due_us(schedule().index(slot, sequence));
    Stamp {
        run: RUN,
        kind,
        step: STEP,
        producer: 0,
        slot,
        sequence,
        intended_us,
        sent_us: intended_us + 2_000,
    }
}

fn value(stamp: Stamp) -> Vec<u8> {
    let mut value = vec![b'x'; 120];
    stamp.write(&mut value);
    value
}

/// A step under audit, whose sender has sent everything and got it acknowledged.
struct Bench {
    auditor: Auditor,
    ledger: SendLedger,
}

impl Bench {
    fn new() -> Self {
        let mut auditor = Auditor::new(RUN, names());
        auditor.open(STEP, schedule(), LIMIT_US);
        let ledger = SendLedger::new(3);
        for i in 0..30 {
            ledger.record_sent(schedule().slot(i), schedule().sequence(i));
            ledger.record_acked(schedule().slot(i), schedule().sequence(i));
        }
        Self { auditor, ledger }
    }

    /// One sighting, `late_us` after it was due.
    fn see(&mut self, slot: u32, sequence: u64, late_us: u64) {
        let stamp = stamp(Kind::Data, slot, sequence);
        self.auditor.observe(Some(&value(stamp)), slot, stamp.intended_us + late_us);
    }

    fn see_all_but(&mut self, missing: &[(u32, u64)]) {
        for i in 0..30 {
            let (slot, sequence) = (schedule().slot(i), schedule().sequence(i));
            if !missing.contains(&(slot, sequence)) {
                self.see(slot, sequence, 10_000);
            }
        }
    }

    fn mark(&mut self, slots: impl IntoIterator<Item = u32>, now_us: u64) {
        for slot in slots {
            self.auditor.observe(Some(&value(stamp(Kind::Marker, slot, 10))), slot, now_us);
        }
    }

    fn close(&mut self, now_us: u64, deadline: bool) -> StepAudit {
        self.auditor.close(STEP, &self.ledger, now_us, SETTLE_US, deadline).unwrap()
    }
}

const LOAD_OFF_US: u64 = T0_US + 3_000_000;
const SETTLED_US: u64 = LOAD_OFF_US + SETTLE_US;

#[test]
fn a_perfect_step_has_nothing_to_tell_but_its_latency() {
    let mut bench = Bench::new();
    bench.see_all_but(&[]);
    bench.mark(0..3, LOAD_OFF_US);
    let audit = bench.close(SETTLED_US, false);
    assert_eq!((audit.received, audit.lost, audit.unseen, audit.undecided), (30, 0, 0, 0));
    assert_eq!((audit.duplicates, audit.reordered, audit.corrupt), (0, 0, 0));
    assert_eq!((audit.foreign, audit.unreadable, audit.late), (0, 0, 0));
    assert_eq!(audit.located, Located::default());
    assert_eq!(audit.blocks, [Block { records: 10, over: 0 }; 3]);
    let p99 = |latency: &Latency| latency.quantile_ms(0.99).unwrap();
    assert!((10.0..10.02).contains(&p99(&audit.latency_intended)), "{:?}", audit.latency_intended);
    assert!((8.0..8.02).contains(&p99(&audit.latency_sent)), "{:?}", audit.latency_sent);
    let first = &audit.per_slot[0];
    assert_eq!(first.name, "t-0");
    assert_eq!((first.received, first.mean_ms, first.max_ms), (10, Some(10.0), Some(10.0)));
}

#[test]
fn missing_is_lost_behind_a_settled_marker_and_unseen_without_one_at_the_deadline() {
    let mut bench = Bench::new();
    bench.see_all_but(&[(0, 9), (1, 3), (1, 4), (2, 0)]);
    bench.mark([0, 1], LOAD_OFF_US);
    let audit = bench.close(SETTLED_US, true);
    assert_eq!((audit.lost, audit.unseen, audit.undecided), (3, 1, 0));
    assert_eq!(audit.located.lost, [("t-1".to_owned(), 2), ("t-0".to_owned(), 1)]);
    assert_eq!(audit.located.unseen, [("t-2".to_owned(), 1)]);
}

#[test]
fn a_marker_read_less_than_the_settling_time_ago_proves_no_loss_yet() {
    let mut bench = Bench::new();
    bench.see_all_but(&[(0, 9)]);
    bench.mark(0..3, LOAD_OFF_US);
    assert_eq!(bench.auditor.lost_so_far(STEP, &bench.ledger, SETTLED_US - 1), 0);
    assert!(!bench.auditor.is_settled(STEP, SETTLED_US - 1, SETTLE_US));
    assert_eq!(bench.auditor.lost_so_far(STEP, &bench.ledger, SETTLED_US), 1);
    assert!(bench.auditor.is_settled(STEP, SETTLED_US, SETTLE_US));
    let audit = bench.close(SETTLED_US - 1, true);
    assert_eq!((audit.lost, audit.unseen), (0, 1));
}

#[test]
fn an_audit_cut_short_does_not_call_missing_records_anything() {
    let mut bench = Bench::new();
    bench.see_all_but(&[(0, 9), (2, 9)]);
    bench.mark([0], LOAD_OFF_US);
    let audit = bench.close(SETTLED_US, false);
    assert_eq!((audit.lost, audit.unseen, audit.undecided), (1, 0, 1));
    assert_eq!(audit.latency_intended.count(), 28 + 1);
}

#[test]
fn a_record_that_never_arrived_enters_both_distributions_and_its_block_with_its_age() {
    let mut bench = Bench::new();
    bench.see_all_but(&[(0, 4)]);
    bench.mark(0..3, LOAD_OFF_US);
    let audit = bench.close(SETTLED_US, false);
    // Record 12, due 1.2 s into the hold: 11.8 s old when the audit ends at 13 s.
    assert_eq!(audit.blocks, [(10, 0), (10, 1), (10, 0)].map(|(records, over)| Block { records, over }));
    for latency in [&audit.latency_intended, &audit.latency_sent] {
        assert_eq!(latency.count(), 30);
        assert!((11_800.0..11_812.0).contains(&latency.max_ms().unwrap()), "{latency:?}");
    }
    assert_eq!(audit.per_slot[0].max_ms, Some(10.0), "a slot's own figures are of what it received");
}

#[test]
fn a_record_that_was_not_acknowledged_is_not_missed() {
    let mut bench = Bench::new();
    bench.ledger = SendLedger::new(3);
    (0..10).for_each(|sequence| bench.ledger.record_sent(0, sequence));
    (0..4).for_each(|sequence| bench.ledger.record_acked(0, sequence));
    bench.ledger.record_failed(0, 4);
    (0..3).for_each(|sequence| bench.see(0, sequence, 0));
    bench.mark(0..3, LOAD_OFF_US);
    assert_eq!(bench.close(SETTLED_US, false).lost, 1, "only 3 is missing: 4 failed, 5 to 9 are pending");
}

#[test]
fn latency_at_the_limit_is_over_it() {
    let mut bench = Bench::new();
    bench.see(0, 0, LIMIT_US - 1);
    bench.see(1, 0, LIMIT_US);
    assert_eq!(bench.close(LOAD_OFF_US, false).blocks[0], Block { records: 2, over: 1 });
}

#[test]
fn a_second_sighting_is_a_duplicate_and_not_a_reordering() {
    let mut bench = Bench::new();
    for sequence in [0, 1, 2, 0, 1, 2, 2] {
        bench.see(0, sequence, 0);
    }
    let tally = bench.auditor.tally(STEP);
    assert_eq!((tally.received, tally.duplicates, tally.reordered), (3, 4, 0));
}

#[test]
fn a_first_sighting_behind_a_later_record_of_its_slot_is_reordered() {
    let mut bench = Bench::new();
    for sequence in [2, 0, 1, 3] {
        bench.see(0, sequence, 0);
    }
    bench.see(1, 0, 0);
    let tally = bench.auditor.tally(STEP);
    assert_eq!((tally.received, tally.duplicates, tally.reordered), (5, 0, 2));
}

#[test]
fn a_damaged_payload_is_corrupt_but_not_missing() {
    let mut bench = Bench::new();
    let mut damaged = value(stamp(Kind::Data, 1, 0));
    damaged[3] ^= 1;
    bench.auditor.observe(Some(&damaged), 1, T0_US + 150_000);
    let tally = bench.auditor.tally(STEP);
    assert_eq!((tally.corrupt, tally.received), (1, 1));
    let audit = bench.close(LOAD_OFF_US, false);
    assert_eq!(audit.located.corrupt, [("t-1".to_owned(), 1)]);
    assert_eq!(audit.per_slot[1].max_ms, Some(50.0), "from the schedule: the stamp may be the damaged part");
}

#[test]
fn a_damaged_stamp_that_names_no_record_of_ours_is_corrupt_and_nothing_else() {
    let other_run = Stamp { run: RunId::new(1), ..stamp(Kind::Data, 0, 0) };
    let other_step = Stamp { step: 99, ..stamp(Kind::Data, 0, 0) };
    let other_slot = stamp(Kind::Data, 2, 0);
    let no_such_sequence = Stamp { sequence: 10, ..stamp(Kind::Data, 0, 0) };
    for implausible in [other_run, other_step, other_slot, no_such_sequence, stamp(Kind::Marker, 0, 0)] {
        let mut bench = Bench::new();
        let mut damaged = value(implausible);
        damaged[3] ^= 1;
        bench.auditor.observe(Some(&damaged), 0, T0_US);
        let tally = bench.auditor.tally(STEP);
        assert_eq!(tally, Tally { corrupt: 1, ..Tally::default() }, "{implausible:?}");
    }
}

#[test]
fn a_record_in_the_wrong_partition_is_corrupt_where_it_was_found_and_lost_where_it_was_sent() {
    let mut bench = Bench::new();
    bench.see_all_but(&[(0, 5)]);
    bench.auditor.observe(Some(&value(stamp(Kind::Data, 0, 5))), 2, LOAD_OFF_US);
    bench.mark(0..3, LOAD_OFF_US);
    let audit = bench.close(SETTLED_US, false);
    assert_eq!(audit.located.corrupt, [("t-2".to_owned(), 1)]);
    assert_eq!(audit.located.lost, [("t-0".to_owned(), 1)]);
}

#[test]
fn others_records_unreadable_values_and_late_ones_are_told_apart() {
    let mut bench = Bench::new();
    let other_run = value(Stamp { run: RunId::new(1), ..stamp(Kind::Data, 0, 0) });
    let other_step = value(Stamp { step: 3, ..stamp(Kind::Data, 0, 0) });
    let mut malformed = value(stamp(Kind::Data, 0, 0));
    malformed[100] = b'Z';
    let ours = value(stamp(Kind::Data, 0, 0));
    let seen: [(Option<&[u8]>, u32); 6] = [
        (Some(&other_run), 0),
        (Some(&other_step), 0),
        (Some(&malformed), 0),
        (Some(b"plain"), 0),
        (None, 0),
        (Some(&ours), 7),
    ];
    for (value, slot) in seen {
        bench.auditor.observe(value, slot, T0_US);
    }
    assert_eq!(
        bench.auditor.tally(STEP),
        Tally { foreign: 2, unreadable: 3, late: 1, ..Tally::default() },
        "foreign: another run, and a slot that is not ours"
    );
}

#[test]
fn strays_count_from_the_opening_of_a_step() {
    let mut bench = Bench::new();
    bench.auditor.observe(Some(b"plain"), 0, T0_US);
    bench.close(LOAD_OFF_US, false);
    bench.auditor.open(STEP + 1, schedule(), LIMIT_US);
    assert_eq!(bench.auditor.tally(STEP + 1).unreadable, 0);
    bench.see(0, 0, 0);
    assert_eq!(bench.auditor.tally(STEP + 1), Tally { late: 1, ..Tally::default() });
}

#[test]
fn records_count_for_the_step_that_sent_them() {
    let mut bench = Bench::new();
    bench.auditor.open(STEP + 1, schedule(), LIMIT_US);
    bench.see(0, 0, 5_000_000);
    assert_eq!([STEP, STEP + 1].map(|step| bench.auditor.tally(step).received), [1, 0]);
}

#[test]
fn a_step_is_closed_once_and_only_if_open() {
    let mut bench = Bench::new();
    bench.close(LOAD_OFF_US, true);
    let again = bench.auditor.close(STEP, &bench.ledger, LOAD_OFF_US, SETTLE_US, true).unwrap_err();
    assert_eq!(again, NotOpen(STEP));
}

#[test]
fn only_expected_markers_are_waited_for() {
    let mut bench = Bench::new();
    bench.auditor.expect_markers(STEP, [0, 2]);
    bench.mark([0], LOAD_OFF_US);
    assert!(!bench.auditor.is_settled(STEP, SETTLED_US, SETTLE_US));
    bench.mark([2], LOAD_OFF_US);
    assert!(bench.auditor.is_settled(STEP, SETTLED_US, SETTLE_US));
    assert_eq!(bench.auditor.tally(STEP).markers_read, 2);
}

#[test]
fn a_marker_read_again_does_not_start_the_settling_anew() {
    let mut bench = Bench::new();
    bench.mark(0..3, LOAD_OFF_US);
    bench.mark(0..3, SETTLED_US - 1);
    assert!(bench.auditor.is_settled(STEP, SETTLED_US, SETTLE_US));
}

#[test]
fn a_canary_counts_in_the_slot_it_was_sent_to() {
    let mut bench = Bench::new();
    let canary = |slot| value(Stamp { step: 0, ..stamp(Kind::Canary, slot, 0) });
    bench.auditor.observe(Some(&canary(1)), 1, T0_US);
    bench.auditor.observe(Some(&canary(0)), 2, T0_US);
    assert_eq!(bench.auditor.canaries_seen(), &BTreeSet::from([1]));
}

#[test]
fn the_backlog_is_what_is_acknowledged_and_neither_received_nor_lost() {
    let mut bench = Bench::new();
    assert_eq!(bench.auditor.backlog(STEP, &bench.ledger), 30);
    bench.see_all_but(&[(0, 9), (1, 9)]);
    bench.see(0, 0, 0);
    assert_eq!(bench.auditor.backlog(STEP, &bench.ledger), 2, "a duplicate takes nothing off");
    bench.mark([0], LOAD_OFF_US);
    bench.auditor.lost_so_far(STEP, &bench.ledger, SETTLED_US);
    assert_eq!(bench.auditor.backlog(STEP, &bench.ledger), 1);
    assert_eq!(bench.auditor.tally(STEP).lost, 1);
}

#[test]
fn records_received_though_their_delivery_failed_do_not_hide_a_backlog() {
    let mut bench = Bench::new();
    bench.ledger = SendLedger::new(3);
    (0..4).for_each(|sequence| bench.ledger.record_sent(0, sequence));
    (0..2).for_each(|sequence| bench.ledger.record_failed(0, sequence));
    (2..4).for_each(|sequence| bench.ledger.record_acked(0, sequence));
    (0..2).for_each(|sequence| bench.see(0, sequence, 0));
    assert_eq!(bench.auditor.backlog(STEP, &bench.ledger), 2);
}

#[test]
fn a_delta_holds_what_arrived_since_the_last() {
    let mut bench = Bench::new();
    bench.see(0, 0, 0);
    bench.see(0, 1, 0);
    assert_eq!(bench.auditor.take_delta(STEP).count(), 2);
    bench.see(0, 1, 0);
    bench.see(0, 2, 0);
    assert_eq!(bench.auditor.take_delta(STEP).count(), 1);
    assert_eq!(bench.close(LOAD_OFF_US, false).latency_intended.count(), 3);
}

#[test]
fn at_most_ten_places_are_named_worst_first() {
    let names: Vec<String> = (0..20).map(|slot| format!("t-{slot}")).collect();
    let mut auditor = Auditor::new(RUN, names);
    auditor.open(STEP, Schedule::new(T0_US, 1_000, 20, 20_000).unwrap(), LIMIT_US);
    for (slot, times) in (0..20).flat_map(|slot| (0..slot).map(move |time| (slot, time))) {
        let misplaced = Stamp { slot: (slot + 1) % 20, sequence: times.into(), ..stamp(Kind::Data, 0, 0) };
        auditor.observe(Some(&value(misplaced)), slot, T0_US);
    }
    let corrupt = auditor.close(STEP, &SendLedger::new(20), T0_US, 0, false).unwrap().located.corrupt;
    assert_eq!(corrupt, (10..20).rev().map(|slot| (format!("t-{slot}"), slot)).collect::<Vec<_>>());
}

//! The ledger counts each record once, whichever thread enters it.

use std::thread;

use super::*;

#[test]
fn what_is_neither_acknowledged_nor_failed_is_pending() {
    let ledger = SendLedger::new(2);
    for sequence in 0..10 {
        ledger.record_sent(1, sequence);
    }
    ledger.record_sent(0, 0);
    for sequence in [0, 1, 2, 4, 5] {
        ledger.record_acked(1, sequence);
    }
    ledger.record_failed(1, 3);
    assert_eq!((ledger.sent(), ledger.acked(), ledger.failed(), ledger.pending()), (11, 5, 1, 5));
    assert_eq!((ledger.sent_in(0), ledger.sent_in(1)), (1, 10));
    let acked: Vec<u64> = (0..10).filter(|&sequence| ledger.is_acked(1, sequence)).collect();
    assert_eq!(acked, [0, 1, 2, 4, 5]);
    assert!(!ledger.is_acked(0, 1), "slots are apart");
}

#[test]
fn the_same_outcome_twice_counts_once() {
    let ledger = SendLedger::new(1);
    ledger.record_sent(0, 0);
    ledger.record_sent(0, 1);
    for _ in 0..2 {
        ledger.record_acked(0, 0);
        ledger.record_failed(0, 1);
    }
    assert_eq!((ledger.acked(), ledger.failed(), ledger.pending()), (1, 1, 0));
}

#[test]
fn an_acknowledgement_that_overtakes_its_entry_does_not_underflow() {
    let ledger = SendLedger::new(1);
    ledger.record_acked(0, 0);
    assert_eq!(ledger.pending(), 0);
}

#[test]
fn threads_do_not_lose_entries() {
    let ledger = SendLedger::new(4);
    thread::scope(|scope| {
        for slot in 0..4 {
            let ledger = &ledger;
            scope.spawn(move || (0..20_000).for_each(|sequence| ledger.record_sent(slot, sequence)));
            scope.spawn(move || {
                (0..20_000).for_each(|sequence| match sequence % 100 {
                    7 => ledger.record_failed(slot, sequence),
                    _ => ledger.record_acked((slot + 1) % 4, sequence),
                });
            });
        }
    });
    assert_eq!((ledger.sent(), ledger.acked(), ledger.failed()), (80_000, 79_200, 800));
    assert_eq!(ledger.pending(), 0);
}

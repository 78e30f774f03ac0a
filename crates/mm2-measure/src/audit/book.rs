//! The book of one open step: what of it was seen, where, and how late.

use std::collections::BTreeSet;

use super::{Block, SETTLE_US, Tally};
use crate::histogram::Latency;
use crate::ledger::SendLedger;
use crate::schedule::Schedule;
use crate::sequences::SequenceSet;
use crate::stamp::Stamp;

/// Records that belong to no open step, counted over the whole run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Strays {
    pub(super) foreign: u64,
    pub(super) unreadable: u64,
    pub(super) late: u64,
}

/// What was seen of one step.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) schedule: Schedule,
    p99_limit_us: u64,
    pub(super) slots: Vec<SlotBook>,
    pub(super) expected_markers: BTreeSet<u32>,
    pub(super) intended: Latency,
    pub(super) sent: Latency,
    /// As `intended`, since it was last taken.
    pub(super) delta: Latency,
    pub(super) blocks: Vec<Block>,
    lost: u64,
    strays_before: Strays,
}

/// What was seen of one step in one slot.
#[derive(Debug, Clone, Default)]
pub(super) struct SlotBook {
    pub(super) received: SequenceSet,
    pub(super) duplicates: u64,
    pub(super) reordered: u64,
    pub(super) corrupt: u64,
    pub(super) latency_sum_us: u64,
    pub(super) latency_max_us: u64,
    marker_read_us: Option<u64>,
}

impl SlotBook {
    pub(super) fn is_settled(&self, now_us: u64, settle_us: u64) -> bool {
        self.marker_read_us.is_some_and(|read_us| read_us.saturating_add(settle_us) <= now_us)
    }
}

impl Book {
    pub(super) fn new(schedule: Schedule, p99_limit_us: u64, slots: usize, strays_before: Strays) -> Self {
        let seconds = schedule.hold_us().div_ceil(1_000_000) as usize;
        Self {
            schedule,
            p99_limit_us,
            slots: vec![SlotBook::default(); slots],
            expected_markers: (0..schedule.slots).collect(),
            intended: Latency::new(),
            sent: Latency::new(),
            delta: Latency::new(),
            blocks: vec![Block::default(); seconds],
            lost: 0,
            strays_before,
        }
    }

    /// Whether the schedule has such a record.
    pub(super) fn has(&self, stamp: &Stamp) -> bool {
        stamp.sequence < self.schedule.records_in(stamp.slot)
    }

    pub(super) fn arrived(&mut self, stamp: &Stamp, now_us: u64) {
        if self.sighted(stamp) {
            self.timed(stamp.slot, stamp.intended_us, stamp.sent_us, now_us);
        }
    }

    /// As [`arrived`](Self::arrived), but the times in the stamp may be damaged: the schedule's is taken,
    /// for both.
    pub(super) fn arrived_damaged(&mut self, stamp: &Stamp, now_us: u64) {
        if self.sighted(stamp) {
            let due_us = self.schedule.due_us(self.schedule.index(stamp.slot, stamp.sequence));
            self.timed(stamp.slot, due_us, due_us, now_us);
        }
    }

    pub(super) fn corrupt(&mut self, slot: u32) {
        self.slots[slot as usize].corrupt += 1;
    }

    pub(super) fn marker(&mut self, slot: u32, now_us: u64) {
        self.slots[slot as usize].marker_read_us.get_or_insert(now_us);
    }

    /// Counts a sighting; `true` if it is the first.
    fn sighted(&mut self, stamp: &Stamp) -> bool {
        let slot = &mut self.slots[stamp.slot as usize];
        let overtaken = slot.received.highest() > Some(stamp.sequence);
        let first = slot.received.insert(stamp.sequence);
        slot.reordered += u64::from(first && overtaken);
        slot.duplicates += u64::from(!first);
        first
    }

    fn timed(&mut self, slot: u32, intended_us: u64, sent_us: u64, now_us: u64) {
        let latency_us = now_us.saturating_sub(intended_us);
        self.delta.record_us(latency_us);
        let slot = &mut self.slots[slot as usize];
        slot.latency_sum_us = slot.latency_sum_us.saturating_add(latency_us);
        slot.latency_max_us = slot.latency_max_us.max(latency_us);
        self.enter(intended_us, latency_us, now_us.saturating_sub(sent_us));
    }

    /// Enters a record into the step's distributions and its block.
    pub(super) fn enter(&mut self, intended_us: u64, latency_us: u64, latency_sent_us: u64) {
        self.intended.record_us(latency_us);
        self.sent.record_us(latency_sent_us);
        let second = (intended_us.saturating_sub(self.schedule.t0_us) / 1_000_000) as usize;
        let last = self.blocks.len().saturating_sub(1);
        if let Some(block) = self.blocks.get_mut(second.min(last)) {
            block.records += 1;
            block.over += u64::from(latency_us >= self.p99_limit_us);
        }
    }

    pub(super) fn is_settled(&self, now_us: u64, settle_us: u64) -> bool {
        let slot_is_settled = |&slot: &u32| {
            self.slots.get(slot as usize).is_some_and(|book| book.is_settled(now_us, settle_us))
        };
        self.expected_markers.iter().all(slot_is_settled)
    }

    pub(super) fn received(&self) -> u64 {
        self.slots.iter().map(|slot| slot.received.len()).sum()
    }

    pub(super) fn tally(&self, strays: Strays) -> Tally {
        let sum = |count: fn(&SlotBook) -> u64| self.slots.iter().map(count).sum();
        Tally {
            received: self.received(),
            duplicates: sum(|slot| slot.duplicates),
            reordered: sum(|slot| slot.reordered),
            corrupt: sum(|slot| slot.corrupt),
            lost: self.lost,
            markers_read: self.slots.iter().filter(|slot| slot.marker_read_us.is_some()).count() as u32,
            foreign: strays.foreign - self.strays_before.foreign,
            unreadable: strays.unreadable - self.strays_before.unreadable,
            late: strays.late - self.strays_before.late,
        }
    }

    pub(super) fn count_lost(&mut self, ledger: &SendLedger, now_us: u64) -> u64 {
        let settled =
            (0..ledger.slots()).zip(&self.slots).filter(|(_, book)| book.is_settled(now_us, SETTLE_US));
        self.lost =
            settled.map(|(slot, book)| ledger.outcomes(slot).acked.difference_len(&book.received)).sum();
        self.lost
    }

    pub(super) fn backlog(&self, ledger: &SendLedger) -> u64 {
        let acked = ledger.acked();
        let received = self.received().saturating_sub(self.received_though_failed(ledger));
        acked.saturating_sub(received).saturating_sub(self.lost)
    }

    /// A delivery that failed for the sender, by a timeout, may have reached the source all the same.
    fn received_though_failed(&self, ledger: &SendLedger) -> u64 {
        if ledger.failed() == 0 {
            return 0;
        }
        let in_slot = |(slot, book): (u32, &SlotBook)| {
            let outcomes = ledger.outcomes(slot);
            outcomes.failed.len() - outcomes.failed.difference_len(&book.received)
        };
        (0..ledger.slots()).zip(&self.slots).map(in_slot).sum()
    }
}

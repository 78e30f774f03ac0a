//! The end of a step's audit: what is missing is put in its place, and the figures are summed up.

use super::book::{Book, SlotBook};
use super::{Block, Tally};
use crate::histogram::Latency;
use crate::ledger::SendLedger;

/// How many topic-partitions a kind of damage names.
const LOCATED_MAX: usize = 10;

/// What became of a step's records. All counts are records of the step, unless [`Tally`] says otherwise.
#[derive(Debug, Clone)]
pub struct StepAudit {
    /// Distinct records received.
    pub received: u64,
    /// Acknowledged, and missing in a slot whose marker was read long enough ago.
    pub lost: u64,
    /// Acknowledged, and missing elsewhere when a deadline ended the audit.
    pub unseen: u64,
    /// Acknowledged, and missing elsewhere when the audit was ended before any deadline: not proven
    /// either way.
    pub undecided: u64,
    /// Sightings beyond the first.
    pub duplicates: u64,
    /// First sightings behind a later record of the same slot.
    pub reordered: u64,
    /// Sightings that are not as they were sent: wrong checksum, or in another slot.
    pub corrupt: u64,
    /// See [`Tally::foreign`].
    pub foreign: u64,
    /// See [`Tally::unreadable`].
    pub unreadable: u64,
    /// See [`Tally::late`].
    pub late: u64,
    /// Where the damage was.
    pub located: Located,
    /// Latency from the intended send time. Lost and unseen records stand in it with their age.
    pub latency_intended: Latency,
    /// Latency from the actual send time; of lost and unseen records again from the intended one.
    pub latency_sent: Latency,
    /// One entry a second of the hold.
    pub blocks: Vec<Block>,
    /// One entry a slot, in the order of the slots.
    pub per_slot: Vec<SlotFigures>,
}

/// Topic-partitions and counts, worst first, at most ten each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Located {
    /// Lost records.
    pub lost: Vec<(String, u64)>,
    /// Unseen records.
    pub unseen: Vec<(String, u64)>,
    /// Sightings beyond the first.
    pub duplicates: Vec<(String, u64)>,
    /// Reordered first sightings.
    pub reordered: Vec<(String, u64)>,
    /// Corrupt sightings, by where they were found.
    pub corrupt: Vec<(String, u64)>,
}

/// What became of a step's records in one topic-partition.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SlotFigures {
    /// The topic-partition, as it is called on the target.
    pub name: String,
    /// Distinct records received.
    pub received: u64,
    /// Lost records.
    pub lost: u64,
    /// Unseen records.
    pub unseen: u64,
    /// Undecided records.
    pub undecided: u64,
    /// Sightings beyond the first.
    pub duplicates: u64,
    /// Reordered first sightings.
    pub reordered: u64,
    /// Corrupt sightings found here.
    pub corrupt: u64,
    /// Mean latency of the received from the intended send time, milliseconds; `None` without any.
    pub mean_ms: Option<f64>,
    /// Largest latency of the received from the intended send time, milliseconds; `None` without any.
    pub max_ms: Option<f64>,
}

/// How an audit ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub(super) now_us: u64,
    pub(super) markers_settle_us: u64,
    pub(super) deadline: bool,
}

pub(super) fn close(
    mut book: Book,
    tally: Tally,
    names: &[String],
    ledger: &SendLedger,
    end: End,
) -> StepAudit {
    let slots = std::mem::take(&mut book.slots);
    let mut per_slot: Vec<SlotFigures> = Vec::with_capacity(slots.len());
    for (number, slot) in (0..).zip(&slots) {
        let mut figures = figures_of(slot, names.get(number as usize).cloned(), number);
        if number < ledger.slots() {
            add_missing(&mut figures, &mut book, slot, number, ledger, end);
        }
        per_slot.push(figures);
    }
    let sum = |count: fn(&SlotFigures) -> u64| per_slot.iter().map(count).sum();
    StepAudit {
        received: tally.received,
        lost: sum(|slot| slot.lost),
        unseen: sum(|slot| slot.unseen),
        undecided: sum(|slot| slot.undecided),
        duplicates: tally.duplicates,
        reordered: tally.reordered,
        corrupt: tally.corrupt,
        foreign: tally.foreign,
        unreadable: tally.unreadable,
        late: tally.late,
        located: located(&per_slot),
        latency_intended: book.intended,
        latency_sent: book.sent,
        blocks: book.blocks,
        per_slot,
    }
}

fn figures_of(slot: &SlotBook, name: Option<String>, number: u32) -> SlotFigures {
    let received = slot.received.len();
    let any = received > 0;
    SlotFigures {
        name: name.unwrap_or_else(|| format!("slot {number}")),
        received,
        duplicates: slot.duplicates,
        reordered: slot.reordered,
        corrupt: slot.corrupt,
        mean_ms: any.then(|| slot.latency_sum_us as f64 / received as f64 / 1_000.0),
        max_ms: any.then(|| slot.latency_max_us as f64 / 1_000.0),
        ..SlotFigures::default()
    }
}

/// Counts what was acknowledged in a slot and never arrived, and lets it into the distributions with its
/// age: otherwise a chain that stalls would show the latency of what it did let through.
fn add_missing(
    figures: &mut SlotFigures,
    book: &mut Book,
    slot: &SlotBook,
    number: u32,
    ledger: &SendLedger,
    end: End,
) {
    let settled = slot.is_settled(end.now_us, end.markers_settle_us);
    let outcomes = ledger.outcomes(number);
    if !settled && !end.deadline {
        figures.undecided = outcomes.acked.difference_len(&slot.received);
        return;
    }
    let mut missing = 0;
    for sequence in outcomes.acked.difference(&slot.received) {
        let due_us = book.schedule.due_us(book.schedule.index(number, sequence));
        let age_us = end.now_us.saturating_sub(due_us);
        book.enter(due_us, age_us, age_us);
        missing += 1;
    }
    *(if settled { &mut figures.lost } else { &mut figures.unseen }) = missing;
}

fn located(per_slot: &[SlotFigures]) -> Located {
    let worst = |count: fn(&SlotFigures) -> u64| {
        let mut slots: Vec<_> = per_slot.iter().filter(|&slot| count(slot) > 0).collect();
        slots.sort_by_key(|&slot| std::cmp::Reverse(count(slot)));
        slots.iter().take(LOCATED_MAX).map(|&slot| (slot.name.clone(), count(slot))).collect()
    };
    Located {
        lost: worst(|slot| slot.lost),
        unseen: worst(|slot| slot.unseen),
        duplicates: worst(|slot| slot.duplicates),
        reordered: worst(|slot| slot.reordered),
        corrupt: worst(|slot| slot.corrupt),
    }
}

//! The audit of a run: every record read on the target comes by here, and each step ends in a
//! [`StepAudit`].
//!
//! A record counts for the step that *sent* it, wherever in time it arrives, until that step is closed.
//! What was sent is the [`SendLedger`]'s affair; whether the figures are good enough is somebody else's.

use std::collections::{BTreeMap, BTreeSet};

use crate::histogram::Latency;
use crate::ledger::SendLedger;
use crate::schedule::Schedule;
use crate::stamp::{Kind, RunId, Stamp, Unreadable};

mod book;
mod close;

use book::{Book, Strays};
pub use close::{Located, SlotFigures, StepAudit};

/// How long after its marker was read a slot may still yield records, microseconds: 10 s. Then what is
/// missing in it is lost.
pub const SETTLE_US: u64 = 10_000_000;

/// Keeps the books of all steps of a run. One for the run, behind a lock; probe threads feed it.
#[derive(Debug)]
pub struct Auditor {
    run: RunId,
    slot_names: Vec<String>,
    open: BTreeMap<u16, Book>,
    strays: Strays,
    canaries: BTreeSet<u32>,
}

/// Where a step stands, in records of this step unless said otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Distinct records received.
    pub received: u64,
    /// Sightings beyond the first.
    pub duplicates: u64,
    /// First sightings behind a later record of the same slot.
    pub reordered: u64,
    /// Sightings that are not as they were sent: wrong checksum, or in another slot.
    pub corrupt: u64,
    /// Lost at the last [`Auditor::lost_so_far`].
    pub lost: u64,
    /// Closing markers read.
    pub markers_read: u32,
    /// Records of other runs or outside the named slots, since the step was opened.
    pub foreign: u64,
    /// Values without a readable stamp, since the step was opened: somebody else's records, or a
    /// converter changes values.
    pub unreadable: u64,
    /// Records of steps that are not open, since this step was opened.
    pub late: u64,
}

/// One second of a hold, by intended send time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Block {
    /// Records, those that never arrived included.
    pub records: u64,
    /// Of these, with a latency at or over the limit.
    pub over: u64,
}

/// The step is not open: it never was, or it is closed already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("step {0} is not open in the audit: open it before its load, and close it once")]
pub struct NotOpen(pub u16);

impl Auditor {
    /// An audit of `run`. `slot_names` are the topic-partitions as they are called on the target, in the
    /// order of the schedules' slots.
    pub fn new(run: RunId, slot_names: Vec<String>) -> Self {
        let (open, canaries) = (BTreeMap::new(), BTreeSet::new());
        Self { run, slot_names, open, strays: Strays::default(), canaries }
    }

    /// Opens a step before its load. Steps are numbered upwards; a number is used once in a run.
    pub fn open(&mut self, step: u16, schedule: Schedule, p99_limit_us: u64) {
        let slots = self.slot_names.len().max(schedule.slots as usize);
        self.open.insert(step, Book::new(schedule, p99_limit_us, slots, self.strays));
    }

    /// Says which slots got a closing marker, where not all of the schedule's did.
    pub fn expect_markers(&mut self, step: u16, slots: impl IntoIterator<Item = u32>) {
        if let Some(book) = self.open.get_mut(&step) {
            book.expected_markers = slots.into_iter().collect();
        }
    }

    /// Takes in one record read on the target: its value, the slot where it was really found, and when.
    /// A slot without a name is nobody's: foreign.
    pub fn observe(&mut self, value: Option<&[u8]>, slot: u32, now_us: u64) {
        if slot as usize >= self.slot_names.len() {
            self.strays.foreign += 1;
            return;
        }
        match value.map_or(Err(Unreadable::NoStamp), Stamp::read) {
            Ok(stamp) if stamp.run != self.run => self.strays.foreign += 1,
            Ok(stamp) => self.observe_ours(&stamp, slot, now_us),
            Err(Unreadable::Checksum(stamp)) => self.observe_corrupt(&stamp, slot, now_us),
            Err(Unreadable::NoStamp | Unreadable::Malformed) => self.strays.unreadable += 1,
        }
    }

    fn observe_ours(&mut self, stamp: &Stamp, slot: u32, now_us: u64) {
        if stamp.kind == Kind::Canary {
            // One in the wrong slot proves nothing: the slot it was meant for is still waited for.
            if stamp.slot == slot {
                self.canaries.insert(slot);
            }
            return;
        }
        match self.open.get_mut(&stamp.step) {
            None => self.strays.late += 1,
            Some(book) if stamp.slot != slot => book.corrupt(slot),
            Some(book) if stamp.kind == Kind::Marker => book.marker(slot, now_us),
            Some(book) if !book.has(stamp) => book.corrupt(slot),
            Some(book) => book.arrived(stamp, now_us),
        }
    }

    /// The fields of a damaged record may be the damaged part: they are believed only as far as they
    /// describe a record that could have been sent.
    fn observe_corrupt(&mut self, stamp: &Stamp, slot: u32, now_us: u64) {
        if let Some(book) = self.open.get_mut(&stamp.step) {
            book.corrupt(slot);
            if stamp.run == self.run && stamp.kind == Kind::Data && stamp.slot == slot && book.has(stamp) {
                book.arrived_damaged(stamp, now_us);
            }
        } else if let Some(newest) = self.open.values_mut().next_back() {
            newest.corrupt(slot);
        } else {
            self.strays.late += 1;
        }
    }

    /// Where the step stands; all zero if it is not open. Cheap.
    pub fn tally(&self, step: u16) -> Tally {
        self.open.get(&step).map_or_else(Tally::default, |book| book.tally(self.strays))
    }

    /// Latencies from the intended send time of what arrived since the last call.
    pub fn take_delta(&mut self, step: u16) -> Latency {
        self.open.get_mut(&step).map_or_else(Latency::new, |book| book.delta.take())
    }

    /// Starts anew with the canaries: what was read of them before counts no more.
    pub fn forget_canaries(&mut self) {
        self.canaries.clear();
    }

    /// The slots whose canary was read.
    pub const fn canaries_seen(&self) -> &BTreeSet<u32> {
        &self.canaries
    }

    /// Whether every expected marker was read at least `settle_us` ago: time to [`close`](Self::close).
    pub fn is_settled(&self, step: u16, now_us: u64, settle_us: u64) -> bool {
        self.open.get(&step).is_some_and(|book| book.is_settled(now_us, settle_us))
    }

    /// Counts the acknowledged records missing in slots whose marker was read [`SETTLE_US`] ago, and
    /// remembers the count for [`backlog`](Self::backlog) and [`tally`](Self::tally). Cheap but after a
    /// very long hold with losses all over: 0.1 s for 864 million records.
    pub fn lost_so_far(&mut self, step: u16, ledger: &SendLedger, now_us: u64) -> u64 {
        self.open.get_mut(&step).map_or(0, |book| book.count_lost(ledger, now_us))
    }

    /// Acknowledged − distinct received of these − lost at the last [`lost_so_far`](Self::lost_so_far),
    /// records; never below 0.
    pub fn backlog(&self, step: u16, ledger: &SendLedger) -> u64 {
        self.open.get(&step).map_or(0, |book| book.backlog(ledger))
    }

    /// Closes a step: what arrives of it from now on is late.
    ///
    /// An acknowledged record that is missing is *lost* where the slot's marker was read
    /// `markers_settle_us` ago. Elsewhere it is *unseen* if a `deadline` ends the audit, and *undecided*
    /// if somebody ends it earlier. Lost and unseen records enter the distributions with their age.
    ///
    /// # Errors
    /// When the step is not open.
    pub fn close(
        &mut self,
        step: u16,
        ledger: &SendLedger,
        now_us: u64,
        markers_settle_us: u64,
        deadline: bool,
    ) -> Result<StepAudit, NotOpen> {
        let book = self.open.remove(&step).ok_or(NotOpen(step))?;
        let tally = book.tally(self.strays);
        Ok(close::close(
            book,
            tally,
            &self.slot_names,
            ledger,
            close::End { now_us, markers_settle_us, deadline },
        ))
    }
}

#[cfg(test)]
mod tests;

//! What the mirror really did, step by step: the truth against which a verdict on a rehearsal is held.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mm2_measure::Latency;
use serde::Serialize;

use crate::faults::Faults;
use crate::mirror::{MirrorHealth, Part, Tag};

#[cfg(test)]
mod tests;

/// Everything that the mirror did, counted by itself and by nobody who measures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Journal {
    /// What it was told to do badly, as it can be told again; empty for nothing.
    pub faults: String,
    /// See [`MirrorHealth::evicted`].
    pub evicted: bool,
    /// See [`MirrorHealth::failed`].
    pub failed: Option<String>,
    /// One entry a [`begin_step`](crate::Rehearsal::begin_step), in order, behind one named `""` for what came before. A step
    /// that was held twice has two.
    pub steps: Vec<StepJournal>,
}

/// What the mirror did with the records that arrived there during one step, markers and canaries left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepJournal {
    /// As it was told.
    pub step: String,
    /// Whether the faults had begun.
    pub faulty: bool,
    /// The delay in force, milliseconds; `None` without one.
    pub delay_ms: Option<u64>,
    /// The cap in force, records per second; `None` without one.
    pub cap_per_sec: Option<u32>,
    /// Records read from the source. Those that are neither mirrored nor lost are still held.
    pub arrived: u64,
    /// Records written to the target, each counted once.
    pub mirrored: u64,
    /// Records dropped on purpose.
    pub lost: u64,
    /// Records written a second time.
    pub duplicated: u64,
    /// Records written behind a later one of their partition.
    pub reordered: u64,
    /// Copies written with a changed byte: two where the record was also written twice.
    pub corrupted: u64,
    /// How long the mirror stood still by the fault `stall`, milliseconds.
    pub stalled_ms: u64,
    /// How long it was paused, milliseconds.
    pub paused_ms: u64,
    /// How long the mirrored records were in the mirror; `None` without any.
    pub waited_ms: Option<Waited>,
    /// The damage by topic-partition, as it is called on the target. Who has none is not in it.
    pub located: BTreeMap<String, Damage>,
}

/// Time from a record's arrival in the mirror to its being handed to the target's client, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Waited {
    /// Median.
    pub p50: f64,
    /// What one record in a hundred exceeded.
    pub p99: f64,
    /// The longest.
    pub max: f64,
}

/// Records of one topic-partition that faults touched, counted as in [`StepJournal`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// Dropped.
    pub lost: u64,
    /// Written a second time.
    pub duplicated: u64,
    /// Written behind a later one.
    pub reordered: u64,
    /// Copies written with a changed byte.
    pub corrupted: u64,
}

/// When a record arrived.
#[derive(Debug, Clone, Copy)]
pub(crate) struct During {
    /// Number of the journal's entry.
    pub(crate) step: usize,
    pub(crate) faulty: bool,
    /// Whether the mirror stalls in this step.
    pub(crate) stalls: bool,
}

/// Keeps the journal. The mirror's threads write it; whoever holds the steps says which one runs.
#[derive(Debug)]
pub(crate) struct JournalKeeper {
    faults: Faults,
    /// What each slot is called on the target.
    slots: Vec<String>,
    /// The running step. An atomic, because the reader asks for each tag.
    current: AtomicUsize,
    /// The first step with faults; `usize::MAX` until it has begun.
    faulty_from: AtomicUsize,
    /// The latest hold of that step; `usize::MAX` until it has begun.
    stalls_in: AtomicUsize,
    pages: Mutex<Vec<Page>>,
}

/// One step in the making.
#[derive(Debug, Default)]
struct Page {
    step: String,
    arrived: u64,
    mirrored: u64,
    stalled: Duration,
    paused: Duration,
    waited: Latency,
    damage: BTreeMap<usize, Damage>,
}

impl JournalKeeper {
    pub(crate) fn new(faults: Faults, slots: Vec<String>) -> Self {
        Self {
            faults,
            slots,
            current: AtomicUsize::new(0),
            faulty_from: AtomicUsize::new(usize::MAX),
            stalls_in: AtomicUsize::new(usize::MAX),
            pages: Mutex::new(vec![Page::default()]),
        }
    }

    pub(crate) fn begin_step(&self, name: &str) {
        let mut pages = self.pages();
        let step = pages.len();
        pages.push(Page { step: name.to_owned(), ..Page::default() });
        let faulty_from = self.faulty_from.load(Ordering::Relaxed);
        if let Some(first) = pages.get(faulty_from) {
            // A step that is held again stalls again: a fault must not go away by being looked at twice.
            if first.step == name {
                self.stalls_in.store(step, Ordering::Relaxed);
            }
        } else if self.faults.from.as_deref().is_none_or(|from| from == name) {
            self.faulty_from.store(step, Ordering::Relaxed);
            self.stalls_in.store(step, Ordering::Relaxed);
        }
        // Whoever sees the new step sees whether it is faulty.
        self.current.store(step, Ordering::Release);
    }

    /// The step that runs now.
    pub(crate) fn now(&self) -> During {
        let step = self.current.load(Ordering::Acquire);
        let faulty = step >= self.faulty_from.load(Ordering::Relaxed);
        During { step, faulty, stalls: step == self.stalls_in.load(Ordering::Relaxed) }
    }

    pub(crate) fn arrived(&self, tag: Tag) {
        if tag.part != Part::Spared {
            self.on_page(tag.during.step, |page| page.arrived += 1);
        }
    }

    pub(crate) fn lost(&self, tag: Tag) {
        self.on_page(tag.during.step, |page| page.damage(tag).lost += 1);
    }

    /// A copy was handed to the target's client, after it had been here for so long.
    pub(crate) fn written(&self, tag: Tag, waited: Duration) {
        if tag.part == Part::Spared {
            return;
        }
        self.on_page(tag.during.step, |page| {
            if tag.part == Part::Second {
                page.damage(tag).duplicated += 1;
            } else {
                page.mirrored += 1;
                page.waited.record_us(waited.as_micros() as u64);
            }
            if tag.part == Part::Overtaken {
                page.damage(tag).reordered += 1;
            }
            if tag.corrupted {
                page.damage(tag).corrupted += 1;
            }
        });
    }

    /// The stall of this step has lasted for so long.
    pub(crate) fn stalled(&self, step: usize, so_far: Duration) {
        self.on_page(step, |page| page.stalled = so_far);
    }

    /// The mirror was paused for so much longer.
    pub(crate) fn paused(&self, longer: Duration) {
        self.on_page(self.now().step, |page| page.paused += longer);
    }

    pub(crate) fn journal(&self, health: MirrorHealth) -> Journal {
        let faulty_from = self.faulty_from.load(Ordering::Relaxed);
        let pages = self.pages();
        let steps = pages.iter().enumerate().map(|(step, page)| self.entry(page, step >= faulty_from));
        Journal {
            faults: self.faults.to_string(),
            evicted: health.evicted,
            failed: health.failed,
            steps: steps.collect(),
        }
    }

    fn entry(&self, page: &Page, faulty: bool) -> StepJournal {
        let sum = |count: fn(&Damage) -> u64| page.damage.values().map(count).sum();
        let name = |slot: usize| self.slots.get(slot).cloned().unwrap_or_default();
        StepJournal {
            step: page.step.clone(),
            faulty,
            delay_ms: self.faults.delay.filter(|_| faulty).map(|delay| delay.as_millis() as u64),
            cap_per_sec: self.faults.cap_per_sec.filter(|_| faulty),
            arrived: page.arrived,
            mirrored: page.mirrored,
            lost: sum(|damage| damage.lost),
            duplicated: sum(|damage| damage.duplicated),
            reordered: sum(|damage| damage.reordered),
            corrupted: sum(|damage| damage.corrupted),
            stalled_ms: page.stalled.as_millis() as u64,
            paused_ms: page.paused.as_millis() as u64,
            waited_ms: waited(&page.waited),
            located: page.damage.iter().map(|(slot, damage)| (name(*slot), *damage)).collect(),
        }
    }

    fn pages(&self) -> MutexGuard<'_, Vec<Page>> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn on_page(&self, step: usize, write: impl FnOnce(&mut Page)) {
        if let Some(page) = self.pages().get_mut(step) {
            write(page);
        }
    }
}

impl Page {
    fn damage(&mut self, tag: Tag) -> &mut Damage {
        self.damage.entry(tag.slot).or_default()
    }
}

fn waited(waited: &Latency) -> Option<Waited> {
    let (p50, p99) = (waited.quantile_ms(0.5)?, waited.quantile_ms(0.99)?);
    Some(Waited { p50, p99, max: waited.max_ms()? })
}

//! What the mirror's threads tell each other and everybody else, without locks.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How the mirror is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MirrorHealth {
    /// Records that the target acknowledged; one that is written twice counts twice.
    pub mirrored: u64,
    /// Records that are to be written and are not yet acknowledged: they are in this process' memory.
    pub held: u64,
    /// The source dropped records before the mirror read them: 5 MiB a partition were not enough. What is
    /// missing then says nothing about the chain.
    pub evicted: bool,
    /// Why the mirror gave up, if it did. It does not go on after that.
    pub failed: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Progress {
    held_limit_bytes: u64,
    taken_in: AtomicU64,
    mirrored: AtomicU64,
    held_bytes: AtomicU64,
    evicted: AtomicBool,
    paused: AtomicBool,
    stopping: AtomicBool,
    failed: OnceLock<String>,
}

impl Progress {
    pub(crate) fn new(held_limit_bytes: u64) -> Self {
        Self {
            held_limit_bytes,
            taken_in: AtomicU64::new(0),
            mirrored: AtomicU64::new(0),
            held_bytes: AtomicU64::new(0),
            evicted: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            failed: OnceLock::new(),
        }
    }

    pub(crate) fn health(&self) -> MirrorHealth {
        // In this order, or a record that is acknowledged in between would make `held` negative.
        let mirrored = self.mirrored.load(Ordering::Acquire);
        let taken_in = self.taken_in.load(Ordering::Acquire);
        MirrorHealth {
            mirrored,
            held: taken_in.saturating_sub(mirrored),
            evicted: self.evicted.load(Ordering::Relaxed),
            failed: self.failed.get().cloned(),
        }
    }

    /// Records came in that are to be written. The mirror fails when they are more than may be held.
    pub(crate) fn took_in(&self, records: u64, bytes: u64) {
        self.taken_in.fetch_add(records, Ordering::Release);
        let held = self.held_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if held > self.held_limit_bytes {
            self.fail(format!(
                "the rehearsal gave up: its mirror holds {} MiB of records, and {} MiB is the limit; \
                 ask for a shorter hold, a lower rate or a milder fault",
                held >> 20,
                self.held_limit_bytes >> 20,
            ));
        }
    }

    /// A record of this size was handed to the producer.
    pub(crate) fn handed_on(&self, bytes: u64) {
        self.held_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(crate) fn mirrored(&self) {
        self.mirrored.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn evicted(&self) {
        self.evicted.store(true, Ordering::Relaxed);
    }

    /// The first reason stays: what follows is its consequence.
    pub(crate) fn fail(&self, why: String) {
        tracing::error!("{why}");
        self.failed.get_or_init(|| why);
    }

    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    pub(crate) fn pause(&self, paused: bool) {
        self.paused.store(paused, Ordering::Relaxed);
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed)
    }

    /// Whether the target may be written: neither paused nor at the end.
    pub(crate) fn may_write(&self) -> bool {
        self.goes_on() && !self.is_paused()
    }

    /// Whether there is still something to mirror for: neither stopped nor failed.
    pub(crate) fn goes_on(&self) -> bool {
        !self.stopping() && self.failed.get().is_none()
    }

    pub(crate) fn stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

//! The mirror: one thread that reads the source and one that writes the target, with memory between them.
//!
//! They are apart because the source must be read at once whatever the target side waits for: the mocks
//! keep only 5 MiB a partition, which at 50 000/s × 1 KiB over 3 partitions is a third of a second.

mod disturber;
mod progress;
mod reader;
mod record;
#[cfg(test)]
mod tests;
mod writer;

use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use mm2_kafka::Cluster;

pub use progress::MirrorHealth;
pub(crate) use record::{Part, Tag};

use crate::journal::{Journal, JournalKeeper};
use crate::rehearsal::{Rehearsal, RehearsalError, RehearsalOptions};
use progress::Progress;
use reader::Reader;
use writer::Writer;

/// A running mirror. Dropping it stops it.
#[derive(Debug)]
pub(crate) struct Mirror {
    progress: Arc<Progress>,
    journal: Arc<JournalKeeper>,
    threads: Vec<JoinHandle<()>>,
}

impl Mirror {
    /// Mirrors every partition from offset 0, holding at most `held_limit_bytes` (about) in memory.
    pub(crate) fn start(
        source: &Cluster,
        target: &Cluster,
        options: &RehearsalOptions,
        held_limit_bytes: u64,
    ) -> Result<Self, RehearsalError> {
        let progress = Arc::new(Progress::new(held_limit_bytes));
        let journal = Arc::new(JournalKeeper::new(options.faults.clone(), slot_names(options)));
        let (arrivals_in, arrivals) = mpsc::channel();
        let writer = Writer::new(target, options, arrivals, Arc::clone(&progress), Arc::clone(&journal))?;
        let reader = Reader::new(source, options, arrivals_in, Arc::clone(&progress), Arc::clone(&journal))?;
        let mut mirror = Self { progress, journal, threads: Vec::new() };
        mirror.spawn("mirror-writer", move || writer.run())?;
        mirror.spawn("mirror-reader", move || reader.run())?;
        Ok(mirror)
    }

    fn spawn(
        &mut self,
        name: &'static str,
        run: impl FnOnce() + Send + 'static,
    ) -> Result<(), RehearsalError> {
        let thread = thread::Builder::new().name(name.into()).spawn(run);
        self.threads.push(thread.map_err(|cause| RehearsalError::Thread { name, cause })?);
        Ok(())
    }

    pub(crate) fn health(&self) -> MirrorHealth {
        self.progress.health()
    }

    pub(crate) fn begin_step(&self, name: &str) {
        self.journal.begin_step(name);
    }

    pub(crate) fn journal(&self) -> Journal {
        self.journal.journal(self.health())
    }

    pub(crate) fn pause(&self, paused: bool) {
        self.progress.pause(paused);
    }

    pub(crate) fn stop(&mut self) {
        self.progress.stop();
        for thread in self.threads.drain(..) {
            thread.join().ok();
        }
    }
}

/// What each topic-partition is called on the target, topic by topic.
fn slot_names(options: &RehearsalOptions) -> Vec<String> {
    let of_topic = |topic: &String| {
        let topic = Rehearsal::target_topic(topic);
        (0..options.partitions).map(move |partition| format!("{topic}-{partition}"))
    };
    options.topics.iter().flat_map(of_topic).collect()
}

impl Drop for Mirror {
    fn drop(&mut self) {
        self.stop();
    }
}

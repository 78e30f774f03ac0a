//! A chain without Kafka: two of librdkafka's mock clusters and a mirror, all in this process.
//!
//! The mirror copies `topic` to `source.topic` as MirrorMaker 2 does under its default naming, and can be
//! told to be slow, to lose and to damage ([`Faults`]), so that every verdict can be shown on a laptop. It
//! keeps a [`Journal`] of what it really did. It proves the tool, not a chain. Absent from here: load, probing, judgement, and everything of MM2 but the copying.
//!
//! Who measures here must know the mocks: a partition keeps 5 MiB or 100 000 message sets and drops the
//! oldest without a word, and an empty fetch is answered only after the full `fetch.wait.max.ms`, so
//! consumers set it to 5 or 10.

mod chance;
mod clusters;
mod faults;
mod gate;
mod journal;
mod mirror;
mod rehearsal;

pub use faults::{Faults, FaultsError, STALL_AFTER};
pub use journal::{Damage, Journal, StepJournal, Waited};
pub use mirror::MirrorHealth;
pub use rehearsal::{Rehearsal, RehearsalError, RehearsalOptions};

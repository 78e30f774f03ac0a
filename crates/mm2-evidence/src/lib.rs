//! The evidence of a run: its events, the one writer of its folder, and the fold that every view is made of.
//!
//! ```text
//! RunLog::record(What) ─► events.ndjson ─► Run::apply ─► observers (terminal, live page)
//!                                            └─► RunDocument ─► run.json
//! Run::from_dir(folder) ─► the same Run, also after kill -9
//! ```
//!
//! Not here: judging (`mm2-slo`) and words for people (`mm2-report`).

pub mod document;
mod error;
pub mod event;
pub mod exit;
pub mod figures;
mod outcome;
pub mod run;
mod run_log;
#[cfg(feature = "sample")]
pub mod sample;
pub mod signals;

pub use document::RunDocument;
pub use error::EvidenceError;
pub use event::{Event, What};
pub use outcome::observed;
pub use run::Run;
pub use run_log::{EVENTS, Observer, RUN_JSON, RunLog, SERIES, run_id, write_whole};

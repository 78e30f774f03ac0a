//! What is measured with: the run clock, the schedule of a step, the stamp that each record carries,
//! the ledger of what was sent, and the audit of what came back.
//!
//! ```text
//! Schedule ─► Payloads + Stamp ─► (source ══ MM2 ══► target) ─► Auditor ─► StepAudit
//!                   └─► SendLedger ───────────────────────────────┘
//! ```
//!
//! No Kafka, no threads of its own and no judgement: whoever sends and reads calls in here, and whoever
//! judges gets plain figures. Times are microseconds since the Unix epoch on one [`RunClock`] (`_us`),
//! figures for people are milliseconds (`_ms`).

pub mod audit;
pub mod clock;
pub mod histogram;
pub mod ledger;
pub mod payload;
pub mod schedule;
pub mod sequences;
pub mod stamp;

pub use audit::{Auditor, Block, Located, NotOpen, SlotFigures, StepAudit, Tally};
pub use clock::RunClock;
pub use histogram::{Latency, Undecodable};
pub use ledger::SendLedger;
pub use payload::{PayloadError, Payloads};
pub use schedule::{Schedule, ScheduleError};
pub use sequences::SequenceSet;
pub use stamp::{Kind, RunId, SUFFIX_LEN, Stamp, Unreadable};

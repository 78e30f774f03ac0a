//! What is good enough: evidence in, findings and verdicts out.
//!
//! Pure: no I/O, no clock, no async, no Kafka. The same evidence always gives the same verdict, and
//! missing evidence never gives GO.
//!
//! Whoever has measured a step, with whatever tool, fills in [`StepEvidence`] and asks [`judge()`]:
//!
//! ```
//! use mm2_slo::evidence::{
//!     AuditEvidence, BacklogEvidence, Block, ConnectEvidence, LatencyEvidence, LoadEvidence, Quantiles,
//!     RecoveryEvidence, StepEvidence,
//! };
//! use mm2_slo::{Criterion, Ladder, Level, Missing, Thresholds, judge};
//!
//! // P1 of the runbook: 1 000 records/s, p99 under 1 s. Held for a minute.
//! let p1 = &Ladder::runbook().steps[0];
//! let sent = 60_000;
//! let took =
//!     Quantiles { p50: 24.0, p90: 60.0, p99: 145.0, p999: 300.0, max: 433.0, mean: 31.0, count: sent };
//! let mut evidence = StepEvidence {
//!     hold_s: 60.0,
//!     load: LoadEvidence {
//!         due: sent,
//!         sent,
//!         acked: sent,
//!         acked_in_time: sent,
//!         failed: 0,
//!         slip_p99_ms: Some(1.2),
//!         slip_max_ms: Some(9.0),
//!         source_blocked_ms: 0.0,
//!         source_refused: false,
//!     },
//!     latency: Ok(LatencyEvidence {
//!         intended: took,
//!         actual: took,
//!         blocks: vec![Block { records: 1_000, over: 0 }; 60], // one a second
//!     }),
//!     backlog: Ok(BacklogEvidence {
//!         samples: (0..600).map(|i| (i * 100, 24 + i % 5)).collect(), // one every 100 ms
//!         max: 28,
//!         at_load_off: 24,
//!         end: 0,
//!     }),
//!     audit: Ok(AuditEvidence { received: sent, ..AuditEvidence::default() }),
//!     recovery: RecoveryEvidence { seconds: Some(0.05), recovered: true, limit_s: 120.0 },
//!     connect: ConnectEvidence::Absent { why: "dedicated MM2".to_owned() },
//! };
//! assert_eq!(judge(p1, &Thresholds::default(), &evidence).level, Level::Go);
//!
//! // One record that is gone is a STOP, whatever the latency.
//! evidence.audit = Ok(AuditEvidence { received: sent - 1, lost: 1, ..AuditEvidence::default() });
//! let verdict = judge(p1, &Thresholds::default(), &evidence);
//! assert_eq!((verdict.level, verdict.reason), (Level::Stop, Some(Criterion::Lost)));
//!
//! // What nobody saw is never GO.
//! evidence.audit = Err(Missing::ProbeFailed);
//! assert_eq!(judge(p1, &Thresholds::default(), &evidence).level, Level::Inconclusive);
//! ```
//!
//! [`Climb`] strings steps to a ramp and says what capacity was shown. What is absent: measuring,
//! waiting, printing, exit codes, Prometheus.

#![warn(clippy::cast_possible_truncation, clippy::cast_sign_loss)]

pub mod climb;
pub mod evidence;
pub mod finding;
pub mod judge;
pub mod ladder;
pub mod level;
mod number;
pub mod proof;
pub mod recovery;
pub mod selection;
pub mod stats;
pub mod step;
pub mod sustained;
pub mod thresholds;
pub mod trend;

pub use climb::{Climb, Conclusion};
pub use evidence::StepEvidence;
pub use finding::{Criterion, Finding, Missing, Outcome, Reason, Unit};
pub use judge::{StepVerdict, judge};
pub use ladder::Ladder;
pub use level::Level;
pub use recovery::recovery_seconds;
pub use selection::Selection;
pub use step::Step;
pub use thresholds::Thresholds;

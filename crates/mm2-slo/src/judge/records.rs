//! Records that arrived more than once.
//!
//! A restart replays what was sent since the last offset flush; that much is expected of an at-least-once chain, and
//! nothing else is.

use super::Context;
use crate::evidence::ConnectEvidence;
use crate::finding::{Finding, Missing, Outcome, Reason};
use crate::number;
use crate::observations::Duplicates;

pub(super) fn duplicates(
    context: &Context<'_>,
    flush_default_ms: u64,
    grace_ms: u64,
    seen: &Duplicates,
) -> Finding {
    let withheld = (!seen.complete).then_some(Reason::NotMeasured { why: Missing::Unaccounted });
    let mut finding = context.by_bands(seen.count as f64, withheld);
    if finding.outcome == Outcome::Go {
        finding.reason = Reason::None;
    }
    if finding.outcome != Outcome::Stop {
        return finding;
    }
    match Restart::of(&seen.connect) {
        Restart::NeverAsked => context.not_measured(Missing::ConnectSilent),
        Restart::ReplaysNothing { seen: restart_seen } => {
            finding.reason = Reason::Unexplained { allowed: 0, restart_seen };
            finding
        }
        Restart::Replays { seen: restart_seen, flush_interval_ms } => {
            let Some(asked_per_sec) = context.asked_per_sec else {
                return context.not_measured(Missing::NotKnown("the asked rate".to_owned()));
            };
            let flush_ms = flush_interval_ms.unwrap_or(flush_default_ms);
            let allowed = records_in(asked_per_sec, flush_ms.saturating_add(grace_ms));
            if restart_seen && seen.count <= allowed && !seen.complete {
                return context.not_measured(Missing::Unaccounted);
            }
            if restart_seen && seen.count <= allowed {
                finding.outcome = Outcome::Warn;
                let flush_interval_known = flush_interval_ms.is_some();
                finding.reason = Reason::ExplainedByRestart { allowed, flush_interval_known };
            } else {
                finding.reason = Reason::Unexplained { allowed, restart_seen };
            }
            if restart_seen {
                finding = finding.against(Some(allowed as f64));
                finding.margin = None;
            }
            finding
        }
    }
}

/// The records due in `ms` at this rate, rounded up.
fn records_in(per_sec: f64, ms: u64) -> u64 {
    number::ceil(per_sec * ms as f64 / 1_000.0).unwrap_or(u64::MAX)
}

/// What Connect's status allows a duplicate to be explained by.
enum Restart {
    /// Nobody asked Connect, though the chain declares that it can be.
    NeverAsked,
    /// Exactly once: a restart explains nothing.
    ReplaysNothing { seen: bool },
    /// At least once.
    Replays { seen: bool, flush_interval_ms: Option<u64> },
}

impl Restart {
    fn of(connect: &ConnectEvidence) -> Self {
        match *connect {
            // Nobody can see a restart there, so one cannot be ruled out.
            ConnectEvidence::Absent { .. } => Self::Replays { seen: true, flush_interval_ms: None },
            ConnectEvidence::Polled {
                answered,
                unanswered,
                restart_seen,
                flush_interval_ms,
                exactly_once,
            } => {
                // A worker that never answered was silent, and silence counts as a restart.
                let seen = restart_seen || (answered == 0 && unanswered > 0);
                if exactly_once {
                    Self::ReplaysNothing { seen }
                } else if !seen && answered == 0 {
                    Self::NeverAsked
                } else {
                    Self::Replays { seen, flush_interval_ms }
                }
            }
        }
    }
}

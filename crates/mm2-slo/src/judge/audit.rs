//! What became of the records: lost, corrupt, reordered, unseen, duplicates.

use super::{go_only_if, records_in};
use crate::evidence::{ConnectEvidence, StepEvidence};
use crate::finding::{Criterion, Finding, Missing, Outcome, Reason};
use crate::step::Step;
use crate::thresholds::Thresholds;

/// None of any of them is allowed.
const NONE_ALLOWED: Option<f64> = Some(0.0);

/// Lost, corrupt, reordered, unseen.
pub(super) fn judge(evidence: &StepEvidence) -> [Finding; 4] {
    use Criterion::{Corrupt, Lost, Reordered, Unseen};
    let audit = match &evidence.audit {
        Ok(audit) => audit,
        Err(why) => {
            return [Lost, Corrupt, Reordered, Unseen]
                .map(|criterion| Finding::not_measured(criterion, NONE_ALLOWED, why.clone()));
        }
    };
    let accounted = evidence.audit_accounts_for_all();
    let finding = |criterion, count: u64, bad: Reason| {
        let (outcome, reason) = if count == 0 { (Outcome::Go, Reason::None) } else { (Outcome::Stop, bad) };
        let (outcome, reason) = go_only_if(outcome, reason, accounted);
        Finding::new(criterion, outcome, Some(count as f64), NONE_ALLOWED, reason)
    };
    let at = &audit.located;
    let not_recovered = Reason::NotRecovered { limit_s: evidence.recovery.limit_s };
    [
        finding(Lost, audit.lost, located(&at.lost)),
        finding(Corrupt, audit.corrupt, located(&at.corrupt)),
        finding(Reordered, audit.reordered, located(&at.reordered)),
        finding(Unseen, audit.unseen, not_recovered),
    ]
}

fn located(places: &[(String, u64)]) -> Reason {
    Reason::Located { places: places.iter().map(|(at, count)| format!("{at}: {count}")).collect() }
}

/// A restart replays what was sent since the last offset flush; that much is expected of an
/// at-least-once chain, and nothing else is.
pub(super) fn duplicates(step: &Step, thresholds: &Thresholds, evidence: &StepEvidence) -> Finding {
    let count = match &evidence.audit {
        Ok(audit) => audit.duplicates,
        Err(why) => return Finding::not_measured(Criterion::Duplicates, None, why.clone()),
    };
    if count == 0 {
        let (outcome, reason) = go_only_if(Outcome::Go, Reason::None, evidence.audit_accounts_for_all());
        return Finding::new(Criterion::Duplicates, outcome, Some(0.0), NONE_ALLOWED, reason);
    }
    let (outcome, limit, reason) = match Restart::of(&evidence.connect) {
        Restart::NeverAsked => {
            (Outcome::Inconclusive, 0, Reason::NotMeasured { why: Missing::ConnectSilent })
        }
        Restart::ReplaysNothing { seen } => {
            (Outcome::Stop, 0, Reason::Unexplained { allowed: 0, restart_seen: seen })
        }
        Restart::Replays { seen, flush_interval_ms } => {
            let flush_ms = flush_interval_ms.unwrap_or(thresholds.flush_interval_default_ms);
            let allowed = records_in(step.rate_per_sec, flush_ms.saturating_add(thresholds.replay_grace_ms));
            if seen && count <= allowed {
                let flush_interval_known = flush_interval_ms.is_some();
                (Outcome::Warn, allowed, Reason::ExplainedByRestart { allowed, flush_interval_known })
            } else {
                let limit = if seen { allowed } else { 0 };
                (Outcome::Stop, limit, Reason::Unexplained { allowed, restart_seen: seen })
            }
        }
    };
    Finding::new(Criterion::Duplicates, outcome, Some(count as f64), Some(limit as f64), reason)
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

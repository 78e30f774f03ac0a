//! Was the chain asked what the step says, and if not, whose doing was it?
//!
//! What the source caused is taken off first: the time for which its full queue held the sender back.
//! If the rest would have been in order, the source limits the step (STOP). If not, our own generator
//! slipped, and the step shows nothing (INCONCLUSIVE).

use crate::evidence::{LoadEvidence, StepEvidence};
use crate::finding::{Criterion, Finding, Missing, Outcome, Reason};
use crate::thresholds::Thresholds;

/// Who made the load differ from what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// The source: full queue, throttle, refusal, failed or late acknowledgements.
    Source,
    /// Our own generator.
    Generator,
}

/// Delivered, slip.
pub(super) fn judge(thresholds: &Thresholds, evidence: &StepEvidence) -> [Finding; 2] {
    let load = &evidence.load;
    let delivered = share_percent(load.acked_in_time, load.due);
    let slip_ms = match load.slip_p99_ms {
        Some(ms) if ms.is_finite() => Ok(ms),
        Some(_) => Err(Missing::NotFinite),
        None => Err(Missing::NothingSent),
    };
    let cause = || cause(load, evidence.hold_s * 1_000.0, thresholds);
    [
        finding(
            Criterion::Delivered,
            delivered,
            thresholds.delivered_percent,
            |percent, limit| percent >= limit,
            cause,
        ),
        finding(Criterion::Slip, slip_ms, thresholds.slip_p99_ms, |ms, limit| ms <= limit, cause),
    ]
}

fn finding(
    criterion: Criterion,
    value: Result<f64, Missing>,
    limit: f64,
    good: impl Fn(f64, f64) -> bool,
    cause: impl Fn() -> Cause,
) -> Finding {
    let value = match value {
        Ok(value) => value,
        Err(why) => return Finding::not_measured(criterion, Some(limit), why),
    };
    let (outcome, reason) = if good(value, limit) {
        (Outcome::Go, Reason::WithinLimit)
    } else {
        match cause() {
            Cause::Source => (Outcome::Stop, Reason::SourceLimited),
            Cause::Generator => (Outcome::Inconclusive, Reason::GeneratorSlip),
        }
    };
    Finding::new(criterion, outcome, Some(value), Some(limit), reason)
}

/// Whose doing it was that a load was not as asked.
fn cause(load: &LoadEvidence, hold_ms: f64, thresholds: &Thresholds) -> Cause {
    if load.source_refused || load.failed > 0 {
        return Cause::Source;
    }
    let blocked_ms = load.source_blocked_ms;
    let slip = Share { seen: load.slip_p99_ms.unwrap_or(0.0), allowed: thresholds.slip_p99_ms };
    // Unsent records as the time in which they were due. What was sent and not acknowledged in time
    // needs no account: the sender had done its part.
    let unsent = Share {
        seen: hold_ms * load.due.saturating_sub(load.sent) as f64 / load.due as f64,
        allowed: hold_ms * (1.0 - thresholds.delivered_percent / 100.0),
    };
    if slip.is_the_sources(blocked_ms) && unsent.is_the_sources(blocked_ms) {
        Cause::Source
    } else {
        Cause::Generator
    }
}

/// How late something was and how late it may be, milliseconds.
struct Share {
    seen: f64,
    allowed: f64,
}

impl Share {
    /// In order by itself; or the source's part alone breaks the limit, and what is left does not.
    fn is_the_sources(&self, blocked_ms: f64) -> bool {
        self.seen <= self.allowed || (blocked_ms > self.allowed && self.seen - blocked_ms <= self.allowed)
    }
}

fn share_percent(part: u64, whole: u64) -> Result<f64, Missing> {
    if whole == 0 { Err(Missing::NothingSent) } else { Ok(part as f64 * 100.0 / whole as f64) }
}

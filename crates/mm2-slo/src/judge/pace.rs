//! Was the chain asked what the step says, and if not, whose doing was it?
//!
//! What the source caused is taken off first: the time for which its full queue held the sender back. If the rest
//! would have been in order, the source limits the step (STOP). If not, our own generator slipped, and the step
//! shows nothing (INCONCLUSIVE).

use super::Context;
use crate::evidence::LoadEvidence;
use crate::finding::{Finding, Missing, Outcome, Reason};
use crate::level::Level;

/// Late or unsent, milliseconds, and how much of it would have been in order.
struct Lateness {
    seen_ms: f64,
    allowed_ms: f64,
}

impl Lateness {
    /// In order by itself; or the source's part alone breaks the limit, and what is left does not.
    fn is_the_sources(&self, blocked_ms: f64) -> bool {
        self.seen_ms <= self.allowed_ms
            || (blocked_ms > self.allowed_ms && self.seen_ms - blocked_ms <= self.allowed_ms)
    }
}

pub(super) fn delivered(context: &Context<'_>, load: &LoadEvidence, hold_s: f64) -> Finding {
    if load.due == 0 {
        return context.not_measured(Missing::NothingSent);
    }
    let percent = load.acked_in_time as f64 * 100.0 / load.due as f64;
    // Unsent records as the time in which they were due. What was sent and not acknowledged in time needs no
    // account: the sender had done its part.
    let hold_ms = hold_s * 1_000.0;
    let allowed = context.bands.go_edge().map_or(0.0, |percent| 1.0 - percent / 100.0);
    let unsent = Lateness {
        seen_ms: hold_ms * load.due.saturating_sub(load.sent) as f64 / load.due as f64,
        allowed_ms: hold_ms * allowed,
    };
    finding(context, load, percent, &unsent)
}

pub(super) fn slip(context: &Context<'_>, load: &LoadEvidence) -> Finding {
    let Some(slip_ms) = load.slip_p99_ms else { return context.not_measured(Missing::NothingSent) };
    let allowed_ms = context.bands.go_edge().unwrap_or(0.0);
    finding(context, load, slip_ms, &Lateness { seen_ms: slip_ms, allowed_ms })
}

fn finding(context: &Context<'_>, load: &LoadEvidence, value: f64, lateness: &Lateness) -> Finding {
    let mut finding = context.by_bands(value, None);
    if finding.outcome.level().is_some_and(|level| level == Level::Stop || level == Level::Warn) {
        let refused = load.source_refused || load.failed > 0;
        let sources = refused || lateness.is_the_sources(load.source_blocked_ms);
        (finding.outcome, finding.reason) = if sources {
            (Outcome::Stop, Reason::SourceLimited)
        } else {
            (Outcome::Inconclusive, Reason::GeneratorSlip)
        };
    }
    finding
}

//! Growth of a backlog, by the test of [`crate::sustained`].

use super::Context;
use crate::finding::{Finding, Missing, Reason};
use crate::sustained::{self, Asked};
use crate::unit::Unit;

/// So many of the ticks must be there: our own sampler is late on a busy machine.
const TICKS_NEEDED: f64 = 0.5;
/// The longest time without a sample is this share of the window, or a second: our own sampler pauses, too.
const LONGEST_GAP_SHARE: f64 = 0.05;
const LONGEST_GAP_S: f64 = 1.0;

/// `samples`: milliseconds since the window began, and the backlog in records. One that is not finite is missing.
pub(super) fn judge(context: &Context<'_>, samples: &[(u64, f64)], every_ms: u64, window_s: f64) -> Finding {
    let Some(limit) = context.bands.go_edge() else { return context.not_measured(Missing::OtherForm) };
    // A share of the asked rate, or records over the window: the second is the first at a rate of one window's
    // worth of records each second.
    let rate_per_sec = match context.criterion.bands().unit() {
        Unit::Percent => match context.asked_per_sec {
            Some(rate) => rate,
            None => return context.not_measured(Missing::NotKnown("the asked rate".to_owned())),
        },
        _ => 100.0 / window_s,
    };
    let asked = Asked { rate_per_sec, hold_s: window_s, fill_s: context.settle_s };
    let there: Vec<(u64, f64)> = samples.iter().copied().filter(|(_, backlog)| backlog.is_finite()).collect();
    if there.is_empty() {
        return context.not_measured(Missing::NotFinite);
    }
    let test = sustained::test(&there, asked, limit);
    let few = (there.len() as f64) < window_s * 1e3 / every_ms as f64 * TICKS_NEEDED;
    let withheld = if there.len() < samples.len() {
        Some(Reason::NotMeasured { why: Missing::NotFinite })
    } else if few || longest_gap_s(&there, window_s) > LONGEST_GAP_S.max(window_s * LONGEST_GAP_SHARE) {
        Some(Reason::NotMeasured { why: Missing::Gap })
    } else {
        context.too_early(window_s)
    };
    let mut finding = match (withheld, test.outcome.level()) {
        (Some(why), Some(crate::Level::Go)) => context.finding(crate::Outcome::Inconclusive, why),
        _ => context.finding(test.outcome, test.reason),
    };
    if !matches!(finding.reason, Reason::NotMeasured { .. } | Reason::TooShort { .. }) {
        finding.band = Some(context.criterion.bands().go().written().to_owned());
    }
    finding.value = test.growth_percent.filter(|growth| growth.is_finite());
    finding.margin = finding.value.map(|value| limit - value);
    finding.n = Some(samples.len() as u64);
    finding
}

/// The longest time between two samples, or at the end of the window. How it begins is not looked at.
fn longest_gap_s(samples: &[(u64, f64)], window_s: f64) -> f64 {
    let mut at_s: Vec<f64> = samples.iter().map(|(at_ms, _)| *at_ms as f64 / 1_000.0).collect();
    at_s.sort_by(f64::total_cmp);
    let end = window_s - at_s.last().copied().unwrap_or(0.0);
    at_s.windows(2).map(|pair| pair[1] - pair[0]).fold(end, f64::max)
}

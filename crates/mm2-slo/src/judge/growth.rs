//! Growth of a backlog, by the test of [`crate::sustained`].

use super::Context;
use crate::finding::{Finding, Missing, Reason};
use crate::sustained::{self, Asked};
use crate::unit::Unit;

/// `samples`: milliseconds since the window began, and the backlog in records.
pub(super) fn judge(context: &Context<'_>, samples: &[(u64, f64)], window_s: f64) -> Finding {
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
    let test = sustained::test(samples, asked, limit);
    let mut finding = match (context.too_early(window_s), test.outcome.level()) {
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

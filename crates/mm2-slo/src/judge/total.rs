//! One number for the whole window, by its bands.

use super::Context;
use crate::finding::{Finding, Missing, Outcome, Reason};
use crate::observations::Total;

pub(super) fn judge(context: &Context<'_>, total: &Total, window_s: f64) -> Finding {
    let Some(factor) = total.unit.factor_to(context.criterion.bands().unit()) else {
        return context.not_measured(Missing::OtherUnit);
    };
    let withheld = if total.complete {
        context.too_early(window_s)
    } else {
        Some(Reason::NotMeasured { why: Missing::Unaccounted })
    };
    let mut finding = context.by_bands(total.value * factor, withheld);
    match (finding.outcome, total.deadline_s) {
        (Outcome::Stop, Some(limit_s)) => finding.reason = Reason::NotRecovered { limit_s },
        (Outcome::Stop | Outcome::Warn, _) if !total.places.is_empty() => {
            let places = total.places.iter().map(|(at, count)| format!("{at}: {count}")).collect();
            finding.reason = Reason::Located { places };
        }
        (Outcome::Go, _) if total.value == 0.0 => finding.reason = Reason::None,
        _ => {}
    }
    finding
}

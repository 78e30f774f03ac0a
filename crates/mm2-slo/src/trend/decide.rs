//! A trend against its limits.

use serde::{Deserialize, Serialize};

use super::analyse::ALPHA;
use super::{Class, Jump, Trend};

/// Growth limits and the shortest window that they are decided on.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Limits {
    /// Growth from here on is WARN, per cent of the level a day.
    pub warn_at_percent_per_day: f64,
    /// Growth from here on is STOP, per cent of the level a day.
    pub stop_at_percent_per_day: f64,
    /// Shorter windows are open, whatever they show, hours. 24: in half a day a curve that fills up with
    /// a time constant of 3 h is a leak in one case of two.
    pub shortest_hours: f64,
}

impl Limits {
    /// Limits that are decided from 24 h on.
    pub fn new(warn_at_percent_per_day: f64, stop_at_percent_per_day: f64) -> Self {
        Self { warn_at_percent_per_day, stop_at_percent_per_day, shortest_hours: 24.0 }
    }

    fn usable(&self) -> bool {
        let warn = self.warn_at_percent_per_day;
        warn.is_finite()
            && warn > 0.0
            && self.stop_at_percent_per_day >= warn
            && !self.shortest_hours.is_nan()
    }
}

/// What a trend comes to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Decision {
    /// Growth at the warn limit is ruled out, over all and in the later half.
    Go,
    /// Growth at or above the warn limit is shown.
    Warn,
    /// Growth at or above the stop limit is shown.
    Stop,
    /// Neither.
    Open {
        /// Why.
        why: Open,
        /// The smallest growth that noise and length let be told from none, per cent of the level a day;
        /// `None` when no growth could be.
        shown_from_percent_per_day: Option<f64>,
    },
}

/// Why a decision is open.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Open {
    /// The bounds hold both less and more than a limit.
    NotShown,
    /// The window, or what follows the last restart, is shorter than the limits ask for.
    TooShort {
        /// Its length, hours.
        have_hours: f64,
        /// What the limits ask for, hours.
        need_hours: f64,
    },
    /// It levels off, but has not been level for long enough to rule growth out.
    StillSettling,
    /// The level jumped by as much as the warn limit allows a day: an event to explain, not a trend.
    Jumped {
        /// When and by how much.
        jump: Jump,
    },
    /// The last hour lies above the line by as much as the warn limit allows a day: something began.
    RisingAtEnd {
        /// How far above, per cent of the level.
        percent: f64,
    },
    /// The warn limit is not above zero, above the stop limit, or not a number.
    LimitsUnusable,
}

/// Holds a trend against limits.
///
/// GO is a proof: the upper bounds of all that is judged and of its later half are below the warn limit,
/// the level did not jump and the end does not lie above the line. STOP and WARN are proofs too: growing
/// (p < 0.01, and still in the later half) with a lower bound at or above the limit. All else is open,
/// and so is a series that levels off until its later half rules growth out.
pub fn decide(trend: &Trend, limits: &Limits) -> Decision {
    let shown_from = trend.growth.lower.map(|lower| trend.growth.percent_per_day - lower);
    let open = |why| Decision::Open { why, shown_from_percent_per_day: shown_from };
    let warn = limits.warn_at_percent_per_day;
    if !limits.usable() {
        return open(Open::LimitsUnusable);
    }
    if trend.window_hours < limits.shortest_hours {
        let (have_hours, need_hours) = (trend.window_hours, limits.shortest_hours);
        return open(Open::TooShort { have_hours, need_hours });
    }
    if let Some(jump) = trend.jump.filter(|jump| jump.percent.abs() >= warn) {
        return open(Open::Jumped { jump });
    }
    let below = |upper: Option<f64>| upper.is_some_and(|upper| upper < warn);
    if below(trend.growth.upper) && below(trend.late.upper) {
        if trend.end_above_line_percent < warn {
            return Decision::Go;
        }
        return open(Open::RisingAtEnd { percent: trend.end_above_line_percent });
    }
    let reaches = |lower: Option<f64>, limit: f64| lower.is_some_and(|lower| lower >= limit);
    let shown = |limit: f64| {
        reaches(trend.growth.lower, limit) && (!trend.started_steeper || reaches(trend.late.lower, limit))
    };
    match trend.class {
        Class::Growing if trend.p < ALPHA && shown(limits.stop_at_percent_per_day) => Decision::Stop,
        Class::Growing if trend.p < ALPHA && shown(warn) => Decision::Warn,
        Class::Saturating => open(Open::StillSettling),
        Class::Growing if trend.started_steeper => open(Open::StillSettling),
        _ => open(Open::NotShown),
    }
}

//! The proof of a percentile: are fewer than 1 % of the records (for a p99) at or over the limit?
//!
//! A percentile read off a histogram passes by luck when records are few, and one pause makes thousands
//! of records late together. Here the share is bounded (Clopper–Pearson, one-sided 95 % each way) after
//! counts were divided by the design effect. Not here: which finding it becomes (`judge`).

use crate::evidence::Block;
use crate::finding::{Outcome, Reason};
use crate::number;
use crate::stats::design_effect;
pub use crate::stats::{Bounds, clopper_pearson};

/// The share that makes a p99: 1 %.
pub const P99: f64 = 0.01;
/// A longer hold than a day is no advice.
const LONGEST_HOLD_S: u64 = 86_400;

/// Records of a hold, how many were at or over the limit, and how much they came in clumps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tally {
    /// Records in all blocks.
    pub records: u64,
    /// Of these, at or over the limit.
    pub over: u64,
    /// By what the counts are divided before they are bounded; 1 when records are late independently.
    pub design_effect: f64,
}

impl Tally {
    /// Sums up blocks of 1 s in order of time; see [`design_effect`].
    pub fn of(blocks: &[Block]) -> Self {
        let counts: Vec<(u64, u64)> = blocks.iter().map(|b| (b.records, b.over.min(b.records))).collect();
        let sum = |count: fn(&(u64, u64)) -> u64| counts.iter().map(count).fold(0, u64::saturating_add);
        Self { records: sum(|c| c.0), over: sum(|c| c.1), design_effect: design_effect(&counts) }
    }

    /// Bounds of the share that `times` as many records of the same kind would give.
    fn bounds(&self, times: f64) -> Bounds {
        let by = times / self.design_effect;
        clopper_pearson(self.over as f64 * by, self.records as f64 * by)
    }

    /// The shortest hold in whole seconds that would settle the question at the same shares and clumps;
    /// `None` when none up to a day would.
    fn hold_needed_s(&self, hold_s: f64, share: f64) -> Option<u64> {
        if self.records == 0 || !(hold_s.is_finite() && hold_s > 0.0) {
            return None;
        }
        let settles = |seconds: u64| {
            let times = seconds as f64 / hold_s;
            self.records as f64 * times >= min_records(share) as f64
                && self.bounds(times).side(share) != Side::Open
        };
        let (mut short, mut long) = (number::ceil(hold_s)?, LONGEST_HOLD_S);
        if !settles(long) {
            return None;
        }
        while short < long {
            let middle = short.midpoint(long);
            if settles(middle) { long = middle } else { short = middle + 1 }
        }
        Some(long)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Within,
    Beyond,
    Open,
}

impl Bounds {
    fn side(self, share: f64) -> Side {
        if self.upper < share {
            Side::Within
        } else if self.lower >= share {
            Side::Beyond
        } else {
            Side::Open
        }
    }
}

/// Fewer records than this prove nothing. With none over the limit, 3 ÷ share bound it at 95 % (the rule of three,
/// Hanley and Lippman-Hand 1983): 300 for a p99, where 299 would do (0.99^299 < 5 %).
pub fn min_records(share: f64) -> u64 {
    number::ceil(3.0 / share - 1e-6).unwrap_or(u64::MAX)
}

/// Whether `blocks` prove that less than `share` (0 to 1; [`P99`] for a p99) of the records are at or over the limit,
/// prove the contrary, or neither.
///
/// `hold_s` is the hold that they were taken over, seconds; it only serves the advice for a longer one.
pub fn prove(blocks: &[Block], hold_s: f64, share: f64) -> (Outcome, Reason) {
    let tally = Tally::of(blocks);
    let need = min_records(share);
    if tally.records < need {
        let hold_needed_s = tally.hold_needed_s(hold_s, share);
        let reason = Reason::TooFew { have: tally.records, need, hold_needed_s };
        return (Outcome::Inconclusive, reason);
    }
    let bounds = tally.bounds(1.0);
    let (lower, upper) = (bounds.lower * 100.0, bounds.upper * 100.0);
    match bounds.side(share) {
        Side::Within => (Outcome::Go, Reason::ProvenWithin { lower, upper }),
        Side::Beyond => (Outcome::Stop, Reason::ProvenBeyond { lower, upper }),
        Side::Open => {
            let hold_needed_s = tally.hold_needed_s(hold_s, share);
            (Outcome::Inconclusive, Reason::NotProven { lower, upper, hold_needed_s })
        }
    }
}

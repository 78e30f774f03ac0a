//! The proof of the p99: are fewer than 1 % of the records at or over the limit?
//!
//! A percentile read off a histogram passes by luck when records are few, and one pause makes thousands
//! of records late together. Here the share is bounded (Clopper–Pearson, one-sided 95 % each way) after
//! counts were divided by the design effect over 1 s blocks. Not here: which finding it becomes (`judge`).

use crate::evidence::Block;
use crate::finding::{Outcome, Reason};
use crate::number;
pub use crate::stats::{Bounds, clopper_pearson};

/// Fewer records than this prove nothing: with none over the limit, 299 are needed (0.99^299 < 5 %).
pub const MIN_RECORDS: u64 = 300;
/// The share that makes a p99: 1 %.
const SHARE: f64 = 0.01;
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
    /// Sums 1 s blocks up. deff = max(1, Σ_b (k_b − s·n_b)² / (n·s·(1−s))), s = k/n.
    pub fn of(blocks: &[Block]) -> Self {
        let records = blocks.iter().map(|b| b.records).sum::<u64>();
        let over = blocks.iter().map(|b| b.over.min(b.records)).sum::<u64>();
        let mut tally = Self { records, over, design_effect: 1.0 };
        if over > 0 && over < records {
            let share = tally.share();
            let spread: f64 = blocks
                .iter()
                .map(|b| (b.over.min(b.records) as f64 - share * b.records as f64).powi(2))
                .sum();
            tally.design_effect = (spread / (records as f64 * share * (1.0 - share))).max(1.0);
        }
        tally
    }

    fn share(&self) -> f64 {
        self.over as f64 / self.records as f64
    }

    /// Bounds of the share that `times` as many records of the same kind would give.
    fn bounds(&self, times: f64) -> Bounds {
        let by = times / self.design_effect;
        clopper_pearson(self.over as f64 * by, self.records as f64 * by)
    }

    /// The shortest hold in whole seconds that would settle the question at the same shares and clumps;
    /// `None` when none up to a day would.
    fn hold_needed_s(&self, hold_s: f64) -> Option<u64> {
        if self.records == 0 || !(hold_s.is_finite() && hold_s > 0.0) {
            return None;
        }
        let settles = |seconds: u64| {
            let times = seconds as f64 / hold_s;
            self.records as f64 * times >= MIN_RECORDS as f64 && self.bounds(times).side() != Side::Open
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
    fn side(self) -> Side {
        if self.upper < SHARE {
            Side::Within
        } else if self.lower >= SHARE {
            Side::Beyond
        } else {
            Side::Open
        }
    }
}

/// Whether `blocks` prove that fewer than 1 % are at or over the limit, prove the contrary, or neither.
///
/// `hold_s` is the hold that they were taken over, seconds; it only serves the advice for a longer one.
pub fn prove(blocks: &[Block], hold_s: f64) -> (Outcome, Reason) {
    let tally = Tally::of(blocks);
    if tally.records < MIN_RECORDS {
        let hold_needed_s = tally.hold_needed_s(hold_s);
        let reason = Reason::TooFew { have: tally.records, need: MIN_RECORDS, hold_needed_s };
        return (Outcome::Inconclusive, reason);
    }
    let bounds = tally.bounds(1.0);
    let (lower_percent, upper_percent) = (bounds.lower * 100.0, bounds.upper * 100.0);
    match bounds.side() {
        Side::Within => (Outcome::Go, Reason::ProvenWithin { lower_percent, upper_percent }),
        Side::Beyond => (Outcome::Stop, Reason::ProvenBeyond { lower_percent, upper_percent }),
        Side::Open => {
            let hold_needed_s = tally.hold_needed_s(hold_s);
            (Outcome::Inconclusive, Reason::NotProven { lower_percent, upper_percent, hold_needed_s })
        }
    }
}

//! Does the chain keep up? The slope of the backlog over the hold, with bounds.
//!
//! A ratio received ÷ acknowledged is no test: it fails healthy chains by latency ÷ hold. The lowest
//! backlog of each of eight blocks leaves batches and pauses out; a line through the eight says what
//! the chain loses per second, and how sure that is. Not here: which finding it becomes (`judge`).

use crate::finding::{Missing, Outcome, Reason};
use crate::number;
use crate::stats::{Line, block_minima};

/// Blocks of equal time that the window is cut into.
const BLOCKS: usize = 8;
/// A shorter window shows batches, not a trend.
const SHORTEST_WINDOW_S: f64 = 8.0;
/// The share of a hold that belongs to its start.
const START_SHARE: f64 = 0.2;
/// A longer hold than a day is no advice.
const LONGEST_HOLD_S: u64 = 86_400;

/// What a step asked, as far as the test needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asked {
    /// Records per second.
    pub rate_per_sec: f64,
    /// How long the load was on, seconds.
    pub hold_s: f64,
    /// How long a chain may still be filling up, seconds: a step's p99 limit.
    pub fill_s: f64,
}

/// What the test came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Sustained {
    /// Growth of the backlog, per cent of the asked rate; `None` when no line could be drawn.
    pub growth_percent: Option<f64>,
    /// GO, STOP or INCONCLUSIVE.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
}

/// Tests `samples` (milliseconds since the load went on, backlog in records; any order) for growth above
/// `limit_percent` of the asked rate.
pub fn test(samples: &[(u64, f64)], asked: Asked, limit_percent: f64) -> Sustained {
    let start_s = (START_SHARE * asked.hold_s).max(asked.fill_s);
    let window_s = asked.hold_s - start_s;
    let askable = asked.rate_per_sec.is_finite() && asked.rate_per_sec > 0.0;
    if !window_s.is_finite() || !askable || samples.iter().any(|(_, backlog)| !backlog.is_finite()) {
        return undecided(Reason::NotMeasured { why: Missing::NotFinite });
    }
    if window_s < SHORTEST_WINDOW_S {
        let hold = hold_for_window(SHORTEST_WINDOW_S, asked.fill_s);
        return undecided(Reason::TooShort { hold_needed_s: number::ceil(hold).unwrap_or(LONGEST_HOLD_S) });
    }
    let placed =
        samples.iter().map(|(at_ms, backlog)| ((*at_ms as f64 / 1_000.0 - start_s) / window_s, *backlog));
    let Some(minima) = block_minima::<BLOCKS>(placed) else {
        return undecided(Reason::NotMeasured { why: Missing::Gap });
    };
    let Some(line) = Line::through(&minima, window_s / BLOCKS as f64) else {
        return undecided(Reason::NotMeasured { why: Missing::NotFinite });
    };
    let percent = 100.0 / asked.rate_per_sec;
    let growth = line.slope * percent;
    let margin = line.margin() * percent;
    let (lower, upper) = (growth - margin, growth + margin);

    let (outcome, reason) = if lower > limit_percent {
        (Outcome::Stop, Reason::ProvenBeyond { lower, upper })
    } else if upper <= limit_percent {
        (Outcome::Go, Reason::ProvenWithin { lower, upper })
    } else {
        // With as much noise in the minima, the margin shrinks as the window grows.
        let longer = margin / (limit_percent - growth).abs();
        let hold_needed_s = number::ceil(hold_for_window(window_s * longer, asked.fill_s))
            .filter(|hold| *hold <= LONGEST_HOLD_S);
        (Outcome::Inconclusive, Reason::NotProven { lower, upper, hold_needed_s })
    };
    Sustained { growth_percent: Some(growth), outcome, reason }
}

fn undecided(reason: Reason) -> Sustained {
    Sustained { growth_percent: None, outcome: Outcome::Inconclusive, reason }
}

/// The hold that leaves `window_s` after its start.
fn hold_for_window(window_s: f64, fill_s: f64) -> f64 {
    (window_s / (1.0 - START_SHARE)).max(window_s + fill_s)
}

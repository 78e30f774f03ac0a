//! Growth over a long run: does memory, a thread count or a backlog floor creep up over a day?
//!
//! Samples go into [`TrendBlocks`] as they come (15 min blocks, each its floor or its middle);
//! [`TrendBlocks::analyse`] turns the blocks into a [`Trend`]: growth in per cent of the level a day with
//! bounds, or a typed reason why not; [`decide`] holds that against limits. GO is a proof that growth is
//! absent, not that none was noticed, and a curve that levels off is never called a leak. For half an
//! hour, not a day, there is [`stable`].
//!
//! The load must have been constant; whether it was is for the caller to see. Bounds are one-sided 95 %
//! each way, widened for autocorrelation. How often all of this errs is measured by
//! `cargo run --release -p mm2-slo --example simulate`.
//!
//! ```
//! use mm2_slo::trend::{Class, Decision, Limits, Pick, TrendBlocks, Window, decide};
//!
//! const HOUR_MS: u64 = 3_600_000;
//! let mut heap = TrendBlocks::new(Window::new(0, 24 * HOUR_MS), Pick::Floor)?;
//! for minute in 0..24 * 60 {
//!     let live_mb = 1_000.0 + 0.4 * minute as f64; // 576 MB a day
//!     let garbage_mb = (minute * 7 % 40) as f64 * 20.0;
//!     heap.push(minute * 60_000, live_mb + garbage_mb);
//! }
//! let trend = heap.analyse()?;
//! assert_eq!(trend.class, Class::Growing);
//! assert!((trend.growth.percent_per_day - 57.6).abs() < 2.0, "{trend:?}");
//! assert_eq!(decide(&trend, &Limits::new(10.0, 50.0)), Decision::Stop);
//! # Ok::<(), mm2_slo::trend::NotJudged>(())
//! ```

mod analyse;
mod blocks;
mod decide;
mod settle;
mod stable;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use blocks::{MOST_BLOCKS, Pick, TrendBlocks, Window};
pub use decide::{Decision, Limits, Open, decide};
pub use stable::{Drift, stable};

/// How a series went, its warm-up left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Class {
    /// No growth and no fall that stands out of the noise.
    Flat,
    /// Grows, and still did in the later half.
    Growing,
    /// Grew at first, and in the later half at half of that or less: it fills up to a level.
    Saturating,
    /// Falls.
    Shrinking,
    /// A rise that is neither: a jump, say, or growth that the later half does not show.
    Unknown,
}

/// A growth with its bounds, per cent of the level a day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Growth {
    /// Theil–Sen slope.
    pub percent_per_day: f64,
    /// One-sided 95 % lower bound; `None` where the values bound nothing.
    pub lower: Option<f64>,
    /// One-sided 95 % upper bound; `None` where the values bound nothing.
    pub upper: Option<f64>,
}

/// A change of level within an hour that stands out of the noise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Jump {
    /// When, hours after the window's start.
    pub at_hours: f64,
    /// By how much, per cent of the level; below 0 for a fall.
    pub percent: f64,
}

/// What a window of samples shows. Levels and slopes are in the signal's own unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Trend {
    /// How the series went.
    pub class: Class,
    /// Growth of the part that is judged: after the warm-up, and when saturating its later half.
    pub growth: Growth,
    /// Growth of the later half of what follows the warm-up, by itself: what began late shows here.
    pub late: Growth,
    /// Slope of the judged part, unit an hour.
    pub slope_per_hour: f64,
    /// Upper bound of that slope, unit an hour.
    pub slope_per_hour_upper: Option<f64>,
    /// The level that growth is a share of: the fitted line at the window's start (at the start of the
    /// judged part where there was a plateau to wait for), but not below the lowest block.
    pub level: f64,
    /// The fitted line at the window's end.
    pub level_at_end: f64,
    /// One-sided p of an increase in the judged part (Mann–Kendall after Hamed and Rao).
    pub p: f64,
    /// Length of the window, hours: since the last restart.
    pub window_hours: f64,
    /// Where the judged part begins, hours after the window's start.
    pub judged_from_hours: f64,
    /// When the start's own slope was over, hours after the window's start; `None` when it had not ended
    /// by half of the window.
    pub plateau_after_hours: Option<f64>,
    /// The start was longer than the shortest warm-up, and steeper than what followed: growth is then only
    /// shown by the later half, in case that is still filling up, too.
    pub started_steeper: bool,
    /// Blocks with enough samples.
    pub blocks: usize,
    /// Blocks that the window has.
    pub blocks_expected: usize,
    /// Medians of the blocks of each quarter of the window.
    pub quarter_medians: [f64; 4],
    /// Lowest and highest block of the window.
    pub range: (f64, f64),
    /// How far the last hour lies above the fitted line, per cent of the level.
    pub end_above_line_percent: f64,
    /// The largest jump that stands out, if one does.
    pub jump: Option<Jump>,
    /// Restarts that were marked; only what follows the last one is judged.
    pub restarts: u32,
}

/// When a limit would be reached if growth went on as it did.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Projection {
    /// Hours after the window's end at the fitted slope; `None` when that never reaches the limit.
    pub expected_hours: Option<f64>,
    /// Hours after the window's end at the slope's upper bound, the earliest that is likely; `None` when
    /// even that never reaches the limit, 0 when the slope has no upper bound.
    pub earliest_hours: Option<f64>,
}

impl Trend {
    /// When the series would reach `limit` (in its own unit), growing on in a line.
    pub fn hours_until(&self, limit: f64) -> Projection {
        let left = limit - self.level_at_end;
        let at = |slope: f64| {
            if left <= 0.0 {
                return Some(0.0);
            }
            Some(left / slope).filter(|hours| slope > 0.0 && hours.is_finite())
        };
        Projection {
            expected_hours: at(self.slope_per_hour),
            earliest_hours: self.slope_per_hour_upper.map_or(Some(0.0), at),
        }
    }
}

/// Why a series was not judged.
#[derive(Debug, Clone, Copy, PartialEq, Error, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
#[non_exhaustive]
pub enum NotJudged {
    /// The window ends before it starts, has no blocks, or more than [`MOST_BLOCKS`].
    #[error("a window of {blocks} blocks cannot be judged; hint: 1 to 2000 blocks, set by their length")]
    Window {
        /// Whole blocks between start and end.
        blocks: u64,
    },
    /// The window, or what follows the last restart, is too short for any statement.
    #[error("{have_hours:.1} h since the start or the last restart; {need_hours:.1} h are needed")]
    TooShort {
        /// Its length, hours.
        have_hours: f64,
        /// The shortest that is looked at, hours.
        need_hours: f64,
    },
    /// Too many blocks without samples, or too many in a row.
    #[error("{missing} of {expected} blocks have too few samples, up to {longest} in a row")]
    Gaps {
        /// Blocks with too few samples.
        missing: usize,
        /// Blocks that the window has.
        expected: usize,
        /// The most in a row.
        longest: usize,
    },
    /// One of the few blocks of a short window has no sample.
    #[error("one of {of} blocks has no sample")]
    EmptyBlock {
        /// Blocks of the window.
        of: usize,
    },
    /// The last block has too few samples: what happened at the end is not known.
    #[error("samples end at {last_hours:.1} h of a window of {window_hours:.1} h")]
    EndMissing {
        /// The last block with enough samples, hours after the start.
        last_hours: f64,
        /// The window, hours.
        window_hours: f64,
    },
    /// A share of the level cannot be told of a level that is not above zero.
    #[error("the level at the start is not above zero: {level}")]
    LevelNotAboveZero {
        /// The level.
        level: f64,
    },
    /// Values so large that figures overflow.
    #[error("values are too large to compute with")]
    NotFinite,
}

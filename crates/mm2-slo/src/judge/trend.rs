//! Growth over a day, by [`crate::trend`]: each series by itself, the worst decides.

use super::Context;
use crate::criterion::Rule;
use crate::finding::{Finding, Missing, Outcome, Reason};
use crate::number;
use crate::observations::{Kind, Source};
use crate::trend::{
    Class, Decision, Limits, MOST_BLOCKS, NotJudged, Open, Pick, Trend, TrendBlocks, Window, decide,
};
use crate::wire::v1::BlockBy;

/// The blocks that must be there, per cent: `trend` refuses fewer.
const BLOCKS_NEEDED_PERCENT: f64 = 90.0;
/// And of the samples in them: blocks that are all as thin look whole to each other.
const SAMPLES_NEEDED_PERCENT: f64 = 90.0;

/// One value a block and series.
#[derive(Debug, Clone)]
pub(crate) struct Followed {
    blank: TrendBlocks,
    factor: f64,
    every_ms: u64,
    start_ms: u64,
    expected: Option<usize>,
    lanes: Vec<Lane>,
}

#[derive(Debug, Clone)]
struct Lane {
    name: String,
    blocks: TrendBlocks,
    samples: u64,
    last_ms: u64,
    longest_gap_ms: u64,
}

impl Followed {
    pub(super) fn new(context: &Context<'_>, source: Source) -> Result<Self, Missing> {
        let Rule::Trend { block_s, by } = context.criterion.rule else { return Err(Missing::OtherForm) };
        if source.kind != Kind::Gauge {
            return Err(Missing::OtherForm);
        }
        let factor = source.unit.factor_to(context.criterion.unit()).ok_or(Missing::OtherUnit)?;
        let start_ms = number::nearest(context.settle_s * 1e3).max(source.looks_back_ms);
        let block_ms = number::nearest(block_s * 1e3).max(1);
        let pick = match by {
            BlockBy::Floor => Pick::Floor,
            BlockBy::Middle => Pick::Middle,
        };
        // As long as can be: the end is only known when it is asked for.
        let end_ms = start_ms.saturating_add(block_ms.saturating_mul(MOST_BLOCKS as u64));
        let window = Window::new(start_ms, end_ms).block_ms(block_ms);
        let blank = TrendBlocks::new(window, pick).map_err(|_| Missing::OtherForm)?;
        let (every_ms, expected) = (source.every_ms.max(1), source.expected);
        Ok(Self { blank, factor, every_ms, start_ms, expected, lanes: Vec::new() })
    }

    pub(super) fn lane(&mut self, name: &str) -> usize {
        self.lanes.push(Lane {
            name: name.to_owned(),
            blocks: self.blank.clone(),
            samples: 0,
            last_ms: self.start_ms,
            longest_gap_ms: 0,
        });
        self.lanes.len() - 1
    }

    pub(super) fn push(&mut self, lane: usize, at_ms: u64, value: f64) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            if at_ms >= self.start_ms && value.is_finite() {
                lane.samples += 1;
                lane.longest_gap_ms = lane.longest_gap_ms.max(at_ms.saturating_sub(lane.last_ms));
                lane.last_ms = at_ms;
            }
            lane.blocks.push(at_ms, value * self.factor);
        }
    }

    pub(super) fn finish(&self, context: &Context<'_>, window_s: f64) -> Finding {
        let Some(end_ms) = number::ceil(window_s * 1e3) else {
            return context.not_measured(Missing::NotFinite);
        };
        let seen = self.lanes.len();
        let fewer = self.expected.filter(|expected| seen < *expected);
        let fewer =
            fewer.map(|expected| Reason::FewerSeries { seen: seen as u64, expected: expected as u64 });
        let each = self.lanes.iter().map(|lane| {
            let mut finding = match lane.blocks.clone().until(end_ms).analyse() {
                Ok(trend) => decided(context, &trend, window_s),
                Err(why) => not_judged(context, why),
            };
            let withheld = fewer.clone().or_else(|| self.thin(lane, end_ms));
            if let (Outcome::Go | Outcome::Warn, Some(why)) = (finding.outcome, withheld) {
                (finding.outcome, finding.reason) = (Outcome::Inconclusive, why);
            }
            finding.series = Some(lane.name.clone()).filter(|name| !name.is_empty());
            finding
        });
        each.reduce(|worst, next| if next.level() > worst.level() { next } else { worst })
            .unwrap_or_else(|| context.not_measured(Missing::NoData))
    }
}

impl Followed {
    fn thin(&self, lane: &Lane, end_ms: u64) -> Option<Reason> {
        let expected = (end_ms.saturating_sub(self.start_ms) / self.every_ms).max(1);
        let percent = lane.samples as f64 * 100.0 / expected as f64;
        (percent < SAMPLES_NEEDED_PERCENT).then_some(Reason::LowCoverage {
            coverage_percent: percent,
            needed_percent: SAMPLES_NEEDED_PERCENT,
            longest_gap_s: lane.longest_gap_ms as f64 / 1_000.0,
        })
    }
}

fn decided(context: &Context<'_>, trend: &Trend, window_s: f64) -> Finding {
    let (Some(warn), Some(stop)) = (context.bands.go_edge(), context.bands.stop_edge()) else {
        return context.not_measured(Missing::OtherForm);
    };
    let mut limits = Limits::new(warn, stop);
    if context.criterion.not_before_s > 0.0 {
        limits.shortest_hours = context.criterion.not_before_s / 3_600.0;
    }
    let grows = |class: &str, detectable_percent| Reason::Grows {
        class: class.to_owned(),
        lower: trend.growth.lower.unwrap_or(f64::MIN),
        upper: trend.growth.upper.unwrap_or(f64::MAX),
        detectable_percent,
    };
    let (outcome, limit, reason) = match decide(trend, &limits) {
        Decision::Go => (Outcome::Go, warn, grows(class(trend.class), None)),
        Decision::Warn => (Outcome::Warn, warn, grows(class(trend.class), None)),
        Decision::Stop => (Outcome::Stop, stop, grows(class(trend.class), None)),
        Decision::Open { why: Open::TooShort { need_hours, .. }, .. } => {
            let hold_needed_s = number::ceil(need_hours * 3_600.0).unwrap_or(u64::MAX);
            (Outcome::Inconclusive, warn, Reason::TooShort { hold_needed_s })
        }
        Decision::Open { why, shown_from_percent_per_day } => {
            let looks = match why {
                Open::Jumped { .. } => "jumped",
                Open::RisingAtEnd { .. } => "rising at the end",
                _ => class(trend.class),
            };
            (Outcome::Inconclusive, warn, grows(looks, shown_from_percent_per_day))
        }
    };
    let reason = match (outcome, context.too_early(window_s)) {
        (Outcome::Go | Outcome::Warn, Some(why)) => return context.finding(Outcome::Inconclusive, why),
        _ => reason,
    };
    let mut finding = context.finding(outcome, reason).against(Some(limit));
    finding.value = Some(trend.growth.percent_per_day).filter(|growth| growth.is_finite());
    finding.margin = finding.value.map(|value| warn - value);
    finding.n = Some(trend.blocks as u64);
    finding.coverage_percent = Some(trend.blocks as f64 * 100.0 / (trend.blocks_expected as f64).max(1.0));
    finding
}

fn class(class: Class) -> &'static str {
    match class {
        Class::Flat => "flat",
        Class::Growing => "growing",
        Class::Saturating => "saturating",
        Class::Shrinking => "shrinking",
        Class::Unknown => "unknown",
    }
}

fn not_judged(context: &Context<'_>, why: NotJudged) -> Finding {
    let thin = |share: f64, longest_gap_s| Reason::LowCoverage {
        coverage_percent: share * 100.0,
        needed_percent: BLOCKS_NEEDED_PERCENT,
        longest_gap_s,
    };
    let block_s = match context.criterion.rule {
        Rule::Trend { block_s, .. } => block_s,
        _ => 0.0,
    };
    let reason = match why {
        NotJudged::TooShort { need_hours, .. } => {
            Reason::TooShort { hold_needed_s: number::ceil(need_hours * 3_600.0).unwrap_or(u64::MAX) }
        }
        NotJudged::Window { .. } => {
            Reason::TooShort { hold_needed_s: number::ceil(block_s).unwrap_or(u64::MAX) }
        }
        NotJudged::Gaps { missing, expected, longest } => {
            if missing >= expected {
                return context.not_measured(Missing::NoData);
            }
            thin(1.0 - missing as f64 / expected as f64, longest as f64 * block_s)
        }
        NotJudged::EndMissing { last_hours, window_hours } => {
            thin(last_hours / window_hours, (window_hours - last_hours) * 3_600.0)
        }
        NotJudged::LevelNotAboveZero { .. } => return context.not_measured(Missing::LevelNotAboveZero),
        _ => return context.not_measured(Missing::NotFinite),
    };
    context.finding(Outcome::Inconclusive, reason)
}

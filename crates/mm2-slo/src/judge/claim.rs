//! A percentile of records under a limit: proved, refuted, or open.

use super::Context;
use crate::evidence::Block;
use crate::finding::{Finding, Missing, Outcome, Reason};
use crate::observations::{Histogram, Latency};
use crate::proof;
use crate::unit::Unit;

/// Two limits that differ by less than this share of them are one.
const SAME: f64 = 1e-9;
/// The longest time without anything is this share of the window, or so many scrapes, seconds or usual distances
/// between records, whichever is more: nobody saw what was in it.
const LONGEST_GAP_SHARE: f64 = 0.01;
const LONGEST_GAP_TICKS: f64 = 3.0;
const LONGEST_GAP_RECORDS: f64 = 10.0;
/// Of the scrapes, so many must be usable, per cent.
const SCRAPES_NEEDED_PERCENT: f64 = 90.0;

pub(super) fn of_records(context: &Context<'_>, share: f64, latency: &Latency, window_s: f64) -> Finding {
    let to_unit = Unit::Ms.factor_to(context.criterion.bands().unit()).unwrap_or(1.0);
    let Some(limit) = context.bands.go_edge() else { return context.not_measured(Missing::OtherForm) };
    let counted = latency.limit_ms * to_unit;
    // Not a number is not the same either.
    let same = (counted - limit).abs() <= limit.abs() * SAME;
    if !same {
        return context.not_measured(Missing::OtherLimit);
    }
    let (outcome, reason) = proof::prove(&latency.blocks, window_s, share);
    let withheld = if latency.complete {
        context.too_early(window_s).or_else(|| silent(latency, window_s))
    } else {
        Some(Reason::NotMeasured { why: Missing::Unaccounted })
    };
    let mut finding = finish(context, outcome, reason, withheld);
    finding.n = Some(latency.blocks.iter().fold(0, |n, block| n.saturating_add(block.records)));
    finding.value = latency.p_ms.map(|ms| ms * to_unit);
    finding.margin = finding.value.map(|value| limit - value);
    finding
}

/// A part of the window in which no record was due.
fn silent(latency: &Latency, window_s: f64) -> Option<Reason> {
    let records = latency.blocks.iter().fold(0, |n: u64, block| n.saturating_add(block.records));
    if !latency.in_seconds || !window_s.is_finite() || records == 0 {
        return None;
    }
    let rows = latency.blocks.chunk_by(|a, b| (a.records == 0) == (b.records == 0));
    let silences = rows.filter(|row| row.iter().all(|block| block.records == 0)).map(|row| row.len() as f64);
    let longest_s = silences.fold(window_s - latency.blocks.len() as f64, f64::max);
    let allowed_s = LONGEST_GAP_TICKS.max(LONGEST_GAP_RECORDS * window_s / records as f64);
    gap(longest_s, allowed_s, window_s)
}

fn gap(longest_s: f64, allowed_s: f64, window_s: f64) -> Option<Reason> {
    let allowed_s = allowed_s.max(window_s * LONGEST_GAP_SHARE);
    let percent = |without_s: f64| (1.0 - without_s / window_s) * 100.0;
    (longest_s > allowed_s).then(|| Reason::LowCoverage {
        coverage_percent: percent(longest_s),
        needed_percent: percent(allowed_s),
        longest_gap_s: longest_s,
    })
}

fn finish(context: &Context<'_>, outcome: Outcome, reason: Reason, withheld: Option<Reason>) -> Finding {
    let mut finding = match (outcome, withheld) {
        (Outcome::Go, Some(why)) => context.finding(Outcome::Inconclusive, why),
        (outcome, _) => context.finding(outcome, reason),
    };
    finding.band = Some(context.criterion.bands().go().written().to_owned());
    finding
}

/// Bucket arithmetic instead of an interpolated percentile. Where the limit lies between two bounds, GO must hold
/// at the lower one and STOP at the upper one.
pub(super) fn of_histogram(context: &Context<'_>, share: f64, seen: &Histogram, window_s: f64) -> Finding {
    let Some(factor) = seen.unit.factor_to(context.criterion.bands().unit()) else {
        return context.not_measured(Missing::OtherUnit);
    };
    let Some(limit) = context.bands.go_edge() else { return context.not_measured(Missing::OtherForm) };
    let bounds: Vec<f64> = seen.bounds.iter().map(|bound| bound * factor).collect();
    let ascending = bounds.windows(2).all(|pair| pair[0] < pair[1]) && bounds.iter().all(|b| b.is_finite());
    if !ascending {
        return context.not_measured(Missing::NotFinite);
    }
    let tolerance = limit.abs() * SAME;
    let (Some(below), Some(above)) = (
        bounds.iter().rposition(|bound| *bound <= limit + tolerance),
        bounds.iter().position(|bound| *bound >= limit - tolerance),
    ) else {
        return context.not_measured(Missing::BucketTooCoarse);
    };
    let Some(strict) = blocks(seen, below) else { return context.not_measured(Missing::NoData) };
    let (outcome, reason) = proof::prove(&strict, window_s, share);
    let (outcome, reason) = match outcome {
        Outcome::Stop if above != below => {
            let lenient = blocks(seen, above).unwrap_or_default();
            match proof::prove(&lenient, window_s, share) {
                (Outcome::Go, _) => {
                    (Outcome::Inconclusive, Reason::NotMeasured { why: Missing::BucketTooCoarse })
                }
                lenient => lenient,
            }
        }
        _ => (outcome, reason),
    };
    let withheld = context.too_early(window_s).or_else(|| unscraped(seen, window_s));
    let mut finding = finish(context, outcome, reason, withheld);
    finding.n = Some(strict.iter().fold(0, |n, block| n.saturating_add(block.records)));
    finding
}

/// A part of the window that no usable scrape looked at. A restart in it takes what was counted before.
fn unscraped(seen: &Histogram, window_s: f64) -> Option<Reason> {
    let seconds = |at_ms: u64| at_ms as f64 / 1_000.0;
    let mut all: Vec<u64> = seen.scrapes.iter().map(|(at_ms, _)| *at_ms).collect();
    all.sort_unstable();
    let tick_s =
        crate::stats::median(&mut all.windows(2).map(|pair| seconds(pair[1] - pair[0])).collect::<Vec<_>>())?;
    let there: Vec<f64> = usable(seen).into_iter().map(|(at_ms, _)| seconds(at_ms)).collect();
    let ends = there.first()?.max(window_s - there.last()?);
    let longest_s = there.windows(2).map(|pair| pair[1] - pair[0]).fold(ends, f64::max);
    let percent = there.len() as f64 * 100.0 / all.len() as f64;
    let thin = (percent < SCRAPES_NEEDED_PERCENT).then_some(Reason::LowCoverage {
        coverage_percent: percent,
        needed_percent: SCRAPES_NEEDED_PERCENT,
        longest_gap_s: longest_s,
    });
    thin.or_else(|| gap(longest_s, LONGEST_GAP_TICKS * tick_s, window_s))
}

/// The scrapes whose counts can be right, in order of time.
fn usable(seen: &Histogram) -> Vec<(u64, &Vec<f64>)> {
    let usable = |counts: &&Vec<f64>| {
        counts.len() == seen.bounds.len() + 1
            && counts.iter().all(|count| count.is_finite() && *count >= 0.0)
            && counts.windows(2).all(|pair| pair[0] <= pair[1])
    };
    let mut scrapes: Vec<(u64, &Vec<f64>)> = seen
        .scrapes
        .iter()
        .map(|(at_ms, counts)| (*at_ms, counts))
        .filter(|(_, counts)| usable(counts))
        .collect();
    scrapes.sort_by_key(|(at_ms, _)| *at_ms);
    scrapes
}

/// What came between scrapes, and how much of it was over the bound at `index`; `None` without two scrapes that
/// can be used. A count that fell is a restart: then all of it is new.
fn blocks(seen: &Histogram, index: usize) -> Option<Vec<Block>> {
    let scrapes = usable(seen);
    if scrapes.len() < 2 {
        return None;
    }
    let all = seen.bounds.len();
    let over = |counts: &Vec<f64>| counts[all] - counts[index];
    let blocks = scrapes.windows(2).map(|pair| {
        let (before, after) = (pair[0].1, pair[1].1);
        let restarted = after.iter().zip(before).any(|(after, before)| after < before);
        let (records, late) = if restarted {
            (after[all], over(after))
        } else {
            (after[all] - before[all], over(after) - over(before))
        };
        Block { records: crate::number::nearest(records), over: crate::number::nearest(late.max(0.0)) }
    });
    Some(blocks.collect())
}

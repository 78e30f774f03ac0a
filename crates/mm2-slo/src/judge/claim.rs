//! A percentile of records under a limit: proved, refuted, or open.

use super::Context;
use crate::evidence::Block;
use crate::finding::{Finding, Missing, Outcome, Reason};
use crate::observations::{Histogram, Latency};
use crate::proof;
use crate::unit::Unit;

/// So long may nobody have been seen, ms, or this share of the window, whichever is more: a load of one record in
/// some seconds is thin everywhere, one that is gone for a twentieth of the window is not.
const LONGEST_GAP_MS: u64 = 3_000;
const LONGEST_GAP_SHARE: f64 = 0.05;
/// Of the scrapes of a histogram, so many must be usable.
const USABLE_SHARE: f64 = 0.9;
/// Two limits that differ by less than this share of them are one.
const SAME: f64 = 1e-9;

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
    let seconds = (0_u64..).zip(&latency.blocks).filter(|(_, block)| block.records > 0);
    let withheld = match latency.complete {
        false => Some(Reason::NotMeasured { why: Missing::Unaccounted }),
        true => gap(seconds.map(|(second, _)| second * 1_000), window_s, 1_000),
    };
    let mut finding = finish(context, outcome, reason, withheld, window_s);
    finding.n = Some(latency.blocks.iter().fold(0, |n, block| n.saturating_add(block.records)));
    finding.value = latency.p_ms.map(|ms| ms * to_unit);
    finding.margin = finding.value.map(|value| limit - value);
    finding
}

/// Whether a part of the window was not looked at: `seen_ms` are times at which something was, in order, each good
/// for `every_ms`.
fn gap(seen_ms: impl Iterator<Item = u64>, window_s: f64, every_ms: u64) -> Option<Reason> {
    let window_ms = crate::number::nearest(window_s * 1e3);
    let allowed_ms = LONGEST_GAP_MS.max(crate::number::nearest(window_s * 1e3 * LONGEST_GAP_SHARE));
    let allowed_ms = allowed_ms.max(every_ms.saturating_mul(3));
    let (mut end_ms, mut longest_ms) = (0, 0);
    for at_ms in seen_ms.chain([window_ms]) {
        longest_ms = at_ms.saturating_sub(end_ms).max(longest_ms);
        end_ms = end_ms.max(at_ms.saturating_add(every_ms));
    }
    (longest_ms > allowed_ms).then_some(Reason::NotMeasured { why: Missing::Gap })
}

fn finish(
    context: &Context<'_>,
    outcome: Outcome,
    reason: Reason,
    withheld: Option<Reason>,
    window_s: f64,
) -> Finding {
    let mut finding = match (outcome, withheld.or_else(|| context.too_early(window_s))) {
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
                (Outcome::Go, _) => (
                    Outcome::Inconclusive,
                    Reason::NotMeasured { why: Missing::BucketTooCoarse },
                ),
                lenient => lenient,
            }
        }
        _ => (outcome, reason),
    };
    let mut times: Vec<u64> = seen.scrapes.iter().map(|(at_ms, _)| *at_ms).collect();
    times.sort_unstable();
    let mut apart: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    apart.sort_unstable();
    let every_ms = apart.get(apart.len() / 2).copied().unwrap_or(0);
    let there = usable(seen);
    let thin = (there.len() as f64) < times.len() as f64 * USABLE_SHARE;
    let thin = thin.then_some(Reason::NotMeasured { why: Missing::Gap });
    let withheld = thin.or_else(|| gap(there.into_iter().map(|(at_ms, _)| at_ms), window_s, every_ms));
    let mut finding = finish(context, outcome, reason, withheld, window_s);
    finding.n = Some(strict.iter().fold(0, |n, block| n.saturating_add(block.records)));
    finding
}

/// The scrapes whose counts can be right, in order of time.
fn usable(seen: &Histogram) -> Vec<(u64, &Vec<f64>)> {
    let usable = |counts: &&Vec<f64>| {
        counts.len() == seen.bounds.len() + 1
            && counts.iter().all(|count| count.is_finite() && *count >= 0.0)
            && counts.windows(2).all(|pair| pair[0] <= pair[1])
    };
    let mut scrapes: Vec<(u64, &Vec<f64>)> =
        seen.scrapes.iter().map(|(at_ms, counts)| (*at_ms, counts)).filter(|(_, counts)| usable(counts)).collect();
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
        let (records, late) = match restarted {
            true => (after[all], over(after)),
            false => (after[all] - before[all], over(after) - over(before)),
        };
        Block { records: crate::number::nearest(records), over: crate::number::nearest(late.max(0.0)) }
    });
    Some(blocks.collect())
}

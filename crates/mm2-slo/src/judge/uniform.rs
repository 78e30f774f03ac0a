//! Is one partition much slower than the others?
//!
//! Hot is a partition at so many times the median of all, and at or over the least that counts: the runbook's
//! "10 × the others" alone would call 20 ms hot among 2 ms.

use super::Context;
use crate::finding::{Finding, Missing, Outcome, Reason};
use crate::level::Level;
use crate::observations::Partition;

/// A median below this is taken for it, milliseconds: nothing is infinitely slower than nothing.
const SHORTEST_MS: f64 = 0.001;

pub(super) fn judge(
    context: &Context<'_>,
    at_least_ms: f64,
    min_records: u64,
    partitions: &[Partition],
) -> Finding {
    let usable = |p: &&Partition| p.records >= min_records && p.latency_ms.is_finite();
    let mut enough: Vec<&Partition> = partitions.iter().filter(usable).collect();
    enough.sort_by(|a, b| a.latency_ms.total_cmp(&b.latency_ms).then_with(|| b.name.cmp(&a.name)));
    let fewest = partitions.iter().map(|partition| partition.records).min();
    let broken = partitions.iter().any(|partition| !partition.latency_ms.is_finite());
    let too_few = fewest.filter(|have| *have < min_records).map(|have| Reason::TooFew {
        have,
        need: min_records,
        hold_needed_s: None,
    });
    let broken = broken.then_some(Reason::NotMeasured { why: Missing::NotFinite });
    let withheld = broken.or(too_few);
    // The lower one of two in the middle: else one of two partitions could never be hot.
    let (Some(median), Some(slowest)) = (enough.get(enough.len().saturating_sub(1) / 2), enough.last())
    else {
        let why = withheld.unwrap_or(Reason::NotMeasured { why: Missing::NoData });
        return context.finding(Outcome::Inconclusive, why);
    };
    let ratio = slowest.latency_ms / median.latency_ms.max(SHORTEST_MS);
    let small = slowest.latency_ms < at_least_ms;
    let mut finding = context.by_bands(ratio, withheld.clone());
    if small && finding.outcome.level().is_some_and(|level| level != Level::Go) {
        (finding.outcome, finding.reason) = match withheld {
            Some(reason) => (Outcome::Inconclusive, reason),
            None => (Outcome::Go, Reason::WithinLimit),
        };
    }
    if matches!(finding.outcome, Outcome::Stop | Outcome::Warn) {
        finding.reason = Reason::HotPartition {
            partition: slowest.name.clone(),
            latency_ms: slowest.latency_ms,
            median_ms: median.latency_ms,
        };
    }
    finding.series = Some(slowest.name.clone());
    finding.n = Some(enough.len() as u64);
    finding
}

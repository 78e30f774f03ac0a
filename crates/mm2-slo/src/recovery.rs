//! When had the chain come back after the load went off?

/// Two samples further apart than this, milliseconds, leave a time in which nobody looked.
const LONGEST_GAP_MS: u64 = 1_000;

/// Seconds from load-off until the backlog was under `below` and was seen to stay there for `stay_ms`
/// (which is not in the result); `None` when it did not, or the samples end or pause before that.
///
/// `samples`: milliseconds since load-off, ascending, and the backlog in records then; about one every
/// 100 ms. The runbook asks for less than 1 000, the design for 10 s of it.
///
/// ```
/// let samples: Vec<(u64, u64)> = (0..200).map(|i| (i * 100, if i < 35 { 8_000 } else { 40 })).collect();
/// assert_eq!(mm2_slo::recovery_seconds(&samples, 1_000, 10_000), Some(3.5));
/// ```
pub fn recovery_seconds(samples: &[(u64, u64)], below: u64, stay_ms: u64) -> Option<f64> {
    let mut since = None;
    let mut last_ms = None;
    for &(at_ms, backlog) in samples {
        let gap = last_ms.is_some_and(|last| at_ms.saturating_sub(last) > LONGEST_GAP_MS);
        last_ms = Some(at_ms);
        since = match since {
            _ if backlog >= below => None,
            Some(since_ms) if !gap => Some(since_ms),
            _ => Some(at_ms),
        };
        let stayed = since.filter(|since_ms| at_ms.saturating_sub(*since_ms) >= stay_ms);
        if let Some(since_ms) = stayed {
            return Some(since_ms as f64 / 1_000.0);
        }
    }
    None
}

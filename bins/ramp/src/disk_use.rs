//! What a climb beyond its steps writes to the brokers' disks: said before it starts.

use mm2_slo::Step;

/// Each step beyond the last asks for this many times the rate of the one before.
const FACTOR: f64 = 1.5;
/// So many of them are foretold: 1.5^6 is eleven times the last step.
const FORETOLD: u32 = 6;

/// One sentence: how much both clusters hold by then if nothing is deleted, replication left out.
pub(crate) fn beyond(steps: &[Step], hold_s: f64, record_bytes: usize) -> Option<String> {
    let last = steps.last()?;
    let bytes = |rate_per_sec: f64| rate_per_sec * hold_s * record_bytes as f64;
    let mut written: f64 = steps.iter().map(|step| bytes(step.rate_per_sec as f64)).sum();
    let mut rate_per_sec = last.rate_per_sec as f64;
    let mut foretold = Vec::new();
    for _ in 0..FORETOLD {
        rate_per_sec = (rate_per_sec * FACTOR).round();
        written += bytes(rate_per_sec);
        foretold.push(format!("{:.1} GB up to {rate_per_sec:.0}/s", written / 1e9));
    }
    Some(format!(
        "beyond {}: each step writes rate × {hold_s:.0} s × {record_bytes} bytes to the source and again to the target, \
         times their replication: {}; what the topics' retention deletes meanwhile comes off",
        last.name,
        foretold.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use mm2_slo::Ladder;

    use super::*;

    #[test]
    fn the_bytes_of_all_steps_so_far_are_told() {
        let steps = &Ladder::runbook().steps[4..];
        let said = beyond(steps, 100.0, 1_000).unwrap();
        assert!(said.contains("beyond P5"), "{said}");
        assert!(said.contains("2.5 GB up to 15000/s, 4.8 GB up to 22500/s"), "{said}");
        assert_eq!(beyond(&[], 100.0, 1_000), None);
    }
}

//! When a chain counts as recovered.

use mm2_slo::recovery::{RECOVERED_BELOW, RECOVERED_STAY_MS};
use mm2_slo::recovery_seconds;

/// One sample every 100 ms; the backlog at a time in milliseconds; 30 s of it.
fn recovered(backlog: impl Fn(u64) -> u64) -> Option<f64> {
    let samples: Vec<_> = (0..=300).map(|i| (i * 100, backlog(i * 100))).collect();
    recovery_seconds(&samples, RECOVERED_BELOW, RECOVERED_STAY_MS)
}

#[test]
fn the_first_moment_from_which_it_stays_below() {
    assert_eq!(recovered(|_| 0), Some(0.0), "never behind");
    assert_eq!(recovered(|ms| if ms < 4_200 { 1_000 } else { 999 }), Some(4.2), "1 000 is not below 1 000");
    let falls_back = |ms| if ms < 2_000 || ms == 9_000 { 5_000 } else { 10 };
    assert_eq!(recovered(falls_back), Some(9.1), "back over it starts anew");
    assert_eq!(recovered(|ms| if ms < 20_000 { 5_000 } else { 10 }), Some(20.0), "just long enough seen");
}

#[test]
fn what_was_not_seen_is_no_recovery() {
    assert_eq!(recovered(|_| 5_000), None, "never below");
    assert_eq!(recovered(|ms| if ms < 20_100 { 5_000 } else { 10 }), None, "seen for less than 10 s");
    assert_eq!(recovery_seconds(&[], 1_000, 10_000), None);
    assert_eq!(recovery_seconds(&[(0, 0), (10_000, 0)], 1_000, 10_000), None, "two samples, 10 s apart");
    let pause: Vec<_> =
        (0..=300).map(|i| (i * 100, 0)).filter(|(ms, _)| !(5_000..8_000).contains(ms)).collect();
    assert_eq!(recovery_seconds(&pause, 1_000, 10_000), Some(8.0), "nobody looked for 3 s: anew");
}

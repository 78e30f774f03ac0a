//! The p99 proof against scipy and against what it is for.

use mm2_slo::evidence::Block;
use mm2_slo::finding::{Outcome, Reason};
use mm2_slo::proof::{P99, Tally, clopper_pearson, prove};

/// `seconds` blocks of `records`, of which `over` are late in each.
fn even(seconds: usize, records: u64, over: u64) -> Vec<Block> {
    vec![Block { records, over }; seconds]
}

/// scipy 1.x: `beta.ppf(.05, k, n-k+1)`, `beta.ppf(.95, k+1, n-k)`.
#[test]
#[expect(clippy::unreadable_literal, reason = "as scipy prints them")]
fn bounds_are_scipys() {
    for (k, n, lower, upper) in [
        (0.0, 300.0, 0.0, 0.009936081944457708), // 1 - 0.05^(1/300)
        (0.0, 299.0, 0.0, 0.009969146792899269),
        (3.0, 1000.0, 0.0008181753982218001, 0.007735244718479458),
        (5.0, 1000.0, 0.001972153141805247, 0.010484076911415651),
        (38.0, 5000.0, 0.005696855191126399, 0.009949917622168895),
        (39.0, 5000.0, 0.0058704949321790635, 0.010175770483298397),
        (12.0, 300.0, 0.023239927988754686, 0.06400391537870745),
        (300.0, 300.0, 0.9900639180555423, 1.0),
        (2.5, 312.75, 0.0018340200065968956, 0.02232693995740118),
        (0.8, 700.0, 3.1277231444448e-05, 0.006292056085161729),
        (29700.0, 3000000.0, 0.009806162103372153, 0.009994537701286986),
        (31000.0, 3000000.0, 0.010237480487025769, 0.01042988533273641),
        (1500000.0, 3000000.0, 0.4995250051379278, 0.5004749948620721),
        (8550000.0, 864000000.0, 0.009890294894877695, 0.009901374196572192),
    ] {
        let bounds = clopper_pearson(k, n);
        let close = |got: f64, want: f64| (got - want).abs() <= want * 1e-9;
        assert!(
            close(bounds.lower, lower) && close(bounds.upper, upper),
            "{k} of {n}: {bounds:?}, scipy {lower} {upper}"
        );
    }
}

/// The most records over the limit with which the p99 is still proven, from a public table of the test.
#[test]
fn the_largest_count_that_proves() {
    for (records, most) in [(300, 0), (500, 1), (1_000, 4), (5_000, 38), (30_000, 271)] {
        // In one block: nothing is known of clumps.
        let with = |over: u64| prove(&[Block { records, over }], records as f64, P99).0;
        assert_eq!((with(most), with(most + 1)), (Outcome::Go, Outcome::Inconclusive), "of {records}");
    }
}

#[test]
fn under_300_records_nothing_is_proven_and_the_hold_that_would_do_is_named() {
    let (outcome, reason) = prove(&even(10, 29, 0), 10.0, P99);
    assert_eq!(outcome, Outcome::Inconclusive);
    assert_eq!(reason, Reason::TooFew { have: 290, need: 300, hold_needed_s: Some(11) });
    let all_late = prove(&even(10, 29, 29), 10.0, P99);
    assert_eq!(all_late.1, Reason::TooFew { have: 290, need: 300, hold_needed_s: Some(11) });
    let nothing = prove(&[], 10.0, P99);
    assert_eq!(nothing, (Outcome::Inconclusive, Reason::TooFew { have: 0, need: 300, hold_needed_s: None }));
}

#[test]
fn all_records_over_the_limit_is_a_stop() {
    assert_eq!(prove(&even(10, 100, 100), 10.0, P99).0, Outcome::Stop);
}

#[test]
fn records_that_are_late_together_count_as_few() {
    // 600 of 60 000: ten in each second, or all of them within one.
    assert!((Tally::of(&even(60, 1_000, 10)).design_effect - 1.0).abs() < 1e-9);
    let mut paused = even(60, 1_000, 0);
    paused[20].over = 600;
    // By hand: (600 - 10)² + 59 × 10², over 60 000 × 0.01 × 0.99, times 60/59.
    let by_hand = (590.0_f64.powi(2) + 59.0 * 100.0) / 594.0 * 60.0 / 59.0;
    assert!((Tally::of(&paused).design_effect - by_hand).abs() < 1e-9);
    // A pause of four seconds is one event too, not four.
    let mut long = even(60, 1_000, 0);
    long[20..24].iter_mut().for_each(|block| block.over = 150);
    assert!((Tally::of(&long).design_effect - by_hand).abs() < 1e-9, "{:?}", Tally::of(&long));
}

#[test]
fn one_pause_neither_fails_nor_passes_a_short_hold_but_a_long_one_passes() {
    let pause_in = |seconds: usize| {
        let mut blocks = even(seconds, 1_000, 0);
        blocks[seconds / 2].over = 1_000;
        prove(&blocks, seconds as f64, P99)
    };
    assert_eq!(pause_in(60).0, Outcome::Inconclusive, "1.7 % of the records, all from one pause");
    // As one late record of 300. With such a pause every five minutes it takes 657 s.
    let (outcome, reason) = pause_in(300);
    assert_eq!(outcome, Outcome::Inconclusive);
    assert!(matches!(reason, Reason::NotProven { hold_needed_s: Some(657), .. }), "{reason:?}");
    assert_eq!(pause_in(600).0, Outcome::Go, "one pause in ten minutes");
}

#[test]
fn the_hold_that_is_named_settles_it_and_a_second_less_does_not() {
    // Seconds held, records in each, and how many were late in the first so many of them.
    for (hold, records, late_seconds) in [(60_u64, 100, 48), (60, 100, 72), (20, 250, 48)] {
        let over = |second| u64::from(second < late_seconds) + u64::from(second + hold < late_seconds);
        let blocks: Vec<_> = (0..hold).map(|i| Block { records, over: over(i) }).collect();
        let Reason::NotProven { hold_needed_s: Some(needed), .. } = prove(&blocks, hold as f64, P99).1 else {
            panic!("{late_seconds} of {hold} s are open, and a longer hold settles them")
        };
        let share = Tally::of(&blocks).over as f64 / (hold * records) as f64;
        let settled = |seconds: u64| {
            let count = (seconds * records) as f64;
            let bounds = clopper_pearson(share * count, count);
            bounds.upper < 0.01 || bounds.lower >= 0.01
        };
        assert!(settled(needed) && !settled(needed - 1), "{late_seconds} of {hold} s: {needed} s");
    }
}

#[test]
fn on_the_limit_no_hold_is_named() {
    let (_, reason) = prove(&even(60, 1_000, 10), 60.0, P99);
    assert!(matches!(reason, Reason::NotProven { hold_needed_s: None, .. }), "{reason:?}");
}

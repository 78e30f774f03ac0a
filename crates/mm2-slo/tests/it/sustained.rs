//! The backlog's slope against scipy, and how often the test errs on simulated chains.

use Outcome::{Go, Inconclusive, Stop};
use fastrand::Rng;
use mm2_slo::finding::{Missing, Outcome, Reason};
use mm2_slo::sustained::{Asked, Sustained, test};

const LIMIT_PERCENT: f64 = 0.5;

fn asked(rate_per_sec: u32, hold_s: u32, fill_s: f64) -> Asked {
    Asked { rate_per_sec: f64::from(rate_per_sec), hold_s: f64::from(hold_s), fill_s }
}

/// Tests a backlog given by the number of its sample.
fn run(asked: Asked, backlog: impl Fn(u64) -> u64) -> Sustained {
    let samples: Vec<_> =
        (0..).map(|i| (i * 100, backlog(i) as f64)).take((asked.hold_s * 10.0) as usize).collect();
    test(&samples, asked, LIMIT_PERCENT)
}

/// Up and down by 1 300 records without a trend.
fn wave(i: u64) -> u64 {
    200 + i * 7_919 % 1_301
}

/// `scipy.stats.linregress` over the block minima, `t.ppf(.95, 6) * stderr` to each side, in per cent of
/// the rate.
#[test]
#[expect(clippy::unreadable_literal, reason = "as scipy prints them")]
fn slope_and_bounds_are_scipys() {
    let check = |asked: Asked, backlog: &dyn Fn(u64) -> u64, want: [f64; 3], outcome: Outcome| {
        let got = run(asked, backlog);
        let (Reason::ProvenWithin { lower, upper }
        | Reason::ProvenBeyond { lower, upper }
        | Reason::NotProven { lower, upper, .. }) = got.reason
        else {
            panic!("{got:?}")
        };
        let figures = [got.growth_percent.unwrap(), lower, upper];
        let near = figures.iter().zip(want).all(|(got, want)| (got - want).abs() < 1e-9);
        assert!(near && got.outcome == outcome, "{got:?}, scipy {want:?}");
    };
    let p1 = asked(1_000, 60, 1.0);
    check(p1, &wave, [0.005357142857142857, -0.07990383498920078, 0.0906181207034865], Go);
    let p3 = asked(5_000, 60, 3.0);
    let one_percent = |i| wave(i) + i * 5;
    check(p3, &one_percent, [1.0014285714285713, 0.9676685106463042, 1.0351886322108386], Stop);
    let p5 = asked(10_000, 300, 5.0);
    let fifth_percent = |i| wave(i) + i * 2;
    check(p5, &fifth_percent, [0.19908333333333336, 0.19710607354136017, 0.20106059312530655], Go);
    let short = asked(1_000, 20, 1.0);
    let nearly = |i| wave(i) + i / 2;
    check(short, &nearly, [0.20714285714285718, -0.09385867107961335, 0.5081443853653276], Inconclusive);
    let noisy = asked(2_500, 10, 2.0);
    let wild = |i| wave(i) * 3;
    check(noisy, &wild, [0.17714285714285716, -2.6967554108541343, 3.051041125139849], Inconclusive);
}

#[test]
fn a_window_under_8_s_names_the_hold_that_would_do() {
    for (hold_s, limit_s, needed) in [(9, 1.0, 10), (9, 2.0, 10), (10, 3.0, 11), (12, 5.0, 13), (4, 5.0, 13)]
    {
        let got = run(asked(1_000, hold_s, limit_s), |_| 0);
        assert_eq!(
            got.reason,
            Reason::TooShort { hold_needed_s: u64::from(needed) },
            "{hold_s} s, limit {limit_s} s"
        );
        assert_eq!(run(asked(1_000, needed, limit_s), |_| 0).outcome, Go, "{needed} s do");
    }
}

#[test]
fn undecided_names_a_longer_hold_and_on_the_limit_none() {
    let hold_needed = |asked, backlog: &dyn Fn(u64) -> u64| match run(asked, backlog).reason {
        Reason::NotProven { hold_needed_s, .. } => hold_needed_s,
        other => panic!("{other:?}"),
    };
    // The margin 0.3010 must shrink to 0.5 - 0.2071, so 16 s of window become 16.45, a hold of 20.57.
    assert_eq!(hold_needed(asked(1_000, 20, 1.0), &|i| wave(i) + i / 2), Some(21));
    // 2.8739 to 0.3229: 8 s become 71.2, a hold of 89.01.
    assert_eq!(hold_needed(asked(2_500, 10, 2.0), &|i| wave(i) * 3), Some(90));
    // Minima of four-block waves on top of 0.5 %, and of so little less that a day would not do.
    let near_the_limit = |less: f64| {
        let wave = |i: u64| if (i / 100 + 1) % 4 < 2 { 0.0 } else { 1_500.0 };
        let at = |i: u64| (wave(i) + i as f64 * (5.0 - less) + 1_000.0).round();
        let samples: Vec<_> = (200..1_000).map(|i| (i * 100, at(i - 200))).collect();
        test(&samples, asked(10_000, 100, 1.0), LIMIT_PERCENT)
    };
    for less in [0.0, 0.001] {
        let got = near_the_limit(less);
        assert!((got.growth_percent.unwrap() - 0.5).abs() < 1e-3, "{got:?}");
        assert!(matches!(got.reason, Reason::NotProven { hold_needed_s: None, .. }), "{got:?}");
    }
}

#[test]
fn a_block_without_samples_is_not_filled_in() {
    let samples: Vec<_> =
        (0..600).map(|i| (i * 100, 0.0)).filter(|(ms, _)| !(30_000..36_100).contains(ms)).collect();
    let got = test(&samples, asked(1_000, 60, 1.0), LIMIT_PERCENT);
    assert_eq!((got.outcome, got.reason), (Inconclusive, Reason::NotMeasured { why: Missing::Gap }));
}

#[test]
fn the_first_fifth_and_the_p99_limit_are_left_out() {
    // Filling up for 12 s, then level: a fifth of 60 s, or as much p99 limit.
    let filling = |until: u64| move |i: u64| i.min(until) * 100;
    assert_eq!(run(asked(5_000, 60, 1.0), filling(120)).outcome, Go);
    assert_ne!(run(asked(5_000, 60, 1.0), filling(250)).outcome, Go);
    assert_eq!(run(asked(5_000, 60, 25.0), filling(250)).outcome, Go);
}

#[test]
fn a_rate_or_hold_of_nothing_shows_nothing() {
    let nothing = Reason::NotMeasured { why: Missing::NotFinite };
    assert_eq!(run(asked(0, 60, 1.0), |_| 0).reason, nothing);
    let endless = Asked { hold_s: f64::INFINITY, ..asked(1_000, 60, 1.0) };
    assert_eq!(test(&[(0, 0.0)], endless, LIMIT_PERCENT).reason, nothing);
}

/// Backlog of a chain with 100 ms of records under way: batches that come and go, noise that lasts for
/// seconds, now and then a pause of half a second that drains in another two, and `loses` per cent of
/// the rate.
fn chain(rng: &mut Rng, asked: Asked, loses: f64) -> Vec<(u64, f64)> {
    let rate = asked.rate_per_sec;
    let (mut drift, mut pause) = (0.0, 0.0);
    let mut samples = Vec::new();
    for i in 0..(asked.hold_s * 10.0) as u64 {
        drift = 0.95 * drift + (rng.f64() - 0.5) * rate * 0.01;
        pause = if rng.f64() < 0.01 { rate * 0.5 } else { f64::max(0.0, pause - rate * 0.025) };
        let batches = rng.f64() * rate * 0.1;
        let lost_ground = rate * loses / 100.0 * i as f64 / 10.0;
        let backlog = rate * 0.1 + drift + pause + batches + lost_ground;
        samples.push((i * 100, backlog.max(0.0).floor()));
    }
    samples
}

/// Of 1 000 chains, how many came to GO and how many to STOP.
fn tried(asked: Asked, loses: f64) -> (usize, usize) {
    let mut rng = Rng::with_seed(9_900);
    let outcomes: Vec<_> =
        (0..1_000).map(|_| test(&chain(&mut rng, asked, loses), asked, LIMIT_PERCENT).outcome).collect();
    let count = |of| outcomes.iter().filter(|o| **o == of).count();
    (count(Go), count(Stop))
}

#[test]
fn a_healthy_noisy_chain_is_rarely_failed_and_mostly_shown_good() {
    let minute = tried(asked(5_000, 60, 3.0), 0.0);
    assert!(minute.0 >= 950 && minute.1 <= 5, "60 s (GO, STOP): {minute:?}");
    let runbook = tried(asked(10_000, 300, 5.0), 0.0);
    assert!(runbook.0 == 1_000, "300 s (GO, STOP): {runbook:?}");
}

#[test]
fn a_chain_capped_1_percent_under_the_rate_never_passes_and_mostly_fails() {
    let minute = tried(asked(5_000, 60, 3.0), 1.0);
    assert!(minute.0 <= 5 && minute.1 >= 900, "60 s (GO, STOP): {minute:?}");
    let runbook = tried(asked(10_000, 300, 5.0), 1.0);
    assert!(runbook.1 == 1_000, "300 s (GO, STOP): {runbook:?}");
}

#[test]
fn on_the_limit_either_error_is_made_in_about_one_case_of_twenty() {
    let (go, stop) = tried(asked(5_000, 60, 3.0), LIMIT_PERCENT);
    assert!((20..=80).contains(&go) && (20..=80).contains(&stop), "(GO, STOP): ({go}, {stop})");
}

//! What a day of samples comes to: series whose truth is known, and any numbers at all.

use fastrand::Rng;
use mm2_slo::trend::{
    Class, Decision, Limits, NotJudged, Open, Pick, Trend, TrendBlocks, Window, decide, stable,
};
use proptest::prelude::*;

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;
const GRID_MS: u64 = 30_000;

/// A day on a grid of 30 s: `level` by the hour, and noise of a standard deviation of 1 % that lasts for
/// minutes.
fn day(level: impl Fn(f64) -> f64) -> Vec<(u64, f64)> {
    let mut rng = Rng::with_seed(7);
    let mut drift = 0.0;
    let sample = |i: u64| {
        drift = 0.9 * drift + (rng.f64() - 0.5) * 15.0;
        (i * GRID_MS, level(i as f64 * GRID_MS as f64 / HOUR_MS as f64) + drift)
    };
    (0..DAY_MS / GRID_MS).map(sample).collect()
}

fn blocks(samples: &[(u64, f64)], window: Window, pick: Pick) -> TrendBlocks {
    let mut blocks = TrendBlocks::new(window, pick).unwrap();
    for (at_ms, value) in samples {
        blocks.push(*at_ms, *value);
    }
    blocks
}

fn analysed(samples: &[(u64, f64)]) -> Result<Trend, NotJudged> {
    blocks(samples, Window::new(0, DAY_MS), Pick::Middle).analyse()
}

fn decided(samples: &[(u64, f64)]) -> (Class, Decision) {
    let trend = analysed(samples).unwrap();
    (trend.class, decide(&trend, &Limits::new(10.0, 50.0)))
}

fn leak(percent_per_day: f64) -> impl Fn(f64) -> f64 {
    move |hours| 1_000.0 * (1.0 + percent_per_day / 100.0 * hours / 24.0)
}

#[test]
fn flat_is_go() {
    assert_eq!(decided(&day(|_| 1_000.0)), (Class::Flat, Decision::Go));
}

#[test]
fn a_sawtooth_is_judged_by_its_floor() {
    let heap = |live: &dyn Fn(f64) -> f64| {
        let garbage = |hours: f64| 800.0 * (hours * 7.3).fract();
        let samples = day(|hours| live(hours) + garbage(hours));
        let trend = blocks(&samples, Window::new(0, DAY_MS), Pick::Floor).analyse().unwrap();
        decide(&trend, &Limits::new(10.0, 50.0))
    };
    assert_eq!(heap(&|_| 1_000.0), Decision::Go);
    assert_eq!(heap(&leak(80.0)), Decision::Stop);
}

#[test]
fn leaks_are_shown_by_their_size_and_small_ones_are_ruled_out() {
    for (percent, expected) in
        [(2.0, Decision::Go), (15.0, Decision::Warn), (40.0, Decision::Warn), (60.0, Decision::Stop)]
    {
        let samples = day(leak(percent));
        let trend = analysed(&samples).unwrap();
        assert!((trend.growth.percent_per_day - percent).abs() < 2.0, "{percent}: {trend:?}");
        assert!(trend.growth.lower.unwrap() < percent && percent < trend.growth.upper.unwrap(), "{trend:?}");
        assert_eq!(decide(&trend, &Limits::new(10.0, 50.0)), expected, "{percent} % a day: {trend:?}");
    }
}

#[test]
fn on_a_limit_it_is_open_and_says_what_could_have_been_shown() {
    let Decision::Open { why: Open::NotShown, shown_from_percent_per_day: Some(from) } =
        decided(&day(leak(10.0))).1
    else {
        panic!("{:?}", decided(&day(leak(10.0))))
    };
    assert!((0.1..3.0).contains(&from), "{from}");
}

#[test]
fn what_fills_up_is_not_a_leak() {
    let fills = |percent: f64, hours: f64| {
        move |at: f64| 1_000.0 * (1.0 + percent / 100.0 * (1.0 - (-at / hours).exp()))
    };
    assert_eq!(decided(&day(fills(30.0, 3.0))).1, Decision::Go, "level for half a day");
    let trend = analysed(&day(fills(30.0, 3.0))).unwrap();
    assert!(trend.plateau_after_hours.is_some_and(|hours| (4.0..12.0).contains(&hours)), "{trend:?}");
    let (class, decision) = decided(&day(fills(100.0, 8.0)));
    assert_eq!(class, Class::Saturating);
    assert!(matches!(decision, Decision::Open { why: Open::StillSettling, .. }), "{decision:?}");
}

#[test]
fn a_leak_is_not_taken_for_a_warm_up() {
    let trend = analysed(&day(leak(60.0))).unwrap();
    assert_eq!(trend.plateau_after_hours, Some(0.0), "{trend:?}");
    // The level at the start, not that after two hours: 5 % of it have leaked by then.
    assert!((trend.level - 1_000.0).abs() < 15.0, "{trend:?}");
    assert!(!trend.started_steeper);
}

#[test]
fn a_step_is_an_event_to_explain() {
    for by in [200.0, -200.0] {
        let (class, decision) = decided(&day(|hours| if hours < 15.0 { 1_000.0 } else { 1_000.0 + by }));
        let Decision::Open { why: Open::Jumped { jump }, .. } = decision else {
            panic!("{by}: {class:?} {decision:?}")
        };
        assert!((jump.at_hours - 15.0).abs() < 1.0 && (jump.percent * by) > 0.0, "{jump:?}");
        assert!((jump.percent.abs() - 20.0).abs() < 4.0, "{jump:?}");
    }
}

#[test]
fn an_unmarked_restart_does_not_hide_a_leak() {
    let restarts = |hours: f64| 1_000.0 + 25.0 * (hours % 13.0);
    let (_, decision) = decided(&day(restarts));
    assert!(matches!(decision, Decision::Open { why: Open::Jumped { .. }, .. }), "{decision:?}");
}

#[test]
fn a_marked_restart_begins_anew() {
    let samples = day(|hours| 1_000.0 + 25.0 * (hours % 13.0));
    let mut series = blocks(&samples[..13 * 120], Window::new(0, DAY_MS), Pick::Middle);
    series.restarted(13 * HOUR_MS);
    for (at_ms, value) in &samples[13 * 120..] {
        series.push(*at_ms, *value);
    }
    let trend = series.analyse().unwrap();
    assert_eq!((trend.restarts, trend.blocks_expected, trend.window_hours), (1, 44, 11.0));
    let decision = decide(&trend, &Limits::new(10.0, 50.0));
    let why = Open::TooShort { have_hours: 11.0, need_hours: 24.0 };
    assert!(matches!(decision, Decision::Open { why: got, .. } if got == why), "{decision:?}");
    // Late in the run nothing is left to judge.
    series.restarted(20 * HOUR_MS);
    assert_eq!(series.analyse(), Err(NotJudged::TooShort { have_hours: 4.0, need_hours: 8.0 }));
}

#[test]
fn what_begins_late_is_not_go() {
    for from in [12.0, 18.0, 20.0] {
        let (class, decision) = decided(&day(|hours| 1_000.0 + 25.0 * f64::max(0.0, hours - from)));
        assert_ne!(decision, Decision::Go, "from {from} h: {class:?}");
    }
}

#[test]
fn a_rise_in_the_last_hour_is_seen_where_noise_hides_jumps() {
    // Each quarter of an hour has its own level, up to 5 % off: an hour's jump of 12 % does not stand out,
    // and the bounds are wide enough for the slope that it leaves.
    let mut rng = Rng::with_seed(6);
    let levels: Vec<f64> = (0..96).map(|_| 950.0 + 100.0 * rng.f64()).collect();
    let uneven = |hours: f64| levels[(hours * 4.0) as usize];
    assert_eq!(decided(&day(uneven)).1, Decision::Go);
    let (_, decision) = decided(&day(|hours| uneven(hours) + if hours < 23.1 { 0.0 } else { 120.0 }));
    assert!(matches!(decision, Decision::Open { why: Open::RisingAtEnd { .. }, .. }), "{decision:?}");
}

/// Decides a flat or growing day's trend with some of its figures changed.
fn with(percent_per_day: f64, change: impl Fn(&mut Trend)) -> Decision {
    let mut trend = analysed(&day(leak(percent_per_day))).unwrap();
    change(&mut trend);
    decide(&trend, &Limits::new(10.0, 50.0))
}

#[test]
fn go_needs_every_upper_bound() {
    assert_eq!(with(0.0, |_| ()), Decision::Go);
    let open = |decision| matches!(decision, Decision::Open { why: Open::NotShown, .. });
    for bound in [Some(10.0), Some(1e9), None] {
        assert!(open(with(0.0, |trend| trend.growth.upper = bound)), "{bound:?}");
        assert!(open(with(0.0, |trend| trend.late.upper = bound)), "{bound:?}");
    }
}

#[test]
fn stop_needs_every_part_of_its_proof() {
    assert_eq!(with(60.0, |_| ()), Decision::Stop);
    assert_eq!(with(60.0, |trend| trend.growth.lower = Some(49.9)), Decision::Warn);
    let open = |decision| matches!(decision, Decision::Open { .. });
    assert!(open(with(60.0, |trend| trend.growth.lower = None)));
    assert!(open(with(60.0, |trend| trend.p = 0.02)));
    for class in [Class::Flat, Class::Saturating, Class::Shrinking, Class::Unknown] {
        assert!(open(with(60.0, |trend| trend.class = class)), "{class:?}");
    }
    // After a steeper start the later half must show it by itself.
    let after_a_steep_start = |late_lower: f64| {
        with(60.0, |trend| {
            trend.started_steeper = true;
            trend.late.lower = Some(late_lower);
        })
    };
    assert_eq!(after_a_steep_start(50.0), Decision::Stop);
    assert_eq!(after_a_steep_start(49.0), Decision::Warn);
    assert!(matches!(after_a_steep_start(9.0), Decision::Open { why: Open::StillSettling, .. }));
}

#[test]
fn a_sample_of_an_earlier_block_comes_too_late() {
    let mut series = TrendBlocks::new(Window::new(0, DAY_MS), Pick::Floor).unwrap();
    for (at_ms, value) in day(|_| 1_000.0) {
        series.push(at_ms, value);
        series.push(at_ms.saturating_sub(2 * HOUR_MS), 1.0);
    }
    let trend = series.analyse().unwrap();
    // In the first two hours those of the past are pushed up to the start; the rest are left out.
    assert!(trend.quarter_medians[1] > 900.0 && trend.range.1 > 900.0, "{trend:?}");
}

#[test]
fn the_middle_of_many_samples_is_that_of_a_part_of_them() {
    let samples: Vec<_> = (0..86_400_u64).map(|s| (s * 1_000, 1_000.0 + (s % 900) as f64)).collect();
    for quarter in analysed(&samples).unwrap().quarter_medians {
        assert!((quarter - 1_449.5).abs() < 5.0, "{quarter}");
    }
}

#[test]
fn nothing_of_before_a_restart_is_left() {
    let mut series = blocks(&day(|_| 1_000.0)[..240], Window::new(0, DAY_MS), Pick::Middle);
    series.restarted(2 * HOUR_MS);
    assert_eq!(series.analyse(), Err(NotJudged::EndMissing { last_hours: 0.0, window_hours: 22.0 }));
}

#[test]
fn a_gap_at_the_end_and_holes_are_not_filled_in() {
    let samples = day(|_| 1_000.0);
    let until = |hours: f64| samples.iter().copied().filter(move |s| s.0 as f64 <= hours * HOUR_MS as f64);
    let cut: Vec<_> = until(23.7).collect();
    assert_eq!(analysed(&cut), Err(NotJudged::EndMissing { last_hours: 23.75, window_hours: 24.0 }));
    let without = |hours: std::ops::Range<f64>| -> Vec<_> {
        let inside = |at_ms: u64| hours.contains(&(at_ms as f64 / HOUR_MS as f64));
        samples.iter().map(|(at, value)| (*at, if inside(*at) { f64::NAN } else { *value })).collect()
    };
    assert_eq!(analysed(&without(10.0..11.0)), Err(NotJudged::Gaps { missing: 4, expected: 96, longest: 4 }));
    assert_eq!(decided(&without(10.0..10.75)).1, Decision::Go);
    // Every eighth block: never two in a row, but more than a tenth of them.
    let sparse: Vec<_> = samples.iter().copied().filter(|(at, _)| at / 900_000 % 8 != 3).collect();
    assert_eq!(analysed(&sparse), Err(NotJudged::Gaps { missing: 12, expected: 96, longest: 1 }));
    assert_eq!(analysed(&[]), Err(NotJudged::EndMissing { last_hours: 0.0, window_hours: 24.0 }));
}

#[test]
fn a_block_with_few_samples_is_missing() {
    let samples = day(|_| 1_000.0);
    // The last block has a third of what the others have: the scraper died in it.
    let cut = &samples[..samples.len() - 20];
    assert_eq!(analysed(cut), Err(NotJudged::EndMissing { last_hours: 23.75, window_hours: 24.0 }));
    assert!(analysed(&samples[..samples.len() - 14]).is_ok(), "a little more than half");
}

#[test]
fn half_a_day_is_open_and_less_than_8_h_not_judged() {
    let samples = day(leak(300.0));
    let until = |hours: u64| blocks(&samples, Window::new(0, hours * HOUR_MS), Pick::Middle).analyse();
    let decision = decide(&until(12).unwrap(), &Limits::new(10.0, 50.0));
    assert!(matches!(decision, Decision::Open { why: Open::TooShort { .. }, .. }), "{decision:?}");
    let mut shorter = Limits::new(10.0, 50.0);
    shorter.shortest_hours = 12.0;
    assert_eq!(decide(&until(12).unwrap(), &shorter), Decision::Stop, "for whom that is enough");
    assert_eq!(until(7), Err(NotJudged::TooShort { have_hours: 7.0, need_hours: 8.0 }));
}

#[test]
fn a_level_of_zero_has_no_per_cent() {
    assert!(matches!(analysed(&day(|_| -50.0)), Err(NotJudged::LevelNotAboveZero { .. })));
    let zero: Vec<_> = (0..2_880).map(|i| (i * GRID_MS, 0.0)).collect();
    assert_eq!(analysed(&zero), Err(NotJudged::LevelNotAboveZero { level: 0.0 }));
}

#[test]
fn limits_that_make_no_sense_decide_nothing() {
    let trend = analysed(&day(|_| 1_000.0)).unwrap();
    for (warn, stop) in
        [(f64::NAN, 50.0), (10.0, f64::NAN), (0.0, 50.0), (50.0, 10.0), (f64::INFINITY, f64::INFINITY)]
    {
        let decision = decide(&trend, &Limits::new(warn, stop));
        assert!(matches!(decision, Decision::Open { why: Open::LimitsUnusable, .. }), "{warn} {stop}");
    }
}

#[test]
fn windows_without_blocks_or_with_too_many_are_refused() {
    for window in [Window::new(5, 5), Window::new(DAY_MS, 0), Window::new(0, DAY_MS).block_ms(0)] {
        assert_eq!(TrendBlocks::new(window, Pick::Floor).unwrap_err(), NotJudged::Window { blocks: 0 });
    }
    let fine = Window::new(0, DAY_MS).block_ms(1_000);
    assert_eq!(TrendBlocks::new(fine, Pick::Floor).unwrap_err(), NotJudged::Window { blocks: 86_400 });
    assert!(TrendBlocks::new(Window::new(0, u64::MAX), Pick::Floor).is_err());
}

#[test]
fn the_limit_is_reached_when_the_line_does() {
    let trend = analysed(&day(leak(60.0))).unwrap();
    // 1 600 at the end, 25 an hour: 16 h to 2 000.
    let projection = trend.hours_until(2_000.0);
    let (expected, earliest) = (projection.expected_hours.unwrap(), projection.earliest_hours.unwrap());
    assert!((expected - 16.0).abs() < 1.0 && earliest < expected, "{projection:?}");
    assert_eq!(trend.hours_until(1_200.0).expected_hours, Some(0.0), "passed already");
    let falling = analysed(&day(leak(-30.0))).unwrap();
    assert_eq!(falling.class, Class::Shrinking);
    let never = falling.hours_until(2_000.0);
    assert_eq!((never.expected_hours, never.earliest_hours), (None, None));
}

#[test]
fn samples_at_one_hertz_are_no_different() {
    let samples: Vec<_> = (0..86_400_u64)
        .map(|s| (s * 1_000, 1_000.0 + s as f64 / 86_400.0 * 600.0 + (s * 7_919 % 101) as f64))
        .collect();
    let trend = analysed(&samples).unwrap();
    assert!((trend.slope_per_hour - 25.0).abs() < 0.25, "{trend:?}");
    assert_eq!((trend.blocks, trend.blocks_expected), (96, 96));
}

#[test]
fn a_backlog_is_stable_or_grows_by_records_a_window() {
    let backlog = |grows_per_s: f64| -> Vec<(u64, f64)> {
        let mut rng = Rng::with_seed(3);
        let at = |s: u64| (5_000 + s * 1_000, 300.0 + 200.0 * rng.f64() + grows_per_s * s as f64);
        (0..1_800).map(at).collect()
    };
    let window = |samples: &[(u64, f64)]| stable(samples, 5_000, 1_805_000).unwrap();
    let still = window(&backlog(0.0));
    assert!(still.lower < 0.0 && 0.0 < still.upper && still.upper < 50.0, "{still:?}");
    let growing = window(&backlog(1.0));
    assert!(growing.lower < 1_800.0 && 1_800.0 < growing.upper && growing.lower > 1_700.0, "{growing:?}");
    let mut gap = backlog(0.0);
    gap.retain(|(at_ms, _)| !(5_000..231_000).contains(at_ms));
    assert_eq!(stable(&gap, 5_000, 1_805_000), Err(NotJudged::EmptyBlock { of: 8 }));
    assert_eq!(stable(&gap, 10, 10), Err(NotJudged::Window { blocks: 0 }));
}

/// Numbers as they come when something is broken.
fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => 0.0..2_000.0_f64,
        1 => prop::num::f64::ANY,
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::MAX, f64::MIN, 0.0, -0.0, 5e-324]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_samples_are_judged_or_refused_and_the_figures_are_numbers(
        values in prop::collection::vec(any_value(), 0..700),
        start_ms in prop_oneof![Just(0), Just(u64::MAX - 3 * DAY_MS), 0..DAY_MS],
        step_ms in 1..400_000_u64,
        block_ms in prop_oneof![Just(900_000_u64), 1..7_200_000_u64],
        restart in prop::option::of(0..2 * DAY_MS),
        floor in any::<bool>(),
    ) {
        let window = Window::new(start_ms, start_ms + DAY_MS).block_ms(block_ms);
        let pick = if floor { Pick::Floor } else { Pick::Middle };
        let Ok(mut series) = TrendBlocks::new(window, pick) else { return Ok(()) };
        for (i, value) in (0_u64..).zip(&values) {
            series.push(start_ms.saturating_add(i * step_ms), *value);
            series.push(start_ms.wrapping_add(i.wrapping_mul(u64::MAX / 3)), *value);
        }
        if let Some(after) = restart {
            series.restarted(start_ms + after);
        }
        if let Ok(trend) = series.analyse() {
            prop_assert!(trend.growth.percent_per_day.is_finite() && trend.level > 0.0);
            prop_assert!(trend.slope_per_hour.is_finite() && trend.level_at_end.is_finite());
            let json = serde_json::to_string(&trend).unwrap();
            prop_assert_eq!(serde_json::from_str::<Trend>(&json).unwrap(), trend.clone());
            let decision = decide(&trend, &Limits::new(10.0, 50.0));
            let flat_enough = trend.growth.upper.is_some_and(|upper| upper < 10.0);
            prop_assert!(decision != Decision::Go || flat_enough, "{:?}", trend);
            let _ = (trend.hours_until(f64::NAN), trend.hours_until(f64::INFINITY));
        }
        let samples: Vec<_> = (0_u64..).zip(&values).map(|(i, value)| (start_ms.saturating_add(i * step_ms), *value)).collect();
        if let Ok(drift) = stable(&samples, start_ms, start_ms + 1_800_000) {
            prop_assert!(drift.lower <= drift.growth && drift.growth <= drift.upper);
        }
    }

    #[test]
    fn a_higher_limit_never_turns_go_into_another_decision(
        growth in -20.0..80.0_f64, noise in 0.0..60.0_f64, seed in any::<u64>(), more in 0.0..30.0_f64,
    ) {
        let mut rng = Rng::with_seed(seed);
        let samples: Vec<_> = (0..288)
            .map(|i| (i * 300_000, 1_000.0 + growth * i as f64 / 28.8 + noise * rng.f64()))
            .collect();
        let trend = analysed(&samples).unwrap();
        if decide(&trend, &Limits::new(10.0, 50.0)) == Decision::Go {
            prop_assert_eq!(decide(&trend, &Limits::new(10.0 + more, 50.0)), Decision::Go);
        }
    }

    #[test]
    fn the_unit_of_the_signal_does_not_matter(growth in 0.0..80.0_f64, noise in 0.1..60.0_f64, seed in any::<u64>()) {
        let in_unit = |unit: f64| {
            let mut rng = Rng::with_seed(seed);
            let samples: Vec<_> = (0..288)
                .map(|i| (i * 300_000, unit * (1_000.0 + growth * i as f64 / 28.8 + noise * rng.f64())))
                .collect();
            analysed(&samples).unwrap()
        };
        // A power of two: MB or MiB, without a difference in rounding.
        let (one, other) = (in_unit(1.0), in_unit(1_048_576.0));
        prop_assert_eq!(one.growth, other.growth);
        prop_assert_eq!(one.class, other.class);
    }
}

//! Beyond the asked steps and between them: the knee of chains that are made up.

use mm2_slo::climb::{ConclusionReason, LimitedBy};
use mm2_slo::ladder::HIGHEST_RATE_PER_SEC;
use mm2_slo::{Climb, Conclusion, Ladder, Level, Step};
use serde_json::{from_value, json, to_value};

use crate::climb::verdict;

/// A step that was held, and its verdict by its letter.
pub(crate) type Held = (Step, char);

/// The steps that may follow the asked ones, as the crate promises it; each is held at most twice.
const AT_MOST: usize = 115;

/// Holds what the climb asks for on a chain that answers each hold (the step, and how many were held before) by the
/// letter of a verdict.
pub(crate) fn hold(climb: &mut Climb, asked: usize, chain: impl Fn(&Step, usize) -> char) -> Vec<Held> {
    let mut held = Vec::new();
    while let Some((step, _)) = climb.next_step() {
        let letter = chain(&step, held.len());
        climb.record(&step, &verdict(letter), Some(step.rate_per_sec as f64));
        held.push((step, letter));
        assert!(held.len() <= 2 * (asked + AT_MOST), "it goes on and on: {}", told(&held));
    }
    held
}

fn climb(mut climb: Climb, chain: impl Fn(&Step, usize) -> char) -> (Vec<Held>, Conclusion) {
    let held = hold(&mut climb, 5, chain);
    (held, climb.conclude(false))
}

pub(crate) fn told(held: &[Held]) -> String {
    held.iter()
        .map(|(step, letter)| format!("{} {} {letter}", step.name, step.rate_per_sec))
        .collect::<Vec<_>>()
        .join(", ")
}

pub(crate) fn only_p5() -> Vec<Step> {
    Ladder::runbook().steps.split_off(4)
}

/// Carries so many records a second, and not one more.
pub(crate) fn carries(knee: u64) -> impl Fn(&Step, usize) -> char {
    move |step, _| if step.rate_per_sec <= knee { 'G' } else { 'S' }
}

#[test]
fn beyond_the_last_step_the_rate_goes_up_by_half_until_a_step_fails() {
    let (held, came_to) = climb(Climb::new(only_p5()).beyond(), carries(30_000));
    assert_eq!(told(&held), "P5 10000 G, B1 15000 G, B2 22500 G, B3 33750 S");
    assert!(held.iter().all(|(step, _)| step.p99_limit_ms == 5_000), "P5's limits");
    assert_eq!((came_to.level, &came_to.reason), (Level::Go, &ConclusionReason::AllValidated));
    let capacity = came_to.capacity;
    assert_eq!((capacity.validated_per_sec, capacity.first_failed_per_sec), (Some(22_500), Some(33_750)));
    assert_eq!((capacity.at_least, capacity.confirmed), (false, None));
    assert_eq!(capacity.limited_by.unwrap().name(), "sustained");
}

#[test]
fn the_knee_is_bisected_and_the_winner_held_once_more() {
    let (held, came_to) = climb(Climb::new(only_p5()).beyond().refine(), carries(30_000));
    assert_eq!(
        told(&held),
        "P5 10000 G, B1 15000 G, B2 22500 G, B3 33750 S, R1 28125 G, R2 30937 S, R3 29531 G, C1 29531 G"
    );
    let capacity = came_to.capacity;
    assert_eq!((capacity.validated_per_sec, capacity.first_failed_per_sec), (Some(29_531), Some(30_937)));
    assert_eq!(capacity.confirmed, Some(true));
}

#[test]
fn between_asked_steps_the_failed_steps_limits_count_and_the_verdict_stays_warn() {
    let (held, came_to) = climb(Climb::new(Ladder::runbook().steps).refine(), carries(6_000));
    assert!(
        told(&held).contains("P4 7500 S, R1 6250 S, R2 5625 G, R3 5937 G, R4 6093 S, C1 5937 G"),
        "{}",
        told(&held)
    );
    assert!(held[4..].iter().all(|(step, _)| step.p99_limit_ms == 4_000), "P4's limits");
    assert_eq!(came_to.level, Level::Warn);
    assert!(matches!(came_to.reason, ConclusionReason::CapacityFound(by) if by.step == "P4"));
}

#[test]
fn a_winner_that_fails_when_held_again_makes_way_for_the_next_lower_rate() {
    let (held, came_to) =
        climb(Climb::new(only_p5()).beyond().refine(), |step, _| match step.name.as_str() {
            "B1" | "C1" => 'S',
            name if name.starts_with('R') && step.rate_per_sec > 12_000 => 'S',
            _ => 'G',
        });
    assert_eq!(
        told(&held),
        "P5 10000 G, B1 15000 S, R1 12500 S, R2 11250 G, R3 11875 G, R4 12187 S, C1 11875 S, R5 11562 G, C2 11562 G"
    );
    assert_eq!(came_to.capacity.validated_per_sec, Some(11_562));
    assert_eq!((came_to.level, came_to.capacity.confirmed), (Level::Go, Some(true)));
}

#[test]
fn an_asked_step_that_fails_when_held_again_has_failed() {
    let (held, came_to) =
        climb(Climb::new(only_p5()).beyond().refine(), |step, _| if step.name == "P5" { 'G' } else { 'S' });
    assert!(told(&held).ends_with("C1 10000 S"), "{}", told(&held));
    assert_eq!((came_to.level, came_to.capacity.validated_per_sec), (Level::Stop, None));
}

#[test]
fn an_inconclusive_step_above_the_asked_ones_ends_the_climb_and_not_its_verdict() {
    let beyond =
        climb(Climb::new(only_p5()).beyond().refine(), |step, _| if step.name == "B1" { 'I' } else { 'G' });
    assert_eq!(told(&beyond.0), "P5 10000 G, B1 15000 I, B1 15000 I");
    assert_eq!((beyond.1.level, beyond.1.capacity.at_least), (Level::Go, true));
    let between = climb(Climb::new(only_p5()).beyond().refine(), |step, _| match step.name.as_str() {
        "B1" => 'S',
        "R1" => 'I',
        _ => 'G',
    });
    let capacity = between.1.capacity;
    assert_eq!(
        (between.1.level, capacity.validated_per_sec, capacity.at_least),
        (Level::Go, Some(10_000), true)
    );
    assert_eq!(capacity.first_failed_per_sec, Some(15_000));
}

#[test]
fn our_steps_pass_over_the_names_of_the_asked_ones() {
    let named =
        |name: &str, rate_per_sec| Step { name: name.to_owned(), rate_per_sec, ..only_p5()[0].clone() };
    let steps = vec![named("B1", 1_000), named("R2", 2_000), named("C1", 10_000)];
    let (held, _) = climb(Climb::new(steps).beyond().refine(), carries(25_000));
    assert_eq!(
        told(&held),
        "B1 1000 G, R2 2000 G, C1 10000 G, B2 15000 G, B3 22500 G, B4 33750 S, \
         R1 28125 S, R3 25312 S, R4 23906 G, R5 24609 G, C2 24609 G"
    );
}

#[test]
fn less_than_production_needs_is_a_stop() {
    let need =
        |need_per_sec| climb(Climb::new(only_p5()).beyond().requiring(need_per_sec), carries(30_000)).1;
    assert_eq!(need(15_750).level, Level::Go, "70 % of 22 500");
    let short = need(15_751);
    assert_eq!(short.level, Level::Stop);
    assert_eq!(short.reason.to_string(), "15750/s recommended, 15751/s needed");
    let none = climb(Climb::new(only_p5()).requiring(1), carries(0)).1;
    assert_eq!(none.level, Level::Stop);
    assert_eq!(none.reason.to_string(), "nothing recommended, 1/s needed");
}

#[test]
fn what_was_not_shown_may_still_suffice() {
    let needed = || Climb::new(only_p5()).beyond().requiring(1_000_000);
    for interrupted in [true, false] {
        assert_eq!(needed().conclude(interrupted).level, Level::Inconclusive, "interrupted: {interrupted}");
    }
    let in_vain = climb(needed(), |_, _| 'I').1;
    assert!(matches!(in_vain.reason, ConclusionReason::NotShown(_)), "{in_vain:?}");
    let short = climb(needed(), |step, _| if step.name == "P5" { 'G' } else { 'I' }).1;
    assert_eq!(short.level, Level::Stop, "the asked steps were shown, and 70 % of them is not enough");
}

#[test]
fn an_asked_step_that_wins_is_held_again_by_its_own_limits() {
    let (held, came_to) = climb(Climb::new(Ladder::runbook().steps).refine(), carries(5_100));
    assert!(told(&held).ends_with("R4 5156 S, C1 5000 G"), "{}", told(&held));
    let limits = |name: &str| held.iter().find(|(step, _)| step.name == name).unwrap().0.p99_limit_ms;
    assert_eq!((limits("P4"), limits("R4"), limits("C1")), (4_000, 4_000, 3_000));
    assert_eq!(came_to.capacity.confirmed, Some(true));
}

#[test]
fn with_nothing_validated_or_nothing_failed_there_is_nothing_to_refine() {
    let (held, came_to) = climb(Climb::new(only_p5()).beyond().refine(), carries(9_999));
    assert_eq!((told(&held).as_str(), came_to.level), ("P5 10000 S", Level::Stop));
    assert_eq!((came_to.capacity.confirmed, came_to.capacity.at_least), (None, false));
    let (held, came_to) = climb(Climb::new(only_p5()).refine(), carries(10_000));
    assert_eq!((told(&held).as_str(), came_to.level), ("P5 10000 G", Level::Go));
    assert_eq!((came_to.capacity.confirmed, came_to.capacity.at_least), (None, true));
}

#[test]
fn beyond_ends_at_the_highest_rate_of_all() {
    let (held, came_to) = climb(Climb::new(only_p5()).beyond().refine(), carries(u64::MAX));
    assert_eq!(held.len(), 1 + 18);
    assert_eq!(came_to.capacity.validated_per_sec, Some(HIGHEST_RATE_PER_SEC));
    assert!(came_to.capacity.at_least && came_to.capacity.first_failed_per_sec.is_none());
}

#[test]
fn after_three_refuted_winners_the_climb_ends_with_the_next_lower_rate() {
    let fickle = |step: &Step, _| match step.name.as_bytes()[0] {
        b'C' => 'S',
        _ if step.rate_per_sec > 14_000 => 'S',
        _ => 'G',
    };
    let (held, came_to) = climb(Climb::new(only_p5()).beyond().refine(), fickle);
    assert_eq!(
        told(&held),
        "P5 10000 G, B1 15000 S, R1 12500 G, R2 13750 G, R3 14375 S, C1 13750 S, R4 13125 G, C2 13125 S, \
         C3 12500 S"
    );
    let capacity = came_to.capacity;
    assert_eq!((capacity.validated_per_sec, capacity.first_failed_per_sec), (Some(10_000), Some(12_500)));
    assert_eq!((capacity.confirmed, capacity.at_least), (Some(false), false));
    assert_eq!((came_to.level, came_to.reason), (Level::Go, ConclusionReason::AllValidated));
}

#[test]
fn an_asked_rate_that_fails_again_is_a_capacity_found_below_it() {
    let steps = Ladder::runbook().steps;
    let (held, came_to) = climb(Climb::new(steps).beyond().refine(), |step, _| match step.name.as_str() {
        "P1" | "P2" | "P3" | "P4" | "P5" => 'G',
        _ if step.rate_per_sec > 9_000 => 'S',
        _ => 'G',
    });
    assert!(told(&held).contains("C1 10000 S, R5 8750 G"), "{}", told(&held));
    assert!(came_to.capacity.validated_per_sec < Some(9_000) && came_to.capacity.confirmed == Some(true));
    assert_eq!(
        (came_to.level, came_to.reason.to_string().as_str()),
        (Level::Warn, "capacity found, C1: sustained failed")
    );
}

/// The rate that production was promised passed once, and then nobody could tell: that is no GO.
#[test]
fn an_asked_winner_that_shows_nothing_the_second_time_is_not_shown() {
    let (held, came_to) =
        climb(Climb::new(only_p5()).beyond().refine(), |step, _| match step.name.as_str() {
            "B1" | "R1" | "R2" | "R3" | "R4" => 'S',
            "C1" => 'I',
            _ => 'G',
        });
    assert!(told(&held).ends_with("C1 10000 I, C1 10000 I"), "{}", told(&held));
    assert_eq!(
        (came_to.level, came_to.reason.to_string().as_str()),
        (Level::Inconclusive, "C1: slip not shown either way")
    );
    let capacity = came_to.capacity;
    assert_eq!(capacity.validated_per_sec, Some(10_000));
    assert_eq!((capacity.confirmed, capacity.held_again_in_vain, capacity.at_least), (None, true, true));

    // It can only carry less than it seemed to, and that was too little already.
    let needed = Climb::new(only_p5()).beyond().refine().requiring(7_001);
    let too_little = climb(needed, |step, _| match step.name.as_str() {
        "B1" | "R1" | "R2" | "R3" | "R4" => 'S',
        "C1" => 'I',
        _ => 'G',
    });
    assert_eq!(too_little.1.level, Level::Stop, "{:?}", too_little.1);
}

#[test]
fn a_winner_above_the_asked_rates_that_shows_nothing_the_second_time_leaves_the_verdict_alone() {
    let (held, came_to) =
        climb(Climb::new(only_p5()).beyond().refine(), |step, _| match step.name.as_str() {
            "C1" => 'I',
            _ if step.rate_per_sec > 12_500 => 'S',
            _ => 'G',
        });
    assert!(told(&held).ends_with("C1 12500 I, C1 12500 I"), "{}", told(&held));
    let capacity = came_to.capacity;
    assert_eq!((came_to.level, capacity.validated_per_sec), (Level::Go, Some(12_500)));
    assert_eq!((capacity.confirmed, capacity.held_again_in_vain), (None, true));
}

#[test]
fn a_lower_winner_that_shows_nothing_is_held_in_vain_whatever_was_refuted_above_it() {
    let (held, came_to) =
        climb(Climb::new(only_p5()).beyond().refine(), |step, _| match step.name.as_str() {
            "C1" => 'S',
            "C2" => 'I',
            _ if step.rate_per_sec > 14_000 => 'S',
            _ => 'G',
        });
    assert!(told(&held).ends_with("C1 13750 S, R4 13125 G, C2 13125 I, C2 13125 I"), "{}", told(&held));
    let capacity = came_to.capacity;
    assert_eq!((capacity.validated_per_sec, capacity.confirmed), (Some(13_125), None));
    assert!(capacity.held_again_in_vain);
}

#[test]
fn an_asked_step_that_failed_stays_the_reason_where_its_winner_shows_nothing() {
    let steps = Ladder::runbook().steps;
    let (held, came_to) = climb(Climb::new(steps).refine(), |step, _| match step.name.as_str() {
        "C1" => 'I',
        _ if step.rate_per_sec > 5_000 => 'S',
        _ => 'G',
    });
    assert!(told(&held).ends_with("C1 5000 I, C1 5000 I"), "{}", told(&held));
    assert!(matches!(came_to.reason, ConclusionReason::CapacityFound(by) if by.step == "P4"));
    assert_eq!((came_to.level, came_to.capacity.held_again_in_vain), (Level::Warn, true));
}

#[test]
fn a_doubt_above_the_asked_rates_is_none_of_theirs() {
    let doubted = |doubted: &'static str| {
        let first = std::cell::Cell::new(true);
        climb(Climb::new(only_p5()).beyond().refine(), move |step, _| match step.name.as_str() {
            name if name == doubted && first.replace(false) => 'D',
            _ if step.rate_per_sec > 10_000 && doubted == "C1" => 'S',
            _ if step.rate_per_sec > 15_000 => 'S',
            _ => 'G',
        })
    };
    let (held, came_to) = doubted("B1");
    assert!(told(&held).starts_with("P5 10000 G, B1 15000 D, B1 15000 G"), "{}", told(&held));
    assert_eq!(came_to.level, Level::Go);
    let first = std::cell::Cell::new(true);
    let (held, came_to) = climb(Climb::new(only_p5()).beyond().refine(), |step, _| match step.rate_per_sec {
        15_000 if first.replace(false) => 'D',
        10_000 => 'G',
        _ => 'S',
    });
    assert!(told(&held).contains("B1 15000 D, B1 15000 S"), "{}", told(&held));
    assert_eq!(came_to.level, Level::Go, "nor is it the next step's");
    let (held, came_to) = doubted("C1");
    assert!(told(&held).ends_with("C1 10000 D, C1 10000 G"), "{}", told(&held));
    assert_eq!((came_to.level, came_to.capacity.confirmed), (Level::Warn, Some(true)));
    assert_eq!(
        came_to.reason.to_string(),
        "all steps validated, C1: p99_latency only when it was held again"
    );
}

#[test]
fn a_warning_counts_at_a_rate_that_was_asked_for_and_not_above() {
    let above = climb(Climb::new(only_p5()).beyond(), |step, _| match step.rate_per_sec {
        10_000 => 'G',
        15_000 => 'W',
        _ => 'S',
    });
    assert_eq!((above.1.level, above.1.capacity.validated_per_sec), (Level::Go, Some(15_000)));
    let again = climb(Climb::new(only_p5()).beyond().refine(), |step, _| match step.name.as_str() {
        "P5" => 'G',
        "C1" => 'W',
        _ => 'S',
    });
    assert_eq!(again.1.reason.to_string(), "all steps validated, warning at C1: backlog");
}

#[test]
fn the_stop_that_bounds_the_capacity_says_what_limits_it() {
    let (_, came_to) = climb(Climb::new(only_p5()).beyond().refine(), |step, _| match step.rate_per_sec {
        ..=12_000 => 'G',
        12_001..15_000 => 'O',
        _ => 'S',
    });
    assert_eq!(came_to.capacity.limited_by, Some(LimitedBy::Source));
}

#[test]
fn a_climb_that_is_not_over_is_incomplete_and_its_capacity_at_least() {
    let mut climb = Climb::new(only_p5()).beyond().refine();
    for letter in ['G', 'S', 'G'] {
        let (step, _) = climb.next_step().unwrap();
        climb.record(&step, &verdict(letter), None);
    }
    for (interrupted, reason) in
        [(false, ConclusionReason::Incomplete), (true, ConclusionReason::Interrupted)]
    {
        let came_to = climb.clone().conclude(interrupted);
        assert_eq!((came_to.level, came_to.reason), (Level::Inconclusive, reason));
        let capacity = came_to.capacity;
        assert_eq!((capacity.validated_per_sec, capacity.at_least), (Some(12_500), true));
        assert_eq!((capacity.first_failed_per_sec, capacity.confirmed), (Some(15_000), None));
    }
}

#[test]
fn the_achieved_rate_is_that_of_the_step_that_passed_first() {
    let mut climb = Climb::new(only_p5()).beyond().refine();
    while let Some((step, _)) = climb.next_step() {
        let achieved = step.rate_per_sec as f64 + if step.name == "C1" { 0.5 } else { 0.0 };
        climb.record(&step, &verdict(carries(10_000)(&step, 0)), Some(achieved));
    }
    assert_eq!(climb.conclude(false).capacity.validated_achieved_per_sec, Some(10_000.0));
}

#[test]
fn ladders_that_are_none_end_too() {
    let steps = |rates: &[u64]| -> Vec<Step> {
        rates.iter().map(|rate| Step { rate_per_sec: *rate, ..only_p5()[0].clone() }).collect()
    };
    for rates in [&[][..], &[0], &[1], &[5_000, 1_000], &[7, 7, 7], &[u64::MAX], &[0, u64::MAX]] {
        for letters in ["G", "S", "GS", "GGS", "GI", "GSIG"] {
            let answer = |_: &Step, nth: usize| char::from(letters.as_bytes()[nth % letters.len()]);
            let (held, _) = climb(Climb::new(steps(rates)).beyond().refine(), answer);
            assert!(held.len() >= rates.len().min(1), "{rates:?} {letters}");
        }
    }
}

#[test]
fn a_conclusion_comes_back_from_json_as_it_went_and_an_earlier_one_still_reads() {
    let came_to = climb(Climb::new(only_p5()).beyond().refine().requiring(50_000), carries(30_000)).1;
    let written = to_value(&came_to).unwrap();
    assert_eq!(
        written["reason"],
        json!({ "code": "below_requirement", "need_per_sec": 50_000, "recommended_per_sec": 20_671 })
    );
    assert_eq!(
        (&written["capacity"]["first_failed_per_sec"], &written["capacity"]["confirmed"]),
        (&json!(30_937), &json!(true))
    );
    assert_eq!(from_value::<Conclusion>(written).unwrap(), came_to);

    let earlier = json!({
        "level": "WARN", "reason": { "code": "capacity_found", "step": "P4", "criterion": "sustained" },
        "capacity": { "validated_per_sec": 5_000, "validated_achieved_per_sec": 4_999.9, "at_least": false,
            "recommended_per_sec": 3_500, "limited_by": "sustained" },
    });
    let read: Conclusion = from_value(earlier.clone()).unwrap();
    assert_eq!((read.capacity.first_failed_per_sec, read.capacity.confirmed), (None, None));
    assert!(!read.capacity.held_again_in_vain);
    assert_eq!(to_value(&read).unwrap(), earlier);

    let doubt = climb(Climb::new(only_p5()), |_, nth| if nth == 0 { 'D' } else { 'G' }).1;
    let written = to_value(&doubt).unwrap();
    let reason = json!({ "code": "passed_held_again", "step": "P5", "criterion": "p99_latency" });
    assert_eq!(written["reason"], reason);
    assert_eq!(from_value::<Conclusion>(written).unwrap(), doubt);
}

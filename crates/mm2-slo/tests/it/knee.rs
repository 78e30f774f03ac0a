//! Beyond the asked steps and between them: the knee of chains that are made up.

use mm2_slo::climb::ConclusionReason;
use mm2_slo::{Climb, Conclusion, Ladder, Level, Step};
use proptest::prelude::*;

use crate::climb::verdict;

/// A step that was held, and its verdict by its letter.
type Held = (Step, char);

/// Climbs a chain that answers each hold (the step, and how many were held before) by the letter of a verdict.
fn climb(mut climb: Climb, chain: impl Fn(&Step, usize) -> char) -> (Vec<Held>, Conclusion) {
    let mut held = Vec::new();
    while let Some((step, _)) = climb.next_step() {
        let letter = chain(&step, held.len());
        climb.record(&step, &verdict(letter), Some(step.rate_per_sec as f64));
        held.push((step, letter));
        assert!(held.len() <= 2 * (5 + 24 + 3 * 9), "it goes on and on: {held:?}");
    }
    (held, climb.conclude(false))
}

fn told(held: &[Held]) -> String {
    held.iter()
        .map(|(step, letter)| format!("{} {} {letter}", step.name, step.rate_per_sec))
        .collect::<Vec<_>>()
        .join(", ")
}

fn only_p5() -> Vec<Step> {
    Ladder::runbook().steps.split_off(4)
}

/// Carries so many records a second, and not one more.
fn carries(knee: u64) -> impl Fn(&Step, usize) -> char {
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
    assert!(told(&held).contains("P4 7500 S, R1 6250 S, R2 5625 G, R3 5937 G, R4 6093 S, C1 5937 G"), "{}", told(&held));
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
fn our_steps_do_not_take_the_names_of_the_asked_ones() {
    let steps = vec![Step { name: "B1".to_owned(), ..only_p5()[0].clone() }];
    let (held, _) = climb(Climb::new(steps).beyond(), carries(12_000));
    assert_eq!(told(&held), "B1 10000 G, B1x 15000 S");
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
    assert_eq!(none.reason.to_string(), "nothing recommended, 1/s needed");
    let open = Climb::new(only_p5()).requiring(1_000_000);
    assert_eq!(open.conclude(true).level, Level::Inconclusive, "an interrupted climb shows nothing");
}

/// A chain that carries about `knee` records a second: near it the verdict is a matter of luck.
fn noisy(knee: u64, luck: &[u8]) -> impl Fn(&Step, usize) -> char + '_ {
    move |step, nth| {
        let chance = luck[nth % luck.len()];
        match step.rate_per_sec as f64 / knee.max(1) as f64 {
            _ if chance == 0 => 'I',
            far if far < 0.9 => 'G',
            far if far > 1.1 => 'S',
            _ => ['G', 'W', 'S'][usize::from(chance) % 3],
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn an_exact_chains_knee_is_found_within_five_per_cent(knee in 1_000_u64..2_000_000) {
        let (_, came_to) = climb(Climb::new(Ladder::runbook().steps).beyond().refine(), carries(knee));
        let capacity = came_to.capacity;
        let (good, bad) = (capacity.validated_per_sec.unwrap(), capacity.first_failed_per_sec.unwrap());
        prop_assert!(good <= knee && knee < bad);
        prop_assert!(bad - good <= 1 || bad as f64 <= good as f64 * 1.05 + 1e-6, "{good} {bad}");
        prop_assert_eq!((capacity.at_least, capacity.confirmed), (false, Some(true)));
    }

    #[test]
    fn whatever_a_chain_does_the_climb_ends_and_claims_no_more_than_it_saw(
        knee in 1_u64..300_000,
        luck in proptest::collection::vec(0_u8..20, 1..40),
        beyond: bool,
        refine: bool,
    ) {
        let start = || {
            let climb = Climb::new(Ladder::runbook().steps);
            let climb = if beyond { climb.beyond() } else { climb };
            if refine { climb.refine() } else { climb }
        };
        let (held, came_to) = climb(start(), noisy(knee, &luck));
        let Conclusion { level, capacity, .. } = came_to.clone();
        if let Some(rate) = capacity.validated_per_sec {
            let last = held.iter().rfind(|(step, letter)| step.rate_per_sec == rate && *letter != 'I');
            prop_assert!(matches!(last, Some((_, 'G' | 'W'))), "refuted: {}", told(&held));
            prop_assert!(capacity.first_failed_per_sec.is_none_or(|failed| failed > rate));
        }
        let stopped = held.iter().any(|(_, letter)| *letter == 'S');
        prop_assert!(capacity.at_least || stopped, "a limit that nobody saw: {}", told(&held));
        if capacity.confirmed == Some(true) {
            let rate = capacity.validated_per_sec.unwrap();
            let passes = held.iter().filter(|(step, letter)| step.rate_per_sec == rate && "GW".contains(*letter));
            prop_assert!(passes.count() >= 2, "held once: {}", told(&held));
        }
        let asked: Vec<&Held> = held.iter().filter(|(step, _)| step.name.starts_with('P')).collect();
        let all_passed = Ladder::runbook().steps.iter().all(|step| {
            asked.iter().any(|(held, letter)| held.name == step.name && "GW".contains(*letter))
        });
        if all_passed && capacity.validated_per_sec >= Some(10_000) {
            prop_assert!(level <= Level::Warn, "{level}: {}", told(&held));
        }

        // A report replays what was recorded: the last hold of each step, in the order of their beginning.
        let mut replayed = start();
        for (at, (step, letter)) in held.iter().enumerate() {
            let again = held.get(at + 1).is_some_and(|(next, _)| next.name == step.name);
            if !again {
                replayed.record(step, &verdict(*letter), Some(step.rate_per_sec as f64));
            }
        }
        let replayed = replayed.conclude(false);
        let gave_up = held.last().is_some_and(|(_, letter)| *letter == 'I');
        if !gave_up {
            prop_assert_eq!(replayed, came_to);
        }
    }
}

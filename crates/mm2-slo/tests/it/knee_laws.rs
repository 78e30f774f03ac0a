//! What holds for any climb on any chain. The chains are made up, and may answer differently each time.

use mm2_slo::climb::ConclusionReason;
use mm2_slo::{Climb, Conclusion, Ladder, Level, Step};
use proptest::prelude::*;

use crate::climb::verdict;
use crate::knee::{Held, carries, hold, only_p5, told};

/// Rising steps with rates up to 10 million/s: a few near each other, a few far apart.
fn ladder() -> impl Strategy<Value = Vec<Step>> {
    let rate = prop_oneof![1_u64..100, 1_000_u64..20_000, 1_u64..10_000_000];
    proptest::collection::btree_set(rate, 1..6).prop_map(|rates| {
        let named = |(at, rate_per_sec)| Step {
            name: format!("P{}", at + 1),
            rate_per_sec,
            p99_limit_ms: 1_000 * (at as u64 + 1),
            ..only_p5()[0].clone()
        };
        let steps: Vec<Step> = rates.into_iter().enumerate().map(named).collect();
        Ladder { steps: steps.clone() }.validate().unwrap();
        steps
    })
}

#[derive(Debug, Clone)]
struct Plan {
    steps: Vec<Step>,
    beyond: bool,
    refine: bool,
    need_per_sec: Option<u64>,
}

fn plan() -> impl Strategy<Value = Plan> {
    (ladder(), any::<bool>(), any::<bool>(), proptest::option::of(1_u64..100_000))
        .prop_map(|(steps, beyond, refine, need_per_sec)| Plan { steps, beyond, refine, need_per_sec })
}

impl Plan {
    fn start(&self) -> Climb {
        let mut climb = Climb::new(self.steps.clone());
        if self.beyond {
            climb = climb.beyond();
        }
        if self.refine {
            climb = climb.refine();
        }
        match self.need_per_sec {
            Some(need_per_sec) => climb.requiring(need_per_sec),
            None => climb,
        }
    }

    fn climb(&self, chain: impl Fn(&Step, usize) -> char) -> (Vec<Held>, Conclusion) {
        let mut climb = self.start();
        let held = hold(&mut climb, self.steps.len(), chain);
        (held, climb.conclude(false))
    }

    /// What these verdicts lead to, if nothing more is held.
    fn replay(&self, held: &[Held], interrupted: bool) -> Conclusion {
        let mut climb = self.start();
        for (step, letter) in held {
            climb.record(step, &verdict(*letter), Some(step.rate_per_sec as f64));
        }
        climb.conclude(interrupted)
    }

    fn highest_asked(&self) -> u64 {
        self.steps.last().unwrap().rate_per_sec
    }
}

/// Carries `knee` a second, give or take 10 %: within those the verdict is luck. Now and then it shows nothing.
fn noisy(knee: u64, luck: &[u8]) -> impl Fn(&Step, usize) -> char + '_ {
    move |step, nth| {
        let chance = luck[nth % luck.len()];
        match step.rate_per_sec as f64 / knee as f64 {
            _ if chance == 0 => 'I',
            far if far < 0.9 => 'G',
            far if far > 1.1 => 'S',
            _ => ['G', 'W', 'S'][usize::from(chance) % 3],
        }
    }
}

/// Has no knee: every hold is luck.
fn erratic(luck: &[u8]) -> impl Fn(&Step, usize) -> char + '_ {
    |_, nth| ['G', 'G', 'G', 'W', 'S', 'S', 'I', 'D'][usize::from(luck[nth % luck.len()]) % 8]
}

fn luck() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(0_u8..40, 1..60)
}

fn passed(held: &[Held], rate: u64) -> usize {
    held.iter().filter(|(step, letter)| step.rate_per_sec == rate && "GW".contains(*letter)).count()
}

/// Whether an asked step failed.
fn asked_failed(came_to: &Conclusion) -> bool {
    matches!(came_to.reason, ConclusionReason::CapacityFound(_) | ConclusionReason::NoneValidated(_))
}

/// The rates that failed.
fn stops(held: &[Held]) -> impl Iterator<Item = u64> + '_ {
    held.iter().filter(|(_, letter)| *letter == 'S').map(|(step, _)| step.rate_per_sec)
}

fn in_vain(letter: char) -> bool {
    "ID".contains(letter)
}

/// Whether the last step was held twice and showed nothing.
fn twice_in_vain(held: &[Held]) -> bool {
    matches!(held, [.., (first, a), (second, b)] if first == second && in_vain(*a) && in_vain(*b))
}

fn close(good: u64, bad: u64) -> bool {
    bad - good <= 1 || bad as f64 <= good as f64 * 1.05 + 1e-6
}

/// The figures claim what was held, and nothing else.
fn honest(plan: &Plan, held: &[Held], came_to: &Conclusion) -> Result<(), TestCaseError> {
    let (capacity, told) = (&came_to.capacity, told(held));
    prop_assert_eq!(capacity.first_failed_per_sec, stops(held).min(), "{}", told);
    prop_assert!(capacity.at_least || capacity.first_failed_per_sec.is_some(), "no STOP: {}", told);
    if let Some(rate) = capacity.validated_per_sec {
        prop_assert!(passed(held, rate) >= 1, "{rate} never passed: {}", told);
        prop_assert!(stops(held).all(|failed| failed > rate), "{rate} is refuted: {}", told);
        let higher = held.iter().map(|(step, _)| step.rate_per_sec).filter(|held| *held > rate).min();
        prop_assert!(
            higher.is_none_or(|higher| passed(held, higher) == 0 || stops(held).any(|s| s <= higher))
        );
    }
    prop_assert_eq!(capacity.recommended_per_sec, capacity.validated_per_sec.map(|rate| rate * 7 / 10));
    let again = held.iter().filter(|(step, letter)| step.name.starts_with('C') && !in_vain(*letter)).count();
    let at_the_end_in_vain =
        held.last().is_some_and(|(step, _)| step.name.starts_with('C')) && twice_in_vain(held);
    prop_assert_eq!(capacity.held_again_in_vain, at_the_end_in_vain, "{}", told);
    prop_assert_eq!(
        capacity.confirmed.is_some(),
        again > 0 && !at_the_end_in_vain && capacity.validated_per_sec.is_some(),
        "{}",
        told
    );
    let narrowed = plan.refine && !capacity.at_least && capacity.validated_per_sec.is_some();
    prop_assert!(!narrowed || capacity.confirmed.is_some(), "the end, and nothing was held again: {}", told);
    if capacity.confirmed == Some(true) {
        let (good, bad) = (capacity.validated_per_sec.unwrap(), capacity.first_failed_per_sec.unwrap());
        prop_assert!(passed(held, good) >= 2, "{good} was held once: {}", told);
        prop_assert!(close(good, bad), "{good} and {bad}: {}", told);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_knee_of_a_chain_without_luck_is_found(plan in plan(), knee in prop_oneof![1_u64..200, 1_u64..12_000_000]) {
        let (held, came_to) = plan.climb(carries(knee));
        honest(&plan, &held, &came_to)?;
        let capacity = came_to.capacity;
        prop_assert!(capacity.validated_per_sec.is_none_or(|rate| rate <= knee));
        prop_assert!(capacity.first_failed_per_sec.is_none_or(|rate| rate > knee));
        let limit = plan.highest_asked().min(10_000_000);
        if plan.beyond && knee >= limit && knee < 10_000_000 {
            prop_assert!(!capacity.at_least, "{}", told(&held));
        }
        if plan.refine && capacity.validated_per_sec.is_some() && !capacity.at_least {
            prop_assert_eq!(capacity.confirmed, Some(true), "{}", told(&held));
            prop_assert_eq!(held.iter().filter(|(step, _)| step.name.starts_with('C')).count(), 1);
        }
    }

    #[test]
    fn whatever_a_chain_does_the_climb_claims_what_it_saw(plan in plan(), luck in luck()) {
        let (held, came_to) = plan.climb(erratic(&luck));
        honest(&plan, &held, &came_to)?;
    }

    #[test]
    fn near_a_noisy_knee_the_validated_rate_is_never_beyond_the_noise(
        plan in plan(), knee in 1_u64..300_000, luck in luck(),
    ) {
        let (held, came_to) = plan.climb(noisy(knee, &luck));
        honest(&plan, &held, &came_to)?;
        let rate = came_to.capacity.validated_per_sec.unwrap_or(0);
        prop_assert!(rate as f64 <= knee as f64 * 1.1, "{rate} of {knee}: {}", told(&held));
    }

    #[test]
    fn what_is_met_above_the_asked_rates_leaves_the_verdict_alone(plan in plan(), luck in luck()) {
        let plan = Plan { need_per_sec: None, ..plan };
        let plain = Plan { beyond: false, refine: false, ..plan.clone() };
        let (_, asked) = plain.climb(erratic(&luck));
        let (held, came_to) = plan.climb(erratic(&luck));
        let validated = came_to.capacity.validated_per_sec;
        let is_asked_again =
            |step: &Step| step.name.starts_with('C') && step.rate_per_sec <= plan.highest_asked();
        let of_asked_again = |letters: &'static str| {
            held.iter().any(|(step, letter)| is_asked_again(step) && letters.contains(*letter))
        };
        let failed_again = of_asked_again("S");
        let ended_in_vain = twice_in_vain(&held) && held.last().is_some_and(|(step, _)| is_asked_again(step));
        if ended_in_vain && !failed_again && asked.level <= Level::Warn && !asked_failed(&asked) {
            prop_assert_eq!(came_to.level, Level::Inconclusive, "{}", told(&held));
        } else if !of_asked_again("WSD") {
            prop_assert_eq!((came_to.level, came_to.reason), (asked.level, asked.reason), "{}", told(&held));
        } else if validated >= Some(plan.highest_asked()) {
            prop_assert_eq!(came_to.level, Level::Warn, "{}", told(&held));
        } else {
            let refuted = if validated.is_some() { Level::Warn } else { Level::Stop };
            prop_assert_eq!(came_to.level, refuted, "{}", told(&held));
        }
    }

    /// What the users fear is a GO that was not shown: of an asked rate, each hold that ended the climb's interest in it
    /// passed, and none of them read anything beyond a limit.
    #[test]
    fn a_go_has_no_asked_rate_that_failed_warned_or_was_left_in_doubt(plan in plan(), luck in luck()) {
        let (held, came_to) = plan.climb(erratic(&luck));
        let of_asked: Vec<&Held> =
            held.iter().filter(|(step, _)| step.rate_per_sec <= plan.highest_asked()).collect();
        let against = of_asked.iter().any(|(_, letter)| "WSD".contains(*letter));
        let not_shown = twice_in_vain(&held) && held.last().is_some_and(|(step, _)| step.rate_per_sec <= plan.highest_asked());
        prop_assert!(came_to.level != Level::Go || !(against || not_shown), "{}", told(&held));
    }

    /// A doubt is an INCONCLUSIVE hold that is remembered: it changes no step and no figure, only GO to WARN.
    #[test]
    fn a_doubt_moves_nothing_but_go_to_warn(plan in plan(), luck in luck()) {
        let chain = erratic(&luck);
        let (held, doubted) = plan.climb(&chain);
        let (same, plain) = plan.climb(|step, nth| Some(chain(step, nth)).filter(|letter| *letter != 'D').unwrap_or('I'));
        prop_assert_eq!(held.len(), same.len());
        prop_assert_eq!(&doubted.capacity, &plain.capacity);
        let warned = plain.level == Level::Go && doubted.level == Level::Warn;
        prop_assert!(warned || doubted.level == plain.level, "{}", told(&held));
    }

    #[test]
    fn the_same_verdicts_lead_to_the_same_conclusion_and_to_the_same_next_step(
        plan in plan(), luck in luck(), cut in any::<prop::sample::Index>(),
    ) {
        let (held, came_to) = plan.climb(erratic(&luck));
        prop_assert_eq!(plan.replay(&held, false), came_to);

        let so_far = &held[..cut.index(held.len())];
        for interrupted in [false, true] {
            let cut_short = plan.replay(so_far, interrupted);
            honest(&plan, so_far, &cut_short)?;
            prop_assert_eq!(cut_short.level, Level::Inconclusive);
            prop_assert!(cut_short.capacity.at_least);
        }
        let mut climb = plan.start();
        for (step, letter) in &held {
            let (due, _) = climb.next_step().unwrap();
            prop_assert_eq!(&due, step);
            climb.record(step, &verdict(*letter), None);
        }
        prop_assert_eq!(climb.next_step(), None);
    }

    #[test]
    fn less_than_the_need_is_stop_unless_nothing_was_shown(plan in plan(), luck in luck(), need in 0_u64..20_000) {
        let plan = Plan { need_per_sec: None, ..plan };
        let needed = Plan { need_per_sec: Some(need), ..plan.clone() };
        let (_, without) = plan.climb(erratic(&luck));
        let (_, with) = needed.climb(erratic(&luck));
        prop_assert_eq!(&with.capacity, &without.capacity);
        let short = with.capacity.recommended_per_sec.is_none_or(|rate| rate < need);
        if short && without.level != Level::Inconclusive {
            prop_assert_eq!(with.level, Level::Stop);
            let said = matches!(with.reason, ConclusionReason::BelowRequirement { need_per_sec, .. } if need_per_sec == need);
            prop_assert!(said, "{:?}", with.reason);
        } else {
            prop_assert_eq!((with.level, with.reason), (without.level, without.reason));
        }
    }

    #[test]
    fn every_step_has_a_name_of_its_own_and_limits_from_its_ladder(plan in plan(), luck in luck()) {
        let (held, _) = plan.climb(erratic(&luck));
        for (at, (step, _)) in held.iter().enumerate() {
            let again = at > 0 && in_vain(held[at - 1].1) && held[at - 1].0 == *step;
            let named = held[..at].iter().filter(|(before, _)| before.name == step.name).count();
            prop_assert_eq!(named, usize::from(again), "{}: {}", &step.name, told(&held));
            prop_assert!(plan.steps.iter().any(|asked| asked.p99_limit_ms == step.p99_limit_ms));
            if step.rate_per_sec > plan.highest_asked() {
                prop_assert_eq!(step.p99_limit_ms, plan.steps.last().unwrap().p99_limit_ms);
            }
        }
    }
}

//! The ramp's rules: from a row of levels to a conclusion.

use mm2_slo::climb::{Capacity, ConclusionReason, Decided, LimitedBy};
use mm2_slo::finding::{Outcome, Reason};
use mm2_slo::{Climb, Conclusion, CriterionName as Name, Ladder, Level, Verdict};

use crate::sample::finding;

/// A verdict by its letter: Go, Warn, Inconclusive, Stop, and sOurce-limited.
pub(crate) fn verdict(letter: char) -> Verdict {
    Verdict::of(vec![match letter {
        'G' => finding(Name::P99_LATENCY, Outcome::Go, &Reason::WithinLimit),
        'W' => finding(Name::BACKLOG, Outcome::Warn, &Reason::BeyondLimit),
        'I' => finding(Name::SLIP, Outcome::Inconclusive, &Reason::GeneratorSlip),
        'S' => finding(Name::SUSTAINED, Outcome::Stop, &Reason::BeyondLimit),
        'O' => finding(Name::DELIVERED, Outcome::Stop, &Reason::SourceLimited),
        other => panic!("no verdict {other}"),
    }])
}

/// Climbs P1 to P5 with one verdict a hold, and tells which holds were asked for.
fn climb(verdicts: &str, interrupted: bool) -> (String, Conclusion) {
    let mut climb = Climb::new(Ladder::runbook().steps);
    let mut holds = Vec::new();
    for letter in verdicts.chars() {
        let (step, attempt) = climb.next_step().expect("the climb goes on");
        holds.push(if attempt == 1 { step.name.clone() } else { format!("{}/{attempt}", step.name) });
        climb.record(&step, &verdict(letter), Some(step.rate_per_sec as f64 - 1.0));
    }
    (holds.join(" "), climb.conclude(interrupted))
}

fn over(verdicts: &str) -> bool {
    let mut climb = Climb::new(Ladder::runbook().steps);
    for letter in verdicts.chars() {
        let (step, _) = climb.next_step().expect("the climb goes on");
        climb.record(&step, &verdict(letter), None);
    }
    climb.next_step().is_none()
}

#[test]
fn levels_and_capacities() {
    use Level::{Go, Inconclusive, Stop, Warn};
    for (verdicts, interrupted, level, validated, at_least, limited_by) in [
        ("GGGGG", false, Go, Some(10_000), true, None),
        ("GGWGG", false, Warn, Some(10_000), true, None),
        ("GGGGS", false, Warn, Some(7_500), false, Some("sustained")),
        ("GWS", false, Warn, Some(2_500), false, Some("sustained")),
        ("GO", false, Warn, Some(1_000), false, Some("source")),
        ("S", false, Stop, None, false, Some("sustained")),
        ("O", false, Stop, None, false, Some("source")),
        ("IGGGGG", false, Go, Some(10_000), true, None),
        ("GIWGGG", false, Warn, Some(10_000), true, None),
        ("GGIS", false, Warn, Some(2_500), false, Some("sustained")),
        ("GGII", false, Inconclusive, Some(2_500), true, None),
        ("II", false, Inconclusive, None, true, None),
        ("GG", false, Inconclusive, Some(2_500), true, None),
        ("", false, Inconclusive, None, true, None),
        ("GGI", true, Inconclusive, Some(2_500), true, None),
        ("GG", true, Inconclusive, Some(2_500), true, None),
        ("GGGS", true, Inconclusive, Some(5_000), true, Some("sustained")),
    ] {
        let (_, came_to) = climb(verdicts, interrupted);
        let capacity = came_to.capacity.clone();
        let limit = capacity.limited_by.as_ref().map(LimitedBy::name);
        assert_eq!(
            (came_to.level, capacity.validated_per_sec, capacity.at_least, limit),
            (level, validated, at_least, limited_by),
            "{verdicts} interrupted: {interrupted}: {came_to:?}"
        );
    }
}

#[test]
fn an_inconclusive_step_is_held_once_more_and_then_ends_the_climb() {
    assert_eq!(climb("GIGI", false).0, "P1 P2 P2/2 P3");
    assert!(!over("GI") && over("GII"));
    assert!(!over("GIGI"), "each step has its own second hold");
}

#[test]
fn a_stop_ends_the_climb_at_once_and_the_last_step_does() {
    assert!(over("GS") && over("GIS") && over("GGGGW") && !over("GGGG"));
}

#[test]
fn seventy_per_cent_of_the_validated_rate_is_recommended() {
    for (verdicts, recommended) in
        [("GS", 700), ("GGS", 1_750), ("GGGS", 3_500), ("GGGGS", 5_250), ("GGGGG", 7_000)]
    {
        assert_eq!(climb(verdicts, false).1.capacity.recommended_per_sec, Some(recommended), "{verdicts}");
    }
    let steps = vec![mm2_slo::Step { rate_per_sec: 19, ..Ladder::runbook().steps[0].clone() }];
    let mut odd = Climb::new(steps.clone());
    odd.record(&steps[0], &verdict('G'), None);
    assert_eq!(odd.conclude(false).capacity.recommended_per_sec, Some(13), "13.3 is rounded down");
}

#[test]
fn the_achieved_rate_stands_beside_the_validated_one() {
    let capacity = climb("GGS", false).1.capacity;
    let want = Capacity {
        validated_per_sec: Some(2_500),
        validated_achieved_per_sec: Some(2_499.0),
        at_least: false,
        recommended_per_sec: Some(1_750),
        limited_by: Some(LimitedBy::Criterion(Name::SUSTAINED.into())),
        first_failed_per_sec: Some(5_000),
        confirmed: None,
    };
    assert_eq!(capacity, want);
}

#[test]
fn the_reason_names_step_and_criterion() {
    let at =
        |step: &str, criterion| Decided { step: step.to_owned(), criterion: Some(Name::from(criterion)) };
    let failed = ConclusionReason::CapacityFound(at("P3", Name::SUSTAINED));
    assert_eq!(climb("GWS", false).1.reason, failed);
    assert_eq!(failed.to_string(), "capacity found, P3: sustained failed");
    let warned = climb("GWWGG", false).1.reason;
    assert_eq!(warned, ConclusionReason::Warned(at("P2", Name::BACKLOG)), "the first warning");
    assert_eq!(climb("II", false).1.reason, ConclusionReason::NotShown(at("P1", Name::SLIP)));
    assert_eq!(climb("S", false).1.reason, ConclusionReason::NoneValidated(at("P1", Name::SUSTAINED)));
    assert_eq!(climb("GGGGG", false).1.reason.to_string(), "all steps validated");
    assert_eq!(climb("GG", false).1.reason.to_string(), "incomplete");
    assert_eq!(climb("GG", true).1.reason.to_string(), "interrupted");
}

#[test]
fn a_climb_of_no_steps_shows_nothing() {
    assert_eq!(Climb::new(Vec::new()).conclude(false).level, Level::Inconclusive);
}

#[test]
fn a_source_that_holds_the_sender_back_limits_even_where_its_late_records_fail_first() {
    let failed = |criterion, reason| finding(criterion, Outcome::Stop, &reason);
    let late = Verdict::of(vec![
        failed(Name::P99_LATENCY, Reason::BeyondLimit),
        failed(Name::SLIP, Reason::SourceLimited),
    ]);
    assert_eq!(late.reason, Some(Name::P99_LATENCY.into()));
    let mut climb = Climb::new(Ladder::runbook().steps);
    let (step, _) = climb.next_step().unwrap();
    climb.record(&step, &late, None);
    assert_eq!(climb.conclude(false).capacity.limited_by, Some(LimitedBy::Source));
}

//! The ramp's rules: from a row of levels to a conclusion.

use mm2_slo::climb::{Capacity, ConclusionReason, Decided, LimitedBy};
use mm2_slo::finding::{Outcome, Reason};
use mm2_slo::{Climb, Conclusion, CriterionName as Name, Finding, Ladder, Level, Missing, Verdict};

use crate::sample::finding;

/// A verdict by its letter: Go, Warn, Inconclusive by our own slip, Doubt (INCONCLUSIVE, with a p99 over its limit that
/// was not proved), Stop, and sOurce-limited.
pub(crate) fn verdict(letter: char) -> Verdict {
    Verdict::of(vec![match letter {
        'G' => finding(Name::P99_LATENCY, Outcome::Go, &Reason::WithinLimit),
        'W' => finding(Name::BACKLOG, Outcome::Warn, &Reason::BeyondLimit),
        'I' => finding(Name::SLIP, Outcome::Inconclusive, &Reason::GeneratorSlip),
        'D' => beyond(Name::P99_LATENCY, &open()),
        'S' => finding(Name::SUSTAINED, Outcome::Stop, &Reason::BeyondLimit),
        'O' => finding(Name::DELIVERED, Outcome::Stop, &Reason::SourceLimited),
        other => panic!("no verdict {other}"),
    }])
}

/// Not proved either way.
fn open() -> Reason {
    Reason::NotProven { lower: 0.7, upper: 1.6, hold_needed_s: Some(900) }
}

/// An INCONCLUSIVE finding that reads 200 ms beyond its limit.
fn beyond(criterion: &str, reason: &Reason) -> Finding {
    let mut finding = finding(criterion, Outcome::Inconclusive, reason);
    finding.margin = Some(-200.0);
    finding
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
        ("GDGGGG", false, Warn, Some(10_000), true, None),
        ("GDWGGG", false, Warn, Some(10_000), true, None),
        ("GDS", false, Warn, Some(1_000), false, Some("sustained")),
        ("GDD", false, Inconclusive, Some(1_000), true, None),
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
        held_again_in_vain: false,
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
fn a_first_hold_that_read_a_criterion_beyond_its_limit_is_not_forgotten_when_the_second_passes() {
    let concluded = |first: Vec<Finding>, second: char| {
        let mut climb = Climb::new(Ladder::runbook().steps);
        for verdict in
            [Verdict::of(first), verdict(second), verdict('G'), verdict('G'), verdict('G'), verdict('G')]
        {
            let (step, _) = climb.next_step().unwrap();
            climb.record(&step, &verdict, None);
        }
        climb.conclude(false)
    };
    let at = |criterion| Decided { step: "P1".to_owned(), criterion: Some(Name::from(criterion)) };
    let again = |criterion| ConclusionReason::PassedHeldAgain(at(criterion));
    let doubt = concluded(vec![beyond(Name::SUSTAINED, &open()), beyond(Name::P99_LATENCY, &open())], 'G');
    assert_eq!((doubt.level, &doubt.reason), (Level::Warn, &again(Name::SUSTAINED)), "the first of them");
    assert_eq!(doubt.reason.to_string(), "all steps validated, P1: sustained only when it was held again");
    assert_eq!(doubt.capacity.validated_per_sec, Some(10_000));
    assert_eq!(
        concluded(vec![beyond(Name::BACKLOG, &open())], 'W').reason,
        ConclusionReason::Warned(at(Name::BACKLOG))
    );

    let silent =
        || finding(Name::UNSEEN, Outcome::Inconclusive, &Reason::NotMeasured { why: Missing::ProbeFailed });
    let restarted = Reason::ExplainedByRestart { allowed: 50_000, flush_interval_known: true };
    let warned = finding(Name::DUPLICATES, Outcome::Warn, &restarted);
    assert_eq!(
        concluded(vec![silent(), warned], 'G').reason,
        again(Name::DUPLICATES),
        "judged, and to look at"
    );

    let mut open_within = beyond(Name::P99_LATENCY, &open());
    open_within.margin = Some(200.0);
    for nothing_against_it in [
        vec![silent()],
        vec![open_within],
        vec![
            beyond(Name::SLIP, &Reason::GeneratorSlip),
            beyond(Name::P99_LATENCY, &Reason::MaskedByGeneratorSlip),
        ],
    ] {
        let came_to = concluded(nothing_against_it.clone(), 'G');
        assert_eq!(came_to.level, Level::Go, "{nothing_against_it:?}: {came_to:?}");
    }
}

#[test]
fn the_doubt_of_one_step_is_not_the_next_ones() {
    let (_, came_to) = climb("DWGGGG", false);
    assert_eq!(came_to.reason.to_string(), "all steps validated, warning at P1: backlog");
    let (_, came_to) = climb("IGDGGGG", false);
    assert_eq!(
        came_to.reason.to_string(),
        "all steps validated, P2: p99_latency only when it was held again"
    );
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

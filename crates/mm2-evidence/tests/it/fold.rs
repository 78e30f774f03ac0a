//! The fold of a run's events, whole and cut short.

use mm2_evidence::event::{ChainKind, Event, What, absent};
use mm2_evidence::sample::{self, Behaviour, Story};
use mm2_evidence::{EvidenceError, Run, RunDocument, observed};
use mm2_slo::climb::ConclusionReason;
use mm2_slo::{Criteria, Level, Missing, Outcome, Phase};
use proptest::prelude::*;
use serde_json::json;

fn fold(events: &[Event]) -> Run {
    Run::from_events(sample::ndjson(events).as_bytes()).unwrap()
}

fn json(run: &Run) -> serde_json::Value {
    serde_json::from_str(&RunDocument::of(run).to_json().unwrap()).unwrap()
}

#[test]
fn folding_live_and_reading_back_give_the_same_run() {
    for events in sample::all() {
        let [first, rest @ ..] = events.as_slice() else { panic!("no events") };
        let What::RunStarted(started) = &first.what else { panic!("{first:?} is first") };
        let mut live = Run::begin(first.at_ms, (**started).clone());
        for event in rest {
            live.apply(event);
        }
        assert!(live == fold(&events));
    }
}

#[test]
fn a_finished_run_comes_to_what_it_concluded() {
    let run = fold(&sample::capped());
    let outcome = run.outcome();
    assert_eq!(Some(&outcome), run.conclusion.as_ref());
    assert_eq!((outcome.level, outcome.capacity.validated_per_sec), (Level::Warn, Some(5_000)));
    assert_eq!(run.not_held().collect::<Vec<_>>(), ["P5"]);

    let json = json(&run);
    assert_eq!((&json["complete"], &json["exit_code"]), (&true.into(), &10.into()));
    assert_eq!(json["verdict"]["level"], "WARN");
    assert_eq!(json["verdict"]["reason"], "capacity found, P4: sustained failed");
    assert_eq!(
        (&json["verdict"]["step"], &json["verdict"]["criterion"]),
        (&"P4".into(), &"sustained".into())
    );
    assert_eq!(json["capacity"]["limited_by"], "sustained");
    assert_eq!(json["prometheus"]["why"]["declared_absent"], absent::REHEARSAL);
}

#[test]
fn what_the_chain_declares_absent_is_skipped_and_what_nobody_read_withholds_go() {
    let mut run = fold(&sample::go());
    let outcomes = |run: &Run| {
        let held = &run.steps[0];
        let evidence = &held.ended.as_ref().unwrap().evidence;
        let verdict =
            Criteria::of_phase(Phase::RAMP).judge(&observed(evidence, &held.step, &run.without_prometheus()));
        let of = |outcome| verdict.findings.iter().filter(|finding| finding.outcome == outcome).count();
        (verdict.level, of(Outcome::Go), of(Outcome::Skipped), of(Outcome::Inconclusive))
    };
    assert_eq!(outcomes(&run), (Level::Go, 10, 6, 0));
    run.started.chain.absent.clear();
    assert_eq!(outcomes(&run), (Level::Inconclusive, 10, 0, 6));
}

#[test]
fn what_prometheus_has_and_showed_is_there_for_scripts() {
    let json = json(&fold(&sample::throttled()));
    assert_eq!(json["prometheus"], json!({ "read": true }));
    assert_eq!((&json["signals"]["found"], &json["signals"]["scrape_every_ms"]), (&15.into(), &5_000.into()));
    assert_eq!(json["signals"]["profiles"]["node"], "node_exporter");
    let panels = json["steps"][3]["panels"].as_array().unwrap();
    assert_eq!(panels.len(), 15);
    let cpu = panels.iter().find(|panel| panel["signal"] == "worker.cpu").unwrap();
    let expect = json!({
        "signal": "worker.cpu", "unit": "percent", "mean": 73.5, "max": 84.0,
        "max_series": "{instance=\"127.0.0.1:9404\"}", "increase": null, "series": 2, "expected": 2,
    });
    assert_eq!(*cpu, expect);
}

#[test]
fn a_panel_that_was_not_measured_is_null_with_the_reason() {
    let json = json(&fold(&sample::half_blind()));
    let named = |all: &serde_json::Value| {
        let found = all.as_array().unwrap().iter().find(|one| one["signal"] == "worker.memory");
        found.unwrap().clone()
    };
    let (signal, panel) = (named(&json["signals"]["signals"]), named(&json["steps"][0]["panels"]));
    assert_eq!((&signal["query"], &signal["why"]), (&serde_json::Value::Null, &"not_exported".into()));
    assert_eq!((&panel["max"], &panel["why"]), (&serde_json::Value::Null, &"not_exported".into()));
    assert_eq!(signal["read_for"], "judging");
}

#[test]
fn why_a_panel_has_no_figure_is_known_for_each_step() {
    let why = |events: &[Event]| {
        let run = fold(events);
        run.panel(run.steps.last().unwrap(), "worker.cpu").map(|figures| figures.max)
    };
    assert_eq!(why(&sample::panels()), Ok(65.0));
    let declared = Missing::DeclaredAbsent(absent::REHEARSAL.to_owned());
    assert_eq!(why(&sample::capped()), Err(declared));
    let mut cut = sample::panels();
    cut.truncate(cut.iter().rposition(|event| matches!(event.what, What::StepEnded(_))).unwrap());
    assert_eq!(why(&cut), Err(Missing::Interrupted), "the last step was cut short");
    let mut blind = sample::half_blind();
    blind.truncate(blind.iter().position(|event| matches!(event.what, What::StepEnded(_))).unwrap());
    let run = fold(&blind);
    assert_eq!(run.panel(&run.steps[0], "worker.memory"), Err(Missing::NotExported), "known before the step");
}

#[test]
fn how_the_chain_catches_up_is_there_for_scripts_and_what_was_not_seen_is_null() {
    let catch_up = |events: &[Event]| json(&fold(events))["catch_up"].clone();
    let yes = catch_up(&sample::caught_up());
    assert_eq!(
        (&yes["caught_up"], &yes["drain_s"], &yes["outage_s"]),
        (&true.into(), &186.4.into(), &300.4.into())
    );
    assert_eq!(yes["retention_factor"], 86_400.0 / (300.4 + 186.4));
    let no = catch_up(&sample::not_caught_up());
    assert_eq!((&no["drain_s"], &no["why"]), (&serde_json::Value::Null, &"not_within_limit".into()));
    assert!(no["retention_factor"].as_f64().unwrap() < 1.0, "{no}");
    let mut cut = sample::caught_up();
    cut.truncate(cut.iter().position(|event| matches!(event.what, What::CatchUpEnded(_))).unwrap());
    let cut = catch_up(&cut);
    assert_eq!((&cut["drain_s"], &cut["why"]), (&serde_json::Value::Null, &"interrupted".into()));
    assert_eq!(cut["backlog_at_resume"], 2_100_000);
    assert_eq!(catch_up(&sample::go()), serde_json::Value::Null);
}

#[test]
fn records_lost_while_the_chain_caught_up_stop_whatever_was_climbed() {
    let run = fold(&sample::lost_catching_up());
    let outcome = run.outcome();
    assert_eq!(
        (outcome.level, outcome.reason),
        (Level::Stop, ConclusionReason::LostCatchingUp { records: 12 })
    );
    assert_eq!(Some(outcome.capacity), run.conclusion.map(|concluded| concluded.capacity));
    let unseen = fold(&sample::unseen_catching_up());
    assert_eq!(Some(unseen.outcome()), unseen.conclusion, "not seen is not lost");
}

#[test]
fn a_climb_stands_where_only_the_catching_up_after_it_was_cut() {
    let cut = [sample::interrupted_outage(), sample::interrupted_drain(), sample::still_paused()];
    for events in cut {
        let run = fold(&events);
        assert_eq!(Some(run.outcome()), run.conclusion);
        assert_eq!(run.outcome().level, Level::Go);
    }
    assert!(fold(&sample::interrupted_outage()).ended.unwrap().interrupted);
    let paused = |events: &[Event]| fold(events).catch_up.unwrap().paused;
    assert!(paused(&sample::killed_outage()) && !paused(&sample::interrupted_drain()));
}

#[test]
fn a_refined_climb_is_replayed_as_it_was_planned() {
    let run = fold(&sample::refined());
    let names: Vec<&str> = run.steps.iter().map(|held| held.step.name.as_str()).collect();
    assert_eq!(names, ["P1", "P2", "P3", "P4", "P5", "B1", "R1", "R2", "R3", "C1"]);
    assert_eq!(run.not_held().count(), 0);
    let concluded = run.outcome();
    assert_eq!((concluded.level, concluded.capacity.confirmed), (Level::Go, Some(true)));
    // Its writer killed before it concluded, the steps alone say the same of the capacity.
    let mut killed = sample::refined();
    killed.retain(|event| !matches!(event.what, What::Concluded(_) | What::RunEnded { .. }));
    let replayed = fold(&killed).outcome();
    assert_eq!((replayed.level, replayed.reason), (Level::Inconclusive, ConclusionReason::Incomplete));
    let (known, again) = (concluded.capacity, replayed.capacity);
    assert_eq!(
        (known.validated_per_sec, known.first_failed_per_sec, known.confirmed),
        (again.validated_per_sec, again.first_failed_per_sec, again.confirmed)
    );
    assert_eq!((known.validated_per_sec, known.first_failed_per_sec), (Some(12_500), Some(13_125)));
}

/// A step's end as the version before criteria were data wrote it: ten findings, fewer keys.
#[test]
fn the_events_of_an_earlier_version_still_read() {
    const KEPT: [&str; 10] = [
        "criterion",
        "level",
        "value",
        "limit",
        "unit",
        "reason",
        "why",
        "lower_percent",
        "upper_percent",
        "hold_needed_s",
    ];
    let lines = sample::ndjson(&sample::capped());
    let old: Vec<String> = lines
        .lines()
        .map(|line| {
            let mut event: serde_json::Value = serde_json::from_str(line).unwrap();
            if let Some(findings) = event.pointer_mut("/verdict/findings").and_then(|all| all.as_array_mut())
            {
                findings.truncate(10);
                for finding in findings {
                    let finding = finding.as_object_mut().unwrap();
                    for (new, old) in [("lower", "lower_percent"), ("upper", "upper_percent")] {
                        if let Some(bound) = finding.remove(new) {
                            finding.insert(old.to_owned(), bound);
                        }
                    }
                    finding.retain(|key, _| KEPT.contains(&key.as_str()));
                }
            }
            event.to_string() + "\n"
        })
        .collect();
    let run = Run::from_events(old.concat().as_bytes()).unwrap();
    assert_eq!(run.steps[0].ended.as_ref().unwrap().verdict.findings.len(), 10);
    assert_eq!(run.outcome(), fold(&sample::capped()).outcome());
}

#[test]
fn a_killed_run_is_incomplete_and_keeps_the_counts_it_had() {
    let run = fold(&sample::killed());
    let outcome = run.outcome();
    assert_eq!((outcome.level, outcome.reason), (Level::Inconclusive, ConclusionReason::Incomplete));
    assert!(outcome.capacity.at_least);
    assert_eq!(outcome.capacity.validated_per_sec, Some(2_500));

    let cut = run.current().unwrap();
    assert_eq!((cut.level(), cut.reason_name()), (Level::Inconclusive, "interrupted"));
    let last_tick = run.steps.last().unwrap().progress.counts.unwrap();
    let json = json(&run);
    assert_eq!((&json["complete"], &json["exit_code"]), (&false.into(), &serde_json::Value::Null));
    let step = &json["steps"][2];
    assert_eq!((&step["name"], &step["verdict"]["level"]), (&"P3".into(), &"INCONCLUSIVE".into()));
    assert_eq!((&step["sent"], &step["acked"]), (&30_000.into(), &30_000.into()));
    assert_eq!(step["received"], last_tick.received);
    assert_eq!(step["e2e_ms"]["count"], 30_000);
    for (value, why) in [
        (&step["achieved_per_sec"], &step["counts_why"]),
        (&step["unseen"], &step["counts_why"]),
        (&step["backlog"]["end"], &step["backlog"]["why"]),
        (&step["recovery"]["seconds"], &step["recovery"]["why"]),
        (&step["slip_ms"]["p99"], &step["slip_ms"]["why"]),
        (&step["e2e_from_actual_ms"]["p99"], &step["e2e_from_actual_ms"]["why"]),
    ] {
        assert_eq!((value, why), (&serde_json::Value::Null, &"interrupted".into()));
    }
}

#[test]
fn an_interrupted_run_is_inconclusive_whatever_was_concluded() {
    let mut story = Story::begin(ChainKind::Lab, 20);
    while story.step(&Behaviour::healthy()) {}
    let outcome = fold(&story.end(true)).outcome();
    assert_eq!((outcome.level, outcome.reason), (Level::Inconclusive, ConclusionReason::Interrupted));
    assert_eq!((outcome.capacity.at_least, outcome.capacity.validated_per_sec), (true, Some(10_000)));
}

#[test]
fn a_run_that_an_error_ended_is_incomplete_not_interrupted() {
    let mut events = sample::capped();
    let conclusion = mm2_slo::Climb::new(Vec::new()).conclude(true);
    events.retain(|event| !matches!(event.what, What::Concluded(_)));
    let at = events.len() - 1;
    events.insert(at, Event { at_ms: events[at].at_ms, what: What::Concluded(Box::new(conclusion)) });
    let outcome = fold(&events).outcome();
    assert_eq!((outcome.level, outcome.reason), (Level::Inconclusive, ConclusionReason::Incomplete));
    assert_eq!((outcome.capacity.at_least, outcome.capacity.validated_per_sec), (true, Some(5_000)));
}

#[test]
fn a_step_cut_before_its_first_tick_knows_nothing_and_says_so() {
    let mut story = Story::begin(ChainKind::Lab, 20);
    story.cut_short(&Behaviour::healthy(), 0);
    let figures = fold(&story.events).steps[0].figures();
    assert_eq!(figures.load, Err(Missing::Interrupted));
    assert_eq!(figures.e2e_ms, Err(Missing::Interrupted));
    assert_eq!(figures.backlog, Err(Missing::Interrupted));
}

#[test]
fn a_repeat_stands_in_the_place_of_the_inconclusive_step() {
    let mut story = Story::begin(ChainKind::Lab, 4);
    assert!(story.step(&Behaviour::healthy()), "P1");
    assert!(story.step(&Behaviour::healthy()), "P1 again: 4 s are too short");
    let run = fold(&story.end(false));
    let attempts = |steps: &[mm2_evidence::run::StepRun]| {
        steps.iter().map(|s| (s.step.name.clone(), s.attempt)).collect::<Vec<_>>()
    };
    assert_eq!(attempts(&run.steps), [("P1".to_owned(), 2)]);
    assert_eq!(attempts(&run.replaced), [("P1".to_owned(), 1)]);
    assert_eq!(run.outcome().level, Level::Inconclusive);
}

#[test]
fn changes_and_troubles_stand_with_the_step_they_happened_in() {
    let run = fold(&sample::killed());
    assert_eq!(run.connect_changes[0].step.as_deref(), None, "between the steps");
    assert_eq!(run.troubles[0].text, "Connect at 127.0.0.1:8083 did not answer for 12 s");
    let mut events = sample::killed();
    let at_ms = events.last().unwrap().at_ms;
    events.push(Event { at_ms, what: What::Trouble { text: "late".to_owned() } });
    assert_eq!(fold(&events).troubles[1].step.as_deref(), Some("P3"));
}

#[test]
fn a_torn_last_line_is_left_out_and_noted() {
    let text = sample::ndjson(&sample::killed());
    let torn = Run::from_events(&text.as_bytes()[..text.len() - 40]).unwrap();
    assert!(torn.torn);
    let mut without_last = sample::killed();
    without_last.pop();
    assert!(Run { torn: false, ..torn } == fold(&without_last));
}

#[test]
fn what_is_no_run_is_refused_with_its_place() {
    let check = |text: &str, expect: &str| {
        let error = Run::from_events(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(expect), "{error}");
    };
    let text = sample::ndjson(&sample::killed());
    let lines: Vec<&str> = text.lines().collect();
    check("", "no event of a run is in it");
    check(&lines[0][..50], "no event of a run is in it");
    check(&lines[1..].join("\n"), "does not begin with run_started");
    check(&format!("{}\nrubbish\n{}\n", lines[0], lines[1]), "line 2 is no event");
    check(
        &lines[0].replace("\"schema\":1", "\"schema\":2"),
        "its schema is 2, and this program reads schema 1",
    );
    let missing = Run::from_dir(std::path::Path::new("/nowhere")).unwrap_err();
    assert!(matches!(missing, EvidenceError::Read { .. }), "{missing}");
    assert!(missing.to_string().contains("/nowhere/events.ndjson"), "{missing}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    /// Whatever the chain, what the ticks add up to is what the evidence of the step says.
    #[test]
    fn ticks_fold_to_the_counts_of_the_evidence(cap in 500_u64..2_000, latency_ms in 1_u64..900, duplicates in 0_u64..9) {
        let mut story = Story::begin(ChainKind::Lab, 5);
        let chain = Behaviour { cap_per_sec: cap, latency_ms, duplicates, ..Behaviour::healthy() };
        story.step(&chain);
        let ended = fold(&story.events);
        story.events.pop();
        let cut = fold(&story.events);
        let (before, after) = (cut.steps[0].figures(), ended.steps[0].figures());
        prop_assert_eq!(before.load, after.load);
        prop_assert_eq!(before.e2e_ms, after.e2e_ms);
        prop_assert_eq!(before.audit.unwrap().duplicates, after.audit.unwrap().duplicates);
        let (before, after) = (before.backlog.unwrap(), after.backlog.unwrap());
        prop_assert_eq!((before.max, before.at_load_off), (after.max, after.at_load_off));
    }
}

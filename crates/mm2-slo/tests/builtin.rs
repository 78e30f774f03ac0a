//! The built-in criteria against the runbook: its steps, its figures, its flow; and that each can fail.
//!
//! The figures are written from docs/runbook.md, not from the TOML: a slip in one of the two shows.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mm2_slo::evidence::{ConnectEvidence, LoadEvidence};
use mm2_slo::observations::{Duplicates, Partition};
use mm2_slo::phase::{Gate, Remedy, production};
use mm2_slo::wire::v1::{OverSeries, Rule};
use mm2_slo::{
    Criteria, Criterion, Latency, Level, Missing, Observation, Observations, Phase, Quantity, Reason,
    Sampled, Series, Setting, Source, Total, Trial, Unit, Verdict, lint,
};

const RUNBOOK: &str = include_str!("../../../docs/runbook.md");

const GO: Level = Level::Go;
const WARN: Level = Level::Warn;
const INCONCLUSIVE: Level = Level::Inconclusive;
const STOP: Level = Level::Stop;

fn phase(number: u8) -> Phase {
    Phase::new(number).unwrap()
}

fn sets() -> impl Iterator<Item = (u8, Criteria)> {
    Phase::ALL.into_iter().map(|phase| (phase.number(), Criteria::of_phase(phase)))
}

/// From a phase's heading to the next heading.
fn section(number: u8) -> &'static str {
    let from = RUNBOOK.find(&format!("\n## Phase {number}:")).expect("the phase has a section") + 1;
    let rest = &RUNBOOK[from..];
    rest.find("\n## ").map_or(rest, |end| &rest[..end])
}

#[test]
fn each_criterion_names_a_step_of_its_phase_that_the_runbook_has() {
    for (number, set) in sets() {
        for criterion in set.iter() {
            let name = criterion.name();
            assert_eq!(criterion.phase(), Some(number), "{name}");
            let step = criterion.step().unwrap_or_else(|| panic!("{name} of phase {number} has no step"));
            assert!(
                section(number).contains(step),
                "phase {number} of docs/runbook.md has no `{step}` ({name})"
            );
            assert_ne!(criterion.title(), "", "{name}");
        }
    }
}

#[test]
fn names_are_unique_and_a_signal_has_one_unit_in_all_phases() {
    let mut units: BTreeMap<String, (Unit, String)> = BTreeMap::new();
    for (number, set) in sets() {
        let mut names: Vec<&str> = set.iter().map(|criterion| criterion.name().as_str()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "phase {number}");
        for criterion in set.iter().filter(|criterion| criterion.signal().as_str() != "load") {
            let signal = criterion.signal().as_str();
            let here = (criterion.unit(), format!("phase {number}, {}", criterion.name()));
            let (unit, at) = units.entry(signal.to_owned()).or_insert_with(|| here.clone());
            assert_eq!(*unit, here.0, "{signal}: {at} and {}", here.1);
            let usable = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_');
            assert!(signal.chars().all(usable), "{signal}");
        }
    }
}

/// Until the statistics of trends are in, a trend is judged by nobody.
fn trend_is_judged() -> bool {
    let set = Criteria::of_phase(phase(5));
    let trend = set.get("memory_trend").unwrap();
    let seen = Observations::over(86_400.0).with(trend.signal().clone(), shown(trend, 0.0, 86_400.0));
    let verdict = set.judge(&seen);
    let finding = verdict.findings.iter().find(|finding| finding.criterion == *trend.name()).unwrap();
    finding.reason != Reason::NotMeasured { why: Missing::NotYet }
}

fn is_judged(criterion: &Criterion) -> bool {
    criterion.to_wire().rule != Some(Rule::Trend) || trend_is_judged()
}

/// Each criterion can fail, and none passes on nothing. `--nocapture` shows the table.
#[test]
fn each_criterion_can_stop_and_none_passes_on_nothing() {
    let mut table = format!("{:<34}{:<11}", "criterion", "form");
    for trial in Trial::ALL {
        write!(table, "{trial:<16}").unwrap();
    }
    table.push('\n');
    let (mut count, mut problems) = (0, Vec::new());
    for (number, set) in sets() {
        for linted in lint(&set) {
            write!(table, "{:<34}{:<11}", format!("{number} {}", linted.criterion), linted.form).unwrap();
            for trial in Trial::ALL {
                let outcome =
                    linted.outcome(trial).map_or("–".to_owned(), |outcome| format!("{outcome:?}"));
                write!(table, "{:<16}", outcome.to_uppercase()).unwrap();
            }
            table.push('\n');
            count += 1;
            if is_judged(set.get(linted.criterion.as_str()).unwrap()) {
                problems.extend(linted.problems().into_iter().map(|what| format!("phase {number}: {what}")));
            }
        }
    }
    println!("{table}");
    assert!(count > 130, "{count}");
    assert!(problems.is_empty(), "{problems:#?}\n{table}");
}

#[test]
fn lint_sees_what_is_wrong() {
    let check = |text: &str, expect: &[&str]| {
        let text = format!("[[criterion]]\nname = \"x\"\nsignal = \"x\"\n{text}");
        let linted = lint(&Criteria::from_toml(&text).unwrap());
        let said: Vec<String> = linted.iter().flat_map(|linted| linted.problems()).collect();
        assert_eq!(said, expect, "{text}");
    };
    check("unit = \"ms\"\nover_time = \"max\"\ngo = \"< 1 s\"\nstop = \"otherwise\"", &[]);
    check(
        "unit = \"ms\"\nover_time = \"max\"\ngo = \"< 1 s\"\nwarn = \"otherwise\"",
        &["x (gauge) can never be STOP: it has no `stop` band"],
    );
    check(
        "unit = \"ms\"\nover_time = \"share > 1 s\"\ngo = \"< 5 %\"\nwarn = \"otherwise\"\nstop = \"> 100 %\"",
        &["x (gauge) can never be STOP: no value that it could have is in `> 100 %`"],
    );
    check("unit = \"percent\"\nover_time = \"max\"\ngo = \"< 150 %\"\nstop = \"otherwise\"", &[]);
    check(
        "unit = \"records\"\nover_time = \"rate\"\ngo = \">= 0 records/s\"\nstop = \"< 0 records/s\"",
        &["x (counter) can never be STOP: no value that it could have is in `< 0 records/s`"],
    );
    check(
        "unit = \"ms\"\nover_time = \"max\"\nseries = 2\ngo = \"< 1 s\"\nstop = \"otherwise\"",
        &[
            "x (gauge) can never be GO",
            "x (gauge) can never be STOP: no value that it could have is in `otherwise`",
        ],
    );
    check(
        "unit = \"percent\"\nrule = \"delivered\"\ngo = \"> 100 %\"\nstop = \"otherwise\"",
        &["x (load) can never be GO"],
    );
    // An advisory criterion, or one that is off, is tried as if it were neither.
    check("unit = \"count\"\ngo = \"= 0\"\nstop = \"> 0\"\nadvisory = true\noff = \"because\"", &[]);
    check(
        "unit = \"ms\"\nover_time = \"avg\"\ngo = \"<= baseline * 2\"\nwarn = \"otherwise\"\nstop = \"> p99_limit\"",
        &[],
    );
}

/// The runbook's figures: phase, criterion, and what some of its values come to. Each has a value that is GO (the
/// first) and one that is not.
type Row = (u8, &'static str, &'static [(f64, Level)]);

const NONE: &[(f64, Level)] = &[(0.0, GO), (1.0, STOP)];
const NONE_OR_WARN: &[(f64, Level)] = &[(0.0, GO), (1.0, WARN)];
const SOME: &[(f64, Level)] = &[(1.0, GO), (0.0, STOP)];
/// Our own doing is nobody's fault.
const DELIVERED: &[(f64, Level)] = &[(100.0, GO), (99.0, GO), (98.9, INCONCLUSIVE)];
const SLIP: &[(f64, Level)] = &[(1.0, GO), (50.0, GO), (50.1, INCONCLUSIVE)];

const FIGURES: &[Row] = &[
    (0, "source_brokers_missing", NONE),
    (0, "source_under_replicated", NONE),
    (0, "source_offline", NONE),
    (0, "target_brokers_missing", NONE),
    (0, "target_under_replicated", NONE_OR_WARN),
    (0, "target_offline", NONE_OR_WARN),
    (0, "workers_silent", NONE),
    (0, "workers", &[(2.0, GO), (3.0, GO), (1.0, WARN), (0.0, STOP)]),
    (0, "connectors", SOME),
    (0, "tasks", SOME),
    (0, "source_connector", SOME),
    (0, "connectors_not_running", NONE),
    (0, "tasks_not_running", NONE),
    (0, "topics_missing", NONE),
    (0, "topics_of_another_shape", NONE_OR_WARN),
    (0, "topics_not_included", NONE),
    (0, "failed_after_change", NONE),
    (0, "refresh_interval", &[(120.0, GO), (121.0, WARN), (600.0, WARN)]),
    (0, "rebalance_delay", &[(119.0, GO), (120.0, WARN), (300.0, WARN)]),
    //
    (1, "polled", &[(100.0, GO), (99.0, WARN), (1.0, WARN), (0.0, STOP)]),
    (1, "written", &[(100.0, GO), (1.0, GO), (0.0, STOP)]),
    (1, "written_share", &[(100.0, GO), (99.1, GO), (99.0, WARN), (95.0, WARN), (94.9, STOP), (0.0, STOP)]),
    (1, "topics_replicated", SOME),
    (1, "read", &[(100.0, GO), (95.0, GO), (94.0, WARN), (1.0, WARN), (106.0, WARN), (0.0, STOP)]),
    (1, "latency_avg", &[(99.0, GO), (100.0, WARN), (500.0, WARN), (501.0, STOP)]),
    (1, "latency_max", &[(499.0, GO), (500.0, WARN), (60_000.0, WARN)]),
    (1, "active_records", &[(99.0, GO), (100.0, WARN)]),
    (1, "not_growing", &[(9.0, GO), (11.0, WARN)]),
    (1, "offset_commit_max", &[(999.0, GO), (1_000.0, WARN)]),
    (1, "lost", NONE),
    (1, "corrupt", NONE),
    (1, "reordered", NONE),
    (1, "unseen", NONE),
    (1, "duplicates", NONE),
    (1, "delivered", DELIVERED),
    (1, "slip", SLIP),
    //
    (2, "p99_latency", &[(999.0, GO), (1_000.0, STOP)]),
    (2, "latency_avg", &[(499.0, GO), (500.0, WARN), (1_000.0, WARN), (1_001.0, STOP)]),
    (2, "latency_max", &[(1_999.0, GO), (2_000.0, WARN), (5_000.0, WARN), (5_001.0, STOP)]),
    (2, "record_rate", &[(1_000.0, GO), (950.0, GO), (949.0, WARN), (800.0, WARN), (799.0, STOP)]),
    (2, "byte_rate", &[(1e6, GO), (950_000.0, GO), (949_000.0, WARN), (500_000.0, WARN), (499_000.0, STOP)]),
    (2, "lag", &[(4_999.0, GO), (5_000.0, WARN), (10_000.0, WARN), (10_001.0, STOP)]),
    (2, "lag_stable", &[(0.0, GO), (999.0, GO), (1_001.0, STOP), (5_000.0, STOP)]),
    (2, "active_records", &[(4_999.0, GO), (5_000.0, WARN), (10_001.0, WARN)]),
    (2, "written_share", &[(99.1, GO), (99.0, WARN), (95.0, WARN), (94.9, STOP)]),
    (2, "offset_commit_failures", &[(0.9, GO), (1.0, WARN), (5.0, WARN), (5.1, STOP)]),
    (2, "buffer_used", &[(69.0, GO), (70.0, WARN), (90.0, WARN), (91.0, STOP)]),
    (2, "worker_cpu", &[(69.0, GO), (70.0, WARN), (85.0, WARN), (86.0, STOP)]),
    (2, "worker_memory", &[(79.0, GO), (80.0, WARN), (90.0, WARN), (91.0, STOP)]),
    (2, "producer_errors", NONE),
    (2, "task_failures", NONE),
    (2, "lost", NONE),
    (2, "corrupt", NONE),
    (2, "reordered", NONE),
    (2, "unseen", NONE),
    (2, "duplicates", NONE),
    (2, "delivered", DELIVERED),
    (2, "slip", SLIP),
    //
    (3, "p99_latency", &[(4_999.0, GO), (5_000.0, STOP)]),
    (3, "latency_avg", &[(499.0, GO), (500.0, STOP)]),
    (3, "latency_max", &[(4_999.0, GO), (5_000.0, STOP)]),
    (3, "record_age_avg", &[(999.0, GO), (1_000.0, STOP)]),
    (3, "record_age_max", &[(4_999.0, GO), (5_000.0, STOP)]),
    (3, "hot_partition", &[(1.0, GO), (9.9, GO), (10.0, STOP), (100.0, STOP)]),
    (3, "lost", NONE),
    (3, "corrupt", NONE),
    (3, "reordered", NONE),
    (3, "unseen", NONE),
    (3, "duplicates", NONE),
    (3, "delivered", DELIVERED),
    (3, "slip", SLIP),
    // On P5.
    (4, "p99_latency", &[(4_999.0, GO), (5_000.0, STOP)]),
    (4, "sustained", &[(0.0, GO), (0.4, GO), (0.6, STOP), (1.0, STOP)]),
    (4, "lost", NONE),
    (4, "corrupt", NONE),
    (4, "reordered", NONE),
    (4, "unseen", NONE),
    (4, "duplicates", NONE),
    (4, "delivered", DELIVERED),
    (4, "slip", SLIP),
    (4, "backlog", &[(10_000.0, GO), (10_001.0, WARN), (50_000.0, WARN), (50_001.0, STOP)]),
    (4, "mm2_latency_avg", &[(2_999.0, GO), (3_000.0, WARN), (9_000.0, WARN)]),
    (4, "mm2_latency_max", &[(4_999.0, GO), (5_000.0, WARN), (9_000.0, WARN)]),
    (4, "buffer_used", &[(70.0, GO), (71.0, WARN), (90.0, WARN), (91.0, STOP)]),
    (4, "buffer_exhausted", &[(0.0, GO), (1.0, WARN), (10.0, WARN), (11.0, STOP)]),
    (4, "worker_cpu", &[(80.0, GO), (81.0, WARN), (95.0, WARN), (96.0, STOP)]),
    (4, "worker_memory", &[(85.0, GO), (86.0, WARN), (95.0, WARN), (96.0, STOP)]),
    //
    (5, "latency_max", &[(4_999.0, GO), (5_000.0, WARN), (10_000.0, WARN), (10_001.0, STOP)]),
    (
        5,
        "lag_max",
        &[(19_999.0, GO), (20_000.0, WARN), (50_000.0, WARN), (100_000.0, WARN), (100_001.0, STOP)],
    ),
    (5, "memory_trend", &[(0.0, GO), (5.0, GO), (15.0, WARN), (40.0, WARN), (60.0, STOP)]),
    (5, "rss_trend", &[(0.0, GO), (15.0, WARN), (60.0, WARN)]),
    (5, "crashes", NONE),
    (5, "cpu_trend", &[(0.0, GO), (15.0, GO), (30.0, WARN), (80.0, WARN)]),
    (5, "cpu_saturation", &[(95.0, GO), (96.0, STOP), (100.0, STOP)]),
    (5, "rebalances", &[(0.0, GO), (2.0, GO), (3.0, WARN), (9.0, WARN), (10.0, WARN), (11.0, STOP)]),
    (5, "task_failures", &[(0.0, GO), (1.0, WARN), (2.0, WARN), (3.0, STOP)]),
    (5, "tasks_not_running", NONE),
    (5, "written_share", &[(99.1, GO), (99.0, WARN), (90.0, WARN)]),
    (5, "p99_latency", &[(4_999.0, GO), (5_000.0, WARN)]),
    (5, "sustained", &[(0.0, GO), (1.0, WARN)]),
    (5, "lost", NONE),
    (5, "corrupt", NONE),
    (5, "reordered", NONE),
    (5, "unseen", NONE),
    (5, "duplicates", NONE),
    (5, "delivered", DELIVERED),
    (5, "slip", SLIP),
    //
    (6, "t61_workers_stopped", SOME),
    (6, "t61_detection", &[(29.0, GO), (30.0, WARN), (300.0, WARN), (301.0, STOP)]),
    (6, "t61_rebalance", &[(119.0, GO), (120.0, WARN), (300.0, WARN), (301.0, STOP)]),
    (6, "t61_latency_max", &[(9_999.0, GO), (10_000.0, WARN), (60_000.0, WARN)]),
    (6, "t61_lost", NONE),
    (6, "t61_tasks_not_running", NONE),
    (6, "t62_brokers_stopped", SOME),
    (6, "t62_failed", NONE),
    (6, "t62_urp_recovery", &[(60.0, GO), (300.0, GO), (301.0, STOP)]),
    (6, "t62_under_replicated", NONE),
    (6, "t62_latency_max", &[(4_999.0, GO), (5_000.0, WARN)]),
    (6, "t62_lost", NONE),
    // The baseline is 40 ms.
    (
        6,
        "t63_latency_avg",
        &[(140.0, GO), (90.0, GO), (190.0, GO), (89.0, WARN), (191.0, WARN), (40.0, WARN)],
    ),
    (6, "t63_latency_max", &[(240.0, GO), (340.0, GO), (341.0, WARN)]),
    (6, "t63_recovery", &[(119.0, GO), (120.0, WARN), (300.0, WARN), (301.0, STOP)]),
    (6, "t63_tasks_not_running", NONE),
    (6, "t63_lost", NONE),
    (6, "t64_throttled", &[(1.0, GO), (0.0, STOP)]),
    (6, "t64_backlog_end", &[(999.0, GO), (1_000.0, STOP)]),
    (6, "t64_buffer_exhausted", NONE),
    (6, "t64_tasks_not_running", NONE_OR_WARN),
    (6, "t64_lost", NONE),
    //
    (7, "t71_connectors_failed", NONE),
    (7, "t71_topics_affected", NONE),
    (7, "t71_tasks_not_running", NONE),
    (7, "t71_lost", NONE),
    (7, "t71_errors_seen", &[(1.0, GO), (7.0, GO), (0.0, WARN)]),
    (7, "t72_connectors_failed", NONE),
    (7, "t72_topics_affected", NONE),
    (7, "t72_lost", NONE),
    (7, "t72_appeared", &[(60.0, GO), (120.0, GO), (121.0, WARN), (3_600.0, WARN)]),
    (7, "t72_partitions_missing", NONE_OR_WARN),
    (7, "t72_replicas_missing", NONE_OR_WARN),
    (7, "t73_connectors_failed", NONE),
    (7, "t73_topics_affected", NONE),
    (7, "t73_lost", NONE),
    (7, "t73_partitions_missing", NONE_OR_WARN),
    (7, "t73_replicating", &[(299.0, GO), (300.0, WARN), (3_600.0, WARN)]),
    // 0 GO, 1 WARN, 2 INCONCLUSIVE, 3 STOP, 4 no run.
    (8, "phase_0", &[(0.0, GO), (1.0, WARN), (2.0, STOP), (3.0, STOP), (4.0, STOP)]),
    (8, "phase_1", &[(0.0, GO), (1.0, WARN), (2.0, STOP), (3.0, STOP), (4.0, STOP)]),
    (8, "phase_2", &[(0.0, GO), (1.0, WARN), (2.0, STOP), (3.0, STOP), (4.0, STOP)]),
    (8, "phase_3", &[(0.0, GO), (1.0, WARN), (2.0, STOP), (3.0, STOP), (4.0, STOP)]),
    (8, "phase_4", &[(0.0, GO), (1.0, WARN), (2.0, STOP), (3.0, STOP), (4.0, STOP)]),
    (8, "phase_5", &[(0.0, GO), (1.0, WARN), (2.0, STOP), (3.0, STOP), (4.0, STOP)]),
    (8, "phase_6", &[(0.0, GO), (1.0, WARN), (2.0, STOP), (3.0, STOP), (4.0, STOP)]),
    (8, "phase_7", &[(0.0, GO), (1.0, WARN), (2.0, STOP), (3.0, STOP), (4.0, STOP)]),
];

#[test]
fn the_figures_are_those_of_the_runbook() {
    let mut wrong = Vec::new();
    let mut checked = 0;
    for (number, set) in sets() {
        for (_, name, values) in FIGURES.iter().filter(|(phase, ..)| *phase == number) {
            let criterion = set.get(name).unwrap_or_else(|| panic!("phase {number} has no {name}"));
            if !is_judged(criterion) {
                continue;
            }
            for (value, expect) in *values {
                let seen = blank(number, window_s(number))
                    .with(criterion.signal().clone(), shown(criterion, *value, window_s(number)));
                let verdict = set.judge(&seen);
                let finding = verdict.findings.iter().find(|finding| finding.criterion == **name).unwrap();
                checked += 1;
                if finding.level() != Some(*expect) {
                    wrong.push(format!("phase {number} {name} {value}: not {expect} but {finding:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(checked > 300, "{checked}");
}

#[test]
fn each_criterion_has_figures_here() {
    for (number, set) in sets() {
        for criterion in set.iter() {
            let row = FIGURES.iter().find(|(phase, name, _)| *phase == number && *criterion.name() == **name);
            let (_, name, values) = row.unwrap_or_else(|| panic!("phase {number}, {}", criterion.name()));
            assert_eq!(values[0].1, GO, "phase {number}, {name}");
            assert!(values.iter().any(|(_, level)| *level != GO), "phase {number}, {name}");
        }
        let rows = FIGURES.iter().filter(|(phase, ..)| *phase == number).count();
        assert_eq!(rows, set.iter().count(), "phase {number} has criteria that are not there");
    }
}

/// All criteria of a phase at their first figure, which is GO.
fn healthy(number: u8, window_s: f64) -> Verdict {
    let set = Criteria::of_phase(phase(number));
    let mut seen = blank(number, window_s);
    for (_, name, values) in FIGURES.iter().filter(|(phase, ..)| *phase == number) {
        let criterion = set.get(name).unwrap();
        // Delivered and slip share their signal.
        if *name != "delivered" {
            seen = seen.with(criterion.signal().clone(), shown(criterion, values[0].0, window_s));
        }
    }
    set.judge(&seen)
}

#[test]
fn a_phase_in_which_all_is_well_is_go() {
    for number in 0..=8 {
        if number == 5 && !trend_is_judged() {
            continue;
        }
        let verdict = healthy(number, window_s(number));
        assert_eq!(verdict.level, GO, "phase {number}: {}", verdict.sentence());
    }
}

#[test]
fn a_phase_of_which_nothing_is_known_is_not_go() {
    for (number, set) in sets() {
        for finding in &set.judge(&blank(number, 1e6)).findings {
            assert_eq!(finding.level(), Some(INCONCLUSIVE), "phase {number}: {}", finding.sentence());
        }
    }
}

#[test]
fn a_window_that_is_too_short_is_not_go() {
    for (number, window_s) in [(1, 29.0), (2, 1_799.0), (3, 899.0), (5, 86_399.0), (5, 43_200.0)] {
        let verdict = healthy(number, window_s);
        assert_eq!(verdict.level, INCONCLUSIVE, "phase {number} after {window_s} s: {}", verdict.sentence());
    }
    // And in the long run, no criterion that looks at time is GO by itself either.
    for finding in &healthy(5, 86_399.0).findings {
        let timeless = ["lost", "corrupt", "reordered", "unseen", "duplicates", "delivered", "slip"];
        if !timeless.contains(&finding.criterion.as_str()) {
            assert_ne!(finding.level(), Some(GO), "{}", finding.sentence());
        }
    }
}

#[test]
fn the_gates_are_those_of_the_flow() {
    let check =
        |number, level, expect| assert_eq!(phase(number).gate(level), expect, "phase {number}, {level}");
    for number in 0..=8 {
        check(number, GO, Gate::Open);
        check(number, INCONCLUSIVE, Gate::Closed(Remedy::Repeat));
    }
    // Corriger, corriger, optimiser, tuning, analyser, corriger HA.
    check(0, STOP, Gate::Closed(Remedy::Fix));
    check(1, STOP, Gate::Closed(Remedy::Fix));
    check(2, STOP, Gate::Closed(Remedy::Optimise));
    check(3, STOP, Gate::Closed(Remedy::Tune));
    check(5, STOP, Gate::Closed(Remedy::Analyse));
    check(6, STOP, Gate::Closed(Remedy::FixHa));
    check(8, STOP, Gate::Closed(Remedy::Fix));
    // Phase 6 begins only when Phase 5 was stable; a warning elsewhere opens the next.
    check(5, WARN, Gate::Closed(Remedy::Analyse));
    for number in [0, 1, 2, 3, 4, 6, 7, 8] {
        check(number, WARN, Gate::Open);
    }
    assert_eq!(Phase::new(9), None);
}

#[test]
fn production_needs_a_valid_run_of_each_phase() {
    let all = || (0..8).map(|number| (phase(number), GO));
    let with =
        |at: u8, level| all().map(move |(phase, go)| (phase, if phase.number() == at { level } else { go }));
    assert_eq!(production(all()).level, GO);
    assert_eq!(production([]).level, STOP);
    for number in 0..8 {
        let name = format!("phase_{number}");
        let check = |verdict: &Verdict, level| {
            assert_eq!(
                (verdict.level, verdict.reason_name()),
                (level, name.as_str()),
                "{}",
                verdict.sentence()
            );
        };
        check(&production(all().filter(|(phase, _)| phase.number() != number)), STOP);
        check(&production(with(number, STOP)), STOP);
        check(&production(with(number, INCONCLUSIVE)), STOP);
        check(&production(with(number, WARN)), WARN);
    }
    // What Phase 8 itself came to is no evidence of it.
    assert_eq!(production(all().chain([(phase(8), STOP)])).level, GO);
}

/// How long a phase lasts, seconds, where that matters.
fn window_s(number: u8) -> f64 {
    match number {
        2 => 1_800.0,
        3 => 900.0,
        4 => 300.0,
        5 => 86_400.0,
        _ => 60.0,
    }
}

/// Limits of P5, a baseline of 40 ms.
fn blank(number: u8, window_s: f64) -> Observations {
    let ms = |value| Quantity::new(value, Unit::Ms).unwrap();
    let setting = Setting::default()
        .asked(if number == 4 { 10_000.0 } else { 1_000.0 })
        .known("p99_limit", ms(5_000.0))
        .known("mm2_avg_limit", ms(3_000.0))
        .known("mm2_max_limit", ms(5_000.0))
        .baseline("t63_latency_avg", ms(40.0))
        .baseline("t63_latency_max", ms(40.0));
    Observations::over(window_s).in_setting(setting)
}

/// What a signal looks like when its criterion comes to `value`: in the unit of its limits, all the time.
fn shown(criterion: &Criterion, value: f64, window_s: f64) -> Observation {
    let wire = criterion.to_wire();
    let every_ms = if window_s > 3_600.0 { 60_000 } else { 1_000 };
    let ticks = (window_s * 1_000.0) as u64 / every_ms;
    let gauge = Source::gauge(criterion.unit(), every_ms);
    let line = |at: &dyn Fn(f64) -> f64| -> Vec<(u64, f64)> {
        (0..ticks).map(|tick| (tick * every_ms, at(tick as f64 / ticks as f64))).collect()
    };
    let at_rate = if criterion.phase() == Some(4) { 10_000.0 } else { 1_000.0 };
    match wire.rule.unwrap_or(Rule::Measure) {
        Rule::Measure => match wire.over_time.as_deref() {
            None => Observation::Total(Total::new(value, criterion.unit())),
            Some("increase") => {
                let samples = line(&|share| if share < 0.5 { 3.0 } else { 3.0 + value });
                Observation::Sampled(Sampled::single(Source::counter(criterion.unit(), every_ms), samples))
            }
            Some(_) => {
                let each = if wire.over_series == Some(OverSeries::Sum) { value / 2.0 } else { value };
                let series = ["a", "b"].map(|name| Series::new(name, line(&|_| each)));
                Observation::Sampled(gauge.expect(2).series(series))
            }
        },
        Rule::Growth => {
            let per_window = match criterion.bands().unit() {
                Unit::Percent => value / 100.0 * at_rate * window_s,
                _ => value,
            };
            Observation::Sampled(Sampled::single(gauge, line(&|share| 50.0 + share * per_window)))
        }
        Rule::Trend => {
            let noise = |share: f64| 1.0 + 0.004 * (share * 86_399.0 * 0.737).sin();
            let days = window_s / 86_400.0;
            let samples = line(&|share| 40.0 * (1.0 + share * days * value / 100.0) * noise(share));
            Observation::Sampled(gauge.series(["a", "b"].map(|name| Series::new(name, samples.clone()))))
        }
        Rule::Claim => {
            let limit_ms = if criterion.phase() == Some(2) { 1_000.0 } else { 5_000.0 };
            let records = (0..(window_s * 100.0) as u64).map(|at| (at * 10, value));
            Observation::Latency(Latency::of_records(limit_ms, records))
        }
        Rule::Uniform => {
            let partition = |at: u32| Partition {
                name: format!("topic-{at}"),
                latency_ms: if at == 3 { 200.0 * value } else { 200.0 },
                records: 300,
            };
            Observation::Partitions((0..12).map(partition).collect())
        }
        Rule::Duplicates => Observation::Duplicates(Duplicates {
            count: value as u64,
            complete: true,
            connect: ConnectEvidence::Polled {
                answered: 60,
                unanswered: 0,
                restart_seen: false,
                flush_interval_ms: Some(60_000),
                exactly_once: false,
            },
        }),
        Rule::Delivered => load(value, 1.0),
        Rule::Slip => load(100.0, value),
        other => panic!("{other:?}"),
    }
}

fn load(delivered_percent: f64, slip_ms: f64) -> Observation {
    let sent = (delivered_percent * 1_000.0) as u64;
    Observation::Load(LoadEvidence {
        due: 100_000,
        sent,
        acked: sent,
        acked_in_time: sent,
        failed: 0,
        slip_p99_ms: Some(slip_ms),
        slip_max_ms: Some(slip_ms),
        source_blocked_ms: 0.0,
        source_refused: false,
    })
}

//! What holds for each criterion, and what the lint says of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mm2_slo::{Criteria, CriterionName, Finding, Trial, Unit, lint};

use crate::support::{INCONCLUSIVE, STOP, WARN, blank, phase, sets, shown};

const RUNBOOK: &str = include_str!("../../../../docs/runbook.md");

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
            problems.extend(linted.problems().into_iter().map(|what| format!("phase {number}: {what}")));
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
        let said: Vec<String> = linted.iter().flat_map(mm2_slo::Linted::problems).collect();
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

#[test]
fn a_criterion_that_was_made_advisory_warns_where_it_stopped_and_the_others_stay() {
    let plain = Criteria::of_phase(phase(4));
    let advised = plain.clone().advisory(CriterionName::WORKER_CPU).unwrap();
    let judged = |set: &Criteria, name: &str, value: Option<f64>| -> Finding {
        let criterion = set.get(name).unwrap();
        let seen = blank(4, 300.0);
        let seen = match value {
            Some(value) => seen.with(criterion.signal().clone(), shown(criterion, value, 300.0)),
            None => seen,
        };
        set.judge(&seen).findings.into_iter().find(|finding| finding.criterion == *name).unwrap()
    };
    let (cpu, memory) = (CriterionName::WORKER_CPU, CriterionName::WORKER_MEMORY);
    for (set, name, value, level) in [
        (&plain, cpu, Some(99.0), STOP),
        (&advised, cpu, Some(99.0), WARN),
        (&advised, memory, Some(99.0), STOP),
        (&advised, cpu, None, INCONCLUSIVE),
    ] {
        let finding = judged(set, name, value);
        assert_eq!(finding.level(), Some(level), "{name} at {value:?}: {}", finding.sentence());
        assert_eq!(finding.advisory, level != STOP);
    }
    assert_eq!(advised.to_wire().criteria.len(), plain.to_wire().criteria.len());
    assert_eq!(Criteria::from_wire(advised.to_wire()).unwrap(), advised, "it is written down too");
    let again = advised.overridden("[[criterion]]\nname = 'worker_cpu'\ngo = '<= 90 %'\nwarn = 'otherwise'");
    assert!(again.unwrap().get(cpu).unwrap().is_advisory(), "a plan's other limits leave it so");

    let error = plain.advisory("worker_cpus").unwrap_err();
    assert!(error.is_unknown() && error.to_string().contains("worker_cpu"), "{error}");
}

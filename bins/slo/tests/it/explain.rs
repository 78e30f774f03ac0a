//! `slo explain`: of a saved check, and of a run's folder.

use std::fs;

use mm2_evidence::{EVENTS, Run, RunDocument, sample};
use serde_json::json;

use crate::Place;

#[test]
fn a_saved_check_is_explained_worst_first() {
    let place = Place::nominal(&[]);
    let checked = place.check("--criteria nominal.toml --data nominal.csv --window 30m --json");
    fs::write(place.0.path().join("check.json"), &checked.out).unwrap();
    let said = place.slo(&["explain", "check.json"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    insta::assert_snapshot!(said.out, @r"
    WARN: lag_max is 23,790 records, which is WARN (not <= 10000 records), first after 870 s

    WARN          lag_max is 23,790 records, which is WARN (not <= 10000 records), first after 870 s
    GO            lag_share is 8.26 %, which is GO (<= 15 %)
    GO            lag_usual is 1,150 records, which is GO (<= 5000 records)
    ");
}

#[test]
fn a_run_is_explained_by_its_run_json() {
    let finding = |criterion: &str, level: &str, reason: serde_json::Value| {
        let mut finding =
            json!({"criterion": criterion, "level": level, "value": 12.0, "limit": 0.0, "unit": "records"});
        finding.as_object_mut().unwrap().extend(reason.as_object().unwrap().clone());
        finding
    };
    let run = json!({
        "schema": 1, "run_id": "20260131T120000Z-ramp", "complete": false,
        "verdict": {"level": "INCONCLUSIVE", "reason": "interrupted"},
        "steps": [
            {"name": "P1", "attempt": 1, "findings": [finding("lost", "GO", json!({"reason": "none"}))]},
            {"name": "P2", "attempt": 2, "findings": [
                finding("lost", "STOP", json!({"reason": "located", "places": ["source.t-0: 12"]})),
                finding("worker_cpu", "SKIPPED", json!({"reason": "not_measured", "why": {"declared_absent": "no Prometheus"}})),
            ]},
        ],
    });
    let place = Place::with(&[("run.json", &run.to_string())]);
    let said = place.slo(&["explain", "."]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    insta::assert_snapshot!(said.out, @r"
    INCONCLUSIVE (20260131T120000Z-ramp): interrupted (the run did not come to its end)

    STOP          P2 attempt 2: lost is 12 records, which is STOP: source.t-0: 12
    GO            P1: lost: none
    SKIPPED       P2 attempt 2: worker_cpu was not judged: no Prometheus
    ");
}

#[test]
fn a_run_as_the_ramp_writes_it_is_explained() {
    let place = Place::with(&[(EVENTS, &sample::ndjson(&sample::capped()))]);
    let run = Run::from_dir(place.0.path()).unwrap();
    fs::write(place.0.path().join("run.json"), RunDocument::of(&run).to_json().unwrap()).unwrap();
    let said = place.slo(&["explain", "."]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let begins =
        "WARN (20250131T120000Z-ramp): capacity found, P4: sustained failed\n\nSTOP          P4: sustained ";
    assert!(said.out.starts_with(begins), "{}", said.out);
    assert!(said.out.contains("GO            P1: lost: none\n"), "{}", said.out);
}

#[test]
fn what_is_neither_is_usage() {
    let place = Place::with(&[("other.json", "{}"), ("text.json", "GO")]);
    place.slo(&["explain", "other.json"]).is_usage(&["neither a run's run.json nor"]);
    place.slo(&["explain", "text.json"]).is_usage(&["text.json is not JSON"]);
    place.slo(&["explain", "."]).is_usage(&["cannot read ./run.json"]);
}

//! The names that scripts and other crates read.

use mm2_slo::climb::LimitedBy;
use mm2_slo::finding::{Missing, Reason};
use mm2_slo::{Criterion, Finding, Outcome, StepEvidence, StepVerdict, Thresholds, judge};
use serde_json::{json, to_value};

use crate::sample::{healthy, p3};

#[test]
fn a_finding_is_flat() {
    let beyond = Reason::ProvenBeyond { lower_percent: 1.5, upper_percent: 2.5 };
    let finding = Finding::new(Criterion::Sustained, Outcome::Stop, Some(2.0), Some(0.5), beyond);
    let want = json!({
        "criterion": "sustained", "level": "STOP", "value": 2.0, "limit": 0.5, "unit": "percent",
        "reason": "proven_beyond", "lower_percent": 1.5, "upper_percent": 2.5,
    });
    assert_eq!(to_value(&finding).unwrap(), want);
}

#[test]
fn what_was_not_measured_is_null_with_a_reason() {
    let finding = Finding::not_measured(Criterion::P99Latency, Some(3_000.0), Missing::ProbeFailed);
    let want = json!({
        "criterion": "p99_latency", "level": "INCONCLUSIVE", "value": null, "limit": 3_000.0, "unit": "ms",
        "reason": "not_measured", "why": "probe_failed",
    });
    assert_eq!(to_value(&finding).unwrap(), want);
    let nan = Finding::new(Criterion::Slip, Outcome::Stop, Some(f64::NAN), None, Reason::SourceLimited);
    assert_eq!(nan.value, None);
}

#[test]
fn a_criterion_has_one_name_everywhere() {
    for criterion in Criterion::ALL {
        assert_eq!(to_value(criterion).unwrap(), criterion.name());
        let limited_by = LimitedBy::Criterion(criterion);
        assert_eq!(to_value(limited_by).unwrap(), limited_by.name());
        assert_eq!(serde_json::from_value::<LimitedBy>(json!(criterion.name())).unwrap(), limited_by);
    }
    assert_eq!(to_value(LimitedBy::Source).unwrap(), "source");
    assert_eq!(serde_json::from_value::<LimitedBy>(json!("source")).unwrap(), LimitedBy::Source);
}

#[test]
fn evidence_and_verdicts_come_back_as_they_went() {
    let mut evidence = healthy(&p3());
    evidence.latency = Err(Missing::DeclaredAbsent("no probe here".to_owned()));
    evidence.audit.as_mut().unwrap().duplicates = 3;
    let verdict = judge(&p3(), &Thresholds::default(), &evidence);
    let text = serde_json::to_string(&evidence).unwrap();
    assert_eq!(serde_json::from_str::<StepEvidence>(&text).unwrap(), evidence);
    let text = serde_json::to_string(&verdict).unwrap();
    assert_eq!(serde_json::from_str::<StepVerdict>(&text).unwrap(), verdict);
}

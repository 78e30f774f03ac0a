//! The names that scripts and other crates read.

use mm2_slo::climb::LimitedBy;
use mm2_slo::finding::{Missing, Reason};
use mm2_slo::{
    Criteria, CriterionName as Name, Finding, Observation, Observations, Outcome, Sampled, Source,
    StepEvidence, Unit, Verdict,
};
use serde_json::{json, to_value};

use crate::sample::{TABLE, finding, healthy, judge, p3};

#[test]
fn a_finding_is_flat() {
    let beyond = Reason::ProvenBeyond { lower: 1.5, upper: 2.5 };
    let mut finding = finding(Name::SUSTAINED, Outcome::Stop, &beyond);
    (finding.value, finding.limit, finding.unit) = (Some(2.0), Some(0.5), Unit::Percent);
    let want = json!({
        "criterion": "sustained", "level": "STOP", "value": 2.0, "limit": 0.5, "unit": "percent",
        "reason": "proven_beyond", "lower": 1.5, "upper": 2.5,
    });
    assert_eq!(to_value(&finding).unwrap(), want);
}

#[test]
fn what_was_not_measured_is_null_with_a_reason() {
    let of = |spoil: fn(&mut StepEvidence), criterion| {
        let mut evidence = healthy(&p3());
        spoil(&mut evidence);
        let findings = judge(&p3(), &evidence).findings;
        findings.into_iter().find(|finding| finding.criterion == criterion).unwrap()
    };
    let want = json!({
        "criterion": "p99_latency", "level": "INCONCLUSIVE", "value": null, "limit": 3_000.0, "unit": "ms",
        "reason": "not_measured", "why": "probe_failed",
    });
    let unread = of(|e| e.latency = Err(Missing::ProbeFailed), Name::P99_LATENCY);
    assert_eq!(to_value(&unread).unwrap(), want);
    let nan = of(|e| e.load.slip_p99_ms = Some(f64::NAN), Name::SLIP);
    assert_eq!(nan.value, None);
}

#[test]
fn findings_of_an_earlier_version_still_read() {
    let written = json!({
        "criterion": "backlog", "level": "WARN", "value": 12_000.0, "limit": 10_000.0, "unit": "records",
        "reason": "beyond_limit",
    });
    let read: Finding = serde_json::from_value(written.clone()).unwrap();
    assert_eq!(
        (&read.criterion, read.outcome, read.value),
        (&Name::BACKLOG.into(), Outcome::Warn, Some(12_000.0))
    );
    assert_eq!(to_value(&read).unwrap(), written);
}

#[test]
fn a_finding_with_low_coverage_comes_back_as_it_went() {
    let criteria = "[[criterion]]\nname = 'lag'\nsignal = 'lag'\nunit = 'records'\nover_time = 'max'\n\
        go = '< 9 records'\nstop = 'otherwise'";
    let half =
        Sampled::single(Source::gauge(Unit::Records, 1_000), (0..30).map(|s| (s * 1_000, 1.0)).collect());
    let seen = Observations::over(60.0).with("lag", Observation::Sampled(half));
    let verdict = Criteria::from_toml(criteria).unwrap().judge(&seen);
    assert!(matches!(verdict.findings[0].reason, Reason::LowCoverage { .. }), "{verdict:?}");
    assert!(verdict.findings[0].coverage_percent.is_some());
    let text = serde_json::to_string(&verdict).unwrap();
    assert_eq!(serde_json::from_str::<Verdict>(&text).unwrap(), verdict);
}

#[test]
fn a_criterion_has_one_name_everywhere() {
    for criterion in TABLE {
        assert_eq!(to_value(Name::from(criterion)).unwrap(), criterion);
        let limited_by = LimitedBy::Criterion(criterion.into());
        assert_eq!(to_value(&limited_by).unwrap(), limited_by.name());
        assert_eq!(serde_json::from_value::<LimitedBy>(json!(criterion)).unwrap(), limited_by);
    }
    assert_eq!(to_value(LimitedBy::Source).unwrap(), "source");
    assert_eq!(serde_json::from_value::<LimitedBy>(json!("source")).unwrap(), LimitedBy::Source);
}

#[test]
fn evidence_and_verdicts_come_back_as_they_went() {
    let mut evidence = healthy(&p3());
    evidence.latency = Err(Missing::DeclaredAbsent("no probe here".to_owned()));
    evidence.audit.as_mut().unwrap().duplicates = 3;
    let verdict = judge(&p3(), &evidence);
    let text = serde_json::to_string(&evidence).unwrap();
    assert_eq!(serde_json::from_str::<StepEvidence>(&text).unwrap(), evidence);
    let text = serde_json::to_string(&verdict).unwrap();
    assert_eq!(serde_json::from_str::<Verdict>(&text).unwrap(), verdict);
}

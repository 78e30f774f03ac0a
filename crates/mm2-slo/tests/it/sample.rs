//! A healthy step, to be spoilt by the tests, and how it is judged.

use mm2_slo::evidence::{
    AuditEvidence, BacklogEvidence, Block, ConnectEvidence, LatencyEvidence, LoadEvidence, Quantiles,
    RecoveryEvidence, SourceEvidence,
};
use mm2_slo::{
    Criteria, CriterionName, Finding, Ladder, Missing, Outcome, Phase, Reason, Signal, Step, StepEvidence,
    Verdict,
};
use serde_json::json;

/// The criteria of Phase 4 that a chain without Prometheus is judged by, in table order.
pub(crate) const TABLE: [&str; 10] = [
    CriterionName::P99_LATENCY,
    CriterionName::SUSTAINED,
    CriterionName::LOST,
    CriterionName::CORRUPT,
    CriterionName::REORDERED,
    CriterionName::UNSEEN,
    CriterionName::DUPLICATES,
    CriterionName::DELIVERED,
    CriterionName::SLIP,
    CriterionName::BACKLOG,
];

/// By the criteria of Phase 4, on a chain that declares that it has no Prometheus.
pub(crate) fn judge(step: &Step, evidence: &StepEvidence) -> Verdict {
    let absent = || Missing::DeclaredAbsent("no Prometheus here".to_owned());
    let seen = evidence.observed(step);
    let seen = Signal::PANELS.into_iter().fold(seen, |seen, panel| seen.missing(panel, absent()));
    Criteria::of_phase(Phase::RAMP).judge(&seen)
}

/// A finding as any other program would hand it in: as JSON.
pub(crate) fn finding(criterion: &str, outcome: Outcome, reason: &Reason) -> Finding {
    let mut json =
        json!({ "criterion": criterion, "level": outcome, "value": null, "limit": null, "unit": "ms" });
    let serde_json::Value::Object(reason) = json!(reason) else { panic!("a reason is a table") };
    json.as_object_mut().unwrap().extend(reason);
    serde_json::from_value(json).unwrap()
}

/// P3 of the runbook: 5 000/s, p99 under 3 s.
pub(crate) fn p3() -> Step {
    Ladder::runbook().steps[2].clone()
}

/// A step at `rate` beyond the ladder, with P5's limits.
pub(crate) fn at_rate(rate_per_sec: u64) -> Step {
    Step { rate_per_sec, name: format!("R{rate_per_sec}"), ..Ladder::runbook().steps[4].clone() }
}

pub(crate) fn polled() -> ConnectEvidence {
    ConnectEvidence::Polled {
        answered: 70,
        unanswered: 0,
        restart_seen: false,
        flush_interval_ms: Some(5_000),
        exactly_once: false,
    }
}

/// A minute of `step` on a chain that has no trouble with it.
pub(crate) fn healthy(step: &Step) -> StepEvidence {
    let rate = step.rate_per_sec;
    let sent = rate * 60;
    let took =
        Quantiles { p50: 24.0, p90: 60.0, p99: 145.0, p999: 300.0, max: 433.0, mean: 31.0, count: sent };
    StepEvidence {
        hold_s: 60.0,
        load: LoadEvidence {
            due: sent,
            sent,
            acked: sent,
            acked_in_time: sent,
            failed: 0,
            slip_p99_ms: Some(1.2),
            slip_max_ms: Some(9.0),
            source_blocked_ms: 0.0,
            source_refused: false,
        },
        latency: Ok(LatencyEvidence {
            intended: took,
            actual: took,
            blocks: vec![Block { records: rate, over: 0 }; 60],
        }),
        backlog: Ok(BacklogEvidence {
            samples: (0..600).map(|i| (i * 100, 100 + i * 37 % 50)).collect(),
            max: 149,
            at_load_off: 120,
            end: 0,
        }),
        audit: Ok(AuditEvidence { received: sent, ..AuditEvidence::default() }),
        recovery: RecoveryEvidence { seconds: Some(0.05), recovered: true, limit_s: 120.0 },
        connect: polled(),
        source: SourceEvidence::default(),
    }
}

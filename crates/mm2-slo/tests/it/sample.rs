//! A healthy step, to be spoilt by the tests.

use mm2_slo::evidence::{
    AuditEvidence, BacklogEvidence, Block, ConnectEvidence, LatencyEvidence, LoadEvidence, Quantiles,
    RecoveryEvidence,
};
use mm2_slo::{Ladder, Step, StepEvidence};

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
    }
}

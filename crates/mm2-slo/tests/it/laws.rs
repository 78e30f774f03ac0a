//! What holds for any evidence at all.

use mm2_slo::evidence::{AuditEvidence, Block, ConnectEvidence, LoadEvidence};
use mm2_slo::finding::{Missing, Outcome};
use mm2_slo::proof::{P99, clopper_pearson, prove};
use mm2_slo::sustained::{Asked, test};
use mm2_slo::{Level, Signal, Step, StepEvidence};
use proptest::prelude::*;

use crate::sample::{TABLE, at_rate, healthy, judge};

/// A step and evidence of it that may be good or bad in any of its parts, more often good.
fn step_and_evidence() -> impl Strategy<Value = (Step, StepEvidence)> {
    let rate = prop_oneof![Just(1_000_u64), Just(5_000), Just(20_000)];
    let share = || prop_oneof![4 => Just(0.0), 1 => 0.0..0.03_f64];
    let count = || prop_oneof![4 => Just(0_u64), 1 => 0..400_000_u64];
    let slip = prop_oneof![Just(None), Just(Some(f64::NAN)), (0.0..120.0).prop_map(Some)];
    let load = (share(), share(), slip, share(), any::<bool>());
    let audit = (count(), count(), count(), count(), count());
    let connect = prop_oneof![
        Just(ConnectEvidence::Absent { why: "none".to_owned() }),
        (0..2_u64, 0..2_u64, any::<bool>(), any::<bool>()).prop_map(|(answered, unanswered, seen, once)| {
            ConnectEvidence::Polled {
                answered,
                unanswered,
                restart_seen: seen,
                flush_interval_ms: None,
                exactly_once: once,
            }
        }),
    ];
    (rate, load, audit, connect, share(), share(), count()).prop_map(
        |(rate, load, audit, connect, late, growth, backlog_max)| {
            let step = at_rate(rate);
            let mut e = healthy(&step);
            let of_due = |share: f64| (e.load.due as f64 * share) as u64;
            let sent = e.load.due - of_due(load.0);
            let acked = sent - of_due(load.1).min(sent);
            e.load = LoadEvidence {
                sent,
                acked,
                acked_in_time: acked,
                slip_p99_ms: load.2,
                source_blocked_ms: e.hold_s * 1_000.0 * load.3,
                source_refused: load.4,
                ..e.load
            };
            let (lost, corrupt, reordered, unseen, duplicates) = audit;
            e.audit = Ok(AuditEvidence {
                received: acked,
                lost,
                corrupt,
                reordered,
                unseen,
                duplicates,
                ..AuditEvidence::default()
            });
            e.connect = connect;
            for block in &mut e.latency.as_mut().unwrap().blocks {
                block.over = (block.records as f64 * late) as u64;
            }
            let backlog = e.backlog.as_mut().unwrap();
            backlog.max = backlog_max;
            for (at_ms, records) in &mut backlog.samples {
                *records += (*at_ms as f64 / 1_000.0 * rate as f64 * growth) as u64;
            }
            (step, e)
        },
    )
}

/// Ways of taking something away from evidence.
fn without(part: u8, mut e: StepEvidence) -> StepEvidence {
    match part {
        0 => e.latency = Err(Missing::ProbeFailed),
        1 => e.backlog = Err(Missing::ProbeFailed),
        2 => e.audit = Err(Missing::ProbeFailed),
        3 => e.load.slip_p99_ms = None,
        4 => e.latency.as_mut().unwrap().blocks.truncate(59),
        5 => e.backlog.as_mut().unwrap().samples.truncate(300),
        6 => e.audit.as_mut().unwrap().received = 0,
        _ => e.hold_s = f64::NAN,
    }
    e
}

proptest! {
    #[test]
    fn the_same_evidence_gives_the_same_verdict((step, evidence) in step_and_evidence()) {
        let once = judge(&step, &evidence);
        prop_assert_eq!(&once, &judge(&step, &evidence.clone()));
        let order: Vec<_> = once.findings.iter().map(|f| f.criterion.as_str()).take(TABLE.len()).collect();
        prop_assert_eq!(order, TABLE);
        prop_assert_eq!(once.findings.len(), TABLE.len() + Signal::PANELS.len());
        prop_assert_eq!(once.reason.is_none(), once.level == Level::Go);
    }

    #[test]
    fn what_is_missing_is_never_go((step, evidence) in step_and_evidence(), part in 0_u8..8) {
        let verdict = judge(&step, &without(part, evidence));
        prop_assert!(verdict.level >= Level::Inconclusive, "{:?}", verdict);
    }

    #[test]
    fn a_finding_without_a_value_is_never_go_or_stop((step, evidence) in step_and_evidence(), part in 0_u8..8) {
        let verdict = judge(&step, &without(part, evidence));
        let counts = |outcome| outcome != Outcome::Skipped;
        for finding in verdict.findings.iter().filter(|f| f.value.is_none() && counts(f.outcome)) {
            prop_assert_eq!(finding.outcome, Outcome::Inconclusive, "{:?}", finding);
        }
    }

    #[test]
    fn more_records_over_the_limit_bound_the_share_higher(n in 300_u32..2_000_000, k in 0.0..1.0_f64, more in 1_u32..1_000) {
        let n = f64::from(n);
        let k = (k * n).floor();
        let more = (k + f64::from(more)).min(n);
        let (few, many) = (clopper_pearson(k, n), clopper_pearson(more, n));
        prop_assert!(few.lower <= many.lower && few.upper <= many.upper);
        prop_assert!(few.lower <= k / n && k / n <= few.upper, "the share seen lies between its bounds");
    }

    // A higher limit has fewer records over it. It may be INCONCLUSIVE where a lower one was proven (the
    // few may have come in one clump), but what was good under the lower limit is not bad under it.
    #[test]
    fn a_higher_p99_limit_never_turns_go_into_stop(
        blocks in prop::collection::vec((100_u64..2_000, 0_u64..60, 0_u64..60), 10..120),
    ) {
        let at = |over: &dyn Fn(u64, u64) -> u64| {
            let blocks: Vec<_> = blocks
                .iter()
                .map(|(records, a, b)| Block { records: *records, over: over(*a, *b) })
                .collect();
            prove(&blocks, blocks.len() as f64, P99).0
        };
        let (low, high) = (at(&|a, b| a + b), at(&|a, _| a));
        prop_assert!(!(low == Outcome::Go && high == Outcome::Stop));
    }

    #[test]
    fn a_higher_growth_limit_never_makes_sustained_worse(
        backlog in prop::collection::vec(0_u64..3_000, 600),
        growth in 0_u64..100,
        limit in 0.0..2.0_f64,
        more in 0.0..2.0_f64,
    ) {
        let samples: Vec<_> =
            (0..).zip(backlog).map(|(i, noise)| (i * 100, (noise + i * growth / 10) as f64)).collect();
        let asked = Asked { rate_per_sec: 5_000.0, hold_s: 60.0, fill_s: 3.0 };
        let level = |limit| test(&samples, asked, limit).outcome.level().unwrap();
        prop_assert!(level(limit + more) <= level(limit));
    }
}

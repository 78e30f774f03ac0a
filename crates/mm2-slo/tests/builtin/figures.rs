//! The runbook's figures, written from docs/runbook.md and not from the TOML: a slip in one of the two shows.

use mm2_slo::{Criteria, Level, Verdict};

use crate::support::{GO, INCONCLUSIVE, STOP, WARN, blank, phase, sets, shown, window_s};

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

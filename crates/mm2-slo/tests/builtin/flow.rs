//! What opens the next phase, and what all of them come to.

use mm2_slo::phase::{Gate, Remedy, production};
use mm2_slo::{Phase, Verdict};

use crate::support::{GO, INCONCLUSIVE, STOP, WARN, phase};

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

//! Faults and steps, drawn from a seed.

use std::fmt::Write as _;

use fastrand::Rng;

/// One rehearsal: what is climbed, and what goes wrong.
pub(super) struct Combination {
    pub(super) steps: Vec<Step>,
    /// As `--rehearse` takes them; empty for none.
    pub(super) faults: String,
}

pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) rate_per_sec: u64,
    pub(super) p99_limit_ms: u64,
}

/// Of a backlog's window 8 s must be left behind the largest p99 limit below.
const HOLD_S: u64 = 12;

fn one_of<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())]
}

impl Combination {
    /// The same for the same seed.
    pub(super) fn drawn(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let low = rng.u64(300..600);
        let p99_limit_ms = one_of(&mut rng, &[500, 1000, 2000]);
        let mut steps = vec![Step { name: "low", rate_per_sec: low, p99_limit_ms }];
        if rng.bool() {
            let rate_per_sec = low * rng.u64(130..200) / 100;
            steps.push(Step { name: "high", rate_per_sec, p99_limit_ms: one_of(&mut rng, &[1000, 2000]) });
        }
        let faults = draw_faults(&mut rng, &steps, seed);
        Self { steps, faults }
    }

    pub(super) fn plan(&self) -> String {
        let mut plan = format!("hold = \"{HOLD_S}s\"\nwarm_up = \"1s\"\nrecovery = \"30s\"\n");
        for Step { name, rate_per_sec, p99_limit_ms } in &self.steps {
            write!(
                plan,
                "[[step]]\nname = \"{name}\"\nrate_per_sec = {rate_per_sec}\np99_limit_ms = {p99_limit_ms}\n\
                 mm2_avg_limit_ms = {p99_limit_ms}\nmm2_max_limit_ms = {p99_limit_ms}\n"
            )
            .unwrap();
        }
        plan
    }
}

/// Each fault in a third of the runs, from harmless to far too much; in every twelfth run none.
fn draw_faults(rng: &mut Rng, steps: &[Step], seed: u64) -> String {
    if rng.u8(..12) == 0 {
        return String::new();
    }
    let rate = steps.last().map_or(0, |step| step.rate_per_sec);
    let mut faults = Vec::new();
    while faults.is_empty() {
        let mut maybe = |rng: &mut Rng, fault: String| {
            if rng.u8(..3) == 0 {
                faults.push(fault);
            }
        };
        let delay_ms = one_of(rng, &[20, 100, 300, 700, 1500, 3000]);
        maybe(rng, format!("delay={delay_ms}ms"));
        for name in ["loss", "duplicate", "reorder", "corrupt"] {
            let share = one_of(rng, &[0.0003, 0.001, 0.01, 0.05]);
            maybe(rng, format!("{name}={share}"));
        }
        let cap = rate * one_of(rng, &[30, 60, 90, 98, 103, 150]) / 100;
        maybe(rng, format!("cap={cap}/s"));
        let stall_ms = one_of(rng, &[200, 800, 2000, 4000, 6000]);
        maybe(rng, format!("stall={stall_ms}ms"));
    }
    faults.push(format!("seed={seed}"));
    if rng.u8(..3) == 0 {
        faults.push(format!("from={}", steps[rng.usize(..steps.len())].name));
    }
    faults.join(",")
}

//! Runs with what only a whole site has, a Prometheus and reasons; and climbs that do not simply go up.

use mm2_slo::Signal;

use super::prometheus::{calm, found, half_found, only, with};
use super::{Behaviour, Story, polled};
use crate::event::{ChainKind, Event};

/// Too short a hold to show anything.
const TOO_SHORT_S: u64 = 4;

/// A user's chain with Prometheus that carries all five steps: GO.
pub fn panels() -> Vec<Event> {
    let mut story = Story::begin(ChainKind::File, 20).read_by(found());
    while let Some(step) = story.next_step() {
        story.step(&Behaviour { latency_ms: 40, shows: calm(&step), ..Behaviour::healthy() });
    }
    story.end(false)
}

/// A quota on the target: P3 warns, P4 fails, and the figures say why.
pub fn throttled() -> Vec<Event> {
    let mut story = Story::begin(ChainKind::File, 20).read_by(found());
    while let Some(step) = story.next_step() {
        let mut shows = calm(&step);
        if step.rate_per_sec >= 5_000 {
            shows = with(shows, Signal::WORKER_CPU, 84.0);
        }
        if step.rate_per_sec >= 7_500 {
            shows = with(shows, Signal::MM2_LATENCY_AVG, 3_100.0);
            shows = with(shows, Signal::MM2_LATENCY_MAX, 4_310.0);
            shows = with(shows, Signal::BUFFER_USED, 74.5);
            shows = with(shows, Signal::BUFFER_EXHAUSTED, 1.0);
            shows = with(shows, Signal::PRODUCER_THROTTLE, 1_381.0);
        }
        story.step(&Behaviour { cap_per_sec: 6_900, shows, ..Behaviour::healthy() });
    }
    story.end(false)
}

/// Beyond the last step, and back to within 5 % of where the chain's capacity lies.
pub fn refined() -> Vec<Event> {
    let mut story = Story::begin(ChainKind::Lab, 20).planning(|plan| {
        plan.beyond = true;
        plan.refine = true;
        plan.need_per_sec = Some(8_000);
    });
    while story.step(&Behaviour { cap_per_sec: 12_500, ..Behaviour::healthy() }) {}
    story.end(false)
}

/// The same, in need of more than it carries.
pub fn below_need() -> Vec<Event> {
    let mut story = Story::begin(ChainKind::Lab, 20).planning(|plan| plan.need_per_sec = Some(8_000));
    while story.step(&Behaviour { cap_per_sec: 8_000, ..Behaviour::healthy() }) {}
    story.end(false)
}

/// Half of the signals are missing, and one of two workers has no agent: P1 fails, and nobody can say why.
pub fn half_blind() -> Vec<Event> {
    let found = half_found();
    let mut story = Story::begin(ChainKind::Lab, 20).read_by(found.clone());
    while let Some(step) = story.next_step() {
        let shows = only(calm(&step), &found);
        story.step(&Behaviour { cap_per_sec: 900, shows, ..Behaviour::healthy() });
    }
    story.end(false)
}

/// The winner is held again for too short a time to tell, twice.
pub fn held_again_in_vain() -> Vec<Event> {
    let mut story = Story::begin(ChainKind::Lab, 20).planning(|plan| plan.refine = true);
    let chain = Behaviour { cap_per_sec: 6_000, ..Behaviour::healthy() };
    while let Some(step) = story.next_step() {
        story.hold_s = if step.name.starts_with('C') { TOO_SHORT_S } else { 20 };
        story.step(&chain);
    }
    story.end(false)
}

/// P4 failed, and the climb was interrupted between P3 and P4.
pub fn interrupted_refining() -> Vec<Event> {
    let mut story = Story::begin(ChainKind::Lab, 20).planning(|plan| plan.refine = true);
    let chain = Behaviour { cap_per_sec: 6_000, ..Behaviour::healthy() };
    while story.next_step().is_some_and(|step| step.name != "R2") {
        story.step(&chain);
    }
    story.cut_short(&chain, 7);
    story.end(true)
}

/// P2 passed the second time; the first hold was too short, and had duplicates.
pub fn passed_held_again() -> Vec<Event> {
    let mut story = Story::begin(ChainKind::Lab, 20);
    story.step(&Behaviour::healthy());
    story.hold_s = TOO_SHORT_S;
    story.step(&Behaviour { duplicates: 1_250, connect: polled(true), ..Behaviour::healthy() });
    story.hold_s = 20;
    while story.step(&Behaviour::healthy()) {}
    story.end(false)
}

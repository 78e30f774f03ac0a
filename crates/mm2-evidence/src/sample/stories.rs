//! Runs with what only a whole site has: a Prometheus, reasons, an outage.

use mm2_slo::Signal;

use super::prometheus::{calm, found, half_found, only, with};
use super::{Behaviour, Story};
use crate::event::{CatchUp, ChainKind, Event, What};

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

/// After five good steps the connector was paused for 5 minutes, and the chain caught up.
pub fn caught_up() -> Vec<Event> {
    outage(Some(186.4))
}

/// The same, but the chain hardly carries more than the load, and the source keeps records for half an hour only.
pub fn not_caught_up() -> Vec<Event> {
    outage(None)
}

fn outage(drain_s: Option<f64>) -> Vec<Event> {
    const OUTAGE_S: u64 = 300;
    const LIMIT_S: u64 = 1_200;
    let mut story =
        Story::begin(ChainKind::File, 20).planning(|plan| plan.catch_up_s = Some(OUTAGE_S as f64));
    while story.step(&Behaviour::healthy()) {}
    let rate_per_sec = story.recommended_per_sec();
    story.tell(What::CatchUpStarted { rate_per_sec, outage_s: OUTAGE_S as f64 });
    story.pass_s(20);
    story.tell(What::Paused);
    story.pass_s(OUTAGE_S);
    let backlog_at_resume = rate_per_sec * OUTAGE_S;
    story.tell(What::Resumed { backlog: backlog_at_resume });
    let caught_up_below = 1_000;
    let seconds = drain_s.map_or(LIMIT_S, |seconds| seconds.ceil() as u64);
    let left_at_the_end = if drain_s.is_some() { caught_up_below } else { backlog_at_resume / 3 };
    let drained_per_sec = (backlog_at_resume - left_at_the_end) as f64 / drain_s.unwrap_or(LIMIT_S as f64);
    let backlog = |second: u64| backlog_at_resume.saturating_sub((drained_per_sec * second as f64) as u64);
    story.pass_s(seconds);
    story.tell(What::CatchUpEnded(Box::new(CatchUp {
        rate_per_sec,
        outage_s: OUTAGE_S as f64 + 0.4,
        backlog_at_resume,
        backlog_max: backlog_at_resume + 2_300,
        caught_up_below,
        drain_s,
        limit_s: LIMIT_S as f64,
        curve: (0..=seconds).map(|second| (second * 1_000, backlog(second))).collect(),
        drain_per_sec: drain_s.map(|_| rate_per_sec as f64 + drained_per_sec),
        lost: Some(0),
        unseen: Some(0),
        duplicates: Some(0),
        retention_s: Some(if drain_s.is_some() { 86_400.0 } else { 1_320.0 }),
    })));
    story.end(false)
}

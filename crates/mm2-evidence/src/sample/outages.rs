//! Runs whose connector was paused after the climb, for five minutes, to see how the chain catches up.

use super::{Behaviour, Story};
use crate::event::{CatchUp, ChainKind, Event, What};
use crate::exit;

const BEFORE_S: u64 = 20;
const OUTAGE_S: u64 = 300;
const LIMIT_S: u64 = 1_200;
const CAUGHT_UP_BELOW: u64 = 1_000;

/// All five steps good, and the chain caught up.
pub fn caught_up() -> Vec<Event> {
    finished(|_| {})
}

/// The same, but the chain hardly carries more than the load, and the source keeps records for half an hour only.
pub fn not_caught_up() -> Vec<Event> {
    finished(|seen| {
        let drained =
            |second: u64| seen.backlog_at_resume - seen.backlog_at_resume * 2 / 3 * second / LIMIT_S;
        seen.curve = (0..=LIMIT_S).map(|second| (second * 1_000, drained(second))).collect();
        (seen.drain_s, seen.drain_per_sec) = (None, None);
        seen.retention_s = Some(1_320.0);
    })
}

/// An outage that leaves no more behind than what a chain has under way which keeps up.
pub fn too_short_an_outage() -> Vec<Event> {
    finished(|seen| {
        (seen.outage_s, seen.backlog_at_resume, seen.backlog_max) = (0.1, 700, 850);
        (seen.drain_s, seen.drain_per_sec) = (Some(0.0), None);
        seen.curve = (0..=10).map(|second| (second * 1_000, 700 - second * 10)).collect();
    })
}

/// The climb is good, and the drain loses 12 records.
pub fn lost_catching_up() -> Vec<Event> {
    finished(|seen| seen.lost = Some(12))
}

/// 340 records were not seen again.
pub fn unseen_catching_up() -> Vec<Event> {
    finished(|seen| seen.unseen = Some(340))
}

/// Interrupted while the connector was paused; it was resumed, and is not told to have been.
pub fn interrupted_outage() -> Vec<Event> {
    let mut story = paused();
    story.pass_s(60);
    story.ended(exit::INTERRUPTED)
}

/// Interrupted while the chain caught up.
pub fn interrupted_drain() -> Vec<Event> {
    let (mut story, _) = resumed();
    story.pass_s(45);
    story.ended(exit::INTERRUPTED)
}

/// The process died while the connector was paused.
pub fn killed_outage() -> Vec<Event> {
    paused().events
}

/// The connector could not be resumed.
pub fn still_paused() -> Vec<Event> {
    let mut story = paused();
    story.pass_s(OUTAGE_S + 60);
    let text = "connector mm2-source could not be resumed and may still be paused: Connect at 127.0.0.1:8083 did not \
                answer; hint: when Connect answers again, PUT /connectors/mm2-source/resume";
    story.tell(What::Trouble { text: text.to_owned() });
    story.ended(exit::UNDO_FAILED)
}

fn paused() -> Story {
    let mut story =
        Story::begin(ChainKind::File, 20).planning(|plan| plan.catch_up_s = Some(OUTAGE_S as f64));
    while story.step(&Behaviour::healthy()) {}
    story.conclude(false);
    let rate_per_sec = story.recommended_per_sec();
    story.tell(What::CatchUpStarted { rate_per_sec, outage_s: OUTAGE_S as f64 });
    story.pass_s(BEFORE_S);
    story.tell(What::Paused);
    story
}

/// With the backlog that the outage left.
fn resumed() -> (Story, u64) {
    let mut story = paused();
    story.pass_s(OUTAGE_S);
    let backlog = story.recommended_per_sec() * OUTAGE_S;
    story.tell(What::Resumed { backlog });
    (story, backlog)
}

/// Caught up within 186.4 s, but for what `change` makes of it.
fn finished(change: impl FnOnce(&mut CatchUp)) -> Vec<Event> {
    const DRAIN_S: f64 = 186.4;
    let (mut story, backlog_at_resume) = resumed();
    let rate_per_sec = story.recommended_per_sec();
    let drained_per_sec = (backlog_at_resume - CAUGHT_UP_BELOW) as f64 / DRAIN_S;
    let backlog = |second: u64| backlog_at_resume.saturating_sub((drained_per_sec * second as f64) as u64);
    let mut seen = CatchUp {
        rate_per_sec,
        outage_s: OUTAGE_S as f64 + 0.4,
        backlog_at_resume,
        backlog_max: backlog_at_resume + 2_300,
        caught_up_below: CAUGHT_UP_BELOW,
        drain_s: Some(DRAIN_S),
        limit_s: LIMIT_S as f64,
        curve: (0..=187).map(|second| (second * 1_000, backlog(second))).collect(),
        drain_per_sec: Some(rate_per_sec as f64 + drained_per_sec),
        lost: Some(0),
        unseen: Some(0),
        duplicates: Some(0),
        retention_s: Some(86_400.0),
    };
    change(&mut seen);
    story.pass_s(seen.curve.last().map_or(0, |(ms, _)| ms / 1_000));
    let code =
        if seen.lost == Some(0) { exit::code(mm2_slo::Level::Go) } else { exit::code(mm2_slo::Level::Stop) };
    story.tell(What::CatchUpEnded(Box::new(seen)));
    story.ended(code)
}

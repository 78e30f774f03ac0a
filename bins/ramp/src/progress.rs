//! What a person sees while the ramp runs: each event as a line, each tick as the live block.

use mm2_cli::{Progress, ProgressView};
use mm2_evidence::event::{StepEnded, What};
use mm2_evidence::run::StepRun;
use mm2_evidence::{Event, Observer, Run};
use mm2_slo::Outcome;

/// What a step takes beyond its hold, seconds: the audit closes 10 s after the last marker was read.
const CLOSING_S: f64 = 11.0;

/// Shows events on `progress`.
pub(crate) fn observer(progress: Progress) -> Observer {
    let mut progress = Some(progress);
    Box::new(move |event, run| {
        if matches!(event.what, What::Concluded(_)) {
            // The report comes next, and the live block must not stand around it.
            drop(progress.take());
        }
        let Some(progress) = &mut progress else { return };
        if let Some(line) = line(event, run) {
            progress.event(&line);
        }
        if let (What::Tick(_), Some(view)) = (&event.what, view(run)) {
            progress.live(&view);
        }
    })
}

/// One event in one line; none for those that only move figures.
fn line(event: &Event, run: &Run) -> Option<String> {
    Some(match &event.what {
        What::Waiting { what } => format!("waiting for {what}"),
        What::Ready { topics_created, partitions, waited_s } => {
            let created = if topics_created.is_empty() {
                String::new()
            } else {
                format!(", {} topics created", topics_created.len())
            };
            format!(
                "chain ready: a canary came through each of {partitions} partitions ({waited_s:.1} s{created})"
            )
        }
        What::WarmUpStarted { rate_per_sec, at_least_s } => {
            format!("warming up at {rate_per_sec}/s for at least {at_least_s:.0} s, not judged")
        }
        What::WarmUpEnded { seconds, window_p99_ms, settled } => {
            let windows: Vec<String> = window_p99_ms.iter().map(|ms| format!("{ms:.0}")).collect();
            let p99 = if windows.is_empty() {
                String::new()
            } else {
                format!(", p99 by 10 s: {} ms", windows.join(" "))
            };
            let note = if *settled { "" } else { "; the p99 was still falling" };
            format!("warm after {seconds:.0} s{p99}{note}")
        }
        What::StepStarted { step, attempt, hold_s } => {
            let again = if *attempt > 1 { ", held once more" } else { "" };
            format!("{}: {}/s for {hold_s:.0} s{again}", step.name, step.rate_per_sec)
        }
        What::LoadOff { sent, acked, backlog } => {
            format!("load off: {sent} sent, {acked} acknowledged, backlog {backlog}; waiting for the rest")
        }
        What::ConnectChanged { change, subject, from, to } => {
            let (from, to) = (from.as_deref().unwrap_or("-"), to.as_deref().unwrap_or("-"));
            format!("connect: {subject}: {} ({from} → {to})", change.replace('_', " "))
        }
        // Before the chain is ready, trouble is what ends the run, and is told as its error.
        What::Trouble { .. } if run.ready.is_none() => return None,
        What::Trouble { text } => format!("trouble: {text}"),
        What::StepEnded(ended) => step_ended(ended, run),
        What::SignalsFound(found) => {
            let missing: Vec<&str> =
                found.signals.iter().filter(|s| s.missing.is_some()).map(|s| s.signal.as_str()).collect();
            let there = found.signals.len() - missing.len();
            let missing =
                if missing.is_empty() { String::new() } else { format!("; missing: {}", missing.join(", ")) };
            format!("prometheus: {there} of {} signals found{missing}", found.signals.len())
        }
        What::CatchUpStarted { rate_per_sec, outage_s } => {
            format!("catch-up: {rate_per_sec}/s, the connector paused for {outage_s:.0} s")
        }
        What::Resumed { backlog } => format!("catch-up: the connector runs again, backlog {backlog}"),
        What::CatchUpEnded(catch_up) => match catch_up.drain_s {
            Some(seconds) => format!("catch-up: drained in {seconds:.1} s"),
            None => format!("catch-up: not drained within {:.0} s", catch_up.limit_s),
        },
        What::RunStarted(_) | What::Tick(_) | What::Concluded(_) | What::RunEnded { .. } => return None,
    })
}

fn step_ended(ended: &StepEnded, run: &Run) -> String {
    let evidence = &ended.evidence;
    let limit_ms = run.started.plan.steps.iter().find(|s| s.name == ended.step).map_or(0, |s| s.p99_limit_ms);
    let achieved = evidence.load.acked_in_time as f64 / evidence.hold_s;
    let p99 =
        evidence.latency.as_ref().map_or("not measured".to_owned(), |l| format!("{:.0} ms", l.intended.p99));
    let back = evidence.recovery.seconds.map_or("not within the limit".to_owned(), |s| format!("{s:.1} s"));
    let why: Vec<&str> = ended
        .verdict
        .findings
        .iter()
        .filter(|f| !matches!(f.outcome, Outcome::Go | Outcome::Skipped))
        .map(|f| f.criterion.as_str())
        .collect();
    let why = if why.is_empty() { String::new() } else { format!(" ({})", why.join(", ")) };
    let counts = evidence.audit.as_ref().map_or("counts not measured".to_owned(), |audit| {
        format!("lost {}, duplicates {}", audit.lost + audit.unseen, audit.duplicates)
    });
    format!(
        "{}: {}{why}: {achieved:.1}/s achieved, p99 {p99} (limit {limit_ms} ms), {counts}, recovered in {back}",
        ended.step, ended.verdict.level
    )
}

/// The live block: what is under load now, and how long all of it will take.
fn view(run: &Run) -> Option<ProgressView> {
    let Some(current) = run.current() else {
        let warm_up = run.warm_up.as_ref().filter(|w| w.ended.is_none())?;
        let headline = format!("warm-up  {:.0} s at {}/s", warm_up.progress.elapsed_s, warm_up.rate_per_sec);
        let p99 = warm_up.progress.p99_ms.map_or("-".to_owned(), |ms| format!("{ms:.0} ms"));
        let backlog = warm_up.progress.backlog_now().unwrap_or(0);
        return Some(ProgressView { headline, lines: vec![format!("p99 so far {p99}   backlog {backlog}")] });
    };
    Some(ProgressView { headline: headline(current, run), lines: figures(current) })
}

fn headline(current: &StepRun, run: &Run) -> String {
    let steps = &run.started.plan.steps;
    let number = 1 + steps.iter().position(|s| s.name == current.step.name).unwrap_or(0);
    let left_steps = (steps.len() - number.min(steps.len())) as f64;
    let elapsed_s = current.progress.elapsed_s;
    let left_s =
        (current.hold_s + CLOSING_S - elapsed_s).max(0.0) + left_steps * (current.hold_s + CLOSING_S);
    let phase = if current.progress.load_on { "held" } else { "recovering" };
    format!(
        "{} ({number} of {})  {}/s  {phase} {:.0} s of {:.0} s   about {} left",
        current.step.name,
        steps.len(),
        current.step.rate_per_sec,
        elapsed_s.min(current.hold_s),
        current.hold_s,
        minutes(left_s)
    )
}

fn figures(current: &StepRun) -> Vec<String> {
    let progress = &current.progress;
    let Some(counts) = progress.counts else { return Vec::new() };
    let achieved = counts.sent as f64 / progress.loaded_s.clamp(0.001, current.hold_s);
    let p99 = progress.p99_ms.map_or("-".to_owned(), |ms| format!("{ms:.0} ms"));
    vec![
        format!(
            "sent {achieved:.0}/s   p99 {p99} (limit {} ms)   backlog {}",
            current.step.p99_limit_ms,
            progress.backlog_now().unwrap_or(0)
        ),
        format!(
            "received {} of {} acknowledged   lost {}   duplicates {}   slip max {:.0} ms",
            counts.received,
            counts.acked,
            counts.lost,
            counts.duplicates,
            progress.slip_max_ms.unwrap_or(0.0)
        ),
    ]
}

fn minutes(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    format!("{}:{:02} min", seconds / 60, seconds % 60)
}

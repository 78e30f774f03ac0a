//! What a person sees while the ramp runs: each event as a line, each tick as the live block.

use mm2_cli::{Progress, ProgressView};
use mm2_evidence::event::{CatchUp, Plan, StepEnded, What};
use mm2_evidence::run::{CatchUpRun, StepRun};
use mm2_evidence::signals::{ReadFor, SignalsFound};
use mm2_evidence::{Event, Observer, Run};
use mm2_slo::Outcome;

/// What a step takes beyond its hold, seconds: the audit closes 10 s after the last marker was read.
const CLOSING_S: f64 = 11.0;

/// Shows events on `progress`.
pub(crate) fn observer(progress: Progress) -> Observer {
    let mut progress = Some(progress);
    Box::new(move |event, run| {
        if matches!(event.what, What::RunEnded { .. }) {
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
        What::SignalsFound(found) => signals_found(found),
        What::CatchUpStarted { rate_per_sec, outage_s } => {
            format!(
                "catch-up: {rate_per_sec}/s, then the connector is paused for {outage_s:.0} s under this load"
            )
        }
        What::Paused => "catch-up: the connector is paused".to_owned(),
        What::Resumed { backlog } => {
            format!(
                "catch-up: the connector goes on, {backlog} records behind; waiting until it has caught up"
            )
        }
        What::CatchUpEnded(catch_up) => caught_up(catch_up),
        What::RunStarted(_) | What::Tick(_) | What::Concluded(_) | What::RunEnded { .. } => return None,
    })
}

/// What was found, and what it costs that something was not.
fn signals_found(found: &SignalsFound) -> String {
    let (there, all) = (found.found().count(), found.signals.len());
    let missing = |read_for: ReadFor| {
        let signals = found.missing().filter(|(signal, _)| signal.read_for == read_for);
        signals.map(|(signal, _)| signal.signal.as_str()).collect::<Vec<_>>()
    };
    let costs = [
        (ReadFor::Judging, "no step can be GO without"),
        (ReadFor::Showing, "not shown:"),
        (ReadFor::Explaining, "not there to explain a STOP:"),
    ];
    let costs = costs.into_iter().map(|(read_for, cost)| (cost, missing(read_for)));
    let costs = costs.filter(|(_, signals)| !signals.is_empty());
    let costs: Vec<String> =
        costs.map(|(cost, signals)| format!("; {cost} {}", signals.join(", "))).collect();
    format!("prometheus: {there} of {all} signals found{}", costs.concat())
}

fn caught_up(catch_up: &CatchUp) -> String {
    let (rate, outage_s) = (catch_up.rate_per_sec, catch_up.outage_s);
    let took = match catch_up.drain_s {
        Some(seconds) => format!("the chain needed {seconds:.1} s to catch up"),
        None => format!("the chain had not caught up after {:.0} s", catch_up.limit_s),
    };
    format!("catch-up: after {outage_s:.0} s of outage at {rate}/s {took}")
}

fn step_ended(ended: &StepEnded, run: &Run) -> String {
    let evidence = &ended.evidence;
    // The held step itself: those beyond the plan and between its steps have limits too.
    let held = run.steps.iter().rfind(|held| held.step.name == ended.step);
    let limit = held.map_or("unknown".to_owned(), |held| format!("{} ms", held.step.p99_limit_ms));
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
        "{}: {}{why}: {achieved:.1}/s achieved, p99 {p99} (limit {limit}), {counts}, recovered in {back}",
        ended.step, ended.verdict.level
    )
}

/// The live block: what is under load now, and how long all of it will take.
fn view(run: &Run) -> Option<ProgressView> {
    if let Some(current) = run.current() {
        return Some(ProgressView { headline: headline(current, run), lines: figures(current) });
    }
    if let Some(catch_up) = run.catch_up.as_ref().filter(|catch_up| catch_up.ended.is_none()) {
        return Some(ProgressView {
            headline: of_catch_up(catch_up),
            lines: vec![so_far(&catch_up.progress)],
        });
    }
    let warm_up = run.warm_up.as_ref().filter(|warm_up| warm_up.ended.is_none())?;
    let headline = format!("warm-up  {:.0} s at {}/s", warm_up.progress.elapsed_s, warm_up.rate_per_sec);
    Some(ProgressView { headline, lines: vec![so_far(&warm_up.progress)] })
}

fn so_far(progress: &mm2_evidence::run::Progress) -> String {
    let p99 = progress.p99_ms.map_or("-".to_owned(), |ms| format!("{ms:.0} ms"));
    format!("p99 so far {p99}   backlog {}", progress.backlog_now().unwrap_or(0))
}

fn of_catch_up(catch_up: &CatchUpRun) -> String {
    let (rate, outage_s, elapsed_s) = (catch_up.rate_per_sec, catch_up.outage_s, catch_up.progress.elapsed_s);
    let phase = match catch_up.backlog_at_resume {
        None if catch_up.paused => format!("outage of {outage_s:.0} s"),
        None => "before the outage".to_owned(),
        Some(_) => "catching up".to_owned(),
    };
    format!("catch-up  {rate}/s  {phase}, {elapsed_s:.0} s since the load went on")
}

fn headline(current: &StepRun, run: &Run) -> String {
    let elapsed_s = current.progress.elapsed_s;
    let phase = if current.progress.load_on { "held" } else { "recovering" };
    let (place, left) = place_and_time_left(current, &run.started.plan);
    format!(
        "{} ({place})  {}/s  {phase} {:.0} s of {:.0} s   {left}",
        current.step.name,
        current.step.rate_per_sec,
        elapsed_s.min(current.hold_s),
        current.hold_s,
    )
}

/// Where the step stands in the plan, and how long all will take. How many steps are held beyond the plan, or between
/// its steps, depends on the chain, so that nobody can say how long these take.
fn place_and_time_left(current: &StepRun, plan: &Plan) -> (String, String) {
    let step_s = current.hold_s + CLOSING_S;
    let this_s = (step_s - current.progress.elapsed_s).max(0.0);
    let Some(at) = plan.steps.iter().position(|step| step.name == current.step.name) else {
        return ("not in the plan".to_owned(), format!("about {} left of this step", minutes(this_s)));
    };
    let left_s = this_s + (plan.steps.len() - 1 - at) as f64 * step_s;
    let more = match (plan.beyond || plan.refine, plan.catch_up_s) {
        (true, _) => " of the planned steps",
        (false, Some(_)) => ", then the catch-up",
        (false, None) => "",
    };
    (format!("{} of {}", at + 1, plan.steps.len()), format!("about {} left{more}", minutes(left_s)))
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

#[cfg(test)]
mod tests {
    use mm2_evidence::sample;
    use mm2_evidence::{Event, Run};

    use super::*;

    /// What a person saw: the lines, and the headlines of the live block.
    fn told(events: &[Event]) -> (Vec<String>, Vec<String>) {
        let What::RunStarted(started) = &events[0].what else { panic!("{:?} is first", events[0]) };
        let mut run = Run::begin(events[0].at_ms, (**started).clone());
        let (mut lines, mut headlines) = (Vec::new(), Vec::new());
        for event in &events[1..] {
            run.apply(event);
            lines.extend(line(event, &run));
            headlines.extend(view(&run).map(|view| view.headline));
        }
        (lines, headlines)
    }

    fn has(lines: &[String], part: &str) {
        assert!(lines.iter().any(|line| line.contains(part)), "no {part} in {lines:#?}");
    }

    #[test]
    fn missing_signals_are_told_with_what_they_cost() {
        let (lines, _) = told(&sample::half_blind());
        has(&lines, "prometheus: 8 of 15 signals found; no step can be GO without producer.buffer_used, ");
        has(&lines, "; not shown: host.disk_busy; not there to explain a STOP: producer.throttle_max, ");
        has(&told(&sample::panels()).0, "prometheus: 15 of 15 signals found");
    }

    #[test]
    fn an_outage_is_told_from_its_beginning_to_its_end() {
        let (lines, headlines) = told(&sample::caught_up());
        has(&lines, "catch-up: 7000/s, then the connector is paused for 300 s under this load");
        has(&lines, "catch-up: the connector goes on, 2100000 records behind");
        has(&lines, "catch-up: after 300 s of outage at 7000/s the chain needed 186.4 s to catch up");
        has(&headlines, "catch-up  7000/s  outage of 300 s");
        has(&headlines, "catch-up  7000/s  catching up");
        let (lines, _) = told(&sample::not_caught_up());
        has(&lines, "the chain had not caught up after 1200 s");
    }

    #[test]
    fn steps_that_were_not_planned_have_limits_and_no_foretold_end() {
        let (lines, headlines) = told(&sample::refined());
        has(&lines, "p99 3985 ms (limit 5000 ms)");
        assert!(lines.iter().any(|line| line.starts_with("B1: STOP (sustained, backlog)")), "{lines:#?}");
        has(&headlines, "P5 (5 of 5)  10000/s  held 1 s of 20 s   about 0:30 min left of the planned steps");
        has(&headlines, "B1 (not in the plan)  15000/s  held 1 s of 20 s   about 0:30 min left of this step");
    }

    #[test]
    fn how_long_the_planned_steps_take_is_foretold() {
        let (_, headlines) = told(&sample::go());
        has(&headlines, "P1 (1 of 5)  1000/s  held 1 s of 20 s   about 2:34 min left");
        let (_, headlines) = told(&sample::caught_up());
        has(&headlines, "about 0:11 min left, then the catch-up");
    }
}

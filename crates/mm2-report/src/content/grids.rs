//! The grids of the source document, filled: results, recovery, and what became of the records.

use mm2_evidence::Run;
use mm2_evidence::figures::{Figures, NotRecovered};
use mm2_evidence::run::StepRun;
use mm2_slo::{Level, Missing, Step};

use super::headline::outcome_of;
use super::notes::Notes;
use super::{Medium, panels, section};
use crate::layout::Block;
use crate::text::Text;

pub(super) fn results(run: &Run, text: &dyn Text, medium: Medium) -> Vec<Block> {
    let n = text.numbers();
    let mut notes = Notes::new(text, medium);
    let mut rows: Vec<[String; 9]> = run
        .steps
        .iter()
        .map(|held| {
            let figures = held.figures();
            let e2e = || figures.e2e_ms.clone();
            let limit = n.ms(held.step.p99_limit_ms as f64);
            [
                held.step.name.clone(),
                n.count(held.step.rate_per_sec),
                notes.cell(figures.achieved_per_sec.clone(), |rate| n.rate(rate)),
                notes.cell(e2e(), |e2e| n.ms(e2e.mean)),
                notes.cell(e2e(), |e2e| n.ms(e2e.max)),
                notes.cell(e2e(), |e2e| format!("{} / {limit}", n.ms_alone(e2e.p99))),
                notes.cell(lag(&figures), |records| n.count(records)),
                panels::worker_cpu(run, held, medium, &mut notes),
                result(held, text, medium),
            ]
        })
        .collect();
    rows.extend(not_held(run, text).map(|(step, why)| {
        let (cell, last) = notes.not_held(&why);
        let no = || cell.clone();
        [step.name.clone(), n.count(step.rate_per_sec), no(), no(), no(), no(), no(), no(), last]
    }));
    let rows = rows.into_iter().map(|row| row.map(|cell| unbroken(cell, medium))).collect();
    let table = Block::table(text.labels().results_head, rows);
    [section(run, text.labels().results), table].into_iter().chain(notes.below()).collect()
}

pub(super) fn recovery(run: &Run, text: &dyn Text, medium: Medium) -> Vec<Block> {
    let n = text.numbers();
    let mut notes = Notes::new(text, medium);
    let mut rows: Vec<[String; 3]> = run
        .steps
        .iter()
        .map(|held| {
            let figures = held.figures();
            let time = match figures.recovery_s {
                Ok(seconds) => n.seconds(seconds),
                Err(NotRecovered::WithinLimit { limit_s }) => text.not_recovered(limit_s),
                Err(NotRecovered::Missing(why)) => notes.not_measured(&text.missing(&why)),
            };
            let max = notes.cell(figures.backlog.map(|backlog| backlog.max), |records| n.count(records));
            [held.step.name.clone(), max, time]
        })
        .collect();
    rows.extend(not_held(run, text).map(|(step, why)| {
        let (cell, last) = notes.not_held(&why);
        [step.name.clone(), cell, last]
    }));
    let table = Block::table(text.labels().recovery_head, rows);
    [section(run, text.labels().recovery), table].into_iter().chain(notes.below()).collect()
}

pub(super) fn records(run: &Run, text: &dyn Text) -> Vec<Block> {
    let n = text.numbers();
    let mut notes = Notes::new(text, Medium::Page);
    let rows: Vec<[String; 9]> = run
        .steps
        .iter()
        .map(|held| {
            let Figures { load, audit, .. } = held.figures();
            let mut cell = |count: Result<u64, Missing>| notes.cell(count, |records| n.count(records));
            let audit = || audit.clone();
            [
                held.step.name.clone(),
                cell(load.clone().map(|l| l.sent)),
                cell(load.map(|l| l.acked)),
                cell(audit().map(|a| a.received)),
                cell(audit().map(|a| a.lost)),
                cell(audit().and_then(|a| a.unseen.ok_or(Missing::Interrupted))),
                cell(audit().map(|a| a.duplicates)),
                cell(audit().map(|a| a.reordered)),
                cell(audit().map(|a| a.corrupt)),
            ]
        })
        .collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let table = Block::table(text.labels().records_head, rows);
    [section(run, text.labels().records), table].into_iter().chain(notes.below()).collect()
}

/// On a screen, a row is to stay in one line.
pub(super) fn unbroken(cell: String, medium: Medium) -> String {
    match medium {
        Medium::Page => cell,
        Medium::Screen => cell.replace(' ', "\u{a0}"),
    }
}

/// The lag of the grid: the backlog when the load went off.
fn lag(figures: &Figures) -> Result<u64, Missing> {
    figures.backlog.clone().and_then(|backlog| backlog.at_load_off.ok_or(Missing::Interrupted))
}

/// The boxes of the source document; what is neither is said beside them.
fn result(held: &StepRun, text: &dyn Text, medium: Medium) -> String {
    let word = text.level(outcome_of(held.level()));
    match held.level() {
        _ if medium == Medium::Screen => word.to_owned(),
        Level::Go => "☑ GO ☐ STOP".to_owned(),
        Level::Warn => format!("☑ GO ☐ STOP ({word})"),
        Level::Stop => "☐ GO ☑ STOP".to_owned(),
        Level::Inconclusive => format!("☐ GO ☐ STOP ({word})"),
    }
}

fn not_held<'a>(run: &'a Run, text: &'a dyn Text) -> impl Iterator<Item = (&'a Step, String)> {
    let planned = |held: &&StepRun| run.started.plan.steps.iter().any(|step| step.name == held.step.name);
    // Steps that were not planned are held after the one that ended the climb.
    let last = run.steps.iter().rfind(planned).or(run.steps.last());
    let stopped = |held: &StepRun| match held.level() {
        Level::Stop => true,
        Level::Inconclusive => held.ended.is_some() && held.attempt > 1,
        Level::Go | Level::Warn => false,
    };
    let cut_short = !last.is_some_and(stopped);
    let why = text.not_held_because(last.map(|held| held.step.name.as_str()), cut_short);
    let names: Vec<&str> = run.not_held().collect();
    let steps = run.started.plan.steps.iter();
    steps.filter(move |step| names.contains(&step.name.as_str())).map(move |step| (step, why.clone()))
}

//! The grids of the source document, filled: results, recovery, and what became of the records.

use mm2_evidence::Run;
use mm2_evidence::figures::{Figures, NotRecovered};
use mm2_evidence::run::StepRun;
use mm2_slo::{Level, Missing, Step};

use super::headline::outcome_of;
use super::section;
use crate::layout::Block;
use crate::text::Text;

/// Why cells have no figure, each reason once: `not measured (2)` in the cell, the reason below the table.
struct Notes<'a> {
    text: &'a dyn Text,
    reasons: Vec<String>,
}

impl<'a> Notes<'a> {
    fn new(text: &'a dyn Text) -> Self {
        Self { text, reasons: Vec::new() }
    }

    fn number(&mut self, why: &Missing) -> usize {
        let reason = self.text.missing(why);
        let at = self.reasons.iter().position(|known| *known == reason).unwrap_or_else(|| {
            self.reasons.push(reason);
            self.reasons.len() - 1
        });
        at + 1
    }

    fn cell<T>(&mut self, value: Result<T, Missing>, show: impl Fn(T) -> String) -> String {
        match value {
            Ok(value) => show(value),
            Err(why) => format!("{} ({})", self.text.labels().not_measured, self.number(&why)),
        }
    }

    fn below(self) -> Vec<Block> {
        let notes = self.reasons.iter().enumerate().map(|(i, why)| self.text.note(i + 1, why));
        match notes.collect::<Vec<_>>() {
            none if none.is_empty() => Vec::new(),
            notes => vec![Block::List(notes)],
        }
    }
}

pub(super) fn results(run: &Run, text: &dyn Text) -> Vec<Block> {
    let n = text.numbers();
    let mut notes = Notes::new(text);
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
                notes.cell(e2e(), |e2e| format!("{} / {limit}", n.ms(e2e.p99))),
                notes.cell(lag(&figures), |records| n.count(records)),
                notes.cell::<f64>(Err(run.without_prometheus()), |percent| n.percent(percent)),
                result(held, text),
            ]
        })
        .collect();
    rows.extend(not_held(run, text).map(|(step, why)| {
        let no = || text.not_held().to_owned();
        [step.name.clone(), n.count(step.rate_per_sec), no(), no(), no(), no(), no(), no(), why.clone()]
    }));
    let mut blocks =
        vec![section(run, text.labels().results), Block::table(text.labels().results_head, rows)];
    blocks.extend(notes.below());
    blocks
}

pub(super) fn recovery(run: &Run, text: &dyn Text) -> Vec<Block> {
    let n = text.numbers();
    let mut notes = Notes::new(text);
    let mut rows: Vec<[String; 3]> = run
        .steps
        .iter()
        .map(|held| {
            let figures = held.figures();
            let time = match figures.recovery_s {
                Ok(seconds) => n.seconds(seconds),
                Err(NotRecovered::WithinLimit { limit_s }) => text.not_recovered(limit_s),
                Err(NotRecovered::Missing(why)) => notes.cell::<f64>(Err(why), |s| n.seconds(s)),
            };
            let max = notes.cell(figures.backlog.map(|backlog| backlog.max), |records| n.count(records));
            [held.step.name.clone(), max, time]
        })
        .collect();
    rows.extend(not_held(run, text).map(|(step, why)| [step.name.clone(), text.not_held().to_owned(), why]));
    let mut blocks =
        vec![section(run, text.labels().recovery), Block::table(text.labels().recovery_head, rows)];
    blocks.extend(notes.below());
    blocks
}

pub(super) fn records(run: &Run, text: &dyn Text) -> Vec<Block> {
    let n = text.numbers();
    let mut notes = Notes::new(text);
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
    let mut blocks =
        vec![section(run, text.labels().records), Block::table(text.labels().records_head, rows)];
    blocks.extend(notes.below());
    blocks
}

/// The lag of the grid: the backlog when the load went off.
fn lag(figures: &Figures) -> Result<u64, Missing> {
    figures.backlog.clone().and_then(|backlog| backlog.at_load_off.ok_or(Missing::Interrupted))
}

/// The boxes of the source document; what is neither is said beside them.
fn result(held: &StepRun, text: &dyn Text) -> String {
    let word = text.level(outcome_of(held.level()));
    match held.level() {
        Level::Go => "☑ GO ☐ STOP".to_owned(),
        Level::Warn => format!("☑ GO ☐ STOP ({word})"),
        Level::Stop => "☐ GO ☑ STOP".to_owned(),
        Level::Inconclusive => format!("☐ GO ☐ STOP ({word})"),
    }
}

fn not_held<'a>(run: &'a Run, text: &'a dyn Text) -> impl Iterator<Item = (&'a Step, String)> {
    let last = run.steps.last();
    let cut_short = !run.complete() || last.is_some_and(|held| held.ended.is_none());
    let why = text.not_held_because(last.map(|held| held.step.name.as_str()), cut_short);
    let names: Vec<&str> = run.not_held().collect();
    let steps = run.started.plan.steps.iter();
    steps.filter(move |step| names.contains(&step.name.as_str())).map(move |step| (step, why.clone()))
}

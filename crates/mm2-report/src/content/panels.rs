//! What MM2's own panels showed, step by step, and which signals Prometheus has.

use mm2_evidence::Run;
use mm2_evidence::run::StepRun;
use mm2_evidence::signals::{PanelFigures, ReadFor, SignalFound, SignalsFound};
use mm2_slo::{CriterionName as Name, Missing, Outcome, Signal, Unit};

use super::grids::unbroken;
use super::notes::Notes;
use super::{Medium, section};
use crate::layout::Block;
use crate::text::Text;

/// A column of the grid of panels.
struct Column {
    signal: &'static str,
    /// Which of the figures the dashboards show.
    figure: fn(&PanelFigures) -> f64,
    /// The criterion that judges it, where one does.
    criterion: Option<&'static str>,
    /// The step's own limit, milliseconds.
    limit_ms: Option<fn(&StepRun) -> u64>,
}

impl Column {
    const fn of(signal: &'static str, criterion: Option<&'static str>) -> Self {
        Self { signal, figure: |figures| figures.max, criterion, limit_ms: None }
    }
}

/// In the order of the source document's dashboards.
const COLUMNS: [Column; 8] = [
    Column {
        figure: |figures| figures.mean,
        limit_ms: Some(|held| held.step.mm2_avg_limit_ms),
        ..Column::of(Signal::MM2_LATENCY_AVG, Some(Name::MM2_LATENCY_AVG))
    },
    Column {
        limit_ms: Some(|held| held.step.mm2_max_limit_ms),
        ..Column::of(Signal::MM2_LATENCY_MAX, Some(Name::MM2_LATENCY_MAX))
    },
    Column::of(Signal::ACTIVE_RECORDS, None),
    Column::of(Signal::BUFFER_USED, Some(Name::BUFFER_USED)),
    Column {
        figure: |figures| figures.increase.unwrap_or(figures.max),
        ..Column::of(Signal::BUFFER_EXHAUSTED, Some(Name::BUFFER_EXHAUSTED))
    },
    Column::of(Signal::WORKER_CPU, Some(Name::WORKER_CPU)),
    Column::of(Signal::WORKER_MEMORY, Some(Name::WORKER_MEMORY)),
    Column::of(Signal::DISK_BUSY, None),
];

/// The cell of the results grid: the busiest worker, per cent. On a screen that some series are missing is said by the
/// grid of panels.
pub(super) fn worker_cpu(run: &Run, held: &StepRun, medium: Medium, notes: &mut Notes<'_>) -> String {
    let figures = match run.panel(held, Signal::WORKER_CPU) {
        Err(why) => return notes.not_measured(&without(run, &why, notes.text())),
        Ok(figures) => figures,
    };
    let cell = notes.text().numbers().percent_alone(figures.max);
    match medium {
        Medium::Page => with_series(cell, figures, notes),
        Medium::Screen => cell,
    }
}

/// The panels of the source document, a row a step. Without Prometheus a page says so in a sentence, a screen leaves
/// it to the results.
pub(super) fn grid(run: &Run, text: &dyn Text, medium: Medium) -> Vec<Block> {
    let labels = text.panel_labels();
    if !was_asked(run) {
        let said = Block::Paragraph(text.panels(&text.without_prometheus(&run.without_prometheus())));
        return if medium == Medium::Page { vec![section(run, labels.panels), said] } else { Vec::new() };
    }
    if run.steps.is_empty() {
        return Vec::new();
    }
    let mut notes = Notes::new(text, medium);
    let rows: Vec<[String; 9]> = run.steps.iter().map(|held| row(run, held, medium, &mut notes)).collect();
    let head = match medium {
        Medium::Page => labels.panels_head,
        Medium::Screen => labels.panels_head_short,
    };
    let mut blocks = vec![section(run, labels.panels), Block::table(head, rows)];
    blocks.extend(notes.below());
    let said = match medium {
        Medium::Page => labels.panels_meaning,
        Medium::Screen => labels.panels_legend,
    };
    blocks.push(Block::Paragraph(said.to_owned()));
    blocks
}

fn row(run: &Run, held: &StepRun, medium: Medium, notes: &mut Notes<'_>) -> [String; 9] {
    let mut cells = COLUMNS.iter().map(|column| {
        let cell = match run.panel(held, column.signal) {
            Err(why) => notes.not_measured(&without(run, &why, notes.text())),
            Ok(figures) => {
                let judged = shown(held, column, figures, medium, notes.text());
                with_series(judged, figures, notes)
            }
        };
        unbroken(cell, medium)
    });
    std::array::from_fn(|at| match at {
        0 => held.step.name.clone(),
        _ => cells.next().unwrap_or_default(),
    })
}

/// The figure, on a page with limit and unit, and what its criterion said of it.
fn shown(held: &StepRun, column: &Column, figures: &PanelFigures, medium: Medium, text: &dyn Text) -> String {
    let n = text.numbers();
    let value = (column.figure)(figures);
    let figure = match (column.signal, column.limit_ms) {
        (_, Some(limit_ms)) if medium == Medium::Page => {
            format!("{} / {}", n.ms_alone(value), n.ms(limit_ms(held) as f64))
        }
        (_, Some(_)) => n.ms_alone(value),
        (Signal::ACTIVE_RECORDS | Signal::BUFFER_EXHAUSTED, _) => n.decimal(value, 0),
        _ if medium == Medium::Page => n.percent(value),
        _ => n.percent_alone(value),
    };
    let outcome = column.criterion.and_then(|criterion| outcome(held, criterion));
    match (outcome, medium) {
        (None | Some(Outcome::Skipped), _) => figure,
        (Some(outcome), Medium::Page) => format!("{figure} {}", text.level(outcome)),
        (Some(outcome), Medium::Screen) => format!("{figure} {}", mark(outcome)),
    }
}

fn outcome(held: &StepRun, criterion: &str) -> Option<Outcome> {
    let findings = &held.ended.as_ref()?.verdict.findings;
    findings.iter().find(|finding| finding.criterion.as_str() == criterion).map(|finding| finding.outcome)
}

fn mark(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Go => "✓",
        Outcome::Warn => "!",
        Outcome::Inconclusive => "?",
        Outcome::Stop => "✗",
        Outcome::Skipped => "–",
    }
}

/// Every signal of every step, with its mean: the details behind the grid.
pub(super) fn by_step(run: &Run, text: &dyn Text) -> Vec<Block> {
    let labels = text.panel_labels();
    let mut blocks = Vec::new();
    for held in &run.steps {
        let panels = held.ended.iter().flat_map(|ended| &ended.panels);
        let rows: Vec<[String; 5]> = panels
            .map(|panel| {
                let name = text.signal(&panel.signal).to_owned();
                match &panel.seen {
                    Ok(figures) => details(name, figures, panel.unit, text),
                    Err(why) => {
                        let none = || text.labels().none.to_owned();
                        let why = format!(
                            "{}{}{}",
                            text.labels().not_measured,
                            text.labels().colon,
                            text.missing(why)
                        );
                        [name, none(), none(), none(), why]
                    }
                }
            })
            .collect();
        if !rows.is_empty() {
            blocks.push(Block::Part(text.part_of_step(held)));
            blocks.push(Block::table(labels.details_head, rows));
        }
    }
    if blocks.is_empty() {
        return blocks;
    }
    [section(run, labels.details)].into_iter().chain(blocks).collect()
}

fn details(name: String, figures: &PanelFigures, unit: Unit, text: &dyn Text) -> [String; 5] {
    let none = || text.labels().none.to_owned();
    let max_series = if figures.max_series.is_empty() { none() } else { figures.max_series.clone() };
    let increase = figures.increase.map_or_else(String::new, |increase| {
        format!(" ({})", text.increase(&text.quantity(Some(increase), unit)))
    });
    [
        name,
        text.quantity(Some(figures.mean), unit),
        format!("{}{increase}", text.quantity(Some(figures.max), unit)),
        max_series,
        series(figures.series, figures.expected, text),
    ]
}

/// Which signals are there, under which name, and what those that are not cost.
pub(super) fn naming(run: &Run, text: &dyn Text) -> Vec<Block> {
    let Some(found) = &run.signals else { return Vec::new() };
    let labels = text.panel_labels();
    let rows = found.signals.iter().map(|signal| {
        let read_as = match (&signal.missing, &signal.query) {
            (Some(why), _) => format!("{}{}{}", labels.not_found, text.labels().colon, text.missing(why)),
            (None, Some(query)) => query.clone(),
            (None, None) => text.labels().none.to_owned(),
        };
        let read_as = match &signal.note {
            Some(note) => format!("{read_as} ({note})"),
            None => read_as,
        };
        [
            text.signal_in_full(&signal.signal),
            text.read_for(signal.read_for).to_owned(),
            series(signal.series, signal.expected, text),
            read_as,
        ]
    });
    let rows: Vec<[String; 4]> = rows.collect();
    let mut blocks = vec![section(run, labels.signals), Block::Paragraph(text.found(found))];
    if !rows.is_empty() {
        blocks.push(Block::table(labels.signals_head, rows));
    }
    let costs = costs(found, text);
    if !costs.is_empty() {
        blocks.push(Block::Part(labels.missing.to_owned()));
        blocks.push(Block::List(costs));
    }
    if !found.notes.is_empty() {
        blocks.push(Block::Part(notes_title(text)));
        blocks.push(Block::List(found.notes.clone()));
    }
    blocks
}

/// For a screen: how many were found, and a line for each thing that the missing ones cost.
pub(super) fn naming_in_short(run: &Run, text: &dyn Text) -> Vec<Block> {
    let Some(found) = &run.signals else { return Vec::new() };
    let note = |note: &String| format!("{}{}{note}", notes_title(text), text.labels().colon);
    let lines = [text.found(found)].into_iter().chain(costs(found, text)).chain(found.notes.iter().map(note));
    vec![section(run, text.panel_labels().signals), Block::List(lines.collect())]
}

fn notes_title(text: &dyn Text) -> String {
    format!("{}{}", text.panel_labels().notes, text.labels().in_english)
}

/// Missing signals, and those of which series are missing, by what that costs.
fn costs(found: &SignalsFound, text: &dyn Text) -> Vec<String> {
    let lacks = |signal: &&SignalFound| {
        signal.missing.is_some() || signal.expected.is_some_and(|expected| signal.series < expected)
    };
    [ReadFor::Judging, ReadFor::Showing, ReadFor::Explaining]
        .into_iter()
        .filter_map(|read_for| {
            let lacking = found.signals.iter().filter(lacks).filter(|signal| signal.read_for == read_for);
            let names: Vec<String> = lacking
                .map(|signal| {
                    let name = text.signal(&signal.signal).to_owned();
                    match signal.missing {
                        Some(_) => name,
                        None => format!("{name} ({})", series(signal.series, signal.expected, text)),
                    }
                })
                .collect();
            (!names.is_empty()).then(|| text.cost(read_for, &names))
        })
        .collect()
}

fn series(seen: u64, expected: Option<u64>, text: &dyn Text) -> String {
    match expected {
        Some(expected) => text.of(seen, expected),
        None => text.numbers().count(seen),
    }
}

/// A figure, and a note where series are missing from it.
fn with_series(cell: String, figures: &PanelFigures, notes: &mut Notes<'_>) -> String {
    match figures.expected {
        Some(expected) if figures.series < expected => {
            let note = notes.text().fewer_series(figures.series, expected);
            format!("{cell} {}", notes.mark(note))
        }
        _ => cell,
    }
}

fn without(run: &Run, why: &Missing, text: &dyn Text) -> String {
    if run.signals.is_none() && *why == run.without_prometheus() {
        return text.without_prometheus(why);
    }
    text.missing(why)
}

fn was_asked(run: &Run) -> bool {
    run.signals.is_some() || run.has_panels()
}

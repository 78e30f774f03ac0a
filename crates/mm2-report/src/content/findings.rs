//! What decided each step, what Connect showed, and what went wrong.

use mm2_evidence::Run;
use mm2_evidence::run::StepRun;
use mm2_slo::evidence::ConnectEvidence;
use mm2_slo::{Finding, Outcome, Reason};

use super::headline::deciding;
use super::section;
use crate::layout::Block;
use crate::text::{Polls, Text, limit, value};

pub(super) fn by_step(run: &Run, text: &dyn Text) -> Vec<Block> {
    if run.steps.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![section(run, text.labels().findings)];
    for held in &run.steps {
        blocks.push(Block::Part(text.part_of_step(held)));
        blocks.extend(remarks(run, held, text).map(Block::Paragraph));
        if let Some(ended) = &held.ended {
            let counted = ended.verdict.findings.iter().filter(|finding| finding.outcome != Outcome::Skipped);
            let rows = counted.map(|finding| row(finding, text)).collect();
            blocks.push(Block::table(text.labels().findings_head, rows));
        }
    }
    let skipped = skipped(run, text);
    if !skipped.is_empty() {
        blocks.push(Block::Part(text.labels().every_step.to_owned()));
        blocks.push(Block::List(skipped));
    }
    blocks
}

/// For a screen: only what keeps a step from GO.
pub(super) fn not_go(run: &Run, text: &dyn Text) -> Vec<Block> {
    let findings = |held: &StepRun| {
        let findings = held.ended.iter().flat_map(|ended| &ended.verdict.findings);
        let is_told = |finding: &&Finding| !matches!(finding.outcome, Outcome::Go | Outcome::Skipped);
        let lines = findings.filter(is_told).map(|finding| {
            let (level, criterion) = (text.level(finding.outcome), text.criterion(&finding.criterion));
            let colon = text.labels().colon;
            format!("{} {level}, {criterion}{colon}{}", held.step.name, text.finding(finding))
        });
        lines.collect::<Vec<_>>()
    };
    let mut lines: Vec<String> =
        run.steps.iter().flat_map(|held| remarks(run, held, text).chain(findings(held))).collect();
    lines.extend(skipped(run, text));
    if lines.is_empty() {
        return Vec::new();
    }
    vec![section(run, text.labels().deciding), Block::List(lines)]
}

pub(super) fn connect(run: &Run, text: &dyn Text) -> Vec<Block> {
    let mut polls = Polls { answered: 0, unanswered: 0, restarts: 0 };
    let mut absent = run.started.chain.absent.get("connect").cloned();
    for held in run.steps.iter().filter_map(|held| held.ended.as_ref()) {
        match &held.evidence.connect {
            ConnectEvidence::Absent { why } => absent = Some(why.clone()),
            ConnectEvidence::Polled { answered, unanswered, restart_seen, .. } => {
                polls.answered += answered;
                polls.unanswered += unanswered;
                polls.restarts += usize::from(*restart_seen);
            }
        }
    }
    let paragraph = match absent {
        Some(why) => text.no_connect(&why),
        None => text.polls(&polls),
    };
    let mut blocks = vec![Block::Section(text.labels().connect.to_owned()), Block::Paragraph(paragraph)];
    let changes = run.connect_changes.iter().map(|change| {
        let state = |state: &Option<String>| state.clone().unwrap_or_else(|| text.labels().none.to_owned());
        let (from, to) = (state(&change.from), state(&change.to));
        let what = format!("{} {}: {from} → {to}", change.change, change.subject);
        text.at(after_s(run, change.at_ms), change.step.as_deref(), &what)
    });
    let changes: Vec<String> = changes.collect();
    if !changes.is_empty() {
        blocks.push(Block::List(changes));
    }
    blocks
}

pub(super) fn troubles(run: &Run, text: &dyn Text) -> Vec<Block> {
    let labels = text.labels();
    let lines = run
        .troubles
        .iter()
        .map(|trouble| text.at(after_s(run, trouble.at_ms), trouble.step.as_deref(), &trouble.text));
    let lines: Vec<String> = lines.collect();
    let (behind, body) = if lines.is_empty() {
        ("", Block::Paragraph(labels.no_trouble.to_owned()))
    } else {
        (labels.in_english, Block::List(lines))
    };
    vec![Block::Section(format!("{}{behind}", labels.troubles)), body]
}

/// What was set aside in all steps, a line for each reason: chain and criteria say it once, for the whole run.
fn skipped(run: &Run, text: &dyn Text) -> Vec<String> {
    let mut by_reason: Vec<(String, Vec<&str>)> = Vec::new();
    let findings =
        run.steps.iter().filter_map(|held| held.ended.as_ref()).flat_map(|ended| &ended.verdict.findings);
    for finding in findings.filter(|finding| finding.outcome == Outcome::Skipped) {
        let without_prometheus = run.without_prometheus();
        let why = match &finding.reason {
            Reason::NotMeasured { why } if *why == without_prometheus => text.without_prometheus(why),
            _ => text.finding(finding),
        };
        let name = text.criterion(&finding.criterion);
        match by_reason.iter_mut().find(|(known, _)| *known == why) {
            None => by_reason.push((why, vec![name])),
            Some((_, names)) if names.contains(&name) => {}
            Some((_, names)) => names.push(name),
        }
    }
    let (level, colon) = (text.level(Outcome::Skipped), text.labels().colon);
    by_reason.into_iter().map(|(why, names)| format!("{level}, {}{colon}{why}", names.join(", "))).collect()
}

fn row(finding: &Finding, text: &dyn Text) -> [String; 5] {
    [
        text.criterion(&finding.criterion).to_owned(),
        text.level(finding.outcome).to_owned(),
        value(text, finding),
        limit(text, finding),
        text.finding(finding),
    ]
}

/// That a step was held twice, or cut short.
fn remarks<'a>(run: &'a Run, held: &'a StepRun, text: &'a dyn Text) -> impl Iterator<Item = String> + 'a {
    let first = run.replaced.iter().filter(move |first| first.step.name == held.step.name);
    let replaced = first.map(move |first| text.replaced(first, deciding(first)));
    replaced.chain(held.ended.is_none().then(|| text.cut_short(held)))
}

fn after_s(run: &Run, at_ms: u64) -> f64 {
    at_ms.saturating_sub(run.started_at_ms) as f64 / 1_000.0
}

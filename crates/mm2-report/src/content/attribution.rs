//! Why a step stopped: the hop that saturates, the figures that point at it, and what to try next.

use mm2_evidence::Run;
use mm2_evidence::run::StepRun;
use mm2_slo::Level;
use mm2_slo::attribution::{Attribution, Sign};

use super::section;
use crate::layout::Block;
use crate::text::Text;

/// Step by step, with all the figures.
pub(super) fn why(run: &Run, text: &dyn Text) -> Vec<Block> {
    let labels = text.attribution_labels();
    let mut blocks = Vec::new();
    for (held, attribution) in attributed(run) {
        blocks.push(Block::Part(text.part_of_step(held)));
        blocks.push(Block::Paragraph(format!("{}.", limited(held, attribution, text))));
        let rows: Vec<[String; 5]> = attribution.signs.iter().map(|sign| row(sign, text)).collect();
        if !rows.is_empty() {
            blocks.push(Block::table(labels.signs_head, rows));
        }
        if !attribution.advice.is_empty() {
            blocks.push(Block::Paragraph(format!("{}{}", labels.next, text.labels().colon.trim_end())));
            blocks.push(Block::List(attribution.advice.iter().map(|advice| text.advice(advice)).collect()));
        }
        blocks.extend(blind(attribution, text).map(|blind| Block::Paragraph(format!("{blind}."))));
    }
    if blocks.is_empty() {
        return blocks;
    }
    blocks.push(Block::Paragraph(labels.meaning.to_owned()));
    [section(run, labels.why)].into_iter().chain(blocks).collect()
}

/// For a screen: a line a step.
pub(super) fn why_in_short(run: &Run, text: &dyn Text) -> Vec<Block> {
    let labels = text.attribution_labels();
    let colon = text.labels().colon;
    let line = |(held, attribution): (&StepRun, &Attribution)| {
        let pointing = attribution.signs.iter().filter(|sign| sign.points);
        let pointing: Vec<String> = pointing.map(|sign| in_short(sign, text)).collect();
        let pointing =
            if pointing.is_empty() { String::new() } else { format!("{colon}{}", pointing.join(", ")) };
        let advice: Vec<String> = attribution.advice.iter().map(|advice| text.advice(advice)).collect();
        let advice = (!advice.is_empty()).then(|| format!(" {}{colon}{}.", labels.next, advice.join(", ")));
        let blind = blind(attribution, text).map(|blind| format!(" {blind}."));
        let limited = limited(held, attribution, text);
        format!("{limited}{pointing}.{}{}", advice.unwrap_or_default(), blind.unwrap_or_default())
    };
    let lines: Vec<String> = attributed(run).map(line).collect();
    if lines.is_empty() {
        return Vec::new();
    }
    vec![section(run, labels.why), Block::List(lines)]
}

fn attributed(run: &Run) -> impl Iterator<Item = (&StepRun, &Attribution)> {
    run.steps.iter().filter_map(|held| Some((held, held.ended.as_ref()?.attribution.as_ref()?)))
}

fn limited(held: &StepRun, attribution: &Attribution, text: &dyn Text) -> String {
    let step = &held.step.name;
    match attribution.hop {
        // It did not stop there, but that is what will limit it.
        Some(hop) if held.level() == Level::Warn => text.warns_of(step, hop),
        Some(hop) => text.limits(step, hop),
        None => format!("{step}{}{}", text.labels().colon, text.attribution_labels().not_determined),
    }
}

fn row(sign: &Sign, text: &dyn Text) -> [String; 5] {
    let labels = text.attribution_labels();
    [
        text.figure(&sign.signal).to_owned(),
        text.hop(sign.hop),
        text.quantity(Some(sign.value), sign.unit),
        text.quantity(Some(sign.from), sign.unit),
        if sign.points { labels.points } else { labels.calm }.to_owned(),
    ]
}

fn in_short(sign: &Sign, text: &dyn Text) -> String {
    let quantity = |value| text.quantity(Some(value), sign.unit);
    text.sign(text.figure(&sign.signal), &quantity(sign.value), &quantity(sign.from))
}

/// The signals that would have helped and were not there.
fn blind(attribution: &Attribution, text: &dyn Text) -> Option<String> {
    let signals: Vec<&str> = attribution.blind.iter().map(|signal| text.signal(signal)).collect();
    let (label, colon) = (text.attribution_labels().blind, text.labels().colon);
    (!signals.is_empty()).then(|| format!("{label}{colon}{}", signals.join(", ")))
}

//! The top of a report: what it is of, and the verdict in a sentence with what decided it.

use mm2_evidence::Run;
use mm2_evidence::document::rfc3339;
use mm2_evidence::run::StepRun;
use mm2_slo::climb::{Conclusion, ConclusionReason};
use mm2_slo::{Finding, Level, Outcome};

use super::rehearsal;
use crate::layout::Block;
use crate::text::{Head, Text, Verdict};

pub(super) fn title(run: &Run, text: &dyn Text) -> Vec<Block> {
    let labels = text.labels();
    let mut blocks = vec![Block::Title(labels.title.to_owned())];
    if rehearsal(run) {
        blocks.push(Block::Notice(labels.rehearsal.to_owned()));
    }
    blocks.push(Block::List(text.head(&Head {
        run_id: &run.started.run_id,
        started_at: &rfc3339(run.started_at_ms),
        chain: run.started.chain.kind,
        description: &run.started.chain.description,
        tool_version: &run.started.tool_version,
        exit_code: run.ended.as_ref().map(|ended| ended.exit_code),
    })));
    blocks
}

pub(super) fn verdict(run: &Run, text: &dyn Text) -> Vec<Block> {
    let outcome = run.outcome();
    let step = decided(run, &outcome);
    let finding = step.and_then(deciding);
    let sentence = text.verdict(&Verdict { outcome: &outcome, step, finding, held: planned_and_held(run) });
    let level = text.level(outcome_of(outcome.level));
    let mut blocks = vec![Block::Notice(format!("{level}{}{sentence}", text.labels().colon))];
    if run.torn {
        blocks.push(Block::Paragraph(text.labels().torn.to_owned()));
    }
    blocks
}

/// Those of the plan; a climb beyond it, or between, holds others too.
fn planned_and_held(run: &Run) -> usize {
    let planned = |name: &str| run.started.plan.steps.iter().any(|step| step.name == name);
    run.steps.iter().filter(|held| planned(&held.step.name)).count()
}

/// The finding that decided a step.
pub(super) fn deciding(step: &StepRun) -> Option<&Finding> {
    step.ended.as_ref()?.verdict.deciding()
}

pub(super) fn outcome_of(level: Level) -> Outcome {
    match level {
        Level::Go => Outcome::Go,
        Level::Warn => Outcome::Warn,
        Level::Inconclusive => Outcome::Inconclusive,
        Level::Stop => Outcome::Stop,
    }
}

/// The step that an outcome is about.
fn decided<'a>(run: &'a Run, outcome: &Conclusion) -> Option<&'a StepRun> {
    match &outcome.reason {
        ConclusionReason::AllValidated | ConclusionReason::BelowRequirement { .. } => None,
        ConclusionReason::Warned(by)
        | ConclusionReason::CapacityFound(by)
        | ConclusionReason::NoneValidated(by)
        | ConclusionReason::NotShown(by) => run.steps.iter().find(|held| held.step.name == by.step),
        ConclusionReason::Interrupted | ConclusionReason::Incomplete => run.current(),
    }
}

//! The top of a report: what it is of, and the verdict in a sentence with what decided it.

use mm2_evidence::Run;
use mm2_evidence::document::rfc3339;
use mm2_evidence::run::StepRun;
use mm2_slo::climb::{Conclusion, ConclusionReason, Decided};
use mm2_slo::{Finding, Level, Outcome};

use super::catch_up::{left_open, may_be_paused};
use super::{climbed, rehearsal};
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

/// What nobody may miss: what is still to be undone, the verdict, and what it leaves open.
pub(super) fn verdict(run: &Run, text: &dyn Text) -> Vec<Block> {
    let (outcome, climbed) = (run.outcome(), climbed(run));
    let (level, colon) = (text.level(outcome_of(outcome.level)), text.labels().colon);
    let of_climb = of_climb(run, &climbed, text);
    let sentence = match outcome.reason {
        ConclusionReason::LostCatchingUp { records } if outcome != climbed => {
            let climb = text.climb_itself(text.level(outcome_of(climbed.level)), &of_climb);
            format!("{} {climb}", text.lost_catching_up(records))
        }
        _ => of_climb,
    };
    let mut blocks = vec![Block::Notice(format!("{level}{colon}{sentence}"))];
    if may_be_paused(run) {
        blocks.insert(0, Block::Notice(text.may_be_paused(run.complete())));
    } else {
        blocks.extend(left_open(run).map(|open| Block::Notice(text.left_open(open))));
    }
    if run.torn {
        blocks.push(Block::Paragraph(text.labels().torn.to_owned()));
    }
    blocks
}

fn of_climb(run: &Run, climbed: &Conclusion, text: &dyn Text) -> String {
    let step = decided(run, climbed);
    let finding = match &climbed.reason {
        ConclusionReason::PassedHeldAgain(by) => first_hold(run, by),
        _ => step.and_then(deciding),
    };
    text.verdict(&Verdict {
        outcome: climbed,
        step,
        finding,
        held: planned_and_held(run),
        catching_up: run.catch_up.is_some(),
    })
}

/// What a step's first hold spoke against it by.
fn first_hold<'a>(run: &'a Run, by: &Decided) -> Option<&'a Finding> {
    let first = run.replaced.iter().find(|first| first.step.name == by.step)?;
    let findings = &first.ended.as_ref()?.verdict.findings;
    findings.iter().find(|finding| Some(&finding.criterion) == by.criterion.as_ref())
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
        ConclusionReason::AllValidated
        | ConclusionReason::BelowRequirement { .. }
        | ConclusionReason::LostCatchingUp { .. } => None,
        ConclusionReason::Warned(by)
        | ConclusionReason::PassedHeldAgain(by)
        | ConclusionReason::CapacityFound(by)
        | ConclusionReason::NoneValidated(by)
        | ConclusionReason::NotShown(by) => run.steps.iter().find(|held| held.step.name == by.step),
        ConclusionReason::Interrupted | ConclusionReason::Incomplete => run.current(),
    }
}

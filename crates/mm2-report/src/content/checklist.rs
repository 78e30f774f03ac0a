//! The final result, the checklist of the phase and its decision. A box is ticked only where it is true.

use mm2_evidence::Run;
use mm2_evidence::figures::NotRecovered;
use mm2_evidence::run::StepRun;
use mm2_slo::climb::ConclusionReason;
use mm2_slo::{Level, Outcome};

use super::catch_up::{left_open, may_be_paused};
use super::{climbed, rehearsal, section};
use crate::layout::Block;
use crate::text::{NotNextPhase, Text};

pub(super) fn result(run: &Run, text: &dyn Text) -> Vec<Block> {
    let labels = text.labels();
    let capacity = run.outcome().capacity;
    // Refined, the last step that passed is not the last that was held.
    let is_validated = |held: &&StepRun| {
        let passed = matches!(held.level(), Level::Go | Level::Warn);
        passed && capacity.validated_per_sec == Some(held.step.rate_per_sec)
    };
    let last_go = run.steps.iter().find(is_validated);
    let validated = match last_go {
        Some(held) if held.level() == Level::Warn => {
            let warned = format!("{} ({})", held.step.name, text.level(Outcome::Warn));
            text.last_go(&warned, &capacity)
        }
        Some(held) => text.last_go(&held.step.name, &capacity),
        None => text.none_validated().to_owned(),
    };
    let recommended = match capacity.recommended_per_sec {
        Some(rate) => text.recommended(rate),
        None => text.none_validated().to_owned(),
    };
    let line = |label: &str, what: &str| format!("{label}{}{what}", labels.colon);
    let mut lines = vec![line(labels.capacity, &validated)];
    lines.extend(text.knee(&capacity).map(|knee| line(labels.knee, &knee)));
    lines.extend(text.held_again_in_vain(&capacity));
    lines.push(line(labels.recommended, &recommended));
    lines.extend(run.started.plan.need_per_sec.map(|need| {
        let met = capacity.recommended_per_sec.is_some_and(|recommended| recommended >= need);
        line(labels.needed, &text.needed(need, met))
    }));
    lines.extend(capacity.limited_by.as_ref().map(|by| line(labels.limited_by, &text.limited_by(by))));
    vec![section(run, labels.result), Block::List(lines), Block::Paragraph(labels.margin.to_owned())]
}

pub(super) fn checklist(run: &Run, text: &dyn Text) -> Vec<Block> {
    let labels = text.labels();
    let checks = checks(run);
    let mut rows: Vec<[String; 2]> = labels
        .checks
        .iter()
        .zip(checks)
        .map(|(name, ticked)| [(*name).to_owned(), tick(ticked).to_owned()])
        .collect();
    let why_not = why_not_next(run, &checks);
    let decision = match why_not {
        None => format!("{} {}", tick(true), labels.next_phase),
        Some(why_not) => {
            let why = text.not_next_phase(why_not);
            format!("{} {}{}{why}", tick(false), labels.next_phase, labels.colon)
        }
    };
    rows.push([labels.decision.to_owned(), decision]);
    vec![section(run, labels.checklist), Block::table(labels.checklist_head, rows)]
}

/// The gravest reason first.
fn why_not_next(run: &Run, checks: &[bool]) -> Option<NotNextPhase> {
    let lost = matches!(run.outcome().reason, ConclusionReason::LostCatchingUp { .. });
    let below_need = matches!(climbed(run).reason, ConclusionReason::BelowRequirement { .. });
    let reasons = [
        (rehearsal(run), NotNextPhase::Rehearsal),
        (may_be_paused(run), NotNextPhase::MayBePaused),
        (lost, NotNextPhase::LostCatchingUp),
        (!checks.iter().all(|ticked| *ticked), NotNextPhase::NotAllTicked),
        (below_need, NotNextPhase::BelowNeed),
    ];
    let first = reasons.into_iter().find(|(holds, _)| *holds).map(|(_, why_not)| why_not);
    first.or_else(|| left_open(run).map(NotNextPhase::CatchUp))
}

/// All steps documented, capacity identified, 70 % computed, recovery measured.
fn checks(run: &Run) -> [bool; 4] {
    let outcome = climbed(run);
    let settled = outcome.level != Level::Inconclusive;
    let identified = settled && outcome.capacity.validated_per_sec.is_some();
    let recovery_noted = run
        .steps
        .iter()
        .all(|held| matches!(held.figures().recovery_s, Ok(_) | Err(NotRecovered::WithinLimit { .. })));
    [
        settled,
        identified,
        identified && outcome.capacity.recommended_per_sec.is_some(),
        recovery_noted && !run.steps.is_empty(),
    ]
}

fn tick(ticked: bool) -> &'static str {
    if ticked { "☑" } else { "☐" }
}

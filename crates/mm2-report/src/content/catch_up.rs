//! How the chain catches up after an outage, and whether the source keeps its records for that long.

use mm2_evidence::Run;
use mm2_evidence::event::CatchUp;
use mm2_evidence::exit::UNDO_FAILED;
use mm2_slo::climb::ConclusionReason;

use super::{Medium, rehearsal, section};
use crate::layout::Block;
use crate::text::Text;
use crate::text::catch_up::{LeftOpen, NoAnswer};

/// Points of the curve that are shown.
const POINTS: usize = 10;

pub(super) fn catch_up(run: &Run, text: &dyn Text, medium: Medium) -> Vec<Block> {
    let labels = text.catch_up_labels();
    let title = section(run, labels.catch_up);
    let ended = match &run.catch_up {
        None if run.started.plan.catch_up_s.is_none() => return Vec::new(),
        None => {
            let none_validated = run.outcome().capacity.validated_per_sec.is_none();
            return vec![title, Block::Paragraph(text.catch_up_not_begun(none_validated))];
        }
        Some(begun) => match &begun.ended {
            None => {
                let said = text.catch_up_broken_off(begun, no_answer(run));
                let look = begun.paused && !rehearsal(run) && !may_be_paused(run);
                let look = look.then(|| text.how_to_resume().to_owned());
                return [title, Block::Paragraph(said)]
                    .into_iter()
                    .chain(look.map(Block::Paragraph))
                    .collect();
            }
            Some(ended) => ended,
        },
    };
    let mut blocks = vec![title, Block::Paragraph(text.caught_up(ended))];
    blocks.extend(text.retention_warning(ended).map(Block::Notice));
    blocks.push(Block::List(text.catch_up_facts(ended)));
    if medium == Medium::Page {
        blocks.extend(curve(ended, text));
        blocks.push(Block::Paragraph(text.catch_up_method(ended)));
    }
    blocks
}

/// What the catching up leaves open, where the climb before it came to its end with a rate to try it at.
pub(super) fn left_open(run: &Run) -> Option<LeftOpen> {
    run.started.plan.catch_up_s?;
    let outcome = run.outcome();
    let is_cut = matches!(outcome.reason, ConclusionReason::Interrupted | ConclusionReason::Incomplete);
    if is_cut || outcome.capacity.recommended_per_sec.is_none() {
        return None;
    }
    let Some(ended) = run.catch_up.as_ref().and_then(|begun| begun.ended.as_ref()) else {
        return Some(LeftOpen::NoAnswer(no_answer(run)));
    };
    let &CatchUp { outage_s, limit_s, lost, unseen, .. } = ended;
    match (ended.drain_s, lost, unseen) {
        (None, ..) => Some(LeftOpen::NotCaughtUp { outage_s, limit_s }),
        (_, None, _) | (_, _, None) => Some(LeftOpen::Blind),
        (_, _, Some(records)) => (records > 0).then_some(LeftOpen::Unseen(records)),
    }
}

/// Whether we paused the connector, and nothing says that it runs again. Whoever ends a run resumes it before, or says
/// that it could not.
pub(super) fn may_be_paused(run: &Run) -> bool {
    let begun = run.catch_up.as_ref().filter(|begun| begun.ended.is_none());
    match &run.ended {
        _ if rehearsal(run) => false,
        Some(ended) => ended.exit_code == UNDO_FAILED,
        None => begun.is_some_and(|begun| begun.backlog_at_resume.is_none()),
    }
}

fn no_answer(run: &Run) -> NoAnswer {
    match &run.ended {
        None => NoAnswer::CutShort,
        Some(ended) if ended.interrupted => NoAnswer::Interrupted,
        Some(_) => NoAnswer::Trouble,
    }
}

fn curve(catch_up: &CatchUp, text: &dyn Text) -> Option<Block> {
    let n = text.numbers();
    let rows: Vec<[String; 2]> = spread(&catch_up.curve)
        .map(|(ms, backlog)| [text.since_resumption(ms as f64 / 1_000.0), n.count(backlog)])
        .collect();
    (!rows.is_empty()).then(|| Block::table(text.catch_up_labels().curve_head, rows))
}

/// About [`POINTS`] of them, the first and the last among these.
fn spread(curve: &[(u64, u64)]) -> impl Iterator<Item = (u64, u64)> {
    let last = curve.len().saturating_sub(1);
    let kept = move |at: usize| {
        let number = |at: usize| at * (POINTS - 1) / last.max(1);
        at == 0 || number(at) != number(at - 1)
    };
    curve.iter().enumerate().filter(move |(at, _)| kept(*at)).map(|(_, point)| *point)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_shown_in_ten_points_with_its_ends() {
        let shown = |points: u64| {
            let curve: Vec<(u64, u64)> = (0..points).map(|i| (i * 1_000, points - i)).collect();
            spread(&curve).map(|(ms, _)| ms / 1_000).collect::<Vec<_>>()
        };
        assert_eq!(shown(1_201), [0, 134, 267, 400, 534, 667, 800, 934, 1_067, 1_200]);
        assert_eq!(shown(4), [0, 1, 2, 3]);
        assert_eq!((shown(1), shown(0)), (vec![0], vec![]));
    }
}

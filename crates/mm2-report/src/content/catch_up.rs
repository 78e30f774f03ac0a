//! How the chain catches up after an outage, and whether the source keeps its records for that long.

use mm2_evidence::Run;
use mm2_evidence::event::CatchUp;

use super::{Medium, section};
use crate::layout::Block;
use crate::text::Text;

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
                let by_trouble = run.ended.as_ref().is_some_and(|ended| !ended.interrupted);
                let said = text.catch_up_broken_off(begun.rate_per_sec, begun.backlog_at_resume, by_trouble);
                return vec![title, Block::Paragraph(said)];
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

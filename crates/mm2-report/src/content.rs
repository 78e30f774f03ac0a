//! What a report says, in what order. Not for words ([`text`](crate::text)) or marks ([`write`](crate::write)).

mod attribution;
mod catch_up;
mod checklist;
mod findings;
mod grids;
mod headline;
mod method;
mod notes;
mod panels;

use mm2_evidence::Run;
use mm2_evidence::event::ChainKind;
use mm2_slo::climb::{Conclusion, ConclusionReason};

use crate::layout::Block;
use crate::text::Text;

/// How much room a cell has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Medium {
    /// As much as it takes.
    Page,
    /// Little: what is long goes into a note below the table.
    Screen,
}

/// Everything.
pub(crate) fn report(run: &Run, text: &dyn Text) -> Vec<Block> {
    let parts = [
        headline::title(run, text),
        headline::verdict(run, text),
        grids::results(run, text, Medium::Page),
        panels::grid(run, text, Medium::Page),
        grids::recovery(run, text, Medium::Page),
        checklist::result(run, text),
        catch_up::catch_up(run, text, Medium::Page),
        checklist::checklist(run, text),
        grids::records(run, text),
        attribution::why(run, text),
        findings::by_step(run, text),
        panels::by_step(run, text),
        panels::naming(run, text),
        findings::connect(run, text),
        findings::troubles(run, text),
        method::how(run, text),
        method::settings(run, text),
    ];
    typeset(parts.concat(), text)
}

/// What a person at a terminal wants to know at once.
pub(crate) fn summary(run: &Run, text: &dyn Text) -> Vec<Block> {
    let parts = [
        headline::title(run, text),
        headline::verdict(run, text),
        grids::results(run, text, Medium::Screen),
        panels::grid(run, text, Medium::Screen),
        grids::recovery(run, text, Medium::Screen),
        findings::not_go(run, text),
        attribution::why_in_short(run, text),
        panels::naming_in_short(run, text),
        if run.troubles.is_empty() { Vec::new() } else { findings::troubles(run, text) },
        checklist::result(run, text),
        catch_up::catch_up(run, text, Medium::Screen),
        checklist::checklist(run, text),
    ];
    typeset(parts.concat(), text)
}

fn rehearsal(run: &Run) -> bool {
    run.started.chain.kind == ChainKind::Rehearsal
}

/// What the climb came to, whatever was lost after it.
fn climbed(run: &Run) -> Conclusion {
    let outcome = run.outcome();
    match (&outcome.reason, &run.conclusion) {
        (ConclusionReason::LostCatchingUp { .. }, Some(climbed)) => climbed.clone(),
        _ => outcome,
    }
}

/// The name of a section with figures: a table that is copied elsewhere still says what it is of.
fn section(run: &Run, name: &str) -> Block {
    Block::Section(if rehearsal(run) { format!("{name} (REHEARSAL)") } else { name.to_owned() })
}

fn typeset(blocks: Vec<Block>, text: &dyn Text) -> Vec<Block> {
    let all = |items: Vec<String>| items.iter().map(|item| text.typeset(item)).collect::<Vec<_>>();
    let set = |block| match block {
        Block::Title(t) => Block::Title(text.typeset(&t)),
        Block::Notice(t) => Block::Notice(text.typeset(&t)),
        Block::Section(t) => Block::Section(text.typeset(&t)),
        Block::Part(t) => Block::Part(text.typeset(&t)),
        Block::Paragraph(t) => Block::Paragraph(text.typeset(&t)),
        Block::List(items) => Block::List(all(items)),
        Block::Table { head, rows } => {
            Block::Table { head: all(head), rows: rows.into_iter().map(all).collect() }
        }
    };
    blocks.into_iter().map(set).collect()
}

#[cfg(test)]
mod tests {
    use mm2_evidence::sample;

    use super::*;
    use crate::{Lang, text};

    #[test]
    fn no_cell_of_any_table_is_blank_and_no_row_is_short() {
        for events in sample::all() {
            let run = Run::from_events(sample::ndjson(&events).as_bytes()).unwrap();
            for lang in Lang::ALL {
                for block in report(&run, text::of(lang)) {
                    let Block::Table { head, rows } = block else { continue };
                    for row in &rows {
                        assert_eq!(row.len(), head.len(), "{row:?}");
                        assert!(row.iter().all(|cell| !cell.trim().is_empty()), "{row:?}");
                    }
                }
            }
        }
    }
}

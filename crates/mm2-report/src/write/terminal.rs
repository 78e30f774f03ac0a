//! Blocks for a terminal of 100 columns, readable without colour.

use comfy_table::{ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width};

use super::lines;
use crate::layout::Block;

const COLUMNS: u16 = 100;
const RULE: LineStyle = LineStyle::none().fill('─').junction('─');
/// Lines below the head and at the end: nothing between rows and columns.
const STYLE: TableStyle = TableStyle::new().header_separator(RULE).bottom_border(RULE);

pub(crate) fn terminal(blocks: &[Block]) -> String {
    blocks.iter().map(block).collect::<Vec<_>>().join("\n")
}

fn block(block: &Block) -> String {
    match block {
        Block::Title(text) | Block::Section(text) | Block::Part(text) => {
            format!("{text}\n{}\n", "─".repeat(text.chars().count()))
        }
        Block::Notice(text) | Block::Paragraph(text) => format!("{}\n", wrapped(text, "")),
        Block::List(items) => lines(items.iter().map(|item| format!("• {}", wrapped(item, "  ")))),
        Block::Table { head, rows } => {
            let mut table = Table::new();
            table
                .load_style(STYLE)
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(COLUMNS)
                .set_header(head.iter().map(|cell| one_line(cell)))
                .add_rows(rows.iter().map(|row| row.iter().map(|cell| one_line(cell))));
            keep_words(&mut table);
            lines(table.lines().map(|line| line.trim_end().to_owned()))
        }
    }
}

/// A column is at least as wide as its longest word, so that none is broken.
fn keep_words(table: &mut Table) {
    let longest = |text: &str| text.split(' ').map(|word| word.chars().count()).max().unwrap_or(0);
    for at in 0..table.column_count() {
        let cells = table.column_cells_with_header_iter(at).flatten();
        let widest = cells.map(|cell| longest(&cell.content())).max().unwrap_or(0);
        if let Some(column) = table.column_mut(at) {
            // The space on either side counts too.
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(widest as u16 + 2)));
        }
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Lines of at most [`COLUMNS`], all but the first behind `indent`.
fn wrapped(text: &str, indent: &str) -> String {
    let mut folded = vec![String::new()];
    for word in one_line(text).split(' ').filter(|word| !word.is_empty()) {
        let line = folded.last_mut().filter(|line| {
            line.trim().is_empty() || line.chars().count() + word.chars().count() < usize::from(COLUMNS) - 2
        });
        match line {
            Some(line) if line.trim().is_empty() => line.push_str(word),
            Some(line) => line.extend([" ", word]),
            None => folded.push(format!("{indent}{word}")),
        }
    }
    folded.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_wider_than_the_terminal_and_no_word_is_lost() {
        let long = "word ".repeat(60);
        let text = terminal(&[
            Block::Paragraph(long.clone()),
            Block::List(vec![long.clone()]),
            Block::table(["a", "b"], vec![[long.clone(), "x".to_owned()]]),
        ]);
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        assert_eq!(text.matches("word").count(), 180);
    }

    #[test]
    fn what_others_wrote_cannot_steer_the_terminal() {
        let text = terminal(&[Block::Paragraph("a\u{1b}[2Jb\nc".to_owned())]);
        assert_eq!(text, "a [2Jb c\n");
    }
}

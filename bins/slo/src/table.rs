//! Findings as text for a terminal of 110 columns, readable without colour.

use comfy_table::{ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width};
use mm2_slo::{Finding, Outcome, Unit, Verdict};

const COLUMNS: u16 = 110;
const RULE: LineStyle = LineStyle::none().fill('─').junction('─');
/// Lines below the head and at the end: nothing between rows and columns.
const STYLE: TableStyle = TableStyle::new().header_separator(RULE).bottom_border(RULE);

/// The verdict in a sentence, and below it what it rests on.
pub(crate) fn verdict(verdict: &Verdict) -> String {
    format!("{}\n\n{}", verdict.sentence(), findings(&verdict.findings))
}

fn findings(findings: &[Finding]) -> String {
    let head = ["criterion", "level", "value", "limit", "margin", "n", "why"];
    text(&head, findings.iter().map(row))
}

/// A table with a rule below its head.
pub(crate) fn text<const N: usize>(
    head: &[&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let one_line =
        |text: &str| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(COLUMNS)
        .set_header(head.iter().copied())
        .add_rows(rows.into_iter().map(|row| row.map(|cell| one_line(&cell))));
    keep_words(&mut table);
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// All columns but the last are as wide as their cells: figures do not break.
fn keep_words(table: &mut Table) {
    for at in 0..table.column_count().saturating_sub(1) {
        let cells = table.column_cells_with_header_iter(at).flatten();
        let widest = cells.map(|cell| cell.content().chars().count()).max().unwrap_or(0);
        if let Some(column) = table.column_mut(at) {
            // The space on either side counts too.
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(widest as u16 + 2)));
        }
    }
}

fn row(finding: &Finding) -> [String; 7] {
    let shown = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| finding.unit.show(value));
    let count = finding.n.map_or_else(|| "-".to_owned(), |n| n.to_string());
    // What it rests on, and how much of what should be there that is.
    let count = match finding.coverage_percent {
        Some(share) => format!("{count} ({})", Unit::Percent.show(share.floor())),
        None => count,
    };
    // `otherwise` says nothing by itself.
    let band = finding.band.clone().filter(|band| band != "otherwise");
    [
        finding.criterion.to_string(),
        level(finding.outcome).to_owned(),
        shown(finding.value),
        band.unwrap_or_else(|| shown(finding.limit)),
        shown(finding.margin),
        count,
        finding.sentence(),
    ]
}

pub(crate) fn level(outcome: Outcome) -> &'static str {
    outcome.level().map_or("SKIPPED", mm2_slo::Level::name)
}

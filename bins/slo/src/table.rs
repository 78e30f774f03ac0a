//! Findings for a terminal, readable without colour: figures in a table, sentences below it, where they need not
//! fold.

use std::cmp::Reverse;

use comfy_table::{LineStyle, Table, TableStyle};
use mm2_slo::{Finding, Level, Outcome, Unit, Verdict};

const RULE: LineStyle = LineStyle::none().fill('─').junction('─');
/// Lines below the head and at the end: nothing between rows and columns.
const STYLE: TableStyle = TableStyle::new().header_separator(RULE).bottom_border(RULE);

/// The verdict in a sentence, the figures that it rests on, and a sentence for each finding, worst first.
pub(crate) fn verdict(verdict: &Verdict) -> String {
    let head = ["criterion", "level", "value", "limit", "margin", "n"];
    let table = text(&head, verdict.findings.iter().map(row));
    let findings = verdict.findings.iter().map(|finding| (String::new(), finding));
    format!("{}\n\n{table}\n{}", verdict.sentence(), sentences(findings))
}

/// A line for each finding, with the place that it is of before it. The worst come first, those of one level in
/// their order, in which a verdict names its reason; what was skipped comes last.
pub(crate) fn sentences<'a>(findings: impl IntoIterator<Item = (String, &'a Finding)>) -> String {
    let mut findings: Vec<(String, &Finding)> = findings.into_iter().collect();
    findings.sort_by_key(|(_, finding)| Reverse(finding.level()));
    let line = |(place, finding): (String, &Finding)| {
        one_line(&format!("{:<12}  {place}{}", level(finding.outcome), finding.sentence()))
    };
    findings.into_iter().map(line).map(|line| line + "\n").collect()
}

/// A table with a rule below its head.
pub(crate) fn text(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_header(head.iter().copied())
        .add_rows(rows.into_iter().map(|row| row.into_iter().map(|cell| one_line(&cell))));
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// Labels and bands come from files: they are not to steer the terminal.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn row(finding: &Finding) -> Vec<String> {
    let shown = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| finding.unit.show(value));
    let count = finding.n.map_or_else(|| "-".to_owned(), |n| n.to_string());
    // What it rests on, and how much of what should be there that is.
    let count = match finding.coverage_percent {
        Some(share) => format!("{count} ({})", Unit::Percent.show(share.floor())),
        None => count,
    };
    vec![
        finding.criterion.to_string(),
        level(finding.outcome).to_owned(),
        shown(finding.value),
        finding.band.clone().unwrap_or_else(|| shown(finding.limit)),
        shown(finding.margin),
        count,
    ]
}

pub(crate) fn level(outcome: Outcome) -> &'static str {
    outcome.level().map_or("SKIPPED", Level::name)
}

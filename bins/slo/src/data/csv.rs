//! A wide CSV: the time in the first column, a series in each of the others.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, anyhow, bail};
use csv::{ReaderBuilder, StringRecord, Trim};

use super::{Recorded, Recording, Sampled, Wanted, distances};
use crate::columns::{Column, Columns};
use crate::time::{self, Style};

pub(super) fn read(file: &str, text: &str, columns: &Columns, wanted: &Wanted) -> anyhow::Result<Recording> {
    let (delimiter, skipped, text) = excel_line(text);
    let mut reader = ReaderBuilder::new().delimiter(delimiter).trim(Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().with_context(|| format!("cannot read the header of {file}"))?.clone();
    let mut table = Table::new(file, &header, columns, wanted)?;
    for record in reader.records() {
        let record = record.map_err(|error| anyhow!("{}", broken(file, skipped, &error)))?;
        let line = skipped + record.position().map_or(0, csv::Position::line);
        table.row(line, &record)?;
    }
    table.finish()
}

/// Excel's own first line, `sep=;`, says what is between cells.
fn excel_line(text: &str) -> (u8, u64, &str) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    match first.trim_end().strip_prefix("sep=").map(str::as_bytes) {
        Some([delimiter]) => (*delimiter, 1, rest),
        _ => (b',', 0, text),
    }
}

fn broken(file: &str, skipped: u64, error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => format!(
            "{file}:{}: the row has {len} cells, the header {expected_len}; hint: a comma inside a cell needs quotes around the cell",
            skipped + pos.as_ref().map_or(0, csv::Position::line)
        ),
        _ => format!("cannot read {file}: {error}"),
    }
}

/// The columns that are used, as they fill.
struct Table<'a> {
    file: &'a str,
    used: Vec<Used>,
    unused: Vec<String>,
    style: Option<(Style, u64)>,
    /// When each row is, and the line it stands on.
    rows: BTreeMap<i64, u64>,
}

struct Used {
    at: usize,
    header: String,
    column: Column,
    samples: Vec<(i64, f64)>,
}

impl<'a> Table<'a> {
    fn new(file: &'a str, header: &StringRecord, columns: &Columns, wanted: &Wanted) -> anyhow::Result<Self> {
        if header.len() < 2 {
            bail!(
                "{file} has one column, `{}`; hint: cells are separated by commas; another separator stands in a first line `sep=;`",
                header.get(0).unwrap_or_default()
            );
        }
        let mut table =
            Self { file, used: Vec::new(), unused: Vec::new(), style: None, rows: BTreeMap::new() };
        let mut seen = BTreeSet::new();
        for (at, header) in header.iter().enumerate().skip(1) {
            let column = columns.column(header)?;
            if !wanted.has(&column.signal) {
                table.unused.push(header.to_owned());
                continue;
            }
            if !seen.insert((column.signal.clone(), column.series.clone())) {
                bail!(
                    "{file} has two columns for signal `{}`{}; hint: tell them by labels, such as `{}{{task=\"0\"}}`",
                    column.signal,
                    if column.series.is_empty() {
                        String::new()
                    } else {
                        format!(", series `{}`", column.series)
                    },
                    column.signal
                );
            }
            table.used.push(Used { at, header: header.to_owned(), column, samples: Vec::new() });
        }
        Ok(table)
    }

    fn row(&mut self, line: u64, record: &StringRecord) -> anyhow::Result<()> {
        let file = self.file;
        let written = record.get(0).unwrap_or_default();
        let Some((style, at_ms)) = time::read(written) else {
            bail!("{file}:{line}: `{written}` in the first column is no time; hint: {}", time::HINT);
        };
        let (first_style, first_line) = *self.style.get_or_insert((style, line));
        if style != first_style {
            bail!(
                "{file}:{line}: the time `{written}` is written in another way than in line {first_line}; hint: write all in one way"
            );
        }
        if let Some(other) = self.rows.insert(at_ms, line) {
            bail!(
                "{file}:{line}: `{written}` stands in line {other}, too; hint: one row a time; where clocks went back, export UTC"
            );
        }
        for used in &mut self.used {
            let cell = record.get(used.at).unwrap_or_default();
            if !cell.is_empty() {
                let value = number(cell).ok_or_else(|| not_a_number(file, line, &used.header, cell))?;
                used.samples.push((at_ms, value));
            }
        }
        Ok(())
    }

    fn finish(self) -> anyhow::Result<Recording> {
        let Some((style, _)) = self.style else {
            bail!("{} has no row below its header; hint: export the whole test", self.file);
        };
        let mut signals: BTreeMap<String, Recorded> = BTreeMap::new();
        for mut used in self.used {
            used.samples.sort_by_key(|(at_ms, _)| *at_ms);
            let recorded =
                signals.entry(used.column.signal).or_insert_with(|| Recorded::Sampled(Sampled::default()));
            if let Recorded::Sampled(sampled) = recorded {
                sampled.series.insert(used.column.series, used.samples);
            }
        }
        let ends = self.rows.first_key_value().zip(self.rows.last_key_value());
        Ok(Recording {
            file: self.file.to_owned(),
            clock: style.clock(),
            signals,
            unused: self.unused,
            span_ms: ends.map(|((first, _), (last, _))| (*first, *last)),
            distances_ms: distances(self.rows.into_keys()).collect(),
            every_ms: None,
            window_ms: None,
        })
    }
}

/// A cell's number; NaN is one that is missing, and so is what is not finite.
fn number(cell: &str) -> Option<f64> {
    // Rust reads `infinity` and `nan` as well, in any case; no export writes anything else with letters but `e`.
    cell.parse().ok()
}

fn not_a_number(file: &str, line: u64, header: &str, cell: &str) -> anyhow::Error {
    let hint = if cell.contains(',') {
        "write 1234.5: no comma, neither for thousands nor for decimals"
    } else if cell.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
        "export without units (in Grafana: Inspect, Data, \"Formatted data\" off)"
    } else {
        "leave the cell empty where there is no value"
    };
    anyhow!("{file}:{line}: column `{header}`: `{cell}` is not a number; hint: {hint}")
}

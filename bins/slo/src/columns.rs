//! Which column is which signal. Not for what is in the columns.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, bail};
use mm2_config::TomlFile;
use regex::Regex;
use serde::Deserialize;

use crate::notes::Notes;

/// What the person said about columns.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    rules: Vec<Rule>,
    /// Rules that met a column.
    met: RefCell<BTreeSet<usize>>,
}

#[derive(Debug)]
struct Rule {
    column: String,
    signal: String,
    pattern: Option<Regex>,
}

/// What a column is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) signal: String,
    /// Tells it from the other series of its signal; empty for the one that has no labels.
    pub(crate) series: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnsFile {
    columns: BTreeMap<String, String>,
}

impl Columns {
    /// From `--map` and the file of `--columns`.
    pub(crate) fn new(map: &[String], file: Option<&Path>) -> anyhow::Result<Self> {
        let mut rules = Vec::new();
        for given in map {
            // Columns have `=` in their labels, signals have none.
            let (column, signal) = given
                .rsplit_once('=')
                .filter(|(column, signal)| !column.is_empty() && !signal.is_empty())
                .with_context(|| format!("--map `{given}`: write it like --map 'Lag of mm2=consumer.lag'"))?;
            rules.push(Rule::new(column, signal));
        }
        if let Some(path) = file {
            let file: ColumnsFile = TomlFile::read(path)?.parse()?;
            rules.extend(file.columns.iter().map(|(column, signal)| Rule::new(column, signal)));
        }
        Ok(Self { rules, met: RefCell::default() })
    }

    /// What the column of this name is. A whole name comes before a name without labels, that before a pattern;
    /// without any of them the column's own name is the signal's.
    pub(crate) fn column(&self, header: &str) -> anyhow::Result<Column> {
        let (name, labels) = split(header);
        let passes: [&dyn Fn(&Rule) -> bool; 3] =
            [&|rule| rule.column == header, &|rule| rule.column == name, &|rule| {
                rule.pattern.as_ref().is_some_and(|pattern| pattern.is_match(header))
            }];
        for pass in passes {
            let hits: Vec<usize> = (0..self.rules.len()).filter(|at| pass(&self.rules[*at])).collect();
            self.met.borrow_mut().extend(&hits);
            let mut signals: Vec<&str> = hits.iter().map(|at| self.rules[*at].signal.as_str()).collect();
            signals.dedup();
            match signals[..] {
                [] => {}
                [signal] => {
                    let series = if labels.is_empty() { header } else { labels };
                    return Ok(Column { signal: signal.to_owned(), series: series.to_owned() });
                }
                [one, other, ..] => bail!(
                    "column `{header}` is mapped to `{one}` and to `{other}`; hint: keep one of the two"
                ),
            }
        }
        Ok(Column { signal: name.to_owned(), series: labels.to_owned() })
    }

    /// A rule that met no column is most likely a slip.
    pub(crate) fn warn_of_strangers(&self, notes: &mut Notes) {
        for (at, rule) in self.rules.iter().enumerate() {
            if !self.met.borrow().contains(&at) {
                let what = if rule.pattern.is_some() {
                    "no column"
                } else {
                    "no column, and is no regular expression"
                };
                notes.warn(format!("`{}`, mapped to `{}`, meets {what}", rule.column, rule.signal));
            }
        }
    }
}

impl Rule {
    fn new(column: &str, signal: &str) -> Self {
        let pattern = Regex::new(&format!("^(?:{column})$")).ok();
        Self { column: column.to_owned(), signal: signal.trim().to_owned(), pattern }
    }
}

/// `name{labels}` in two.
fn split(header: &str) -> (&str, &str) {
    match header.find('{') {
        Some(at) if header.ends_with('}') => (header[..at].trim_end(), &header[at..]),
        _ => (header, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_a_signal_by_its_own_name_or_by_a_rule() {
        let map = ["kafka_lag=lag", "Lag of \\w+=lag", "cpu{host=\"a\"}=worker.cpu", "\\{.*\\}=bare"];
        let columns = Columns::new(&map.map(str::to_owned), None).unwrap();
        let check = |header: &str, signal: &str, series: &str| {
            let expect = Column { signal: signal.to_owned(), series: series.to_owned() };
            assert_eq!(columns.column(header).unwrap(), expect, "{header}");
        };
        check("consumer.lag", "consumer.lag", "");
        check("consumer.lag{task=\"0\"}", "consumer.lag", "{task=\"0\"}");
        check("kafka_lag{topic=\"a\"}", "lag", "{topic=\"a\"}");
        check("Lag of mm2", "lag", "Lag of mm2");
        check("The Lag of mm2", "The Lag of mm2", "");
        check("cpu{host=\"a\"}", "worker.cpu", "{host=\"a\"}");
        check("cpu{host=\"b\"}", "cpu", "{host=\"b\"}");
        check("{host=\"b\"}", "bare", "{host=\"b\"}");
    }

    #[test]
    fn a_column_is_not_two_signals() {
        let columns = Columns::new(&["a.*=one".to_owned(), ".*b=two".to_owned()], None).unwrap();
        assert!(columns.column("ab").unwrap_err().to_string().contains("`one` and to `two`"));
        assert!(Columns::new(&["lag".to_owned()], None).is_err());
    }
}

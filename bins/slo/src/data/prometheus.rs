//! What Prometheus' `/api/v1/query_range` answers. Not for asking it.

use std::collections::BTreeMap;

use anyhow::{Context as _, anyhow, bail};
use serde::Deserialize;
use serde_json::Value;

use super::{Recorded, Recording, Sampled, Wanted, distances};
use crate::columns::{Column, Columns};
use crate::notes::Notes;
use crate::time::Clock;

#[derive(Deserialize)]
struct Answer {
    status: String,
    data: Option<Data>,
    #[serde(default, rename = "errorType")]
    error_type: String,
    #[serde(default)]
    error: String,
    #[serde(default)]
    warnings: Vec<String>,
    #[serde(default)]
    infos: Vec<String>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "resultType")]
    result_type: String,
    result: Value,
}

#[derive(Deserialize)]
struct Series {
    metric: BTreeMap<String, String>,
    #[serde(default)]
    values: Vec<(f64, String)>,
    histograms: Option<Value>,
}

pub(super) fn read(
    file: String,
    json: Value,
    signal: Option<&str>,
    columns: &Columns,
    wanted: &Wanted,
    notes: &mut Notes,
) -> anyhow::Result<Recording> {
    let answer: Answer = serde_json::from_value(json)
        .with_context(|| format!("{file} is no answer of Prometheus' /api/v1/query_range"))?;
    if answer.status != "success" {
        bail!(
            "{file} holds no data but an error of Prometheus: {}: {}; hint: put the query right and export again",
            answer.error_type,
            answer.error
        );
    }
    for warning in &answer.warnings {
        notes.warn(format!(
            "{file}: Prometheus says: {warning}; hint: data may be missing; --expect says how many series there must be"
        ));
    }
    for info in &answer.infos {
        notes.line(format!("{file}: Prometheus says: {info}"));
    }
    let data = answer.data.with_context(|| format!("{file} has no `data`"))?;
    if data.result_type != "matrix" {
        bail!(
            "{file} has a {}, values of one moment; hint: ask /api/v1/query_range, which answers with a matrix",
            data.result_type
        );
    }
    let matrix: Vec<Series> =
        serde_json::from_value(data.result).with_context(|| format!("cannot read the series in {file}"))?;
    let mut recording = empty(file);
    if let Some(signal) = signal {
        // Answered, and nothing was there: missing, not unheard of.
        recording.signals.insert(signal.to_owned(), Recorded::Sampled(Sampled::default()));
    }
    for series in matrix {
        recording.take(&series, signal, columns, wanted)?;
    }
    recording.unused.dedup();
    Ok(recording)
}

fn empty(file: String) -> Recording {
    Recording {
        file,
        clock: Clock::Utc,
        signals: BTreeMap::new(),
        unused: Vec::new(),
        span_ms: None,
        distances_ms: Vec::new(),
        every_ms: None,
        window_ms: None,
    }
}

impl Recording {
    fn take(
        &mut self,
        series: &Series,
        signal: Option<&str>,
        columns: &Columns,
        wanted: &Wanted,
    ) -> anyhow::Result<()> {
        let file = &self.file;
        let column = column(file, series, signal, columns)?;
        if !wanted.has(&column.signal) {
            self.unused.push(column.signal);
            return Ok(());
        }
        let name = format!("{}{}", column.signal, column.series);
        if series.histograms.is_some() {
            bail!(
                "{file}: `{name}` has native histograms, which are not read here; hint: ask for a quantile of it"
            );
        }
        let samples = samples(series).with_context(|| format!("{file}: `{name}`"))?;
        if let (Some((first, _)), Some((last, _))) = (samples.first(), samples.last()) {
            let (from, to) = self.span_ms.unwrap_or((*first, *last));
            self.span_ms = Some((from.min(*first), to.max(*last)));
        }
        self.distances_ms.extend(distances(samples.iter().map(|(at_ms, _)| *at_ms)));
        let recorded =
            self.signals.entry(column.signal).or_insert_with(|| Recorded::Sampled(Sampled::default()));
        if let Recorded::Sampled(sampled) = recorded
            && sampled.series.insert(column.series, samples).is_some()
        {
            bail!("{file} has two series `{name}`; hint: let the query keep the labels that tell them apart");
        }
        Ok(())
    }
}

fn column(file: &str, series: &Series, signal: Option<&str>, columns: &Columns) -> anyhow::Result<Column> {
    let mut metric = series.metric.clone();
    let name = metric.remove("__name__");
    let labels: Vec<String> = metric.iter().map(|(label, value)| format!("{label}={value:?}")).collect();
    let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
    match (signal, name) {
        (Some(signal), _) => Ok(Column { signal: signal.to_owned(), series: labels }),
        (None, Some(name)) => {
            let column = columns.column(&format!("{name}{labels}"))?;
            Ok(Column { series: labels, ..column })
        }
        (None, None) => bail!(
            "a series in {file}, `{labels}`, has no metric name (rate() and sum() take it away); hint: --data SIGNAL={file}"
        ),
    }
}

fn samples(series: &Series) -> anyhow::Result<Vec<(i64, f64)>> {
    let mut samples: Vec<(i64, f64)> = Vec::with_capacity(series.values.len());
    for (at_s, value) in &series.values {
        let at_ms = (at_s * 1e3).round() as i64;
        if samples.last().is_some_and(|(before, _)| *before >= at_ms) {
            return Err(anyhow!("the time {at_s} does not come after the one before it"));
        }
        // `NaN`, `+Inf` and `-Inf` are numbers here, and missing to whoever judges.
        let value = value.parse().map_err(|_| anyhow!("`{value}` at {at_s} is not a number"))?;
        samples.push((at_ms, value));
    }
    Ok(samples)
}

//! The own JSON format, version 1: for scripts that have figures of several kinds.
//!
//! Times are milliseconds since the window began; `null` is a sample that is missing.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use mm2_slo::observations::Kind;
use mm2_slo::{Missing, Unit};
use serde::Deserialize;
use serde_json::Value;

use super::{Recorded, Recording, Sampled, Wanted};
use crate::notes::Notes;
use crate::time::Clock;

const VERSION: u64 = 1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "version")]
    _version: u64,
    every_ms: u64,
    window_s: f64,
    signals: BTreeMap<String, Signal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signal {
    unit: Option<Unit>,
    kind: Option<Kind>,
    every_ms: Option<u64>,
    series: Option<Vec<Series>>,
    total: Option<f64>,
    complete: Option<bool>,
    missing: Option<String>,
    absent: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Series {
    #[serde(default)]
    name: String,
    samples: Vec<(u64, Option<f64>)>,
}

pub(super) fn read(
    file: String,
    json: Value,
    wanted: &Wanted,
    notes: &mut Notes,
) -> anyhow::Result<Recording> {
    match json.get("version").map(Value::as_u64) {
        Some(Some(VERSION)) => {}
        Some(_) => {
            bail!("{file} is of version {}; hint: this program reads version {VERSION}", json["version"])
        }
        None => bail!(
            "{file} has neither `version` (the own format) nor `status` (an answer of Prometheus); hint: see docs/guide/slo.md"
        ),
    }
    let read: File = serde_json::from_value(json).with_context(|| format!("cannot read {file}"))?;
    if read.window_s <= 0.0 || read.every_ms == 0 {
        bail!("{file}: `window_s` and `every_ms` must be above 0");
    }
    let mut signals = BTreeMap::new();
    let mut unused = Vec::new();
    for (name, signal) in read.signals {
        if !wanted.has(&name) {
            unused.push(name);
            continue;
        }
        let recorded = signal.recorded(&name, notes).with_context(|| format!("{file}: signal `{name}`"))?;
        signals.insert(name, recorded);
    }
    Ok(Recording {
        file,
        clock: Clock::Window,
        signals,
        unused,
        span_ms: None,
        distances_ms: Vec::new(),
        every_ms: Some(read.every_ms),
        window_ms: Some((read.window_s * 1e3).round() as u64),
    })
}

impl Signal {
    fn recorded(self, name: &str, notes: &mut Notes) -> anyhow::Result<Recorded> {
        let unit = self.unit;
        match (self.series, self.total, self.missing, self.absent) {
            (Some(series), None, None, None) => {
                let mut sampled =
                    Sampled { unit, kind: self.kind, every_ms: self.every_ms, series: BTreeMap::new() };
                for one in series {
                    let named = one.name.clone();
                    if sampled.series.insert(one.name, in_order(one.samples)?).is_some() {
                        bail!("two series are named `{named}`; hint: give each its own `name`");
                    }
                }
                Ok(Recorded::Sampled(sampled))
            }
            (None, Some(value), None, None) => {
                Ok(Recorded::Total { value, unit, complete: self.complete.unwrap_or(true) })
            }
            (None, None, Some(why), None) => {
                // One of the library's own words, else a text that only a person reads.
                let known = serde_json::from_value(Value::String(why.clone()));
                notes.line(format!("`{name}` is missing: {why}"));
                Ok(Recorded::Missing(known.unwrap_or(Missing::NoData)))
            }
            (None, None, None, Some(why)) => Ok(Recorded::Missing(Missing::DeclaredAbsent(why))),
            _ => bail!("it must have one of `series`, `total`, `missing` and `absent`"),
        }
    }
}

fn in_order(samples: Vec<(u64, Option<f64>)>) -> anyhow::Result<Vec<(i64, f64)>> {
    let mut ordered: Vec<(i64, f64)> = Vec::with_capacity(samples.len());
    for (at_ms, value) in samples {
        let at = i64::try_from(at_ms).ok().filter(|at| ordered.last().is_none_or(|(before, _)| before < at));
        let Some(at) = at else { bail!("the time {at_ms} does not come after the one before it") };
        ordered.push((at, value.unwrap_or(f64::NAN)));
    }
    Ok(ordered)
}

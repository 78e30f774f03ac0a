//! What was recorded, from whatever file it came, before anything is decided about window and interval.

mod csv;
mod own;
mod prometheus;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use mm2_slo::observations::Kind;
use mm2_slo::{Criteria, Missing, Unit};

use crate::columns::Columns;
use crate::notes::{Notes, listed};
use crate::time::Clock;

/// What one file held.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) file: String,
    pub(crate) clock: Clock,
    pub(crate) signals: BTreeMap<String, Recorded>,
    /// Columns or metrics that no criterion uses, as they are written.
    pub(crate) unused: Vec<String>,
    /// When the first and the last row are, on its clock.
    pub(crate) span_ms: Option<(i64, i64)>,
    /// The distances of neighbouring rows, or of samples of one series.
    pub(crate) distances_ms: Vec<u64>,
    /// What the file says of itself; only the own format does.
    pub(crate) every_ms: Option<u64>,
    pub(crate) window_ms: Option<u64>,
}

/// What was recorded of a signal.
#[derive(Debug)]
pub(crate) enum Recorded {
    Sampled(Sampled),
    /// One number for the whole window, in `unit` or that of its criterion.
    Total {
        value: f64,
        unit: Option<Unit>,
        complete: bool,
    },
    /// Nothing, and why.
    Missing(Missing),
}

#[derive(Debug, Default)]
pub(crate) struct Sampled {
    /// Where it is not said, that of the signal's criterion.
    pub(crate) unit: Option<Unit>,
    /// Where it is not said, what the signal's criterion makes of it.
    pub(crate) kind: Option<Kind>,
    pub(crate) every_ms: Option<u64>,
    /// By name, each in order of time.
    pub(crate) series: BTreeMap<String, Vec<(i64, f64)>>,
}

/// The signals that criteria ask for.
#[derive(Debug)]
pub(crate) struct Wanted(BTreeSet<String>);

impl Wanted {
    pub(crate) fn by(criteria: &Criteria) -> Self {
        Self(criteria.iter().map(|criterion| criterion.signal().as_str().to_owned()).collect())
    }

    pub(crate) fn has(&self, signal: &str) -> bool {
        self.0.contains(signal)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// A signal that a person names must be one that is judged: a slip here would take a safeguard away.
    pub(crate) fn require(&self, signal: &str, option: &str) -> anyhow::Result<()> {
        if self.has(signal) {
            return Ok(());
        }
        bail!("{option} names `{signal}`, which no criterion judges; hint: they judge {}", listed(&self.0))
    }
}

/// Reads all files of `--data`. Whatever cannot be read for certain is an error: nothing is skipped.
pub(crate) fn read(
    given: &[String],
    columns: &Columns,
    wanted: &Wanted,
    notes: &mut Notes,
) -> anyhow::Result<Vec<Recording>> {
    let mut recordings: Vec<Recording> = Vec::new();
    for given in given {
        let (signal, path) = named(given);
        if let Some(signal) = signal {
            wanted.require(signal, "--data")?;
        }
        let recording = read_one(signal, path, columns, wanted, notes)?;
        agrees(&recordings, &recording)?;
        recordings.push(recording);
    }
    columns.warn_of_strangers(notes);
    Ok(recordings)
}

/// `SIGNAL=FILE`, unless a file has that whole name.
fn named(given: &str) -> (Option<&str>, &Path) {
    match given.split_once('=') {
        Some((signal, file)) if !Path::new(given).exists() => (Some(signal), Path::new(file)),
        _ => (None, Path::new(given)),
    }
}

fn read_one(
    signal: Option<&str>,
    path: &Path,
    columns: &Columns,
    wanted: &Wanted,
    notes: &mut Notes,
) -> anyhow::Result<Recording> {
    let file = path.display().to_string();
    let bytes = fs::read(path)
        .map_err(|cause| anyhow!("cannot read {file}: {cause}; hint: check the path and who may read it"))?;
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        bail!("{file} is UTF-16; hint: save it as UTF-8 (in Grafana, without \"Download for Excel\")");
    }
    let text = String::from_utf8(bytes)
        .map_err(|e| anyhow!("{file} is not UTF-8: {}; hint: save it as UTF-8", e.utf8_error()))?;
    let text = text.trim_start_matches('\u{feff}');
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    if text.trim_start().starts_with('{') {
        let json: serde_json::Value =
            serde_json::from_str(text).with_context(|| format!("{file} is not JSON to its end"))?;
        if json.get("status").is_some() {
            return prometheus::read(file, json, signal, columns, wanted, notes);
        }
        if signal.is_some() {
            bail!(
                "{file} is no answer of Prometheus, and only of one can all be one signal; hint: leave the name out"
            );
        }
        return own::read(file, json, wanted, notes);
    }
    if is_json {
        let begins: String = text.trim_start().chars().take(30).collect();
        bail!(
            "{file} is not JSON; it begins with `{begins}`; hint: a page that asks to log in looks like this, too"
        );
    }
    if signal.is_some() {
        bail!("{file} names its columns itself; hint: leave the name out, and use --map for other names");
    }
    csv::read(&file, text, columns, wanted)
}

/// Files that are judged together have one clock, and no signal twice.
fn agrees(before: &[Recording], new: &Recording) -> anyhow::Result<()> {
    for known in before {
        if known.clock != new.clock {
            let tells = |clock| match clock {
                Clock::Utc => "points in time",
                Clock::Local => "times without a zone",
                Clock::Window => "milliseconds since its window began",
            };
            bail!(
                "{} has {}, {} has {}, which cannot be compared; hint: export both in one way, such as 2026-01-31T12:00:00Z",
                known.file,
                tells(known.clock),
                new.file,
                tells(new.clock)
            );
        }
        if let Some(twice) = new.signals.keys().find(|signal| known.signals.contains_key(*signal)) {
            bail!("signal `{twice}` is in {} and in {}; hint: leave one of them out", known.file, new.file);
        }
    }
    Ok(())
}

/// Between neighbours of an ascending row of times.
fn distances(times: impl IntoIterator<Item = i64>) -> impl Iterator<Item = u64> {
    let mut previous = None;
    times.into_iter().filter_map(move |at| {
        let before = previous.replace(at)?;
        u64::try_from(at - before).ok()
    })
}

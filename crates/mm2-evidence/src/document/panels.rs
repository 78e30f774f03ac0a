//! What Prometheus has and showed, for scripts.

use std::collections::BTreeMap;

use mm2_slo::finding::Missing;
use mm2_slo::{Signal, Unit};
use serde::Serialize;

use crate::run::Run;
use crate::signals::{Panel, ReadFor, SignalFound, SignalsFound};

/// Whether figures of Prometheus are in the evidence.
#[derive(Debug, Clone, Serialize)]
pub struct PrometheusDocument {
    /// Whether there are any.
    pub read: bool,
    /// Why there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Missing>,
}

/// The naming report.
#[derive(Debug, Clone, Serialize)]
pub struct SignalsDocument {
    /// Where Prometheus is, without credentials.
    pub url: String,
    /// How each family of metrics is spelled there, by family.
    pub profiles: BTreeMap<String, String>,
    /// Distance of the scrapes of the Connect workers, milliseconds; `null` when nothing was scraped.
    pub scrape_every_ms: Option<u64>,
    /// How many of the signals were found.
    pub found: usize,
    /// All of them, in the order of the catalogue.
    pub signals: Vec<SignalDocument>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
}

/// A signal of the naming report.
#[derive(Debug, Clone, Serialize)]
pub struct SignalDocument {
    /// Which.
    pub signal: Signal,
    /// Unit of its values.
    pub unit: Unit,
    /// `judging`, `showing` or `explaining`: what its absence costs.
    pub read_for: ReadFor,
    /// The PromQL that reads it; `null` when it was not found.
    pub query: Option<String>,
    /// Series that were there.
    pub series: u64,
    /// Series that there must be; `null` where that is not known.
    pub expected: Option<u64>,
    /// Why it was not found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Missing>,
    /// What else there is to say of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What one signal showed during a hold.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PanelDocument {
    /// Which.
    pub signal: String,
    /// Unit of the figures.
    pub unit: String,
    /// Mean over the hold, then over all series.
    pub mean: Option<f64>,
    /// The largest sample.
    pub max: Option<f64>,
    /// The series that had it.
    pub max_series: Option<String>,
    /// What all series together were increased by, of a counter.
    pub increase: Option<f64>,
    /// Series that were there.
    pub series: Option<u64>,
    /// Series that there must be; `null` where that is not known.
    pub expected: Option<u64>,
    /// Why there are no figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Missing>,
}

impl PrometheusDocument {
    pub(super) fn of(run: &Run) -> Self {
        let read = run.has_panels();
        Self { read, why: (!read).then(|| run.without_prometheus()) }
    }
}

impl SignalsDocument {
    pub(super) fn of(found: &SignalsFound) -> Self {
        Self {
            url: found.url.clone(),
            profiles: found.profiles.iter().cloned().collect(),
            scrape_every_ms: found.scrape_every_ms,
            found: found.found().count(),
            signals: found.signals.iter().map(SignalDocument::of).collect(),
            notes: found.notes.clone(),
        }
    }
}

impl SignalDocument {
    fn of(found: &SignalFound) -> Self {
        Self {
            signal: found.signal.clone(),
            unit: found.unit,
            read_for: found.read_for,
            query: found.query.clone(),
            series: found.series,
            expected: found.expected,
            why: found.missing.clone(),
            note: found.note.clone(),
        }
    }
}

impl PanelDocument {
    pub(super) fn of(panel: &Panel) -> Self {
        let (signal, unit) = (panel.signal.as_str().to_owned(), panel.unit.name().to_owned());
        match &panel.seen {
            Err(why) => Self { signal, unit, why: Some(why.clone()), ..Self::default() },
            Ok(figures) => Self {
                signal,
                unit,
                mean: Some(figures.mean),
                max: Some(figures.max),
                max_series: Some(figures.max_series.clone()),
                increase: figures.increase,
                series: Some(figures.series),
                expected: figures.expected,
                why: None,
            },
        }
    }
}

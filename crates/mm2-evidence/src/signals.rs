//! What Prometheus had, as plain data: which signals were found under which name, and what the panels showed in a
//! step. Whoever reads Prometheus fills these in; nothing here asks it.

use mm2_slo::finding::Missing;
use mm2_slo::{Signal, Unit};
use serde::{Deserialize, Serialize};

/// What was found before any load: the naming report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignalsFound {
    /// Where Prometheus is, without credentials.
    pub url: String,
    /// How each family of metrics is spelled there: family and profile, such as `mirror` and `strimzi`.
    pub profiles: Vec<(String, String)>,
    /// Distance of the scrapes of the Connect workers, milliseconds; `None` when nothing was scraped.
    pub scrape_every_ms: Option<u64>,
    /// One for each signal of the catalogue, in its order.
    pub signals: Vec<SignalFound>,
    /// What else is worth knowing, each in one English sentence: targets that are down, clocks that differ.
    pub notes: Vec<String>,
}

impl SignalsFound {
    /// The signals that can be read.
    pub fn found(&self) -> impl Iterator<Item = &SignalFound> {
        self.signals.iter().filter(|signal| signal.missing.is_none())
    }

    /// Those that cannot, with the reason.
    pub fn missing(&self) -> impl Iterator<Item = (&SignalFound, &Missing)> {
        self.signals.iter().filter_map(|signal| Some((signal, signal.missing.as_ref()?)))
    }
}

/// One signal of the naming report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignalFound {
    /// Which.
    pub signal: Signal,
    /// Unit of its values, after conversion.
    pub unit: Unit,
    /// What it is read for, and so what its absence costs.
    pub read_for: ReadFor,
    /// The PromQL that reads it; `None` when no name of it was found.
    pub query: Option<String>,
    /// Series that were there.
    pub series: u64,
    /// Series that there must be, where that is known: one a task, worker, or partition.
    pub expected: Option<u64>,
    /// Why it cannot be read, if it cannot.
    pub missing: Option<Missing>,
    /// What else there is to say of it, in English: names that are near, what is read in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What a signal is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadFor {
    /// A criterion: without it the step is INCONCLUSIVE.
    Judging,
    /// A panel that is shown.
    Showing,
    /// Finding what limits a chain that failed.
    Explaining,
}

/// What one signal showed during a hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Panel {
    /// Which.
    pub signal: Signal,
    /// Unit of the figures.
    pub unit: Unit,
    /// The figures, or why there are none.
    pub seen: Result<PanelFigures, Missing>,
}

/// The figures of a panel, over all series and all samples that tell of the hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PanelFigures {
    /// Mean over the hold, then over all series; of a counter, what a series was increased by on average.
    pub mean: f64,
    /// The largest sample; of a counter, the largest increase of a series.
    pub max: f64,
    /// The series that had it, as its labels tell it from the others.
    pub max_series: String,
    /// Sum over the series of what was added during the hold, resets of counters taken into account; counters only.
    pub increase: Option<f64>,
    /// Series that were there.
    pub series: u64,
    /// Series that there must be, where that is known.
    pub expected: Option<u64>,
}

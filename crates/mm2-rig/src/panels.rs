//! The panels that Prometheus shows of a hold: found once before any load, read after each.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use mm2_evidence::RunLog;
use mm2_evidence::event::What;
use mm2_evidence::signals::{ReadFor, SignalsFound};
use mm2_metrics::{Expected, Prometheus, Reading, Signals, Window};
use mm2_slo::{Missing, Observation, Observations, Signal};

use crate::error::RigError;
use crate::mirror_switch::MirrorSwitch;
use crate::prometheus_spec::PrometheusSpec;
use crate::rig::Rig;

/// A signal shows only after its first records, and a scrape: so long it is looked for.
const FIND_LIMIT: Duration = Duration::from_secs(30);
const FIND_AGAIN: Duration = Duration::from_secs(2);

/// Where panels come from.
#[derive(Debug)]
pub(crate) enum Panels {
    /// Prometheus answers; nobody has looked for signals yet.
    Reached(Box<(Prometheus, Expected)>),
    /// Prometheus, with the signals that it was found to have.
    Found(Box<Signals>),
    /// Nowhere, in the words of the chain file.
    Absent(String),
}

/// What the panels showed of one hold.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) readings: Vec<Reading>,
    /// Why the panels that are not among the readings are missing.
    without: Missing,
}

impl Panels {
    /// Asks Prometheus, if there is one, whether it answers.
    pub(crate) async fn reach(spec: &PrometheusSpec, expected: Expected) -> Result<Self, RigError> {
        match spec {
            PrometheusSpec::Absent(why) => Ok(Self::Absent(why.clone())),
            PrometheusSpec::Read(settings) => {
                let prometheus = Prometheus::new((**settings).clone())?;
                prometheus.find(&expected).await?;
                Ok(Self::Reached(Box::new((prometheus, expected))))
            }
        }
    }

    /// What they showed in a window.
    pub(crate) async fn read(&self, window: Window) -> Shown {
        match self {
            Self::Absent(why) => {
                Shown { readings: Vec::new(), without: Missing::DeclaredAbsent(why.clone()) }
            }
            Self::Reached(_) => Shown { readings: Vec::new(), without: Missing::NoData },
            Self::Found(signals) => Shown { readings: signals.read(window).await, without: Missing::NoData },
        }
    }
}

impl Rig<'_> {
    /// Finds out which signals Prometheus has, now that the chain has carried records. Waits a while for those that
    /// criteria need.
    ///
    /// # Errors
    /// When Prometheus does not answer, the evidence cannot be written, or the run shall end.
    pub async fn find_panels(&mut self, log: &mut RunLog) -> Result<(), RigError> {
        let Panels::Reached(reached) = &self.panels else { return Ok(()) };
        let (prometheus, known) = reached.as_ref();
        let begun = Instant::now();
        let signals = loop {
            let expected = self.with_tasks(known.clone()).await;
            let signals = prometheus.find(&expected).await?;
            if begun.elapsed() >= FIND_LIMIT || has_what_judges(signals.found()) {
                break signals;
            }
            tokio::time::sleep(FIND_AGAIN).await;
            if self.options.is_stopped() {
                return Err(RigError::Interrupted);
            }
        };
        self.record(log, What::SignalsFound(Box::new(signals.found().clone())))?;
        self.panels = Panels::Found(Box::new(signals));
        Ok(())
    }
}

impl Rig<'_> {
    /// With the tasks that run by now: a connector without topics has none, and gets them with the first topic.
    async fn with_tasks(&self, expected: Expected) -> Expected {
        let MirrorSwitch::Connector(connect, connector) = &self.switch else { return expected };
        let Ok(status) = connect.status(connector).await else { return expected };
        let workers: BTreeSet<String> = status.tasks.iter().map(|task| task.worker_id.clone()).collect();
        Expected {
            tasks: Some(status.tasks.len()).filter(|tasks| *tasks > 0),
            worker_hosts: workers.into_iter().collect(),
            ..expected
        }
    }
}

fn has_what_judges(found: &SignalsFound) -> bool {
    let judging = found.signals.iter().filter(|signal| signal.read_for == ReadFor::Judging);
    judging.fold(true, |all, signal| {
        let enough = signal.expected.is_none_or(|expected| signal.series >= expected);
        all && signal.missing.is_none() && enough
    })
}

impl Shown {
    /// Keeps the raw samples in the run folder, where there are any.
    pub(crate) fn keep(&self, step: &str, attempt: u32, log: &RunLog) -> Result<(), RigError> {
        if self.readings.is_empty() {
            return Ok(());
        }
        let raw: Vec<_> = self.readings.iter().map(|reading| &reading.raw).collect();
        let again = if attempt > 1 { format!("-{attempt}") } else { String::new() };
        Ok(log.keep_series(&format!("{step}{again}"), &raw)?)
    }

    /// Adds what was shown to what was measured.
    pub(crate) fn added_to(&self, observed: Observations) -> Observations {
        let read: BTreeSet<&str> = self.readings.iter().map(|reading| reading.signal.as_str()).collect();
        let unread = Signal::PANELS.into_iter().filter(|panel| !read.contains(panel));
        let observed = unread.fold(observed, |observed, panel| observed.missing(panel, self.without.clone()));
        self.readings.iter().fold(observed, |observed, reading| {
            let seen = reading.observed.clone().map(Observation::Sampled);
            observed.with_result(reading.signal.clone(), seen)
        })
    }
}

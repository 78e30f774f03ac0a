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
use crate::rig::{Rig, RigOptions};

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
    pub(crate) async fn reach(
        spec: &PrometheusSpec,
        expected: Expected,
        options: &RigOptions,
    ) -> Result<Self, RigError> {
        match spec {
            PrometheusSpec::Absent(why) => Ok(Self::Absent(why.clone())),
            PrometheusSpec::Read(settings) => {
                let prometheus = Prometheus::new((**settings).clone())?;
                unless(options.stopped(), prometheus.find(&expected, now_ms(options))).await??;
                Ok(Self::Reached(Box::new((prometheus, expected))))
            }
        }
    }

    /// What they showed in a window.
    ///
    /// # Errors
    /// When the run shall end.
    pub(crate) async fn read(&self, window: Window, options: &RigOptions) -> Result<Shown, RigError> {
        let without = |why| Shown { readings: Vec::new(), without: why };
        match self {
            Self::Absent(why) => Ok(without(Missing::DeclaredAbsent(why.clone()))),
            Self::Reached(_) => Ok(without(Missing::NoData)),
            Self::Found(signals) => {
                let readings = unless(options.stopped(), signals.read(window, now_ms(options))).await?;
                Ok(Shown { readings, without: Missing::NoData })
            }
        }
    }
}

/// What comes of asking, unless the run shall end before: Prometheus may take a long time.
async fn unless<T>(stopped: impl Future<Output = ()>, asked: impl Future<Output = T>) -> Result<T, RigError> {
    tokio::select! {
        answer = asked => Ok(answer),
        () = stopped => Err(RigError::Interrupted),
    }
}

fn now_ms(options: &RigOptions) -> u64 {
    options.clock.now_us() / 1_000
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
        let look = async || {
            let expected = with_tasks(&self.switch, known.clone()).await?;
            Ok(prometheus.find(&expected, now_ms(&self.options)).await?)
        };
        let is_all = |signals: &Signals| has_what_judges(signals.found());
        let found = best_of(look, is_all, FIND_LIMIT, FIND_AGAIN);
        let signals = unless(self.options.stopped(), found).await??;
        self.record(log, What::SignalsFound(Box::new(signals.found().clone())))?;
        self.panels = Panels::Found(Box::new(signals));
        Ok(())
    }
}

/// Looks again and again until all is there, or for as long as `limit`; what fails meanwhile may pass by itself. The
/// best there was, or else the last failure.
async fn best_of<T>(
    look: impl AsyncFn() -> Result<T, RigError>,
    is_all: impl Fn(&T) -> bool,
    limit: Duration,
    again: Duration,
) -> Result<T, RigError> {
    let begun = Instant::now();
    let mut best = None;
    loop {
        let is_over = begun.elapsed() >= limit;
        match look().await {
            Ok(found) if is_over || is_all(&found) => return Ok(found),
            Ok(found) => best = Some(found),
            Err(error) if !may_pass(&error) => return Err(error),
            Err(error) if is_over => return best.ok_or(error),
            Err(error) => tracing::warn!(%error, "looking for signals failed; it is tried again"),
        }
        tokio::time::sleep(again).await;
    }
}

fn may_pass(error: &RigError) -> bool {
    match error {
        RigError::Metrics(error) => error.may_pass(),
        RigError::Connect(_) | RigError::ConnectorNotRunning { .. } => true,
        _ => false,
    }
}

/// With the tasks that run by now: a connector without topics has none, and gets them with the first topic. How many
/// there must be, and on whose hosts, is not guessed: without it, another site's metrics could pass for this chain's.
async fn with_tasks(switch: &MirrorSwitch, expected: Expected) -> Result<Expected, RigError> {
    let MirrorSwitch::Connector(connect, connector) = switch else { return Ok(expected) };
    let status = connect.status(connector).await?;
    if status.tasks.is_empty() {
        return Err(RigError::ConnectorNotRunning {
            connector: connector.clone(),
            what: "it has no tasks, though records come through".into(),
            hint: "wait until the workers have settled, or see whether another connector mirrors".into(),
        });
    }
    let workers: BTreeSet<String> = status.tasks.iter().map(|task| task.worker_id.clone()).collect();
    Ok(Expected { tasks: Some(status.tasks.len()), worker_hosts: workers.into_iter().collect(), ..expected })
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

#[cfg(test)]
mod tests;

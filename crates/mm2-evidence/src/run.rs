//! A run: the fold of its events, and the only thing that reports and live views are made of.
//!
//! Everything here follows from the events; nothing reads a clock. What a run came to is in
//! [`Run::outcome`], what is written for scripts in [`crate::document`].

mod progress;
mod read;

use mm2_slo::climb::Conclusion;
use mm2_slo::step::Step;

pub use self::progress::{Counts, LoadOff, Progress};
use crate::event::{CatchUp, Event, RunStarted, StepEnded, What};
use crate::signals::SignalsFound;

/// Everything that is known of a run after some number of its events.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// When it began, milliseconds since the Unix epoch.
    pub started_at_ms: u64,
    /// When the last event happened, milliseconds since the Unix epoch.
    pub last_at_ms: u64,
    /// What it is: chain, plan, settings.
    pub started: RunStarted,
    /// What is being waited for before any load, until the chain is ready.
    pub waiting: Option<String>,
    /// What Prometheus has, where it was asked.
    pub signals: Option<SignalsFound>,
    /// Set when the chain carried a canary through every partition.
    pub ready: Option<Ready>,
    /// Set when the warm-up began.
    pub warm_up: Option<WarmUp>,
    /// The steps that were held, in order. An inconclusive step's repeat stands in its place.
    pub steps: Vec<StepRun>,
    /// First attempts that a repeat replaced.
    pub replaced: Vec<StepRun>,
    /// What Connect's status showed, in order.
    pub connect_changes: Vec<ConnectChange>,
    /// What went wrong without ending the run, in order.
    pub troubles: Vec<Trouble>,
    /// How the chain catches up after an outage, where that was asked.
    pub catch_up: Option<CatchUpRun>,
    /// What the climb came to.
    pub conclusion: Option<Conclusion>,
    /// How the run ended; `None` while it runs, and for ever when its writer was killed.
    pub ended: Option<Ended>,
    /// Whether the last line was torn, as a killed writer leaves it. That event is lost.
    pub torn: bool,
}

/// The chain was seen to replicate.
#[derive(Debug, Clone, PartialEq)]
pub struct Ready {
    /// Topics that this run created on the source.
    pub topics_created: Vec<String>,
    /// Partitions, all topics together.
    pub partitions: u32,
    /// Seconds that the waiting took.
    pub waited_s: f64,
}

/// Load that warms the chain and is not judged.
#[derive(Debug, Clone, PartialEq)]
pub struct WarmUp {
    /// Rate, records per second.
    pub rate_per_sec: u64,
    /// For at least this long, seconds.
    pub at_least_s: f64,
    /// How far it is.
    pub progress: Progress,
    /// Set when it is over and drained.
    pub ended: Option<WarmUpEnded>,
}

/// A finished warm-up.
#[derive(Debug, Clone, PartialEq)]
pub struct WarmUpEnded {
    /// How long the load was on, seconds.
    pub seconds: f64,
    /// p99 of its consecutive windows of 10 s, milliseconds.
    pub window_p99_ms: Vec<f64>,
    /// Whether the p99 had stopped falling.
    pub settled: bool,
}

/// A step that was begun.
#[derive(Debug, Clone, PartialEq)]
pub struct StepRun {
    /// The step.
    pub step: Step,
    /// 1, or 2 for the repeat of an inconclusive hold.
    pub attempt: u32,
    /// How long the load was to be on, seconds.
    pub hold_s: f64,
    /// When the load went on, milliseconds since the Unix epoch.
    pub started_at_ms: u64,
    /// What its ticks showed.
    pub progress: Progress,
    /// Evidence and verdict; `None` while it is held, and for ever when it was interrupted.
    pub ended: Option<StepEnded>,
}

/// A load under which the connector is paused.
#[derive(Debug, Clone, PartialEq)]
pub struct CatchUpRun {
    /// The load, records per second.
    pub rate_per_sec: u64,
    /// How long the connector was to be paused, seconds.
    pub outage_s: f64,
    /// What its ticks showed.
    pub progress: Progress,
    /// Whether the connector was paused by us and not told to go on.
    pub paused: bool,
    /// Backlog when the connector was told to go on, records; `None` before.
    pub backlog_at_resume: Option<u64>,
    /// What it came to; `None` while it runs, and for ever when it was interrupted.
    pub ended: Option<CatchUp>,
}

/// A change that Connect's status showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectChange {
    /// When, milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// The step whose load or recovery was going on.
    pub step: Option<String>,
    /// Code of the change: `task_state`, `task_moved`, `worker_silent`, `worker_back`, `connector_state`, …
    pub change: String,
    /// Of what: a task's id, a worker's address.
    pub subject: String,
    /// Before.
    pub from: Option<String>,
    /// After.
    pub to: Option<String>,
}

/// Something that went wrong without ending the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// When, milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// The step whose load or recovery was going on.
    pub step: Option<String>,
    /// In one sentence.
    pub text: String,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// When, milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// Whether a person or a signal ended it.
    pub interrupted: bool,
    /// The code that the process ended with.
    pub exit_code: u8,
    /// CPU time that the process used, seconds.
    pub cpu_s: Option<f64>,
    /// Its largest resident set, bytes.
    pub rss_max_bytes: Option<u64>,
}

impl Run {
    /// A run of which only its first event is known.
    pub fn begin(at_ms: u64, started: RunStarted) -> Self {
        Self {
            started_at_ms: at_ms,
            last_at_ms: at_ms,
            started,
            waiting: None,
            signals: None,
            ready: None,
            warm_up: None,
            steps: Vec::new(),
            replaced: Vec::new(),
            connect_changes: Vec::new(),
            troubles: Vec::new(),
            catch_up: None,
            conclusion: None,
            ended: None,
            torn: false,
        }
    }

    /// The step that is being held or recovered from.
    pub fn current(&self) -> Option<&StepRun> {
        self.steps.last().filter(|step| step.ended.is_none())
    }

    /// Takes one more event in.
    pub fn apply(&mut self, event: &Event) {
        let at_ms = event.at_ms;
        self.last_at_ms = self.last_at_ms.max(at_ms);
        match &event.what {
            // Only the first line is one; it made this value.
            What::RunStarted(_) => {}
            What::Waiting { what } => self.waiting = Some(what.clone()),
            What::SignalsFound(found) => self.signals = Some((**found).clone()),
            What::Ready { topics_created, partitions, waited_s } => {
                self.waiting = None;
                let topics_created = topics_created.clone();
                self.ready = Some(Ready { topics_created, partitions: *partitions, waited_s: *waited_s });
            }
            What::WarmUpStarted { rate_per_sec, at_least_s } => {
                let (rate_per_sec, at_least_s) = (*rate_per_sec, *at_least_s);
                self.warm_up =
                    Some(WarmUp { rate_per_sec, at_least_s, progress: Progress::default(), ended: None });
            }
            What::WarmUpEnded { seconds, window_p99_ms, settled } => {
                if let Some(warm_up) = &mut self.warm_up {
                    let window_p99_ms = window_p99_ms.clone();
                    warm_up.ended = Some(WarmUpEnded { seconds: *seconds, window_p99_ms, settled: *settled });
                }
            }
            What::StepStarted { step, attempt, hold_s } => self.begin_step(at_ms, step, *attempt, *hold_s),
            What::Tick(_) | What::LoadOff { .. } => self.progress(event),
            What::StepEnded(ended) => {
                if let Some(held) = self.steps.iter_mut().rev().find(|held| held.step.name == ended.step) {
                    held.ended = Some((**ended).clone());
                }
            }
            What::ConnectChanged { change, subject, from, to } => {
                let (change, subject) = (change.clone(), subject.clone());
                let (step, from, to) = (self.current_name(), from.clone(), to.clone());
                self.connect_changes.push(ConnectChange { at_ms, step, change, subject, from, to });
            }
            What::Trouble { text } => {
                let (step, text) = (self.current_name(), text.clone());
                self.troubles.push(Trouble { at_ms, step, text });
            }
            What::CatchUpStarted { rate_per_sec, outage_s } => {
                let (rate_per_sec, outage_s) = (*rate_per_sec, *outage_s);
                let progress = Progress::default();
                self.catch_up = Some(CatchUpRun {
                    rate_per_sec,
                    outage_s,
                    progress,
                    paused: false,
                    backlog_at_resume: None,
                    ended: None,
                });
            }
            What::Paused => {
                if let Some(catch_up) = &mut self.catch_up {
                    catch_up.paused = true;
                }
            }
            What::Resumed { backlog } => {
                if let Some(catch_up) = &mut self.catch_up {
                    catch_up.paused = false;
                    catch_up.backlog_at_resume = Some(*backlog);
                }
            }
            What::CatchUpEnded(ended) => {
                if let Some(catch_up) = &mut self.catch_up {
                    catch_up.ended = Some((**ended).clone());
                }
            }
            What::Concluded(conclusion) => self.conclusion = Some((**conclusion).clone()),
            What::RunEnded { interrupted, exit_code, cpu_s, rss_max_bytes } => {
                self.ended = Some(Ended {
                    at_ms,
                    interrupted: *interrupted,
                    exit_code: *exit_code,
                    cpu_s: *cpu_s,
                    rss_max_bytes: *rss_max_bytes,
                });
            }
        }
    }

    fn begin_step(&mut self, started_at_ms: u64, step: &Step, attempt: u32, hold_s: f64) {
        if let Some(at) = self.steps.iter().position(|held| held.step.name == step.name) {
            self.replaced.push(self.steps.remove(at));
        }
        let (step, progress) = (step.clone(), Progress::default());
        self.steps.push(StepRun { step, attempt, hold_s, started_at_ms, progress, ended: None });
    }

    fn progress(&mut self, event: &Event) {
        let warming = self.warm_up.as_mut().filter(|warm_up| warm_up.ended.is_none());
        let warming = warming.map(|warm_up| &mut warm_up.progress);
        let held = self.steps.last_mut().filter(|held| held.ended.is_none()).map(|held| &mut held.progress);
        let catching_up = self.catch_up.as_mut().filter(|catch_up| catch_up.ended.is_none());
        let catching_up = catching_up.map(|catch_up| &mut catch_up.progress);
        let Some(progress) = catching_up.or(held).or(warming) else { return };
        match &event.what {
            What::Tick(tick) => progress.tick(tick),
            What::LoadOff { sent, acked, backlog } => {
                progress.load_off(LoadOff {
                    at_ms: event.at_ms,
                    sent: *sent,
                    acked: *acked,
                    backlog: *backlog,
                });
            }
            _ => {}
        }
    }

    fn current_name(&self) -> Option<String> {
        self.current().map(|held| held.step.name.clone())
    }
}

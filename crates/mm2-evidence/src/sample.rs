//! Runs made by hand, judged for real: what tests of folds and renderers are made of. No chain was measured.

mod outages;
mod prometheus;
mod stories;

use std::collections::BTreeMap;

use mm2_measure::Latency;
use mm2_slo::attribution::attribute;
use mm2_slo::climb::Climb;
use mm2_slo::evidence::{
    AuditEvidence, BacklogEvidence, Block, ConnectEvidence, LatencyEvidence, LoadEvidence, RecoveryEvidence,
    SourceEvidence, StepEvidence,
};
use mm2_slo::{Criteria, Ladder, Level, Phase, Step};

pub use self::outages::{
    caught_up, interrupted_drain, interrupted_outage, killed_outage, lost_catching_up, not_caught_up,
    still_paused, too_short_an_outage, unseen_catching_up,
};
pub use self::prometheus::Show;
pub use self::stories::{
    below_need, half_blind, held_again_in_vain, interrupted_refining, panels, passed_held_again, refined,
    throttled,
};

use crate::event::{Chain, ChainKind, Event, Plan, RunStarted, SCHEMA, StepEnded, Tick, What, absent};
use crate::exit;
use crate::figures::quantiles;
use crate::outcome::{climb_of, observed};
use crate::signals::SignalsFound;

/// 2025-01-31T12:00:00Z.
const START_MS: u64 = 1_738_324_800_000;
const RECOVERY_LIMIT_S: f64 = 120.0;

/// How the chain of a sample behaves.
#[derive(Debug, Clone)]
pub struct Behaviour {
    /// It carries no more than this, records per second.
    pub cap_per_sec: u64,
    /// Latency of a record while it keeps up, milliseconds.
    pub latency_ms: u64,
    /// What Connect's status shows.
    pub connect: ConnectEvidence,
    /// Duplicates in each step.
    pub duplicates: u64,
    /// What Prometheus shows.
    pub shows: Vec<Show>,
}

/// The events of a run that is being made up.
#[derive(Debug)]
pub struct Story {
    /// So far.
    pub events: Vec<Event>,
    at_ms: u64,
    hold_s: u64,
    climb: Climb,
    criteria: Criteria,
    chain: Chain,
}

/// A user's chain that carries all five steps: GO.
pub fn go() -> Vec<Event> {
    let mut story = Story::begin(ChainKind::File, 20);
    let chain = Behaviour { latency_ms: 40, ..Behaviour::healthy() };
    while story.step(&chain) {}
    story.end(false)
}

/// A rehearsal of a chain that carries 6 500 records a second: P4 fails, capacity found, WARN.
pub fn capped() -> Vec<Event> {
    let mut story = Story::begin(ChainKind::Rehearsal, 20);
    let connect = ConnectEvidence::Absent { why: absent::REHEARSAL.to_owned() };
    let chain = Behaviour { cap_per_sec: 6_500, latency_ms: 15, connect, ..Behaviour::healthy() };
    while story.step(&chain) {}
    story.end(false)
}

/// A lab's run with a restart of a worker in P2, whose writer was killed in the sixth second of P3.
pub fn killed() -> Vec<Event> {
    let mut story = Story::begin(ChainKind::Lab, 20);
    story.step(&Behaviour::healthy());
    story.tell(What::ConnectChanged {
        change: "worker_silent".to_owned(),
        subject: "127.0.0.1:8083".to_owned(),
        from: Some("RUNNING".to_owned()),
        to: None,
    });
    story.step(&Behaviour { duplicates: 1_250, connect: polled(true), ..Behaviour::healthy() });
    story.tell(What::Trouble { text: "Connect at 127.0.0.1:8083 did not answer for 12 s".to_owned() });
    story.cut_short(&Behaviour::healthy(), 6);
    story.events
}

/// All of them.
pub fn all() -> Vec<Vec<Event>> {
    let plain = [go(), capped(), killed(), below_need(), passed_held_again()];
    let refining = [refined(), held_again_in_vain(), interrupted_refining()];
    let read = [panels(), throttled(), half_blind()];
    let outages =
        [caught_up(), not_caught_up(), too_short_an_outage(), lost_catching_up(), unseen_catching_up()];
    let cut = [interrupted_outage(), interrupted_drain(), killed_outage(), still_paused()];
    plain.into_iter().chain(refining).chain(read).chain(outages).chain(cut).collect()
}

/// One event a line, as `events.ndjson` has them.
///
/// # Panics
/// When an event is not JSON.
#[expect(clippy::expect_used, reason = "for tests: they are to fail then")]
pub fn ndjson(events: &[Event]) -> String {
    events.iter().map(|e| serde_json::to_string(e).expect("an event is JSON") + "\n").collect()
}

fn polled(restart_seen: bool) -> ConnectEvidence {
    ConnectEvidence::Polled {
        answered: 60,
        unanswered: 0,
        restart_seen,
        flush_interval_ms: Some(10_000),
        exactly_once: false,
    }
}

impl Behaviour {
    /// Carries everything in 25 ms.
    pub fn healthy() -> Self {
        let connect = polled(false);
        Self { cap_per_sec: u64::MAX, latency_ms: 25, connect, duplicates: 0, shows: Vec::new() }
    }

    /// Acknowledged and not received, `ms` after the load went on at `rate_per_sec`.
    fn backlog(&self, rate_per_sec: u64, ms: u64) -> u64 {
        let late = rate_per_sec * self.latency_ms / 1_000;
        let queued = rate_per_sec.saturating_sub(self.cap_per_sec) * ms / 1_000;
        (late + queued).min(rate_per_sec * ms / 1_000)
    }

    fn latency_us(&self, rate_per_sec: u64, due_us: u64) -> u64 {
        let queued = rate_per_sec.saturating_sub(self.cap_per_sec) * due_us / self.cap_per_sec;
        // Between half and one and a half of the ordinary latency, in a pattern of seven.
        self.latency_ms * 1_000 * (4 + due_us / 100 % 7) / 7 + queued
    }
}

impl Story {
    /// A run of the runbook's ladder, warmed up and ready to climb.
    pub fn begin(kind: ChainKind, hold_s: u64) -> Self {
        let steps = Ladder::runbook().steps;
        let climb = Climb::new(steps.clone());
        let started = started(kind, steps, hold_s as f64);
        let chain = started.chain.clone();
        let criteria = Criteria::of_phase(Phase::RAMP);
        let mut story = Self { events: Vec::new(), at_ms: START_MS, hold_s, climb, criteria, chain };
        let partitions = started.plan.topics.len() as u32 * 3;
        let topics_created = started.plan.topics.clone();
        story.tell(What::RunStarted(Box::new(started)));
        story.tell(What::Waiting { what: "30 partitions to appear on the target".to_owned() });
        story.tell(What::Ready { topics_created, partitions, waited_s: 4.5 });
        story.tell(What::WarmUpStarted { rate_per_sec: 1_000, at_least_s: 5.0 });
        story.tell(What::WarmUpEnded { seconds: 20.0, window_p99_ms: vec![310.0, 42.0], settled: true });
        story
    }

    /// With a Prometheus that has these signals.
    #[must_use]
    pub fn read_by(mut self, found: SignalsFound) -> Self {
        self.chain.absent.remove("prometheus");
        let chain = self.chain.clone();
        self.started(|started| started.chain = chain);
        self.tell(What::SignalsFound(Box::new(found)));
        self
    }

    /// With another plan.
    #[must_use]
    pub fn planning(mut self, change: impl FnOnce(&mut Plan)) -> Self {
        self.started(|started| change(&mut started.plan));
        if let Some(What::RunStarted(started)) = self.events.first().map(|first| &first.what) {
            self.climb = climb_of(&started.plan);
        }
        self
    }

    fn started(&mut self, change: impl FnOnce(&mut RunStarted)) {
        if let Some(What::RunStarted(started)) = self.events.first_mut().map(|first| &mut first.what) {
            change(started);
        }
    }

    /// The step to hold next.
    pub fn next_step(&self) -> Option<Step> {
        self.climb.next_step().map(|(step, _)| step)
    }

    /// What is recommended so far, records per second; 0 when nothing is.
    pub fn recommended_per_sec(&self) -> u64 {
        self.climb.clone().conclude(false).capacity.recommended_per_sec.unwrap_or(0)
    }

    /// Time passes.
    pub fn pass_s(&mut self, seconds: u64) {
        self.at_ms += seconds * 1_000;
    }

    /// Something happens now.
    pub fn tell(&mut self, what: What) {
        self.events.push(Event { at_ms: self.at_ms, what });
    }

    /// Holds and judges the next step; `false` when the climb was over.
    pub fn step(&mut self, chain: &Behaviour) -> bool {
        let Some((step, attempt)) = self.climb.next_step() else { return false };
        let latency = self.hold(&step, attempt, chain, self.hold_s);
        let evidence = evidence(&step, chain, self.hold_s, &latency);
        self.at_ms += evidence.recovery.seconds.map_or(120_000, |s| (s * 1_000.0) as u64 + 10_000);
        let observed = observed(&evidence, &step, &self.chain.without_prometheus());
        let observed = chain
            .shows
            .iter()
            .fold(observed, |observed, show| observed.with_result(show.signal(), show.observed(self.hold_s)));
        let verdict = self.criteria.judge(&observed);
        let attribution = attribute(&step, &evidence, &observed, &verdict);
        self.climb.record(&step, &verdict, evidence.achieved_per_sec());
        self.tell(What::StepEnded(Box::new(StepEnded {
            step: step.name,
            attempt,
            evidence,
            verdict,
            own_cpu_cores: Some(0.4),
            own_rss_max_bytes: Some(96 << 20),
            panels: chain.shows.iter().map(Show::panel).collect(),
            attribution,
        })));
        true
    }

    /// Holds the next step for some seconds and stops telling.
    pub fn cut_short(&mut self, chain: &Behaviour, seconds: u64) {
        if let Some((step, attempt)) = self.climb.next_step() {
            self.hold(&step, attempt, chain, seconds);
        }
    }

    /// The end of the run with the climb's: all its events.
    pub fn end(mut self, interrupted: bool) -> Vec<Event> {
        let level = self.conclude(interrupted);
        self.ended(if interrupted { exit::INTERRUPTED } else { exit::code(level) })
    }

    /// The climb is over.
    pub fn conclude(&mut self, interrupted: bool) -> Level {
        let conclusion = self.climb.clone().conclude(interrupted);
        let level = conclusion.level;
        self.tell(What::Concluded(Box::new(conclusion)));
        level
    }

    /// The end of a run whose climb was over before: all its events.
    pub fn ended(mut self, exit_code: u8) -> Vec<Event> {
        let interrupted = exit_code == exit::INTERRUPTED;
        let (cpu_s, rss_max_bytes) = (Some(31.5), Some(128 << 20));
        self.tell(What::RunEnded { interrupted, exit_code, cpu_s, rss_max_bytes });
        self.events
    }

    /// Load on for `seconds`, a tick each; then off if that is the whole hold.
    fn hold(&mut self, step: &Step, attempt: u32, chain: &Behaviour, seconds: u64) -> Latency {
        let rate = step.rate_per_sec;
        self.tell(What::StepStarted { step: step.clone(), attempt, hold_s: self.hold_s as f64 });
        let mut all = Latency::new();
        for second in 0..seconds {
            self.at_ms += 1_000;
            let mut latency = Latency::new();
            for record in 0..rate {
                let due_us = second * 1_000_000 + record * 1_000_000 / rate;
                latency.record_us(chain.latency_us(rate, due_us));
            }
            all.merge(&latency);
            let sent = rate * (second + 1);
            self.tell(What::Tick(Tick {
                step: step.name.clone(),
                load_on: true,
                elapsed_s: (second + 1) as f64,
                sent,
                acked: sent,
                failed: 0,
                received: sent - chain.backlog(rate, (second + 1) * 1_000),
                lost: 0,
                duplicates: chain.duplicates,
                reordered: 0,
                corrupt: 0,
                backlog: samples(chain, rate, second),
                p99_ms: all.quantile_ms(0.99),
                slip_max_ms: Some(2.5),
                latency,
            }));
        }
        if seconds == self.hold_s {
            let (sent, backlog) = (rate * seconds, chain.backlog(rate, seconds * 1_000));
            self.tell(What::LoadOff { sent, acked: sent, backlog });
        }
        all
    }
}

/// Ten samples of the backlog in the second after `second`.
fn samples(chain: &Behaviour, rate_per_sec: u64, second: u64) -> Vec<(u64, u64)> {
    (1..=10).map(|i| second * 1_000 + i * 100).map(|ms| (ms, chain.backlog(rate_per_sec, ms))).collect()
}

fn evidence(step: &Step, chain: &Behaviour, hold_s: u64, latency: &Latency) -> StepEvidence {
    let rate = step.rate_per_sec;
    let records = rate * hold_s;
    let at_load_off = chain.backlog(rate, hold_s * 1_000);
    let over = |second: u64| {
        let due = |record: u64| second * 1_000_000 + record * 1_000_000 / rate;
        (0..rate).filter(|r| chain.latency_us(rate, due(*r)) >= step.p99_limit_ms * 1_000).count() as u64
    };
    let over_thousand = at_load_off.saturating_sub(1_000) as f64;
    StepEvidence {
        hold_s: hold_s as f64,
        load: LoadEvidence {
            due: records,
            sent: records,
            acked: records,
            acked_in_time: records,
            failed: 0,
            slip_p99_ms: Some(0.75),
            slip_max_ms: Some(2.5),
            source_blocked_ms: 0.0,
            source_refused: false,
        },
        latency: quantiles(latency)
            .map(|intended| LatencyEvidence {
                intended,
                actual: intended,
                blocks: (0..hold_s).map(|second| Block { records: rate, over: over(second) }).collect(),
            })
            .ok_or(mm2_slo::Missing::NothingReceived),
        backlog: Ok(BacklogEvidence {
            samples: (0..hold_s).flat_map(|second| samples(chain, rate, second)).collect(),
            max: at_load_off,
            at_load_off,
            end: 0,
        }),
        audit: Ok(AuditEvidence {
            received: records,
            duplicates: chain.duplicates,
            ..AuditEvidence::default()
        }),
        recovery: RecoveryEvidence {
            seconds: Some((over_thousand / chain.cap_per_sec as f64 * 10.0).ceil() / 10.0),
            recovered: true,
            limit_s: RECOVERY_LIMIT_S,
        },
        connect: chain.connect.clone(),
        source: SourceEvidence { ack_p99_ms: Some(8.2), ack_max_ms: Some(31.0), throttle_max_ms: Some(0) },
    }
}

fn started(kind: ChainKind, steps: Vec<Step>, hold_s: f64) -> RunStarted {
    let declared = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(what, why)| ((*what).to_owned(), (*why).to_owned())).collect()
    };
    let (description, absent) = match kind {
        ChainKind::Rehearsal => {
            ("cap=6500/s", declared(&[("prometheus", absent::REHEARSAL), ("connect", absent::REHEARSAL)]))
        }
        ChainKind::Lab => {
            ("Kafka 3.9 on loopback", declared(&[("prometheus", "the lab has no Prometheus yet")]))
        }
        ChainKind::File => ("chains/preprod.toml", declared(&[("prometheus", "not open to this host")])),
    };
    RunStarted {
        schema: SCHEMA,
        run_id: crate::run_id(START_MS, "ramp"),
        phase: "ramp".to_owned(),
        tool_version: "0.1.0".to_owned(),
        chain: Chain { kind, description: description.to_owned(), absent },
        plan: Plan {
            steps,
            hold_s,
            warm_up_s: 5.0,
            recovery_limit_s: RECOVERY_LIMIT_S,
            record_size_bytes: 1_024,
            payload: "json".to_owned(),
            compression: "gzip".to_owned(),
            topics: (1..=10).map(|n| format!("test-prometheus.generated-data-{n:02}.json")).collect(),
            producers: 2,
            beyond: false,
            refine: false,
            need_per_sec: None,
            catch_up_s: None,
        },
        settings: [("producer.acks", "all"), ("producer.compression.type", "gzip")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
    }
}

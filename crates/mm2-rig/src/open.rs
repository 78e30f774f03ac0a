//! Opening a chain: both clusters answer, the connector runs, the topics exist on both sides, and a canary
//! comes through every partition. All of it before any load.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mm2_connect::{Connect, ConnectorConfig, ConnectorStatus, ExactlyOnce, TargetNaming, WorkerProperties};
use mm2_evidence::RunLog;
use mm2_evidence::event::What;
use mm2_kafka::{Cluster, ClusterInfo, Side, TopicPartition};
use mm2_load::Loader;
use mm2_measure::{Auditor, RunId};
use mm2_metrics::Expected;
use mm2_probe::{Probe, ProbeOptions};
use mm2_rehearsal::Rehearsal;

use crate::connect_watch::{ConnectFacts, ConnectWatch};
use crate::error::RigError;
use crate::mirror_switch::MirrorSwitch;
use crate::panels::Panels;
use crate::rig::{Rig, RigOptions};
use crate::spec::{ChainSpec, ConnectSpec, Keeper, TopicsSpec};

/// How long a cluster may take to answer.
const REACH: Duration = Duration::from_secs(15);
/// How long the canaries may take, from when the target's partitions exist.
const CANARIES: Duration = Duration::from_secs(120);
/// How long the chain may take to be through with what a failed step has left. Half an hour is what five minutes of
/// seven times its capacity leave.
const DRAINED: Duration = Duration::from_secs(1_800);
/// A canary sent before MM2 reads the partition may be skipped by a consumer that starts at the end.
const CANARIES_AGAIN: Duration = Duration::from_secs(10);
/// How long a rebalance may keep the connector or a task without a worker.
const SETTLED: Duration = Duration::from_secs(30);
/// MM2's default of `refresh.topics.interval.seconds`.
const DEFAULT_REFRESH: Duration = Duration::from_secs(600);

/// What Connect told before any load.
struct Mirror {
    naming: TargetNaming,
    refresh: Duration,
    connect: Result<(Connect, ConnectFacts), String>,
}

impl<'a> Rig<'a> {
    /// Opens the chain.
    ///
    /// # Errors
    /// When a cluster does not answer within 15 s, the connector does not run, a topic cannot be created,
    /// the target lacks partitions, or the canaries do not come through. Nothing was judged by then.
    pub async fn open(spec: &'a ChainSpec, options: RigOptions, log: &mut RunLog) -> Result<Self, RigError> {
        let begun = Instant::now();
        let source = Cluster::new(Side::Source, spec.source.clone())?;
        let target = Cluster::new(Side::Target, spec.target.clone())?;
        let (at_source, at_target) = reach_both(&source, &target)?;
        spec.expect.check_brokers("source", &at_source)?;
        spec.expect.check_brokers("target", &at_target)?;
        let mirror = tokio::select! {
            mirror = ask_connect(spec) => mirror?,
            () = options.stopped() => return Err(RigError::Interrupted),
        };
        let topics_created = source.create_missing_topics(&spec.topics.to_create()).await?;
        let slots = source_slots(&source, &spec.topics)?;
        let target_slots = renamed(&slots, &mirror.naming);
        let told = Told { options: &options, log };
        told.wait_for_target(&target, &target_slots, &mirror).await?;

        let run = RunId::fresh();
        let names = target_slots.iter().map(ToString::to_string).collect();
        let auditor = Arc::new(Mutex::new(Auditor::new(run, names)));
        let probe_options = spec.keeper.probe_options();
        let probe = Probe::start(&target, &target_slots, Arc::clone(&auditor), options.clock, probe_options)?;
        let loader = Loader::new(&source, run, options.clock, slots.clone(), &options.loader)?;
        let expected = mirror.expected(spec, &target_slots);
        let panels = Panels::reach(&spec.prometheus, expected, &options).await?;
        let switch = mirror.switch(&spec.keeper);
        let connect = mirror.connect.map(|(connect, facts)| ConnectWatch::start(connect, facts));
        let mut rig = Self {
            loader,
            auditor,
            probe,
            connect,
            source,
            topics: spec.topics.names.clone(),
            panels,
            switch,
            undrained: false,
            quiet_since_us: options.clock.now_us(),
            slots: slots.len() as u32,
            next_number: 0,
            keeper: &spec.keeper,
            options,
        };
        rig.wait_for_canaries(CANARIES, log).await?;
        rig.quiet_since_us = rig.now_us();
        let partitions = rig.slots;
        rig.record(log, What::Ready { topics_created, partitions, waited_s: begun.elapsed().as_secs_f64() })?;
        Ok(rig)
    }

    /// Waits, where an earlier load was given up on, until the chain is through with it: MM2 keeps the order of a
    /// partition, so that a canary which came through has nothing before it. What is measured behind a rest of other
    /// records is measured of both.
    pub(crate) async fn wait_until_drained(&mut self, log: &mut RunLog) -> Result<(), RigError> {
        if self.undrained && !self.is_blind() {
            self.audit().forget_canaries();
            self.wait_for_canaries(DRAINED, log).await?;
            self.undrained = false;
            self.quiet_since_us = self.now_us();
        }
        Ok(())
    }

    /// Sends canaries until one came through every partition.
    async fn wait_for_canaries(&mut self, limit: Duration, log: &mut RunLog) -> Result<(), RigError> {
        let expected = self.slots as usize;
        let what = format!("a canary through each of {expected} partitions (at most {} s)", limit.as_secs());
        self.record(log, What::Waiting { what })?;
        let begun = Instant::now();
        let mut sent: Option<Instant> = None;
        loop {
            if sent.is_none_or(|sent| sent.elapsed() >= CANARIES_AGAIN) {
                self.loader.send_canaries(&self.options.payloads)?;
                sent = Some(Instant::now());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            let arrived = self.audit().canaries_seen().len();
            if arrived == expected {
                return Ok(());
            }
            if self.options.is_stopped() {
                return Err(RigError::Interrupted);
            }
            if begun.elapsed() >= limit {
                return Err(self.not_replicating(arrived, expected, begun.elapsed()));
            }
        }
    }

    fn not_replicating(&self, arrived: usize, expected: usize, waited: Duration) -> RigError {
        let read = self.probe.read();
        let (what, hint) = match (self.probe.last_error(), self.loader.first_failure()) {
            (_, Some(error)) => (
                format!("the source refuses records ({error})"),
                "check this user's right to write to the topics",
            ),
            (Some(error), _) if read == 0 => (
                format!("the target cannot be read ({error})"),
                "check this user's right to read the target's topics",
            ),
            _ if arrived == 0 && read > 0 => (
                format!("{read} records arrived on the target, none with a readable stamp"),
                "a converter or a transform changes the values; MM2 needs ByteArrayConverter for key, value and header",
            ),
            _ => (
                "nothing else arrived on the missing ones".into(),
                "look at the status and the log of the connector's tasks",
            ),
        };
        RigError::NotReplicating { arrived, expected, waited_s: waited.as_secs_f64(), what, hint }
    }
}

/// Who is told what is being waited for.
struct Told<'a> {
    options: &'a RigOptions,
    log: &'a mut RunLog,
}

impl Told<'_> {
    /// Waits until the target has every partition that the source has.
    async fn wait_for_target(
        self,
        target: &Cluster,
        expected: &[TopicPartition],
        mirror: &Mirror,
    ) -> Result<(), RigError> {
        let limit = 2 * mirror.refresh + Duration::from_secs(60);
        let begun = Instant::now();
        let mut said = false;
        loop {
            let topics = target.topics()?;
            let missing: Vec<&TopicPartition> = expected.iter().filter(|at| !exists(&topics, at)).collect();
            let Some(first) = missing.first() else { return Ok(()) };
            if !said {
                let count = missing.len();
                let what =
                    format!("MM2 to create {count} partitions on the target (at most {} s)", limit.as_secs());
                self.log.record(self.options.clock.now_us() / 1_000, What::Waiting { what })?;
                said = true;
            }
            if self.options.is_stopped() {
                return Err(RigError::Interrupted);
            }
            if begun.elapsed() >= limit {
                return Err(RigError::TargetMissing {
                    found: expected.len() - missing.len(),
                    expected: expected.len(),
                    waited_s: begun.elapsed().as_secs_f64(),
                    missing: first.to_string(),
                    hint: mirror.why_missing(),
                });
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}

impl Mirror {
    /// What Prometheus should have of this chain, as far as it is known before any record.
    fn expected(&self, spec: &ChainSpec, target_slots: &[TopicPartition]) -> Expected {
        let topics: BTreeSet<&String> = target_slots.iter().map(|slot| &slot.topic).collect();
        Expected {
            connector: self.connect.as_ref().ok().map(|(_, facts)| facts.connector.clone()),
            workers: spec.expect.workers.map(|workers| workers as usize),
            partitions: Some(target_slots.len()),
            target_topics: topics.into_iter().cloned().collect(),
            ..Expected::default()
        }
    }

    fn switch(&self, keeper: &Keeper) -> MirrorSwitch {
        match (&self.connect, keeper) {
            (Ok((connect, facts)), _) => {
                MirrorSwitch::Connector(Box::new(connect.clone()), facts.connector.clone())
            }
            (Err(_), Keeper::Rehearsal(_)) => MirrorSwitch::Rehearsal,
            (Err(why), _) => MirrorSwitch::None(why.clone()),
        }
    }

    fn why_missing(&self) -> String {
        match &self.connect {
            Ok((_, facts)) => format!(
                "look at `topics` and the task status of connector {}, and at MM2's rights to create topics on the target",
                facts.connector
            ),
            Err(_) => "check that MM2 runs and includes these topics, and [topics] target_pattern".into(),
        }
    }
}

fn exists(topics: &BTreeMap<String, u32>, at: &TopicPartition) -> bool {
    topics.get(&at.topic).is_some_and(|partitions| at.partition < *partitions as i32)
}

fn reach_both(source: &Cluster, target: &Cluster) -> Result<(ClusterInfo, ClusterInfo), RigError> {
    std::thread::scope(|scope| {
        let other = scope.spawn(|| target.reach(REACH));
        let first = source.reach(REACH);
        let second = other.join().map_err(|_| RigError::Broken("asking the target panicked".into()))?;
        Ok((first?, second?))
    })
}

async fn ask_connect(spec: &ChainSpec) -> Result<Mirror, RigError> {
    let topics = &spec.topics;
    let named = || topics.naming.clone().ok_or_else(|| RigError::Usage("no target_pattern".into()));
    let (connect, worker) = match &spec.connect {
        ConnectSpec::Absent(why) => {
            return Ok(Mirror { naming: named()?, refresh: DEFAULT_REFRESH, connect: Err(why.clone()) });
        }
        ConnectSpec::Dedicated { why, connector } => {
            return Ok(Mirror {
                naming: named()?,
                refresh: refresh_of(connector),
                connect: Err(why.clone()),
            });
        }
        ConnectSpec::Rest(connect, worker) => (connect, worker.as_ref()),
    };
    spec.expect.check_workers(&connect.workers().await)?;
    let names: Vec<&str> = topics.names.iter().map(String::as_str).collect();
    let chosen = connect.choose(&names).await?;
    see_it_run(connect, &chosen.name).await?;
    Ok(Mirror {
        naming: topics.naming.clone().map_or_else(|| chosen.naming.clone(), Ok)?,
        refresh: refresh_of(&chosen.config),
        connect: Ok((
            connect.clone(),
            ConnectFacts {
                flush_interval: worker.and_then(WorkerProperties::offset_flush_interval),
                exactly_once: ExactlyOnce::of(&chosen.config, worker),
                connector: chosen.name,
            },
        )),
    })
}

fn refresh_of(connector: &ConnectorConfig) -> Duration {
    let seconds = connector.get("refresh.topics.interval.seconds").and_then(|text| text.trim().parse().ok());
    seconds.map_or(DEFAULT_REFRESH, Duration::from_secs)
}

/// Sees that the connector and its tasks run, and waits while a rebalance has them without a worker. None has no
/// tasks before the first topic of its `topics` exists: that is no fault.
async fn see_it_run(connect: &Connect, name: &str) -> Result<(), RigError> {
    let begun = Instant::now();
    loop {
        let status = connect.status(name).await?;
        let tasks_run = status.tasks.iter().all(|task| task.state == "RUNNING");
        if status.connector_state == "RUNNING" && tasks_run {
            return Ok(());
        }
        let hint = what_to_do(&status);
        if hint.is_some() || begun.elapsed() >= SETTLED {
            let hint =
                hint.unwrap_or("wait until the workers have settled, or see their logs for what keeps them");
            return Err(RigError::ConnectorNotRunning {
                connector: name.to_owned(),
                what: status.summary(),
                hint: hint.replace("NAME", name),
            });
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// What a person has to do; `None` where it may pass by itself.
fn what_to_do(status: &ConnectorStatus) -> Option<&'static str> {
    if status.has_failed() {
        return Some("GET /connectors/NAME/status shows the trace; restart it once the cause is mended");
    }
    match status.connector_state.as_str() {
        "PAUSED" | "STOPPED" => {
            Some("somebody paused or stopped it; PUT /connectors/NAME/resume lets it go on")
        }
        _ => None,
    }
}

/// Every partition that the test topics really have on the source: one slot each, topic by topic in turn,
/// so that neighbouring records go to different topics.
fn source_slots(source: &Cluster, topics: &TopicsSpec) -> Result<Vec<TopicPartition>, RigError> {
    let existing = source.topics()?;
    let mut slots = Vec::new();
    let partitions = |name: &String| existing.get(name).copied().unwrap_or(0);
    if let Some(missing) = topics.names.iter().find(|name| partitions(name) == 0) {
        return Err(RigError::Broken(format!("topic {missing} was created and is not there")));
    }
    let most = topics.names.iter().map(&partitions).max().unwrap_or(0);
    for partition in 0..most {
        for name in topics.names.iter().filter(|name| partition < partitions(name)) {
            slots.push(TopicPartition { topic: name.clone(), partition: partition as i32 });
        }
    }
    Ok(slots)
}

fn renamed(slots: &[TopicPartition], naming: &TargetNaming) -> Vec<TopicPartition> {
    slots
        .iter()
        .map(|at| TopicPartition { topic: naming.target_topic(&at.topic), partition: at.partition })
        .collect()
}

impl Keeper {
    /// How this chain's target is read: mock brokers answer an empty fetch only after its full wait.
    pub fn probe_options(&self) -> ProbeOptions {
        match self {
            Self::Rehearsal(_) => ProbeOptions { fetch_wait_ms: 5 },
            Self::Nobody | Self::Lab(_) => ProbeOptions::default(),
        }
    }

    /// The rehearsal, where the chain is one.
    pub const fn rehearsal(&self) -> Option<&Rehearsal> {
        match self {
            Self::Rehearsal(rehearsal) => Some(rehearsal),
            Self::Nobody | Self::Lab(_) => None,
        }
    }

    /// Whether the rehearsal's mirror lost sight of records, and with it the truth.
    pub(crate) fn evicted(&self) -> bool {
        self.rehearsal()
            .map(Rehearsal::health)
            .is_some_and(|health| health.evicted || health.failed.is_some())
    }
}

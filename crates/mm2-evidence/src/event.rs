//! Everything that can happen in a run, as it is written to `events.ndjson`: one JSON object a line.
//!
//! A run is the fold of its events and nothing else, so a report can be rebuilt from them alone, also
//! after the writer was killed. Times are the run clock's (milliseconds since the Unix epoch); counts
//! of a step are cumulative since the step began.

use std::collections::BTreeMap;

use mm2_measure::Latency;
use mm2_slo::evidence::StepEvidence;
use mm2_slo::step::Step;
use serde::{Deserialize, Serialize};

use crate::signals::{Panel, SignalsFound};

/// Version of the events and of `run.json`. A change of meaning is a new number.
pub const SCHEMA: u32 = 1;

/// One line of `events.ndjson`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When, milliseconds since the Unix epoch on the run clock (which never steps back).
    pub at_ms: u64,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    /// Always the first.
    RunStarted(Box<RunStarted>),
    /// Something is being waited for, before any load: `what` in plain words.
    Waiting {
        /// What for.
        what: String,
    },
    /// Which signals Prometheus has, and under which names.
    SignalsFound(Box<SignalsFound>),
    /// The chain carried a canary through every expected partition.
    Ready {
        /// Topics that this run created on the source.
        topics_created: Vec<String>,
        /// Partitions, all topics together.
        partitions: u32,
        /// Seconds that the waiting took.
        waited_s: f64,
    },
    /// Load goes on to warm the chain; not judged.
    WarmUpStarted {
        /// Rate, records per second.
        rate_per_sec: u64,
        /// For at least this long, seconds.
        at_least_s: f64,
    },
    /// The warm-up is over and drained.
    WarmUpEnded {
        /// How long the load was on, seconds.
        seconds: f64,
        /// p99 of its consecutive windows of 10 s, milliseconds.
        window_p99_ms: Vec<f64>,
        /// Whether the p99 had stopped falling.
        settled: bool,
    },
    /// Load goes on for a step.
    StepStarted {
        /// The step.
        step: Step,
        /// 1, or 2 when an inconclusive step is held once more.
        attempt: u32,
        /// How long the load will be on, seconds.
        hold_s: f64,
    },
    /// Once a second while a step's audit is open.
    Tick(Tick),
    /// The load went off; the audit stays open.
    LoadOff {
        /// Records handed to the client.
        sent: u64,
        /// Of these, acknowledged so far.
        acked: u64,
        /// Acknowledged and not yet received.
        backlog: u64,
    },
    /// Connect's status showed a change.
    ConnectChanged {
        /// Code of the change: `task_state`, `task_moved`, `worker_silent`, `worker_back`, `connector_state`, …
        change: String,
        /// Of what: a task's id, a worker's address.
        subject: String,
        /// Before.
        from: Option<String>,
        /// After.
        to: Option<String>,
    },
    /// Something went wrong that does not end the run.
    Trouble {
        /// In one sentence.
        text: String,
    },
    /// A step's audit is closed and judged.
    StepEnded(Box<StepEnded>),
    /// The connector is paused under load, to see how the chain catches up afterwards.
    CatchUpStarted {
        /// The load, records per second.
        rate_per_sec: u64,
        /// How long the connector will be paused, seconds.
        outage_s: f64,
    },
    /// The connector is paused.
    Paused,
    /// The connector was told to go on.
    Resumed {
        /// Acknowledged and not received, at that moment.
        backlog: u64,
    },
    /// The chain has caught up, or was given up on.
    CatchUpEnded(Box<CatchUp>),
    /// The climb is over.
    Concluded(Box<mm2_slo::climb::Conclusion>),
    /// Always the last, unless the writer was killed.
    RunEnded {
        /// Whether a person or a signal ended it.
        interrupted: bool,
        /// The exit code that the process is about to end with.
        exit_code: u8,
        /// CPU time that the process used, seconds.
        cpu_s: Option<f64>,
        /// Its largest resident set, bytes.
        rss_max_bytes: Option<u64>,
    },
}

/// What the run is, written before anything is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunStarted {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The folder's name: `<utc>-<phase>`.
    pub run_id: String,
    /// `ramp`.
    pub phase: String,
    /// Version of the tool.
    pub tool_version: String,
    /// The chain.
    pub chain: Chain,
    /// What will be done to it.
    pub plan: Plan,
    /// How every client is configured, by `source.<key>`, `target.<key>`, `producer.<key>`, …; redacted.
    pub settings: BTreeMap<String, String>,
}

/// Which chain a run measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// `rehearsal`, `lab` or `file`.
    pub kind: ChainKind,
    /// Where it was described: a path, or the faults that were rehearsed.
    pub description: String,
    /// What the chain declares that it does not have, and why: `prometheus`, `connect`.
    pub absent: BTreeMap<String, String>,
}

/// Reasons in [`Chain::absent`] that are ours; any other is in the words of whoever wrote the chain file.
pub mod absent {
    /// A rehearsal has neither Connect nor Prometheus.
    pub const REHEARSAL: &str = "a rehearsal has none";
    /// The chain file has no Connect.
    pub const NO_CONNECT: &str = "the chain file says mode = \"none\"";
    /// The chain file has a Connect without REST.
    pub const DEDICATED: &str = "MM2 runs dedicated, without Connect's REST";
}

/// What stands behind `--chain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChainKind {
    /// Mock clusters and a mirror in this process: proves the tool, not a chain.
    Rehearsal,
    /// Real Kafka and MM2 on loopback.
    Lab,
    /// The user's own.
    File,
}

/// The plan, resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The steps to climb, in order.
    pub steps: Vec<Step>,
    /// How long each is held, seconds.
    pub hold_s: f64,
    /// The shortest warm-up, seconds.
    pub warm_up_s: f64,
    /// How long the backlog may take to come back, seconds.
    pub recovery_limit_s: f64,
    /// Size of a record's value, bytes.
    pub record_size_bytes: u64,
    /// What the values are made of: `json`, `random`, `samples`.
    pub payload: String,
    /// Codec of the producer: `none`, `gzip`, …
    pub compression: String,
    /// Topics on the source.
    pub topics: Vec<String>,
    /// Producers that share the rate.
    pub producers: u16,
    /// Whether the climb goes on beyond its steps until one fails.
    #[serde(default)]
    pub beyond: bool,
    /// Whether the failed and the last validated step are brought within 5 % of each other.
    #[serde(default)]
    pub refine: bool,
    /// What production needs at its peak, records per second.
    #[serde(default)]
    pub need_per_sec: Option<u64>,
    /// How long the connector is to be paused to measure the catching up, seconds.
    #[serde(default)]
    pub catch_up_s: Option<f64>,
}

/// One second of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tick {
    /// The step's name; `warm-up` during the warm-up.
    pub step: String,
    /// Whether the load is on.
    pub load_on: bool,
    /// Seconds since the load went on.
    pub elapsed_s: f64,
    /// Handed to the client.
    pub sent: u64,
    /// Acknowledged.
    pub acked: u64,
    /// Failed for good.
    pub failed: u64,
    /// Distinct records received.
    pub received: u64,
    /// Shown to be lost so far.
    pub lost: u64,
    /// Sightings beyond the first.
    pub duplicates: u64,
    /// First sightings behind a later one.
    pub reordered: u64,
    /// Arrived changed.
    pub corrupt: u64,
    /// Milliseconds since load-on, and the backlog then; about ten a tick.
    pub backlog: Vec<(u64, u64)>,
    /// p99 over the step so far, milliseconds.
    pub p99_ms: Option<f64>,
    /// Largest delay of our own sends in this second, milliseconds.
    pub slip_max_ms: Option<f64>,
    /// Latencies (from the intended send time, µs) of the records that arrived in this second:
    /// in JSON an HDR histogram, V2 encoding, base64; empty when none arrived.
    #[serde(with = "packed")]
    pub latency: Latency,
}

/// A finished step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepEnded {
    /// Its name.
    pub step: String,
    /// 1, or 2 for the repeat that replaces an inconclusive hold.
    pub attempt: u32,
    /// What was measured.
    pub evidence: StepEvidence,
    /// What that came to.
    pub verdict: mm2_slo::Verdict,
    /// What measuring cost this process during the hold: mean of CPU cores in use, and the largest
    /// resident set in bytes.
    pub own_cpu_cores: Option<f64>,
    /// Largest resident set, bytes.
    pub own_rss_max_bytes: Option<u64>,
    /// What Prometheus showed, by signal; empty where the chain has none.
    #[serde(default)]
    pub panels: Vec<Panel>,
    /// Which hop saturates; of a step that is not GO.
    #[serde(default)]
    pub attribution: Option<mm2_slo::attribution::Attribution>,
}

/// How a chain caught up after an outage of its connector, the load going on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CatchUp {
    /// The load during outage and drain, records per second.
    pub rate_per_sec: u64,
    /// From the pause to the resumption, seconds, as measured.
    pub outage_s: f64,
    /// Backlog at the resumption, records.
    pub backlog_at_resume: u64,
    /// The largest backlog, records.
    pub backlog_max: u64,
    /// What counts as caught up, records: the load is still on, so that a chain that keeps up has records under way.
    pub caught_up_below: u64,
    /// From the resumption until the backlog was below that to stay for 10 s (those left out), seconds; `None`
    /// when it was not within the limit.
    pub drain_s: Option<f64>,
    /// How long the drain was waited for, seconds.
    pub limit_s: f64,
    /// The drain: milliseconds since the resumption, and the backlog then; about one a second.
    pub curve: Vec<(u64, u64)>,
    /// Records that MM2 replicated per second while it caught up; `None` when it did not.
    pub drain_per_sec: Option<f64>,
    /// Proven lost, records; `None` when nobody could see.
    pub lost: Option<u64>,
    /// Neither seen nor proven lost when the audit ended, records; `None` when nobody could see.
    pub unseen: Option<u64>,
    /// Records that arrived more than once; `None` when nobody could see.
    pub duplicates: Option<u64>,
    /// How long the source keeps a record at this load, seconds: the least of its topics, by `retention.ms` and by
    /// the fill of `retention.bytes`; `None` where it keeps them for ever, or it could not be read.
    pub retention_s: Option<f64>,
}

/// A latency distribution as one word of text.
mod packed {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use mm2_measure::Latency;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(latency: &Latency, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&match latency.count() {
            0 => String::new(),
            _ => STANDARD.encode(latency.encode()),
        })
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Latency, D::Error> {
        let text = String::deserialize(from)?;
        if text.is_empty() {
            return Ok(Latency::new());
        }
        Latency::decode(&STANDARD.decode(text).map_err(D::Error::custom)?).map_err(D::Error::custom)
    }
}

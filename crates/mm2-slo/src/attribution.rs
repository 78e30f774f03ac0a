//! Why a step stopped: which hop of the chain saturates, from the evidence, and what to try next.
//!
//! Not a verdict, and it changes none: it reads what was measured of a step that is not GO. Where the evidence does
//! not single a hop out, it says so.

use serde::{Deserialize, Serialize};

use crate::name::Signal;
use crate::unit::Unit;

/// What the evidence of a step points at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    /// The hop that saturates; `None` is "not determined".
    pub hop: Option<Hop>,
    /// The figures that were looked at, those that point at a hop first.
    pub signs: Vec<Sign>,
    /// What to try next, best first.
    pub advice: Vec<Advice>,
    /// Signals that would have helped and were not there.
    pub blind: Vec<Signal>,
}

/// A place where records can queue, from our own sender to the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Hop {
    /// Our own generator.
    Generator,
    /// The source's brokers: acknowledgement, client queue, throttle.
    Source,
    /// MM2 reading the source.
    Fetch,
    /// The Connect workers' processors or memory.
    Worker,
    /// MM2's producers, by their own settings.
    Produce,
    /// The target's brokers: acknowledgement, throttle.
    Target,
}

/// A figure that was held against the value from which on it points at a hop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sign {
    /// The hop that it tells of.
    pub hop: Hop,
    /// The signal.
    pub signal: Signal,
    /// Its value, in `unit`.
    pub value: f64,
    /// From here on it points at the hop, in `unit`.
    pub from: f64,
    /// The unit of both.
    pub unit: Unit,
    /// Whether it does.
    pub points: bool,
}

/// A setting to change, or a thing to do, next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Advice {
    /// Raise this setting of the connector.
    Raise(String),
    /// Lower or remove the quota that throttles.
    LiftQuota,
    /// Give the workers more processor time, or more workers.
    MoreWorkers,
    /// Give the workers' JVMs more memory.
    MoreHeap,
    /// Look at the brokers' disks, network and replication.
    LookAtBrokers,
    /// Run the generator on a host that is less busy.
    MoreGenerator,
}

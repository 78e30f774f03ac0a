//! A real chain on one machine: two Kafka clusters (`source`, `target`) and two Connect workers that run
//! MirrorMaker 2, measured by a JMX agent in each, Prometheus and node_exporter, as child processes on free
//! loopback ports.
//!
//! [`Lab::up`] starts one that lives as long as the value. [`supervisor`] keeps one up after the command
//! that started it has ended, and [`running`] finds it. Either way the lab is used through a chain file,
//! the same kind of file that a person writes for their own chain.
//!
//! Nothing of a lab outlives its owner, whatever kills the owner: see [`Lab::spawn`].
//!
//! Not here: topics (whoever loads the chain creates them), and anything that speaks the Kafka protocol.
//! Linux only, and only at run time: it leans on `/proc` and on util-linux's `setpriv`.

mod agent;
mod boot;
mod chain;
mod distribution;
mod error;
mod fleet;
mod folders;
mod home;
mod jars;
mod lab;
mod options;
mod ports;
mod process;
mod prometheus;
mod rest;
mod settings;
mod state;
pub mod supervisor;
mod tied;
mod tools;
mod versions;

pub use error::LabError;
pub use folders::{default_cache_dir, default_state_dir};
pub use lab::Lab;
pub use options::LabOptions;
pub use process::ProcessId;
pub use state::{LabMetrics, LabProcess, LabState, Role, running};
pub use versions::{AgentVersion, KafkaVersion, MetricNaming};

//! A chain opened for measuring: reach it, see that it replicates, warm it up, hold a step, recover.
//!
//! The rig drives load and probe, watches Connect and reads Prometheus; what it hands out is a
//! [`mm2_slo::evidence::StepEvidence`] and what the panels showed.
//! Absent from here: judging, printing, ladders.

mod catch_up;
mod chain_file;
mod cluster_settings;
mod connect_watch;
mod error;
mod hold;
mod mirror_switch;
mod open;
mod own_cost;
mod panels;
mod prometheus_spec;
mod recover;
mod rig;
mod site;
mod spec;
mod warm_up;

pub use catch_up::CatchUpPlan;
pub use chain_file::{
    ChainFile, ExpectSection, NameValue, PrometheusSection, RequirementSection, SelectorsSection,
    TopicsSection, WorkerHosts,
};
pub use error::{RigError, RigErrorKind};
pub use hold::Held;
pub use own_cost::OwnCost;
pub use prometheus_spec::PrometheusSpec;
pub use recover::Recovered;
pub use rig::{Owes, Rig, RigOptions};
pub use site::{Expect, Requirement};
pub use spec::{ChainSpec, ConnectSpec, Keeper, TopicsSpec};
pub use warm_up::WarmUp;

//! Kafka Connect's REST as a measurement needs it: which connector mirrors our topics, how it names
//! them on the target, and whether anything restarted while we watched.
//!
//! Absent on purpose: no Kafka, no printing. Only `GET` is ever sent, but for [`Connect::pause`] and
//! [`Connect::resume`].
//!
//! A connector's configuration holds passwords in clear. It leaves this crate only inside
//! [`ConnectorConfig`], whose `Debug` and [`ConnectorConfig::redacted`] hide them.

mod change;
mod choose;
mod client;
mod config;
mod error;
mod http;
mod login;
mod naming;
mod pattern;
mod poll;
mod secret;
mod status;
mod watch;
mod worker;

pub use choose::{Chosen, choose_among};
pub use client::{Connect, ConnectSettings};
pub use config::{ConnectorConfig, ExactlyOnce};
pub use error::{ConnectError, NamingError};
pub use naming::TargetNaming;
pub use pattern::{Selects, TopicFilter};
pub use poll::{Poll, PollCounts, poll_status};
pub use status::{ConnectorStatus, TaskStatus, WorkerHealth};
pub use watch::{ConnectChange, Watcher};
pub use worker::WorkerProperties;

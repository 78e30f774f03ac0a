//! What Prometheus knows of a MirrorMaker 2 chain, as observations.
//!
//! ```text
//! catalogue ─► Prometheus::find ─► Signals: which metric is which signal here, and the naming report
//!                                     └─► Signals::read(window) ─► a Reading a signal: samples, panel, raw series
//! ```
//! Metric names differ from site to site: the catalogue says how each signal may be spelled, `find` looks what
//! Prometheus really has, the chain file overrides. Samples are read raw, as they were scraped.
//!
//! Not here: what is good enough (`mm2-slo`), when to read and what it means for a step (`mm2-rig`).

mod catalogue;
mod chain;
mod client;
mod error;
mod find;
mod inventory;
mod labels;
mod near;
mod observe;
mod plan;
mod promql;
mod reading;
mod series;
mod settings;
mod signals;
mod whose;

pub use catalogue::{Described, DescribedWay, catalogue};
pub use error::MetricsError;
pub use find::Prometheus;
pub use reading::{RawLine, RawSeries, Reading};
pub use settings::{Expected, NameOverride, PrometheusSettings, Scope, Window};
pub use signals::Signals;

#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![warn(clippy::cast_possible_truncation, clippy::cast_sign_loss)]

pub mod attribution;
mod bands;
#[cfg(feature = "toml")]
mod builtin;
pub mod climb;
mod criteria;
mod criterion;
mod error;
pub mod evidence;
mod explain;
pub mod finding;
pub mod guide;
mod judge;
pub mod ladder;
pub mod level;
mod lint;
mod name;
mod number;
pub mod observations;
pub mod phase;
pub mod proof;
pub mod recovery;
pub mod selection;
pub mod stats;
pub mod step;
mod stream;
pub mod sustained;
#[cfg(feature = "toml")]
mod toml_text;
pub mod trend;
mod unit;
mod verdict;
pub mod wire;

pub use bands::{Band, Bands};
pub use climb::{Climb, Conclusion};
pub use criteria::Criteria;
pub use criterion::Criterion;
pub use error::Error;
pub use evidence::StepEvidence;
pub use finding::{Finding, Missing, Outcome, Reason};
pub use ladder::Ladder;
pub use level::Level;
pub use lint::{Form, Linted, Trial, lint};
pub use name::{CriterionName, Signal};
pub use observations::{Latency, Observation, Observations, Sampled, Series, Setting, Source, Total};
pub use phase::Phase;
pub use recovery::recovery_seconds;
pub use selection::Selection;
pub use step::Step;
pub use stream::{SeriesId, Stream};
pub use unit::{Quantity, Unit};
pub use verdict::Verdict;

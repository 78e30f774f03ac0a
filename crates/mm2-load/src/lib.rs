//! A known load on a Kafka cluster, every delivery accounted for.
//!
//! Two kinds. A *hold* is an open loop on an absolute schedule, every record stamped and numbered, so that what
//! comes out on the other side can be audited: record *i* is due at t0 + i/rate, whatever the cluster does; what
//! was not sent by the end of the hold is abandoned and counted. A *timed* load is for whoever wants to know what
//! the source takes: on a schedule or flat out, values as they are, each acknowledgement timed.
//!
//! Senders are OS threads; deliveries are served on threads of their own. Absent from here: reading anything
//! back, judging, tokio.

mod acks;
mod backpressure;
mod cap;
mod compression;
mod crew;
mod deliveries;
mod hold;
mod loader;
mod pace;
mod sender;
mod tag;
mod timed;

pub use acks::{AckLatency, AckWindow};
pub use compression::{Compression, UnknownCodec};
pub use crew::LoadReport;
pub use hold::{HoldSpec, RunningHold};
pub use loader::{LoadError, Loader, LoaderOptions};
pub use pace::{FlatOut, Pace};
pub use timed::{TimedLoad, TimedSpec};

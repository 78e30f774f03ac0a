//! A known load on a Kafka cluster: an open loop on an absolute schedule, every record stamped, every
//! delivery accounted for.
//!
//! Record *i* of a hold is due at t0 + i/rate, whatever the cluster does; what was not sent by the end
//! of the hold is abandoned and counted. Senders are OS threads; deliveries are served on threads of
//! their own. Absent from here: reading anything back, judging, tokio.

mod cap;
mod deliveries;
mod hold;
mod loader;
mod sender;
mod tag;

pub use hold::{HoldSpec, LoadReport, RunningHold};
pub use loader::{LoadError, Loader, LoaderOptions};

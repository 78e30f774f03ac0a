//! What every binary shares at its edge: where each value came from, printing, progress, signals and exit
//! codes. Nothing of Kafka, nothing of what is measured, nothing of configuration files (`mm2-config`).
//!
//! A whole binary looks like this (`examples/edge.rs` is one that runs):
//! ```ignore
//! fn main() -> ExitCode {
//!     mm2_cli::run_main(ramp::run)          // ramp::run: async fn(Invocation<Args>) -> Result<ExitStatus, Failure>
//! }
//! ```

mod exit;
mod layers;
mod logging;
mod printer;
mod progress;
mod signals;

pub use exit::{ExitStatus, Failure, Invocation, OrFail, run_main};
pub use layers::{Layered, Layers, Origin, show_config};
pub use printer::{Printer, Volume};
pub use progress::{Progress, ProgressView};
pub use signals::Stop;

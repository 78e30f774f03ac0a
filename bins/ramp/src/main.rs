//! `ramp`: Phase 4 of the runbook. See the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    mm2_cli::run_main(ramp_cli::run)
}

//! `report`: rebuilds reports from the events of a run. See the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    mm2_cli::run_main(report_cli::run)
}

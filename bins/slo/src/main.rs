//! `slo`: judges your own figures by criteria. See the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    mm2_cli::run_main(slo_cli::run)
}

//! `bomber`: load for the source topics. See the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    mm2_cli::run_main(bomber_cli::run)
}

//! See the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab_cli::main_with(std::env::args_os())
}

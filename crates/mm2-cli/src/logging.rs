//! Logs of all crates to stderr, above the live block. Not for what the person is meant to read: that is printed.

use std::io;

use tracing_subscriber::EnvFilter;

use crate::{Printer, Volume};

/// The variable that overrides the level, in the syntax of `tracing_subscriber::EnvFilter`.
const VARIABLE: &str = "MM2_LOG";

/// Starts logging: `warn` by default, errors only when quiet, more for each `-v`; `MM2_LOG` wins over all.
pub(crate) fn init(volume: Volume, verbose: u8, printer: Printer) -> anyhow::Result<()> {
    let level = match (volume, verbose) {
        (Volume::Quiet, _) => "error",
        (Volume::Normal, 0) => "warn",
        (Volume::Normal, 1) => "warn,mm2=info",
        (Volume::Normal, 2) => "info,mm2=debug",
        (Volume::Normal, _) => "debug,mm2=trace",
    };
    let filter = match std::env::var(VARIABLE) {
        Ok(directives) if !directives.is_empty() => EnvFilter::try_new(&directives).map_err(|e| {
            anyhow::anyhow!("cannot read {VARIABLE} ({e}); hint: write it like `warn,mm2_load=debug`")
        })?,
        _ => EnvFilter::new(level),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(move || AboveTheBlock(printer.clone()))
        .try_init()
        .map_err(|e| anyhow::anyhow!("cannot start logging: {e}"))
}

/// A writer for one log line. The subscriber hands it over in one piece.
struct AboveTheBlock(Printer);

impl io::Write for AboveTheBlock {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.to_stderr(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

//! Data on standard output, all else on standard error. A reader that went away is not an error.

use std::{
    fmt::Display,
    io::{self, Write},
};

use mm2_lab::LabState;

pub(crate) fn data(text: impl Display) {
    writeln!(io::stdout(), "{text}").ok();
}

pub(crate) fn say(text: impl Display) {
    writeln!(io::stderr(), "lab: {text}").ok();
}

/// A line for each process, and the chain file.
pub(crate) fn table(state: &LabState) -> String {
    let mut lines = vec![format!("{:10} {:>7} {:>6}  {:6}  {}", "process", "pid", "port", "state", "log")];
    lines.extend(state.processes.iter().map(|process| {
        let life = if process.id.is_alive() { "alive" } else { "ENDED" };
        let (pid, log) = (process.id.pid, process.log.display());
        format!("{:10} {pid:>7} {:>6}  {life:6}  {log}", process.role, process.port)
    }));
    lines.push(format!("supervisor {:>7}", state.owner.pid));
    lines.push(format!("chain file {}", state.chain_file.display()));
    lines.join("\n")
}

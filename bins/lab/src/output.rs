//! What `lab` says, through the printer that all binaries share.

use std::fmt::Display;

use mm2_cli::{Printer, Volume};
use mm2_lab::{LabMetrics, LabState};

pub(crate) fn data(text: impl Display) {
    // Nothing is left to be done when standard output does not take it.
    Printer::new(Volume::Normal).data(&text.to_string()).ok();
}

pub(crate) fn say(text: impl Display) {
    Printer::new(Volume::Normal).line(&format!("lab: {text}"));
}

/// A line for each process, and the chain file.
pub(crate) fn table(state: &LabState) -> String {
    let mut lines =
        vec![format!("{:13} {:>7} {:>6} {:>6}  {:6}  {}", "process", "pid", "port", "agent", "state", "log")];
    lines.extend(state.processes.iter().map(|process| {
        let life = if process.id.is_alive() { "alive" } else { "ENDED" };
        let (pid, log) = (process.id.pid, process.log.display());
        let agent = process.agent_port.map_or("-".to_owned(), |port| port.to_string());
        format!("{:13} {pid:>7} {:>6} {agent:>6}  {life:6}  {log}", process.role, process.port)
    }));
    lines.push(format!("{:13} {:>7}", "supervisor", state.owner.pid));
    lines.push(format!("Kafka {} from {}", state.kafka_version, state.libs.display()));
    lines.push(match &state.metrics {
        Some(LabMetrics { agent_version, naming, prometheus_url }) => {
            format!("metrics by agent {agent_version}, naming {naming}, in {prometheus_url}")
        }
        None => "no metrics".to_owned(),
    });
    lines.push(format!("chain file {}", state.chain_file.display()));
    lines.join("\n")
}

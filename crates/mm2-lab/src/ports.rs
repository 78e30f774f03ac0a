//! Free loopback ports. A port can still be taken before a JVM binds it: the boot then tries again.

use std::{io, net::TcpListener};

use crate::LabError;

/// Below what Linux hands to outgoing connections (32768 and up), so that none of them takes the port of
/// a JVM that is just being restarted.
const RANGE: std::ops::Range<u16> = 20_000..32_768;

/// Every port of one lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ports {
    pub(crate) source: BrokerPorts,
    pub(crate) target: BrokerPorts,
    pub(crate) workers: [WorkerPorts; 2],
    pub(crate) prometheus: u16,
    pub(crate) node_exporter: u16,
}

/// The ports of a broker that is its own controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BrokerPorts {
    pub(crate) clients: u16,
    pub(crate) controller: u16,
    pub(crate) agent: u16,
}

/// The ports of a Connect worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WorkerPorts {
    pub(crate) rest: u16,
    pub(crate) agent: u16,
}

impl Ports {
    pub(crate) fn free() -> Result<Self, LabError> {
        // All are held until all are found: no port twice.
        let mut held = Vec::new();
        let mut next = || -> Result<u16, LabError> {
            let listener = free_listener().map_err(LabError::io("find a free port on 127.0.0.1"))?;
            let port = listener.local_addr().map_err(LabError::io("read a port"))?.port();
            held.push(listener);
            Ok(port)
        };
        let mut broker = || -> Result<BrokerPorts, LabError> {
            Ok(BrokerPorts { clients: next()?, controller: next()?, agent: next()? })
        };
        let (source, target) = (broker()?, broker()?);
        let mut worker =
            || -> Result<WorkerPorts, LabError> { Ok(WorkerPorts { rest: next()?, agent: next()? }) };
        let workers = [worker()?, worker()?];
        Ok(Self { source, target, workers, prometheus: next()?, node_exporter: next()? })
    }
}

fn free_listener() -> io::Result<TcpListener> {
    let mut last = io::Error::other("none was tried");
    for _ in 0..200 {
        match TcpListener::bind(("127.0.0.1", fastrand::u16(RANGE))) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// For the tests of what is written with them.
#[cfg(test)]
pub(crate) const TEST_PORTS: Ports = Ports {
    source: BrokerPorts { clients: 1, controller: 2, agent: 11 },
    target: BrokerPorts { clients: 3, controller: 4, agent: 13 },
    workers: [WorkerPorts { rest: 5, agent: 15 }, WorkerPorts { rest: 6, agent: 16 }],
    prometheus: 7,
    node_exporter: 8,
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn twelve_different_ports_are_free_and_below_those_of_outgoing_connections() {
        let Ports { source, target, workers, prometheus, node_exporter } = Ports::free().unwrap();
        let brokers = [source, target].map(|broker| [broker.clients, broker.controller, broker.agent]);
        let workers = workers.map(|worker| [worker.rest, worker.agent]);
        let all: Vec<u16> = [brokers.concat(), workers.concat(), vec![prometheus, node_exporter]]
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 12);
        for port in all {
            assert!(RANGE.contains(&port));
            TcpListener::bind(("127.0.0.1", port)).unwrap();
        }
    }
}

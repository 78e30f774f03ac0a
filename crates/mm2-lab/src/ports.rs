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
    pub(crate) workers: [u16; 2],
}

/// The ports of a broker that is its own controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BrokerPorts {
    pub(crate) clients: u16,
    pub(crate) controller: u16,
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
        Ok(Self {
            source: BrokerPorts { clients: next()?, controller: next()? },
            target: BrokerPorts { clients: next()?, controller: next()? },
            workers: [next()?, next()?],
        })
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn six_different_ports_are_free_and_below_those_of_outgoing_connections() {
        let Ports { source, target, workers } = Ports::free().unwrap();
        let all =
            [source.clients, source.controller, target.clients, target.controller, workers[0], workers[1]];
        assert_eq!(BTreeSet::from(all).len(), 6);
        for port in all {
            assert!(RANGE.contains(&port));
            TcpListener::bind(("127.0.0.1", port)).unwrap();
        }
    }
}

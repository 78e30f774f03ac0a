//! Real JVMs, with ports of the test's choice.

use std::{cell::RefCell, net::TcpListener};

use super::*;

#[test]
fn a_port_that_was_taken_meanwhile_is_replaced() {
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = stranger.local_addr().unwrap().port();
    let choices = RefCell::new(0);
    // First a broker's agent finds its port taken, then a worker; the third time all is well.
    let choose = || {
        let mut ports = Ports::free()?;
        match choices.replace_with(|count| *count + 1) {
            0 => ports.source.agent = taken,
            1 => ports.workers[1].rest = taken,
            _ => {}
        }
        Ok(ports)
    };
    let tied = Tied::new().unwrap();
    let cancel = AtomicBool::new(false);
    let parts = Parts::find(&LabOptions::default(), &tied, &mut |_| ()).unwrap();
    let home = Home::open(None).unwrap();
    let (mut fleet, state) = boot(&home, &parts, &tied, &cancel, choose, &mut |_| ()).unwrap();
    assert_eq!(choices.into_inner(), 3);
    assert!(state.processes.iter().all(|process| process.port != taken));
    fleet.stop().unwrap();
    assert_eq!(state.alive().count(), 0);
}

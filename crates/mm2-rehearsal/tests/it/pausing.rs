//! A paused mirror writes nothing, reads on, and forgets nothing.

use std::time::{Duration, Instant};

use crate::support::chain;

const MS: Duration = Duration::from_millis(1);
const LIMIT: Duration = Duration::from_secs(10);

#[test]
fn what_is_sent_during_a_pause_arrives_after_it() {
    let chain = chain(3, "");
    for i in 0..300 {
        chain.sender.send_value(i % 3, b"before");
    }
    assert_eq!(chain.probe.read(300, LIMIT).len(), 300);
    chain.rehearsal.pause();
    // The writer looks that often, and no more.
    std::thread::sleep(100 * MS);
    let paused = Instant::now();
    for i in 0..3000 {
        chain.sender.send_value(i % 3, &[0; 1024]);
    }
    assert!(chain.probe.poll(500 * MS).is_none(), "nothing is written");
    let deadline = Instant::now() + LIMIT;
    while chain.rehearsal.health().held < 3000 && Instant::now() < deadline {
        std::thread::sleep(MS);
    }
    assert_eq!(chain.rehearsal.health().held, 3000, "but read");
    let lasted = paused.elapsed();
    chain.rehearsal.resume();
    assert_eq!(chain.probe.read(3000, LIMIT).len(), 3000);
    assert!(chain.probe.poll(50 * MS).is_none(), "nothing is there twice");
    let told = chain.rehearsal.journal().steps.pop().unwrap();
    let told_ms = Duration::from_millis(told.paused_ms);
    assert!(told_ms + 50 * MS >= lasted && told_ms <= lasted + 1000 * MS, "{told_ms:?} of {lasted:?}");
    assert_eq!(told.mirrored, 3300);
}

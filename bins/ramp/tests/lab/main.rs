//! `ramp` on the real thing: needs java, and mvn with a network or a filled cache. Asked for by the feature
//! `lab-tests`.

#![expect(clippy::unwrap_used, reason = "a helper of tests is to fail like a test")]

#[path = "../common/mod.rs"]
mod common;

mod climbing;
mod killed;
mod not_ready;
mod outages;
mod panels;

use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use mm2_lab::{LabState, Role, running};

use crate::common::{Place, Ramp};

/// One lab at a time: each is four JVMs.
fn my_turn() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts `ramp --chain lab` with these arguments, and tells who is who in its lab: four JVMs. Without Prometheus, since
/// MM2's windowed panels cannot be judged on the short holds of a test.
fn ramp_on_a_lab<'p>(place: &'p Place, args: &[&str]) -> (Ramp<'p>, LabState) {
    ramp_on(place, args, &[("MM2_LAB_METRICS", "off")], 4)
}

/// The same with Prometheus and node_exporter.
fn ramp_on_a_measured_lab<'p>(place: &'p Place, args: &[&str]) -> (Ramp<'p>, LabState) {
    ramp_on(place, args, &[], 6)
}

fn ramp_on<'p>(
    place: &'p Place,
    args: &[&str],
    env: &[(&str, &str)],
    processes: usize,
) -> (Ramp<'p>, LabState) {
    let ramp = place.start(&[&["--chain", "lab"], args].concat(), env);
    let lab = within(180, "the lab is up", || {
        let folder = fs::read_dir(place.path("tmp")).unwrap().next()?.unwrap().path();
        running(&folder)
    });
    assert_eq!(lab.alive().count(), processes);
    (ramp, lab)
}

/// What the closure finds within the limit.
fn within<T>(seconds: u64, what: &str, mut find: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = find() {
            return found;
        }
        assert!(started.elapsed() < Duration::from_secs(seconds), "not within {seconds} s: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

fn assert_gone_within(seconds: u64, lab: &LabState) {
    within(seconds, "every process of the lab is gone", || lab.alive().next().is_none().then_some(()));
}

fn pid(lab: &LabState, role: Role) -> u32 {
    lab.process(role).unwrap().id.pid
}

//! Real JVMs: needs java, and mvn with a network or a filled cache. Asked for by the feature `lab-tests`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path, sync::Mutex};

use mm2_lab::{Lab, LabError, LabOptions, LabState, Role, running};
use serde_json::Value;

/// One lab at a time: each is four JVMs.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn get(port: u16, path: &str) -> Value {
    ureq::get(format!("http://127.0.0.1:{port}{path}")).call().unwrap().body_mut().read_json().unwrap()
}

fn assert_all_gone(state: &LabState) {
    let alive: Vec<_> = state.alive().collect();
    assert!(alive.is_empty(), "still there: {alive:?}");
}

#[test]
fn a_lab_runs_its_connector_on_two_workers_and_leaves_nothing_behind() {
    let _turn = ONE_AT_A_TIME.lock();
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("a lab");
    let options = LabOptions { state_dir: Some(folder.clone()), ..LabOptions::default() };
    let mut steps = Vec::new();
    let mut lab = Lab::up(&options, &mut |step| steps.push(step.to_owned())).unwrap();
    assert!(steps.len() >= 4, "{steps:?}");
    assert!(lab.newly_ended().is_empty());

    let state = lab.state().clone();
    assert_eq!(running(&folder), Some(state.clone()));
    assert_eq!(state.alive().count(), 4);
    let port = |role| state.process(role).unwrap().port;
    for worker in [Role::Worker1, Role::Worker2] {
        let status = get(port(worker), "/connectors/mm2-source/status");
        assert_eq!(status["connector"]["state"], "RUNNING", "{status}");
    }
    assert_chain_file(lab.chain_file(), port(Role::Source), port(Role::Target));

    let busy = Lab::up(&options, &mut |_| ()).unwrap_err();
    assert!(matches!(busy, LabError::Busy { .. }), "{busy}");

    lab.down().unwrap();
    assert_all_gone(&state);
    assert_eq!(running(&folder), None);
    let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name == "data"), "{left:?}");
    assert!(folder.join("logs/worker-2.log").exists());
}

fn assert_chain_file(path: &Path, source: u16, target: u16) {
    let chain: toml::Table = fs::read_to_string(path).unwrap().parse().unwrap();
    let bootstrap = |side: &str| chain[side]["bootstrap_servers"].as_str().unwrap().to_owned();
    assert_eq!(bootstrap("source"), format!("127.0.0.1:{source}"));
    assert_eq!(bootstrap("target"), format!("127.0.0.1:{target}"));
    let worker_properties = chain["connect"]["worker_properties"].as_str().unwrap();
    assert!(fs::read_to_string(worker_properties).unwrap().contains("group.id="));
}

#[test]
fn a_dropped_lab_is_gone_with_its_temporary_folder() {
    let _turn = ONE_AT_A_TIME.lock();
    let lab = Lab::up(&LabOptions::default(), &mut |_| ()).unwrap();
    let state = lab.state().clone();
    assert_eq!(state.alive().count(), 4);
    drop(lab);
    assert_all_gone(&state);
    assert!(!state.state_dir.exists());
}

#[test]
fn a_worker_that_was_killed_is_told_once_and_does_not_hinder_the_end() {
    let _turn = ONE_AT_A_TIME.lock();
    let mut lab = Lab::up(&LabOptions::default(), &mut |_| ()).unwrap();
    let state = lab.state().clone();
    let worker = state.process(Role::Worker1).unwrap();
    let killed =
        std::process::Command::new("kill").args(["-9", &worker.id.pid.to_string()]).status().unwrap();
    assert!(killed.success());
    let told = (0..100).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        lab.newly_ended().pop()
    });
    assert!(told.is_some_and(|told| told.contains("worker-1") && told.contains("signal: 9")));
    assert!(lab.newly_ended().is_empty());
    lab.down().unwrap();
    assert_all_gone(&state);
}

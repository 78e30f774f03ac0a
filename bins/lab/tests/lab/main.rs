//! The `lab` program with real processes: needs java, prometheus and prometheus-node-exporter, and mvn with a
//! network or a filled cache. Asked for by the feature `lab-tests`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;

use std::{fs, path::Path, process::Stdio, sync::Mutex};

use common::{Place, assert_code, kill_hard, pids, signal, text, within};
use mm2_lab::{LabState, ProcessId, running};

/// One lab at a time: each is four JVMs.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn assert_gone_within(seconds: u64, state: &LabState) {
    within(seconds, "every process of the lab is gone", || {
        (state.alive().next().is_none() && !state.owner.is_alive()).then_some(())
    });
}

#[test]
fn a_lab_that_was_started_stays_up_until_it_is_ended() {
    let _turn = ONE_AT_A_TIME.lock();
    let place = Place::new();
    let up = place.lab(["up"]).output().unwrap();
    assert_code(&up, 0);
    let chain_file = text(&up.stdout).trim().to_owned();
    assert!(fs::read_to_string(&chain_file).unwrap().contains("[source]"));

    let status = place.lab(["status", "--json"]).output().unwrap();
    assert_code(&status, 0);
    let state: LabState = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(running(&place.state_dir()), Some(state.clone()));
    assert_eq!(state.alive().count(), 6);
    assert_eq!(Path::new(&chain_file), state.chain_file);
    let table = text(&place.lab(["status"]).output().unwrap().stdout);
    let url = state.metrics.as_ref().unwrap().prometheus_url.as_str();
    for part in ["node-exporter", "Kafka 3.9.1", "agent 0.20.0", url] {
        assert!(table.contains(part), "no {part} in {table}");
    }

    let other = place.lab(["up", "--kafka", "4.1.1"]).output().unwrap();
    assert_code(&other, 69);
    assert!(text(&other.stderr).contains("has Kafka 3.9.1, not Kafka 4.1.1"), "{}", text(&other.stderr));
    let again = place.lab(["up"]).output().unwrap();
    assert_code(&again, 0);
    assert_eq!(text(&again.stdout).trim(), chain_file, "a second `lab up` finds the first one's lab");

    assert_code(&place.lab(["down"]).output().unwrap(), 0);
    assert_gone_within(0, &state);
    assert!(place.state_dir().join("logs/source.log").exists());
    assert_code(&place.lab(["status"]).output().unwrap(), 69);
    assert_code(&place.lab(["down", "--purge"]).output().unwrap(), 0);
    assert!(!place.state_dir().exists());
}

#[test]
fn a_killed_supervisor_leaves_no_process_and_its_remains_are_told_and_cleaned() {
    let _turn = ONE_AT_A_TIME.lock();
    let place = Place::new();
    assert_code(&place.lab(["up"]).output().unwrap(), 0);
    let state = running(&place.state_dir()).unwrap();
    assert_eq!(state.alive().count(), 6);
    signal("KILL", state.owner.pid);
    assert_gone_within(10, &state);
    let status = place.lab(["status"]).output().unwrap();
    assert_code(&status, 69);
    assert!(text(&status.stderr).contains("cleaned up"), "{}", text(&status.stderr));
    assert!(!place.state_dir().join("data").exists());
}

#[test]
fn a_killed_run_leaves_neither_jvms_nor_prometheus_nor_its_command() {
    let _turn = ONE_AT_A_TIME.lock();
    let place = Place::new();
    let script = format!("echo $$ > '{}'; exec sleep 600", place.path("pid").display());
    let owner = place.lab(["run", "--", "sh", "-c", &script]).stderr(Stdio::null()).spawn().unwrap();
    let command = within(180, "the command runs", || pids(&place.path("pid")).pop());
    let command = ProcessId::of(command).unwrap();
    let folder = fs::read_dir(place.path("tmp")).unwrap().next().unwrap().unwrap().path();
    let state = running(&folder).unwrap();
    assert_eq!(state.alive().count(), 6);
    kill_hard(owner);
    assert_gone_within(10, &state);
    assert!(!command.is_alive());
}

#[test]
fn a_run_without_metrics_gives_its_command_the_chain_file_and_takes_its_exit_code() {
    let _turn = ONE_AT_A_TIME.lock();
    let place = Place::new();
    let run =
        place.lab(["run", "--no-metrics", "--", "sh", "-c", "cat \"$MM2_CHAIN\"; exit 7"]).output().unwrap();
    assert_code(&run, 7);
    let chain = text(&run.stdout);
    assert!(chain.starts_with("[source]") && chain.contains("without metrics"), "{chain}");
    assert_eq!(fs::read_dir(place.path("tmp")).unwrap().count(), 0);
}

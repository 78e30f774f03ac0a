//! `--catch-up`: the outage that is measured, and the ways back from one that is not.

use mm2_rehearsal::Rehearsal;
use serde_json::{Value, json};

use crate::common::{Place, slipped};
use crate::fakes::Fakes;
use crate::own_sites::{PLAN, chain, mirror};

const CALL: [&str; 7] = ["--chain", "chain.toml", "--plan", "plan.toml", "--catch-up", "15s", "--yes"];

fn is_paused(event: &Value) -> bool {
    event["event"] == "paused"
}

/// A chain of its own, whose Connect is `fakes`: the mirror goes on whatever is asked of that.
fn place(mirror: &Rehearsal, fakes: &Fakes) -> Place {
    let place = Place::new();
    place.write("plan.toml", PLAN);
    let connect = fakes.fill_in("mode = \"rest\", urls = [\"http://CONNECT/steered/\"]");
    place.write("chain.toml", &chain(mirror, &connect, ""));
    place
}

/// The mirror carries 400/s. The step that fails leaves it some 13 s of work, which the outage must not be measured in.
#[test]
fn an_outage_begins_on_a_drained_chain_and_its_drain_is_what_the_mirror_has_to_spare() {
    let place = Place::new();
    let high = "\n[[step]]\nname = \"high\"\nrate_per_sec = 1200\np99_limit_ms = 4000\nmm2_avg_limit_ms = 4000\nmm2_max_limit_ms = 4000\n";
    place.write("plan.toml", &format!("{}{high}", PLAN.replace("recovery = \"30s\"", "recovery = \"11s\"")));
    let args = ["--plan", "plan.toml", "--topics", "1", "--rehearse", "cap=400/s", "--catch-up", "10s"];
    let said = place.start(&args, &[]).ended_within(300);
    let run = place.run_json();
    if slipped(&run) {
        println!("our own generator was late: {}", said.err);
        return;
    }
    assert_eq!(said.code, Some(10), "{}\n{}", said.err, said.out);
    for told in [
        "catch-up: the connector is paused",
        "records behind; waiting until",
        "s of outage at 210/s the chain needed",
    ] {
        assert!(said.err.contains(told), "{told} is not told: {}", said.err);
    }
    let catch_up = &run["catch_up"];
    let figure = |name: &str| catch_up[name].as_f64().unwrap_or_else(|| panic!("no {name}: {catch_up:#}"));
    assert_eq!(catch_up["rate_per_sec"], 210);
    assert_eq!([&catch_up["lost"], &catch_up["unseen"]], [&json!(0), &json!(0)]);
    assert_eq!(catch_up["caught_up_below"], 1_000, "nothing else was under way: {catch_up:#}");
    assert!((1_900.0..2_700.0).contains(&figure("backlog_at_resume")), "{catch_up:#}");
    // (2 100 - 1 000) at 190/s.
    assert!((4.0..9.0).contains(&figure("drain_s")), "{catch_up:#}");
    assert!((340.0..460.0).contains(&figure("drain_per_sec")), "{catch_up:#}");
    let curve = catch_up["curve"].as_array().unwrap();
    assert!(curve.len() > 10 && curve[0][1].as_u64() > Some(1_900), "{curve:?}");
    let journal: Value = serde_json::from_str(&place.evidence("rehearsal.json")).unwrap();
    let steps = journal["steps"].as_array().unwrap();
    assert_eq!(steps.last().unwrap()["step"], "catch-up", "{journal:#}");
}

#[test]
fn an_interrupted_outage_ends_with_the_connector_running_and_the_verdict_of_the_climb() {
    let (mirror, fakes) = (mirror(), Fakes::start());
    let place = place(&mirror, &fakes);
    let mut ramp = place.start(&CALL, &[]);
    ramp.sees(240, is_paused).expect("the connector is paused");
    assert_eq!(fakes.how(), "paused");
    ramp.signal("INT");
    let said = ramp.ended_within(60);
    assert_eq!((said.code, fakes.how()), (Some(130), "running"), "{}", said.err);
    let run = place.run_json();
    assert_eq!(run["verdict"]["level"], "GO", "the climb was over: {run:#}");
    assert_eq!(run["capacity"]["recommended_per_sec"], 210);
    assert!(run["catch_up"]["backlog_at_resume"].is_u64(), "it was seen to go on: {run:#}");
    assert_eq!([&run["catch_up"]["caught_up"], &run["exit_code"]], [&json!(false), &json!(130)]);
}

#[test]
fn a_connector_that_cannot_be_resumed_is_not_left_without_a_word() {
    let (mirror, fakes) = (mirror(), Fakes::start());
    let place = place(&mirror, &fakes);
    let mut ramp = place.start(&CALL, &[]);
    ramp.sees(240, is_paused).expect("the connector is paused");
    fakes.steer("gateway");
    let said = ramp.ended_within(240);
    assert_eq!(said.code, Some(40), "{}", said.err);
    assert!(said.err.contains("connector mm2 could not be resumed and may still be paused"), "{}", said.err);
    assert!(said.err.contains("PUT /connectors/mm2/resume"), "{}", said.err);
    assert!(place.evidence("report.en.md").contains("may still be paused"));
    assert_eq!(place.run_json()["exit_code"], 40);
}

#[test]
fn without_connect_an_outage_is_refused_before_any_load() {
    let mirror = mirror();
    let place = Place::new();
    place.write("plan.toml", PLAN);
    place.write("chain.toml", &chain(&mirror, "mode = \"none\"", ", target_pattern = \"source.{topic}\""));
    let said = place.start(&CALL, &[]).ended_within(60);
    assert_eq!(said.code, Some(64), "{}", said.err);
    assert!(said.err.contains("no Connect to ask"), "{}", said.err);
    assert!(place.run_dir().is_none());
}

//! Runs that somebody ends in the middle of a step: the evidence stays, and nothing of it is a GO.

use mm2_evidence::document::RunDocument;
use mm2_evidence::{EVENTS, Run};
use serde_json::{Value, json};

use crate::common::{Place, is, is_mid_step};
use crate::fakes::Fakes;

/// Judged by the chain alone: the first step passes also where this machine is busy.
const PLAN: &str = r#"
hold = "12s"
warm_up = "1s"
recovery = "30s"

[[criterion]]
name = "slip"
go = "<= 10 s"
stop = "> 10 s"

[[criterion]]
name = "delivered"
go = ">= 50 %"
stop = "< 50 %"

[[step]]
name = "first"
rate_per_sec = 500
p99_limit_ms = 4000
mm2_avg_limit_ms = 4000
mm2_max_limit_ms = 4000

[[step]]
name = "second"
rate_per_sec = 1000
p99_limit_ms = 4000
mm2_avg_limit_ms = 4000
mm2_max_limit_ms = 4000
"#;

const NOBODY_MIRRORS: &str = r#"
source = { bootstrap_servers = "SOURCE" }
target = { bootstrap_servers = "TARGET" }
connect = { mode = "none" }
prometheus = { absent = "not here" }
topics = { count = 1, partitions = 1, replication = 1, target_pattern = "source.{topic}" }
"#;

fn last_tick(place: &Place) -> Value {
    place.events().into_iter().rfind(|event| event["event"] == "tick").unwrap()
}

#[test]
fn ctrl_c_takes_the_load_off_and_keeps_what_was_shown() {
    let place = Place::new();
    place.write("plan.toml", PLAN);
    let mut ramp = place.start(&["--plan", "plan.toml"], &[]);
    ramp.sees(120, |event| is_mid_step(event, "second", 2.0)).expect("the first step passes");
    ramp.signal("INT");
    let said = ramp.ended_within(10);
    assert_eq!(said.code, Some(130), "{}", said.err);
    assert!(said.err.contains("stopping: taking the load off"), "{}", said.err);
    assert!(said.out.contains("REHEARSAL"), "the report is on the terminal too: {}", said.out);

    let run = place.run_json();
    assert_eq!([&run["complete"], &run["exit_code"]], [&json!(true), &json!(130)]);
    assert_eq!([&run["verdict"]["level"], &run["verdict"]["reason"]], ["INCONCLUSIVE", "interrupted"]);
    assert_eq!(run["steps"][0]["verdict"]["level"], "GO");
    let second = &run["steps"][1];
    assert_eq!(second["verdict"], json!({"level": "INCONCLUSIVE", "reason": "interrupted"}));
    assert_eq!(second["sent"], last_tick(&place)["sent"]);
    assert_eq!(second["unseen"], Value::Null, "what is still under way is not known, and never 0");
    let capacity = &run["capacity"];
    assert_eq!([&capacity["validated_per_sec"], &capacity["at_least"]], [&json!(500), &json!(true)]);
    for report in ["report.en.md", "report.fr.md"] {
        assert!(place.evidence(report).contains("REHEARSAL"));
    }
    let ended = place.events().pop().unwrap();
    assert_eq!([&ended["event"], &ended["interrupted"]], [&json!("run_ended"), &json!(true)]);
}

#[test]
fn ctrl_c_while_warming_up_ends_at_once_and_judges_nothing() {
    let place = Place::new();
    let mut ramp = place.start(&["--steps", "P1", "--warm-up", "60s", "--json"], &[]);
    ramp.sees(60, |event| is(event, "tick", "warm-up")).expect("it warms up");
    ramp.signal("INT");
    let said = ramp.ended_within(10);
    assert_eq!(said.code, Some(130), "{}", said.err);
    let run = place.run_json();
    assert_eq!([&run["steps"], &run["not_held"]], [&json!([]), &json!(["P1"])]);
    assert_eq!(run["verdict"]["reason"], "interrupted");
    assert_eq!(run["capacity"]["validated_per_sec"], Value::Null);
}

#[test]
fn ctrl_c_while_the_chain_is_waited_for_ends_at_once() {
    let fakes = Fakes::start();
    let place = Place::new();
    place.write("chain.toml", &fakes.fill_in(NOBODY_MIRRORS));
    let mut ramp = place.start(&["--chain", "chain.toml"], &[]);
    ramp.sees(30, |event| event["event"] == "waiting").expect("it waits for the canary");
    ramp.signal("INT");
    let said = ramp.ended_within(10);
    assert_eq!((said.code, said.out.as_str()), (Some(130), ""), "{}", said.err);
    assert_eq!(place.run_json()["exit_code"], 130);
}

#[test]
fn after_kill_9_the_events_alone_give_back_the_run_and_no_go() {
    let place = Place::new();
    let mut ramp = place.start(&["--steps", "P1..P2", "--hold", "60s", "--warm-up", "1s"], &[]);
    ramp.sees(60, |event| is_mid_step(event, "P1", 3.0)).expect("P1 is held");
    ramp.signal("KILL");
    assert_eq!(ramp.ended_within(10).code, None);
    assert_eq!(place.run_json()["complete"], false, "the last run.json that was written is no lie");
    check_rebuilt(&place);

    // As if the kill had come in the middle of a write.
    let events = place.run_dir().unwrap().join(EVENTS);
    let text = std::fs::read_to_string(&events).unwrap();
    let cut = text.trim_end().len() - 9;
    std::fs::write(&events, &text[..cut]).unwrap();
    assert!(check_rebuilt(&place).torn);
}

/// Checks the run as it is read back, and returns it.
fn check_rebuilt(place: &Place) -> Run {
    let run = Run::from_dir(&place.run_dir().unwrap()).unwrap();
    let document: Value = serde_json::from_str(&RunDocument::of(&run).to_json().unwrap()).unwrap();
    assert_eq!(
        [&document["complete"], &document["exit_code"], &document["ended_at"]],
        [&json!(false), &Value::Null, &Value::Null]
    );
    assert_eq!(
        [&document["verdict"]["level"], &document["verdict"]["reason"]],
        ["INCONCLUSIVE", "incomplete"]
    );
    assert_eq!(document["capacity"]["validated_per_sec"], Value::Null);
    let step = &document["steps"][0];
    assert_eq!([&step["name"], &step["verdict"]["level"]], ["P1", "INCONCLUSIVE"]);
    let told = last_tick(place);
    assert_eq!(told["step"], "P1");
    for name in ["sent", "acked", "failed", "received", "lost", "duplicates", "reordered", "corrupt"] {
        assert_eq!(step[name], told[name], "{name}");
    }
    assert!(step["sent"].as_u64().unwrap() > 0);
    for lang in [mm2_report::Lang::En, mm2_report::Lang::Fr] {
        assert!(mm2_report::markdown(&run, lang).contains("REHEARSAL"));
    }
    run
}

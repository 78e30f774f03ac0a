//! A part of the chain that goes away in the middle of a step.

use mm2_lab::Role;
use serde_json::{Value, json};

use crate::common::{Place, is_mid_step, signal};
use crate::{assert_gone_within, my_turn, pid, ramp_on_a_lab};

/// A worker is missed after 10 s and its tasks wait another 10 s for its return, so the limit is well above that;
/// killed early, it is made up for before the backlog is tested, from 40 s on. Half of the records wait: at this
/// rate not enough of them for a warning. Our own slip is not what this is about.
const PLAN: &str = r#"
hold = "65s"
warm_up = "30s"
recovery = "45s"

[[criterion]]
name = "slip"
go = "<= 5000 ms"
stop = "> 5000 ms"

[[step]]
name = "only"
rate_per_sec = 500
p99_limit_ms = 40000
mm2_avg_limit_ms = 40000
mm2_max_limit_ms = 40000
"#;

fn events_of<'e>(events: &'e [Value], name: &str) -> Vec<&'e Value> {
    events.iter().filter(|event| event["event"] == name).collect()
}

#[test]
fn a_killed_worker_costs_duplicates_at_most_and_its_restart_is_told() {
    let _turn = my_turn();
    let place = Place::new();
    place.write("plan.toml", PLAN);
    let (mut ramp, lab) = ramp_on_a_lab(&place, &["--plan", "plan.toml"]);
    ramp.sees(300, |event| is_mid_step(event, "only", 2.0)).expect("the step is held");
    signal("KILL", pid(&lab, Role::Worker2));
    let said = ramp.ended_within(300);
    assert_gone_within(0, &lab);

    let run = place.run_json();
    let step = &run["steps"][0];
    println!("{}\n{}", said.err, said.out);
    for none in ["lost", "unseen", "reordered", "corrupt"] {
        assert_eq!(step[none], 0, "{none} in {step:#}");
    }
    assert_eq!(step["received"], step["acked"]);
    let duplicates = step["duplicates"].as_u64().unwrap();
    let (level, code) = if duplicates == 0 { ("GO", 0) } else { ("WARN", 10) };
    assert_eq!([&step["attempt"], &step["verdict"]["level"]], [&json!(1), &json!(level)], "{step:#}");
    assert_eq!(said.code, Some(code), "{}", said.err);
    assert_eq!(step["recovery"]["recovered"], true);
    assert!(step["e2e_ms"]["max"].as_f64().unwrap() > 5000.0, "half of the tasks waited for their worker");

    assert_eq!(step["connect"]["restart_seen"], true);
    let events = place.events();
    let worker = format!("http://127.0.0.1:{}", lab.process(Role::Worker2).unwrap().port);
    let changes = events_of(&events, "connect_changed");
    assert!(changes.iter().any(|c| c["change"] == "worker_silent" && c["subject"] == worker), "{changes:#?}");
    assert!(changes.iter().any(|c| c["change"] == "task_moved"), "{changes:#?}");
    for report in ["report.en.md", "report.fr.md"] {
        assert!(place.evidence(report).contains(&worker), "{report} tells the restart");
    }
}

#[test]
fn a_source_that_goes_away_for_good_is_judged_and_is_no_go() {
    let _turn = my_turn();
    let place = Place::new();
    place.write("plan.toml", &PLAN.replace("recovery = \"45s\"", "recovery = \"20s\""));
    let (mut ramp, lab) =
        ramp_on_a_lab(&place, &["--plan", "plan.toml", "--hold", "25s", "--warm-up", "10s"]);
    ramp.sees(300, |event| is_mid_step(event, "only", 8.0)).expect("the step is held");
    signal("TERM", pid(&lab, Role::Source));
    let said = ramp.ended_within(300);
    // Up and warm within 120 s; at worst twice the hold and twice the recovery; 15 s for the lab's end.
    assert!(said.took.as_secs() < 120 + 2 * (25 + 20) + 15, "{:?}: {}", said.took, said.err);
    assert_gone_within(0, &lab);

    println!("{}\n{}", said.err, said.out);
    let run = place.run_json();
    let level = run["verdict"]["level"].as_str().unwrap();
    let by_table = match level {
        "STOP" => 20,
        "INCONCLUSIVE" => 30,
        other => panic!("{other} on a chain without a source: {run:#}"),
    };
    assert_eq!([said.code, run["exit_code"].as_i64().map(|code| code as i32)], [Some(by_table); 2]);
    assert_eq!([&run["complete"], &run["capacity"]["validated_per_sec"]], [&json!(true), &Value::Null]);
    let step = &run["steps"][0];
    assert!(step["sent"].as_u64() < Some(12_500) || step["acked"].as_u64() < Some(12_500), "{step:#}");
    let events = place.events();
    assert_eq!(events.last().unwrap()["event"], "run_ended");
    assert_eq!(events_of(&events, "step_ended").len(), events_of(&events, "step_started").len());
    for report in ["report.en.md", "report.fr.md"] {
        assert!(place.evidence(report).contains(level), "{report}");
    }
}

//! Chains that are not the lab, measured from end to end: without REST, what is not known is said and is no fault;
//! with it, what happens to the connector in the middle of a step is an event.

use mm2_rehearsal::{Faults, Rehearsal, RehearsalOptions};
use serde_json::{Value, json};

use crate::common::{Place, is_mid_step, slipped};
use crate::fakes::{Fakes, TOPIC};

/// Judged by the chain alone, and short.
pub(crate) const PLAN: &str = r#"
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
name = "only"
rate_per_sec = 300
p99_limit_ms = 4000
mm2_avg_limit_ms = 4000
mm2_max_limit_ms = 4000
"#;

/// A mirror that this test runs itself: to `ramp` it is somebody's.
pub(crate) fn mirror() -> Rehearsal {
    let topics = vec![TOPIC.to_owned()];
    Rehearsal::start(&RehearsalOptions { topics, partitions: 3, faults: Faults::default() }).unwrap()
}

/// The mocks answer an empty fetch only after its full wait.
pub(crate) fn chain(mirror: &Rehearsal, connect: &str, naming: &str) -> String {
    format!(
        "source = {{ bootstrap_servers = \"{}\" }}\n\
         target = {{ bootstrap_servers = \"{}\", client = {{ \"fetch.wait.max.ms\" = \"10\" }} }}\n\
         connect = {{ {connect} }}\n\
         prometheus = {{ absent = \"the JVM exports nothing\" }}\n\
         topics = {{ count = 1, partitions = 3, replication = 1{naming} }}\n\
         requirement = {{ peak_per_sec = 100 }}\n",
        mirror.source_bootstrap(),
        mirror.target_bootstrap()
    )
}

const CALL: [&str; 4] = ["--chain", "chain.toml", "--plan", "plan.toml"];

/// A whole run on a chain whose Connect nobody can ask.
fn measured(connect: &str, naming: &str, files: &[(&str, &str)]) -> (Place, Value, String) {
    let mirror = mirror();
    let place = Place::new();
    place.write("plan.toml", PLAN);
    place.write("chain.toml", &chain(&mirror, connect, naming));
    for (name, text) in files {
        place.write(name, text);
    }
    let said = place.start(&CALL, &[]).ended_within(300);
    let run = place.run_json();
    assert!(!slipped(&run), "{}", said.err);
    assert_eq!(said.code, Some(0), "{}\n{}", said.err, said.out);
    (place, run, said.out)
}

fn check(run: &Value, out: &str, why: &str) {
    assert_eq!([&run["chain"]["kind"], &run["chain"]["absent"]["connect"]], [&json!("file"), &json!(why)]);
    assert_eq!(run["steps"][0]["verdict"]["level"], "GO");
    assert!(run["steps"][0]["received"].as_u64().unwrap() > 3_000, "{run:#}");
    let findings = run["steps"][0]["findings"].as_array().unwrap();
    let panel = findings.iter().find(|f| f["criterion"] == "worker_cpu").unwrap();
    assert_eq!(panel["level"], "SKIPPED", "{panel:#}");
    assert!(!out.contains("REHEARSAL"), "to ramp it is a chain like any other: {out}");
}

#[test]
fn a_chain_whose_mirror_nobody_can_ask_is_measured_and_what_is_not_known_is_said() {
    let why = "REST is closed to this host";
    let connect = format!("mode = \"none\", absent = \"{why}\"");
    let (place, run, out) = measured(&connect, ", target_pattern = \"source.{topic}\"", &[]);
    check(&run, &out, why);
    let report = place.evidence("report.en.md");
    assert!(report.contains("Restarts not measured") && report.contains(why), "{report}");
}

#[test]
fn a_dedicated_mm2_is_measured_by_the_names_of_its_own_file() {
    let mm2 = "clusters = source, dr\nsource->dr.enabled = true\nsource->dr.topics = test-prometheus.*\n\
               refresh.topics.interval.seconds = 5\n";
    let connect = "mode = \"dedicated\", worker_properties = \"mm2.properties\"";
    let (place, run, out) = measured(connect, "", &[("mm2.properties", mm2)]);
    let why = "MM2 runs dedicated, without Connect's REST";
    check(&run, &out, why);
    assert!(place.evidence("report.en.md").contains(why));
}

#[test]
fn a_connector_that_is_paused_or_fails_in_mid_step_and_a_connect_that_falls_silent_are_events() {
    let (mirror, fakes, place) = (mirror(), Fakes::start(), Place::new());
    place.write("plan.toml", &PLAN.replace("hold = \"12s\"", "hold = \"25s\""));
    let connect = fakes.fill_in("mode = \"rest\", urls = [\"http://CONNECT/steered/\"]");
    place.write("chain.toml", &chain(&mirror, &connect, ""));
    let mut ramp = place.start(&CALL, &[]);
    ramp.sees(240, |event| is_mid_step(event, "only", 2.0)).expect("the step is held");
    let changes = [
        ("paused", "connector_state", "connector", "PAUSED"),
        ("failed", "task_state", "task 0", "FAILED on worker-1:8083: org.apache.kafka"),
        ("rebalancing", "rest_silent", "Connect's REST", "409 (Cannot complete request"),
        ("running", "rest_back", "Connect's REST", "after "),
        ("gateway", "worker_silent", "/steered/", ""),
    ];
    for (how, change, subject, to) in changes {
        fakes.steer(how);
        let is_it = |event: &Value| {
            let says = |key: &str, part| event[key].as_str().unwrap_or_default().contains(part);
            event["change"] == change && says("subject", subject) && says("to", to)
        };
        ramp.sees(15, is_it).unwrap_or_else(|| panic!("{change} is no event: {:#?}", place.events()));
    }
    let said = ramp.ended_within(120);
    assert_eq!(said.code, Some(0), "the mirror went on all the while: {}\n{}", said.err, said.out);
    let report = place.evidence("report.en.md");
    assert!(report.contains("a restart was seen in 1 step"), "{report}");
}

//! What the lab's Prometheus says.

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use mm2_lab::{LabState, Role};
use serde_json::Value;

fn ask(state: &LabState, path: &str, promql: Option<&str>) -> Value {
    let url = &state.metrics.as_ref().unwrap().prometheus_url;
    let request =
        ureq::get(format!("{url}/api/v1/{path}")).query_pairs(promql.map(|promql| ("query", promql)));
    let mut answer: Value = request.call().unwrap().body_mut().read_json().unwrap();
    answer["data"].take()
}

/// The series of an instant query.
pub(crate) fn query(state: &LabState, promql: &str) -> Vec<Value> {
    ask(state, "query", Some(promql))["result"].as_array().unwrap().clone()
}

pub(crate) fn metric_names(state: &LabState) -> Vec<String> {
    serde_json::from_value(ask(state, "label/__name__/values", None)).unwrap()
}

/// Until there is a series of that name: discovery and scrape take some 5 s each.
pub(crate) fn wait_for(state: &LabState, name: &str) {
    let started = Instant::now();
    while query(state, name).is_empty() {
        assert!(started.elapsed() < Duration::from_secs(60), "no {name} in {:?}", metric_names(state));
        thread::sleep(Duration::from_millis(200));
    }
}

/// Under the right job and cluster, each answered and in good time; nothing else is scraped.
pub(crate) fn assert_every_process_is_scraped(state: &LabState) {
    let agent = |role| state.process(role).unwrap().agent_port.unwrap();
    let expect = BTreeMap::from([
        (agent(Role::Source), ("kafka-broker", "source")),
        (agent(Role::Target), ("kafka-broker", "target")),
        (agent(Role::Worker1), ("kafka-connect", "")),
        (agent(Role::Worker2), ("kafka-connect", "")),
        (state.process(Role::NodeExporter).unwrap().port, ("node", "")),
    ]);
    let up = query(state, "up == 1");
    let found = up.iter().map(|series| {
        let label = |name: &str| series["metric"][name].as_str().unwrap_or_default();
        let port = label("instance").strip_prefix("127.0.0.1:").unwrap();
        (port.parse().unwrap(), (label("job"), label("cluster")))
    });
    assert_eq!(found.collect::<BTreeMap<u16, _>>(), expect);
    // A scrape that takes longer disturbs what it measures. The first ones are those of cold JVMs.
    let slow = query(state, "scrape_duration_seconds > 1");
    assert!(slow.is_empty(), "{slow:?}");
}

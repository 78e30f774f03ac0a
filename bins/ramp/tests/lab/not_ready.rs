//! A real chain that is not ready for what is asked: said before any load, with what was found.

use std::fs;

use mm2_lab::{Lab, LabOptions};
use serde_json::json;

use crate::common::{Place, Said};
use crate::my_turn;

/// What `ramp` says to the lab's chain file with one difference.
fn on_a_chain_that_differs(lab: &Lab, ours: &str, theirs: &str) -> (Place, Said) {
    let text = fs::read_to_string(lab.chain_file()).unwrap();
    assert!(text.contains(ours), "{ours} is not in {text}");
    let place = Place::new();
    place.write("chain.toml", &text.replace(ours, theirs));
    let said = place.start(&["--chain", "chain.toml", "--steps", "P1"], &[]).ended_within(60);
    assert!(!place.events().iter().any(|event| event["event"] == "tick"), "no load");
    let run = place.run_json();
    assert_eq!([&run["exit_code"], &run["steps"]], [&json!(69), &json!([])]);
    (place, said)
}

#[test]
fn what_mm2_or_the_source_does_not_do_is_said_before_any_load() {
    let _turn = my_turn();
    let lab = Lab::up(&LabOptions { metrics: Some(false), ..LabOptions::default() }, &mut |_| ()).unwrap();
    let check = |ours: &str, theirs: &str, says: &[&str]| {
        let (_place, said) = on_a_chain_that_differs(&lab, ours, theirs);
        println!("{}", said.err);
        assert_eq!((said.code, said.out.as_str()), (Some(69), ""), "{}", said.err);
        for part in says {
            assert!(said.err.contains(part), "{part:?} is not in {}", said.err);
        }
    };
    check(
        "prefix = \"test-prometheus.",
        "prefix = \"orders.",
        &["orders.generated-data-01.json", "mm2-source with topics = test-prometheus.*", "[topics] prefix"],
    );
    check(
        "replication = 1",
        "replication = 3",
        &["cannot create topic test-prometheus.generated-data-", "source", "create it by hand"],
    );
    lab.down().unwrap();
}

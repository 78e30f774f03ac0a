//! Whatever ends `ramp`, its lab ends with it.

use mm2_evidence::Run;
use mm2_evidence::document::RunDocument;
use serde_json::Value;

use crate::common::{Place, is_mid_step};
use crate::{assert_gone_within, my_turn, ramp_on_a_lab};

#[test]
fn kill_9_in_mid_step_leaves_no_jvm_and_evidence_without_a_go() {
    let _turn = my_turn();
    let place = Place::new();
    let (mut ramp, lab) = ramp_on_a_lab(&place, &["--steps", "P1..P2", "--hold", "60s", "--warm-up", "0s"]);
    ramp.sees(120, |event| is_mid_step(event, "P1", 5.0)).expect("P1 is held");
    ramp.signal("KILL");
    assert_eq!(ramp.ended_within(10).code, None);
    assert_gone_within(15, &lab);

    let run = Run::from_dir(&place.run_dir().unwrap()).unwrap();
    let document: Value = serde_json::from_str(&RunDocument::of(&run).to_json().unwrap()).unwrap();
    assert_eq!([&document["complete"], &document["exit_code"]], [&Value::from(false), &Value::Null]);
    assert_eq!(document["verdict"]["level"], "INCONCLUSIVE");
    let step = &document["steps"][0];
    assert_eq!([&step["name"], &step["verdict"]["level"]], ["P1", "INCONCLUSIVE"]);
    let last = place.events().into_iter().rfind(|event| event["event"] == "tick").unwrap();
    for name in ["sent", "acked", "received", "lost", "duplicates"] {
        assert_eq!(step[name], last[name], "{name}");
    }
    assert!(step["acked"].as_u64().unwrap() > 0);
}

//! A climb as the README has it, up and down by the command.

use std::{fs, thread};

use serde_json::Value;

use crate::common::{Place, slipped};
use crate::{assert_gone_within, my_turn, ramp_on_a_lab};

#[test]
fn two_steps_on_a_real_chain_are_go_and_nothing_is_lost_or_left_behind() {
    let _turn = my_turn();
    let args = ["--steps", "P1..P2", "--hold", "30s", "--warm-up", "30s", "--json"];
    for _ in 0..3 {
        let place = Place::new();
        let (ramp, lab) = ramp_on_a_lab(&place, &args);
        let said = ramp.ended_within(600);
        assert_gone_within(0, &lab);
        let run = place.run_json();
        check_counts(&run);
        if said.code != Some(0) && (slipped(&run) || is_shared()) {
            println!("this machine was busy with something else; once more. It said:\n{}", said.err);
            continue;
        }
        assert_eq!(said.code, Some(0), "{}\n{}", said.err, said.out);
        assert_eq!(serde_json::from_str::<Value>(&said.out).unwrap(), run);
        assert_eq!([&run["chain"]["kind"], &run["verdict"]["level"]], ["lab", "GO"]);
        assert_eq!(run["capacity"]["validated_per_sec"], 2500);
        for report in ["report.en.md", "report.fr.md"] {
            assert!(!place.evidence(report).contains("REHEARSAL"), "this was no rehearsal");
        }
        return;
    }
    panic!("three times this machine was too busy with something else to run a chain beside it");
}

/// Whether others want the cores too: a chain of this size keeps about one of them busy.
fn is_shared() -> bool {
    let load = fs::read_to_string("/proc/loadavg").unwrap();
    let waiting: f64 = load.split(' ').next().unwrap().parse().unwrap();
    waiting > 2.0 * thread::available_parallelism().unwrap().get() as f64
}

/// True however busy the machine is.
fn check_counts(run: &Value) {
    for step in run["steps"].as_array().unwrap() {
        assert_eq!([&step["acked"], &step["received"]], [&step["sent"]; 2], "{step:#}");
        for none in ["lost", "unseen", "duplicates", "reordered", "corrupt"] {
            assert_eq!(step[none], 0, "{none} in {step:#}");
        }
        assert_eq!(step["recovery"]["recovered"], true);
        assert_eq!(step["connect"]["restart_seen"], false);
    }
}

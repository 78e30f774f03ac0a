//! Where a value came from, and what is never shown of it.

use std::fs;
use std::path::Path;

use mm2_rehearsal::{Faults, Rehearsal, RehearsalOptions};

use crate::common::Place;
use crate::fakes::TOPIC;

const PLAN: &str = "hold = \"40s\"\nrecovery = \"1m\"\nwarm_up = \"7s\"";
const SENTINEL: &str = "hunter2-sentinel";

/// The line of `--show-config` for a key: its value and where that came from.
fn shown(table: &str, key: &str) -> String {
    let line = table.lines().find(|line| line.split_whitespace().next() == Some(key));
    let line = line.unwrap_or_else(|| panic!("no {key} in {table}"));
    line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
}

#[test]
fn show_config_names_the_origin_of_each_value_and_does_nothing_else() {
    let place = Place::new();
    place.write(
        "plan.toml",
        &format!("{PLAN}\n[[criterion]]\nname = \"backlog\"\ngo = \"<= 20000 records\"\n"),
    );
    let args = ["--show-config", "--plan", "plan.toml", "--steps", "P1..P2", "--record-size", "2048"];
    let env = [("MM2_HOLD", "30s"), ("MM2_RECORD_SIZE", "512"), ("MM2_OUT", "elsewhere")];
    let said = place.start(&args, &env).ended_within(10);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let check = |key, expect: &str| assert_eq!(shown(&said.out, key), expect, "{key}");
    check("chain", "rehearsal default");
    check("steps", "P1,P2 flag");
    check("hold", "30s env MM2_HOLD");
    check("recovery", "1m file plan.toml");
    check("warm-up", "7s file plan.toml");
    check("record-size", "2048 flag");
    check("out", "elsewhere env MM2_OUT");
    check("lang", "en default");
    check("compression", "none default");
    check("criterion.backlog", "go <= 20000 records, warn otherwise, stop > 50000 records file plan.toml");
    check("criterion.slip", "go <= 50 ms, stop > 50 ms default");
    check("criterion.mm2_latency_avg", "go < mm2_avg_limit, stop otherwise, STOP counts as WARN default");
    let left: Vec<_> =
        fs::read_dir(place.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name == "runs" || name == "elsewhere"), "{left:?}");
}

#[test]
fn the_variables_of_the_environment_are_not_shown_by_help() {
    let said = Place::new().start(&["--help"], &[("MM2_OUT", SENTINEL)]).ended_within(10);
    assert!(said.out.contains("[env: MM2_OUT]") && !said.out.contains(SENTINEL), "{}", said.out);
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// A chain file that a person would write for brokers which ask for a password. These do not ask; what matters
/// is that the secrets are in the process for a whole run.
fn chain_with_secrets(rehearsal: &Rehearsal) -> String {
    format!(
        r#"
[source]
bootstrap_servers = "{}"
username = "bench"
password = "env:SOURCE_PASSWORD"

[target]
bootstrap_servers = "{}"
username = "bench"
password = "file:target.password"
client = {{ "ssl.key.password" = "env:SOURCE_PASSWORD", "fetch.wait.max.ms" = "5" }}

[connect]
mode = "none"

[prometheus]
absent = "not here"

[topics]
count = 1
partitions = 1
replication = 1
target_pattern = "source.{{topic}}"
"#,
        rehearsal.source_bootstrap(),
        rehearsal.target_bootstrap()
    )
}

#[test]
fn a_password_is_used_and_shows_up_nowhere() {
    let topics = vec![TOPIC.to_owned()];
    let rehearsal =
        Rehearsal::start(&RehearsalOptions { topics, partitions: 1, faults: Faults::default() }).unwrap();
    let place = Place::new();
    place.write("chain.toml", &chain_with_secrets(&rehearsal));
    place.write("target.password", &format!("{SENTINEL}\n"));
    let args = ["--chain", "chain.toml", "--steps", "P1", "--hold", "3s", "--warm-up", "0s", "-vvv"];
    let said = place.start(&args, &[("SOURCE_PASSWORD", SENTINEL), ("MM2_LOG", "trace")]).ended_within(120);
    // So short a hold shows nothing about the backlog, twice.
    assert_eq!(said.code, Some(30), "{}", said.err);
    let run = place.run_json();
    assert_eq!([&run["chain"]["kind"], &run["chain"]["description"]], ["file", "chain.toml"]);
    assert_eq!(run["steps"][0]["received"], run["steps"][0]["sent"]);

    let settings = &place.events()[0]["settings"];
    for key in ["source.sasl.password", "target.sasl.password", "target.ssl.key.password"] {
        assert!(settings[key].is_string(), "{key} was used: {settings:#}");
    }
    fs::remove_file(place.path("target.password")).unwrap();
    for path in files(&place.path("")) {
        let bytes = fs::read(&path).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(SENTINEL), "a password is in {}", path.display());
    }
}

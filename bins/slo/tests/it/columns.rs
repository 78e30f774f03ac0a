//! Exports whose columns have other names, used without editing them; and options that name signals.

use crate::{Place, fixture};

#[test]
fn an_export_is_mapped_on_the_command_line_or_by_a_file() {
    let renamed = fixture("nominal.csv")
        .replace("\"consumer.lag{task=\"\"0\"\"}\"", "Lag of task 0")
        .replace("\"consumer.lag{task=\"\"1\"\"}\"", "Lag of task 1");
    let columns = "[columns]\n\"Lag of task [0-9]+\" = \"consumer.lag\"\n";
    let place = Place::nominal(&[("nominal.csv", &renamed), ("columns.toml", columns)]);
    let check = |map: &[&str], code: i32| {
        let args = ["check", "--criteria", "nominal.toml", "--data", "nominal.csv", "--window", "30m"];
        let said = place.slo(&[&args, map].concat());
        assert_eq!(said.code, code, "{map:?}: {}", said.err);
        said
    };
    check(&["--map", "Lag of task 0=consumer.lag", "--map", "Lag of task 1=consumer.lag"], 10);
    check(&["--map", "Lag of task \\d=consumer.lag"], 10);
    check(&["--columns", "columns.toml"], 10);
    let said = check(&["--map", "Lagg.*=consumer.lag"], 30);
    assert!(said.err.contains("`Lagg.*`, mapped to `consumer.lag`, meets no column"), "{}", said.err);
    check(&["--map", "consumer.lag"], 64).is_usage(&["--map `consumer.lag`: write it like"]);
    check(&["--map", ".*0=consumer.lag", "--map", "Lag.*=other"], 64)
        .is_usage(&["`consumer.lag` and to `other`"]);
}

#[test]
fn a_file_of_columns_is_checked_as_any_other() {
    let place = Place::nominal(&[("columns.toml", "[colums]\na = \"b\"\n")]);
    place
        .check("--criteria nominal.toml --data nominal.csv --columns columns.toml")
        .is_usage(&["columns.toml:1", "did you mean `columns`?"]);
}

#[test]
fn a_signal_that_nothing_judges_takes_no_safeguard_away_silently() {
    let place = Place::nominal(&[]);
    let check = |args: &str, parts: &[&str]| {
        place.check(&format!("--criteria nominal.toml --data nominal.csv {args}")).is_usage(parts);
    };
    check("--expect consumer.lagg=2", &["--expect names `consumer.lagg`", "they judge `consumer.lag`"]);
    check("--expect consumer.lag=0", &["a count above 0"]);
    check("--expect consumer.lag", &["a count above 0"]);
    check("--every consumer.lagg=15s", &["--every names `consumer.lagg`"]);
    check("--every 15", &["`15` has no unit"]);
    check("--window 0s", &["--window is 0s"]);
    check("--from noon", &["`noon` is no time"]);
    check("--from 2026-01-31T12:00:00Z", &["a zone and the data have none"]);
    check("--asked fast", &["--asked", "`fast` is no quantity"]);
    check("--known lag_limit", &["--known `lag_limit`: write it like"]);
    check("--known lag_limit=5parsec", &["--known lag_limit", "`parsec` is no unit"]);
    check("--hodl 5m", &["unexpected argument '--hodl'"]);
}

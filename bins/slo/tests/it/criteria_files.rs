//! Files of criteria: those that are right are read, of those that are wrong the place is shown.

use std::fs;
use std::path::Path;

use crate::{Place, slo};

fn names(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/slo").join(folder);
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() >= 3, "{names:?}");
    names
}

#[test]
fn each_wrong_file_shows_where_it_is_wrong() {
    let mut shown = String::new();
    for name in names("invalid") {
        let said = slo(&["check", "--criteria", &format!("invalid/{name}"), "--data", "nominal.csv"]);
        said.is_usage(&[&format!("invalid/{name}:"), "^"]);
        shown.push_str(&said.err);
        shown.push('\n');
    }
    insta::assert_snapshot!("invalid_criteria", shown);
}

#[test]
fn each_right_file_judges() {
    for name in names("valid") {
        let said = slo(&["check", "--criteria", &format!("valid/{name}"), "--data", "nominal.csv"]);
        assert_eq!(said.code, 30, "{name}: each needs something that is not given here: {}", said.err);
    }
}

#[test]
fn a_built_in_set_is_printed_as_a_file_that_reads_back() {
    for phase in 0..=8 {
        let set = format!("phase-{phase}");
        let printed = slo(&["criteria", &set]);
        assert_eq!((printed.code, printed.err.as_str()), (0, ""), "{set}");
        let place = Place::nominal(&[("set.toml", &printed.out)]);
        let of = |criteria: &str| {
            place.slo(&["check", "--criteria", criteria, "--data", "nominal.csv", "--json"]).verdict()
        };
        assert_eq!(of("set.toml"), of(&set), "{set}");
    }
}

#[test]
fn a_set_or_file_that_is_not_there_is_usage() {
    slo(&["criteria", "phase-9"]).is_usage(&["no built-in set named `phase-9`", "phase-0 to phase-8"]);
    slo(&["criteria", "nominal.toml"]).is_usage(&["no built-in set named `nominal.toml`"]);
    slo(&["check", "--criteria", "phase-9", "--data", "nominal.csv"]).is_usage(&["`phase-9`"]);
    slo(&["check", "--criteria", "none.toml", "--data", "nominal.csv"]).is_usage(&["cannot read none.toml"]);
}

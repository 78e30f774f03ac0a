//! The JSON Schemas of what `mm2-slo` reads and writes are the committed ones. `MM2_GENERATE=1` rewrites them.

#![expect(clippy::expect_used, reason = "a rule that cannot be checked must fail loudly")]

use std::fs;
use std::path::Path;

use mm2_slo::Verdict;
use mm2_slo::wire::v1::CriteriaFile;
use schemars::{Schema, schema_for};

fn check(file: &str, schema: &Schema) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference").join(file);
    let text = serde_json::to_string_pretty(schema).expect("a schema is JSON") + "\n";
    if std::env::var_os("MM2_GENERATE").is_some() {
        fs::write(&path, &text).expect("docs/reference can be written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "{file} is not up to date; run `MM2_GENERATE=1 cargo test -p tidy --test schema`");
}

#[test]
fn the_schema_of_criteria_files_is_current() {
    check("criteria.schema.json", &schema_for!(CriteriaFile));
}

#[test]
fn the_schema_of_verdicts_is_current() {
    check("verdict.schema.json", &schema_for!(Verdict));
}

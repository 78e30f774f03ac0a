//! `slo lint`: the table, and 64 where a criterion cannot do its work.

use crate::{Place, slo};

#[test]
fn sound_criteria_have_no_problem() {
    let said = slo(&["lint", "nominal.toml"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    insta::assert_snapshot!("lint_nominal", said.out);
}

#[test]
fn a_criterion_that_can_never_stop_is_a_problem() {
    let criteria = "[[criterion]]\nname = \"busy\"\nsignal = \"worker.cpu\"\nunit = \"percent\"\n\
        over_time = \"share > 90 %\"\ngo = \"<= 5 %\"\nwarn = \"otherwise\"\nstop = \"> 150 %\"\n";
    let said = Place::with(&[("c.toml", criteria)]).slo(&["lint", "c.toml"]);
    assert_eq!(said.code, 64, "{}", said.out);
    assert!(said.out.contains("problem: busy (gauge) can never be STOP"), "{}", said.out);
    assert!(said.err.contains("1 problem"), "{}", said.err);
}

#[test]
fn wrong_criteria_are_shown_as_by_check() {
    slo(&["lint", "invalid/unknown-key.toml"]).is_usage(&["invalid/unknown-key.toml:7:1"]);
}

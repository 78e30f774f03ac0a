//! The ladder, its checks, and `--steps`.

use mm2_slo::{Criteria, Ladder, Phase, Selection};

/// The runbook's ladder, spoilt, fails with a message that has this in it.
fn refused(spoil: impl Fn(&mut Ladder), message: &str) {
    let mut ladder = Ladder::runbook();
    spoil(&mut ladder);
    let error = ladder.validate().expect_err(message).to_string();
    assert!(error.contains(message), "{error}");
}

#[test]
fn the_runbooks_ladder_stands() {
    let ladder = Ladder::runbook();
    ladder.validate().unwrap();
    let rates: Vec<_> =
        ladder.steps.iter().map(|s| (s.name.as_str(), s.rate_per_sec, s.p99_limit_ms)).collect();
    let want = [
        ("P1", 1_000, 1_000),
        ("P2", 2_500, 2_000),
        ("P3", 5_000, 3_000),
        ("P4", 7_500, 4_000),
        ("P5", 10_000, 5_000),
    ];
    assert_eq!(rates, want);
    let panels: Vec<_> = ladder.steps.iter().map(|s| (s.mm2_avg_limit_ms, s.mm2_max_limit_ms)).collect();
    assert_eq!(panels, [(200, 1_000), (500, 2_000), (1_000, 3_000), (2_000, 4_000), (3_000, 5_000)]);
}

#[test]
fn what_is_no_ladder_is_refused_by_name() {
    refused(|l| l.steps.clear(), "no steps");
    refused(|l| l.steps[3].name = "P1".into(), "two steps are named P1");
    refused(|l| l.steps[1].name = "a,b".into(), "\"a,b\" cannot be selected");
    refused(|l| l.steps[1].name = "a..b".into(), "\"a..b\" cannot be selected");
    refused(|l| l.steps[1].name.clear(), "\"\" cannot be selected");
    refused(|l| l.steps[0].rate_per_sec = 0, "P1 asks for 0 records/s");
    refused(|l| l.steps[4].rate_per_sec = 10_000_001, "P5 asks for 10000001 records/s");
    refused(|l| l.steps[2].rate_per_sec = 2_500, "P3 asks for 2500 records/s, not more than P2 with 2500");
    refused(|l| l.steps.swap(0, 1), "P1 asks for 1000 records/s, not more than P2");
    refused(|l| l.steps[2].p99_limit_ms = 0, "P3 has p99_limit_ms = 0");
    refused(|l| l.steps[2].mm2_avg_limit_ms = 0, "P3 has mm2_avg_limit_ms = 0");
    refused(|l| l.steps[2].mm2_max_limit_ms = 0, "P3 has mm2_max_limit_ms = 0");
}

#[test]
fn a_ladder_reads_as_a_list_of_step() {
    let json = serde_json::to_value(Ladder::runbook()).unwrap();
    assert_eq!(json["step"][0]["name"], "P1");
    assert_eq!(serde_json::from_value::<Ladder>(json).unwrap(), Ladder::runbook());
    let unknown = serde_json::from_str::<Ladder>(r#"{"step": [], "steps": []}"#).unwrap_err();
    assert!(unknown.to_string().contains("unknown field `steps`"), "{unknown}");
}

#[test]
fn steps_selects() {
    for (text, want) in [
        ("P1..P5", "P1 P2 P3 P4 P5"),
        ("P2..P4", "P2 P3 P4"),
        ("P3", "P3"),
        ("P3..P3", "P3"),
        ("P1,P3", "P1 P3"),
        ("P1, P3 .. P4 ,P5", "P1 P3 P4 P5"),
    ] {
        let steps = text.parse::<Selection>().unwrap().of(&Ladder::runbook()).unwrap();
        let names: Vec<_> = steps.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names.join(" "), want, "{text}");
    }
}

#[test]
fn steps_refuses() {
    for (text, message) in [
        ("", "empty place"),
        (",", "empty place"),
        ("P1,", "empty place"),
        ("P1..", "empty place"),
        ("..P3", "empty place"),
        ("P9", "names P9, which is not a step of this ladder; its steps are P1, P2, P3, P4, P5"),
        ("p1", "names p1"),
        ("P1..P9", "names P9"),
        ("P1...P3", "names .P3"),
        ("P3..P1", "has P1 after P3"),
        ("P3,P1", "has P1 after P3"),
        ("P1,P1", "has P1 after P1"),
        ("P1..P3,P2", "has P2 after P3"),
    ] {
        let selected = text.parse::<Selection>().and_then(|s| s.of(&Ladder::runbook()));
        let error = selected.expect_err(text).to_string();
        assert!(error.contains(message), "{text}: {error}");
    }
}

/// The bands of a criterion of Phase 4, as they are written.
fn bands(of: &Criteria, name: &str) -> Vec<String> {
    let wire = of.get(name).unwrap().to_wire().clone();
    [wire.go, wire.warn, wire.stop].into_iter().flatten().collect()
}

fn phase_4() -> Criteria {
    Criteria::of_phase(Phase::RAMP)
}

#[test]
fn the_figures_are_the_runbooks_and_each_can_be_set() {
    let runbook = phase_4();
    assert_eq!(bands(&runbook, "sustained")[0], "<= 0.5 %");
    assert_eq!(bands(&runbook, "delivered")[0], ">= 99 %");
    assert_eq!(bands(&runbook, "slip")[0], "<= 50 ms");
    assert_eq!(bands(&runbook, "backlog"), ["<= 10000 records", "otherwise", "> 50000 records"]);
    let wire = |name| runbook.get(name).unwrap().to_wire();
    assert_eq!(wire("backlog").scale_above.as_deref(), Some("10000 records/s"));
    assert_eq!(wire("duplicates").flush_interval.as_deref(), Some("60 s"));
    assert_eq!(wire("duplicates").replay_grace.as_deref(), Some("10 s"));

    let one = runbook.overridden("[[criterion]]\nname = 'backlog'\ngo = '<= 7 records'").unwrap();
    assert_eq!(bands(&one, "backlog"), ["<= 7 records", "otherwise", "> 50000 records"]);
    let others = |set: &Criteria| set.iter().filter(|c| *c.name() != *"backlog").cloned().collect::<Vec<_>>();
    assert_eq!(others(&one), others(&runbook));
    let unknown = runbook.overridden("[[criterion]]\nname = 'backlog'\ngoo = '<= 7 records'").unwrap_err();
    assert!(unknown.to_string().contains("goo"), "{unknown}");
}

#[test]
fn figures_that_make_no_sense_are_refused_by_name() {
    for (name, keys, message) in [
        ("slip", "go = '<= nan ms'", "cannot read `nan ms`"),
        ("backlog", "go = '<= 50001 records'", "criterion `backlog`: "),
        ("backlog", "scale_above = '0 records/s'", "`scale_above` must be a rate above 0"),
        ("sustained", "go = '>= 0.5 %'", "criterion `sustained`: "),
    ] {
        let text = format!("[[criterion]]\nname = '{name}'\n{keys}\n");
        let error = phase_4().overridden(&text).expect_err(keys);
        assert_eq!(error.criterion(), Some(name));
        assert!(error.to_string().contains(message), "{error}");
    }
}

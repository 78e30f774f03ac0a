//! The four verdicts and their exit codes, on the nominal run and on what is made of it.

use crate::{Place, fixture, slo};

const CHECK: &str = "--criteria nominal.toml --data nominal.csv";

/// Without the rows of these minutes.
fn without(csv: &str, minutes: std::ops::Range<u32>) -> String {
    let gone: Vec<String> = minutes.map(|minute| format!(" 12:{minute:02}:")).collect();
    csv.lines()
        .filter(|line| !gone.iter().any(|gone| line.contains(gone)))
        .map(|line| line.to_owned() + "\n")
        .collect()
}

#[test]
fn the_nominal_run_is_warn_by_its_excursion() {
    let said = slo(&["check", "--criteria", "nominal.toml", "--data", "nominal.csv", "--window", "30m"]);
    assert_eq!(said.code, 10);
    insta::assert_snapshot!("nominal_out", said.out);
    insta::assert_snapshot!("nominal_err", said.err);
}

#[test]
fn each_verdict_has_its_exit_code_and_stands_first_on_stdout() {
    let check = |change: (&str, &str), args: &str, code: i32, begins: &str| {
        let criteria = fixture("nominal.toml");
        assert!(criteria.contains(change.0), "{}", change.0);
        let place = Place::nominal(&[("nominal.toml", &criteria.replace(change.0, change.1))]);
        let said = place.check(&format!("{CHECK} {args}"));
        assert_eq!(said.code, code, "{}{}", said.out, said.err);
        assert!(said.out.starts_with(begins), "{}", said.out);
    };
    let same = ("lag_max", "lag_max");
    check(("<= 10000 records", "<= 25000 records"), "--window 30m", 0, "GO: all 3 criteria are met\n");
    check(same, "--window 30m", 10, "WARN: lag_max is 23,790 records");
    check(("> 50000 records", "> 20000 records"), "--window 30m", 20, "STOP: lag_max is 23,790 records");
    check(same, "--window 40m", 30, "INCONCLUSIVE: lag_max");
}

#[test]
fn a_gap_withholds_go_and_does_not_hide_a_stop() {
    let csv = fixture("nominal.csv");
    let quiet = fixture("nominal.toml").replace("<= 10000 records", "<= 25000 records");
    let check = |csv: &str, criteria: &str, code: i32, says: &str| {
        let place = Place::nominal(&[("nominal.csv", csv), ("nominal.toml", criteria)]);
        let said = place.check(&format!("{CHECK} --window 30m"));
        assert_eq!(said.code, code, "{}", said.out);
        assert!(said.out.contains(says), "{}", said.out);
    };
    check(&csv, &quiet, 0, "GO: all 3");
    check(&without(&csv, 3..8), &quiet, 30, "of its ticks (90 % needed), the longest gap is 300 s");
    check(&without(&csv, 22..31), &quiet, 30, "of its ticks (90 % needed), the longest gap is 480 s");
    let strict = quiet.replace("<= 25000 records", "<= 10000 records").replace("> 50000", "> 20000");
    check(&without(&csv, 3..8), &strict, 20, "STOP: lag_max is 23,790 records");
}

#[test]
fn empty_cells_and_nan_are_missing_not_zero() {
    let csv = fixture("nominal.csv");
    let quiet = fixture("nominal.toml").replace("<= 10000 records", "<= 25000 records");
    for missing in ["", "NaN", "nan", "+Inf"] {
        let row = |line: &str| {
            let cells: Vec<&str> = line.split(',').collect();
            let gone = (3..8).any(|minute| line.contains(&format!(" 12:{minute:02}:")));
            let lag = if gone { missing } else { cells[1] };
            [cells[0], lag, cells[2], cells[3]].join(",") + "\n"
        };
        let csv: String = csv.lines().map(row).collect();
        let place = Place::nominal(&[("nominal.csv", &csv), ("nominal.toml", &quiet)]);
        let said = place.check(&format!("{CHECK} --window 30m"));
        assert_eq!(said.code, 30, "{missing:?}: {}", said.out);
    }
}

#[test]
fn a_series_that_never_came_is_seen_only_with_expect() {
    let place = Place::nominal(&[(
        "nominal.toml",
        &fixture("nominal.toml").replace("<= 10000 records", "<= 25000 records"),
    )]);
    assert_eq!(place.check(&format!("{CHECK} --window 30m --expect consumer.lag=2")).code, 0);
    let said = place.check(&format!("{CHECK} --window 30m --expect consumer.lag=3"));
    assert_eq!(said.code, 30);
    assert!(said.out.starts_with("INCONCLUSIVE: lag_max has 2 of 3 series"), "{}", said.out);
}

#[test]
fn a_criterion_without_its_column_is_inconclusive_and_columns_without_a_criterion_are_named() {
    let csv = fixture("nominal.csv").replace("consumer.lag", "lag of the consumer");
    let place = Place::nominal(&[("nominal.csv", &csv)]);
    let said = place.check(&format!("{CHECK} --window 30m"));
    assert_eq!(said.code, 30);
    assert!(said.out.contains("lag_max was not measured: there is no sample of it"), "{}", said.out);
    for part in ["no data for `consumer.lag`", "--map", "`lag of the consumer{task=\"0\"}`", "`heap`"] {
        assert!(said.err.contains(part), "{part}: {}", said.err);
    }
}

#[test]
fn what_was_taken_from_the_data_is_said() {
    let place = Place::nominal(&[]);
    let taken = place.check(CHECK);
    assert!(
        taken.err.contains("warning: the window of 30m from 2026-01-31T12:00:00 ends with the last sample")
    );
    assert!(taken.err.contains("nominal.csv: samples are taken to be 15s apart, the median distance"));
    assert!(place.check(&format!("{CHECK} --quiet")).err.contains("ends with the last sample"));
    let typed = place.slo(&[
        "check",
        "--criteria",
        "nominal.toml",
        "--data",
        "nominal.csv",
        "--window",
        "30m",
        "--every",
        "15s",
        "--from",
        "2026-01-31 12:00:00",
        "--quiet",
    ]);
    assert_eq!((typed.code, typed.err.as_str()), (10, ""));
}

#[test]
fn a_wrong_interval_cannot_make_go() {
    let quiet = fixture("nominal.toml").replace("<= 10000 records", "<= 25000 records");
    let place = Place::nominal(&[("nominal.toml", &quiet)]);
    assert_eq!(place.check(&format!("{CHECK} --window 30m --every 5s")).code, 30);
    assert_eq!(place.check(&format!("{CHECK} --window 30m --every consumer.lag=5s")).code, 30);
}

#[test]
fn the_window_is_the_one_that_was_asked_for() {
    let place = Place::nominal(&[]);
    let check = |from: &str, window: &str, code: i32| {
        let said = place.slo(&[
            "check",
            "--criteria",
            "nominal.toml",
            "--data",
            "nominal.csv",
            "--from",
            from,
            "--window",
            window,
        ]);
        assert_eq!(said.code, code, "{from} {window}: {}", said.out);
    };
    // The excursion is from 12:14:30 to 12:17.
    check("2026-01-31 12:00:00", "14m", 0);
    check("2026-01-31 12:00:00", "16m", 10);
    check("2026-01-31 12:18:00", "12m", 0);
    check("2026-01-31 12:18:00", "20m", 30);
    check("2026-01-31 11:30:00", "30m", 30);
}

#[test]
fn counters_are_followed_through_a_restart() {
    let criteria = "[[criterion]]\nname = \"errors\"\nsignal = \"errors\"\nunit = \"count\"\n\
        over_time = \"increase\"\ngo = \"<= 10\"\nstop = \"otherwise\"\n";
    let csv = |values: [u32; 5]| {
        let row = |(i, value): (usize, u32)| format!("2026-01-31T12:00:{:02}Z,{value}\n", i * 10);
        format!("time,errors\n{}", values.into_iter().enumerate().map(row).collect::<String>())
    };
    let check = |values, code, says: &str| {
        let place = Place::with(&[("c.toml", criteria), ("d.csv", &csv(values))]);
        let said = place.check("--criteria c.toml --data d.csv");
        assert_eq!(said.code, code, "{}", said.out);
        assert!(said.out.contains(says), "{}", said.out);
    };
    check([100, 102, 104, 104, 106], 0, "errors is 6,");
    check([100, 104, 2, 4, 6], 0, "errors is 10,");
    check([100, 104, 9, 9, 9], 20, "errors is 13,");
}

#[test]
fn limits_take_what_is_known() {
    let place = Place::nominal(&[("known.toml", &fixture("valid/known-limit.toml"))]);
    let check = |limit: &[&str], code: i32| {
        let args = ["check", "--criteria", "known.toml", "--data", "nominal.csv", "--window", "30m"];
        assert_eq!(place.slo(&[&args, limit].concat()).code, code, "{limit:?}");
    };
    check(&[], 30);
    check(&["--known", "lag_limit=25000 records"], 0);
    check(&["--known", "lag_limit=20000 records"], 20);
    check(&["--known", "lag_limit=20 s"], 30);
}

#[test]
fn an_interval_that_hides_gaps_is_said() {
    let place = Place::nominal(&[]);
    let said = place.check(&format!("{CHECK} --window 30m --every 5m --quiet"));
    assert!(said.err.contains("samples are 15s apart and --every says 5m"), "{}", said.err);
}

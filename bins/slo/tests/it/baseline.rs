//! A good run kept, and a later one compared with it.

use crate::{Place, fixture};

fn place() -> Place {
    let tripled: String = fixture("nominal.csv")
        .lines()
        .map(|line| {
            let cells: Vec<String> = line
                .split(',')
                .map(|cell| cell.parse::<u64>().map_or(cell.to_owned(), |n| (3 * n).to_string()))
                .collect();
            cells.join(",") + "\n"
        })
        .collect();
    Place::nominal(&[
        ("tripled.csv", &tripled),
        ("compared.toml", &fixture("valid/compared-with-baseline.toml")),
    ])
}

const COMPARED: &str = "--criteria compared.toml --window 30m";

#[test]
fn a_baseline_is_saved_and_later_runs_are_held_against_it() {
    let place = place();
    let first = place.check(&format!("{COMPARED} --data nominal.csv --save-baseline good.json"));
    assert_eq!(first.code, 30, "{}", first.err);
    assert!(first.out.contains("its limit depends on baseline, which is not known"), "{}", first.out);
    assert!(first.err.contains("baseline written to good.json"), "{}", first.err);

    let check = |data: &str, code: i32| {
        let said = place.check(&format!("{COMPARED} --data {data} --baseline good.json"));
        assert_eq!(said.code, code, "{}{}", said.out, said.err);
    };
    check("nominal.csv", 0);
    check("tripled.csv", 10);
}

#[test]
fn a_baseline_is_not_overwritten_and_not_made_of_a_bad_run() {
    let place = place();
    let save = |criteria: &str, data: &str, file: &str| {
        place.check(&format!("--criteria {criteria} --window 30m --data {data} --save-baseline {file}"))
    };
    let exists = |file: &str| place.0.path().join(file).exists();
    save("compared.toml", "nominal.csv", "good.json");
    save("compared.toml", "tripled.csv", "good.json").is_usage(&["good.json exists", "not overwritten"]);

    let said = save("nominal.toml", "tripled.csv", "bad.json");
    assert_eq!(said.code, 20, "{}", said.out);
    assert!(said.err.contains("bad.json is not written: a run that is STOP"), "{}", said.err);
    assert!(!exists("bad.json"));

    // Half of the window is missing, so nothing was shown.
    let said =
        place.check("--criteria compared.toml --window 60m --data nominal.csv --save-baseline half.json");
    assert_eq!(said.code, 30);
    assert!(
        said.err.contains("half.json is not written: no criterion has a value that was shown good"),
        "{}",
        said.err
    );
    assert!(!exists("half.json"));
}

#[test]
fn what_is_no_baseline_is_refused() {
    let place = Place::nominal(&[("b.json", "{\"schema\":1,\"kind\":\"slo-check\",\"values\":{}}")]);
    let check = |file: &str, part: &str| {
        place
            .check(&format!("--criteria nominal.toml --data nominal.csv --baseline {file}"))
            .is_usage(&[part]);
    };
    check("b.json", "b.json is a slo-check");
    check("nominal.csv", "nominal.csv is no baseline");
    check("none.json", "cannot read none.json");
}

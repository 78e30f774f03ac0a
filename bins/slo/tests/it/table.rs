//! CSV that cannot be read for certain: an error that names the place, and nothing on stdout.

use crate::{Place, fixture};

const CHECK: &str = "--criteria nominal.toml --data d.csv";
const NOON: i64 = 1_769_860_800;
const HEAD: &str = "Time,consumer.lag,comment\n";

/// Rows after a header, each with its `consumer.lag`.
fn csv(rows: &[(&str, &str)]) -> String {
    rows.iter().fold(HEAD.to_owned(), |text, (time, lag)| text + time + "," + lag + ",fine\n")
}

fn rejects(text: &str, parts: &[&str]) {
    Place::nominal(&[("d.csv", text)]).check(CHECK).is_usage(parts);
}

#[test]
fn a_cell_that_is_no_number_names_its_row_and_column() {
    let bad = |cell: &str, hint: &str| {
        let text = csv(&[("2026-01-31 12:00:00", "1"), ("2026-01-31 12:00:15", cell)]);
        rejects(&text, &["d.csv:3: column `consumer.lag`: `", "is not a number", hint]);
    };
    bad("\"1,234\"", "no comma");
    bad("\"0,5\"", "no comma");
    bad("1.2 K", "without units");
    bad("350 ms", "without units");
    bad("n/a", "leave the cell empty");
    bad("1_000", "without units");
}

#[test]
fn a_time_that_is_none_or_stands_twice_names_its_row() {
    rejects(&csv(&[("yesterday", "1")]), &["d.csv:2: `yesterday` in the first column is no time"]);
    rejects(&csv(&[("0", "1"), ("15", "2")]), &["d.csv:2: `0`"]);
    rejects(
        &csv(&[("2026-01-31 12:00:00", "1"), ("2026-01-31T12:00:15Z", "1")]),
        &["d.csv:3", "another way than in line 2"],
    );
    rejects(
        &csv(&[("1769860800", "1"), ("1769860815", "2"), ("1769860800", "3")]),
        &["d.csv:4: `1769860800` stands in line 2, too"],
    );
}

#[test]
fn a_table_that_is_torn_is_not_judged() {
    rejects("Time,consumer.lag\n2026-01-31 12:00:00,1,2\n", &["d.csv:2: the row has 3 cells, the header 2"]);
    rejects("Time;consumer.lag\n", &["one column", "sep=;"]);
    rejects(HEAD, &["no row below its header"]);
    rejects(
        "Time,consumer.lag,consumer.lag\n2026-01-31 12:00:00,1,2\n",
        &["two columns for signal `consumer.lag`"],
    );
    rejects(&csv(&[("2026-01-31 12:00:00", "1")]), &["no time at all", "--window"]);
    Place::nominal(&[]).check(CHECK).is_usage(&["cannot read d.csv"]);
}

#[test]
fn what_no_criterion_uses_may_be_anything() {
    let text = csv(&[("2026-01-31 12:00:00", "1"), ("2026-01-31 12:00:15", "2")]).replace("fine", "1.2 K");
    let said = Place::nominal(&[("d.csv", &text)]).check(CHECK);
    assert_ne!(said.code, 64, "{}", said.err);
}

#[test]
fn times_are_read_in_each_form_and_order() {
    let nominal = fixture("nominal.csv");
    let rewritten = |time: &dyn Fn(i64) -> String| {
        let row = |(i, line): (usize, &str)| match line.split_once(',') {
            Some((_, rest)) if i > 0 => format!("{},{rest}\n", time(i as i64 - 1)),
            _ => format!("{line}\n"),
        };
        nominal.lines().enumerate().map(row).collect::<String>()
    };
    let of_day = |i: i64| format!("12:{:02}:{:02}", i * 15 / 60, i * 15 % 60).replace("12:60", "12:30");
    let mut backwards: Vec<&str> = nominal.lines().collect();
    backwards[1..].reverse();
    for text in [
        rewritten(&|i| format!("{}", NOON + i * 15)),
        rewritten(&|i| format!("{}", (NOON + i * 15) * 1_000)),
        rewritten(&|i| format!("2026-01-31T{}Z", of_day(i))),
        rewritten(&|i| format!("2026-01-31 {}+05:30", of_day(i))),
        backwards.join("\n"),
        format!("\u{feff}sep=,\r\n{}", nominal.replace('\n', "\r\n")),
        format!("sep=;\n{}", nominal.replace(',', ";")),
    ] {
        let said = Place::nominal(&[("d.csv", &text)]).check(&format!("{CHECK} --window 30m"));
        assert_eq!(said.code, 10, "{}{}", said.err, &text[..200]);
        assert!(said.out.contains("121 (100 %)"), "{}", said.out);
    }
}

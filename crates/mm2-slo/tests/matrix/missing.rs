//! What missing data does: each way of judging × each way in which data can be missing.
//!
//! Two matrices. In the first, what is left of the data is good: no cell may be GO, and none WARN, which opens a gate
//! as well. In the second, what is left is clearly bad: STOP, but for the cells that `not_shown` gives a reason for.
//! Both are also snapshots, so that a cell that changes is seen.

mod seen;

use std::fmt::Write as _;

use mm2_slo::{
    Criteria, Finding, Level, Missing, Observation, Observations, Outcome, Quantity, Series, Setting, Source,
    Unit,
};

use self::seen::{observation, other_form};

/// The columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Defect {
    None,
    AbsentSignal,
    AllNan,
    SomeNan,
    Stale,
    Gap,
    MissingEnd,
    ShortWindow,
    OneSeriesGone,
    NoBaseline,
    Infinite,
    WrongUnit,
    WrongForm,
    DeclaredAbsent,
}

use Defect as D;

const DEFECTS: [(Defect, &str); 14] = [
    (D::None, "nothing"),
    (D::AbsentSignal, "absent signal"),
    (D::AllNan, "all NaN"),
    (D::SomeNan, "20 % NaN"),
    (D::Stale, "last 60 %"),
    (D::Gap, "10 % gap"),
    (D::MissingEnd, "last 10 %"),
    (D::ShortWindow, "short window"),
    (D::OneSeriesGone, "1 of 2 series"),
    (D::NoBaseline, "baseline"),
    (D::Infinite, "20 % infinite"),
    (D::WrongUnit, "wrong unit"),
    (D::WrongForm, "wrong form"),
    (D::DeclaredAbsent, "declared absent"),
];

/// The ways of judging.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Samples of a gauge, and what becomes of them over time.
    Gauge(&'static str),
    Counter(&'static str),
    Baseline,
    Total,
    Records,
    Histogram,
    CoarseHistogram,
    Growth,
    Trend,
    Uniform,
    Duplicates,
    Delivered,
    Slip,
}

struct Row {
    kind: Kind,
    over_series: &'static str,
}

impl Row {
    fn name(&self) -> String {
        let plain = match self.kind {
            Kind::Gauge(over_time) => format!("gauge {over_time}"),
            Kind::Counter(over_time) => format!("counter {over_time}"),
            Kind::Baseline => "gauge avg ÷ baseline".to_owned(),
            Kind::Total => "total".to_owned(),
            Kind::Records => "claim, records".to_owned(),
            Kind::Histogram => "claim, histogram".to_owned(),
            Kind::CoarseHistogram => "claim, coarse histogram".to_owned(),
            Kind::Growth => "growth".to_owned(),
            Kind::Trend => "trend".to_owned(),
            Kind::Uniform => "uniform".to_owned(),
            Kind::Duplicates => "duplicates".to_owned(),
            Kind::Delivered => "delivered".to_owned(),
            Kind::Slip => "slip".to_owned(),
        };
        match self.over_series {
            "" => plain,
            over => format!("{plain}, {over}"),
        }
    }

    fn has_series(&self) -> bool {
        !self.over_series.is_empty()
    }
}

fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let sampled = ["avg", "max", "min", "last", "p99", "share > 500 ms", "slope"].map(Kind::Gauge);
    for kind in sampled.into_iter().chain(["rate", "increase"].map(Kind::Counter)) {
        for over_series in ["", "each", "max", "min", "sum", "avg"] {
            rows.push(Row { kind, over_series });
        }
    }
    rows.push(Row { kind: Kind::Baseline, over_series: "avg" });
    rows.extend(
        [
            Kind::Total,
            Kind::Records,
            Kind::Histogram,
            Kind::CoarseHistogram,
            Kind::Growth,
            Kind::Trend,
            Kind::Uniform,
            Kind::Duplicates,
            Kind::Delivered,
            Kind::Slip,
        ]
        .map(|kind| Row { kind, over_series: if kind == Kind::Trend { "each" } else { "" } }),
    );
    rows
}

const WINDOW_S: f64 = 600.0;
const DAY_S: f64 = 86_400.0;

fn criteria(row: &Row) -> Criteria {
    let limits = match row.kind {
        Kind::Gauge("slope") => "unit = \"records\"\ngo = \"<= 1 records/s\"\nstop = \"> 1 records/s\"",
        Kind::Gauge("share > 500 ms") => "unit = \"ms\"\ngo = \"<= 5 %\"\nstop = \"> 5 %\"",
        Kind::Gauge(_) => "unit = \"ms\"\ngo = \"< 500 ms\"\nstop = \"otherwise\"",
        Kind::Counter("rate") => "unit = \"records\"\ngo = \"<= 10 records/s\"\nstop = \"> 10 records/s\"",
        Kind::Counter(_) => "unit = \"records\"\ngo = \"<= 1000 records\"\nstop = \"> 1000 records\"",
        Kind::Baseline => "unit = \"ms\"\ngo = \"<= baseline * 2\"\nstop = \"otherwise\"",
        Kind::Total => "unit = \"records\"\ngo = \"<= 10 records\"\nstop = \"> 10 records\"",
        Kind::Records | Kind::Histogram | Kind::CoarseHistogram => {
            "unit = \"ms\"\nrule = \"claim\"\nover_time = \"p99\"\ngo = \"< 1 s\"\nstop = \"otherwise\""
        }
        Kind::Growth => {
            "unit = \"records\"\nrule = \"growth\"\ngo = \"<= 1000 records\"\nstop = \"otherwise\""
        }
        Kind::Trend => {
            "unit = \"bytes\"\nrule = \"trend\"\ngo = \"< 10 %\"\nwarn = \"otherwise\"\nstop = \">= 50 %\""
        }
        Kind::Uniform => "unit = \"ms\"\nrule = \"uniform\"\ngo = \"< 10\"\nstop = \"otherwise\"",
        Kind::Duplicates => {
            "unit = \"records\"\nrule = \"duplicates\"\ngo = \"= 0 records\"\nstop = \"> 0 records\""
        }
        Kind::Delivered => "unit = \"percent\"\nrule = \"delivered\"\ngo = \">= 99 %\"\nstop = \"< 99 %\"",
        Kind::Slip => "unit = \"ms\"\nrule = \"slip\"\ngo = \"<= 50 ms\"\nstop = \"> 50 ms\"",
    };
    let over_time = match row.kind {
        Kind::Gauge(over) | Kind::Counter(over) => format!("over_time = \"{over}\"\n"),
        Kind::Baseline => "over_time = \"avg\"\n".to_owned(),
        _ => String::new(),
    };
    let over_series = match (row.kind, row.over_series) {
        (_, "") | (Kind::Trend, _) => String::new(),
        (_, over) => format!("over_series = \"{over}\"\n"),
    };
    let not_before = if row.kind == Kind::Trend { "24 h" } else { "5 min" };
    let text = format!(
        "[[criterion]]\nname = \"x\"\nsignal = \"x\"\nnot_before = \"{not_before}\"\n{limits}\n{over_time}{over_series}"
    );
    Criteria::from_toml(&text).unwrap_or_else(|why| panic!("{why}\n{text}"))
}

/// What a row comes to with such data; `None` where the data cannot be missing in this way.
fn cell(row: &Row, bad: bool, defect: Defect) -> Option<Finding> {
    let long_s = if row.kind == Kind::Trend { DAY_S } else { WINDOW_S };
    let window_s = if defect == D::ShortWindow { long_s / 10.0 } else { long_s };
    let seen = match defect {
        D::AbsentSignal => Err(Missing::NoData),
        D::DeclaredAbsent => Err(Missing::DeclaredAbsent("there is none".to_owned())),
        D::NoBaseline if row.kind != Kind::Baseline => return None,
        D::WrongForm => Ok(other_form(row)),
        _ => Ok(observation(row, bad, defect, window_s)?),
    };
    let mut setting = Setting::default().asked(1_000.0);
    if defect != D::NoBaseline {
        setting = setting.baseline("x", Quantity::new(250.0, Unit::Ms).unwrap());
    }
    let mut observations = Observations::over(window_s).in_setting(setting);
    if defect != D::AbsentSignal {
        observations = observations.with_result("x", seen);
    }
    Some(criteria(row).judge(&observations).findings.remove(0))
}

/// Why bad data is not STOP in some cells of the second matrix.
fn not_shown(row: &Row, defect: Defect) -> Option<&'static str> {
    match (row.kind, defect) {
        (Kind::CoarseHistogram, D::DeclaredAbsent) => Some("there is no data of the kind"),
        (Kind::CoarseHistogram, _) => Some("no bucket tells what is over the limit from what is not"),
        (_, D::AbsentSignal | D::WrongForm | D::DeclaredAbsent) => Some("there is no data of the kind"),
        (_, D::WrongUnit) => Some("a figure of unknown size is no figure"),
        (_, D::NoBaseline) => Some("there is no limit"),
        // A record without a latency was not seen in time.
        (Kind::Records, D::AllNan) => None,
        (_, D::AllNan) | (Kind::Total | Kind::Slip, D::Infinite) => Some("no figure is left"),
        (Kind::Gauge("p99"), D::ShortWindow) => Some("60 ticks have no p99"),
        (Kind::Growth, D::Stale | D::MissingEnd) => {
            Some("the line goes through eight blocks, and some are empty")
        }
        (Kind::Trend, D::Stale | D::Gap | D::MissingEnd) => {
            Some("nine tenths of the blocks must be there, and the last")
        }
        (Kind::Trend, D::ShortWindow) => Some("a day is needed to tell a leak from what fills up"),
        (_, D::OneSeriesGone) => match (row.kind, row.over_series) {
            (Kind::Gauge("max") | Kind::Counter(_), "max" | "sum") => None,
            (Kind::Gauge(_), "max" | "sum") => {
                Some("a tick that lacks series is none but for the largest one: its value could be another")
            }
            (_, "min" | "avg") => Some("the missing series could make it better"),
            _ => None,
        },
        _ => None,
    }
}

fn matrix(bad: bool) -> String {
    let mut table = String::from("| missing: |");
    for (_, title) in DEFECTS {
        write!(table, " {title} |").unwrap();
    }
    table.push_str("\n|---|");
    table.push_str(&"---|".repeat(DEFECTS.len()));
    for row in rows() {
        write!(table, "\n| {} |", row.name()).unwrap();
        for (defect, _) in DEFECTS {
            let word = match cell(&row, bad, defect).map(|finding| finding.outcome) {
                None => "·",
                Some(Outcome::Go) => "GO",
                Some(Outcome::Warn) => "WARN",
                Some(Outcome::Inconclusive) => "inc",
                Some(Outcome::Stop) => "STOP",
                Some(Outcome::Skipped) => "skip",
            };
            write!(table, " {word} |").unwrap();
        }
    }
    table.push('\n');
    table
}

#[test]
fn what_is_missing_is_never_go() {
    let mut wrong = Vec::new();
    for row in rows() {
        for (defect, title) in DEFECTS {
            let Some(finding) = cell(&row, false, defect) else { continue };
            let fits = match defect {
                D::None if row.kind == Kind::CoarseHistogram => finding.outcome == Outcome::Inconclusive,
                D::None => finding.outcome == Outcome::Go,
                D::DeclaredAbsent => finding.outcome == Outcome::Skipped,
                _ => finding.level().is_some_and(|level| level >= Level::Inconclusive),
            };
            if !fits {
                wrong.push(format!("{} | {title}: {:?} {:?}", row.name(), finding.outcome, finding.reason));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}\n{}", matrix(false));
    insta::assert_snapshot!("what_is_left_is_good", matrix(false));
}

#[test]
fn what_is_shown_to_be_bad_stays_stop() {
    let mut wrong = Vec::new();
    for row in rows() {
        for (defect, title) in DEFECTS {
            let Some(finding) = cell(&row, true, defect) else { continue };
            let is_stop = finding.outcome == Outcome::Stop;
            if is_stop == not_shown(&row, defect).is_some() {
                wrong.push(format!("{} | {title}: {:?} {:?}", row.name(), finding.outcome, finding.reason));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}\n{}", matrix(true));
    insta::assert_snapshot!("what_is_left_is_bad", matrix(true));
}

/// Half of the workers is silent, and the rest alone is too slow: nothing is shown of all of them.
#[test]
fn what_is_missing_of_a_sum_does_not_make_it_too_small() {
    let criteria = Criteria::from_toml(
        "[[criterion]]\nname = \"x\"\nsignal = \"x\"\nunit = \"records\"\nover_series = \"sum\"\nover_time = \"rate\"\n\
         go = \">= 800 records/s\"\nstop = \"otherwise\"",
    )
    .unwrap();
    let ticks = |per_sec: f64| (0..600).map(|s| (s * 1_000, per_sec * s as f64)).collect();
    let level = |names: &[&str], per_sec| {
        let series = names.iter().map(|name| Series::new(*name, ticks(per_sec)));
        let seen = Source::counter(Unit::Records, 1_000).expect(2).series(series);
        criteria.judge(&Observations::over(WINDOW_S).with("x", Observation::Sampled(seen))).level
    };
    assert_eq!(level(&["a", "b"], 500.0), Level::Go);
    assert_eq!(level(&["a", "b"], 300.0), Level::Stop);
    assert_eq!(level(&["a"], 500.0), Level::Inconclusive);
}

//! Any observation under any kind of criterion: no panic, no figure that is not finite, no GO without data, and the
//! stream says what the whole window says.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use mm2_slo::evidence::{Block, ConnectEvidence, LoadEvidence};
use mm2_slo::observations::{Duplicates, Histogram, Partition};
use mm2_slo::{
    Criteria, Latency, Level, Observation, Observations, Quantity, Series, Setting, Source, Stream, Total, Unit,
};

#[derive(Debug, Arbitrary)]
struct Input {
    rule: u8,
    over_time: u8,
    over_series: u8,
    for_ticks: u8,
    falls: bool,
    advisory: bool,
    go: f64,
    stop: f64,
    settle_s: u16,
    window_s: f64,
    asked: f64,
    baseline: f64,
    seen: Seen,
}

#[derive(Debug, Arbitrary)]
enum Seen {
    Sampled { every_ms: u16, counter: bool, expected: Option<u8>, looks_back_ms: u32, series: Vec<Vec<(u32, f64)>> },
    /// A long, dense series, which an arbitrary list never is.
    Dense { every_ms: u16, lanes: u8, samples: u16, pattern: [f64; 4], hole: (u16, u16) },
    Total { value: f64, complete: bool, places: Vec<u64>, deadline_s: Option<f64> },
    Latency { limit_ms: f64, blocks: Vec<(u64, u64)> },
    Records { limit_ms: f64, records: Vec<(u32, f64)> },
    Histogram { bounds: Vec<f64>, scrapes: Vec<(u32, Vec<f64>)> },
    Partitions(Vec<(f64, u64)>),
    Load { due: u64, sent: u64, acked: u64, failed: u64, slip: Option<f64>, blocked: f64, refused: bool },
    Duplicates { count: u64, complete: bool, polled: Option<(u64, u64, bool, Option<u64>, bool)> },
}

const OVER_TIME: [&str; 14] = [
    "avg", "max", "min", "last", "p50", "p95", "p99", "p99.9", "rate", "increase", "slope", "share > 50 records",
    "share < 1 records", "",
];
const OVER_SERIES: [&str; 6] = ["", "each", "max", "min", "sum", "avg"];

/// The criterion as text, or `None` where its figures cannot be written.
fn criterion(input: &Input) -> Option<String> {
    if !input.go.is_finite() || !input.stop.is_finite() {
        return None;
    }
    let (go, stop) = (input.go.abs() % 1e6, input.stop.abs() % 1e6);
    let (low, high) = (go.min(stop), go.max(stop));
    let over_time = OVER_TIME[usize::from(input.over_time) % OVER_TIME.len()];
    let bands = |unit: &str| match input.falls {
        false => format!("go = \"< {low:.6} {unit}\"\nwarn = \"otherwise\"\nstop = \"> {high:.6} {unit}\"\n"),
        true => format!("go = \"> {high:.6} {unit}\"\nwarn = \"otherwise\"\nstop = \"< {low:.6} {unit}\"\n"),
    };
    let relative = |unit: &str| {
        format!("go = \"<= baseline * 1.5 + {low:.6} {unit}\"\nwarn = \"otherwise\"\nstop = \"> {high:.6} {unit}\"\n")
    };
    let proof = |relation: &str, unit: &str| format!("go = \"{relation} {low:.6} {unit}\"\nstop = \"otherwise\"\n");
    let (unit, rule) = match input.rule % 11 {
        0..=2 => {
            let judged = match over_time {
                "rate" | "slope" => "records/s",
                share if share.starts_with("share") => "%",
                _ => "records",
            };
            let mut text = if input.rule % 11 == 2 { relative(judged) } else { bands(judged) };
            if !over_time.is_empty() {
                text += &format!("over_time = \"{over_time}\"\n");
            }
            let over_series = OVER_SERIES[usize::from(input.over_series) % OVER_SERIES.len()];
            if !over_series.is_empty() {
                text += &format!("over_series = \"{over_series}\"\n");
            }
            if matches!(over_time, "max" | "min") {
                text += &format!("for = {}\n", input.for_ticks % 8 + 1);
            }
            text += &format!("settle = \"{} s\"\n", input.settle_s);
            ("records", text)
        }
        3 => ("ms", format!("rule = \"claim\"\nover_time = \"p99\"\n{}", proof("<", "ms"))),
        4 => ("records", format!("rule = \"growth\"\nsettle = \"{} s\"\n{}", input.settle_s, proof("<=", "%"))),
        5 => ("records", format!("rule = \"growth\"\n{}", proof("<=", "records"))),
        6 => (
            "records",
            format!(
                "rule = \"trend\"\nblock = \"{} s\"\nblock_by = \"{}\"\nnot_before = \"60 s\"\ngo = \"< {low:.6} %\"\nwarn = \"otherwise\"\nstop = \">= {high:.6} %\"\n",
                input.settle_s.max(1),
                if input.falls { "floor" } else { "middle" }
            ),
        ),
        7 => ("ms", format!("rule = \"uniform\"\ngo = \"< {low:.6}\"\nstop = \"otherwise\"\n")),
        8 => ("records", "rule = \"duplicates\"\ngo = \"= 0 records\"\nstop = \"> 0 records\"\n".to_owned()),
        9 => ("percent", "rule = \"delivered\"\ngo = \">= 99 %\"\nstop = \"< 99 %\"\n".to_owned()),
        _ => ("ms", "rule = \"slip\"\ngo = \"<= 50 ms\"\nstop = \"> 50 ms\"\nvoid_if_slip = true\n".to_owned()),
    };
    Some(format!(
        "[[criterion]]\nname = \"c\"\nsignal = \"s\"\nunit = \"{unit}\"\nadvisory = {}\n{rule}",
        input.advisory
    ))
}

fn observed(seen: &Seen) -> Observation {
    let samples = |samples: &[(u32, f64)]| samples.iter().map(|(at, value)| (u64::from(*at), *value)).collect();
    match seen {
        Seen::Sampled { every_ms, counter, expected, looks_back_ms, series } => {
            let every_ms = u64::from(*every_ms);
            let mut source = match counter {
                true => Source::counter(Unit::Records, every_ms),
                false => Source::gauge(Unit::Records, every_ms),
            };
            if let Some(expected) = expected {
                source = source.expect(usize::from(*expected));
            }
            let series = series.iter().enumerate().map(|(i, one)| Series::new(format!("{i:03}"), samples(one)));
            Observation::Sampled(source.looks_back(u64::from(*looks_back_ms)).series(series))
        }
        Seen::Dense { every_ms, lanes, samples, pattern, hole } => {
            let every_ms = u64::from(*every_ms).max(1);
            let lane = |lane: u64| {
                let there = (0..u64::from(*samples)).filter(|i| !(u64::from(hole.0)..u64::from(hole.1)).contains(i));
                let one = there.map(|i| (lane * 7 % every_ms + i * every_ms, pattern[(i % 4) as usize]));
                Series::new(format!("{lane:03}"), one.collect())
            };
            Observation::Sampled(Source::gauge(Unit::Records, every_ms).series((0..u64::from(*lanes % 5)).map(lane)))
        }
        Seen::Total { value, complete, places, deadline_s } => {
            let mut total = Total::new(*value, Unit::Records)
                .at(places.iter().map(|count| (format!("t-{count}"), *count)).collect());
            if !complete {
                total = total.incomplete();
            }
            if let Some(seconds) = deadline_s {
                total = total.by_deadline(*seconds);
            }
            Observation::Total(total)
        }
        Seen::Latency { limit_ms, blocks } => {
            let blocks = blocks.iter().map(|(records, over)| Block { records: *records, over: *over }).collect();
            Observation::Latency(Latency::in_blocks(*limit_ms, blocks))
        }
        Seen::Records { limit_ms, records } => {
            let records = records.iter().map(|(due, took)| (u64::from(*due), *took));
            Observation::Latency(Latency::of_records(*limit_ms, records))
        }
        Seen::Histogram { bounds, scrapes } => {
            let scrapes = scrapes.iter().map(|(at, counts)| (u64::from(*at), counts.clone())).collect();
            Observation::Histogram(Histogram::new(Unit::Ms, bounds.clone(), scrapes))
        }
        Seen::Partitions(partitions) => Observation::Partitions(
            partitions
                .iter()
                .enumerate()
                .map(|(i, (latency_ms, records))| Partition {
                    name: format!("t-{i}"),
                    latency_ms: *latency_ms,
                    records: *records,
                })
                .collect(),
        ),
        Seen::Load { due, sent, acked, failed, slip, blocked, refused } => Observation::Load(LoadEvidence {
            due: *due,
            sent: *sent,
            acked: *acked,
            acked_in_time: *acked,
            failed: *failed,
            slip_p99_ms: *slip,
            slip_max_ms: *slip,
            source_blocked_ms: *blocked,
            source_refused: *refused,
        }),
        Seen::Duplicates { count, complete, polled } => Observation::Duplicates(Duplicates {
            count: *count,
            complete: *complete,
            connect: match polled {
                None => ConnectEvidence::Absent { why: "none".to_owned() },
                Some((answered, unanswered, restart_seen, flush_interval_ms, exactly_once)) => {
                    ConnectEvidence::Polled {
                        answered: *answered,
                        unanswered: *unanswered,
                        restart_seen: *restart_seen,
                        flush_interval_ms: *flush_interval_ms,
                        exactly_once: *exactly_once,
                    }
                }
            },
        }),
    }
}

/// The samples in order of time, as they would come while it runs.
fn streamed(criteria: &Criteria, input: &Input, setting: &Setting) -> Option<mm2_slo::Verdict> {
    let (source, series): (Source, Vec<Vec<(u64, f64)>>) = match &input.seen {
        Seen::Dense { every_ms, lanes, samples, pattern, hole } => {
            let every_ms = u64::from(*every_ms).max(1);
            let lane = |lane: u64| {
                let there = (0..u64::from(*samples)).filter(|i| !(u64::from(hole.0)..u64::from(hole.1)).contains(i));
                there.map(|i| (lane * 7 % every_ms + i * every_ms, pattern[(i % 4) as usize])).collect()
            };
            (Source::gauge(Unit::Records, every_ms), (0..u64::from(*lanes % 5)).map(lane).collect())
        }
        _ => return None,
    };
    if series.is_empty() {
        return None;
    }
    let mut stream = Stream::new(criteria, setting);
    let mut all = Vec::new();
    for (i, samples) in series.iter().enumerate() {
        let id = stream.series("s", source, &format!("{i:03}"));
        all.extend(samples.iter().map(|(at, value)| (*at, i, id, *value)));
    }
    all.sort_by_key(|(at, i, ..)| (*at, *i));
    for (at, _, id, value) in all {
        stream.push(id, at, value);
    }
    Some(stream.verdict(input.window_s))
}

fuzz_target!(|input: Input| {
    let Some(text) = criterion(&input) else { return };
    let Ok(criteria) = Criteria::from_toml(&text) else { return };
    let mut setting = Setting::default().asked(input.asked);
    if let Some(baseline) = Quantity::new(input.baseline, Unit::Records) {
        setting = setting.baseline("c", baseline);
    }
    let seen = Observations::over(input.window_s).in_setting(setting.clone()).with("s", observed(&input.seen));
    let verdict = criteria.judge(&seen);
    for finding in &verdict.findings {
        assert!(!finding.sentence().is_empty());
        for figure in [finding.value, finding.limit, finding.margin, finding.coverage_percent] {
            assert!(figure.is_none_or(f64::is_finite), "{text}\n{finding:?}");
        }
        if finding.level() == Some(Level::Go) {
            assert!(finding.value.is_some() || matches!(input.seen, Seen::Latency { .. } | Seen::Records { .. } | Seen::Histogram { .. }), "{text}\n{finding:?}");
        }
    }
    if let Some(streamed) = streamed(&criteria, &input, &setting) {
        assert_eq!(streamed, verdict, "{text}");
    }
});

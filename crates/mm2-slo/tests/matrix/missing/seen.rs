//! What is seen of a signal, good or bad, with each defect.

use mm2_slo::evidence::{ConnectEvidence, LoadEvidence};
use mm2_slo::observations::{Duplicates, Histogram, Partition};
use mm2_slo::{Latency, Observation, Sampled, Series, Source, Total, Unit};

use super::{DAY_S, Defect, Defect as D, Kind, Row};

/// A form that the rule does not judge. (A total is one that any measure takes: it is the window's value.)
pub(super) fn other_form(row: &Row) -> Observation {
    let samples = (0..600).map(|tick| (tick * 1_000, 1.0)).collect();
    match row.kind {
        Kind::Gauge(_) | Kind::Baseline => {
            Observation::Sampled(Sampled::single(Source::counter(Unit::Ms, 1_000), samples))
        }
        Kind::Counter(_) | Kind::Total => {
            Observation::Sampled(Sampled::single(Source::gauge(Unit::Records, 1_000), samples))
        }
        Kind::Trend | Kind::Growth => {
            Observation::Sampled(Sampled::single(Source::counter(Unit::Records, 1_000), samples))
        }
        _ => Observation::Total(Total::new(0.0, Unit::Count)),
    }
}

pub(super) fn observation(row: &Row, bad: bool, defect: Defect, window_s: f64) -> Option<Observation> {
    match row.kind {
        Kind::Gauge("slope") => {
            let per_sec = if bad { 5.0 } else { 0.1 };
            sampled(row, Unit::Records, false, defect, window_s, &|s| 100.0 + per_sec * s)
        }
        Kind::Gauge(_) | Kind::Baseline => {
            let ms = if bad { 4_000.0 } else { 200.0 };
            sampled(row, Unit::Ms, false, defect, window_s, &|_| ms)
        }
        Kind::Counter(_) => {
            let per_sec = if bad { 100.0 } else { 0.5 };
            sampled(row, Unit::Records, true, defect, window_s, &|s| per_sec * s)
        }
        Kind::Growth => {
            let per_sec = if bad { 50.0 } else { 0.01 };
            sampled(row, Unit::Records, false, defect, window_s, &|s| 100.0 + per_sec * s)
        }
        Kind::Trend => {
            let a_day = if bad { 1.5 } else { 0.01 };
            let noise = |s: f64| 1.0 + 0.002 * (s * 0.737).sin();
            sampled(row, Unit::Bytes, false, defect, window_s, &|s| {
                1e9 * (1.0 + a_day * s / DAY_S) * noise(s)
            })
        }
        Kind::Total => {
            let value = if bad { 50.0 } else { 0.0 };
            let value = match defect {
                D::AllNan => f64::NAN,
                D::Infinite => f64::INFINITY,
                _ => value,
            };
            let total = Total::new(value, if defect == D::WrongUnit { Unit::Bytes } else { Unit::Records });
            Some(Observation::Total(match defect {
                // All that a number can say of what is not in it.
                D::SomeNan | D::Stale | D::Gap | D::MissingEnd | D::OneSeriesGone => total.incomplete(),
                _ => total,
            }))
        }
        Kind::Records => records(bad, defect, window_s),
        Kind::Histogram | Kind::CoarseHistogram => histogram(row, bad, defect, window_s),
        Kind::Uniform => partitions(bad, defect),
        Kind::Duplicates => {
            let complete =
                !matches!(defect, D::SomeNan | D::Stale | D::Gap | D::MissingEnd | D::OneSeriesGone);
            if matches!(defect, D::AllNan | D::Infinite | D::WrongUnit) {
                return None;
            }
            let connect = ConnectEvidence::Polled {
                answered: 600,
                unanswered: 0,
                restart_seen: false,
                flush_interval_ms: Some(60_000),
                exactly_once: false,
            };
            let count = if bad { 1_000_000 } else { 0 };
            Some(Observation::Duplicates(Duplicates { count, complete, connect }))
        }
        Kind::Delivered | Kind::Slip => load(row, bad, defect),
    }
}

/// Which times are there.
fn is_there(defect: Defect, share: f64) -> bool {
    match defect {
        D::Stale => share < 0.4,
        D::Gap => !(0.45..0.55).contains(&share),
        D::MissingEnd => share < 0.9,
        _ => true,
    }
}

fn spoilt(defect: Defect, tick: u64, value: f64) -> f64 {
    match defect {
        D::AllNan => f64::NAN,
        D::SomeNan if tick % 5 == 2 => f64::NAN,
        D::Infinite if tick % 5 == 2 => f64::INFINITY,
        _ => value,
    }
}

fn sampled(
    row: &Row,
    unit: Unit,
    counter: bool,
    defect: Defect,
    window_s: f64,
    at: &dyn Fn(f64) -> f64,
) -> Option<Observation> {
    let every_ms = if row.kind == Kind::Trend { 60_000 } else { 1_000 };
    let ticks = (window_s * 1_000.0) as u64 / every_ms;
    let samples: Vec<(u64, f64)> = (0..ticks)
        .filter(|tick| is_there(defect, *tick as f64 / ticks as f64))
        .map(|tick| (tick * every_ms, spoilt(defect, tick, at((tick * every_ms) as f64 / 1_000.0))))
        .collect();
    let unit = match defect {
        D::WrongUnit if unit == Unit::Bytes => Unit::Ms,
        D::WrongUnit => Unit::Bytes,
        _ => unit,
    };
    let source = if counter { Source::counter(unit, every_ms) } else { Source::gauge(unit, every_ms) };
    if !row.has_series() {
        return (defect != D::OneSeriesGone).then(|| Observation::Sampled(Sampled::single(source, samples)));
    }
    let names = if defect == D::OneSeriesGone { &["a"][..] } else { &["a", "b"][..] };
    let series = names.iter().map(|name| Series::new(*name, samples.clone()));
    Some(Observation::Sampled(source.expect(2).series(series)))
}

/// 100 a second.
fn records(bad: bool, defect: Defect, window_s: f64) -> Option<Observation> {
    if defect == D::WrongUnit {
        return None;
    }
    let count = (window_s * 100.0) as u64;
    let latency = Latency::of_records(
        1_000.0,
        (0..count)
            .filter(|at| is_there(defect, *at as f64 / count as f64))
            .map(|at| (at * 10, spoilt(defect, at, if bad { 3_000.0 } else { 40.0 }))),
    );
    Some(Observation::Latency(if defect == D::OneSeriesGone { latency.incomplete() } else { latency }))
}

/// 1 000 records a scrape.
fn histogram(row: &Row, bad: bool, defect: Defect, window_s: f64) -> Option<Observation> {
    if defect == D::OneSeriesGone {
        return None;
    }
    let bounds = match row.kind {
        Kind::CoarseHistogram => vec![100.0, 500.0],
        _ => vec![100.0, 1_000.0, 5_000.0],
    };
    let scrapes = (window_s / 10.0) as u64;
    let scrapes = (0..=scrapes).filter(|at| is_there(defect, *at as f64 / scrapes as f64)).map(|at| {
        let all = at as f64 * 1_000.0;
        let under = |bound: &f64| if *bound >= if bad { 4_000.0 } else { 50.0 } { all } else { 0.0 };
        let counts = bounds.iter().map(under).chain([all]);
        (at * 10_000, counts.map(|count| spoilt(defect, at, count)).collect())
    });
    let scrapes = scrapes.collect();
    let unit = if defect == D::WrongUnit { Unit::Bytes } else { Unit::Ms };
    Some(Observation::Histogram(Histogram::new(unit, bounds, scrapes)))
}

/// Twelve; what is missing is missing of the second.
fn partitions(bad: bool, defect: Defect) -> Option<Observation> {
    if defect == D::WrongUnit {
        return None;
    }
    let partition = |at: u64| Partition {
        name: format!("topic-{at}"),
        latency_ms: match (defect, at) {
            (D::AllNan, _) | (D::SomeNan, 1 | 2) => f64::NAN,
            (D::Infinite, 1 | 2) => f64::INFINITY,
            (_, 0) if bad => 9_000.0,
            _ => 40.0,
        },
        records: match (defect, at) {
            (D::OneSeriesGone, 1) => 0,
            (D::Stale | D::Gap | D::MissingEnd, 1) => 200,
            _ => 600,
        },
    };
    Some(Observation::Partitions((0..12).map(partition).collect()))
}

fn load(row: &Row, bad: bool, defect: Defect) -> Option<Observation> {
    let slip = row.kind == Kind::Slip;
    let slip_ms = match defect {
        D::None | D::ShortWindow => Some(if bad { 500.0 } else { 1.0 }),
        D::AllNan if slip => Some(f64::NAN),
        D::Infinite if slip => Some(f64::INFINITY),
        _ => return None,
    };
    let sent = if bad { 50_000 } else { 100_000 };
    Some(Observation::Load(LoadEvidence {
        due: 100_000,
        sent,
        acked: sent,
        acked_in_time: sent,
        failed: 0,
        slip_p99_ms: slip_ms,
        slip_max_ms: slip_ms,
        source_blocked_ms: 0.0,
        source_refused: bad,
    }))
}

//! What a signal looks like when its criterion should come to a value.

use mm2_slo::evidence::{ConnectEvidence, LoadEvidence};
use mm2_slo::observations::{Duplicates, Partition};
use mm2_slo::wire::v1::{OverSeries, Rule};
use mm2_slo::{
    Criteria, Criterion, Latency, Level, Observation, Observations, Phase, Quantity, Sampled, Series,
    Setting, Source, Total, Unit,
};

pub(crate) const GO: Level = Level::Go;
pub(crate) const WARN: Level = Level::Warn;
pub(crate) const INCONCLUSIVE: Level = Level::Inconclusive;
pub(crate) const STOP: Level = Level::Stop;

pub(crate) fn phase(number: u8) -> Phase {
    Phase::new(number).unwrap()
}

pub(crate) fn sets() -> impl Iterator<Item = (u8, Criteria)> {
    Phase::ALL.into_iter().map(|phase| (phase.number(), Criteria::of_phase(phase)))
}

/// How long a phase lasts, seconds, where that matters.
pub(crate) fn window_s(number: u8) -> f64 {
    match number {
        2 => 1_800.0,
        3 => 900.0,
        4 => 300.0,
        5 => 86_400.0,
        _ => 60.0,
    }
}

/// Limits of P5, a baseline of 40 ms.
pub(crate) fn blank(number: u8, window_s: f64) -> Observations {
    let ms = |value| Quantity::new(value, Unit::Ms).unwrap();
    let setting = Setting::default()
        .asked(if number == 4 { 10_000.0 } else { 1_000.0 })
        .known("p99_limit", ms(5_000.0))
        .known("mm2_avg_limit", ms(3_000.0))
        .known("mm2_max_limit", ms(5_000.0))
        .baseline("t63_latency_avg", ms(40.0))
        .baseline("t63_latency_max", ms(40.0));
    Observations::over(window_s).in_setting(setting)
}

/// What a signal looks like when its criterion comes to `value`: in the unit of its limits, all the time.
pub(crate) fn shown(criterion: &Criterion, value: f64, window_s: f64) -> Observation {
    let wire = criterion.to_wire();
    let every_ms = if window_s > 3_600.0 { 60_000 } else { 1_000 };
    let ticks = (window_s * 1_000.0) as u64 / every_ms;
    let gauge = Source::gauge(criterion.unit(), every_ms);
    let line = |at: &dyn Fn(f64) -> f64| -> Vec<(u64, f64)> {
        (0..ticks).map(|tick| (tick * every_ms, at(tick as f64 / ticks as f64))).collect()
    };
    let at_rate = if criterion.phase() == Some(4) { 10_000.0 } else { 1_000.0 };
    match wire.rule.unwrap_or(Rule::Measure) {
        Rule::Measure => match wire.over_time.as_deref() {
            None => Observation::Total(Total::new(value, criterion.unit())),
            Some("increase") => {
                let samples = line(&|share| if share < 0.5 { 3.0 } else { 3.0 + value });
                Observation::Sampled(Sampled::single(Source::counter(criterion.unit(), every_ms), samples))
            }
            Some(_) => {
                let each = if wire.over_series == Some(OverSeries::Sum) { value / 2.0 } else { value };
                let series = ["a", "b"].map(|name| Series::new(name, line(&|_| each)));
                Observation::Sampled(gauge.expect(2).series(series))
            }
        },
        Rule::Growth => {
            let per_window = match criterion.bands().unit() {
                Unit::Percent => value / 100.0 * at_rate * window_s,
                _ => value,
            };
            Observation::Sampled(Sampled::single(gauge, line(&|share| 50.0 + share * per_window)))
        }
        Rule::Trend => {
            let noise = |share: f64| 1.0 + 0.004 * (share * 86_399.0 * 0.737).sin();
            let days = window_s / 86_400.0;
            let samples = line(&|share| 40.0 * (1.0 + share * days * value / 100.0) * noise(share));
            Observation::Sampled(gauge.series(["a", "b"].map(|name| Series::new(name, samples.clone()))))
        }
        Rule::Claim => {
            let limit_ms = if criterion.phase() == Some(2) { 1_000.0 } else { 5_000.0 };
            let records = (0..(window_s * 100.0) as u64).map(|at| (at * 10, value));
            Observation::Latency(Latency::of_records(limit_ms, records))
        }
        Rule::Uniform => {
            let partition = |at: u32| Partition {
                name: format!("topic-{at}"),
                latency_ms: if at == 3 { 200.0 * value } else { 200.0 },
                records: 300,
            };
            Observation::Partitions((0..12).map(partition).collect())
        }
        Rule::Duplicates => Observation::Duplicates(Duplicates {
            count: value as u64,
            complete: true,
            connect: ConnectEvidence::Polled {
                answered: 60,
                unanswered: 0,
                restart_seen: false,
                flush_interval_ms: Some(60_000),
                exactly_once: false,
            },
        }),
        Rule::Delivered => load(value, 1.0),
        Rule::Slip => load(100.0, value),
        other => panic!("{other:?}"),
    }
}

fn load(delivered_percent: f64, slip_ms: f64) -> Observation {
    let sent = (delivered_percent * 1_000.0) as u64;
    Observation::Load(LoadEvidence {
        due: 100_000,
        sent,
        acked: sent,
        acked_in_time: sent,
        failed: 0,
        slip_p99_ms: Some(slip_ms),
        slip_max_ms: Some(slip_ms),
        source_blocked_ms: 0.0,
        source_refused: false,
    })
}

//! How long judging takes: 24 h at 1 Hz, 200 series in all, 30 criteria; and a sample in a stream.
//!
//! The 30 criteria share the 200 series out, each reading its own signal, as panels do: 17.3 million samples.

#![expect(clippy::expect_used, reason = "a bench of nothing must fail loudly")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mm2_slo::{Criteria, Observation, Observations, Series, Setting, Source, Stream, Unit};

const SECONDS: u64 = 86_400;
const SERIES: usize = 200;
const CRITERIA: usize = 30;
const OVER_TIME: [&str; 10] =
    ["avg", "max", "min", "last", "p99", "share > 50 records", "slope", "max", "avg", "increase"];
const OVER_SERIES: [&str; 3] = ["max", "each", "sum"];

fn over_time(i: usize) -> &'static str {
    OVER_TIME[i % OVER_TIME.len()]
}

/// Criterion `i`, on signal `s{i}`.
fn written(i: usize, over_series: &str) -> String {
    let over_time = over_time(i);
    let unit = match over_time {
        "slope" => "records/s",
        "share > 50 records" => "%",
        _ => "records",
    };
    format!(
        "[[criterion]]\nname = \"c{i}\"\nsignal = \"s{i}\"\nunit = \"records\"\nover_time = \"{over_time}\"\n\
         over_series = \"{over_series}\"\ngo = \"< 90 {unit}\"\nwarn = \"otherwise\"\nstop = \"> 99 {unit}\"\n"
    )
}

fn source(i: usize) -> Source {
    match over_time(i) {
        "increase" => Source::counter(Unit::Records, 1_000),
        _ => Source::gauge(Unit::Records, 1_000),
    }
}

fn samples(seed: u64) -> Vec<(u64, f64)> {
    let mut random = fastrand::Rng::with_seed(seed);
    let phase = random.u64(0..1_000);
    (0..SECONDS).map(|s| (phase + s * 1_000, random.f64() * 80.0)).collect()
}

fn a_day(bench: &mut Criterion) {
    let text: String = (0..CRITERIA).map(|i| written(i, OVER_SERIES[i % OVER_SERIES.len()])).collect();
    let criteria = Criteria::from_toml(&text).expect("these are criteria");
    let mut seen = Observations::over(SECONDS as f64);
    for i in 0..CRITERIA {
        let series = (i..SERIES).step_by(CRITERIA).map(|s| Series::new(format!("{s:03}"), samples(s as u64)));
        seen = seen.with(format!("s{i}"), Observation::Sampled(source(i).series(series)));
    }
    let mut group = bench.benchmark_group("a day");
    group.sample_size(10).throughput(Throughput::Elements(SECONDS * SERIES as u64));
    group.bench_function("30 criteria, 200 series at 1 Hz", |b| b.iter(|| black_box(criteria.judge(&seen))));
    group.finish();
}

fn a_stream(bench: &mut Criterion) {
    const LANES: usize = 4;
    let samples: Vec<f64> = samples(1).into_iter().map(|(_, value)| value).collect();
    let mut group = bench.benchmark_group("stream");
    group.throughput(Throughput::Elements(samples.len() as u64));
    for i in [0, 1, 4, 5, 6, 9] {
        for over_series in ["each", "max"] {
            let criteria = Criteria::from_toml(&written(i, over_series)).expect("this is a criterion");
            group.bench_function(format!("{} of {over_series}", over_time(i)), |b| {
                b.iter(|| {
                    let mut stream = Stream::new(&criteria, &Setting::default());
                    let signal = format!("s{i}");
                    let ids: [_; LANES] =
                        std::array::from_fn(|n| stream.series(&signal, source(i), &format!("{n}")));
                    for (n, value) in samples.iter().enumerate() {
                        stream.push(ids[n % LANES], (n / LANES * 1_000) as u64, *value);
                    }
                    black_box(stream.verdict(samples.len() as f64 / LANES as f64))
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, a_day, a_stream);
criterion_main!(benches);

//! What a day at 1 Hz costs, and what blocks lose against it: `cargo bench -p mm2-slo`.
//!
//! Before the timings it prints the slope of the blocks beside the exact Theil–Sen slope of the same
//! samples (warm-up left out), for memory (the middle of blocks) and heap (their floor).

#![expect(clippy::print_stdout, reason = "the two slopes are half of what it is for")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use fastrand::Rng;
use mm2_slo::stats::{clopper_pearson, hamed_rao, slope_of_many, theil_sen};
use mm2_slo::trend::{Pick, TrendBlocks, Window};

const DAY_S: u32 = 86_400;

/// A leak of 60 % a day with noise that lasts for minutes, and `garbage` that is collected every 5 min.
fn day(garbage: f64) -> Vec<(u64, f64)> {
    let mut rng = Rng::with_seed(1);
    let mut drift = 0.0;
    let sample = |s: u32| {
        drift = 0.995 * drift + (rng.f64() - 0.5) * 5.0;
        let leaked = 600.0 * f64::from(s) / f64::from(DAY_S);
        (u64::from(s) * 1_000, 1_000.0 + leaked + drift + garbage * f64::from(s % 300) / 300.0)
    };
    (0..DAY_S).map(sample).collect()
}

fn by_blocks(samples: &[(u64, f64)], pick: Pick) -> Option<f64> {
    let mut blocks = TrendBlocks::new(Window::new(0, u64::from(DAY_S) * 1_000), pick).ok()?;
    for (at_ms, value) in samples {
        blocks.push(*at_ms, *value);
    }
    blocks.analyse().ok().map(|trend| trend.slope_per_hour)
}

/// Of all samples from so many hours on.
fn exact(samples: &[(u64, f64)], from_hours: f64) -> Option<f64> {
    let points = samples.iter().map(|(at_ms, value)| (*at_ms as f64 / 3_600_000.0, *value));
    slope_of_many(&points.filter(|(hours, _)| *hours >= from_hours).collect::<Vec<_>>())
}

fn trend(criterion: &mut Criterion) {
    let (memory, heap) = (day(0.0), day(800.0));
    for (name, samples, pick) in [("memory", &memory, Pick::Middle), ("heap", &heap, Pick::Floor)] {
        let slopes = (by_blocks(samples, pick), exact(samples, 0.0), exact(samples, 2.0));
        if let (Some(blocks), Some(all), Some(judged)) = slopes {
            let off = |exact: f64| (blocks / exact - 1.0) * 100.0;
            println!(
                "{name}: slope of blocks {blocks:.4} an hour; exact {all:.4} of all 86 400 ({:+.2} %), {judged:.4} from 2 h on ({:+.2} %)",
                off(all),
                off(judged)
            );
        }
    }
    criterion.bench_function("a day at 1 Hz, middle of blocks", |bencher| {
        bencher.iter(|| by_blocks(black_box(&memory), Pick::Middle));
    });
    criterion.bench_function("a day at 1 Hz, floor of blocks", |bencher| {
        bencher.iter(|| by_blocks(black_box(&heap), Pick::Floor));
    });
    let points: Vec<(f64, f64)> =
        memory.iter().step_by(50).map(|(at_ms, value)| (*at_ms as f64, *value)).collect();
    let values: Vec<f64> = points.iter().map(|(_, value)| *value).collect();
    criterion
        .bench_function("Theil-Sen, 1 728 points", |bencher| bencher.iter(|| theil_sen(black_box(&points))));
    criterion
        .bench_function("Hamed-Rao, 1 728 values", |bencher| bencher.iter(|| hamed_rao(black_box(&values))));
    criterion.bench_function("Clopper-Pearson, 1 % of a day at 10 000/s", |bencher| {
        bencher.iter(|| clopper_pearson(black_box(8_640_000.0), black_box(864_000_000.0)));
    });
    let mut slow = criterion.benchmark_group("slow");
    slow.sample_size(10);
    slow.bench_function("exact Theil-Sen, a day at 1 Hz", |bencher| {
        bencher.iter(|| exact(black_box(&memory), 0.0));
    });
}

criterion_group!(benches, trend);
criterion_main!(benches);

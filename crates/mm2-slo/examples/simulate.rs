//! How often the statistics err: every test on simulated chains whose truth is known, as one Markdown table.
//!
//! `cargo run --release -p mm2-slo --example simulate` takes some seconds. Seeds are fixed: the table is
//! the same each time. A bar that is not met is printed as such; rows without a bar are there to be known.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use std::thread;

use fastrand::Rng;
use mm2_slo::evidence::Block;
use mm2_slo::finding::Outcome;
use mm2_slo::proof::prove;
use mm2_slo::stats::{clopper_pearson, design_effect};
use mm2_slo::sustained::{self, Asked};
use mm2_slo::trend::{Decision, Limits, Pick, TrendBlocks, Window, decide};

const RUNS: u32 = 1_000;
const SEED: u64 = 20_260_101;
const RATE_PER_SEC: u64 = 1_000;
const DAY_MS: u64 = 86_400_000;
const GRID_MS: u64 = 30_000;
const WARN_PERCENT_PER_DAY: f64 = 10.0;
const STOP_PERCENT_PER_DAY: f64 = 50.0;

/// Verdicts of one row, and of those outcomes that its bar speaks of.
#[derive(Default, Clone, Copy)]
struct Counts {
    go: u32,
    warn: u32,
    stop: u32,
    open: u32,
}

/// What a row must come to, in per cent of its runs.
#[derive(Clone, Copy)]
enum Bar {
    None,
    GoAtMost(f64),
    GoAtLeast(f64),
    StopAtMost(f64),
    StopAtLeast(f64),
    LeakAtMost(f64),
    LeakAtLeast(f64),
    GoOrOpenAtLeast(f64),
}

struct Row {
    what: String,
    bar: Bar,
    run: Box<dyn Fn(&mut Rng) -> Outcome + Send + Sync>,
}

impl Bar {
    /// The bar in words, and whether it is met.
    fn holds(self, counts: Counts) -> (String, Option<bool>) {
        let percent = |count: u32| f64::from(count) * 100.0 / f64::from(RUNS);
        let (go, stop, leak) = (percent(counts.go), percent(counts.stop), percent(counts.stop + counts.warn));
        let go_or_open = percent(counts.go + counts.open);
        match self {
            Self::None => ("none".to_owned(), None),
            Self::GoAtMost(bar) => (format!("GO <= {bar} %"), Some(go <= bar)),
            Self::GoAtLeast(bar) => (format!("GO >= {bar} %"), Some(go >= bar)),
            Self::StopAtMost(bar) => (format!("STOP <= {bar} %"), Some(stop <= bar)),
            Self::StopAtLeast(bar) => (format!("STOP >= {bar} %"), Some(stop >= bar)),
            Self::LeakAtMost(bar) => (format!("WARN or STOP <= {bar} %"), Some(leak <= bar)),
            Self::LeakAtLeast(bar) => (format!("WARN or STOP >= {bar} %"), Some(leak >= bar)),
            Self::GoOrOpenAtLeast(bar) => (format!("GO or INCONCLUSIVE >= {bar} %"), Some(go_or_open >= bar)),
        }
    }
}

fn main() {
    let rows: Vec<Row> = p99_rows()
        .into_iter()
        .chain(p99_all_scales_rows())
        .chain(sustained_rows())
        .chain(trend_rows())
        .collect();
    println!("| what is simulated | runs | GO % | WARN % | STOP % | INCONCLUSIVE % | bar | met |");
    println!("|---|---:|---:|---:|---:|---:|---|---|");
    for (row, counts) in rows.iter().zip(count(&rows)) {
        let percent = |count: u32| format!("{:.1}", f64::from(count) * 100.0 / f64::from(RUNS));
        let (bar, met) = row.bar.holds(counts);
        let met = met.map_or("", |met| if met { "yes" } else { "**no**" });
        let [go, warn, stop, open] = [counts.go, counts.warn, counts.stop, counts.open].map(percent);
        println!("| {} | {RUNS} | {go} | {warn} | {stop} | {open} | {bar} | {met} |", row.what);
    }
}

/// All rows on two threads. Each run has its own seed, so that the threads do not matter.
fn count(rows: &[Row]) -> Vec<Counts> {
    let count_row = |row: &Row| {
        (0..RUNS).fold(Counts::default(), |mut counts, run| {
            let seen = match (row.run)(&mut Rng::with_seed(SEED + u64::from(run))) {
                Outcome::Go => &mut counts.go,
                Outcome::Warn => &mut counts.warn,
                Outcome::Stop => &mut counts.stop,
                Outcome::Inconclusive | Outcome::Skipped => &mut counts.open,
            };
            *seen += 1;
            counts
        })
    };
    // Every other row, so that both threads have of each kind.
    let mut counts = vec![Counts::default(); rows.len()];
    thread::scope(|scope| {
        let threads = [0, 1].map(|from| {
            scope.spawn(move || {
                rows.iter()
                    .enumerate()
                    .skip(from)
                    .step_by(2)
                    .map(|(i, row)| (i, count_row(row)))
                    .collect::<Vec<_>>()
            })
        });
        for (i, counted) in threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()) {
            counts[i] = counted;
        }
    });
    counts
}

// The p99: of 1 000 records a second a known share is late, in clumps.

/// How late records come together: for a mean of so many seconds such a share of the records is late.
#[derive(Clone, Copy)]
struct Clumps {
    name: &'static str,
    mean_s: f64,
    late: f64,
}

const CLUMPS: [Clumps; 3] = [
    Clumps { name: "clumps of 2 s, a tenth of the records late", mean_s: 2.0, late: 0.1 },
    Clumps { name: "clumps of 2 s, half of the records late", mean_s: 2.0, late: 0.5 },
    Clumps { name: "clumps of 5 s, half of the records late", mean_s: 5.0, late: 0.5 },
];

fn p99_rows() -> Vec<Row> {
    let no_clumps = Clumps { name: "no clumps", mean_s: 0.0, late: 0.0 };
    let mut rows = Vec::new();
    for clumps in [no_clumps].into_iter().chain(CLUMPS) {
        for hold_s in [20_u64, 100, 300] {
            for share_percent in [0.5, 0.9, 1.0, 1.1, 2.0] {
                rows.push(Row {
                    what: format!("p99, {share_percent} % late, {}, {hold_s} s", clumps.name),
                    bar: if share_percent < 1.0 { Bar::StopAtMost(5.0) } else { Bar::GoAtMost(5.0) },
                    run: Box::new(move |rng| {
                        let blocks = late_blocks(rng, clumps, share_percent / 100.0, hold_s);
                        prove(&blocks, hold_s as f64, mm2_slo::proof::P99).0
                    }),
                });
            }
        }
    }
    rows
}

/// The same proof with the design effect over all scales instead of blocks of 1 s.
fn p99_all_scales_rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for clumps in CLUMPS {
        for hold_s in [20_u64, 100, 300] {
            for share_percent in [0.5, 0.9, 1.0, 1.1, 2.0] {
                rows.push(Row {
                    what: format!("p99 by all scales, {share_percent} % late, {}, {hold_s} s", clumps.name),
                    bar: if share_percent < 1.0 { Bar::StopAtMost(5.0) } else { Bar::GoAtMost(5.0) },
                    run: Box::new(move |rng| {
                        all_scales(&late_blocks(rng, clumps, share_percent / 100.0, hold_s))
                    }),
                });
            }
        }
    }
    rows
}

fn all_scales(blocks: &[Block]) -> Outcome {
    let counts: Vec<(u64, u64)> = blocks.iter().map(|block| (block.records, block.over)).collect();
    let (n, k) = counts.iter().fold((0, 0), |(n, k), (more_n, more_k)| (n + more_n, k + more_k));
    let effect = design_effect(&counts);
    match clopper_pearson(k as f64 / effect, n as f64 / effect) {
        bounds if bounds.upper < 0.01 => Outcome::Go,
        bounds if bounds.lower >= 0.01 => Outcome::Stop,
        _ => Outcome::Inconclusive,
    }
}

fn late_blocks(rng: &mut Rng, clumps: Clumps, share: f64, hold_s: u64) -> Vec<Block> {
    // In and out of clumps so that late · P(in) is the share; the hold starts anywhere in that.
    let inside_share = if clumps.late > 0.0 { share / clumps.late } else { 1.0 };
    let mut inside = rng.f64() < inside_share;
    let leave = 1.0 / clumps.mean_s.max(1.0);
    let enter = leave * inside_share / (1.0 - inside_share).max(1e-9);
    (0..hold_s)
        .map(|_| {
            let chance = match (clumps.late > 0.0, inside) {
                (false, _) => share,
                (true, inside) => f64::from(u8::from(inside)) * clumps.late,
            };
            let over = (0..RATE_PER_SEC).filter(|_| chance > 0.0 && rng.f64() < chance).count() as u64;
            inside = if inside { rng.f64() >= leave } else { rng.f64() < enter };
            Block { records: RATE_PER_SEC, over }
        })
        .collect()
}

// The sustained test: chains that keep up, and such that lose 1 % of the rate.

fn sustained_rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, backlog) in
        [("noisy", noisy as fn(&mut Rng, Asked, f64) -> Vec<(u64, f64)>), ("by batches of 5 s", batches)]
    {
        for hold_s in [20_u64, 100, 300] {
            for loses_percent in [0.0, 1.0] {
                let asked = Asked { rate_per_sec: 5_000.0, hold_s: hold_s as f64, fill_s: 3.0 };
                let healthy = loses_percent == 0.0;
                let chain = if healthy { "keeps up" } else { "loses 1 %" };
                rows.push(Row {
                    what: format!("sustained, {name}, {chain}, {hold_s} s"),
                    bar: if healthy { Bar::StopAtMost(5.0) } else { Bar::GoAtMost(5.0) },
                    run: Box::new(move |rng| {
                        sustained::test(&backlog(rng, asked, loses_percent), asked, 0.5).outcome
                    }),
                });
            }
        }
    }
    rows
}

/// Batches, noise that lasts for seconds, and pauses of half a second that drain in two.
fn noisy(rng: &mut Rng, asked: Asked, loses_percent: f64) -> Vec<(u64, f64)> {
    let rate = asked.rate_per_sec;
    let (mut drift, mut pause) = (0.0, 0.0);
    backlog(asked, loses_percent, |_| {
        drift = 0.95 * drift + (rng.f64() - 0.5) * rate * 0.01;
        pause = if rng.f64() < 0.01 { rate * 0.5 } else { f64::max(0.0, pause - rate * 0.025) };
        rng.f64() * rate * 0.1 + drift + pause
    })
}

/// Fetches every five seconds or so, what came since: a sawtooth.
fn batches(rng: &mut Rng, asked: Asked, loses_percent: f64) -> Vec<(u64, f64)> {
    let rate = asked.rate_per_sec;
    let (mut waiting, mut next_s) = (0.0, rng.f64() * 5.0);
    backlog(asked, loses_percent, |at_s| {
        if at_s >= next_s {
            (waiting, next_s) = (rng.f64() * 0.1 * rate, at_s + 3.0 + 4.0 * rng.f64());
        }
        waiting += rate * 0.1;
        waiting
    })
}

/// Samples every 100 ms: 100 ms of records under way, what is lost so far, and what `more` adds.
fn backlog(asked: Asked, loses_percent: f64, mut more: impl FnMut(f64) -> f64) -> Vec<(u64, f64)> {
    let rate = asked.rate_per_sec;
    (0..(asked.hold_s * 10.0) as u64)
        .map(|i| {
            let at_s = i as f64 / 10.0;
            let records = rate * 0.1 + rate * loses_percent / 100.0 * at_s + more(at_s);
            (i * 100, records.max(0.0).floor())
        })
        .collect()
}

// The trend: a day on a grid of 30 s around 1 000 MB.

/// The true level after so many hours, MB.
type Level = fn(f64) -> f64;

/// What lies on top of the level.
#[derive(Clone, Copy)]
enum Noise {
    /// Autocorrelated by this much from a sample to the next, standard deviation 15 MB.
    Autocorrelated(f64),
    /// The same at 0.98, and garbage that grows to up to 800 MB over so many minutes and is collected.
    Heap { shortest_min: f64, longest_min: f64 },
}

const RESIDENT: Noise = Noise::Autocorrelated(0.98);
const HEAP: Noise = Noise::Heap { shortest_min: 1.0, longest_min: 10.0 };
const SLOW_HEAP: Noise = Noise::Heap { shortest_min: 20.0, longest_min: 40.0 };

fn trend_rows() -> Vec<Row> {
    let flat: Level = |_| 1_000.0;
    let leak_3: Level = |hours| 1_000.0 + 30.0 * hours / 24.0;
    let leak_10: Level = |hours| 1_000.0 + 100.0 * hours / 24.0;
    let leak_15: Level = |hours| 1_000.0 + 150.0 * hours / 24.0;
    let leak_50: Level = |hours| 1_000.0 + 500.0 * hours / 24.0;
    let leak_60: Level = |hours| 1_000.0 + 600.0 * hours / 24.0;
    let fills_3_h: Level = |hours| 1_000.0 + 300.0 * (1.0 - (-hours / 3.0_f64).exp());
    let fills_6_h: Level = |hours| 1_000.0 + 600.0 * (1.0 - (-hours / 6.0_f64).exp());
    let jumps: Level = |hours| if hours < 15.0 { 1_000.0 } else { 1_200.0 };
    let from_12_h: Level = |hours| 1_000.0 + 600.0 * (hours - 12.0).max(0.0) / 24.0;
    let from_18_h: Level = |hours| 1_000.0 + 600.0 * (hours - 18.0).max(0.0) / 24.0;
    let from_21_h: Level = |hours| 1_000.0 + 600.0 * (hours - 21.0).max(0.0) / 24.0;
    let mild = Noise::Autocorrelated(0.8);
    let lasting = Noise::Autocorrelated(0.998);
    let rows: Vec<(&str, Noise, Level, Bar)> = vec![
        ("flat, resident", RESIDENT, flat, Bar::StopAtMost(1.0)),
        ("flat, resident", RESIDENT, flat, Bar::LeakAtMost(1.0)),
        ("flat, resident", RESIDENT, flat, Bar::GoAtLeast(90.0)),
        ("flat, milder noise", mild, flat, Bar::StopAtMost(1.0)),
        ("flat, noise that lasts for hours", lasting, flat, Bar::StopAtMost(1.0)),
        ("flat, heap", HEAP, flat, Bar::StopAtMost(1.0)),
        ("flat, heap", HEAP, flat, Bar::GoAtLeast(90.0)),
        ("flat, heap collected every 20 to 40 min", SLOW_HEAP, flat, Bar::StopAtMost(1.0)),
        ("leak of 60 % a day, resident", RESIDENT, leak_60, Bar::StopAtLeast(90.0)),
        ("leak of 60 % a day, milder noise", mild, leak_60, Bar::StopAtLeast(90.0)),
        ("leak of 60 % a day, heap", HEAP, leak_60, Bar::StopAtLeast(90.0)),
        ("leak of 15 % a day, resident", RESIDENT, leak_15, Bar::LeakAtLeast(90.0)),
        ("leak of 15 % a day, milder noise", mild, leak_15, Bar::LeakAtLeast(90.0)),
        ("leak of 15 % a day, heap", HEAP, leak_15, Bar::LeakAtLeast(90.0)),
        ("leak of 3 % a day, resident", RESIDENT, leak_3, Bar::GoOrOpenAtLeast(95.0)),
        ("leak of 3 % a day, milder noise", mild, leak_3, Bar::GoOrOpenAtLeast(95.0)),
        ("leak of 3 % a day, heap", HEAP, leak_3, Bar::GoOrOpenAtLeast(95.0)),
        ("leak of just 10 % a day, resident", RESIDENT, leak_10, Bar::GoAtMost(5.0)),
        ("leak of just 10 % a day, milder noise", mild, leak_10, Bar::GoAtMost(5.0)),
        ("leak of just 10 % a day, heap", HEAP, leak_10, Bar::GoAtMost(5.0)),
        ("leak of just 10 % a day, noise that lasts for hours", lasting, leak_10, Bar::GoAtMost(5.0)),
        ("leak of just 50 % a day, resident", RESIDENT, leak_50, Bar::StopAtMost(5.0)),
        ("leak of just 50 % a day, milder noise", mild, leak_50, Bar::StopAtMost(5.0)),
        ("leak of just 50 % a day, heap", HEAP, leak_50, Bar::StopAtMost(5.0)),
        ("fills up by 30 %, 3 h, resident", RESIDENT, fills_3_h, Bar::LeakAtMost(1.0)),
        ("fills up by 30 %, 3 h, milder noise", mild, fills_3_h, Bar::LeakAtMost(1.0)),
        ("fills up by 30 %, 3 h, heap", HEAP, fills_3_h, Bar::LeakAtMost(1.0)),
        ("fills up by 60 %, 6 h, resident", RESIDENT, fills_6_h, Bar::LeakAtMost(1.0)),
        ("fills up by 60 %, 6 h, heap", HEAP, fills_6_h, Bar::LeakAtMost(1.0)),
        ("jumps by 20 % at 15 h, resident", RESIDENT, jumps, Bar::LeakAtMost(1.0)),
        ("jumps by 20 % at 15 h, resident", RESIDENT, jumps, Bar::GoAtMost(5.0)),
        ("leak of 60 % a day from 12 h on, resident", RESIDENT, from_12_h, Bar::GoAtMost(5.0)),
        ("leak of 60 % a day from 18 h on, resident", RESIDENT, from_18_h, Bar::GoAtMost(5.0)),
        ("leak of 60 % a day from 18 h on, heap", HEAP, from_18_h, Bar::GoAtMost(5.0)),
        ("leak of 60 % a day from 21 h on, resident", RESIDENT, from_21_h, Bar::None),
    ];
    let row = |(name, noise, level, bar): (&str, Noise, Level, Bar)| Row {
        what: format!("trend, {name}"),
        bar,
        run: Box::new(move |rng| a_day(rng, noise, level)),
    };
    rows.into_iter().map(row).collect()
}

fn a_day(rng: &mut Rng, noise: Noise, level: Level) -> Outcome {
    let pick = if matches!(noise, Noise::Heap { .. }) { Pick::Floor } else { Pick::Middle };
    let Ok(mut blocks) = TrendBlocks::new(Window::new(0, DAY_MS), pick) else { return Outcome::Inconclusive };
    let phi = if let Noise::Autocorrelated(phi) = noise { phi } else { 0.98 };
    let mut drift = 15.0 * normal(rng);
    // Garbage, what it grows by a sample, and when it is collected.
    let (mut garbage, mut grows, mut collected_ms) = (0.0, 0.0, 0.0);
    for i in 0..DAY_MS / GRID_MS {
        let at_ms = i * GRID_MS;
        if let Noise::Heap { shortest_min, longest_min } = noise {
            if at_ms as f64 >= collected_ms {
                let minutes = shortest_min + rng.f64() * (longest_min - shortest_min);
                (garbage, grows) = (0.0, 800.0 * rng.f64() / (minutes * 2.0));
                // Collections fall between samples.
                garbage += grows * rng.f64();
                collected_ms = at_ms as f64 + minutes * 60_000.0;
            }
        }
        blocks.push(at_ms, level(at_ms as f64 / 3_600_000.0) + drift + garbage);
        garbage += grows;
        drift = phi * drift + 15.0 * (1.0 - phi * phi).sqrt() * normal(rng);
    }
    let limits = Limits::new(WARN_PERCENT_PER_DAY, STOP_PERCENT_PER_DAY);
    match blocks.analyse().map(|trend| decide(&trend, &limits)) {
        Ok(Decision::Go) => Outcome::Go,
        Ok(Decision::Warn) => Outcome::Warn,
        Ok(Decision::Stop) => Outcome::Stop,
        _ => Outcome::Inconclusive,
    }
}

/// A standard normal number (Box and Muller).
fn normal(rng: &mut Rng) -> f64 {
    (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (std::f64::consts::TAU * rng.f64()).cos()
}

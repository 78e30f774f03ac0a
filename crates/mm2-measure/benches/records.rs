//! What one record costs the sender and the probe: `cargo bench -p mm2-measure`.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use mm2_measure::stamp::Kind;
use mm2_measure::{Auditor, Payloads, RunClock, RunId, Schedule, SendLedger, Stamp};

const SLOTS: u32 = 120;
const RATE_PER_SEC: u64 = 50_000;

fn stamp(run: RunId, schedule: &Schedule, i: u64) -> Stamp {
    Stamp {
        run,
        kind: Kind::Data,
        step: 1,
        producer: 0,
        slot: schedule.slot(i),
        sequence: schedule.sequence(i),
        intended_us: schedule.due_us(i),
        sent_us: schedule.due_us(i),
    }
}

fn records(criterion: &mut Criterion) {
    let clock = RunClock::start();
    let schedule = Schedule::for_hold(clock.now_us(), RATE_PER_SEC, SLOTS, Duration::from_secs(300));
    let (Ok(schedule), Ok(payloads)) = (schedule, Payloads::json(1024, 7)) else { return };
    let run = RunId::fresh();
    let mut group = criterion.benchmark_group("a record of 1 KiB");
    group.throughput(Throughput::Elements(1));

    let mut value = Vec::new();
    let mut i = 0;
    group.bench_function("fill and stamp", |bencher| {
        bencher.iter(|| {
            payloads.fill(i, &mut value);
            stamp(run, &schedule, i).write(&mut value);
            i += 1;
            black_box(&value);
        });
    });

    let ledger = SendLedger::new(SLOTS);
    let mut i = 0;
    group.bench_function("book sent and acknowledged", |bencher| {
        bencher.iter(|| {
            ledger.record_sent(schedule.slot(i), schedule.sequence(i));
            ledger.record_acked(schedule.slot(i), schedule.sequence(i));
            i += 1;
        });
    });

    let names = (0..SLOTS).map(|slot| format!("t-{slot}")).collect();
    let mut auditor = Auditor::new(run, names);
    auditor.open(1, schedule, 1_000_000);
    let mut i = 0;
    group.bench_function("read, check and audit", |bencher| {
        let record = || {
            payloads.fill(i, &mut value);
            stamp(run, &schedule, i).write(&mut value);
            i += 1;
            (value.clone(), schedule.slot(i - 1))
        };
        let audit = |(value, slot): (Vec<u8>, u32)| auditor.observe(Some(&value), slot, clock.now_us());
        bencher.iter_batched(record, audit, BatchSize::SmallInput);
    });
    group.finish();
}

criterion_group!(benches, records);
criterion_main!(benches);

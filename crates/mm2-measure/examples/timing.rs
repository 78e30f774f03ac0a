//! temp
#![allow(
    clippy::all,
    clippy::pedantic,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::allow_attributes_without_reason
)]
use mm2_measure::*;
use std::time::Instant;
fn main() {
    let slots = 120u32;
    let n = 2_000_000u64;
    let s = Schedule::new(1_760_000_000_000_000, 50_000, slots, n).unwrap();
    let run = RunId::fresh();
    for size in [100usize, 1024] {
        let p =
            if size < 400 { Payloads::random(size, 1).unwrap() } else { Payloads::json(size, 1).unwrap() };
        let ledger = SendLedger::new(slots);
        let clock = RunClock::start();
        let mut a = Auditor::new(run, (0..slots).map(|x| x.to_string()).collect());
        a.open(1, s, 500_000);
        let mut ring: Vec<Vec<u8>> = vec![Vec::new(); 4096];
        let (mut w, mut l, mut o, mut r) = (vec![], vec![], vec![], vec![]);
        let mut i = 0;
        while i < n {
            let m = 4096.min(n - i);
            let t = Instant::now();
            for k in 0..m {
                let b = &mut ring[k as usize];
                p.fill(i + k, b);
                Stamp {
                    run,
                    kind: Kind::Data,
                    step: 1,
                    producer: 0,
                    slot: s.slot(i + k),
                    sequence: s.sequence(i + k),
                    intended_us: s.due_us(i + k),
                    sent_us: s.due_us(i + k) + 100,
                }
                .write(b);
            }
            w.push(t.elapsed().as_nanos() as f64 / m as f64);
            let t = Instant::now();
            for k in 0..m {
                ledger.record_sent(s.slot(i + k), s.sequence(i + k));
                ledger.record_acked(s.slot(i + k), s.sequence(i + k));
            }
            l.push(t.elapsed().as_nanos() as f64 / m as f64);
            let t = Instant::now();
            for k in 0..m {
                std::hint::black_box(Stamp::read(&ring[k as usize]).is_ok());
            }
            r.push(t.elapsed().as_nanos() as f64 / m as f64);
            let t = Instant::now();
            for k in 0..m {
                let now = clock.now_us();
                std::hint::black_box(now);
                a.observe(Some(&ring[k as usize]), s.slot(i + k), s.due_us(i + k) + 20_000 + (k % 1000) * 17);
            }
            o.push(t.elapsed().as_nanos() as f64 / m as f64);
            i += m;
        }
        let f = |x: &mut Vec<f64>| { x.sort_by(f64::total_cmp); x[x.len()/20] }; let (w,l,r,o)=(f(&mut w),f(&mut l),f(&mut r),f(&mut o));
        println!(
            "{size} B: fill+write {:.0} ns, ledger sent+acked {:.0} ns, read {:.0} ns, clock+observe(incl read) {:.0} ns; sum {:.0} ns = {:.2} % of a core at 50k/s",
            w,
            l,
            r,
            o,
            f(w + l + o),
            f(w + l + o) * 50_000.0 / 1e7
        );
        let t = Instant::now();
        for _ in 0..1000 {
            std::hint::black_box(a.tally(1));
            a.lost_so_far(1, &ledger, 0);
            std::hint::black_box(a.backlog(1, &ledger));
        }
        println!("tally+lost+backlog {:?}", t.elapsed() / 1000);
        let t = Instant::now();
        let d = a.take_delta(1);
        println!("take_delta {:?}", t.elapsed());
        let t = Instant::now();
        let e = d.encode();
        println!("encode {} B {:?}", e.len(), t.elapsed());
        println!("{:?}", a.tally(1));
    }
}

//! Rehearsals with faults drawn at random, held against the mirror's own journal: what is wrong must not pass,
//! what is lost must be counted to the record, and what is well must not fail.
//!
//! A dozen by default. `MM2_REHEARSALS=200` makes more of them, `MM2_REHEARSALS_AT_ONCE=8` how many run beside
//! each other, `MM2_REHEARSALS_FROM=60` which is the first; scripts/rehearsal-faults shows the table.

mod combination;
mod judged;

use std::env;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use combination::Combination;
use judged::Judged;

/// On a busy machine a run may say nothing of its faults: our own generator slips, or the noise hides a trend.
const TRIES: usize = 3;

fn number(name: &str, default: u64) -> u64 {
    env::var(name).ok().map_or(default, |text| text.parse().unwrap())
}

/// The combination, again where this machine was in the way.
fn judge(combination: &Combination) -> Judged {
    let mut judged = Judged::rehearse(combination);
    for _ in 1..TRIES {
        if !judged.is_noise(combination) {
            break;
        }
        judged = Judged::rehearse(combination);
    }
    judged
}

#[test]
fn whatever_goes_wrong_the_verdict_agrees_with_the_mirrors_own_journal() {
    let (from, count) = (number("MM2_REHEARSALS_FROM", 0), number("MM2_REHEARSALS", 12));
    let next = AtomicU64::new(from);
    let all = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..number("MM2_REHEARSALS_AT_ONCE", 4) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + count {
                        break;
                    }
                    let combination = Combination::drawn(seed);
                    let judged = judge(&combination);
                    all.lock().unwrap_or_else(PoisonError::into_inner).push((seed, combination, judged));
                }
            });
        }
    });
    let mut all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    all.sort_by_key(|(seed, ..)| *seed);

    println!("{}", Judged::HEADER);
    for (_, combination, judged) in &all {
        println!("{}", judged.row(combination));
    }
    let wrong: Vec<String> =
        all.iter().flat_map(|(_, combination, judged)| judged.disagreements(combination)).collect();
    assert!(wrong.is_empty(), "{} disagreements:\n{}", wrong.len(), wrong.join("\n"));
    let with = |level: &str| all.iter().filter(|(.., judged)| judged.level() == level).count();
    let levels = ["GO", "WARN", "INCONCLUSIVE", "STOP"].map(|level| (level, with(level)));
    println!("{levels:?}");
    // Who never says GO is never wrong.
    assert!(count < 12 || (with("GO") > 0 && with("STOP") > 0), "{levels:?}");
}

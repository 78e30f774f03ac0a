//! The set behaves like any other set, and stays small.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

impl SequenceSet {
    fn parts(&self) -> (usize, usize) {
        (self.partial.len(), self.full.len())
    }
}

fn set_of(sequences: impl IntoIterator<Item = u64>) -> SequenceSet {
    let mut set = SequenceSet::new();
    for sequence in sequences {
        set.insert(sequence);
    }
    set
}

/// Runs of numbers, some overlapping, in any order: whole chunks get filled, and gaps stay.
fn sequences() -> impl Strategy<Value = Vec<u64>> {
    let runs = prop::collection::vec((0_u64..20_000, 1_u64..5_000, 1_u64..3), 0..8);
    (runs, any::<u64>(), 0..3).prop_map(|(runs, seed, order)| {
        let mut all: Vec<u64> = runs
            .into_iter()
            .flat_map(|(start, len, step)| (start..start + len).step_by(step as usize))
            .collect();
        match order {
            0 => all.sort_unstable(),
            1 => all.reverse(),
            _ => fastrand::Rng::with_seed(seed).shuffle(&mut all),
        }
        all
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn is_the_same_set_as_a_btree_set(sequences in sequences(), n in 0_u64..30_000) {
        let mut set = SequenceSet::new();
        let mut model = BTreeSet::new();
        for &sequence in &sequences {
            prop_assert_eq!(set.insert(sequence), model.insert(sequence));
            prop_assert_eq!(set.highest(), model.last().copied());
        }
        prop_assert_eq!(set.len(), model.len() as u64);
        prop_assert_eq!(set.is_empty(), model.is_empty());
        prop_assert!((0..30_000).all(|s| set.contains(s) == model.contains(&s)));
        let missing: Vec<u64> = (0..n).filter(|s| !model.contains(s)).collect();
        prop_assert_eq!(set.missing_below(n).collect::<Vec<_>>(), missing);
    }

    #[test]
    fn the_difference_is_what_only_one_has(a in sequences(), b in sequences()) {
        let (mine, others) = (set_of(a.iter().copied()), set_of(b.iter().copied()));
        let (a, b): (BTreeSet<_>, BTreeSet<_>) = (a.into_iter().collect(), b.into_iter().collect());
        let expected: Vec<u64> = a.difference(&b).copied().collect();
        prop_assert_eq!(mine.difference_len(&others), expected.len() as u64);
        prop_assert_eq!(mine.difference(&others).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_stream_in_order_costs_one_chunk_however_long() {
    let set = set_of(0..1_000_001);
    assert_eq!(set.parts(), (1, 1));
    assert_eq!(set.missing_below(1_000_001).count(), 0);
}

#[test]
fn each_gap_costs_one_chunk_and_closing_it_gives_it_back() {
    let gaps = [100, 50_000, 500_000];
    let mut set = set_of((0..CHUNK * 200).filter(|s| !gaps.contains(s)));
    assert_eq!(set.parts(), (3, 3));
    assert_eq!(set.missing_below(CHUNK * 200).collect::<Vec<_>>(), gaps);
    for gap in gaps {
        assert!(set.insert(gap));
    }
    assert_eq!(set.parts(), (0, 1));
}

#[test]
fn a_number_from_nowhere_costs_one_chunk() {
    let set = set_of([0, u64::MAX]);
    assert_eq!(set.parts(), (2, 0));
    assert!(set.contains(u64::MAX) && !set.contains(u64::MAX - 1));
}

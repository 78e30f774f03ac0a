//! What becomes of a record, drawn from the seed and the record's place alone: the same run can be had again.

use crate::faults::Faults;

/// Draws the fate of each record.
#[derive(Debug, Clone)]
pub(crate) struct Chances {
    seed: u64,
    loss: f64,
    duplicate: f64,
    reorder: f64,
    corrupt: f64,
}

/// What is to become of one record. Drawn independently, but what is lost has no other fate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Fate {
    pub(crate) lost: bool,
    pub(crate) duplicated: bool,
    pub(crate) held_back: bool,
    /// Where in the value, and how: any number, to be taken modulo the length.
    pub(crate) corrupted: Option<u64>,
}

impl Chances {
    pub(crate) fn new(faults: &Faults) -> Self {
        Self {
            seed: faults.seed,
            loss: faults.loss.unwrap_or(0.0),
            duplicate: faults.duplicate.unwrap_or(0.0),
            reorder: faults.reorder.unwrap_or(0.0),
            corrupt: faults.corrupt.unwrap_or(0.0),
        }
    }

    /// The fate of the record that is `position`th in its partition since the faults began. Not since the
    /// partition began: how many canaries and records of the warm-up came before is not ours to know.
    pub(crate) fn fate(&self, topic: &str, partition: i32, position: u64) -> Fate {
        let place = (u64::from(crc32fast::hash(topic.as_bytes())) << 32) | u64::from(partition as u32);
        let mut draws = Draws(mixed(mixed(self.seed ^ mixed(place)).wrapping_add(position)));
        // All are drawn, whatever comes of the first: one more fault leaves the others as they were.
        let [lost, duplicated, held_back, corrupted] =
            [self.loss, self.duplicate, self.reorder, self.corrupt].map(|share| draws.share() < share);
        if lost {
            return Fate { lost, ..Fate::default() };
        }
        Fate { lost, duplicated, held_back, corrupted: corrupted.then(|| draws.next()) }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): every output bit depends on every bit of the state.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    /// Evenly in 0..1, in steps of 2⁻⁵³.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chances(faults: &str) -> Chances {
        Chances::new(&faults.parse().unwrap())
    }

    fn count(chances: &Chances, which: impl Fn(Fate) -> bool) -> usize {
        let each = |partition| (0..100_000).map(move |position| chances.fate("t", partition, position));
        (0..10).flat_map(each).filter(|fate| which(*fate)).count()
    }

    #[test]
    fn each_fate_comes_as_often_as_its_share() {
        let chances = chances("loss=0.001,duplicate=0.01,reorder=0.1,corrupt=0.5");
        // Of a million; four standard deviations.
        let check = |which: fn(Fate) -> bool, share: f64| {
            let (seen, expect) = (count(&chances, which) as f64, 1e6 * share);
            let allowed = 4.0 * (1e6 * share * (1.0 - share)).sqrt();
            assert!((seen - expect).abs() <= allowed, "{seen}, not {expect} ± {allowed}");
        };
        check(|fate| fate.lost, 0.001);
        check(|fate| fate.duplicated, 0.999 * 0.01);
        check(|fate| fate.held_back, 0.999 * 0.1);
        check(|fate| fate.corrupted.is_some(), 0.999 * 0.5);
        check(|fate| fate.held_back && fate.duplicated, 0.999 * 0.001);
    }

    #[test]
    fn never_is_never_and_always_is_always() {
        assert_eq!(count(&chances("loss=0,corrupt=0"), |fate| fate != Fate::default()), 0);
        assert_eq!(count(&chances("loss=1"), |fate| fate.lost), 1_000_000);
    }

    #[test]
    fn a_fate_depends_on_seed_and_place_and_on_no_other_fault() {
        let lost = |chances: Chances, topic, partition| -> Vec<u64> {
            (0..10_000).filter(|&position| chances.fate(topic, partition, position).lost).collect()
        };
        let usual = lost(chances("loss=0.01"), "t", 0);
        assert_eq!(usual, lost(chances("loss=0.01,duplicate=0.5,reorder=0.5"), "t", 0));
        for other in [
            lost(chances("loss=0.01,seed=43"), "t", 0),
            lost(chances("loss=0.01"), "t", 1),
            lost(chances("loss=0.01"), "u", 0),
        ] {
            let same = usual.iter().filter(|position| other.contains(position)).count();
            assert!(same <= 6, "{same} of {} are the same", usual.len());
        }
    }
}

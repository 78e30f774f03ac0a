//! A set of sequence numbers that costs memory for its gaps, not for its members.
//!
//! Sequences fall into chunks of 4 096. A chunk without gaps is a part of a range; only a chunk that has
//! some members and lacks others is kept bit by bit (512 bytes). A stream in order costs one chunk; the
//! worst one, with a gap in every chunk, 1.1 bits a record: 116 MB for 24 h at 10 000 records/s.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

const WORDS: usize = 64;
const CHUNK: u64 = 64 * WORDS as u64;

type Words = [u64; WORDS];
static NONE: Words = [0; WORDS];
static ALL: Words = [u64::MAX; WORDS];

/// A set of `u64`, made for numbers that come nearly in order and nearly all.
#[derive(Debug, Clone, Default)]
pub struct SequenceSet {
    /// Chunks with some members and some gaps, by chunk number.
    partial: BTreeMap<u64, Box<Words>>,
    /// Ranges of full chunks: first → one past the last. They never touch.
    full: BTreeMap<u64, u64>,
    len: u64,
    highest: Option<u64>,
}

impl SequenceSet {
    /// An empty set.
    pub const fn new() -> Self {
        Self { partial: BTreeMap::new(), full: BTreeMap::new(), len: 0, highest: None }
    }

    /// Adds a sequence; `true` if it was not in the set yet.
    pub fn insert(&mut self, sequence: u64) -> bool {
        let (chunk, word, bit) = place(sequence);
        let words = match self.partial.entry(chunk) {
            Entry::Occupied(partial) => partial.into_mut(),
            Entry::Vacant(_) if in_ranges(&self.full, chunk) => return false,
            Entry::Vacant(none) => none.insert(Box::new(NONE)),
        };
        if words[word] & bit != 0 {
            return false;
        }
        words[word] |= bit;
        // Only a full word can have completed the chunk.
        if words[word] == u64::MAX && **words == ALL {
            self.partial.remove(&chunk);
            self.add_full(chunk);
        }
        self.len += 1;
        self.highest = self.highest.max(Some(sequence));
        true
    }

    /// Whether the sequence is in the set.
    pub fn contains(&self, sequence: u64) -> bool {
        let (chunk, word, bit) = place(sequence);
        self.words(chunk)[word] & bit != 0
    }

    /// How many sequences are in the set.
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether the set is empty.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The highest sequence in the set.
    pub const fn highest(&self) -> Option<u64> {
        self.highest
    }

    /// The sequences below `n` that are not in the set, ascending.
    pub fn missing_below(&self, n: u64) -> impl Iterator<Item = u64> + '_ {
        (self.complete_chunks()..n.div_ceil(CHUNK))
            .flat_map(|chunk| {
                let words = self.words(chunk);
                bits(chunk, move |word| !words[word])
            })
            .take_while(move |&sequence| sequence < n)
    }

    /// The sequences that are in this set and not in `other`, ascending.
    pub fn difference<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = u64> + 'a {
        let first = self.complete_chunks().min(other.complete_chunks());
        (first..self.end_chunk()).flat_map(move |chunk| {
            let (mine, others) = (self.words(chunk), other.words(chunk));
            bits(chunk, move |word| mine[word] & !others[word])
        })
    }

    /// How many sequences are in this set and not in `other`: about 0.5 µs a chunk, from the first gap on.
    pub fn difference_len(&self, other: &Self) -> u64 {
        let first = self.complete_chunks().min(other.complete_chunks());
        (first..self.end_chunk()).map(|chunk| count_and_not(self.words(chunk), other.words(chunk))).sum()
    }

    fn words(&self, chunk: u64) -> &Words {
        match self.partial.get(&chunk) {
            Some(words) => words,
            None if in_ranges(&self.full, chunk) => &ALL,
            None => &NONE,
        }
    }

    /// Chunks from 0 on that have no gap.
    fn complete_chunks(&self) -> u64 {
        self.full.get(&0).copied().unwrap_or(0)
    }

    fn end_chunk(&self) -> u64 {
        self.highest.map_or(0, |highest| highest / CHUNK + 1)
    }

    fn add_full(&mut self, chunk: u64) {
        let start = match self.full.range(..chunk).next_back() {
            Some((&start, &end)) if end == chunk => start,
            _ => chunk,
        };
        let end = self.full.remove(&(chunk + 1)).unwrap_or(chunk + 1);
        self.full.insert(start, end);
    }
}

/// Chunk, word within it, bit within that.
const fn place(sequence: u64) -> (u64, usize, u64) {
    (sequence / CHUNK, (sequence % CHUNK / 64) as usize, 1 << (sequence % 64))
}

fn in_ranges(ranges: &BTreeMap<u64, u64>, chunk: u64) -> bool {
    ranges.range(..=chunk).next_back().is_some_and(|(_, &end)| chunk < end)
}

fn count_and_not(mine: &Words, others: &Words) -> u64 {
    mine.iter().zip(others).map(|(mine, others)| u64::from((mine & !others).count_ones())).sum()
}

/// The sequences of a chunk whose bit is set in `word_at`.
fn bits(chunk: u64, word_at: impl Fn(usize) -> u64) -> impl Iterator<Item = u64> {
    (0..WORDS).flat_map(move |word| {
        let mut left = word_at(word);
        std::iter::from_fn(move || {
            let bit = (left != 0).then(|| u64::from(left.trailing_zeros()))?;
            left &= left - 1;
            Some(chunk * CHUNK + word as u64 * 64 + bit)
        })
    })
}

#[cfg(test)]
mod tests;

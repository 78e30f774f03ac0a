//! Samples of a day or a month in bounded memory: one figure a block.

use serde::{Deserialize, Serialize};

use super::NotJudged;
use crate::stats::median;

/// Blocks that a window may have: as many as Theil–Sen takes. At 15 min, 20 days.
pub const MOST_BLOCKS: usize = crate::stats::MOST_POINTS;
/// Values of the block that is open, from which its middle is taken.
const MOST_VALUES: usize = 256;
const QUARTER_HOUR_MS: u64 = 900_000;

/// What stands for a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    /// The lowest value: for signals that rise and are cut back, as heap between collections.
    Floor,
    /// The median: for signals that go up and down, as resident memory and threads.
    Middle,
}

/// The time that is judged, and the blocks that it is cut into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Window {
    /// When the load was on and steady, milliseconds on any clock.
    pub start_ms: u64,
    /// When the load went off, on the same clock.
    pub end_ms: u64,
    /// Length of a block, milliseconds. What is left at the end belongs to the last whole block.
    pub block_ms: u64,
    /// Fewer samples than this in a block are none; and so are fewer than half of what blocks usually have.
    pub least_samples: u32,
}

impl Window {
    /// Blocks of 15 min with at least three samples each.
    pub fn new(start_ms: u64, end_ms: u64) -> Self {
        Self { start_ms, end_ms, block_ms: QUARTER_HOUR_MS, least_samples: 3 }
    }

    /// The same with blocks of another length.
    #[must_use]
    pub fn block_ms(self, block_ms: u64) -> Self {
        Self { block_ms, ..self }
    }

    fn blocks(&self) -> u64 {
        self.end_ms.saturating_sub(self.start_ms).checked_div(self.block_ms).unwrap_or(0)
    }
}

/// Samples of one series as they come, one figure a block.
///
/// Memory: 32 bytes a block, of which a window has at most [`MOST_BLOCKS`], and 4 KiB for the block that
/// is open, however many samples come. A batch is judged by feeding it.
///
/// The middle of a block of more than 256 samples is that of every second, every fourth and so on. On
/// 86 400 samples of a leak (24 h at 1 Hz) the slope of the blocks is within 1 % of the exact Theil–Sen
/// slope of the samples; `cargo bench -p mm2-slo` prints both.
#[derive(Debug, Clone)]
pub struct TrendBlocks {
    pub(super) window: Window,
    pub(super) restarts: u32,
    pick: Pick,
    closed: Vec<Block>,
    open: OpenBlock,
}

/// A block's figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Block {
    /// Its number in the window, from 0.
    pub(super) index: usize,
    /// When its figure holds, milliseconds after the window's start: the floor's own time, or the mean.
    pub(super) at_ms: f64,
    pub(super) value: f64,
    samples: u32,
}

#[derive(Debug, Clone, Default)]
struct OpenBlock {
    index: usize,
    samples: u32,
    /// Mean of the samples' times, milliseconds after the window's start.
    mean_ms: f64,
    floor: Option<(f64, f64)>,
    values: Vec<f64>,
    /// Every so many-th sample is kept in `values`, as a power of two.
    thinned: u32,
}

impl TrendBlocks {
    /// An empty series.
    ///
    /// # Errors
    ///
    /// [`NotJudged::Window`] when the window has no whole block or too many.
    pub fn new(window: Window, pick: Pick) -> Result<Self, NotJudged> {
        let blocks = window.blocks();
        if blocks == 0 || blocks > MOST_BLOCKS as u64 {
            return Err(NotJudged::Window { blocks });
        }
        Ok(Self { window, restarts: 0, pick, closed: Vec::new(), open: OpenBlock::default() })
    }

    /// Takes one sample. Blocks come in time order; within one the order does not matter.
    ///
    /// A value that is not finite is a missing one. Samples outside of the window, and of blocks before
    /// the latest one, are left out: what is left out too often makes a gap, and a gap is not judged.
    pub fn push(&mut self, at_ms: u64, value: f64) {
        let inside = (self.window.start_ms..=self.window.end_ms).contains(&at_ms);
        if !inside || !value.is_finite() {
            return;
        }
        let since_ms = at_ms - self.window.start_ms;
        let block = since_ms.checked_div(self.window.block_ms).unwrap_or(0);
        let index = usize::try_from(block).unwrap_or(usize::MAX).min(self.expected().saturating_sub(1));
        if index < self.open.index {
            return;
        }
        if index > self.open.index {
            self.closed.extend(self.open.close(self.pick));
            self.open = OpenBlock { index, ..OpenBlock::default() };
        }
        self.open.add(since_ms as f64, value, self.pick);
    }

    /// Marks that the process whose signal this is came up anew: the window starts again here, since the
    /// levels of two processes make no trend. Ignored before the window's start; after its end nothing is
    /// left to judge.
    pub fn restarted(&mut self, at_ms: u64) {
        if at_ms < self.window.start_ms {
            return;
        }
        self.restarts = self.restarts.saturating_add(1);
        self.window.start_ms = at_ms.min(self.window.end_ms);
        self.closed.clear();
        self.open = OpenBlock::default();
    }

    /// The same samples, of a window that ended then: what is fed while it runs need not know its end.
    pub(crate) fn until(mut self, end_ms: u64) -> Self {
        self.window.end_ms = end_ms.max(self.window.start_ms);
        self
    }

    /// Whole blocks that the window has.
    pub(super) fn expected(&self) -> usize {
        usize::try_from(self.window.blocks()).unwrap_or(usize::MAX).min(MOST_BLOCKS)
    }

    /// One place a block; `None` where there are too few samples.
    pub(super) fn by_place(&self) -> Vec<Option<Block>> {
        let blocks: Vec<Block> = self.closed.iter().copied().chain(self.open.close(self.pick)).collect();
        let usual = median(&mut blocks.iter().map(|block| f64::from(block.samples)).collect::<Vec<_>>());
        let least = f64::from(self.window.least_samples).max(usual.unwrap_or(0.0) / 2.0);
        let mut places = vec![None; self.expected()];
        for block in blocks.into_iter().filter(|block| f64::from(block.samples) >= least) {
            if let Some(place) = places.get_mut(block.index) {
                *place = Some(block);
            }
        }
        places
    }
}

impl OpenBlock {
    fn add(&mut self, at_ms: f64, value: f64, pick: Pick) {
        if self.samples % (1 << self.thinned) == 0 && pick == Pick::Middle {
            self.values.push(value);
            if self.values.len() >= MOST_VALUES && self.thinned < 31 {
                let mut place = 0;
                self.values.retain(|_| {
                    place += 1;
                    place % 2 == 1
                });
                self.thinned += 1;
            }
        }
        if !self.floor.is_some_and(|(_, lowest)| lowest <= value) {
            self.floor = Some((at_ms, value));
        }
        self.samples = self.samples.saturating_add(1);
        self.mean_ms += (at_ms - self.mean_ms) / f64::from(self.samples);
    }

    fn close(&self, pick: Pick) -> Option<Block> {
        let (at_ms, value) = match pick {
            Pick::Floor => self.floor?,
            Pick::Middle => (self.mean_ms, median(&mut self.values.clone())?),
        };
        Some(Block { index: self.index, at_ms, value, samples: self.samples })
    }
}

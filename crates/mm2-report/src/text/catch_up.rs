//! Words for how a chain catches up after an outage.

use mm2_evidence::event::CatchUp;
use mm2_evidence::run::CatchUpRun;

/// Fixed words.
#[derive(Debug)]
pub(crate) struct CatchUpLabels {
    pub(crate) catch_up: &'static str,
    pub(crate) curve_head: [&'static str; 2],
}

/// Why catching up has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// It was given up, and a trouble says why.
    Trouble,
    /// A person or a signal.
    Interrupted,
    /// The process died.
    CutShort,
}

/// What catching up leaves open. The verdict is the climb's all the same, so each of these is said beside it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum LeftOpen {
    /// It was asked for, and not measured.
    NoAnswer(NoAnswer),
    /// The chain did not catch up within the limit.
    NotCaughtUp {
        /// How long the connector was paused, seconds.
        outage_s: f64,
        /// How long the drain was waited for, seconds.
        limit_s: f64,
    },
    /// So many records were neither seen nor proven lost.
    Unseen(u64),
    /// Nobody could see what became of the records.
    Blind,
}

/// Whether the backlog at the resumption was one that a chain has under way which keeps up.
pub(crate) fn nothing_to_drain(catch_up: &CatchUp) -> bool {
    catch_up.drain_s.is_some_and(|s| s == 0.0 || catch_up.backlog_at_resume <= catch_up.caught_up_below)
}

/// Sentences, whole.
pub(crate) trait CatchUpText {
    fn catch_up_labels(&self) -> &'static CatchUpLabels;

    /// The answer in one sentence.
    fn caught_up(&self, catch_up: &CatchUp) -> String;
    /// What it leaves open, for the top of the report.
    fn left_open(&self, open: LeftOpen) -> String;
    /// That we paused the connector, and nothing says that it runs again. `by_trouble`: it could not be resumed.
    fn may_be_paused(&self, by_trouble: bool) -> String;
    /// How to see whether the connector is paused, and what to do then.
    fn how_to_resume(&self) -> &'static str;
    /// That the source may delete records before MM2 reads them; `None` where it keeps them long enough.
    fn retention_warning(&self, catch_up: &CatchUp) -> Option<String>;
    /// Backlog, speed of the drain, retention, and what became of the records.
    fn catch_up_facts(&self, catch_up: &CatchUp) -> Vec<String>;
    /// That it was begun and has no answer, and how far it came.
    fn catch_up_broken_off(&self, begun: &CatchUpRun, why: NoAnswer) -> String;
    /// That it was asked for and never begun.
    fn catch_up_not_begun(&self, none_validated: bool) -> String;
    /// How it was measured.
    fn catch_up_method(&self, catch_up: &CatchUp) -> String;
    /// A point of the curve.
    fn since_resumption(&self, seconds: f64) -> String;
}

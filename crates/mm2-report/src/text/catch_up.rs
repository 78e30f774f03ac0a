//! Words for how a chain catches up after an outage.

use mm2_evidence::event::CatchUp;

/// Fixed words.
#[derive(Debug)]
pub(crate) struct CatchUpLabels {
    pub(crate) catch_up: &'static str,
    pub(crate) curve_head: [&'static str; 2],
}

/// Sentences, whole.
pub(crate) trait CatchUpText {
    fn catch_up_labels(&self) -> &'static CatchUpLabels;

    /// The answer in one sentence.
    fn caught_up(&self, catch_up: &CatchUp) -> String;
    /// That the source may delete records before MM2 reads them; `None` where it keeps them long enough.
    fn retention_warning(&self, catch_up: &CatchUp) -> Option<String>;
    /// Backlog, speed of the drain, retention, and what became of the records.
    fn catch_up_facts(&self, catch_up: &CatchUp) -> Vec<String>;
    /// That it was begun and has no answer: the run was cut short, or there was trouble.
    fn catch_up_broken_off(
        &self,
        rate_per_sec: u64,
        backlog_at_resume: Option<u64>,
        by_trouble: bool,
    ) -> String;
    /// That it was asked for and never begun.
    fn catch_up_not_begun(&self, none_validated: bool) -> String;
    /// How it was measured.
    fn catch_up_method(&self, catch_up: &CatchUp) -> String;
    /// A point of the curve.
    fn since_resumption(&self, seconds: f64) -> String;
}

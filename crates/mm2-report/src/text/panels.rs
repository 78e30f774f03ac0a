//! Words for what Prometheus has and what it showed.

use mm2_evidence::signals::{ReadFor, SignalsFound};
use mm2_slo::Signal;

/// Fixed words.
#[derive(Debug)]
pub(crate) struct PanelLabels {
    pub(crate) panels: &'static str,
    pub(crate) panels_head: [&'static str; 9],
    /// The same where there is little room.
    pub(crate) panels_head_short: [&'static str; 9],
    /// What the figures of the grid are.
    pub(crate) panels_meaning: &'static str,
    /// The same where there is little room, with the marks.
    pub(crate) panels_legend: &'static str,
    pub(crate) details: &'static str,
    pub(crate) details_head: [&'static str; 5],
    pub(crate) signals: &'static str,
    pub(crate) signals_head: [&'static str; 4],
    pub(crate) not_found: &'static str,
    /// What the signals that were not found cost.
    pub(crate) missing: &'static str,
    pub(crate) notes: &'static str,
}

/// Sentences.
pub(crate) trait PanelText {
    fn panel_labels(&self) -> &'static PanelLabels;

    /// What a signal is called; one that is not known shows its own name.
    fn signal<'a>(&self, signal: &'a Signal) -> &'a str;
    /// With the name that files and overrides use.
    fn signal_in_full(&self, signal: &Signal) -> String {
        match (self.signal(signal), signal.as_str()) {
            (name, code) if name == code => code.to_owned(),
            (name, code) => format!("{name} ({code})"),
        }
    }
    fn read_for(&self, read_for: ReadFor) -> &'static str;
    /// That these are missing, and what that costs.
    fn cost(&self, read_for: ReadFor, signals: &[String]) -> String;
    /// Where Prometheus is, how it spells what it has, and how much of it was found.
    fn found(&self, found: &SignalsFound) -> String;
    /// `1 of 2`.
    fn of(&self, seen: u64, expected: u64) -> String;
    /// A note: fewer series than there must be.
    fn fewer_series(&self, seen: u64, expected: u64) -> String;
    /// What a counter was increased by, all series together.
    fn increase(&self, quantity: &str) -> String;
    /// That no panel was read.
    fn panels(&self, why: &str) -> String;
}

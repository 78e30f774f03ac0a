//! Words for why a step stopped.

use mm2_slo::Signal;
use mm2_slo::attribution::{Advice, Hop};

/// Fixed words.
#[derive(Debug)]
pub(crate) struct AttributionLabels {
    pub(crate) why: &'static str,
    pub(crate) signs_head: [&'static str; 5],
    pub(crate) points: &'static str,
    pub(crate) calm: &'static str,
    /// Before what to try next.
    pub(crate) next: &'static str,
    /// Before the signals that were not there.
    pub(crate) blind: &'static str,
    /// That nobody can say which hop it is.
    pub(crate) not_determined: &'static str,
    /// What the figures are, and what they are not.
    pub(crate) meaning: &'static str,
}

/// Phrases.
pub(crate) trait AttributionText {
    fn attribution_labels(&self) -> &'static AttributionLabels;

    fn hop(&self, hop: Hop) -> String;
    /// A thing to do next, as it stands in a list.
    fn advice(&self, advice: &Advice) -> String;
    /// What limits a step.
    fn limits(&self, step: &str, hop: Hop) -> String;
    /// What a step that passed with a warning points at.
    fn warns_of(&self, step: &str, hop: Hop) -> String;
    /// What a sign's figure is called: as its signal, where it is not of all series together.
    fn figure<'a>(&self, signal: &'a Signal) -> &'a str;
    /// A sign in short: its figure, and from where on it points.
    fn sign(&self, signal: &str, value: &str, from: &str) -> String;
}

//! Why cells of a table have no figure, below the table.

use mm2_slo::Missing;

use super::Medium;
use crate::layout::Block;
use crate::text::Text;

/// Why cells have no figure, each reason once: `not measured (2)` in the cell, the reason below the table.
pub(super) struct Notes<'a> {
    text: &'a dyn Text,
    medium: Medium,
    lines: Vec<String>,
}

impl<'a> Notes<'a> {
    pub(super) fn new(text: &'a dyn Text, medium: Medium) -> Self {
        Self { text, medium, lines: Vec::new() }
    }

    pub(super) fn text(&self) -> &'a dyn Text {
        self.text
    }

    pub(super) fn cell<T>(&mut self, value: Result<T, Missing>, show: impl Fn(T) -> String) -> String {
        match value {
            Ok(value) => show(value),
            Err(why) => self.not_measured(&self.text.missing(&why)),
        }
    }

    pub(super) fn not_measured(&mut self, why: &str) -> String {
        let short = self.text.labels().not_measured;
        let mark = self.mark(format!("{short}{}{why}", self.text.labels().colon));
        match self.medium {
            Medium::Page => format!("{short} {mark}"),
            Medium::Screen => mark,
        }
    }

    /// The cells of a step that was never begun: one of many, and the last with the reason.
    pub(super) fn not_held(&mut self, why: &str) -> (String, String) {
        let short = self.text.not_held().to_owned();
        match self.medium {
            Medium::Page => (short, why.to_owned()),
            Medium::Screen => {
                let last = format!("{short} {}", self.mark(why.to_owned()));
                (self.text.labels().none.to_owned(), last)
            }
        }
    }

    pub(super) fn mark(&mut self, note: String) -> String {
        let at = self.lines.iter().position(|known| *known == note).unwrap_or_else(|| {
            self.lines.push(note);
            self.lines.len() - 1
        });
        format!("({})", at + 1)
    }

    pub(super) fn below(self) -> Option<Block> {
        let notes = self.lines.iter().enumerate().map(|(i, note)| format!("({}) {note}.", i + 1));
        (!self.lines.is_empty()).then(|| Block::List(notes.collect()))
    }
}

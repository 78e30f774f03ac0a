//! `--steps`: which steps of a ladder to climb.
//!
//! `P3` · `P1,P3` · `P1..P5` (both ends included) · `P1,P3..P5`. Spelling is checked when it is read,
//! names and order when it is applied to a ladder.

use std::str::FromStr;

use thiserror::Error;

use crate::ladder::Ladder;
use crate::step::Step;

/// Names of steps as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// First and last name of each stretch; the same for a single step.
    stretches: Vec<(String, String)>,
}

/// Why a selection selects nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SelectionError {
    /// Nothing before, between or after a comma or `..`.
    #[error("--steps \"{text}\" has an empty place; write P3, P1,P3 or P1..P5")]
    Empty {
        /// As written.
        text: String,
    },
    /// No such step.
    #[error("--steps names {name}, which is not a step of this ladder; its steps are {}", known.join(", "))]
    Unknown {
        /// As written.
        name: String,
        /// The ladder's names.
        known: Vec<String>,
    },
    /// Downwards, or the same step twice.
    #[error("--steps has {name} after {after}, but a ramp only climbs; name each step once, lowest first")]
    NotClimbing {
        /// The step that comes too late.
        name: String,
        /// The step before it.
        after: String,
    },
}

impl FromStr for Selection {
    type Err = SelectionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let stretch = |part: &str| {
            let (first, last) = part.split_once("..").unwrap_or((part, part));
            let (first, last) = (first.trim(), last.trim());
            if first.is_empty() || last.is_empty() {
                return Err(SelectionError::Empty { text: text.to_owned() });
            }
            Ok((first.to_owned(), last.to_owned()))
        };
        Ok(Self { stretches: text.split(',').map(stretch).collect::<Result<_, _>>()? })
    }
}

impl Selection {
    /// The selected steps of `ladder`, lowest first.
    ///
    /// # Errors
    /// A name that the ladder does not have, or an order that does not rise.
    pub fn of(&self, ladder: &Ladder) -> Result<Vec<Step>, SelectionError> {
        let place = |name: &str| {
            ladder.steps.iter().position(|step| step.name == name).ok_or_else(|| SelectionError::Unknown {
                name: name.to_owned(),
                known: ladder.steps.iter().map(|step| step.name.clone()).collect(),
            })
        };
        let mut selected: Vec<Step> = Vec::new();
        let mut below = None;
        for (first, last) in &self.stretches {
            let (from, to) = (place(first)?, place(last)?);
            let not_climbing = |name: &str, after: &str| SelectionError::NotClimbing {
                name: name.to_owned(),
                after: after.to_owned(),
            };
            if let Some((_, after)) = below.filter(|(at, _)| from <= *at) {
                return Err(not_climbing(first, after));
            }
            if to < from {
                return Err(not_climbing(last, first));
            }
            selected.extend_from_slice(&ladder.steps[from..=to]);
            below = Some((to, last));
        }
        Ok(selected)
    }
}

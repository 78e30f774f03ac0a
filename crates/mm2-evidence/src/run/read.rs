//! A run read back from the events that its writer left, whole or killed.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::Run;
use crate::error::EvidenceError;
use crate::event::{Event, SCHEMA, What};
use crate::run_log::EVENTS;

impl Run {
    /// Reads the run in the run folder `dir`, from its events alone.
    ///
    /// # Errors
    /// When `dir` is no run folder, or as [`from_events`](Self::from_events).
    pub fn from_dir(dir: &Path) -> Result<Self, EvidenceError> {
        let path = dir.join(EVENTS);
        let unreadable = |source| EvidenceError::Read { path: path.clone(), source };
        match Self::from_events(BufReader::new(File::open(&path).map_err(unreadable)?)) {
            Err(EvidenceError::Read { source, .. }) => Err(unreadable(source)),
            result => result,
        }
    }

    /// Folds the events of `lines`. A torn last line, as a killed writer leaves it, is noted in
    /// [`torn`](Self::torn).
    ///
    /// # Errors
    /// When there is no event, the first is not `run_started`, another schema wrote it, or a line before the last is no event.
    pub fn from_events(lines: impl BufRead) -> Result<Self, EvidenceError> {
        let mut lines = Lines { from: lines, number: 0, torn: false };
        let mut run = match lines.next_event()? {
            None => return Err(EvidenceError::NoEvents),
            Some(Event { at_ms, what: What::RunStarted(started) }) => Self::begin(at_ms, *started),
            Some(_) => return Err(EvidenceError::NoBeginning),
        };
        while let Some(event) = lines.next_event()? {
            run.apply(&event);
        }
        run.torn = lines.torn;
        Ok(run)
    }
}

struct Lines<R> {
    from: R,
    number: u64,
    torn: bool,
}

impl<R: BufRead> Lines<R> {
    fn next_event(&mut self) -> Result<Option<Event>, EvidenceError> {
        let mut bytes = Vec::new();
        let unreadable = |source: io::Error| EvidenceError::Read { path: EVENTS.into(), source };
        if self.from.read_until(b'\n', &mut bytes).map_err(unreadable)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        if self.number == 1 {
            check_schema(&bytes)?;
        }
        match serde_json::from_slice(&bytes) {
            Ok(event) => Ok(Some(event)),
            // The line end is written with the event: without it the event is not whole, and is the last.
            Err(_) if bytes.last() != Some(&b'\n') => {
                self.torn = true;
                Ok(None)
            }
            Err(source) => Err(EvidenceError::Broken { line: self.number, source }),
        }
    }
}

/// Before anything else is understood: another schema may have other words.
fn check_schema(first_line: &[u8]) -> Result<(), EvidenceError> {
    let value: serde_json::Value = serde_json::from_slice(first_line).unwrap_or_default();
    match value.get("schema").and_then(serde_json::Value::as_u64) {
        Some(found) if found != u64::from(SCHEMA) => Err(EvidenceError::Schema { found }),
        _ => Ok(()),
    }
}

//! The only writer of a run folder: every event goes to the disk, into the fold, and to whoever watches, in
//! that order. Not for reading a folder back; that is [`Run::from_dir`].

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

use crate::document::{RunDocument, rfc3339};
use crate::error::EvidenceError;
use crate::event::{Event, RunStarted, What};
use crate::run::Run;

/// The file of events in a run folder.
pub const EVENTS: &str = "events.ndjson";
/// The file that scripts read in a run folder.
pub const RUN_JSON: &str = "run.json";

/// The folder of raw samples in a run folder.
pub const SERIES: &str = "series";

/// Sees every event after it is on the disk and in the fold: the terminal, the live page.
pub type Observer = Box<dyn FnMut(&Event, &Run) + Send>;

/// A run folder that is being written.
pub struct RunLog {
    dir: PathBuf,
    events: File,
    /// Length of the whole lines in `events`: what is kept when a write fails half-way.
    events_bytes: u64,
    run: Run,
    observers: Vec<Observer>,
}

impl RunLog {
    /// Makes `out/<run_id>/`, opens what will be written, and writes the first event.
    ///
    /// # Errors
    /// When the folder exists already or cannot be written.
    pub fn create(out: &Path, mut started: RunStarted, at_ms: u64) -> Result<Self, EvidenceError> {
        redact(&mut started);
        let dir = out.join(&started.run_id);
        make_new(out, &dir)?;
        let path = dir.join(EVENTS);
        let events = OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(&path)
            .map_err(|source| EvidenceError::Write { path, source })?;
        let run = Run::begin(at_ms, started.clone());
        let mut log = Self { dir, events, events_bytes: 0, run, observers: Vec::new() };
        let first = Event { at_ms, what: What::RunStarted(Box::new(started)) };
        log.append(&kept(&first)?.0)?;
        log.rewrite_document()?;
        Ok(log)
    }

    /// The run folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Everything so far.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// Shows the events from now on to `observer`.
    pub fn observe(&mut self, observer: Observer) {
        self.observers.push(observer);
    }

    /// Writes one event and hands it to the operating system, so that it survives the end of this process;
    /// then folds it and shows it to the observers.
    ///
    /// # Errors
    /// When it cannot be written. The events before it stay whole.
    pub fn record(&mut self, at_ms: u64, what: What) -> Result<(), EvidenceError> {
        // Folding what was read back keeps the live view and a later rebuild the same to the last digit.
        let (line, event) = kept(&Event { at_ms, what })?;
        self.append(&line)?;
        self.run.apply(&event);
        if matches!(event.what, What::StepEnded(_) | What::Concluded(_) | What::RunEnded { .. }) {
            self.rewrite_document()?;
        }
        for observer in &mut self.observers {
            observer(&event, &self.run);
        }
        Ok(())
    }

    /// Writes a whole file of the run folder: its readers see the old text or the new, never a half.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_file(&self, name: &str, text: &str) -> Result<(), EvidenceError> {
        write_whole(&self.dir, name, text)
    }

    /// Keeps raw samples as `series/NAME.json.gz`, for whoever wants to judge again or draw.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn keep_series(&self, name: &str, series: &impl Serialize) -> Result<(), EvidenceError> {
        let dir = self.dir.join(SERIES);
        let path = dir.join(format!("{name}.json.gz"));
        let write = || -> io::Result<()> {
            fs::create_dir_all(&dir)?;
            let mut packed = GzEncoder::new(File::create(&path)?, Compression::default());
            serde_json::to_writer(&mut packed, series)?;
            packed.finish()?;
            Ok(())
        };
        write().map_err(|source| EvidenceError::Write { path: path.clone(), source })
    }

    fn rewrite_document(&self) -> Result<(), EvidenceError> {
        self.write_file(RUN_JSON, &RunDocument::of(&self.run).to_json()?)
    }

    fn append(&mut self, line: &str) -> Result<(), EvidenceError> {
        if let Err(source) = self.events.write_all(line.as_bytes()) {
            // A full disk takes half a line; with that gone, the file can still be read and continued.
            drop(self.events.set_len(self.events_bytes));
            return Err(EvidenceError::Write { path: self.dir.join(EVENTS), source });
        }
        self.events_bytes += line.len() as u64;
        Ok(())
    }
}

impl fmt::Debug for RunLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunLog").field("dir", &self.dir).finish_non_exhaustive()
    }
}

/// The name of a run that starts at `at_ms` (since the Unix epoch): `20250131T120000Z-ramp`.
pub fn run_id(at_ms: u64, phase: &str) -> String {
    let second = rfc3339(at_ms / 1_000 * 1_000).replace(['-', ':'], "");
    format!("{second}-{phase}")
}

/// Writes `name` in `dir` beside itself and moves it into place.
///
/// # Errors
/// When it cannot be written.
pub fn write_whole(dir: &Path, name: &str, text: &str) -> Result<(), EvidenceError> {
    let path = dir.join(name);
    let write = || -> io::Result<()> {
        let mut file = readable_by_all(&mut tempfile::Builder::new()).tempfile_in(dir)?;
        file.write_all(text.as_bytes())?;
        file.persist(&path).map_err(|e| e.error)?;
        Ok(())
    };
    write().map_err(|source| EvidenceError::Write { path: path.clone(), source })
}

/// Temporary files are private; evidence is read by colleagues. The umask still holds.
fn readable_by_all<'b, 'p, 's>(
    builder: &'b mut tempfile::Builder<'p, 's>,
) -> &'b mut tempfile::Builder<'p, 's> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}

fn make_new(out: &Path, dir: &Path) -> Result<(), EvidenceError> {
    fs::create_dir_all(out).and_then(|()| fs::create_dir(dir)).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists if dir.exists() => EvidenceError::Exists { path: dir.to_owned() },
        _ => EvidenceError::CreateFolder { path: dir.to_owned(), source },
    })
}

/// The last gate: whoever made the settings has redacted them already.
fn redact(started: &mut RunStarted) {
    const SECRET: [&str; 7] =
        ["password", "passphrase", "secret", "jaas", "key.pem", "keystore.key", "user.info"];
    for (key, value) in &mut started.settings {
        let key = key.to_ascii_lowercase().replace('_', ".");
        if SECRET.iter().any(|part| key.contains(part)) {
            "REDACTED".clone_into(value);
        }
    }
}

/// The line of an event, and the event as it will be read from that line.
fn kept(event: &Event) -> Result<(String, Event), EvidenceError> {
    let not_kept = |line: &str, source| EvidenceError::NotKept { line: line.to_owned(), source };
    let mut line = serde_json::to_string(event).map_err(|e| not_kept("", e))?;
    let read_back = serde_json::from_str(&line).map_err(|e| not_kept(&line, e))?;
    line.push('\n');
    Ok((line, read_back))
}

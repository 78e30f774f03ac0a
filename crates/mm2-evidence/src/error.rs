//! What can go wrong with a run folder: which file, why, and what to do about it.

use std::io;
use std::path::PathBuf;

/// A run folder could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// The folder that is to hold the evidence cannot be made.
    #[error("cannot make the run folder {}: {source}; hint: name a folder that can be written with --out DIR", path.display())]
    CreateFolder {
        /// The run folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Evidence is never overwritten.
    #[error("the run folder {} exists already; hint: start again, or name another folder with --out DIR", path.display())]
    Exists {
        /// The run folder.
        path: PathBuf,
    },
    /// A file of the run folder cannot be written.
    #[error("cannot write {}: {source}; hint: see that its disk has room and the folder can be written, or use --out DIR", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// An event cannot be written so that it can be read again: a number that JSON does not have.
    #[error(
        "an event cannot be kept as evidence: {source}; hint: this is a bug, please report it with this line: {line}"
    )]
    NotKept {
        /// The event, as far as it could be written.
        line: String,
        /// What reading it back says.
        source: serde_json::Error,
    },
    /// A file of the run folder cannot be read.
    #[error("cannot read {}: {source}; hint: name the folder of a run, such as runs/20250131T120000Z-ramp", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// There is not even one whole event.
    #[error(
        "no event of a run is in it; hint: the run ended before anything was done, so there is nothing to report"
    )]
    NoEvents,
    /// A line that is not the last is no event.
    #[error("line {line} is no event: {source}; hint: restore the file, nothing but the run may write to it")]
    Broken {
        /// Its number, from 1.
        line: u64,
        /// Why not.
        source: serde_json::Error,
    },
    /// The first event is another than the one that says what the run is.
    #[error("it does not begin with run_started; hint: restore the file, its first lines are missing")]
    NoBeginning,
    /// Another version of the tool wrote it.
    #[error(
        "its schema is {found}, and this program reads schema {}; hint: use the version of the tool that wrote it",
        crate::event::SCHEMA
    )]
    Schema {
        /// The schema that it names.
        found: u64,
    },
}

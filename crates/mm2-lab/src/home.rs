//! The folder of one lab: who holds it, what is in it, and what is left of it.

use std::{
    ffi::OsStr,
    fs::{self, File, TryLockError},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use crate::{LabError, folders};

/// What the lab is made of; see [`crate::LabState`].
pub(crate) const STATE_FILE: &str = "lab.json";
/// Marks a folder as a lab's, and is locked by the lab's owner for as long as it lives.
const LOCK_FILE: &str = "lab.lock";
/// The words of a detached supervisor.
pub(crate) const SUPERVISOR_LOG: &str = "supervisor.log";
const CHAIN_FILE: &str = "chain.toml";
const TEMP_PREFIX: &str = "mm2-lab-";

/// A lab's folder, held by this process.
#[derive(Debug)]
pub(crate) struct Home {
    path: PathBuf,
    /// Locked; the kernel lets go of it with the process.
    _lock: File,
    /// The owner of a temporary folder, which goes when this does.
    temporary: Option<tempfile::TempDir>,
}

impl Home {
    /// The given folder, or a fresh temporary one, with nothing of an earlier lab in it.
    pub(crate) fn open(given: Option<&Path>) -> Result<Self, LabError> {
        let (path, temporary) = if let Some(path) = given {
            (absolute(path)?, None)
        } else {
            let folder = temporary()?;
            (absolute(folder.path())?, Some(folder))
        };
        prepare(&path)?;
        let lock = lock(&path)?;
        let home = Self { path, _lock: lock, temporary };
        home.reset()?;
        Ok(home)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn logs(&self) -> PathBuf {
        self.path.join("logs")
    }

    pub(crate) fn chain_file(&self) -> PathBuf {
        self.path.join(CHAIN_FILE)
    }

    /// Relative to the folder.
    pub(crate) fn properties(name: &str) -> PathBuf {
        Path::new("conf").join(name).with_extension("properties")
    }

    /// Relative to the folder.
    pub(crate) fn yml(name: &str) -> PathBuf {
        Path::new("conf").join(name).with_extension("yml")
    }

    /// Empty `conf`, `data` and `logs`, and no state.
    pub(crate) fn reset(&self) -> Result<(), LabError> {
        remove_state_and_data(&self.path)?;
        remove(&self.logs())?;
        for folder in ["conf", "data", "logs"] {
            let folder = self.path.join(folder);
            fs::create_dir_all(&folder).map_err(LabError::io(format!("create {}", folder.display())))?;
        }
        Ok(())
    }

    /// The lab is over: only its logs stay, or nothing where the folder is temporary.
    pub(crate) fn end(&mut self) -> Result<(), LabError> {
        remove_state_and_data(&self.path)?;
        match self.temporary.take() {
            Some(folder) => folder.close().map_err(LabError::io(format!("remove {}", self.path.display()))),
            None => Ok(()),
        }
    }

    /// The lab failed: its logs stay, even where the folder is temporary.
    pub(crate) fn keep_logs(mut self) {
        if let Some(folder) = &mut self.temporary {
            folder.disable_cleanup(true);
        }
        // The failure itself matters more than what is left of it.
        remove_state_and_data(&self.path).ok();
    }
}

fn temporary() -> Result<tempfile::TempDir, LabError> {
    let parent = folders::temp_parent();
    sweep(&parent);
    let folder = tempfile::Builder::new().prefix(TEMP_PREFIX).tempdir_in(&parent);
    folder.map_err(LabError::io(format!("create a folder in {}", parent.display())))
}

pub(crate) fn absolute(path: &Path) -> Result<PathBuf, LabError> {
    std::path::absolute(path).map_err(LabError::io(format!("make an absolute path of {}", path.display())))
}

/// Creates the folder and marks it, unless it holds somebody's files.
pub(crate) fn prepare(path: &Path) -> Result<(), LabError> {
    let doing = || format!("prepare the folder {}", path.display());
    fs::create_dir_all(path).map_err(LabError::io(doing()))?;
    let marker = path.join(LOCK_FILE);
    if marker.exists() {
        return Ok(());
    }
    if fs::read_dir(path).map_err(LabError::io(doing()))?.next().is_some() {
        return Err(LabError::NotALabFolder { path: path.to_owned() });
    }
    File::create(marker).map(drop).map_err(LabError::io(doing()))
}

fn lock(path: &Path) -> Result<File, LabError> {
    let file = path.join(LOCK_FILE);
    let doing = || format!("lock {}", file.display());
    let held = File::options().write(true).open(&file).map_err(LabError::io(doing()))?;
    match held.try_lock() {
        Ok(()) => Ok(held),
        Err(TryLockError::WouldBlock) => Err(LabError::Busy { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => Err(LabError::io(doing())(error)),
    }
}

/// Removes what is left of a lab that nobody holds: everything but the logs. Says whether that was so.
pub(crate) fn clean(path: &Path) -> Result<bool, LabError> {
    if !path.join(LOCK_FILE).exists() {
        return Ok(false);
    }
    let _lock = match lock(path) {
        Err(LabError::Busy { .. }) => return Ok(false),
        lock => lock?,
    };
    remove_state_and_data(path).map(|()| true)
}

/// Removes a lab's folder, but nothing in it that is not the lab's. Not for a lab that is up.
pub(crate) fn purge(path: &Path) -> Result<(), LabError> {
    if !clean(path)? {
        return Ok(());
    }
    for name in ["logs", SUPERVISOR_LOG, LOCK_FILE] {
        remove(&path.join(name))?;
    }
    // Somebody's own file in there: the folder stays.
    fs::remove_dir(path).ok();
    Ok(())
}

fn remove_state_and_data(path: &Path) -> Result<(), LabError> {
    for name in [STATE_FILE, CHAIN_FILE, "data", "conf"] {
        remove(&path.join(name))?;
    }
    Ok(())
}

fn remove(path: &Path) -> Result<(), LabError> {
    let removed = match fs::symlink_metadata(path) {
        Ok(entry) if entry.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(LabError::io(format!("remove {}", path.display()))(error))
        }
        _ => Ok(()),
    }
}

/// Purges temporary labs whose owner was killed before it could: they can hold tens of GB. What cannot be
/// removed now is tried again by the next lab.
fn sweep(parent: &Path) {
    let me = rustix::process::getuid().as_raw();
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_lab = entry.file_name().as_encoded_bytes().starts_with(TEMP_PREFIX.as_bytes())
            && entry.metadata().is_ok_and(|found| found.is_dir() && found.uid() == me)
            // Written after the lock was taken, so a lab that is just being made is not mistaken.
            && entry.path().join(STATE_FILE).exists();
        if is_lab {
            purge(&entry.path()).ok();
        }
    }
}

/// Either the old content or the whole new one, whatever happens.
pub(crate) fn write_atomically(path: &Path, text: &str) -> Result<(), LabError> {
    let write = || {
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new()
            .prefix(path.file_name().unwrap_or(OsStr::new("")))
            .tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.persist(path).map(drop).map_err(|error| error.error)
    };
    write().map_err(LabError::io(format!("write {}", path.display())))
}

/// The last lines of a log, indented, for an error message; empty where there is none.
pub(crate) fn tail(log: &Path) -> String {
    const LINES: usize = 10;
    const BYTES: u64 = 8 * 1024;
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(BYTES)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(LINES)..];
    last.iter().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;

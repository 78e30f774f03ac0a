//! Kafka's jars: fetched once by Maven into the cache, from then on used without a network.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::{
    KAFKA_VERSION, LabError,
    home::{self, tail},
    tied::{OnParentDeath, Tied, tied_command},
    tools,
};

/// 57 MB take 13 s on a good line; Maven's own time-outs are far longer than anybody waits.
const FETCH_LIMIT: Duration = Duration::from_secs(15 * 60);
/// What Maven is to fetch: broker, Connect, MirrorMaker 2 and the tools.
const POM: &str = include_str!("pom.xml");
const STAGE_PREFIX: &str = "stage-";

/// The folder of the jars, after fetching them where it is not there yet.
pub(crate) fn ensure(
    cache_dir: &Path,
    tied: &Tied,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(&str),
) -> Result<PathBuf, LabError> {
    let folder = home::absolute(cache_dir)?.join(format!("kafka-{KAFKA_VERSION}"));
    let libs = folder.join("libs");
    if libs.is_dir() {
        return Ok(libs);
    }
    tools::check_maven()?;
    fs::create_dir_all(&folder).map_err(LabError::io(format!("create {}", folder.display())))?;
    let _lock = lock(&folder, cancel, progress)?;
    if !libs.is_dir() {
        progress(&format!("fetching Kafka {KAFKA_VERSION} by Maven, this once (57 MB)"));
        remove_abandoned_stages(&folder);
        fetch(&folder, &libs, tied, cancel)?;
    }
    Ok(libs)
}

/// One download at a time; the second lab waits for the first one's.
fn lock(folder: &Path, cancel: &AtomicBool, progress: &mut dyn FnMut(&str)) -> Result<File, LabError> {
    let path = folder.join("fetch.lock");
    let file = File::create(&path).map_err(LabError::io(format!("create {}", path.display())))?;
    let mut waiting = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) => {
                if !waiting {
                    progress("waiting for another lab that is fetching Kafka");
                    waiting = true;
                }
                pause(cancel)?;
            }
            Err(fs::TryLockError::Error(error)) => {
                return Err(LabError::io(format!("lock {}", path.display()))(error));
            }
        }
    }
}

/// Those of a fetch that was killed. Held under the lock, so none of them is in use.
fn remove_abandoned_stages(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(STAGE_PREFIX.as_bytes()) {
            // Not fatal: it only takes room.
            fs::remove_dir_all(entry.path()).ok();
        }
    }
}

/// Into a folder beside, then renamed: an interrupted download is never taken for a complete one.
fn fetch(folder: &Path, libs: &Path, tied: &Tied, cancel: &AtomicBool) -> Result<(), LabError> {
    let stage = tempfile::Builder::new().prefix(STAGE_PREFIX).tempdir_in(folder);
    let stage = stage.map_err(LabError::io(format!("create a folder in {}", folder.display())))?;
    run_maven(stage.path(), tied, cancel)?;
    let staged = stage.path().join("libs");
    fs::rename(&staged, libs).map_err(LabError::io(format!(
        "move {} to {}",
        staged.display(),
        libs.display()
    )))
}

fn run_maven(stage: &Path, tied: &Tied, cancel: &AtomicBool) -> Result<(), LabError> {
    let write = LabError::io(format!("write to {}", stage.display()));
    let log = stage.join("mvn.log");
    let open = || {
        fs::write(stage.join("pom.xml"), POM)?;
        let out = File::create(&log)?;
        Ok((out.try_clone()?, out))
    };
    let (out, err) = open().map_err(write)?;
    let mut command = tied_command("mvn".as_ref(), OnParentDeath::Kill);
    command
        .args([
            "-q",
            "-B",
            "dependency:copy-dependencies",
            "-DincludeScope=runtime",
            "-DoutputDirectory=libs",
            &format!("-Dkafka.version={KAFKA_VERSION}"),
        ])
        .current_dir(stage)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err);
    let mut child = tied.spawn(command).map_err(LabError::io("run `mvn`"))?;
    let started = Instant::now();
    let mut wait = || loop {
        if let Some(status) = child.try_wait().map_err(LabError::io("wait for `mvn`"))? {
            return if status.success() { Ok(()) } else { Err(status.to_string()) }
                .map_err(|why| LabError::Fetch { why, tail: tail(&log) });
        }
        if started.elapsed() > FETCH_LIMIT {
            let why = format!("no end after {} min", FETCH_LIMIT.as_secs() / 60);
            return Err(LabError::Fetch { why, tail: tail(&log) });
        }
        pause(cancel)?;
    };
    let ended = wait();
    if ended.is_err() {
        // It has ended, or must: nothing may write into the stage while that is removed.
        child.kill().ok();
        child.wait().ok();
    }
    ended
}

fn pause(cancel: &AtomicBool) -> Result<(), LabError> {
    thread::sleep(Duration::from_millis(100));
    if cancel.load(Ordering::Relaxed) { Err(LabError::Cancelled) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jars_that_are_there_are_used_and_stages_of_a_killed_fetch_are_not() {
        let cache = tempfile::tempdir().unwrap();
        let folder = cache.path().join(format!("kafka-{KAFKA_VERSION}"));
        let abandoned = folder.join("stage-x/libs");
        fs::create_dir_all(&abandoned).unwrap();
        remove_abandoned_stages(&folder);
        assert!(!abandoned.exists());

        fs::create_dir_all(folder.join("libs")).unwrap();
        let said = &mut Vec::new();
        let tied = Tied::new().unwrap();
        let libs =
            ensure(cache.path(), &tied, &AtomicBool::new(false), &mut |text| said.push(text.to_owned()));
        assert_eq!(libs.unwrap(), folder.join("libs"));
        assert!(said.is_empty(), "it fetched again: {said:?}");
    }

    #[test]
    fn waiting_for_another_labs_download_is_said_and_can_be_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let cancel = AtomicBool::new(false);
        let _held = lock(folder.path(), &cancel, &mut |_| ()).unwrap();
        cancel.store(true, Ordering::Relaxed);
        let mut said = Vec::new();
        let error = lock(folder.path(), &cancel, &mut |text| said.push(text.to_owned())).unwrap_err();
        assert!(matches!(error, LabError::Cancelled));
        assert_eq!(said.len(), 1, "{said:?}");
    }
}

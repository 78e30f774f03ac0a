//! The jars of Kafka and of the JMX agent: each version fetched once by Maven into the cache, from then on
//! used without a network.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::{
    AgentVersion, KafkaVersion, LabError,
    distribution::version_of_jar,
    home::{self, tail},
    tied::{OnParentDeath, Tied, tied_command},
    tools,
};

/// 57 MB take 13 s on a good line; Maven's own time-outs are far longer than anybody waits.
const FETCH_LIMIT: Duration = Duration::from_secs(15 * 60);
/// What Maven is to fetch: broker, Connect, MirrorMaker 2 and the tools.
const POM: &str = include_str!("pom.xml");
/// Not `pom.xml`, which Maven would read for every other jar too.
const POM_FILE: &str = "kafka.xml";
const STAGE_PREFIX: &str = "stage-";

/// A folder that holds `kafka-VERSION/libs` and `agent-VERSION/libs`.
pub(crate) struct Cache<'a> {
    pub(crate) folder: PathBuf,
    pub(crate) tied: &'a Tied,
    pub(crate) cancel: &'a AtomicBool,
}

impl<'a> Cache<'a> {
    pub(crate) fn new(folder: &Path, tied: &'a Tied, cancel: &'a AtomicBool) -> Result<Self, LabError> {
        Ok(Self { folder: home::absolute(folder)?, tied, cancel })
    }

    /// The folder of Kafka's jars, after fetching them where they are not there yet.
    pub(crate) fn kafka(
        &self,
        version: KafkaVersion,
        progress: &mut dyn FnMut(&str),
    ) -> Result<PathBuf, LabError> {
        let what = format!("Kafka {version} by Maven, this once (57 MB)");
        self.ensure(&format!("kafka-{version}"), &what, progress, |stage| {
            let pom = stage.folder.join(POM_FILE);
            fs::write(&pom, POM).map_err(LabError::io(format!("write {}", pom.display())))?;
            stage.maven(&[
                "-f",
                POM_FILE,
                "dependency:copy-dependencies",
                "-DincludeScope=runtime",
                &format!("-Dkafka.version={version}"),
            ])?;
            // Kafka 4 comes with log4j 2, but without what binds slf4j to it.
            match version_of_jar(&stage.folder.join("libs"), "log4j-core-") {
                Some(log4j) => {
                    stage.maven_copy(&format!("org.apache.logging.log4j:log4j-slf4j-impl:{log4j}"))
                }
                None => Ok(()),
            }
        })
    }

    /// The agent's jar, after fetching it where it is not there yet.
    pub(crate) fn agent(
        &self,
        version: AgentVersion,
        progress: &mut dyn FnMut(&str),
    ) -> Result<PathBuf, LabError> {
        let what = format!("the JMX agent {version} by Maven, this once");
        let libs = self.ensure(&format!("agent-{version}"), &what, progress, |stage| {
            stage.maven_copy(&format!("io.prometheus.jmx:jmx_prometheus_javaagent:{version}"))
        })?;
        Ok(libs.join(format!("jmx_prometheus_javaagent-{version}.jar")))
    }

    fn ensure(
        &self,
        name: &str,
        what: &str,
        progress: &mut dyn FnMut(&str),
        fetch: impl FnOnce(&Stage) -> Result<(), LabError>,
    ) -> Result<PathBuf, LabError> {
        let folder = self.folder.join(name);
        let libs = folder.join("libs");
        if libs.is_dir() {
            return Ok(libs);
        }
        tools::check_maven()?;
        fs::create_dir_all(&folder).map_err(LabError::io(format!("create {}", folder.display())))?;
        let _lock = lock(&folder, self.cancel, progress)?;
        if !libs.is_dir() {
            progress(&format!("fetching {what}"));
            remove_abandoned_stages(&folder);
            self.fetch(&folder, &libs, fetch)?;
        }
        Ok(libs)
    }

    /// Into a folder beside, then renamed: an interrupted download is never taken for a complete one.
    fn fetch(
        &self,
        folder: &Path,
        libs: &Path,
        fetch: impl FnOnce(&Stage) -> Result<(), LabError>,
    ) -> Result<(), LabError> {
        let stage = tempfile::Builder::new().prefix(STAGE_PREFIX).tempdir_in(folder);
        let stage = stage.map_err(LabError::io(format!("create a folder in {}", folder.display())))?;
        fetch(&Stage { folder: stage.path(), tied: self.tied, cancel: self.cancel })?;
        let staged = stage.path().join("libs");
        fs::rename(&staged, libs).map_err(LabError::io(format!(
            "move {} to {}",
            staged.display(),
            libs.display()
        )))
    }
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
                    progress("waiting for another lab that is fetching the same");
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

/// Where a download comes together, in `libs`.
struct Stage<'a> {
    folder: &'a Path,
    tied: &'a Tied,
    cancel: &'a AtomicBool,
}

impl Stage<'_> {
    /// One jar, without what it depends on.
    fn maven_copy(&self, artifact: &str) -> Result<(), LabError> {
        self.maven(&["dependency:copy", &format!("-Dartifact={artifact}")])
    }

    fn maven(&self, arguments: &[&str]) -> Result<(), LabError> {
        let log = self.folder.join("mvn.log");
        let open = || {
            let out = File::create(&log)?;
            Ok((out.try_clone()?, out))
        };
        let (out, err) = open().map_err(LabError::io(format!("create {}", log.display())))?;
        let mut command = tied_command("mvn".as_ref(), OnParentDeath::Kill);
        command
            .args(["-q", "-B"])
            .args(arguments)
            .arg(format!("-DoutputDirectory={}", self.folder.join("libs").display()))
            .current_dir(self.folder)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err);
        let mut child = self.tied.spawn(command).map_err(LabError::io("run `mvn`"))?;
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
            pause(self.cancel)?;
        };
        let ended = wait();
        if ended.is_err() {
            // It has ended, or must: nothing may write into the stage while that is removed.
            child.kill().ok();
            child.wait().ok();
        }
        ended
    }
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
        let folder = tempfile::tempdir().unwrap();
        let kafka = folder.path().join("kafka-3.9.1");
        let abandoned = kafka.join("stage-x/libs");
        fs::create_dir_all(&abandoned).unwrap();
        remove_abandoned_stages(&kafka);
        assert!(!abandoned.exists());

        fs::create_dir_all(kafka.join("libs")).unwrap();
        fs::create_dir_all(folder.path().join("agent-1.0.1/libs")).unwrap();
        let said = &mut Vec::new();
        let tied = Tied::new().unwrap();
        let cancel = AtomicBool::new(false);
        let cache = Cache::new(folder.path(), &tied, &cancel).unwrap();
        let mut say = |text: &str| said.push(text.to_owned());
        assert_eq!(cache.kafka(KafkaVersion::DEFAULT, &mut say).unwrap(), kafka.join("libs"));
        let agent = cache.agent(AgentVersion::V1_0_1, &mut say).unwrap();
        assert!(agent.ends_with("agent-1.0.1/libs/jmx_prometheus_javaagent-1.0.1.jar"));
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

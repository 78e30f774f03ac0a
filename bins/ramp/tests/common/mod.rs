//! What the tests of `ramp` share: a place of their own, the program in it, and what a run left there.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A folder of one test, in which `ramp` is called: with run folders in `runs`, labs in `tmp`, and nothing of
/// the person's own settings.
pub(crate) struct Place {
    folder: TempDir,
}

/// A `ramp` that runs; killed with this value.
pub(crate) struct Ramp<'p> {
    place: &'p Place,
    child: Child,
    begun: Instant,
}

/// What a `ramp` said and how it ended.
pub(crate) struct Said {
    /// None when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) took: Duration,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Starts `ramp` here. Only what `env` says is in its environment of `MM2_…` and `KAFKA_…`.
    pub(crate) fn start<A: AsRef<OsStr>>(&self, args: &[A], env: &[(&str, &str)]) -> Ramp<'_> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ramp"));
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("MM2_") || text.starts_with("KAFKA_") {
                command.env_remove(&name);
            }
        }
        command
            .args(args)
            .current_dir(self.folder.path())
            .env("TMPDIR", self.path("tmp"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("COLUMNS", "100")
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stdout(File::create(self.path("stdout")).unwrap())
            .stderr(File::create(self.path("stderr")).unwrap());
        Ramp { place: self, child: command.spawn().unwrap(), begun: Instant::now() }
    }

    /// The folder of the only run here, once there is one.
    pub(crate) fn run_dir(&self) -> Option<PathBuf> {
        let runs: Vec<_> = fs::read_dir(self.path("runs")).ok()?.map(|entry| entry.unwrap().path()).collect();
        assert!(runs.len() < 2, "{runs:?}");
        runs.into_iter().next()
    }

    /// A file of the run folder.
    pub(crate) fn evidence(&self, name: &str) -> String {
        let path = self.run_dir().unwrap().join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub(crate) fn run_json(&self) -> Value {
        serde_json::from_str(&self.evidence("run.json")).unwrap()
    }

    /// The events so far; a line that is being written is left out.
    pub(crate) fn events(&self) -> Vec<Value> {
        let Some(dir) = self.run_dir() else { return Vec::new() };
        let text = fs::read_to_string(dir.join("events.ndjson")).unwrap_or_default();
        let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        whole.map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn said(&self, code: Option<i32>, took: Duration) -> Said {
        let text = |name| read_text(&self.path(name));
        Said { code, out: text("stdout"), err: text("stderr"), took }
    }
}

impl Ramp<'_> {
    /// Waits until it ends by itself.
    pub(crate) fn ended_within(mut self, seconds: u64) -> Said {
        let limit = Duration::from_secs(seconds);
        let waited = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return self.place.said(status.code(), self.begun.elapsed());
            }
            assert!(waited.elapsed() < limit, "still there after {seconds} s: {}", self.stderr());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits for an event; none when the program ended without it.
    pub(crate) fn sees(&mut self, seconds: u64, is_it: impl Fn(&Value) -> bool) -> Option<Value> {
        let waited = Instant::now();
        loop {
            let ended = self.child.try_wait().unwrap().is_some();
            if let Some(event) = self.place.events().into_iter().find(&is_it) {
                return Some(event);
            }
            if ended {
                return None;
            }
            assert!(waited.elapsed() < Duration::from_secs(seconds), "no such event: {}", self.stderr());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// `INT` is what Ctrl-C sends.
    pub(crate) fn signal(&self, name: &str) {
        signal(name, self.child.id());
    }

    fn stderr(&self) -> String {
        read_text(&self.place.path("stderr"))
    }
}

impl Drop for Ramp<'_> {
    fn drop(&mut self) {
        // A test that fails must not leave its load behind. Both fail when it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn read_text(path: &Path) -> String {
    String::from_utf8(fs::read(path).unwrap()).unwrap()
}

pub(crate) fn signal(name: &str, pid: u32) {
    assert!(Command::new("kill").args(["-s", name, &pid.to_string()]).status().unwrap().success());
}

/// Whether it is this event, of this step where a step is named.
pub(crate) fn is(event: &Value, name: &str, step: &str) -> bool {
    event["event"] == name && (event["step"] == step || event["step"]["name"] == step)
}

/// A tick of the step in the middle of its load.
pub(crate) fn is_mid_step(event: &Value, step: &str, from_s: f64) -> bool {
    is(event, "tick", step) && event["load_on"] == true && event["elapsed_s"].as_f64().unwrap() >= from_s
}

/// Whether our own generator was late in a step: then it says something about this machine, and nothing about
/// the chain.
pub(crate) fn slipped(run: &Value) -> bool {
    let steps = run["steps"].as_array().unwrap();
    steps
        .iter()
        .flat_map(|step| step["findings"].as_array().unwrap())
        .any(|f| f["reason"] == "generator_slip")
}

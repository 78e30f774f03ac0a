//! `slo` as a person or a script calls it, in the folder of the fixtures.

#![expect(clippy::unwrap_used, reason = "a helper of tests is to fail like a test")]

mod baseline;
mod columns;
mod criteria_files;
mod explain;
mod json;
mod lint;
mod reference;
mod table;
mod verdicts;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// What a call said and how it ended.
struct Said {
    code: i32,
    out: String,
    err: String,
}

/// Calls `slo` in `folder`.
fn slo_in(folder: &Path, args: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slo"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("MM2_")) {
        command.env_remove(name);
    }
    let output =
        command.args(args).current_dir(folder).env("COLUMNS", "100").stdin(Stdio::null()).output().unwrap();
    Said {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Calls `slo` where the fixtures are.
fn slo(args: &[&str]) -> Said {
    slo_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/slo"), args)
}

fn fixture(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/slo").join(name)).unwrap()
}

/// A folder of one test.
struct Place(TempDir);

impl Place {
    fn with(files: &[(&str, &str)]) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            fs::write(place.0.path().join(name), text).unwrap();
        }
        place
    }

    /// With the nominal run and its criteria.
    fn nominal(files: &[(&str, &str)]) -> Self {
        let place = Self::with(&[
            ("nominal.csv", fixture("nominal.csv").as_str()),
            ("nominal.toml", fixture("nominal.toml").as_str()),
        ]);
        for (name, text) in files {
            fs::write(place.0.path().join(name), text).unwrap();
        }
        place
    }

    fn slo(&self, args: &[&str]) -> Said {
        slo_in(self.0.path(), args)
    }

    /// `slo check` with these words.
    fn check(&self, args: &str) -> Said {
        let words: Vec<&str> = std::iter::once("check").chain(args.split_whitespace()).collect();
        self.slo(&words)
    }
}

impl Said {
    /// A wrong call: 64, nothing on stdout, and these parts on stderr.
    #[track_caller]
    fn is_usage(&self, parts: &[&str]) {
        assert_eq!((self.code, self.out.as_str()), (64, ""), "{}", self.err);
        for part in parts {
            assert!(self.err.contains(part), "{part:?} is not in: {}", self.err);
        }
    }

    /// The verdict of `--json`.
    #[track_caller]
    fn verdict(&self) -> Value {
        let mut document: Value =
            serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}", self.err));
        assert_eq!(document["exit_code"], self.code);
        document["verdict"].take()
    }
}

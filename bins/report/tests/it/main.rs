//! The program as a person or a script calls it.

#![expect(clippy::unwrap_used, reason = "a helper of tests is to fail like a test")]

use std::fs;
use std::path::Path;
use std::process::Command;

use mm2_evidence::event::{Event, What};
use mm2_evidence::{EVENTS, RUN_JSON, RunLog, sample};
use tempfile::{TempDir, tempdir};

struct Said {
    code: i32,
    out: String,
    err: String,
}

fn report(args: &[&str], dir: &Path) -> Said {
    let output =
        Command::new(env!("CARGO_BIN_EXE_report")).arg("render").arg(dir).args(args).output().unwrap();
    Said {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn folder_with(events: &str) -> TempDir {
    let dir = tempdir().unwrap();
    fs::write(dir.path().join(EVENTS), events).unwrap();
    dir
}

fn written(out: &Path, events: &[Event]) -> RunLog {
    let What::RunStarted(started) = &events[0].what else { panic!("{:?} is first", events[0]) };
    let mut log = RunLog::create(out, (**started).clone(), events[0].at_ms).unwrap();
    for event in &events[1..] {
        log.record(event.at_ms, event.what.clone()).unwrap();
    }
    log
}

#[test]
fn a_report_is_rebuilt_from_the_events_alone() {
    let dir = folder_with(&sample::ndjson(&sample::capped()));
    let check = |args: &[&str], expect: &str| {
        let said = report(args, dir.path());
        assert_eq!((said.code, said.err.as_str()), (0, ""));
        assert!(said.out.contains(expect), "{}", said.out);
    };
    check(&[], "## Results Grid");
    check(&["--lang", "fr"], "## Grille de Résultats");
    check(&["--format", "terminal", "--lang", "fr"], "Grille de Résultats (REHEARSAL)\n────");
    check(&["--format", "json"], "\"validated_per_sec\": 5000");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "printing writes nothing");
}

#[test]
fn a_killed_run_has_a_report_also_when_its_last_line_is_torn() {
    let text = sample::ndjson(&sample::killed());
    let said = report(&[], folder_with(&text[..text.len() - 9]).path());
    assert_eq!(said.code, 0);
    assert!(said.out.contains("INCONCLUSIVE: the run was cut short in P3"), "{}", said.out);
    assert!(said.out.contains("is torn"), "{}", said.out);
}

#[test]
fn writing_gives_back_exactly_what_the_run_itself_wrote() {
    let out = tempdir().unwrap();
    let log = written(out.path(), &sample::go());
    let path = log.dir().join(RUN_JSON);
    let by_the_run = fs::read_to_string(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let said = report(&["--write"], log.dir());
    assert_eq!((said.code, said.out.as_str()), (0, ""));
    assert_eq!(by_the_run, fs::read_to_string(&path).unwrap());
    for (name, word) in [("report.en.md", "Final Result"), ("report.fr.md", "Résultat Final")] {
        let text = fs::read_to_string(log.dir().join(name)).unwrap();
        assert!(text.contains(word), "{text}");
    }
}

#[test]
fn what_is_no_run_ends_with_64_and_says_what_to_do() {
    let check = |dir: &Path, expect: &str| {
        let said = report(&[], dir);
        assert_eq!((said.code, said.out.as_str()), (64, ""), "{}", said.err);
        for part in [expect, "hint: ", &dir.display().to_string()] {
            assert!(said.err.contains(part), "{part} is not in: {}", said.err);
        }
    };
    check(Path::new("/nowhere/runs/x"), "No such file");
    check(tempdir().unwrap().path(), "No such file");
    check(folder_with("").path(), "no event of a run");
    let text = sample::ndjson(&sample::killed());
    let first = text.lines().next().unwrap();
    check(folder_with(&format!("{first}\nrubbish\n{first}\n")).path(), "line 2 is no event");
}

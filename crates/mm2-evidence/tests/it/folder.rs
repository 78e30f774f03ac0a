//! The run folder: written once, whole at any time, readable after the writer is gone.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use mm2_evidence::event::RunStarted;
use mm2_evidence::{EVENTS, Event, EvidenceError, RUN_JSON, Run, RunLog, What, run_id, sample};
use tempfile::tempdir;

fn started(events: &[Event]) -> RunStarted {
    let What::RunStarted(started) = &events[0].what else { panic!("{:?} is first", events[0]) };
    (**started).clone()
}

fn write(out: &Path, events: &[Event]) -> RunLog {
    let mut log = RunLog::create(out, started(events), events[0].at_ms).unwrap();
    for event in &events[1..] {
        log.record(event.at_ms, event.what.clone()).unwrap();
    }
    log
}

#[test]
fn a_folder_reads_back_as_the_run_that_was_written_at_every_moment() {
    let out = tempdir().unwrap();
    let events = sample::capped();
    let mut log = RunLog::create(out.path(), started(&events), events[0].at_ms).unwrap();
    for event in &events[1..] {
        log.record(event.at_ms, event.what.clone()).unwrap();
        if !matches!(event.what, What::Tick(_)) {
            assert!(log.run() == &Run::from_dir(log.dir()).unwrap());
        }
    }
    let run_json = fs::read_to_string(log.dir().join(RUN_JSON)).unwrap();
    let run = Run::from_dir(log.dir()).unwrap();
    assert_eq!(run_json, mm2_evidence::RunDocument::of(&run).to_json().unwrap());
}

#[test]
fn run_json_is_there_from_the_first_moment_and_follows_the_steps() {
    let out = tempdir().unwrap();
    let events = sample::killed();
    let log = RunLog::create(out.path(), started(&events), events[0].at_ms).unwrap();
    let steps = |log: &RunLog| {
        let json: serde_json::Value =
            serde_json::from_slice(&fs::read(log.dir().join(RUN_JSON)).unwrap()).unwrap();
        assert_eq!(json["complete"], false);
        json["steps"].as_array().unwrap().len()
    };
    assert_eq!(steps(&log), 0);
    let out = tempdir().unwrap();
    assert_eq!(steps(&write(out.path(), &events)), 2, "the third was not ended");
}

#[test]
fn a_run_folder_is_never_written_twice() {
    let out = tempdir().unwrap();
    let events = sample::killed();
    let before = fs::read(write(out.path(), &events).dir().join(EVENTS)).unwrap();
    let error = RunLog::create(out.path(), started(&events), 0).unwrap_err();
    assert!(matches!(error, EvidenceError::Exists { .. }), "{error}");
    assert!(error.to_string().contains("--out DIR"), "{error}");
    assert_eq!(before, fs::read(out.path().join("20250131T120000Z-ramp").join(EVENTS)).unwrap());
}

#[test]
fn a_folder_that_cannot_be_made_is_named_with_cause_and_remedy() {
    let out = tempdir().unwrap();
    let file = out.path().join("runs");
    fs::write(&file, "").unwrap();
    let error = RunLog::create(&file, started(&sample::killed()), 0).unwrap_err().to_string();
    for part in ["runs/20250131T120000Z-ramp", "os error", "hint: ", "--out DIR"] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn observers_see_each_event_after_it_is_on_the_disk_and_in_the_fold() {
    let out = tempdir().unwrap();
    let events = sample::killed();
    let mut log = RunLog::create(out.path(), started(&events), events[0].at_ms).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (seen_too, file) = (Arc::clone(&seen), log.dir().join(EVENTS));
    log.observe(Box::new(move |event, run| {
        let on_disk = fs::read_to_string(&file).unwrap();
        assert_eq!(on_disk.lines().last().unwrap(), serde_json::to_string(event).unwrap());
        seen_too.lock().unwrap().push((event.at_ms, run.steps.len()));
    }));
    for event in events.iter().skip(1).filter(|e| !matches!(e.what, What::Tick(_))) {
        log.record(event.at_ms, event.what.clone()).unwrap();
    }
    let seen = seen.lock().unwrap();
    assert_eq!(seen.iter().map(|(_, steps)| *steps).max(), Some(3));
    assert!(seen.is_sorted());
}

#[test]
fn an_event_that_could_not_be_read_again_is_refused_and_leaves_the_file_whole() {
    let out = tempdir().unwrap();
    let mut log = write(out.path(), &sample::killed());
    let before = log.run().clone();
    let not_a_number = What::WarmUpStarted { rate_per_sec: 1, at_least_s: f64::NAN };
    let error = log.record(0, not_a_number).unwrap_err();
    assert!(matches!(error, EvidenceError::NotKept { .. }), "{error}");
    assert!(before == Run::from_dir(log.dir()).unwrap());
}

#[test]
fn no_secret_enters_the_folder_even_where_somebody_forgot_to_redact() {
    const SENTINEL: &str = "hunter2-sentinel";
    let out = tempdir().unwrap();
    let events = sample::killed();
    let mut started = started(&events);
    for key in
        ["source.sasl.password", "target.ssl.key.pem", "worker.sasl.jaas.config", "connect.client_secret"]
    {
        started.settings.insert(key.to_owned(), SENTINEL.to_owned());
    }
    let log = RunLog::create(out.path(), started, 0).unwrap();
    assert_eq!(log.run().started.settings["source.sasl.password"], "REDACTED");
    assert_eq!(log.run().started.settings["producer.acks"], "all");
    for file in fs::read_dir(log.dir()).unwrap() {
        let path = file.unwrap().path();
        assert!(!fs::read_to_string(&path).unwrap().contains(SENTINEL), "{}", path.display());
    }
    assert!(!format!("{:?}", log.run()).contains(SENTINEL));
}

#[test]
fn a_file_is_replaced_whole_and_colleagues_may_read_it() {
    let out = tempdir().unwrap();
    let log = write(out.path(), &sample::killed());
    log.write_file("report.en.md", "first").unwrap();
    log.write_file("report.en.md", "second").unwrap();
    let path = log.dir().join("report.en.md");
    assert_eq!(fs::read_to_string(&path).unwrap(), "second");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o044, 0o044);
    }
    assert_eq!(fs::read_dir(log.dir()).unwrap().count(), 3, "no leftovers");
}

#[test]
fn a_run_is_named_by_its_second_and_phase() {
    assert_eq!(run_id(1_738_324_800_999, "ramp"), "20250131T120000Z-ramp");
}

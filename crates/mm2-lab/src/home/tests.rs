use super::*;

fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_folder_with_somebodys_files_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("data")).unwrap();
    let error = Home::open(Some(dir.path())).unwrap_err();
    assert!(matches!(error, LabError::NotALabFolder { .. }) && error.is_usage());
    purge(dir.path()).unwrap();
    assert_eq!(names(dir.path()), ["data"]);
}

#[test]
fn a_folder_has_one_owner_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let first = Home::open(Some(dir.path())).unwrap();
    assert!(matches!(Home::open(Some(dir.path())), Err(LabError::Busy { .. })));
    assert!(!clean(dir.path()).unwrap(), "a held lab was cleaned");
    drop(first);
    Home::open(Some(dir.path())).unwrap();
}

#[test]
fn an_ended_lab_leaves_its_logs_and_a_purged_one_nothing_but_other_peoples_files() {
    let dir = tempfile::tempdir().unwrap();
    let mut home = Home::open(Some(dir.path())).unwrap();
    for file in [STATE_FILE, CHAIN_FILE, "data/segment", "logs/source.log", "note-to-self"] {
        fs::write(dir.path().join(file), "x").unwrap();
    }
    home.end().unwrap();
    assert_eq!(names(dir.path()), ["lab.lock", "logs", "note-to-self"]);
    assert_eq!(names(&dir.path().join("logs")), ["source.log"]);
    drop(home);
    purge(dir.path()).unwrap();
    assert_eq!(names(dir.path()), ["note-to-self"]);
}

#[test]
fn a_temporary_folder_goes_with_its_lab_and_stays_with_its_logs_when_the_lab_failed() {
    let mut home = Home::open(None).unwrap();
    let path = home.path().to_owned();
    home.end().unwrap();
    assert!(!path.exists());

    let failed = Home::open(None).unwrap();
    let path = failed.path().to_owned();
    fs::write(path.join("logs/source.log"), "why").unwrap();
    fs::write(path.join("data/segment"), "x").unwrap();
    failed.keep_logs();
    assert_eq!(names(&path), ["lab.lock", "logs"]);
    fs::remove_dir_all(path).unwrap();
}

#[test]
fn the_sweep_takes_abandoned_labs_only() {
    let parent = tempfile::tempdir().unwrap();
    let lab = |name: &str| {
        let path = parent.path().join(name);
        let home = Home::open(Some(&path)).unwrap();
        fs::write(path.join(STATE_FILE), "x").unwrap();
        home
    };
    drop(lab("mm2-lab-abandoned"));
    drop(lab("other-abandoned"));
    let _held = lab("mm2-lab-held");
    fs::remove_file(lab("mm2-lab-failed").path().join(STATE_FILE)).unwrap();
    sweep(parent.path());
    assert_eq!(names(parent.path()), ["mm2-lab-failed", "mm2-lab-held", "other-abandoned"]);
}

#[test]
fn an_atomic_write_replaces_and_leaves_nothing_beside() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lab.json");
    for text in ["old", "new"] {
        write_atomically(&path, text).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    assert_eq!(names(dir.path()), ["lab.json"]);
}

#[test]
fn the_tail_is_the_last_ten_lines_and_empty_without_a_log() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    assert_eq!(tail(&log), "");
    fs::write(&log, (1..=5000).map(|n| format!("line {n}")).collect::<Vec<_>>().join("\n\n")).unwrap();
    let tail = tail(&log);
    assert_eq!(tail.lines().count(), 10);
    assert!(tail.starts_with("    line 4991\n") && tail.ends_with("    line 5000"), "{tail}");
}

use super::*;

fn status(tasks: &[(u32, &str, &str)]) -> ConnectorStatus {
    let task = |(id, state, worker): &(u32, &str, &str)| TaskStatus {
        id: *id,
        state: (*state).to_owned(),
        worker_id: (*worker).to_owned(),
        trace: (*state == "FAILED").then(|| "Boom: no WRITE\n\tat X".to_owned()),
    };
    ConnectorStatus {
        connector_state: "RUNNING".to_owned(),
        worker_id: "w1".to_owned(),
        trace: None,
        tasks: tasks.iter().map(task).collect(),
    }
}

fn workers(answered: [bool; 2]) -> Vec<WorkerHealth> {
    let health = |(n, answered): (usize, bool)| WorkerHealth { url: format!("http://w{}", n + 1), answered };
    answered.into_iter().enumerate().map(health).collect()
}

fn unreachable() -> ConnectError {
    ConnectError::Unreachable { url: "http://w1".to_owned(), cause: "connection refused".to_owned() }
}

/// Polls once a second with both workers up; returns all changes.
fn watch(seen: &[ConnectorStatus]) -> Vec<ConnectChange> {
    let mut watcher = Watcher::default();
    let polls = seen.iter().zip((0..).step_by(1000));
    polls.flat_map(|(status, at_ms)| watcher.observe(at_ms, Ok(status), &workers([true; 2]))).collect()
}

/// Polls once a second with a steady status; `up` is worker 2's answer.
fn watch_second_worker(up: &[bool]) -> Vec<ConnectChange> {
    let mut watcher = Watcher::default();
    let polls = up.iter().zip((0..).step_by(1000));
    polls
        .flat_map(|(up, at_ms)| {
            watcher.observe(at_ms, Ok(&status(&[(0, "RUNNING", "w1")])), &workers([true, *up]))
        })
        .collect()
}

#[test]
fn nothing_changes_while_nothing_changes() {
    let steady = status(&[(0, "RUNNING", "w1"), (1, "RUNNING", "w2")]);
    assert_eq!(watch(&[steady.clone(), steady.clone(), steady]), []);
}

#[test]
fn the_first_poll_is_the_baseline_whatever_it_shows() {
    assert_eq!(watch(&[status(&[(0, "FAILED", "w1")])]), []);
}

#[test]
fn a_failed_task_is_a_state_change_with_its_cause() {
    let changes = watch(&[status(&[(0, "RUNNING", "w1")]), status(&[(0, "FAILED", "w1")])]);
    let expect = ConnectChange::TaskStateChanged {
        task: 0,
        from: "RUNNING".to_owned(),
        to: "FAILED".to_owned(),
        worker: "w1".to_owned(),
        cause: Some("Boom: no WRITE".to_owned()),
    };
    assert_eq!(changes, [expect]);
}

#[test]
fn a_task_that_moves_and_changes_tells_both() {
    let changes = watch(&[status(&[(0, "RUNNING", "w1")]), status(&[(0, "UNASSIGNED", "w2")])]);
    assert!(
        matches!(&changes[..], [ConnectChange::TaskMoved { to_worker, .. }, ConnectChange::TaskStateChanged { to, .. }]
            if to_worker == "w2" && to == "UNASSIGNED"),
        "{changes:?}"
    );
}

#[test]
fn tasks_that_come_and_go_are_told() {
    let changes = watch(&[status(&[(0, "RUNNING", "w1")]), status(&[(1, "RUNNING", "w1")])]);
    assert!(
        matches!(
            &changes[..],
            [ConnectChange::TaskAppeared { task: 1, .. }, ConnectChange::TaskGone { task: 0, .. }]
        ),
        "{changes:?}"
    );
}

#[test]
fn the_connector_s_own_state_is_no_restart() {
    let mut paused = status(&[(0, "RUNNING", "w1")]);
    paused.connector_state = "PAUSED".to_owned();
    let changes = watch(&[status(&[(0, "RUNNING", "w1")]), paused]);
    assert!(matches!(&changes[..], [ConnectChange::ConnectorStateChanged { .. }]), "{changes:?}");
    assert!(!changes[0].is_restart());
}

#[test]
fn one_missed_answer_is_not_silence() {
    assert_eq!(watch_second_worker(&[true, false, true, false, true]), []);
}

#[test]
fn a_worker_is_silent_once_and_back_with_the_time_since_its_last_answer() {
    let url = "http://w2".to_owned();
    assert_eq!(
        watch_second_worker(&[true, false, false, false, true]),
        [
            ConnectChange::WorkerSilent { url: url.clone() },
            ConnectChange::WorkerBack { url, silent_ms: 4000 }
        ]
    );
}

#[test]
fn a_url_that_never_answered_does_not_pass_for_a_restart() {
    assert_eq!(watch_second_worker(&[false; 20]), []);
}

#[test]
fn a_worker_silent_from_the_start_is_told_when_it_answers() {
    let back = ConnectChange::WorkerBack { url: "http://w2".to_owned(), silent_ms: 2000 };
    assert_eq!(watch_second_worker(&[false, false, true]), [back]);
}

#[test]
fn an_unreadable_status_is_told_after_two_polls_and_again_when_it_is_back() {
    let mut watcher = Watcher::default();
    let steady = status(&[(0, "RUNNING", "w1")]);
    let all = workers([true; 2]);
    assert_eq!(watcher.observe(0, Ok(&steady), &all), []);
    assert_eq!(watcher.observe(1000, Err(&unreachable()), &all), []);
    let silent = watcher.observe(2000, Err(&unreachable()), &all);
    assert!(
        matches!(&silent[..], [ConnectChange::RestSilent { cause }] if cause.contains("refused")),
        "{silent:?}"
    );
    assert!(!silent[0].is_restart());
    assert_eq!(watcher.observe(3000, Err(&unreachable()), &all), []);
    assert_eq!(watcher.observe(4000, Ok(&steady), &all), [ConnectChange::RestBack { silent_ms: 4000 }]);
}

#[test]
fn rest_that_never_answered_is_silent() {
    let mut watcher = Watcher::default();
    let none = workers([false; 2]);
    assert_eq!(watcher.observe(0, Err(&unreachable()), &none), []);
    let changes = watcher.observe(1000, Err(&unreachable()), &none);
    assert!(matches!(&changes[..], [ConnectChange::RestSilent { .. }]), "{changes:?}");
}

#[test]
fn what_changed_while_the_status_was_unreadable_is_told_afterwards() {
    let mut watcher = Watcher::default();
    let all = workers([true; 2]);
    watcher.observe(0, Ok(&status(&[(0, "RUNNING", "w1")])), &all);
    watcher.observe(1000, Err(&unreachable()), &all);
    let changes = watcher.observe(2000, Ok(&status(&[(0, "RUNNING", "w2")])), &all);
    assert!(matches!(&changes[..], [ConnectChange::TaskMoved { .. }]), "{changes:?}");
    assert!(changes[0].is_restart());
}

#[test]
fn changes_are_evidence_under_their_snake_case_names() {
    let silent = ConnectChange::WorkerSilent { url: "http://w1".to_owned() };
    let json = serde_json::to_string(&silent).unwrap();
    assert_eq!(json, r#"{"change":"worker_silent","url":"http://w1"}"#);
    assert_eq!(serde_json::from_str::<ConnectChange>(&json).unwrap(), silent);
}

/// Polls once a second behind one URL for all; `None` is a status that could not be read.
fn watch_one_url(url: &str, seen: &[Option<ConnectorStatus>]) -> Vec<ConnectChange> {
    let mut watcher = Watcher::default();
    let polls = seen.iter().zip((0..).step_by(1000));
    polls
        .flat_map(|(status, at_ms)| {
            let health = [WorkerHealth { url: url.to_owned(), answered: status.is_some() }];
            watcher.observe(at_ms, status.as_ref().ok_or(&unreachable()), &health)
        })
        .collect()
}

#[test]
fn the_silence_of_one_url_before_several_workers_is_no_worker_s_and_no_restart() {
    let steady = || Some(status(&[(0, "RUNNING", "w1"), (1, "RUNNING", "w2")]));
    let changes = watch_one_url("https://proxy/connect-a/", &[steady(), None, None, None, steady()]);
    assert!(
        matches!(
            &changes[..],
            [ConnectChange::RestSilent { .. }, ConnectChange::RestBack { silent_ms: 4000 }]
        ),
        "{changes:?}"
    );
    assert!(!changes.iter().any(ConnectChange::is_restart));
}

#[test]
fn the_only_url_is_a_worker_s_where_one_of_the_status_has_its_address_or_there_is_but_one() {
    let two = || Some(status(&[(0, "RUNNING", "w1"), (1, "RUNNING", "w2:8083")]));
    let one = || Some(status(&[(0, "RUNNING", "w1")]));
    for (url, seen) in [("http://w2:8083/x", [two(), None, None]), ("http://any:8083", [one(), None, None])] {
        let changes = watch_one_url(url, &seen);
        assert!(changes.contains(&ConnectChange::WorkerSilent { url: url.to_owned() }), "{url}: {changes:?}");
    }
}

#[test]
fn behind_one_url_the_status_tells_which_workers_come_and_go() {
    let before = status(&[(0, "RUNNING", "w1"), (1, "RUNNING", "w2")]);
    let after = status(&[(0, "RUNNING", "w1"), (1, "RUNNING", "w3")]);
    let changes = watch_one_url("https://proxy", &[Some(before.clone()), Some(after.clone())]);
    let [ConnectChange::TaskMoved { .. }, left, joined] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(*left, ConnectChange::WorkerLeft { worker: "w2".to_owned() });
    assert_eq!(*joined, ConnectChange::WorkerJoined { worker: "w3".to_owned() });
    assert!(left.is_restart() && joined.is_restart());
    let by_url = watch(&[before, after]);
    assert!(matches!(&by_url[..], [ConnectChange::TaskMoved { .. }]), "URLs tell it there: {by_url:?}");
}

#[test]
fn the_address_of_a_url_is_its_host_and_port() {
    for (url, expect) in [
        ("http://w1:8083", "w1:8083"),
        ("https://REDACTED@w1:8083/connect/", "w1:8083"),
        ("https://proxy/a", "proxy"),
    ] {
        assert_eq!(authority(url), expect, "{url}");
    }
}

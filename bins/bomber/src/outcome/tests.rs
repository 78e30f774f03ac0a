use super::*;

pub(crate) fn as_asked() -> Outcome {
    Outcome {
        manner: Manner::Script,
        asked_per_sec: Some(1_000),
        is_hold: true,
        duration_s: 30.0,
        steady_s: 0.0,
        due: 30_000,
        sent: 30_000,
        sent_in_time: 30_000,
        acked: 30_000,
        acked_in_time: 30_000,
        failed: 0,
        unacknowledged: 0,
        first_failure: None,
        slip_p99_ms: Some(2.0),
        slip_max_ms: Some(9.5),
        source_blocked_ms: 0.0,
        client_blocked_ms: 0.0,
        throttle_max_ms: 0,
        value_bytes: 1_024.0,
        interrupted: false,
        latency: AckLatency::default(),
    }
}

#[test]
fn the_exit_code_says_whether_it_was_delivered_and_whose_doing_it_was_if_not() {
    let check = |case: &str, change: fn(&mut Outcome), expect: ExitStatus| {
        let mut outcome = as_asked();
        change(&mut outcome);
        assert_eq!(outcome.status(), expect, "{case}");
    };
    check("as asked", |_| (), ExitStatus::Go);
    check("99 % in time", |o| o.acked_in_time = 29_700, ExitStatus::Go);
    check("less in time, all sent", |o| o.acked_in_time = 29_699, ExitStatus::Stop);
    check("one failed", |o| o.failed = 1, ExitStatus::Stop);
    check("late by itself", |o| o.slip_p99_ms = Some(50.1), ExitStatus::Inconclusive);
    check(
        "unsent by itself",
        |o| (o.sent, o.sent_in_time, o.acked_in_time) = (29_000, 29_000, 29_000),
        ExitStatus::Inconclusive,
    );
    check(
        "nothing sent",
        |o| (o.sent, o.sent_in_time, o.acked_in_time, o.slip_p99_ms) = (0, 0, 0, None),
        ExitStatus::Inconclusive,
    );
    check(
        "late for a full queue",
        |o| (o.slip_p99_ms, o.source_blocked_ms, o.acked_in_time) = (Some(900.0), 6_000.0, 28_000),
        ExitStatus::Stop,
    );
    check(
        "late for more than the full queue",
        |o| (o.slip_p99_ms, o.source_blocked_ms) = (Some(900.0), 60.0),
        ExitStatus::Inconclusive,
    );
    check("late for a quota", |o| (o.slip_p99_ms, o.throttle_max_ms) = (Some(900.0), 40), ExitStatus::Stop);
    check("interrupted", |o| (o.interrupted, o.failed) = (true, 3), ExitStatus::Interrupted);
}

#[test]
fn the_text_names_what_was_asked_what_came_and_why() {
    let text = as_asked().text();
    for expect in ["1000 msg/s for 30.0 s", "100.00 %", "p99 2.0 ms, max 9.5 ms", "1.02 MB/s", "GO: "] {
        assert!(text.contains(expect), "{expect} is not in:\n{text}");
    }
    assert!(!text.contains("unknown") && !text.contains("quota"), "{text}");
    let failed = Outcome {
        failed: 2,
        unacknowledged: 7,
        first_failure: Some("Broker: Not enough in-sync replicas".into()),
        ..as_asked()
    };
    let text = failed.text();
    assert!(
        text.contains("STOP: 2 records failed, the first: Broker: Not enough in-sync replicas"),
        "{text}"
    );
    assert!(text.contains("unknown       7 sent"), "{text}");
}

#[test]
fn the_json_has_the_names_that_scripts_lean_on() {
    let json: serde_json::Value = serde_json::from_str(&as_asked().json().unwrap()).unwrap();
    assert_eq!(json["asked_per_sec"], 1_000);
    assert_eq!(json["achieved_per_sec"], 1_000.0);
    for (name, expect) in [("sent", 30_000), ("acked", 30_000), ("failed", 0), ("exit_code", 0)] {
        assert_eq!(json[name], expect, "{name}");
    }
    assert_eq!(json["duration_s"], 30.0);
    assert_eq!(json["slip_ms"], serde_json::json!({"p99": 2.0, "max": 9.5}));
    assert_eq!(json["bytes_per_sec"], 1_024_000.0);
    assert_eq!(json["source_blocked_ms"], 0.0);
}

#[test]
fn what_was_not_measured_is_null_with_a_reason() {
    let nothing = Outcome { sent: 0, slip_p99_ms: None, slip_max_ms: None, ..as_asked() };
    let json: serde_json::Value = serde_json::from_str(&nothing.json().unwrap()).unwrap();
    assert_eq!(json["slip_ms"], serde_json::json!({"p99": null, "max": null, "reason": "nothing was sent"}));
}

#[test]
fn without_a_rate_only_what_is_not_acknowledged_counts_against_the_source() {
    let flat_out = || Outcome {
        asked_per_sec: None,
        is_hold: false,
        slip_p99_ms: None,
        slip_max_ms: None,
        ..as_asked()
    };
    assert_eq!(flat_out().status(), ExitStatus::Go);
    let blocked = Outcome { source_blocked_ms: 29_000.0, throttle_max_ms: 900, ..flat_out() };
    assert_eq!(blocked.status(), ExitStatus::Go, "being held back is how it finds the speed");
    let silent = Outcome { acked: 29_999, unacknowledged: 1, ..flat_out() };
    assert_eq!(silent.status(), ExitStatus::Stop);
    assert!(
        silent.result().contains("of 30000 records the source acknowledged 29999"),
        "{}",
        silent.result()
    );
    let json: serde_json::Value = serde_json::from_str(&flat_out().json().unwrap()).unwrap();
    assert!(json["asked_per_sec"].is_null() && json["ack_since_due_ms"].is_null());
    assert_eq!(json["slip_ms"]["reason"], "without a rate nothing is due");
}

#[test]
fn a_number_of_records_is_achieved_by_all_that_is_acknowledged_however_late() {
    let late = Outcome { is_hold: false, duration_s: 60.0, acked_in_time: 20_000, ..as_asked() };
    assert!((late.achieved_per_sec() - 500.0).abs() < 1e-9);
    assert_eq!(late.status(), ExitStatus::Stop);
}

#[test]
fn a_number_of_records_from_a_late_sender_says_nothing_of_the_source() {
    // All were sent in the end, 10 s behind a schedule of 30 s.
    let late = Outcome {
        is_hold: false,
        duration_s: 45.0,
        sent_in_time: 20_000,
        acked_in_time: 24_000,
        slip_p99_ms: Some(14_000.0),
        ..as_asked()
    };
    assert_eq!(late.status(), ExitStatus::Inconclusive);
    let held = Outcome { source_blocked_ms: 15_000.0, ..late.clone() };
    assert_eq!(held.status(), ExitStatus::Stop, "the source held it back");
    let compressing = Outcome { client_blocked_ms: 15_000.0, ..late };
    assert_eq!(compressing.status(), ExitStatus::Inconclusive);
}

#[test]
fn a_slow_sender_is_told_what_to_give_in_the_words_of_its_tool() {
    let perf_test = Manner::PerfTest {
        reporting_interval: std::time::Duration::from_secs(5),
        warm_up_records: 0,
        print_metrics: false,
    };
    let result = |manner: Manner, client_blocked_ms: f64| {
        Outcome { manner, client_blocked_ms, slip_p99_ms: Some(900.0), ..as_asked() }.result()
    };
    let check = |text: String, expect: &str| assert!(text.contains(expect), "{expect} is not in: {text}");
    check(result(Manner::Script, 0.0), "hint: free some CPU, or give fewer --num-threads");
    check(result(Manner::Script, 2_000.0), "the source had room; hint: give more --num-threads");
    check(result(perf_test, 0.0), "compression.type=none");
    check(result(perf_test, 2_000.0), "several calls");
    for client_blocked_ms in [0.0, 2_000.0] {
        assert!(!result(perf_test, client_blocked_ms).contains("--num-threads"));
    }
}

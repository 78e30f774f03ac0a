//! What a rebalance makes Connect say, and the two changes that are asked of it.

use std::time::{Duration, Instant};

use mm2_connect::{ConnectError, ConnectSettings};
use wiremock::matchers::any;

use super::*;

const CONFLICT: &str = "Cannot complete request momentarily due to stale configuration";

/// A connect that has been given little patience.
fn patient(url: &str, patience: Duration) -> Connect {
    let urls = vec![url.to_owned()];
    Connect::new(ConnectSettings { urls, patience: Some(patience), ..ConnectSettings::default() }).unwrap()
}

const SHORT: Duration = Duration::from_millis(1_200);
const AMPLE: Duration = Duration::from_secs(20);

async fn answer_once_then(server: &MockServer, at: &str, first: ResponseTemplate, then: ResponseTemplate) {
    Mock::given(path(at)).respond_with(first).up_to_n_times(2).with_priority(1).mount(server).await;
    Mock::given(path(at)).respond_with(then).mount(server).await;
}

#[tokio::test]
async fn a_rebalance_that_passes_is_waited_for() {
    let server = MockServer::start().await;
    let busy = || connect_error(409, CONFLICT);
    answer_once_then(&server, "/connectors", busy(), ok(json!({"m": mirror("test.*")}))).await;
    answer_once_then(&server, "/connectors/m/config", busy(), ok(json!({"topics": "x"}))).await;
    answer_once_then(&server, "/connectors/m/status", busy(), ok(status("w", "RUNNING"))).await;
    answer_once_then(&server, "/connectors/m/pause", busy(), ResponseTemplate::new(202)).await;
    let connect = patient(&server.uri(), AMPLE);
    assert_eq!(connect.choose(&["test-1"]).await.unwrap().name, "m");
    connect.config("m").await.unwrap();
    connect.status("m").await.unwrap();
    connect.pause("m").await.unwrap();
}

#[tokio::test]
async fn a_rebalance_that_does_not_end_is_said_with_the_time_that_it_was_waited_for() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(connect_error(409, CONFLICT)).mount(&server).await;
    let begun = Instant::now();
    let error = patient(&server.uri(), SHORT).choose(&["test-1"]).await.unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert!(matches!(&error, ConnectError::Rebalancing { what, .. } if what.contains(CONFLICT)), "{error:?}");
    assert!(error.to_string().contains("still starting or rebalancing after "), "{error}");
}

#[tokio::test]
async fn a_connector_that_is_listed_and_has_no_status_yet_is_waited_for() {
    let server = MockServer::start().await;
    answer_at(&server, "/connectors", ok(json!(["m"]))).await;
    let none = || connect_error(404, "No status found for connector m");
    answer_once_then(&server, "/connectors/m/status", none(), ok(status("w", "RUNNING"))).await;
    assert!(patient(&server.uri(), AMPLE).status("m").await.unwrap().is_running());

    let server = MockServer::start().await;
    answer_at(&server, "/connectors", ok(json!(["m"]))).await;
    answer_at(&server, "/connectors/m/status", none()).await;
    let error = patient(&server.uri(), SHORT).status("m").await.unwrap_err().to_string();
    assert!(error.contains("it lists connector m, but") && error.contains("404 (No status found"), "{error}");
}

#[tokio::test]
async fn what_does_not_pass_by_itself_is_told_at_once() {
    let server = MockServer::start().await;
    answer_at(&server, "/connectors", ok(json!(["m"]))).await;
    answer_at(&server, "/connectors/x/status", connect_error(404, "unknown")).await;
    answer_at(&server, "/connectors/y/status", connect_error(500, "boom")).await;
    let connect = patient(&server.uri(), AMPLE);
    let begun = Instant::now();
    assert!(matches!(connect.status("x").await, Err(ConnectError::UnknownConnector { .. })));
    assert!(matches!(connect.status("y").await, Err(ConnectError::Status { code: 500, .. })));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

async fn puts(server: &MockServer) -> Vec<String> {
    let asked = server.received_requests().await.unwrap();
    asked.iter().filter(|it| it.method.as_str() == "PUT").map(|it| it.url.path().to_owned()).collect()
}

#[tokio::test]
async fn pause_and_resume_are_asked_of_the_first_worker_that_answers() {
    let server = MockServer::start().await;
    Mock::given(method("PUT")).respond_with(ResponseTemplate::new(202)).mount(&server).await;
    let connect = connect_to(&[dead_url(), server.uri()]);
    connect.pause("a->b").await.unwrap();
    connect.resume("a->b").await.unwrap();
    assert_eq!(puts(&server).await, ["/connectors/a-%3Eb/pause", "/connectors/a-%3Eb/resume"]);
}

#[tokio::test]
async fn a_change_that_is_refused_is_an_error() {
    let server = MockServer::start().await;
    answer_at(&server, "/connectors", ok(json!(["m"]))).await;
    let refuse = |at: &'static str, answer| Mock::given(path(at)).respond_with(answer);
    refuse("/connectors/x/pause", connect_error(404, "Unknown connector x")).mount(&server).await;
    refuse("/connectors/m/pause", connect_error(403, "read only")).mount(&server).await;
    refuse("/connectors/m/resume", ResponseTemplate::new(301).insert_header("location", "https://h/"))
        .mount(&server)
        .await;
    let connect = connect_to(&[server.uri()]);
    assert!(matches!(connect.pause("x").await, Err(ConnectError::UnknownConnector { .. })));
    assert!(matches!(connect.pause("m").await, Err(ConnectError::Unauthorized { .. })));
    assert!(matches!(connect.resume("m").await, Err(ConnectError::Redirected { .. })));
}

fn all(connector: &str, tasks: [&str; 2]) -> Value {
    let task = |(id, state): (usize, &str)| json!({"id": id, "state": state, "worker_id": "w"});
    let tasks: Vec<Value> = tasks.into_iter().enumerate().map(task).collect();
    json!({"connector": {"state": connector, "worker_id": "w"}, "tasks": tasks})
}

#[tokio::test]
async fn a_state_is_reached_once_connector_and_every_task_are_in_it() {
    let server = MockServer::start().await;
    let seen = [
        ok(all("RUNNING", ["RUNNING", "RUNNING"])),
        connect_error(409, CONFLICT),
        ok(all("PAUSED", ["RUNNING", "PAUSED"])),
    ];
    for (priority, answer) in (1..).zip(seen) {
        Mock::given(any()).respond_with(answer).up_to_n_times(1).with_priority(priority).mount(&server).await;
    }
    Mock::given(any()).respond_with(ok(all("PAUSED", ["PAUSED", "PAUSED"]))).mount(&server).await;
    let reached = connect_to(&[server.uri()]).wait_for_state("m", "PAUSED", AMPLE).await.unwrap();
    assert!(reached.is_all("PAUSED"));
    assert_eq!(server.received_requests().await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_state_that_is_not_reached_is_told_with_what_was_seen_instead() {
    let server = answering("/connectors/m/status", ok(all("PAUSED", ["RUNNING", "PAUSED"]))).await;
    let error =
        connect_to(&[server.uri()]).wait_for_state("m", "PAUSED", SHORT).await.unwrap_err().to_string();
    assert!(
        error.contains("connector m is not PAUSED after 1 s: it is PAUSED, task 0 RUNNING on w"),
        "{error}"
    );

    let no_tasks = json!({"connector": {"state": "RUNNING", "worker_id": "w"}, "tasks": []});
    let server = answering("/connectors/m/status", ok(no_tasks)).await;
    let error =
        connect_to(&[server.uri()]).wait_for_state("m", "RUNNING", SHORT).await.unwrap_err().to_string();
    assert!(error.contains("it is RUNNING and has no tasks"), "{error}");
}

#[tokio::test]
async fn a_task_that_failed_is_not_waited_for() {
    let server = answering("/connectors/m/status", ok(status("w2", "FAILED"))).await;
    let begun = Instant::now();
    let error =
        connect_to(&[server.uri()]).wait_for_state("m", "RUNNING", AMPLE).await.unwrap_err().to_string();
    assert!(error.contains("task 1 FAILED on w2: org.apache.kafka.X: no WRITE"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_connector_that_failed_itself_tells_its_cause() {
    let connector =
        json!({"state": "FAILED", "worker_id": "w", "trace": "org.apache.kafka.X: no alias\n\tat a.b"});
    let server = answering("/connectors/m/status", ok(json!({"connector": connector, "tasks": []}))).await;
    let status = connect_to(&[server.uri()]).status("m").await.unwrap();
    assert!(status.has_failed());
    assert_eq!(status.summary(), "it is FAILED: org.apache.kafka.X: no alias");
}

#[tokio::test]
async fn of_many_tasks_a_summary_tells_the_first_three() {
    let task = |id: u32| json!({"id": id, "state": "UNASSIGNED", "worker_id": "w"});
    let tasks: Vec<Value> = (0..5).map(task).collect();
    let answer = json!({"connector": {"state": "RUNNING", "worker_id": "w"}, "tasks": tasks});
    let server = answering("/connectors/m/status", ok(answer)).await;
    let summary = connect_to(&[server.uri()]).status("m").await.unwrap().summary();
    let expect =
        "it is RUNNING, task 0 UNASSIGNED on w, task 1 UNASSIGNED on w, task 2 UNASSIGNED on w, and 2 more";
    assert_eq!(summary, expect);
}

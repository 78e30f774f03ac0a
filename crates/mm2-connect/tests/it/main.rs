//! The client against a server that answers as Connect does, as something else does, or not at all.

#![expect(clippy::unwrap_used, reason = "helpers of tests: clippy exempts only the tests themselves")]

mod changes;
mod poll;
mod proxied;
mod rest;
mod secrets;

use mm2_connect::{Connect, ConnectSettings};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

/// A port that nothing listens on: bound once, then let go.
fn dead_url() -> String {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    format!("http://127.0.0.1:{port}")
}

fn connect_to(urls: &[String]) -> Connect {
    Connect::new(ConnectSettings { urls: urls.to_vec(), ..ConnectSettings::default() }).unwrap()
}

async fn answering(at: &str, answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    answer_at(&server, at, answer).await;
    server
}

async fn answer_at(server: &MockServer, at: &str, answer: ResponseTemplate) {
    Mock::given(method("GET")).and(path(at)).respond_with(answer).mount(server).await;
}

fn ok(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

fn connect_error(code: u16, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(code).set_body_json(json!({"error_code": code, "message": message}))
}

/// As Kafka 3.9 answers it, tasks out of order.
fn status(task_1_worker: &str, task_1_state: &str) -> Value {
    let mut task_1 = json!({"id": 1, "state": task_1_state, "worker_id": task_1_worker});
    if task_1_state == "FAILED" {
        task_1["trace"] = json!("org.apache.kafka.X: no WRITE\n\tat a.b.C\n");
    }
    json!({
        "name": "m",
        "connector": {"state": "RUNNING", "worker_id": "127.0.0.1:8083"},
        "tasks": [task_1, {"id": 0, "state": "RUNNING", "worker_id": "127.0.0.1:8083"}],
        "type": "source"
    })
}

fn mirror(topics: &str) -> Value {
    json!({"info": {"name": "m", "type": "source", "tasks": [], "config": {
        "connector.class": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
        "source.cluster.alias": "paris",
        "topics": topics,
        "source.cluster.sasl.jaas.config": "PlainLoginModule required username=\"u\" password=\"hunter2\";"
    }}})
}

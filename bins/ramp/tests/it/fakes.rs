//! Parts of a chain that answer just enough for one fault: mock brokers, a Connect of canned answers, a port
//! behind which nobody is.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use mm2_kafka::rdkafka::mocking::MockCluster;
use mm2_kafka::rdkafka::producer::DefaultProducerContext;
use serde_json::{Value, json};

type Mock = MockCluster<'static, DefaultProducerContext>;

/// The only topic of a faulty chain.
pub(crate) const TOPIC: &str = "test-prometheus.generated-data-01.json";

/// What chain files can name: see [`Self::fill_in`].
pub(crate) struct Fakes {
    /// With the topic.
    source: Mock,
    /// With the topic as MM2 would call it. Nobody mirrors.
    target: Mock,
    /// Without any topic. The mocks create none when asked to.
    empty: Mock,
    connect: String,
    closed: String,
}

impl Fakes {
    pub(crate) fn start() -> Self {
        Self {
            source: mock(Some(TOPIC)),
            target: mock(Some(&format!("source.{TOPIC}"))),
            empty: mock(None),
            connect: fake_connect(),
            closed: closed_port(),
        }
    }

    /// Puts addresses in place of `SOURCE`, `TARGET`, `EMPTY`, `CONNECT` and `CLOSED`.
    pub(crate) fn fill_in(&self, text: &str) -> String {
        text.replace("SOURCE", &self.source.bootstrap_servers())
            .replace("TARGET", &self.target.bootstrap_servers())
            .replace("EMPTY", &self.empty.bootstrap_servers())
            .replace("CONNECT", &self.connect)
            .replace("CLOSED", &self.closed)
    }
}

fn mock(topic: Option<&str>) -> Mock {
    let cluster = MockCluster::new(1).unwrap();
    if let Some(topic) = topic {
        cluster.create_topic(topic, 1, 1).unwrap();
    }
    cluster
}

/// `host:port` that refuses connections. Taken from the system and given back, so nobody else is likely to have it.
fn closed_port() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// A Connect with one connector. The first part of the path chooses how that is: `running`, `failed`, or
/// replicating `other` topics; `locked` wants credentials, and anywhere else is no Connect.
fn fake_connect() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        listener.incoming().flatten().for_each(|stream| drop(thread::spawn(|| answer(stream))));
    });
    address
}

/// One request a connection.
fn answer(mut stream: TcpStream) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let Some(request) = lines.next() else { return };
    lines.take_while(|line| !line.is_empty()).for_each(drop);
    let path = request.split(' ').nth(1).unwrap_or_default();
    let (code, body) = match path.trim_start_matches('/').split_once('/') {
        Some(("locked", _)) => (401, json!({"error_code": 401, "message": "Unauthorized"})),
        Some((how @ ("running" | "failed" | "other"), "connectors?expand=info")) => (200, connectors(how)),
        Some((how @ ("running" | "failed"), "connectors/mm2/status")) => (200, status(how)),
        _ => (404, json!("no such page")),
    };
    let body = body.to_string();
    let head =
        format!("HTTP/1.1 {code} .\r\ncontent-type: application/json\r\ncontent-length: {}", body.len());
    // A client that went away is its own business.
    drop(write!(stream, "{head}\r\nconnection: close\r\n\r\n{body}"));
}

fn connectors(how: &str) -> Value {
    let topics = if how == "other" { "orders.*" } else { "test-prometheus.*" };
    json!({"mm2": {"info": {"config": {
        "connector.class": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
        "source.cluster.alias": "source",
        "topics": topics,
        "refresh.topics.interval.seconds": "1",
    }}}})
}

fn status(how: &str) -> Value {
    let task = match how {
        "failed" => json!({
            "id": 0,
            "state": "FAILED",
            "worker_id": "worker-1:8083",
            "trace": "org.apache.kafka.common.errors.TopicAuthorizationException: Not authorized\n\tat …",
        }),
        _ => json!({"id": 0, "state": "RUNNING", "worker_id": "worker-1:8083"}),
    };
    json!({"connector": {"state": "RUNNING", "worker_id": "worker-1:8083"}, "tasks": [task]})
}

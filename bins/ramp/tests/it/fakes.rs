//! Parts of a chain that answer just enough for one fault: mock brokers, a Connect of canned answers, a port
//! behind which nobody is.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
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
    steered: Steered,
    closed: String,
}

/// How the Connect under `steered` is at the moment.
type Steered = Arc<Mutex<&'static str>>;

impl Fakes {
    pub(crate) fn start() -> Self {
        let steered = Steered::new(Mutex::new("running"));
        Self {
            source: mock(Some(TOPIC)),
            target: mock(Some(&format!("source.{TOPIC}"))),
            empty: mock(None),
            connect: fake_connect(Arc::clone(&steered)),
            steered,
            closed: closed_port(),
        }
    }

    /// From now on `http://CONNECT/steered` is like `http://CONNECT/` and this, until it is told to pause or to resume.
    pub(crate) fn steer(&self, how: &'static str) {
        *self.steered.lock().unwrap() = how;
    }

    /// How `http://CONNECT/steered` is.
    pub(crate) fn how(&self) -> &'static str {
        *self.steered.lock().unwrap()
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

/// A Connect whose first part of the path chooses how it is: see [`answer_of`].
fn fake_connect(steered: Steered) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let steered = Arc::clone(&steered);
            drop(thread::spawn(move || answer(stream, &steered)));
        }
    });
    address
}

/// One request a connection.
fn answer(mut stream: TcpStream, steered: &Steered) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let Some(request) = lines.next() else { return };
    lines.take_while(|line| !line.is_empty()).for_each(drop);
    let path = request.split(' ').nth(1).unwrap_or_default();
    let mut steered = steered.lock().unwrap();
    match (path, *steered) {
        ("/steered/connectors/mm2/pause", "running") => *steered = "paused",
        ("/steered/connectors/mm2/resume", "paused") => *steered = "running",
        _ => {}
    }
    let Answer { code, headers, body } = answer_of(&path.replace("/steered/", &format!("/{}/", *steered)));
    drop(steered);
    let length = body.len();
    // A client that went away is its own business.
    drop(write!(
        stream,
        "HTTP/1.1 {code} .\r\n{headers}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    ));
}

struct Answer {
    code: u16,
    headers: &'static str,
    body: String,
}

/// One connector that is `running`, `failed` or `paused`, replicates `other` topics, has a `policy` of its own, or is
/// one of `two`; workers that are `rebalancing`; and what stands before Connect: `locked`, a `login` page, `moved`
/// elsewhere, a `gateway` without anybody behind it. Anywhere else is no Connect.
fn answer_of(path: &str) -> Answer {
    let json = |code, body: Value| Answer {
        code,
        headers: "content-type: application/json",
        body: body.to_string(),
    };
    let page = |code| Answer {
        code,
        headers: "content-type: text/html",
        body: "<!DOCTYPE html><title>Sign in</title>".to_owned(),
    };
    let error = |code, message| json(code, json!({"error_code": code, "message": message}));
    match path.trim_start_matches('/').split_once('/') {
        Some(("locked", _)) => error(401, "Unauthorized"),
        Some(("login", _)) => page(200),
        Some(("moved", _)) => {
            Answer { code: 302, headers: "location: https://login.example/sign-in?for=x", ..page(302) }
        }
        Some(("gateway", _)) => page(502),
        Some(("rebalancing", _)) => {
            error(409, "Cannot complete request momentarily due to stale configuration")
        }
        Some((
            how @ ("running" | "failed" | "paused" | "other" | "policy" | "two"),
            "connectors?expand=info",
        )) => json(200, connectors(how)),
        Some((how @ ("running" | "failed" | "paused" | "policy"), "connectors/mm2/status")) => {
            json(200, status(how))
        }
        Some(("running" | "paused", "connectors/mm2/pause" | "connectors/mm2/resume")) => {
            json(202, json!(null))
        }
        _ => json(404, json!("no such page")),
    }
}

fn connectors(how: &str) -> Value {
    let topics = if how == "other" { "orders.*" } else { "test-prometheus.*" };
    let mut config = json!({
        "connector.class": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
        "source.cluster.alias": "source",
        "topics": topics,
        "refresh.topics.interval.seconds": "1",
    });
    if how == "policy" {
        config["source.cluster.alias"] = json!("paris");
        config["replication.policy.class"] = json!("com.example.OurReplicationPolicy");
    }
    let mut all = json!({"mm2": {"info": {"config": config}}});
    if how == "two" {
        all["mm2-all"] =
            json!({"info": {"config": {"connector.class": config["connector.class"], "topics": ".*"}}});
    }
    all
}

fn status(how: &str) -> Value {
    let state = if how == "paused" { "PAUSED" } else { "RUNNING" };
    let task = match how {
        "failed" => json!({
            "id": 0,
            "state": "FAILED",
            "worker_id": "worker-1:8083",
            "trace": "org.apache.kafka.common.errors.TopicAuthorizationException: Not authorized\n\tat …",
        }),
        _ => json!({"id": 0, "state": state, "worker_id": "worker-1:8083"}),
    };
    json!({"connector": {"state": state, "worker_id": "worker-1:8083"}, "tasks": [task]})
}

//! What a shell sees of `bomber`: the real binary, against mock clusters in this process.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails like the test")]

mod command_lines;
mod perf_test;
mod refusing_broker;

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use mm2_kafka::rdkafka::mocking::MockCluster;
use mm2_kafka::rdkafka::producer::DefaultProducerContext;
use tempfile::TempDir;

const SENTINEL: &str = "s3ntinel-hunter2";

/// A call from an empty folder, with none of the variables that this shell may have.
fn bomber(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bomber"));
    command.args(args).env_clear().current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn empty_folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn ended(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(!out.contains(SENTINEL) && !err.contains(SENTINEL), "the password is shown:\n{out}\n{err}");
    (output.status.code(), out, err)
}

/// A mock has no admin API, so the topics have to be there before.
fn cluster(topics: u32) -> MockCluster<'static, DefaultProducerContext> {
    let cluster = MockCluster::new(1).unwrap();
    for i in 1..=topics {
        cluster.create_topic(&format!("test-prometheus.generated-data-{i:02}.json"), 3, 1).unwrap();
    }
    cluster
}

/// Nothing listens there.
fn closed_port() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[test]
fn a_load_is_delivered_as_asked() {
    let cluster = cluster(10);
    let folder = empty_folder();
    let brokers = format!("# the lab\nexport KAFKA_BOOTSTRAP_SERVERS='{}'\n", cluster.bootstrap_servers());
    std::fs::write(folder.path().join(".env"), brokers).unwrap();
    let args = ["--messages-per-second", "1000", "--duration-minutes", "0.05", "--json"];
    // 30: this machine was too busy to send on time, which says nothing of the product.
    let mut attempts = (0..4).map(|_| ended(&bomber(folder.path(), &args).output().unwrap()));
    let (code, out, err) = attempts.find(|(code, ..)| *code != Some(30)).unwrap();
    assert_eq!(code, Some(0), "{out}\n{err}");
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    let achieved = json["achieved_per_sec"].as_f64().unwrap();
    assert!((990.0..=1_010.0).contains(&achieved), "{out}");
    assert_eq!((&json["sent"], &json["acked"], &json["failed"]), (&3_000.into(), &3_000.into(), &0.into()));
    assert_eq!(json["duration_s"], 3.0);
    assert!(err.contains("topics: 10, 10 of them there before; 30 partitions"), "{err}");
    assert!(err.contains("load on: 1000 msg/s for 3.0 s, 5 threads"), "{err}");
}

#[test]
fn a_source_that_is_not_there_ends_with_69_and_its_address() {
    let (folder, brokers) = (empty_folder(), closed_port());
    let begun = Instant::now();
    let (code, out, err) =
        ended(&bomber(folder.path(), &["--bootstrap-servers", &brokers]).output().unwrap());
    assert!(begun.elapsed() < Duration::from_secs(16), "{:?}", begun.elapsed());
    assert_eq!((code, out.as_str()), (Some(69), ""));
    assert!(err.contains(&brokers), "{err}");
}

#[test]
fn a_refused_password_is_told_from_a_source_that_is_not_there() {
    let folder = empty_folder();
    let brokers = refusing_broker::start();
    let flags = [
        "--bootstrap-servers",
        &brokers,
        "--username",
        "mm2",
        "--security-protocol",
        "SASL_PLAINTEXT",
        "-vvv",
    ];
    let begun = Instant::now();
    let (code, out, err) =
        ended(&bomber(folder.path(), &flags).env("KAFKA_PASSWORD", SENTINEL).output().unwrap());
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert_eq!((code, out.as_str()), (Some(69), ""));
    assert!(err.contains("Authentication failed") && err.contains("check username, password"), "{err}");
}

#[test]
fn a_topic_that_cannot_be_created_ends_with_69() {
    let (cluster, folder) = (cluster(1), empty_folder());
    let args = ["--bootstrap-servers", &cluster.bootstrap_servers(), "--num-topics", "2"];
    let (code, out, err) = ended(&bomber(folder.path(), &args).output().unwrap());
    assert_eq!((code, out.as_str()), (Some(69), ""), "{err}");
    assert!(err.contains("3 replicas do not fit on the brokers that are up (1)"), "{err}");
    assert!(err.contains("hint: give --replication 1"), "{err}");
}

#[test]
fn ctrl_c_ends_the_load_and_prints_the_summary() {
    let (cluster, folder) = (cluster(2), empty_folder());
    let args =
        ["--bootstrap-servers", &cluster.bootstrap_servers(), "--num-topics", "2", "--num-threads", "2"];
    let mut child = bomber(folder.path(), &args).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    said.find(|line| line.starts_with("load on: ")).unwrap();
    std::thread::sleep(Duration::from_secs(2));
    interrupt(&child);
    let begun = Instant::now();
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    assert!(out.contains("result        INTERRUPTED"), "{out}");
    assert!(!out.contains("acknowledged  0"), "{out}");
}

#[test]
fn a_password_on_the_command_line_works_warns_and_is_not_shown() {
    let folder = empty_folder();
    let args =
        ["--bootstrap-servers", "b1:9093", "--username", "mm2", "--password", SENTINEL, "--show-config"];
    let (code, out, err) = ended(&bomber(folder.path(), &args).output().unwrap());
    assert_eq!(code, Some(0));
    assert!(out.contains("<redacted>") && out.contains("SASL_SSL"), "{out}");
    assert_eq!(err.matches("warning: ").count(), 1, "{err}");
    assert!(err.contains("KAFKA_PASSWORD") && err.contains("--password-file"), "{err}");
    let refused = [&args[..6], &["--num-topics", "0"]].concat();
    let (code, _, _) = ended(&bomber(folder.path(), &refused).output().unwrap());
    assert_eq!(code, Some(64));
    let (code, out, _) =
        ended(&bomber(folder.path(), &["--help"]).env("KAFKA_PASSWORD", SENTINEL).output().unwrap());
    assert_eq!(code, Some(0));
    assert!(out.contains("KAFKA_PASSWORD"), "{out}");
}

#[test]
fn an_unreadable_line_of_the_env_file_is_named_and_not_quoted() {
    let folder = empty_folder();
    std::fs::write(folder.path().join(".env"), format!("KAFKA_USERNAME=mm2\nKAFKA_PASSWORD {SENTINEL}\n"))
        .unwrap();
    let (code, _, err) = ended(&bomber(folder.path(), &[]).output().unwrap());
    assert_eq!(code, Some(64));
    assert!(err.starts_with("warning: .env:2: not a variable"), "{err}");
}

fn interrupt(child: &Child) {
    let status = Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status().unwrap();
    assert!(status.success());
}

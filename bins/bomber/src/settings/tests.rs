use std::ffi::OsString;

use clap::Parser as _;

use super::*;
use crate::args::Args;
use crate::dotenv::DotEnv;

const SENTINEL: &str = "s3ntinel-hunter2";

/// Resolves `flags` with these variables and this `.env`.
fn resolve(flags: &[&str], variables: &[(&str, &str)], dotenv: &str) -> Result<Settings, String> {
    let words = ["bomber"].iter().chain(flags);
    let args = Args::try_parse_from(words).map_err(|error| error.to_string())?;
    let dotenv = DotEnv::parse(Path::new(".env"), dotenv, &|_| None);
    let variable = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| OsString::from(v));
    let around = Surroundings { variable: &variable, dotenv: &dotenv };
    Settings::resolve(&args.script, &args.both, &around).map_err(|error| error.to_string())
}

fn with_brokers(flags: &[&str]) -> Result<Settings, String> {
    resolve(&[&["--bootstrap-servers", "b1:9092"], flags].concat(), &[], "")
}

#[test]
fn the_commands_that_people_type_are_understood() {
    let typed = "--bootstrap-servers b1:9093,b2:9093 --username mm2 --password pw --messages-per-second 1000 \
                 --num-threads 5 --num-topics 10 --duration-minutes 5";
    let settings = resolve(&typed.split_whitespace().collect::<Vec<_>>(), &[], "").unwrap();
    assert_eq!(settings.bootstrap_servers.value, "b1:9093,b2:9093");
    assert_eq!((settings.rate_per_sec.value, settings.threads.value, settings.topics.value), (1_000, 5, 10));
    assert_eq!(settings.hold.value, Duration::from_secs(300));
    let cluster = settings.cluster();
    assert_eq!(cluster.security_protocol.as_deref(), Some("SASL_SSL"));
    assert_eq!(cluster.sasl_mechanism.as_deref(), Some("PLAIN"));
    assert_eq!(cluster.username.as_deref(), Some("mm2"));
    assert_eq!(cluster.password.unwrap().expose_secret(), "pw");
}

#[test]
fn without_anything_but_brokers_it_is_the_scripts_load() {
    let settings = with_brokers(&[]).unwrap();
    assert_eq!((settings.rate_per_sec.value, settings.threads.value, settings.topics.value), (1_000, 5, 10));
    assert_eq!(settings.hold.value, Duration::from_secs(300));
    assert_eq!(settings.protocol.value, "PLAINTEXT");
    assert_eq!(settings.assumed(), None);
}

#[test]
fn a_flag_wins_over_a_variable_over_its_short_form_over_the_file_over_the_default() {
    let flag = ["--num-topics", "1", "--bootstrap-servers", "b1:9092"];
    let variables = [("KAFKA_NUM_TOPICS", "2"), ("NUM_TOPICS", "3")];
    let dotenv = "NUM_TOPICS=5\nKAFKA_NUM_TOPICS=4";
    let check = |flags: &[&str], variables: &[(&str, &str)], dotenv: &str, value: u64, origin: Origin| {
        let settings = resolve(flags, variables, dotenv).unwrap();
        assert_eq!(settings.topics, Layered { value, origin });
    };
    check(&flag, &variables, dotenv, 1, Origin::Flag);
    check(&flag[2..], &variables, dotenv, 2, Origin::Env("KAFKA_NUM_TOPICS".into()));
    check(&flag[2..], &variables[1..], dotenv, 3, Origin::Env("NUM_TOPICS".into()));
    check(&flag[2..], &[], dotenv, 4, Origin::File(".env".into()));
    check(&flag[2..], &[], "NUM_TOPICS=5", 5, Origin::File(".env".into()));
    check(&flag[2..], &[], "", 10, Origin::Default);
    check(&flag[2..], &[("KAFKA_NUM_TOPICS", "")], dotenv, 10, Origin::Default);
}

#[test]
fn every_variable_of_the_script_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, "PEM").unwrap();
    let settings = resolve(
        &[],
        &[
            ("KAFKA_BOOTSTRAP_SERVERS", "b1:9093"),
            ("KAFKA_USERNAME", "mm2"),
            ("KAFKA_PASSWORD", SENTINEL),
            ("KAFKA_SECURITY_PROTOCOL", "sasl_plaintext"),
            ("KAFKA_SASL_MECHANISM", "SCRAM-SHA-512"),
            ("KAFKA_SSL_CAFILE", ca.to_str().unwrap()),
            ("TOPIC_PREFIX", "mine"),
            ("NUM_TOPICS", "2"),
            ("MESSAGES_PER_SECOND", "50"),
            ("NUM_THREADS", "3"),
            ("DURATION_MINUTES", "0.5"),
        ],
        "",
    )
    .unwrap();
    let cluster = settings.cluster();
    assert_eq!(cluster.bootstrap_servers, "b1:9093");
    assert_eq!(cluster.security_protocol.as_deref(), Some("SASL_PLAINTEXT"));
    assert_eq!(cluster.sasl_mechanism.as_deref(), Some("SCRAM-SHA-512"));
    assert_eq!(cluster.password.unwrap().expose_secret(), SENTINEL);
    assert_eq!(cluster.ca, Some(ca));
    assert_eq!(settings.topic_names(), ["mine-01.json", "mine-02.json"]);
    assert_eq!((settings.rate_per_sec.value, settings.threads.value), (50, 3));
    assert_eq!(settings.hold.value, Duration::from_secs(30));
}

#[test]
fn help_names_every_variable() {
    let help = Args::try_parse_from(["bomber", "--help"]).unwrap_err().to_string();
    for key in [
        &BOOTSTRAP, &USERNAME, &PASSWORD, &PROTOCOL, &MECHANISM, &CA_FILE, &PREFIX, &TOPICS, &THREADS, &RATE,
        &MINUTES,
    ] {
        assert!(help.contains(key.variables[0]), "{}", key.variables[0]);
        assert!(help.contains(key.flag), "{}", key.flag);
    }
}

#[test]
fn topics_are_named_as_the_scripts_with_or_without_the_dash() {
    let names = |flags: &[&str]| with_brokers(flags).unwrap().topic_names();
    let of_the_script = names(&[]);
    assert_eq!(of_the_script.first().unwrap(), "test-prometheus.generated-data-01.json");
    assert_eq!(of_the_script.last().unwrap(), "test-prometheus.generated-data-10.json");
    assert_eq!(names(&["--topic-prefix", "a.b-", "--num-topics", "1"]), ["a.b-01.json"]);
    assert_eq!(names(&["--topic-prefix", "a.b", "--num-topics", "1"]), ["a.b-01.json"]);
}

#[test]
fn topics_are_created_in_the_runbooks_shape() {
    let created = with_brokers(&["--num-topics", "1"]).unwrap().order().topics;
    assert_eq!((created[0].partitions, created[0].replication), (12, 3));
    let config = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(created[0].config, [config("retention.ms", "86400000"), config("min.insync.replicas", "2")]);
    let single = with_brokers(&["--num-topics", "1", "--replication", "1", "--partitions", "4"])
        .unwrap()
        .order()
        .topics;
    assert_eq!((single[0].partitions, single[0].replication), (4, 1));
    assert_eq!(single[0].config, [config("retention.ms", "86400000")]);
}

#[test]
fn the_protocol_follows_from_the_rest_unless_it_is_given() {
    let check = |flags: &[&str], protocol: &str, assumed: Option<&str>| {
        let settings = with_brokers(flags).unwrap();
        assert_eq!(settings.protocol.value, protocol);
        assert_eq!(settings.assumed().as_deref(), assumed);
    };
    let said = "security: SASL_SSL with PLAIN, since a user name is given and no --security-protocol";
    check(&["--username", "u", "--password", "p"], "SASL_SSL", Some(said));
    check(
        &["--username", "u", "--password", "p", "--security-protocol", "SASL_PLAINTEXT"],
        "SASL_PLAINTEXT",
        None,
    );
    check(&["--username", "", "--password", ""], "PLAINTEXT", None);
    let plaintext = with_brokers(&["--username", "u", "--security-protocol", "PLAINTEXT"]).unwrap().cluster();
    assert_eq!((plaintext.username, plaintext.sasl_mechanism), (None, None));
}

#[test]
fn what_cannot_be_is_refused_by_its_name() {
    let check = |flags: &[&str], expect: &str| {
        let error = with_brokers(flags).unwrap_err();
        assert!(error.contains(expect), "{flags:?}: {error}");
    };
    check(
        &["--messages-per-second", "0"],
        "--messages-per-second is `0`; hint: give a whole number from 1 to 10000000",
    );
    check(&["--messages-per-second", "-5"], "--messages-per-second is `-5`");
    check(&["--messages-per-second", "10000001"], "--messages-per-second is `10000001`");
    check(&["--messages-per-second", "1e3"], "--messages-per-second is `1e3`");
    check(&["--num-threads", "0"], "--num-threads is `0`");
    check(&["--num-threads", "257"], "--num-threads is `257`");
    check(&["--num-topics", "0"], "--num-topics is `0`");
    check(&["--num-topics", "1001"], "--num-topics is `1001`");
    check(&["--duration-minutes", "0"], "--duration-minutes is `0`; hint: give minutes");
    check(&["--duration-minutes", "-1"], "--duration-minutes is `-1`");
    check(&["--duration-minutes", "43201"], "--duration-minutes is `43201`");
    check(&["--duration-minutes", "NaN"], "--duration-minutes is `NaN`");
    check(&["--duration-minutes", "inf"], "--duration-minutes is `inf`");
    check(&["--partitions", "0"], "--partitions");
    check(&["--record-size", "399"], "--record-size is `399`; hint: give a whole number from 400 to 900000");
    check(&["--replication", "0"], "--replication");
    check(&["--security-protocol", "TLS"], "--security-protocol is `TLS`; hint: give one of PLAINTEXT");
    check(&["--sasl-mechanism", "GSSAPI"], "--sasl-mechanism is `GSSAPI`");
    check(&["--topic-prefix", "a b"], "--topic-prefix is `a b`");
    check(&["--topic-prefix", "-"], "--topic-prefix is `-`");
    check(&["--ssl-cafile", "/not/there.pem"], "cannot read the CA file /not/there.pem");
    check(&["--security-protocol", "SASL_SSL"], "SASL_SSL needs a user name");
    assert!(resolve(&[], &[], "").unwrap_err().contains("no brokers are named"));
    assert!(resolve(&["--bootstrap-servers", " "], &[], "").unwrap_err().contains("no brokers are named"));
    let error = resolve(&["--bootstrap-servers", "b"], &[], "NUM_THREADS=many").unwrap_err();
    assert!(error.starts_with("NUM_THREADS in .env is `many`"), "{error}");
}

#[test]
fn a_missing_password_is_told_from_an_empty_one() {
    let base = ["--bootstrap-servers", "b1:9093", "--username", "mm2"];
    let check = |variables: &[(&str, &str)], dotenv: &str, expect: &str| {
        let error = resolve(&base, variables, dotenv).unwrap_err();
        assert!(error.starts_with(&format!("user mm2 has no password: {expect}; hint: ")), "{error}");
    };
    check(&[], "", "none is given");
    check(&[("KAFKA_PASSWORD", "")], "KAFKA_PASSWORD=ignored", "KAFKA_PASSWORD is empty");
    check(&[], "KAFKA_PASSWORD=", "KAFKA_PASSWORD in .env is empty");
    let error = resolve(&[&base[..], &["--password", ""]].concat(), &[], "").unwrap_err();
    assert!(error.contains("--password is empty"), "{error}");
}

#[test]
fn the_password_file_is_read_without_its_line_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pw");
    std::fs::write(&path, format!("{SENTINEL}\r\n")).unwrap();
    let flags = ["--username", "u", "--password-file", path.to_str().unwrap()];
    let settings = with_brokers(&flags).unwrap();
    assert_eq!(settings.password.value.unwrap().expose_secret(), SENTINEL);
    assert_eq!(settings.password.origin, Origin::File(path.clone()));
    std::fs::write(&path, "\n").unwrap();
    assert!(with_brokers(&flags).unwrap_err().contains("is empty"));
    assert!(
        with_brokers(&["--password", "a", "--password-file", "b"])
            .unwrap_err()
            .contains("cannot be used with")
    );
}

#[test]
fn a_password_is_shown_nowhere() {
    let odd = format!("-{SENTINEL} with spaces");
    let settings = with_brokers(&["--username", "u", "--password", &odd]).unwrap();
    let shown = format!("{settings:?} {} {:?}", settings.show(), settings.cluster());
    assert!(!shown.contains(SENTINEL), "{shown}");
    assert!(settings.show().contains("<redacted>"));
    assert_eq!(settings.password.value.unwrap().expose_secret(), odd);
    let args = Args::try_parse_from(["bomber", "--password", SENTINEL]).unwrap();
    assert!(!format!("{args:?}").contains(SENTINEL));
}

//! Every fault that a person or a chain can bring before the load: what is typed, what is said, and the exit
//! code. The same rows make docs/reference/faults.md.

use std::thread;

use serde_json::{Value, json};

use crate::common::{Place, Said};
use crate::fakes::Fakes;
use crate::reference::faults_are_current;

/// Stands where a secret would, and must show up nowhere.
const SENTINEL: &str = "hunter2-sentinel";

/// What needs no waiting is over by then, also on a busy machine.
const AT_ONCE_S: u64 = 10;

/// A chain file without a fault, as far as files go.
const CHAIN: &str = r#"[source]
bootstrap_servers = "SOURCE"

[target]
bootstrap_servers = "TARGET"

[connect]
mode = "none"

[prometheus]
absent = "not here"

[topics]
count = 1
partitions = 1
replication = 1
target_pattern = "source.{topic}"
"#;

/// The beginning of a Java client's properties.
const JAVA: &str = "bootstrap.servers=b1:9093\n";

/// One way to go wrong.
pub(crate) struct Fault {
    pub(crate) what: &'static str,
    /// As typed in a shell: variables first, then `ramp` and its arguments.
    pub(crate) command: &'static str,
    files: Vec<(&'static str, String)>,
    /// Parts of the message.
    says: Vec<&'static str>,
    pub(crate) code: i32,
    within_s: u64,
}

/// What came of it.
struct Seen {
    said: Said,
    place: Place,
}

/// Ends with 64, unless it says otherwise.
fn fault(what: &'static str, command: &'static str) -> Fault {
    Fault { what, command, files: Vec::new(), says: Vec::new(), code: 64, within_s: AT_ONCE_S }
}

impl Fault {
    fn file(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.files.push((name, text.into()));
        self
    }

    /// A `chain.toml` that differs from a sound one.
    fn chain(self, differences: &[(&str, &str)]) -> Self {
        let differ = |text: String, (sound, faulty): &(&str, &str)| {
            assert!(text.contains(sound), "{sound}");
            text.replace(sound, faulty)
        };
        let text = differences.iter().fold(CHAIN.to_owned(), differ);
        self.file("chain.toml", text)
    }

    /// A `plan.toml` with steps of these rates.
    fn rates(self, rates: &[&str]) -> Self {
        const LIMITS: &str = "p99_limit_ms = 1000\nmm2_avg_limit_ms = 200\nmm2_max_limit_ms = 1000";
        let step = |(i, rate)| format!("[[step]]\nname = \"S{}\"\nrate_per_sec = {rate}\n{LIMITS}\n", i + 1);
        let text: String = rates.iter().enumerate().map(step).collect();
        self.file("plan.toml", text)
    }

    fn says(mut self, parts: &[&'static str]) -> Self {
        self.says.extend(parts);
        self
    }

    fn unavailable_within(mut self, seconds: u64) -> Self {
        (self.code, self.within_s) = (69, seconds);
        self
    }

    fn with_addresses(mut self, fakes: &Fakes) -> Self {
        for (_, text) in &mut self.files {
            *text = fakes.fill_in(text);
        }
        self
    }

    fn happens(&self) -> Seen {
        let place = Place::new();
        for (name, text) in &self.files {
            place.write(name, text);
        }
        let mut words = self.command.split(' ').peekable();
        let mut env = Vec::new();
        while let Some(variable) = words.next_if(|word| *word != "ramp") {
            env.push(variable.split_once('=').unwrap());
        }
        let args: Vec<&str> = words.skip(1).map(|word| word.trim_matches('\'')).collect();
        let said = place.start(&args, &env).ended_within(self.within_s + 60);
        Seen { said, place }
    }

    fn check(&self, seen: &Seen) {
        let Said { code, out, err, took } = &seen.said;
        let what = self.what;
        assert_eq!(*code, Some(self.code), "{what}: {err}");
        for part in &self.says {
            assert!(err.contains(part), "{what}: {part:?} is not in: {err}");
        }
        assert_eq!(out, "", "{what}: what went wrong is no data");
        assert!(!err.contains(SENTINEL), "{what} shows a secret: {err}");
        assert!(took.as_secs() <= self.within_s, "{what} took {took:?}");
        self.check_evidence(&seen.place);
    }

    /// A chain that is not ready leaves evidence of that and no figure; a slip of the pen mostly leaves none.
    fn check_evidence(&self, place: &Place) {
        let what = self.what;
        if place.run_dir().is_none() {
            assert_eq!(self.code, 64, "{what}: no run folder");
            return;
        }
        let run = place.run_json();
        assert_eq!([&run["exit_code"], &run["complete"]], [&json!(self.code), &json!(true)], "{what}");
        assert_eq!([&run["verdict"]["level"], &run["steps"]], [&json!("INCONCLUSIVE"), &json!([])], "{what}");
        assert_eq!(run["capacity"]["validated_per_sec"], Value::Null, "{what}");
        for file in ["events.ndjson", "run.json", "report.en.md", "report.fr.md"] {
            assert!(!place.evidence(file).contains(SENTINEL), "{what} keeps a secret in {file}");
        }
    }
}

fn flags() -> Vec<Fault> {
    vec![
        fault("No step is named", "ramp --steps ''").says(&["has an empty place", "P1..P5"]),
        fault("Steps in falling order", "ramp --steps P5..P1").says(&["P1 after P5", "only climbs"]),
        fault("A step that the ladder does not have", "ramp --steps P9")
            .says(&["names P9", "P1, P2, P3, P4, P5"]),
        fault("A hold without a unit", "ramp --hold 30").says(&["`30` has no unit", "30s"]),
        fault("A negative hold", "ramp --hold=-5s").says(&["`-5s` is negative"]),
        fault("A hold of nothing", "ramp --hold 0s").says(&["shorter than a second"]),
        fault("A recovery that cannot tell lost from late", "ramp --recovery 10s").says(&["10 s or shorter"]),
        fault("Records too small for their stamp", "ramp --record-size 10").says(&["10"]),
        fault("No topic", "ramp --topics 0").says(&["at least 1"]),
        fault("A flag that does not exist", "ramp --hodl 30s").says(&["'--hodl'", "'--hold'"]),
        fault("A variable with a wrong value", "MM2_HOLD=soon ramp")
            .says(&["`soon` is not a duration", "--hold"]),
        fault("Not a fault of the rehearsal", "ramp --rehearse dealy=1s")
            .says(&["dealy=1s", "did you mean delay?"]),
        fault("A fault without a value", "ramp --rehearse delay").says(&["delay=1500ms"]),
        fault("A fault with a share above one", "ramp --rehearse loss=5").says(&[
            "`loss=5`",
            "from 0 to 1",
            "loss=0.001",
        ]),
        fault("Rehearsed faults that would never begin", "ramp --steps P1..P2 --rehearse loss=0.001,from=P3")
            .says(&["begins its faults in P3", "(P1, P2)", "leave from=P3 out"]),
        fault("Rehearsed faults on another chain", "ramp --chain lab --rehearse cap=800/s")
            .says(&["--rehearse", "leave out one of"]),
        fault("Half a chain: a source in the environment", "KAFKA_BOOTSTRAP_SERVERS=b1:9092 ramp")
            .says(&["KAFKA_BOOTSTRAP_SERVERS", "--chain rehearsal"]),
        fault("A chain file that is not there", "ramp --chain mine.toml").says(&["cannot read mine.toml"]),
        fault("A plan that is not there", "ramp --plan mine.toml").says(&["cannot read mine.toml"]),
        fault("A file where the run folders go", "ramp --out taken")
            .file("taken", "")
            .says(&["cannot write run folders to taken", "--out DIR"]),
    ]
}

fn plans() -> Vec<Fault> {
    let plan = |what| fault(what, "ramp --plan plan.toml");
    let criterion = |name: &str, rest: &str| format!("[[criterion]]\nname = \"{name}\"\n{rest}\n");
    vec![
        plan("A plan with a rate of zero").rates(&["0"]).says(&["0 records/s", "plan.toml:1"]),
        plan("A plan with a negative rate").rates(&["-5"]).says(&["-5", "plan.toml:3"]),
        plan("A plan with an absurd rate").rates(&["99999999999"]).says(&["more than any chain takes"]),
        plan("A plan whose rates do not rise")
            .rates(&["2000", "1000"])
            .says(&["not more than S1", "plan.toml:7"]),
        plan("A plan with a key that does not exist").file("plan.toml", "recovry = \"1m\"\n").says(&[
            "unknown key `recovry`",
            "plan.toml:1:1",
            "^^^^^^^",
            "did you mean `recovery`?",
        ]),
        plan("A plan with a number that is none").file("plan.toml", "record_size = nan\n").says(&[
            "not finite",
            "plan.toml:1:15",
            "^^^",
        ]),
        plan("A plan with a criterion whose bands overlap")
            .file("plan.toml", criterion("slip", "go = \"<= 100 ms\""))
            .says(&["criterion `slip`: its bands overlap", "plan.toml:1:1", "^^^^"]),
        plan("A plan with a criterion in another unit than its signal")
            .file("plan.toml", criterion("backlog", "stop = \"> 50 MB\""))
            .says(&["criterion `backlog`", "in bytes", "plan.toml:1:1"]),
        plan("A plan with a key of a criterion that does not exist")
            .file("plan.toml", criterion("slip", "warm = \"otherwise\""))
            .says(&["unknown key `warm`", "plan.toml:3:1", "did you mean `warn`?"]),
        plan("A plan with a criterion of its own without a signal")
            .file("plan.toml", criterion("mine", "go = \"< 1 s\"\nstop = \"otherwise\""))
            .says(&["criterion `mine`", "no `signal`", "plan.toml:1:1"]),
        plan("A plan with a hold that has no unit")
            .file("plan.toml", "hold = 30\n")
            .says(&["`30` has no unit", "plan.toml:1:8"]),
    ]
}

fn chain_files() -> Vec<Fault> {
    let password = format!("\"SOURCE\"\npassword = \"{SENTINEL}\"");
    let raw_password = format!("\"SOURCE\"\nclient = {{ \"ssl.key.password\" = \"{SENTINEL}\" }}");
    let dedicated = "mode = \"dedicated\"\nworker_properties = \"mm2.properties\"".to_owned();
    let password_in_url = format!("mode = \"rest\"\nurls = [\"http://reader:{SENTINEL}@c1:8083\"]");
    let chain = |what, sound, faulty| fault(what, "ramp --chain chain.toml").chain(&[(sound, faulty)]);
    vec![
        chain("A chain file that is not TOML", "\"SOURCE\"", "\"b1:9092").says(&["chain.toml:2", "^"]),
        chain("A chain file with a key that does not exist", "absent =", "absant =").says(&[
            "unknown key `absant`",
            "chain.toml:11:1",
            "^^^^^^",
            "did you mean `absent`?",
        ]),
        chain("Half a chain: no target", "[target]\nbootstrap_servers = \"TARGET\"\n", "")
            .says(&["missing key `target`", "chain.toml"]),
        chain("Half a chain: a source without brokers", "\"SOURCE\"", "\"\"")
            .says(&["bootstrap_servers", "source"]),
        chain("Nothing about Prometheus", "[prometheus]\nabsent = \"not here\"\n", "")
            .says(&["missing key `prometheus`", "chain.toml"]),
        chain("Prometheus neither there nor absent", "absent = \"not here\"\n", "")
            .says(&["chain.toml:10:1", "absent = \"why\""]),
        chain("Prometheus both there and absent", "absent =", "url = \"http://prom:9090\"\nabsent =")
            .says(&["both where it is and why there is none", "chain.toml:12:10"]),
        chain(
            "A selector of Prometheus for a scope that there is not",
            "absent = \"not here\"",
            "url = \"http://prom:9090\"\nselectors = { conect = 'job=\"connect\"' }",
        )
        .says(&["unknown key `conect`", "did you mean `connect`?"]),
        chain(
            "A name for a signal that there is not",
            "absent = \"not here\"",
            "url = \"http://prom:9090\"\nnames = { \"mm2.latency_mx\" = \"latency_max\" }",
        )
        .says(&["`mm2.latency_mx` is no signal", "did you mean `mm2.latency_max`?"]),
        chain("A Prometheus that is not there", "absent = \"not here\"", "url = \"http://CLOSED\"")
            .says(&["cannot reach Prometheus", "declare [prometheus] absent"])
            .unavailable_within(30),
        chain(
            "No Connect, and no word on the names at the target",
            "target_pattern = \"source.{topic}\"\n",
            "",
        )
        .says(&["target_pattern", "worker_properties"]),
        chain("MM2's own file, with two flows enabled", "mode = \"none\"", &dedicated)
            .file("mm2.properties", "clusters = a, b\na->b.enabled = true\nb->a.enabled = true\n")
            .says(&["mm2.properties does not enable exactly one flow", "target_pattern"]),
        chain("MM2's own file, which leaves the test topics out", "mode = \"none\"", &dedicated)
            .file("mm2.properties", "clusters = a, b\na->b.enabled = true\na->b.topics = orders.*\n")
            .says(&["does not replicate test-prometheus.generated-data-01.json", "orders.*"]),
        chain("Connect's URLs without its REST", "mode = \"none\"", "mode = \"none\"\nurls = [\"http://c1:8083\"]")
            .says(&["`urls` is read in mode = \"rest\" only", "chain.toml:9:9"]),
        chain(
            "A bearer token beside a user",
            "mode = \"none\"",
            "mode = \"rest\"\nurls = [\"http://c1:8083\"]\nusername = \"reader\"\nbearer = \"file:chain.toml\"",
        )
        .says(&["both a bearer token and a user", "chain.toml:11:10"]),
        chain("A password in Connect's URL", "mode = \"none\"", &password_in_url)
            .says(&["must not be written in a URL", "chain.toml:9:9"]),
        chain("A requirement of nothing", "[topics]", "[requirement]\npeak_per_sec = 0\n\n[topics]")
            .says(&["a peak of nothing", "chain.toml:14:16"]),
        chain("A Java client's trust store", "bootstrap_servers = \"SOURCE\"", "client_properties = \"client.properties\"")
            .file("client.properties", format!("{JAVA}ssl.truststore.location=/etc/kafka/trust.jks\n"))
            .says(&["is a JKS store", "keytool -list -rfc -keystore /etc/kafka/trust.jks"]),
        chain("A Java client's key store", "bootstrap_servers = \"SOURCE\"", "client_properties = \"client.properties\"")
            .file("client.properties", format!("{JAVA}ssl.keystore.location=/etc/kafka/client.jks\n"))
            .says(&["is a JKS store", "keytool -importkeystore", "PKCS12"]),
        chain("A Java client's key, misspelt", "bootstrap_servers = \"SOURCE\"", "client_properties = \"client.properties\"")
            .file("client.properties", format!("{JAVA}security.protcol=SSL\n"))
            .says(&["`security.protcol` is no key", "did you mean `security.protocol`?"]),
        chain("A password in the chain file", "\"SOURCE\"", &password).says(&[
            "a secret must not be written here",
            "chain.toml:3:12",
            "env:NAME",
        ]),
        chain("A password among the raw client keys", "\"SOURCE\"", &raw_password)
            .says(&["`ssl.key.password` in [source.client]", "env:NAME"]),
        chain(
            "A password in a variable that is not set",
            "\"SOURCE\"",
            "\"SOURCE\"\npassword = \"env:NO_SUCH_PASSWORD\"",
        )
        .says(&["NO_SUCH_PASSWORD is not set", "chain.toml:3:12"]),
        chain(
            "SASL without a password",
            "\"SOURCE\"",
            "\"SOURCE\"\nsecurity_protocol = \"SASL_SSL\"\nsasl_mechanism = \"PLAIN\"\nusername = \"mm2\"",
        )
        .says(&["source", "password is not set"]),
    ]
}

fn services() -> Vec<Fault> {
    let rest = |url: &str| format!("mode = \"rest\"\nurls = [\"{url}\"]");
    let chain = |what, differences: &[(&str, &str)], seconds| {
        fault(what, "ramp --chain chain.toml").chain(differences).unavailable_within(seconds)
    };
    let connect = |what, url| chain(what, &[("mode = \"none\"", &rest(url))], AT_ONCE_S);
    vec![
        chain("The source cannot be reached", &[("SOURCE", "CLOSED")], 16).says(&[
            "cannot reach the source cluster at 127.0.0.1:",
            "Connection refused",
            "check host, port",
        ]),
        chain("The target cannot be reached", &[("TARGET", "CLOSED")], 16)
            .says(&["cannot reach the target cluster at 127.0.0.1:", "Connection refused"]),
        connect("Connect cannot be reached", "http://CLOSED")
            .says(&["cannot reach Connect at http://127.0.0.1:", "Connection refused"]),
        connect("Connect wants credentials", "http://CONNECT/locked").says(&[
            "without credentials",
            "username",
            "bearer",
        ]),
        fault("Connect refuses the bearer token", "TOKEN=stale ramp --chain chain.toml")
            .chain(&[(
                "mode = \"none\"",
                &format!("{}\nbearer = \"env:TOKEN\"", rest("http://CONNECT/locked")),
            )])
            .unavailable_within(AT_ONCE_S)
            .says(&["with the bearer token"]),
        connect("A login page in Connect's place", "http://CONNECT/login")
            .says(&["a web page, such as a proxy's login page"]),
        connect("A redirect in Connect's place", "http://CONNECT/moved")
            .says(&["points to https://login.example/sign-in (302)"]),
        connect("A gateway with no worker behind it", "http://CONNECT/gateway")
            .says(&["what stands before Connect", "502 (Bad Gateway)"]),
        chain(
            "Connect rebalances and does not end",
            &[("mode = \"none\"", &rest("http://CONNECT/rebalancing"))],
            45,
        )
        .says(&["still starting or rebalancing after 2", "409 (Cannot complete request"]),
        connect("Something else answers in Connect's place", "http://CONNECT/elsewhere")
            .says(&["answers, but not as Connect"]),
        connect("No connector replicates the test topics", "http://CONNECT/other")
            .says(&["no MirrorSourceConnector replicates", "mm2 with topics = orders.*"]),
        connect("Two connectors replicate the test topics", "http://CONNECT/two").says(&[
            "more than one connector may replicate",
            "mm2 with topics = test-prometheus.*",
            "mm2-all with topics = .*",
            "[connect] connector",
        ]),
        chain(
            "A connector that does not exist",
            &[("mode = \"none\"", &format!("{}\nconnector = \"mm3\"", rest("http://CONNECT/two")))],
            AT_ONCE_S,
        )
        .says(&["no connector \"mm3\" (it has: mm2, mm2-all)"]),
        fault("A replication policy of one's own", "ramp --chain chain.toml")
            .chain(&[
                ("mode = \"none\"", &rest("http://CONNECT/policy")),
                ("target_pattern = \"source.{topic}\"\n", ""),
            ])
            .says(&["com.example.OurReplicationPolicy is code", "target_pattern = \"paris.{topic}\""]),
        connect("The connector is paused", "http://CONNECT/paused").says(&[
            "mm2 is not ready",
            "PAUSED",
            "PUT /connectors/mm2/resume",
        ]),
        connect("A task of the connector has failed", "http://CONNECT/failed").says(&[
            "mm2 is not ready",
            "task 0 FAILED on worker-1:8083",
            "Not authorized",
        ]),
        chain("The source does not create the test topics", &[("SOURCE", "EMPTY")], 15)
            .says(&["cannot create topics on the source cluster"]),
        chain(
            "MM2 does not create the partitions on the target",
            &[("TARGET", "EMPTY"), ("mode = \"none\"", &rest("http://CONNECT/running"))],
            70,
        )
        .says(&[
            "waiting for MM2 to create 1 partitions",
            "0 of the 1 partitions",
            "first missing: source.test",
        ]),
        chain("The partitions are there, and nothing comes through", &[], 130).says(&[
            "waiting for a canary",
            "0 of 1 canaries came through within",
            "nothing else arrived",
        ]),
    ]
}

/// Lets all of them happen, those that wait beside the rest.
fn all() -> Vec<(Fault, Seen)> {
    let fakes = Fakes::start();
    let faults = [flags(), plans(), chain_files(), services()].into_iter().flatten();
    let faults: Vec<Fault> = faults.map(|fault| fault.with_addresses(&fakes)).collect();
    let seen: Vec<Seen> = thread::scope(|scope| {
        let slow = |fault: &Fault| fault.within_s > AT_ONCE_S;
        let begun: Vec<_> =
            faults.iter().map(|fault| slow(fault).then(|| scope.spawn(|| fault.happens()))).collect();
        let ended = faults.iter().zip(begun);
        ended.map(|(fault, begun)| begun.map_or_else(|| fault.happens(), |run| run.join().unwrap())).collect()
    });
    faults.into_iter().zip(seen).collect()
}

#[test]
fn every_fault_is_named_with_its_remedy_and_its_exit_code_and_the_page_shows_them() {
    let happened = all();
    for (fault, seen) in &happened {
        fault.check(seen);
    }
    let said: Vec<(Fault, Said)> = happened.into_iter().map(|(fault, seen)| (fault, seen.said)).collect();
    faults_are_current(&said);
}

use super::*;
use crate::chain_file::ChainFile;

const SENTINEL: &str = "s3ntinel-hunter2";

const JAVA: &str = r#"# as given to kafka-topics.sh --command-config
bootstrap.servers=b1:9093
security.protocol=SASL_SSL
sasl.mechanism=SCRAM-SHA-512
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \
  username="mm2" \
  password="s3ntinel-hunter2";
ssl.truststore.location=/etc/kafka/ca.pem
ssl.key.password=s3ntinel-hunter2
request.timeout.ms=60000
"#;

/// `[source]` with these lines, next to a `secrets/client.properties` with `java` in it.
fn source(lines: &str, java: &[u8]) -> Result<ClusterSettings, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chain.toml");
    std::fs::create_dir(folder.path().join("secrets")).unwrap();
    std::fs::write(folder.path().join("secrets/client.properties"), java).unwrap();
    std::fs::write(folder.path().join("right"), SENTINEL).unwrap();
    std::fs::write(folder.path().join("wrong"), format!("{SENTINEL}!")).unwrap();
    let rest =
        "[target]\nbootstrap_servers = \"t:1\"\n[connect]\nmode = \"none\"\n[prometheus]\nabsent = \"no\"\n";
    std::fs::write(&path, format!("[source]\n{lines}\n{rest}")).unwrap();
    let file = TomlFile::read(&path).unwrap();
    let chain: ChainFile = file.parse().unwrap();
    cluster_settings(&file, "source", &chain.source).map_err(|error| {
        assert!(!format!("{error} {error:?}").contains(SENTINEL), "{error:?}");
        error.to_string().replace(&folder.path().display().to_string(), "DIR")
    })
}

const NAMED: &str = "client_properties = \"secrets/client.properties\"\n";

#[test]
fn a_java_clients_properties_are_enough() {
    let settings = source(NAMED, JAVA.as_bytes()).unwrap();
    assert_eq!(settings.bootstrap_servers, "b1:9093");
    assert_eq!(settings.security_protocol.as_deref(), Some("SASL_SSL"));
    assert_eq!(settings.sasl_mechanism.as_deref(), Some("SCRAM-SHA-512"));
    assert_eq!(settings.username.as_deref(), Some("mm2"));
    assert_eq!(settings.password.as_ref().map(SecretString::expose_secret), Some(SENTINEL));
    assert_eq!(settings.ca.as_deref(), Some(Path::new("/etc/kafka/ca.pem")));
    assert_eq!(settings.client["ssl.key.password"], SENTINEL);
    assert!(!format!("{settings:?}").contains(SENTINEL));
}

#[test]
fn the_section_adds_what_the_properties_do_not_say() {
    let lines = format!(
        "{NAMED}bootstrap_servers = \"s:1\"\nca = \"ca.pem\"\n[source.client]\n\"debug\" = \"broker\""
    );
    let settings = source(&lines, b"security.protocol=SSL\nclient.id=me\n").unwrap();
    assert_eq!(settings.bootstrap_servers, "s:1");
    assert_eq!(settings.security_protocol.as_deref(), Some("SSL"));
    assert!(settings.ca.is_some_and(|ca| ca.is_absolute() && ca.ends_with("ca.pem")));
    assert_eq!(settings.client["debug"], "broker");
    assert_eq!(settings.client["client.id"], "me");
}

#[test]
fn saying_the_same_in_both_places_is_fine() {
    let lines = "bootstrap_servers = \"b1:9093\"\nusername = \"mm2\"\npassword = \"file:right\"\n[source.client]\n\"ssl.key.password\" = \"file:right\"";
    let settings = source(&format!("{NAMED}{lines}"), JAVA.as_bytes()).unwrap();
    assert_eq!(settings.client["ssl.key.password"], SENTINEL);
}

#[test]
fn saying_something_else_is_an_error_that_names_both_places() {
    let check = |lines: &str, ours: &str, theirs: &str| {
        let refused = source(&format!("{NAMED}{lines}"), JAVA.as_bytes()).unwrap_err();
        let expect = format!(
            "`{ours}` in [source] of DIR/chain.toml says something else than DIR/secrets/client.properties ({theirs}); \
             hint: keep one of them"
        );
        assert_eq!(refused, expect);
    };
    check("bootstrap_servers = \"b2:9093\"", "bootstrap_servers", "bootstrap.servers");
    check("security_protocol = \"SSL\"", "security_protocol", "security.protocol");
    check("sasl_mechanism = \"PLAIN\"", "sasl_mechanism", "sasl.mechanism");
    check("username = \"other\"", "username", "sasl.jaas.config");
    check("password = \"file:wrong\"", "password", "sasl.jaas.config");
    check("ca = \"ca.pem\"", "ca", "ssl.truststore.location");
    let raw = "[source.client]\n\"ssl.key.password\" = \"file:wrong\"";
    check(raw, "client.ssl.key.password", "the same key or what Java calls it");
}

#[test]
fn without_brokers_both_ways_to_name_them_are_told() {
    for (lines, java) in [("", ""), (NAMED, "client.id=me"), ("bootstrap_servers = \" \"", "")] {
        let refused = source(lines, java.as_bytes()).unwrap_err();
        assert_eq!(
            refused,
            "[source] of DIR/chain.toml names no brokers; hint: write bootstrap_servers = \"host:port,host:port\" in it, \
             or client_properties = \"FILE\" with bootstrap.servers in FILE"
        );
    }
}

#[test]
fn a_properties_file_that_cannot_be_used_is_named() {
    let check = |lines: &str, java: &str, expect: &str| {
        let refused = source(lines, java.as_bytes()).unwrap_err();
        assert!(refused.contains(expect), "{refused}");
    };
    check("client_properties = \"none\"", "", "cannot read DIR/none: No such file");
    check(NAMED, "a=1\nb=\\u12", "DIR/secrets/client.properties: line 2 has a malformed");
    check(NAMED, "sasl.mechanism=GSSAPI", "DIR/secrets/client.properties: `sasl.mechanism` is GSSAPI");
}

#[test]
fn the_file_is_latin_1_as_javas_tools_read_it() {
    let settings = source(NAMED, b"bootstrap.servers=b:1\nclient.id=caf\xe9").unwrap();
    assert_eq!(settings.client["client.id"], "café");
}

use secrecy::ExposeSecret;

use super::*;

const SENTINEL: &str = "s3ntinel-hunter2";
const SCRAM: &str = "org.apache.kafka.common.security.scram.ScramLoginModule";
const PLAIN: &str = "org.apache.kafka.common.security.plain.PlainLoginModule";

fn translated(properties: &[(&str, &str)]) -> Result<JavaClient, JavaError> {
    translate(&properties.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
}

fn message(properties: &[(&str, &str)]) -> String {
    let error = translated(properties).expect_err("these properties must be refused");
    let (text, debug) = (error.to_string(), format!("{error:?}"));
    assert!(!text.contains(SENTINEL) && !debug.contains(SENTINEL), "{text} {debug}");
    assert!(text.contains("; hint: "), "{text}");
    text
}

#[test]
fn a_login_gives_its_name_and_password() {
    let check = |jaas: &str, name: &str, password: &str| {
        let client = translated(&[("sasl.jaas.config", jaas)]).unwrap_or_else(|e| panic!("{jaas}: {e}"));
        assert_eq!(client.settings.username.as_deref(), Some(name), "{jaas}");
        assert_eq!(client.settings.password.map(|p| p.expose_secret().to_owned()).as_deref(), Some(password));
    };
    check(&format!(r#"{PLAIN} required username="u" password="p";"#), "u", "p");
    check(&format!(r#"{SCRAM} required password="p" username="u";"#), "u", "p");
    check(&format!("  {SCRAM}\n\tREQUIRED\n username = 'u'\n password=p-w_$.1 ;  "), "u", "p-w_$.1");
    check(
        &format!(r#"{SCRAM} required username="a;b=c" password="q\"\\'\t\101\47z";"#),
        "a;b=c",
        "q\"\\'\tA'z",
    );
    check(&format!(r#"{PLAIN} required username="u" password="é\q\4001" user_bob="x";"#), "u", "éq\u{20}01");
}

#[test]
fn a_login_that_cannot_be_read_says_why() {
    let check = |jaas: &str, expect: &str| {
        let message = message(&[("sasl.jaas.config", jaas)]);
        assert!(message.contains(expect) && message.contains("`sasl.jaas.config`"), "{jaas}: {message}");
    };
    let secret = format!("password=\"{SENTINEL}\"");
    check(
        &format!("com.sun.security.auth.module.Krb5LoginModule required {secret};"),
        "names com.sun.security.auth.module.Krb5LoginModule, which is not supported; hint: PlainLoginModule and ScramLoginModule are",
    );
    check(SENTINEL, "does not start with a login module");
    check(&format!("{secret} {SCRAM} required;"), "does not start with a login module");
    check(&format!("{SCRAM} {secret};"), "has no `required`");
    check(&format!("{SCRAM} required username=\"u\" {secret}"), "does not end with a semicolon");
    check(&format!("{SCRAM} required username=\"u\" password=\"{SENTINEL};"), "not closed");
    check(&format!("{SCRAM} required username=\"u\" password=\"{SENTINEL}\\"), "not closed");
    check(&format!("{SCRAM} required username=\"u\" password=1{SENTINEL};"), "quotes");
    check(&format!("{SCRAM} required username {secret};"), "without =");
    check(&format!("{SCRAM} required username=u, {secret};"), "a sign where");
    check(&format!("{SCRAM} required {secret};"), "has no username");
    check(&format!("{SCRAM} required username=\"u\" password=\"\";"), "has no password");
    check(&format!("{SCRAM} required username=\"u\" {secret}; {PLAIN} required;"), "only one login module");
    check(&format!("{SCRAM} required username=\"u\" {secret} tokenauth=\"true\";"), "delegation token");
}

#[test]
fn a_store_that_librdkafka_reads_is_passed_on() {
    let check = |properties: &[(&str, &str)], ca: Option<&str>, client: &[(&str, &str)]| {
        let settings = translated(properties).unwrap_or_else(|e| panic!("{properties:?}: {e}")).settings;
        assert_eq!(settings.ca, ca.map(Into::into), "{properties:?}");
        let client: BTreeMap<_, _> = client.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        assert_eq!(settings.client, client, "{properties:?}");
    };
    check(&[("ssl.truststore.location", "/x/ca.pem")], Some("/x/ca.pem"), &[]);
    check(&[("ssl.truststore.location", "ca.CRT"), ("ssl.truststore.password", "p")], Some("ca.CRT"), &[]);
    check(&[("ssl.truststore.location", "/x/ca"), ("ssl.truststore.type", "pem")], Some("/x/ca"), &[]);
    check(
        &[("ssl.truststore.certificates", "-----BEGIN"), ("ssl.truststore.type", "PEM")],
        None,
        &[("ssl.ca.pem", "-----BEGIN")],
    );
    let pkcs12 = [("ssl.keystore.location", "/x/k.p12"), ("ssl.keystore.password", "p")];
    check(&pkcs12, None, &pkcs12);
    check(
        &[("ssl.keystore.location", "/x/k"), ("ssl.keystore.type", "PKCS12"), ("ssl.key.password", "p")],
        None,
        &[("ssl.keystore.location", "/x/k"), ("ssl.key.password", "p")],
    );
    check(
        &[("ssl.keystore.location", "/x/k.pem"), ("ssl.key.password", "p")],
        None,
        &[
            ("ssl.certificate.location", "/x/k.pem"),
            ("ssl.key.location", "/x/k.pem"),
            ("ssl.key.password", "p"),
        ],
    );
    check(
        &[
            ("ssl.keystore.key", "KEY"),
            ("ssl.keystore.certificate.chain", "CHAIN"),
            ("ssl.keystore.type", "PEM"),
        ],
        None,
        &[("ssl.key.pem", "KEY"), ("ssl.certificate.pem", "CHAIN")],
    );
}

#[test]
fn a_store_in_javas_format_is_refused_with_the_command_that_converts_it() {
    let check = |properties: &[(&str, &str)], expect: &str| {
        let mut properties = properties.to_vec();
        properties.extend([("ssl.truststore.password", SENTINEL), ("ssl.keystore.password", SENTINEL)]);
        let message = message(&properties);
        assert!(message.contains(expect), "{message}");
    };
    check(
        &[("ssl.truststore.location", "/x/t.jks")],
        "`keytool -list -rfc -keystore /x/t.jks -storetype JKS > /x/t.jks.pem`, which asks for the store's password, \
         then set ssl.truststore.location=/x/t.jks.pem and ssl.truststore.type=PEM",
    );
    check(
        &[("ssl.truststore.location", "/x/t.p12")],
        "`openssl pkcs12 -in /x/t.p12 -nokeys -out /x/t.p12.pem`",
    );
    check(
        &[("ssl.truststore.location", "/x/t.p12")],
        "`ssl.truststore.location` is a PKCS12 store (/x/t.p12)",
    );
    check(
        &[("ssl.truststore.location", "/x/t.pem"), ("ssl.truststore.type", "JKS")],
        "`ssl.truststore.location` is a JKS store",
    );
    check(&[("ssl.truststore.location", "/my stores/it's")], r"-keystore '/my stores/it'\''s' -storetype");
    check(
        &[("ssl.keystore.location", "/x/k.jks")],
        "`keytool -importkeystore -srckeystore /x/k.jks -srcstoretype JKS -destkeystore /x/k.jks.p12 -deststoretype PKCS12`, \
         which asks for both stores' passwords, then set ssl.keystore.location=/x/k.jks.p12 and ssl.keystore.type=PKCS12",
    );
    check(&[("ssl.keystore.location", "k"), ("ssl.keystore.type", "bcfks")], "-srcstoretype BCFKS");
}

#[test]
fn a_typical_file_becomes_settings_that_librdkafka_accepts() {
    let jaas = format!(r#"{SCRAM} required username="mm2" password="{SENTINEL}";"#);
    let client = translated(&[
        ("bootstrap.servers", "b1:9093,b2:9093"),
        ("security.protocol", "SASL_SSL "),
        ("sasl.mechanism", "SCRAM-SHA-512"),
        ("sasl.jaas.config", &jaas),
        ("ssl.truststore.location", "/etc/kafka/ca.pem"),
        ("ssl.truststore.type", "PEM"),
        ("ssl.keystore.location", "/etc/kafka/client.p12"),
        ("ssl.keystore.password", SENTINEL),
        ("ssl.endpoint.identification.algorithm", ""),
        ("client.id", "runbook"),
        ("request.timeout.ms", "60000"),
        ("retries", "10"),
    ])
    .unwrap();
    let shown = format!("{client:?}");
    assert!(!shown.contains(SENTINEL), "{shown}");
    assert_eq!(client.ignored, ["request.timeout.ms", "retries"]);
    let config = client.settings.client_config("source").unwrap();
    for (key, expect) in [
        ("bootstrap.servers", "b1:9093,b2:9093"),
        ("security.protocol", "SASL_SSL"),
        ("sasl.mechanism", "SCRAM-SHA-512"),
        ("sasl.username", "mm2"),
        ("sasl.password", SENTINEL),
        ("ssl.ca.location", "/etc/kafka/ca.pem"),
        ("ssl.keystore.location", "/etc/kafka/client.p12"),
        ("ssl.keystore.password", SENTINEL),
        ("ssl.endpoint.identification.algorithm", "none"),
        ("client.id", "runbook"),
    ] {
        assert_eq!(config.get(key), Some(expect), "{key}");
    }
    config.create_native_config().expect("librdkafka knows these keys and values");
}

#[test]
fn what_only_java_can_do_is_refused() {
    let check = |key: &str, value: &str, expect: &str| {
        let message = message(&[(key, value), ("ssl.key.password", SENTINEL)]);
        assert!(message.contains(&format!("`{key}`")) && message.contains(expect), "{message}");
    };
    for key in JAVA_CODE {
        check(key, "com.x.Y", "write the values themselves");
    }
    check("sasl.mechanism", "GSSAPI", "is GSSAPI, which is not supported; hint: PLAIN, SCRAM-SHA-256");
}

#[test]
fn an_empty_value_says_nothing() {
    let client =
        translated(&[("bootstrap.servers", " "), ("sasl.jaas.config", ""), ("client.id", "")]).unwrap();
    assert_eq!(client.settings.redacted(), ClusterSettings::default().redacted());
    assert_eq!(client.ignored, Vec::<String>::new());
}

#[test]
fn host_name_verification_keeps_its_algorithm_in_lower_case() {
    let client = translated(&[("ssl.endpoint.identification.algorithm", "HTTPS")]).unwrap();
    assert_eq!(client.settings.client["ssl.endpoint.identification.algorithm"], "https");
}

#[test]
fn a_key_that_is_misspelt_is_refused_and_tuning_is_only_named() {
    let check = |key: &str, near: &str| {
        assert_eq!(
            message(&[(key, SENTINEL)]),
            format!("`{key}` is no key of a Kafka client; hint: did you mean `{near}`?")
        );
    };
    check("security.protcol", "security.protocol");
    check("bootstrap_servers", "bootstrap.servers");
    check("sasl.jaas.conf", "sasl.jaas.config");
    check("ssl.trustore.location", "ssl.truststore.location");
    check("Ssl.Key.Password", "ssl.key.password");
    // All that Kafka 3.9 has beside them in a client's `security` part, and some tuning.
    let harmless = [
        "ssl.cipher.suites",
        "ssl.enabled.protocols",
        "ssl.keymanager.algorithm",
        "ssl.protocol",
        "ssl.provider",
        "security.providers",
        "ssl.secure.random.implementation",
        "ssl.trustmanager.algorithm",
        "sasl.kerberos.service.name",
        "sasl.login.connect.timeout.ms",
        "client.dns.lookup",
        "client.rack",
        "group.id",
        "request.timeout.ms",
    ];
    let client = translated(&harmless.map(|key| (key, "x"))).unwrap();
    assert_eq!(client.ignored.len(), harmless.len(), "{:?}", client.ignored);
}

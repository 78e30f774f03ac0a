use serde::Deserialize;

use super::*;
use crate::{HumanDuration, Secret};

const SENTINEL: &str = "s3ntinel-hunter2";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the tests look at what is refused")]
struct Chain {
    bootstrap_servers: Option<String>,
    protocol: Option<Protocol>,
    hold: Option<HumanDuration>,
    rate: Option<f64>,
    password: Option<Secret>,
    pin: Option<Secret>,
    topics: Option<Topics>,
    steps: Option<Vec<f64>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Topics {
    partitions: Spanned<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Protocol {
    Plaintext,
    SaslSsl,
}

fn refusal(text: &str) -> String {
    TomlFile::in_memory("chain.toml", text).parse::<Chain>().unwrap_err().to_string()
}

#[test]
fn what_is_right_is_read() {
    let text = "hold = '1h30m'\nrate = 1e3\n[topics]\npartitions = 3\n";
    let chain: Chain = TomlFile::in_memory("chain.toml", text).parse().unwrap();
    assert_eq!(chain.hold.unwrap().to_string(), "1h30m");
    assert_eq!(chain.rate, Some(1000.0));
}

#[test]
fn an_unknown_key_is_shown_with_the_near_one() {
    insta::assert_snapshot!(refusal("rate = 1.0\nbootstrap_server = \"b1:9092\"\n"), @r#"
    unknown key `bootstrap_server`
     --> chain.toml:2:1
      |
    2 | bootstrap_server = "b1:9092"
      | ^^^^^^^^^^^^^^^^ did you mean `bootstrap_servers`?
    "#);
    insta::assert_snapshot!(refusal("\"bootstrap.servers\" = \"b1:9092\"\n"), @r#"
    unknown key `bootstrap.servers`
     --> chain.toml:1:1
      |
    1 | "bootstrap.servers" = "b1:9092"
      | ^^^^^^^^^^^^^^^^^^^ did you mean `bootstrap_servers`?
    "#);
    insta::assert_snapshot!(refusal("colour = 1\n"), @r"
    unknown key `colour`
     --> chain.toml:1:1
      |
    1 | colour = 1
      | ^^^^^^ known keys: `bootstrap_servers`, `protocol`, `hold`, `rate`, `password`, `pin`, `topics`, `steps`
    ");
    insta::assert_snapshot!(refusal("[topics]\npartitions = 1\npartition = 2\n"), @r"
    unknown key `partition`
     --> chain.toml:3:1
      |
    3 | partition = 2
      | ^^^^^^^^^ did you mean `partitions`?
    ");
}

#[test]
fn a_wrong_value_is_shown_where_it_stands() {
    insta::assert_snapshot!(refusal("protocol = \"sasl_ssl\"\n"), @r#"
    unknown value `sasl_ssl`
     --> chain.toml:1:12
      |
    1 | protocol = "sasl_ssl"
      |            ^^^^^^^^^^ did you mean `sasl-ssl`?
    "#);
    insta::assert_snapshot!(refusal("bootstrap_servers = 9092\n"), @r"
    invalid type: integer `9092`, expected a string
     --> chain.toml:1:21
      |
    1 | bootstrap_servers = 9092
      |                     ^^^^
    ");
    insta::assert_snapshot!(refusal("hold = 30\n"), @r"
    duration `30` has no unit
     --> chain.toml:1:8
      |
    1 | hold = 30
      |        ^^ write 30s, 30ms or 30m
    ");
    insta::assert_snapshot!(refusal("hold = \"900h\"\n"), @r#"
    duration `900h` is over 30 days
     --> chain.toml:1:8
      |
    1 | hold = "900h"
      |        ^^^^^^ check its unit
    "#);
    insta::assert_snapshot!(refusal("rate = 1.0\n\n[topics]\n\n[other]\n"), @r"
    unknown key `other`
     --> chain.toml:5:2
      |
    5 | [other]
      |  ^^^^^ known keys: `bootstrap_servers`, `protocol`, `hold`, `rate`, `password`, `pin`, `topics`, `steps`
    ");
    insta::assert_snapshot!(refusal("rate =\n"), @r"
    string values must be quoted, expected literal string
     --> chain.toml:1:7
      |
    1 | rate =
      |       ^
    ");
    insta::assert_snapshot!(refusal("rate = 1.0\nrate = 2.0\n"), @r"
    duplicate key
     --> chain.toml:2:1
      |
    2 | rate = 2.0
      | ^^^^
    ");
    insta::assert_snapshot!(refusal("rate = 1.0\n[topics]\n"), @r"
    missing key `partitions`
     --> chain.toml:2:1
      |
    2 | [topics]
      | ^^^^^^^^
    ");
}

#[test]
fn a_key_missing_at_the_top_names_the_file() {
    let refused = TomlFile::in_memory("topics.toml", "# nothing\n").parse::<Topics>().unwrap_err();
    insta::assert_snapshot!(refused, @r"
    missing key `partitions`
    --> topics.toml
    ");
}

#[test]
fn a_number_that_is_not_finite_is_refused_anywhere() {
    insta::assert_snapshot!(refusal("rate = nan\n"), @r"
    this number is not finite
     --> chain.toml:1:8
      |
    1 | rate = nan
      |        ^^^ write an ordinary number
    ");
    insta::assert_snapshot!(refusal("steps = [1.0, -inf]\n"), @r"
    this number is not finite
     --> chain.toml:1:15
      |
    1 | steps = [1.0, -inf]
      |               ^^^^ write an ordinary number
    ");
    insta::assert_snapshot!(refusal("rate = 1e999\n"), @r"
    this number is not finite
     --> chain.toml:1:8
      |
    1 | rate = 1e999
      |        ^^^^^ write an ordinary number
    ");
    let nested = "topics = { partitions = [1, { deep = +inf }] }\n";
    assert!(refusal(nested).contains("chain.toml:1:38"), "{}", refusal(nested));
}

#[test]
fn the_meaning_of_a_value_can_be_refused_where_it_stands() {
    let file = TomlFile::in_memory("chain.toml", "[topics]\npartitions = 0\n");
    let chain: Chain = file.parse().unwrap();
    let error = file.error(chain.topics.unwrap().partitions.span(), "no partitions", Some("write 1 or more"));
    insta::assert_snapshot!(error, @r"
    no partitions
     --> chain.toml:2:14
      |
    2 | partitions = 0
      |              ^ write 1 or more
    ");
}

#[test]
fn a_secret_in_the_file_is_refused_and_not_shown() {
    insta::assert_snapshot!(refusal(&format!("password = \"{SENTINEL}\"\n")), @r#"
    a secret must not be written here
     --> chain.toml:1:12
      |
    1 | password = ******************
      |            ^^^^^^^^^^^^^^^^^^ write it as "env:NAME" or "file:PATH"
    "#);
    insta::assert_snapshot!(refusal("password = \"env:MM2_SURELY_UNSET\"\n"), @r#"
    environment variable MM2_SURELY_UNSET is not set
     --> chain.toml:1:12
      |
    1 | password = "env:MM2_SURELY_UNSET"
      |            ^^^^^^^^^^^^^^^^^^^^^^ export it before the run
    "#);
    let in_the_file = [
        format!("password = \"{SENTINEL}\""),
        format!("password = '''\n{SENTINEL}\n{SENTINEL}'''"),
        format!("pin = \"{SENTINEL}\""),
        format!("pasword = \"{SENTINEL}\""),
        format!("psswrd = \"{SENTINEL}\""),
        format!("password = \"{SENTINEL}"),
        format!("rate = 1.0 # x\npassword = {SENTINEL}"),
        format!("colour = {{ sasl_password = \"{SENTINEL}\" }}"),
        format!("colour = \"http://mm2:{SENTINEL}@prom:9090\""),
        "password = 5381467".to_owned(),
        "password = 53.81467".to_owned(),
    ];
    for text in in_the_file {
        let refused = TomlFile::in_memory("chain.toml", &text).parse::<Chain>().unwrap_err();
        for shown in [refused.to_string(), format!("{refused:?}")] {
            assert!(!shown.contains(SENTINEL) && !shown.contains("81467"), "{shown}");
        }
    }
}

#[test]
fn a_secret_file_is_looked_for_beside_the_toml_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pw"), SENTINEL).unwrap();
    std::fs::write(folder.path().join("chain.toml"), "password = \"file:pw\"\n").unwrap();
    let file = TomlFile::read(&folder.path().join("chain.toml")).unwrap();
    let chain: Chain = file.parse().unwrap();
    assert_eq!(chain.password.unwrap().expose(), SENTINEL);
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chain.toml");
    let refusal = || {
        let refused = TomlFile::read(&path).unwrap_err().to_string();
        refused.replace(&folder.path().display().to_string(), "DIR")
    };
    insta::assert_snapshot!(refusal(), @r"
    cannot read DIR/chain.toml: No such file or directory (os error 2); hint: check the path and who may read it
    ");
    std::fs::write(&path, b"rate = 1.0\nname = \"\xff\"\n").unwrap();
    insta::assert_snapshot!(refusal(), @r"
    DIR/chain.toml is not UTF-8: line 2; hint: save it as UTF-8
    ");
}

//! The chain files of fixtures/chains, and the guide that shows one of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mm2_slo::{Signal, Unit};

use super::*;

const SECRET: &str = "file:../../fixtures/chains/secret";

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/chains").join(folder);
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|e| e == "toml")).collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

/// With a secret behind every variable: a test cannot set those of its own process.
fn with_secrets(text: &str) -> String {
    let mut parts = text.split("\"env:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let rest = part.split_once('"').unwrap().1;
        format!("{text}\"{SECRET}\"{rest}")
    })
}

fn read(name: &str, text: &str) -> Result<ChainFile, ConfigError> {
    ChainFile::read(&TomlFile::in_memory(name, text))
}

fn fixture(path: &Path) -> (String, String) {
    (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap())
}

#[test]
fn what_is_right_is_read() {
    for path in fixtures("valid") {
        let (name, text) = fixture(&path);
        read(&name, &with_secrets(&text)).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// `MM2_GENERATE=1` writes what is expected: look at it before it is kept.
#[test]
fn what_is_wrong_is_shown_where_it_stands_with_what_to_write_there() {
    for path in fixtures("invalid") {
        let (name, text) = fixture(&path);
        let error = read(&name, &with_secrets(&text)).expect_err(&name);
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        let said = format!("{error}\n");
        let kept = path.with_extension("txt");
        if std::env::var_os("MM2_GENERATE").is_some() {
            fs::write(&kept, &said).unwrap();
        }
        assert_eq!(said, fs::read_to_string(&kept).unwrap_or_default(), "{name}");
    }
}

#[test]
fn a_full_file_gives_every_section_its_values() {
    let path = fixtures("valid").into_iter().find(|path| path.ends_with("full.toml")).unwrap();
    let chain = read("full.toml", &with_secrets(&fixture(&path).1)).unwrap();
    assert_eq!(chain.connect.urls.len(), 2);
    assert_eq!(chain.connect.bearer.unwrap().get_ref().expose(), "a-secret-of-the-tests");
    let prometheus = chain.prometheus.into_inner();
    assert_eq!(prometheus.url.as_ref().unwrap().get_ref(), "https://proxy.example/prometheus");
    let selectors = [
        ("all", "env=\"prod\""),
        ("connect", "job=\"connect\""),
        ("node", "job=~\"node.*\""),
        ("source", "job=\"kafka\",site=\"paris\""),
        ("target", "job=\"kafka\",site=\"dr\""),
    ];
    assert_eq!(prometheus.selectors(), BTreeMap::from(selectors.map(|(k, v)| (k.to_owned(), v.to_owned()))));
    let names: Vec<(&str, &str, Option<Unit>)> = prometheus
        .names
        .iter()
        .map(|(signal, name)| (signal.get_ref().as_str(), name.query.as_str(), name.unit))
        .collect();
    assert_eq!(
        names,
        [
            (Signal::MM2_LATENCY_AVG, "mm2_latency_avg{env=\"prod\"}", None),
            (Signal::MM2_LATENCY_MAX, "mm2_latency_ms_max", None),
            (Signal::BUFFER_USED, "mm2_buffer_used", Some(Unit::Ratio)),
        ]
    );
    let requirement = chain.requirement.unwrap().into_inner();
    assert_eq!(requirement.peak_per_sec.map(Spanned::into_inner), Some(5000));
    assert_eq!(requirement.peak_mb_per_sec.map(Spanned::into_inner), Some(5.0));
    assert_eq!(chain.expect.workers.map(Spanned::into_inner), Some(2));
}

#[test]
fn a_signal_that_nobody_reads_is_shown_with_the_near_one() {
    let text = "source = {}\ntarget = {}\nconnect = { mode = \"none\" }\n[prometheus]\nurl = \"http://p\"\n[prometheus.names]\nNAME = \"x\"\n";
    let check = |name: &str, expect: &[&str]| {
        let file = TomlFile::in_memory("chain.toml", text.replace("NAME", name));
        let chain = ChainFile::read(&file).unwrap();
        let checked = chain.prometheus.get_ref().check_signals(&file, &Signal::PANELS);
        let said = checked.map_or_else(|error| error.to_string(), |()| String::new());
        assert!(
            expect.iter().all(|part| said.contains(part)) && said.is_empty() == expect.is_empty(),
            "{said}"
        );
    };
    check("\"mm2.latency_max\"", &[]);
    check(
        "\"mm2.latncy_max\"",
        &["`mm2.latncy_max` is no signal", "chain.toml:7:1", "did you mean `mm2.latency_max`?"],
    );
    check("\"x\"", &["`x` is no signal", "there are: mm2.latency_avg, "]);
}

#[test]
fn a_share_under_a_name_of_its_own_says_its_unit() {
    let text = "source = {}\ntarget = {}\nconnect = { mode = \"none\" }\n[prometheus]\nurl = \"http://p\"\n[prometheus.names]\nNAME\n";
    let check = |name: &str, expect: &[&str]| {
        let file = TomlFile::in_memory("chain.toml", text.replace("NAME", name));
        let chain = ChainFile::read(&file).unwrap();
        let checked = chain.prometheus.get_ref().check_units(&file, &["worker.cpu"]);
        let said = checked.map_or_else(|error| error.to_string(), |()| String::new());
        assert!(
            expect.iter().all(|part| said.contains(part)) && said.is_empty() == expect.is_empty(),
            "{said}"
        );
    };
    check("\"worker.cpu\" = { query = \"x\", unit = \"ratio\" }", &[]);
    check("\"mm2.latency_max\" = \"x\"", &[]);
    check(
        "\"worker.cpu\" = \"x\"",
        &[
            "`worker.cpu` is a share, and its unit is not given",
            "chain.toml:7:1",
            "write { query = \"x\", unit = \"ratio\" } where 1 is the whole",
        ],
    );
}

/// Near to no key.
const UNKNOWN: &str = "qqqqqqqqqqqqqqqq = 1\n";

/// The keys of a section, as the error about an unknown one lists them.
fn keys_of(section: &str) -> Vec<String> {
    let base = BTreeMap::from([
        ("source", "[source]\n"),
        ("target", "[target]\n"),
        ("connect", "[connect]\nmode = \"none\"\n"),
        ("prometheus", "[prometheus]\n"),
    ]);
    let others: String = base.iter().filter(|(name, _)| **name != section).map(|(_, text)| *text).collect();
    let own = base.get(section).map_or_else(|| format!("[{section}]\n"), |text| (*text).to_owned());
    let text =
        if section.is_empty() { format!("{UNKNOWN}{others}") } else { format!("{own}{UNKNOWN}{others}") };
    let said = TomlFile::in_memory("x", text).parse::<ChainFile>().unwrap_err().to_string();
    let (_, list) = said.split_once("known keys: ").unwrap_or_else(|| panic!("{said}"));
    list.lines().next().unwrap().split(", ").map(|key| key.trim_matches('`').to_owned()).collect()
}

#[test]
fn the_guide_shows_the_full_example_and_names_every_key() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let guide = fs::read_to_string(folder.join("docs/guide/chain-file.md")).unwrap();
    let full = fs::read_to_string(folder.join("fixtures/chains/valid/full.toml")).unwrap();
    assert!(guide.contains(&format!("```toml\n{full}```\n")), "the guide's full example is another");
    let sections = [
        "",
        "source",
        "target",
        "connect",
        "prometheus",
        "prometheus.selectors",
        "topics",
        "requirement",
        "expect",
    ];
    for section in sections {
        let keys = keys_of(section);
        for key in &keys {
            assert!(full.contains(key.as_str()), "full.toml says nothing of `{key}` in [{section}]");
            let named = guide.contains(&format!("| `{key}` |")) || guide.contains(&format!("[{key}]`"));
            assert!(named, "the guide has no row for `{key}` of [{section}]");
        }
    }
}

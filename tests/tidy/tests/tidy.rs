//! Rules of the workspace that a compiler does not hold: which crate may know which, how thin a main is, who
//! may print, what a pure crate may not do.

#![expect(clippy::expect_used, reason = "a rule that cannot be checked must fail loudly")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// What each crate may depend on among ours. A crate that is not named here fails the test.
const ARROWS: &[(&str, &[&str])] = &[
    ("mm2-slo", &[]),
    ("mm2-measure", &[]),
    ("mm2-config", &[]),
    ("mm2-kafka", &[]),
    ("mm2-connect", &["mm2-config"]),
    ("mm2-lab", &[]),
    ("mm2-evidence", &["mm2-slo", "mm2-measure"]),
    ("mm2-load", &["mm2-measure", "mm2-kafka"]),
    ("mm2-probe", &["mm2-measure", "mm2-kafka"]),
    ("mm2-rehearsal", &["mm2-kafka"]),
    ("mm2-report", &["mm2-evidence", "mm2-slo", "mm2-measure"]),
    ("mm2-cli", &["mm2-config", "mm2-evidence", "mm2-slo"]),
    (
        "mm2-rig",
        &[
            "mm2-slo",
            "mm2-measure",
            "mm2-config",
            "mm2-evidence",
            "mm2-kafka",
            "mm2-connect",
            "mm2-load",
            "mm2-probe",
            "mm2-rehearsal",
            "mm2-lab",
        ],
    ),
];

/// A pure leaf that others import: nothing that talks, waits, reads clocks or draws.
const FOREIGN_TO_SLO: &[&str] = &["rdkafka", "tokio", "reqwest", "clap", "tracing", "rand", "hdrhistogram"];

/// Who may write to standard output besides the printer's callers.
const MAY_PRINT: &[&str] = &[
    "mm2-cli/src/printer.rs",
    // Not to a person: it tells the process that started it, over a pipe, how the start goes.
    "mm2-lab/src/supervisor.rs",
];

/// Lines of code that a main may have.
const MAIN_LINES: usize = 15;

struct Workspace {
    root: PathBuf,
    packages: Vec<Package>,
}

impl Workspace {
    fn read() -> Self {
        let metadata = MetadataCommand::new().no_deps().exec().expect("cargo metadata answers");
        let root = metadata.workspace_root.clone().into_std_path_buf();
        Self { root, packages: metadata.workspace_packages().into_iter().cloned().collect() }
    }

    fn is_bin(&self, package: &Package) -> bool {
        package.manifest_path.as_std_path().starts_with(self.root.join("bins"))
    }
}

fn sources(package: &Package) -> Vec<(PathBuf, String)> {
    let src = package.manifest_path.as_std_path().with_file_name("src");
    let mut found = Vec::new();
    read_rust(&src, &mut found);
    found
}

fn read_rust(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            read_rust(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push((path.clone(), fs::read_to_string(&path).expect("sources are readable")));
        }
    }
}

fn ours(package: &Package) -> BTreeSet<String> {
    package
        .dependencies
        .iter()
        .filter(|d| d.kind == DependencyKind::Normal && d.path.is_some())
        .map(|d| d.name.clone())
        .collect()
}

/// Lines that are neither blank nor comments, tests left out.
fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    let code = text.split("#[cfg(test)]").next().unwrap_or(text);
    code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"))
}

#[test]
fn crates_know_only_whom_they_may() {
    let workspace = Workspace::read();
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    for package in &workspace.packages {
        let name = package.name.as_str();
        let known = ours(package);
        if workspace.is_bin(package) || name == "tidy" {
            let bins: Vec<&String> = known.iter().filter(|d| !d.starts_with("mm2-")).collect();
            assert!(bins.is_empty(), "{name} depends on the binaries {bins:?}");
            continue;
        }
        let allowed = arrows.get(name).unwrap_or_else(|| panic!("{name} has no line in ARROWS"));
        let odd: Vec<&String> = known.iter().filter(|d| !allowed.contains(&d.as_str())).collect();
        assert!(odd.is_empty(), "{name} must not know {odd:?}");
    }
}

#[test]
fn the_judging_crate_stays_pure() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tree =
        Command::new(cargo).args(["tree", "-p", "mm2-slo", "-e", "normal", "--prefix", "none"]).output();
    let tree = String::from_utf8(tree.expect("cargo tree answers").stdout).expect("it is text");
    let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains("libm"), "the tree has nothing in it: {names:?}");
    for foreign in FOREIGN_TO_SLO {
        assert!(!names.contains(foreign), "mm2-slo depends on {foreign}");
    }
    let workspace = Workspace::read();
    let slo = workspace.packages.iter().find(|p| p.name.as_str() == "mm2-slo").expect("it is a member");
    for (path, text) in sources(slo) {
        for word in ["SystemTime", "Instant::", "std::fs", "std::env", "std::net", "async fn"] {
            assert!(!code_lines(&text).any(|line| line.contains(word)), "{word} in {}", path.display());
        }
    }
}

#[test]
fn mains_are_thin() {
    let workspace = Workspace::read();
    let bins: Vec<&Package> = workspace.packages.iter().filter(|p| workspace.is_bin(p)).collect();
    assert!(bins.len() >= 4, "bins/ was not found");
    for package in bins {
        let main = package.manifest_path.as_std_path().with_file_name("src").join("main.rs");
        let text = fs::read_to_string(&main).expect("a binary has a main.rs");
        let lines = code_lines(&text).count();
        assert!(lines <= MAIN_LINES, "{} has {lines} lines of code", main.display());
    }
}

#[test]
fn only_the_printer_prints() {
    let workspace = Workspace::read();
    for package in &workspace.packages {
        for (path, text) in sources(package) {
            if MAY_PRINT.iter().any(|may| path.ends_with(may)) {
                continue;
            }
            for word in
                ["println!(", "print!(", "eprintln!(", "eprint!(", "writeln!(io::std", "write!(io::std"]
            {
                assert!(!code_lines(&text).any(|line| line.contains(word)), "{word} in {}", path.display());
            }
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    let workspace = Workspace::read();
    for package in &workspace.packages {
        for (path, text) in sources(package) {
            let is_tests = path.ends_with("tests.rs");
            assert!(is_tests || text.starts_with("//!"), "{} has no first words", path.display());
        }
    }
}

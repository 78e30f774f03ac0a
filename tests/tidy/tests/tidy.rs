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
    ("mm2-rehearsal", &["mm2-measure", "mm2-kafka"]),
    ("mm2-metrics", &["mm2-slo", "mm2-evidence"]),
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
            "mm2-metrics",
            "mm2-rehearsal",
            "mm2-lab",
            "mm2-metrics",
        ],
    ),
];

/// A pure leaf that others import: with its default features it brings these and nothing else. What is not needed
/// today may stand here where it is as harmless.
const MAY_COME_WITH_SLO: &[&str] = &[
    "mm2-slo",
    "serde",
    "serde_core",
    "serde_derive",
    "thiserror",
    "thiserror-impl",
    // TOML and its parts.
    "toml",
    "toml_datetime",
    "toml_parser",
    "toml_writer",
    "serde_spanned",
    "winnow",
    // Figures.
    "approx",
    "autocfg",
    "libm",
    "num-traits",
    "statrs",
    // Helpers of derives, at compile time only.
    "proc-macro2",
    "quote",
    "syn",
    "unicode-ident",
];

/// The compiler that mm2-slo needs is at least so many releases older than the workspace's.
const RELEASES_BEHIND: u64 = 2;

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

    fn package(&self, name: &str) -> &Package {
        self.packages
            .iter()
            .find(|p| p.name.as_str() == name)
            .unwrap_or_else(|| panic!("{name} is no member"))
    }

    fn is_bin(&self, package: &Package) -> bool {
        package.manifest_path.as_std_path().starts_with(self.root.join("bins"))
    }
}

/// Names and versions of what mm2-slo brings with its default features, itself among them.
fn slo_tree() -> BTreeSet<(String, String)> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let args =
        ["tree", "-p", "mm2-slo", "-e", "normal", "--target", "all", "--prefix", "none", "--format", "{p}"];
    let tree = Command::new(cargo).args(args).output().expect("cargo tree answers");
    let tree = String::from_utf8(tree.stdout).expect("it is text");
    let package = |line: &str| {
        let mut words = line.split(' ');
        let (name, version) = (words.next()?.to_owned(), words.next()?.trim_start_matches('v').to_owned());
        Some((name, version))
    };
    tree.lines().filter_map(package).collect()
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
    let tree = slo_tree();
    let names: BTreeSet<&str> = tree.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.contains("serde") && names.contains("toml"), "the tree has nothing in it: {names:?}");
    for name in names {
        assert!(
            MAY_COME_WITH_SLO.contains(&name),
            "mm2-slo brings {name}, which is not in MAY_COME_WITH_SLO"
        );
    }
    let workspace = Workspace::read();
    let slo = workspace.package("mm2-slo");
    for (path, text) in sources(slo) {
        for word in ["SystemTime", "Instant::", "std::fs", "std::env", "std::net", "async fn"] {
            assert!(!code_lines(&text).any(|line| line.contains(word)), "{word} in {}", path.display());
        }
    }
}

#[test]
fn the_judging_crate_asks_for_no_newer_compiler_than_it_says() {
    let slo =
        Workspace::read().package("mm2-slo").rust_version.clone().expect("mm2-slo says its rust-version");
    let metadata = MetadataCommand::new().exec().expect("cargo metadata answers");
    for (name, version) in slo_tree() {
        let mut known = metadata.packages.iter();
        let package = known.find(|p| p.name.as_str() == name && p.version.to_string() == version);
        let package = package.unwrap_or_else(|| panic!("cargo metadata knows no {name} {version}"));
        let needed = package.rust_version.clone().unwrap_or(slo.clone());
        assert!(needed <= slo, "{name} {version} needs Rust {needed}, mm2-slo promises {slo}");
    }
}

#[test]
fn the_judging_crate_asks_for_an_older_compiler_than_the_workspace() {
    let workspace = Workspace::read();
    let minor = |name: &str| {
        let version =
            workspace.package(name).rust_version.clone().expect("each of ours says its rust-version");
        assert_eq!(version.major, 1, "{name}");
        version.minor
    };
    let (slo, others) = (minor("mm2-slo"), minor("mm2-evidence"));
    assert!(slo + RELEASES_BEHIND <= others, "mm2-slo needs Rust 1.{slo}, the workspace 1.{others}");
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
            // A crate's first words may be its README.
            let has_words = text.starts_with("//!") || text.starts_with("#![doc = include_str!(");
            assert!(is_tests || has_words, "{} has no first words", path.display());
        }
    }
}

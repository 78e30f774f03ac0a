//! The command lines of fixtures/bomber, typed at the real binary: each is understood as its tool understands it.

use std::path::Path;
use std::process::Command;

use super::{bomber, empty_folder, ended};

/// A command, and what its settings have to be.
struct Case {
    command: String,
    expect: Vec<(String, String)>,
}

fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/bomber/command-lines.txt");
    let text = std::fs::read_to_string(path).unwrap().replace("\\\n", " ");
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        match line.strip_prefix("=> ") {
            Some(expect) => {
                let (key, value) = expect.split_once(' ').unwrap();
                cases.last_mut().unwrap().expect.push((key.to_owned(), value.to_owned()));
            }
            None => cases.push(Case { command: line.to_owned(), expect: Vec::new() }),
        }
    }
    cases
}

/// As the shell splits it, without the name of the program.
fn words(command: &str) -> Vec<String> {
    let script = format!("printf '%s\\n' {command}");
    let variables =
        [("KAFKA_SOURCE", "b1:9093,b2:9093"), ("KAFKA_USER", "mm2"), ("KAFKA_PASS", "s3ntinel-hunter2")];
    let output = Command::new("sh").args(["-c", &script]).envs(variables).output().unwrap();
    let words = String::from_utf8(output.stdout).unwrap();
    let words: Vec<String> = words.lines().map(str::to_owned).collect();
    let names = words.iter().take_while(|word| !word.starts_with("--")).count();
    words[names..].to_vec()
}

#[test]
fn the_command_lines_of_both_tools_mean_what_they_mean_there() {
    let cases = cases();
    assert_eq!(cases.len(), 7, "of the fixture");
    for Case { command, expect } in cases {
        assert!(!expect.is_empty(), "{command}");
        let words = words(&command);
        let words: Vec<&str> = words.iter().map(String::as_str).chain(["--show-config"]).collect();
        let (code, out, err) = ended(&bomber(empty_folder().path(), &words).output().unwrap());
        assert_eq!(code, Some(0), "{command}\n{err}");
        let shown: Vec<(&str, &str)> = out
            .lines()
            .filter_map(|line| {
                let mut columns = line.split_whitespace();
                Some((columns.next()?, columns.next()?))
            })
            .collect();
        for (key, value) in &expect {
            assert!(
                shown.contains(&(key.as_str(), value.as_str())),
                "{command}\n{key} {value} is not in\n{out}"
            );
        }
    }
}

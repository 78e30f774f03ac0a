//! The programs that a lab runs: are they here, and are they fit?

use std::{
    io,
    process::{Command, Output, Stdio},
};

use crate::LabError;

/// Kafka 3.9 runs on 11 too; 17 is what the lab's settings were tried on, and what 4.x needs.
const JAVA_AT_LEAST: u32 = 17;

/// The package and the program have the same name.
const METRICS_TOOLS: [&str; 2] = ["prometheus", "prometheus-node-exporter"];

/// Java and `setpriv`, which every start needs.
pub(crate) fn check() -> Result<(), LabError> {
    check_setpriv()?;
    let version = run("java", &["-version"], "openjdk-17-jre-headless")?;
    let text = String::from_utf8_lossy(&version.stderr);
    match java_version(&text) {
        Some((major, _)) if major >= JAVA_AT_LEAST => Ok(()),
        Some((_, found)) => Err(LabError::OldJava { found: found.to_owned() }),
        None => Err(LabError::OldJava { found: format!("of unknown version ({})", text.trim()) }),
    }
}

/// What measures the lab.
pub(crate) fn check_metrics() -> Result<(), LabError> {
    for tool in METRICS_TOOLS {
        run(tool, &["--version"], tool).map_err(|error| match error {
            LabError::MissingTool { tool, package } => LabError::MissingMetricsTool { tool, package },
            other => other,
        })?;
    }
    Ok(())
}

/// Maven, which only the first start needs.
pub(crate) fn check_maven() -> Result<(), LabError> {
    run("mvn", &["--version"], "maven").map(drop)
}

/// There are others of that name (busybox) without the option.
fn check_setpriv() -> Result<(), LabError> {
    let output = run("setpriv", &["--pdeathsig", "KILL", "true"], "util-linux")?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(LabError::UnfitSetpriv { why: said.lines().next().unwrap_or("no message").to_owned() })
}

fn run(tool: &'static str, arguments: &[&str], package: &'static str) -> Result<Output, LabError> {
    Command::new(tool).args(arguments).stdin(Stdio::null()).output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => LabError::MissingTool { tool, package },
        _ => LabError::io(format!("run `{tool}`"))(error),
    })
}

/// Major version and full spelling from `… version "17.0.15" …`; up to 8 the major is the second number.
fn java_version(text: &str) -> Option<(u32, &str)> {
    let full = text.split_once("version \"")?.1.split_once('"')?.0;
    let mut numbers = full.split(|c: char| !c.is_ascii_digit()).map(str::parse::<u32>);
    let major = match numbers.next()?.ok()? {
        1 => numbers.next()?.ok()?,
        major => major,
    };
    Some((major, full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_old_and_new_spellings() {
        let check = |text, expect| assert_eq!(java_version(text).map(|(major, _)| major), expect, "{text}");
        check("openjdk version \"17.0.15\" 2025-04-15", Some(17));
        check("Picked up JAVA_TOOL_OPTIONS: -Xint\nopenjdk version \"21\" 2023-09-19", Some(21));
        check("openjdk version \"26-ea\" 2026-03-17", Some(26));
        check("java version \"1.8.0_392\"", Some(8));
        check("command not understood", None);
    }

    #[test]
    fn a_missing_tool_is_named_with_its_package() {
        let error = run("no-such-tool-of-the-lab", &[], "util-linux").unwrap_err().to_string();
        assert!(
            error.contains("no-such-tool-of-the-lab") && error.contains("apt install util-linux"),
            "{error}"
        );
    }
}

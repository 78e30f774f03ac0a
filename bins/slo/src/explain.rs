//! `slo explain`: what decided, from a run's `run.json` or from what `slo check --json` printed.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use mm2_slo::{Finding, Verdict};
use serde::Deserialize;
use serde_json::Value;

use crate::check;
use crate::table;

/// What scripts lean on in `run.json`; more is beside it.
#[derive(Deserialize)]
struct Run {
    #[serde(rename = "run_id")]
    id: String,
    complete: bool,
    verdict: RunVerdict,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct RunVerdict {
    level: mm2_slo::Level,
    reason: String,
}

#[derive(Deserialize)]
struct Step {
    name: String,
    #[serde(default)]
    attempt: Option<u32>,
    findings: Vec<Finding>,
}

/// One line for what decided, then one for each finding, worst first.
pub(crate) fn explain(path: &Path) -> anyhow::Result<String> {
    let path = if path.is_dir() { path.join("run.json") } else { path.to_owned() };
    let file = path.display();
    let text = fs::read_to_string(&path).map_err(|cause| {
        anyhow!("cannot read {file}: {cause}; hint: name a run folder, its run.json, or what `slo check --json` printed")
    })?;
    let json: Value = serde_json::from_str(&text).with_context(|| format!("{file} is not JSON"))?;
    if json.get("kind").and_then(Value::as_str) == Some(check::KIND) {
        of_check(json).with_context(|| format!("cannot read {file}"))
    } else if json.get("run_id").is_some() {
        of_run(json).with_context(|| format!("cannot read {file}"))
    } else {
        bail!(
            "{file} is neither a run's run.json nor what `slo check --json` printed; hint: a run folder has a run.json"
        )
    }
}

fn of_check(mut json: Value) -> anyhow::Result<String> {
    if json["schema"] != check::SCHEMA {
        bail!("it is of schema {}; hint: this program reads schema {}", json["schema"], check::SCHEMA);
    }
    let verdict: Verdict = serde_json::from_value(json["verdict"].take())?;
    let findings = verdict.findings.iter().map(|finding| (String::new(), finding));
    Ok(format!("{}\n\n{}", verdict.sentence(), table::sentences(findings)))
}

fn of_run(json: Value) -> anyhow::Result<String> {
    let run: Run = serde_json::from_value(json)?;
    let unfinished = if run.complete { "" } else { " (the run did not come to its end)" };
    let head = format!("{} ({}): {}{unfinished}", run.verdict.level, run.id, run.verdict.reason);
    let mut findings = Vec::new();
    for step in &run.steps {
        let again = match step.attempt {
            Some(attempt @ 2..) => format!(" attempt {attempt}"),
            _ => String::new(),
        };
        findings.extend(step.findings.iter().map(|finding| (format!("{}{again}: ", step.name), finding)));
    }
    if findings.is_empty() {
        return Ok(format!("{head}\n\nno step was held, so nothing was judged\n"));
    }
    Ok(format!("{head}\n\n{}", table::sentences(findings)))
}

//! Criteria by the name that was typed: a built-in set, or a file, whose errors show the line. Not for judging.

use std::ops::Range;
use std::path::Path;

use anyhow::{Context as _, bail};
use mm2_config::{ConfigError, TomlFile, split_hint};
use mm2_slo::{Criteria, Phase};

/// Reads `phase-0` … `phase-8`, or a file.
pub(crate) fn load(typed: &str) -> anyhow::Result<Criteria> {
    if let Some(phase) = phase(typed)? {
        return Ok(Criteria::of_phase(phase));
    }
    let path = Path::new(typed);
    let text = std::fs::read_to_string(path)
        .map_err(|cause| ConfigError::Unreadable { path: path.to_owned(), cause })?;
    Criteria::from_toml(&text).map_err(|error| pictured(path, &text, &error).into())
}

/// A built-in set as a file to start from.
pub(crate) fn starter(typed: &str) -> anyhow::Result<String> {
    let Some(phase) = phase(typed)? else {
        bail!("there is no built-in set named `{typed}`; hint: known are phase-0 to phase-8");
    };
    let wire = Criteria::of_phase(phase).to_wire();
    let text = toml::to_string(&wire).context("a built-in set cannot be written")?;
    Ok(format!(
        "# {phase} of the runbook. To change only a few of these, write a file with\n\
         #   extends = [\"{typed}\"]\n\
         # and a [[criterion]] of the same `name` with the keys that differ.\n\n{text}"
    ))
}

/// The phase of a built-in set's name; `None` for what is no such name.
fn phase(typed: &str) -> anyhow::Result<Option<Phase>> {
    let Some(number) = typed.strip_prefix("phase-").and_then(|rest| rest.parse().ok()) else {
        return Ok(None);
    };
    match Phase::new(number) {
        Some(phase) => Ok(Some(phase)),
        None => bail!("there is no built-in set named `{typed}`; hint: known are phase-0 to phase-8"),
    }
}

/// The error with the place in the file that it is about.
fn pictured(path: &Path, text: &str, error: &mm2_slo::Error) -> ConfigError {
    let file = TomlFile::in_memory(path, text);
    let said = error.to_string();
    // The picture says the line itself.
    let said = match said.strip_prefix("line ").and_then(|rest| rest.split_once(": ")) {
        Some((line, rest)) if line.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => said.as_str(),
    };
    let said = said.trim_end().replace('\n', "; ");
    let said = said.replacen("; ", "; hint: ", usize::from(!said.contains("; hint: ")));
    let (message, hint) = split_hint(&said);
    let place = error.span().or_else(|| place(text, error)).unwrap_or(0..0);
    file.error(place, message, hint)
}

/// Where an error stands that is about no criterion.
fn place(text: &str, error: &mm2_slo::Error) -> Option<Range<usize>> {
    let key = if error.is_version() { "version" } else if error.is_unknown() { "extends" } else { return None };
    let line_start = text
        .match_indices(key)
        .map(|(at, _)| at)
        .find(|at| text[..*at].rsplit('\n').next().is_some_and(|before| before.trim().is_empty()))?;
    let line = text[line_start..].lines().next().unwrap_or_default();
    Some(line_start..line_start + line.len())
}

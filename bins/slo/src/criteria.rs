//! Criteria by the name that was typed: a built-in set, or a file, whose errors show the line. Not for judging.

use std::ops::Range;
use std::path::Path;

use anyhow::{Context as _, bail};
use mm2_config::{ConfigError, TomlFile, split_hint};
use mm2_slo::wire::v1::CriteriaFile;
use mm2_slo::{Criteria, Phase};

/// Reads `phase-0` … `phase-8`, or a file.
pub(crate) fn load(typed: &str) -> anyhow::Result<Criteria> {
    if let Some(phase) = phase(typed)? {
        return Ok(Criteria::of_phase(phase));
    }
    let path = Path::new(typed);
    let text = std::fs::read_to_string(path)
        .map_err(|cause| ConfigError::Unreadable { path: path.to_owned(), cause })?;
    let file = TomlFile::in_memory(path, text.as_str());
    // For its errors, which know the near name. What it makes of the text is the library's business.
    file.parse::<CriteriaFile>().map(drop)?;
    Criteria::from_toml(&text).map_err(|error| pictured(&file, &text, &error).into())
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
fn pictured(file: &TomlFile, text: &str, error: &mm2_slo::Error) -> ConfigError {
    let said = error.to_string().replacen("; ", "; hint: ", 1);
    let (message, hint) = split_hint(&said);
    let place = match error.span() {
        Some(span) if error.is_criterion() => within(text, span, message),
        Some(span) => span,
        None => place(text, error).unwrap_or(0..0),
    };
    file.error(place, message, hint)
}

/// Where in a criterion the error is: the library says which one, and quotes what is wrong with it.
fn within(text: &str, span: Range<usize>, message: &str) -> Range<usize> {
    let table = text.get(span.start..).unwrap_or_default();
    let table = &table[..table.find("\n[[").unwrap_or(table.len())];
    let said = message.split_once("`: ").map_or(message, |(_, said)| said);
    let part_of_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let stands_alone = |at: usize, word: &str| {
        !table[..at].ends_with(part_of_word) && !table[at + word.len()..].starts_with(part_of_word)
    };
    let quoted = said.split('`').skip(1).step_by(2).filter(|word| !word.is_empty());
    let stands = |word: &str| table.match_indices(word).map(|(at, _)| at).find(|at| stands_alone(*at, word));
    let mut places =
        quoted.filter_map(|word| stands(word).map(|at| span.start + at..span.start + at + word.len()));
    places.next().unwrap_or(span)
}

/// Where an error stands that is about no criterion.
fn place(text: &str, error: &mm2_slo::Error) -> Option<Range<usize>> {
    let key = if error.is_version() {
        "version"
    } else if error.is_unknown() {
        "extends"
    } else {
        return None;
    };
    let line_start = text
        .match_indices(key)
        .map(|(at, _)| at)
        .find(|at| text[..*at].rsplit('\n').next().is_some_and(|before| before.trim().is_empty()))?;
    let line = text[line_start..].lines().next().unwrap_or_default();
    Some(line_start..line_start + line.len())
}

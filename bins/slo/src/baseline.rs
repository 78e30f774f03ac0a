//! What a good run came to, kept for comparing a later one with it.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use mm2_slo::{Criteria, Finding, Level, Observations, Outcome, Quantity, Setting, Unit, Verdict};
use serde::{Deserialize, Serialize};

use crate::notes::{Notes, listed};
use crate::observe::names;

const SCHEMA: u64 = 1;
const KIND: &str = "slo-baseline";

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Baseline {
    schema: u64,
    kind: String,
    /// By criterion.
    values: BTreeMap<String, Value>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Value {
    value: f64,
    unit: Unit,
}

/// Puts the values of a file that [`save`] wrote into `setting`.
pub(crate) fn load(path: &Path, mut setting: Setting) -> anyhow::Result<Setting> {
    let file = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|cause| anyhow!("cannot read {file}: {cause}; hint: --save-baseline writes such a file"))?;
    let baseline: Baseline = serde_json::from_str(&text)
        .with_context(|| format!("{file} is no baseline; hint: --save-baseline writes one"))?;
    if (baseline.schema, baseline.kind.as_str()) != (SCHEMA, KIND) {
        bail!(
            "{file} is a {} of schema {}; hint: this program reads {KIND} of schema {SCHEMA}",
            baseline.kind,
            baseline.schema
        );
    }
    for (criterion, Value { value, unit }) in baseline.values {
        let quantity = Quantity::new(value, unit)
            .with_context(|| format!("{file}: `{criterion}` is not a finite number"))?;
        setting = setting.baseline(&criterion, quantity);
    }
    Ok(setting)
}

/// A file that is there is kept: it may be what the next run is to be compared with.
pub(crate) fn refuse_existing(path: &Path) -> anyhow::Result<()> {
    if path.exists() {
        bail!(
            "{} exists, and a baseline is not overwritten; hint: remove it, or write to another name",
            path.display()
        );
    }
    Ok(())
}

/// Writes what criteria came to. Only what was shown good is a measure for others.
pub(crate) fn save(
    path: &Path,
    criteria: &Criteria,
    observations: &Observations,
    setting: &Setting,
    verdict: &Verdict,
    notes: &mut Notes,
) -> anyhow::Result<()> {
    let file = path.display();
    if verdict.level == Level::Stop {
        notes.warn(format!("{file} is not written: a run that is STOP is no measure for others"));
        return Ok(());
    }
    let mut values = BTreeMap::new();
    let mut left_out = Vec::new();
    for (criterion, finding) in criteria.iter().zip(&verdict.findings) {
        let own = names(criterion, "baseline")
            .then(|| against_itself(criteria, observations, setting, finding))
            .flatten();
        match own.or_else(|| shown_good(finding)) {
            Some(value) => {
                values.insert(finding.criterion.as_str().to_owned(), value);
            }
            None => left_out.push(finding.criterion.as_str()),
        }
    }
    if values.is_empty() {
        notes.warn(format!("{file} is not written: no criterion has a value that was shown good"));
        return Ok(());
    }
    if !left_out.is_empty() {
        notes.warn(format!("{file} is without {}: not shown good here", listed(left_out)));
    }
    write(path, &Baseline { schema: SCHEMA, kind: KIND.to_owned(), values })?;
    notes.line(format!("baseline written to {file}"));
    Ok(())
}

fn shown_good(finding: &Finding) -> Option<Value> {
    // An advisory WARN may be a STOP, and a STOP does not look at what is missing.
    let good = match finding.outcome {
        Outcome::Go => true,
        Outcome::Warn => !finding.advisory,
        _ => false,
    };
    let value = finding.value.filter(|_| good)?;
    Some(Value { value, unit: finding.unit })
}

/// The value of a criterion that waits for its baseline: what is GO when it is compared with itself. Without a
/// baseline the library does not say a value; with any baseline it does, and that one is then tried.
fn against_itself(
    criteria: &Criteria,
    observations: &Observations,
    setting: &Setting,
    finding: &Finding,
) -> Option<Value> {
    let name = &finding.criterion;
    let with = |value: f64| {
        let setting = setting.clone().baseline(name.as_str(), Quantity::new(value, finding.unit)?);
        let verdict = criteria.judge(&observations.clone().in_setting(setting));
        verdict.findings.into_iter().find(|finding| finding.criterion == *name)
    };
    let value = with(1.0)?.value?;
    let itself = with(value)?;
    (itself.outcome == Outcome::Go).then_some(Value { value, unit: itself.unit })
}

fn write(path: &Path, baseline: &Baseline) -> anyhow::Result<()> {
    let mut text = serde_json::to_string_pretty(baseline)?;
    text.push('\n');
    let failed = |cause| anyhow!("cannot write {}: {cause}; hint: check the folder", path.display());
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

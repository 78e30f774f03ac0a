//! `slo check`: data and criteria in, a verdict out.

use mm2_slo::{Criteria, Verdict};
use serde::Serialize;

use crate::args::CheckArgs;
use crate::columns::Columns;
use crate::data::{self, Recording, Wanted};
use crate::notes::{Notes, listed};
use crate::observe;
use crate::window::{Intervals, Window};
use crate::{baseline, criteria};

/// The version of what `--json` prints.
pub(crate) const SCHEMA: u64 = 1;
/// Tells it from other documents.
pub(crate) const KIND: &str = "slo-check";

/// What a check came to.
pub(crate) struct Checked {
    pub(crate) verdict: Verdict,
    window: Window,
}

/// Judges. What the person should know besides goes to `notes`, also where it fails.
pub(crate) fn check(args: &CheckArgs, notes: &mut Notes) -> anyhow::Result<Checked> {
    if let Some(path) = &args.save_baseline {
        baseline::refuse_existing(path)?;
    }
    let criteria = criteria::load(&args.criteria)?;
    let wanted = Wanted::by(&criteria);
    let expected = observe::expected(&args.expect, &wanted)?;
    let setting = observe::setting(args, &criteria, notes)?;
    let columns = Columns::new(&args.map, args.columns.as_deref())?;

    let recordings = data::read(&args.data, &columns, &wanted, notes)?;
    say_what_does_not_meet(&recordings, &criteria, &wanted, notes);
    let window = Window::new(&recordings, args, notes)?;
    let intervals = Intervals::new(&args.every, &recordings, &wanted, notes)?;
    let observations = observe::observations(recordings, &criteria, &window, &intervals, &expected, notes)
        .in_setting(setting.clone());

    let verdict = criteria.judge(&observations);
    if let Some(path) = &args.save_baseline {
        baseline::save(path, &criteria, &observations, &setting, &verdict, notes)?;
    }
    Ok(Checked { verdict, window })
}

/// Columns without a criterion, criteria without a column: often one and the same slip.
fn say_what_does_not_meet(recordings: &[Recording], criteria: &Criteria, wanted: &Wanted, notes: &mut Notes) {
    for recording in recordings.iter().filter(|recording| !recording.unused.is_empty()) {
        notes.line(format!("{}: no criterion uses {}", recording.file, listed(&recording.unused)));
    }
    let is_there = |signal: &&str| recordings.iter().any(|recording| recording.signals.contains_key(*signal));
    let judged = |signal: &&str| {
        criteria.iter().any(|criterion| criterion.signal().as_str() == *signal && criterion.off().is_none())
    };
    let missing: Vec<&str> = wanted.iter().filter(judged).filter(|signal| !is_there(signal)).collect();
    if !missing.is_empty() {
        notes.warn(format!(
            "no data for {}; hint: --map 'COLUMN=SIGNAL' names a column after a signal",
            listed(missing)
        ));
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u64,
    kind: &'static str,
    tool_version: &'static str,
    exit_code: u8,
    sentence: String,
    verdict: &'a Verdict,
    criteria: &'a str,
    data: &'a [String],
    window: WindowDocument,
    warnings: Vec<&'a str>,
}

#[derive(Serialize)]
struct WindowDocument {
    /// When it began; `null` where times are counted from its beginning.
    from: Option<String>,
    seconds: f64,
    /// Whether it ends with the last sample, so that a missing end cannot be seen.
    from_data: bool,
}

impl Checked {
    /// What `--json` prints.
    pub(crate) fn to_json(&self, args: &CheckArgs, exit_code: u8, notes: &Notes) -> anyhow::Result<String> {
        let from = self.window.show_from();
        let document = Document {
            schema: SCHEMA,
            kind: KIND,
            tool_version: env!("CARGO_PKG_VERSION"),
            exit_code,
            sentence: self.verdict.sentence(),
            verdict: &self.verdict,
            criteria: &args.criteria,
            data: &args.data,
            window: WindowDocument {
                from: Some(from).filter(|_| self.window.clock != crate::time::Clock::Window),
                seconds: self.window.seconds(),
                from_data: self.window.from_data,
            },
            warnings: notes.warnings(),
        };
        Ok(serde_json::to_string_pretty(&document)?)
    }
}

//! `slo lint`: what each criterion comes to on made-up data, sound and spoilt. The library tries them; here it is
//! shown.

use mm2_slo::{Criteria, Linted, Outcome, Trial};

use crate::table;

/// What was found.
pub(crate) struct Report {
    /// The table, and below it a line for each problem.
    pub(crate) text: String,
    pub(crate) problems: usize,
}

const LEGEND: &str = "\
What each criterion comes to, on data made up for it:
  none, NaN     nothing is there, or nothing but NaN
  stale, short  good values, but the end of the window is missing, or the window is too short
  gone          good values, but one series (or partition) is missing
  absent        the chain declares that it has no such signal
  under, over   just on the good side of where GO ends, and just on the bad side
  far           far beyond all limits
INC is INCONCLUSIVE, SKIP is skipped; - is no trial for this kind of criterion.
GO or WARN in one of the first five is a defect.";

pub(crate) fn lint(criteria: &Criteria) -> Report {
    let linted = mm2_slo::lint(criteria);
    let head =
        ["criterion", "form", "none", "NaN", "stale", "short", "gone", "absent", "under", "over", "far"];
    let table = table::text(&head, linted.iter().map(row));
    let problems: Vec<String> = linted.iter().flat_map(Linted::problems).collect();
    let found = match &problems[..] {
        [] => "no problem found\n".to_owned(),
        problems => format!("problem: {}\n", problems.join("\nproblem: ")),
    };
    Report { text: format!("{table}\n{LEGEND}\n\n{found}"), problems: problems.len() }
}

fn row(linted: &Linted) -> Vec<String> {
    let trials = Trial::ALL.map(|trial| short(linted.outcome(trial)).to_owned());
    let cells = [linted.criterion.to_string(), linted.form.to_string()].into_iter().chain(trials);
    cells.collect()
}

/// Nine of them stand beside each other.
fn short(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        None => "-",
        Some(Outcome::Inconclusive) => "INC",
        Some(Outcome::Skipped) => "SKIP",
        Some(outcome) => table::level(outcome),
    }
}

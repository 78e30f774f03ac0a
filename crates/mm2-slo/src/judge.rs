//! Evidence of a step in, verdict out: the table of Phase 4, in its order.
//!
//! Two rules run through it. Each GO is shown: a figure that is absent, not finite or does not add up
//! withholds GO. What is shown to be bad stays STOP however much else is missing; only our own
//! generator's slip takes a STOP back, because then the chain was not asked what the step says.

mod audit;
mod pace;

use serde::{Deserialize, Serialize};

use crate::evidence::StepEvidence;
use crate::finding::{Criterion, Finding, Missing, Outcome, Reason};
use crate::level::Level;
use crate::step::Step;
use crate::sustained::{self, Asked};
use crate::thresholds::Thresholds;
use crate::{number, proof};

/// What a step came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepVerdict {
    /// The worst level of the findings.
    pub level: Level,
    /// The first finding of that level in table order; `None` for GO.
    pub reason: Option<Criterion>,
    /// One for each criterion, in table order.
    pub findings: Vec<Finding>,
}

impl StepVerdict {
    /// Worst wins; with nothing that counts, nothing is shown.
    pub fn of(findings: Vec<Finding>) -> Self {
        let level = findings.iter().filter_map(|f| f.outcome.level()).max().unwrap_or(Level::Inconclusive);
        let reason = findings
            .iter()
            .find(|f| level != Level::Go && f.outcome.level() == Some(level))
            .map(|f| f.criterion);
        Self { level, reason, findings }
    }

    /// What stands as `verdict.reason` in `run.json`: a criterion's name, or a phrase where none decided.
    pub fn reason_name(&self) -> &'static str {
        match self.reason {
            Some(criterion) => criterion.name(),
            None if self.level == Level::Go => "all criteria met",
            None => "nothing judged",
        }
    }
}

/// Judges one held step; the crate's first page has an example.
pub fn judge(step: &Step, thresholds: &Thresholds, evidence: &StepEvidence) -> StepVerdict {
    let [delivered, slip] = pace::judge(thresholds, evidence);
    let [lost, corrupt, reordered, unseen] = audit::judge(evidence);
    let duplicates = audit::duplicates(step, thresholds, evidence);
    let mut findings = vec![
        p99(step, evidence),
        sustained(step, thresholds, evidence),
        lost,
        corrupt,
        reordered,
        unseen,
        duplicates,
        delivered,
        slip,
        backlog(step, thresholds, evidence),
    ];
    if findings.iter().any(|f| f.reason == Reason::GeneratorSlip) {
        findings.iter_mut().for_each(mask);
    }
    StepVerdict::of(findings)
}

/// While our own generator slipped, these say something about it and not about the chain.
fn mask(finding: &mut Finding) {
    use Criterion::{Backlog, P99Latency, Sustained, Unseen};
    let masked = matches!(finding.criterion, P99Latency | Sustained | Backlog | Unseen);
    if masked && finding.outcome == Outcome::Stop {
        finding.outcome = Outcome::Inconclusive;
        finding.reason = Reason::MaskedByGeneratorSlip;
    }
}

fn p99(step: &Step, evidence: &StepEvidence) -> Finding {
    let limit = Some(step.p99_limit_ms as f64);
    let latency = match &evidence.latency {
        Ok(latency) => latency,
        Err(why) => return Finding::not_measured(Criterion::P99Latency, limit, why.clone()),
    };
    let (outcome, reason) = proof::prove(&latency.blocks, evidence.hold_s);
    let (outcome, reason) = go_only_if(outcome, reason, evidence.latency_accounts_for_all());
    Finding::new(Criterion::P99Latency, outcome, Some(latency.intended.p99), limit, reason)
}

fn sustained(step: &Step, thresholds: &Thresholds, evidence: &StepEvidence) -> Finding {
    let limit_percent = thresholds.sustained_growth_percent;
    let backlog = match &evidence.backlog {
        Ok(backlog) => backlog,
        Err(why) => return Finding::not_measured(Criterion::Sustained, Some(limit_percent), why.clone()),
    };
    let asked = Asked {
        rate_per_sec: step.rate_per_sec,
        hold_s: evidence.hold_s,
        p99_limit_s: step.p99_limit_ms as f64 / 1_000.0,
    };
    let test = sustained::test(&backlog.samples, asked, limit_percent);
    Finding::new(Criterion::Sustained, test.outcome, test.growth_percent, Some(limit_percent), test.reason)
}

fn backlog(step: &Step, thresholds: &Thresholds, evidence: &StepEvidence) -> Finding {
    // The panel was made for steps up to P5; a faster chain has as much more in flight by nature.
    let scale = (step.rate_per_sec as f64 / thresholds.backlog_rate_per_sec as f64).max(1.0);
    let warn_above = thresholds.backlog_warn as f64 * scale;
    let stop_above = thresholds.backlog_stop as f64 * scale;
    let max = match &evidence.backlog {
        Ok(backlog) => backlog.max as f64,
        Err(why) => return Finding::not_measured(Criterion::Backlog, Some(warn_above), why.clone()),
    };
    let (outcome, limit, reason) = if max <= warn_above {
        (Outcome::Go, warn_above, Reason::WithinLimit)
    } else if max <= stop_above {
        (Outcome::Warn, warn_above, Reason::BeyondLimit)
    } else {
        (Outcome::Stop, stop_above, Reason::BeyondLimit)
    };
    Finding::new(Criterion::Backlog, outcome, Some(max), Some(limit), reason)
}

/// Missing records withhold GO; they never excuse what is shown to be bad.
fn go_only_if(outcome: Outcome, reason: Reason, accounted: bool) -> (Outcome, Reason) {
    if outcome == Outcome::Go && !accounted {
        (Outcome::Inconclusive, Reason::NotMeasured { why: Missing::Unaccounted })
    } else {
        (outcome, reason)
    }
}

/// The records due in `ms` at this rate, rounded up.
fn records_in(rate_per_sec: u64, ms: u64) -> u64 {
    number::ceil(rate_per_sec as f64 * ms as f64 / 1_000.0).unwrap_or(u64::MAX)
}

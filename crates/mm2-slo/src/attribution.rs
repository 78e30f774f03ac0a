//! Why a step stopped: which hop of the chain saturates, from the evidence, and what to try next.
//!
//! Not a verdict, and it changes none: it reads what was measured of a step that is not GO. Where the evidence does
//! not single a hop out, it says so.
//!
//! Records queue *before* what is slow. So figures are of two kinds. A **limit** that was hit (a quota that throttles,
//! processors that are full) is a cause, and names its hop. A **queue** or a wait is an effect: it names the hop
//! where it stands only when every cause further down was looked at and is calm. A cause that nobody measured may be
//! the one, so it leaves the step "not determined".

mod advice;
mod figure;
mod question;
mod rules;
mod words;

use serde::{Deserialize, Serialize};

use self::figure::Case;
use self::question::{Answer, Answers, Kind, Question};
use crate::evidence::StepEvidence;
use crate::finding::{Finding, Outcome, Reason};
use crate::level::Level;
use crate::name::{CriterionName, Signal};
use crate::observations::Observations;
use crate::step::Step;
use crate::unit::Unit;
use crate::verdict::Verdict;

/// What the evidence of a step points at. `Display` is the phrase for the terminal, without a full stop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    /// The hop that saturates; `None` is "not determined".
    pub hop: Option<Hop>,
    /// The figures that were looked at: those that point at `hop` first, then those that point elsewhere, then the
    /// calm ones.
    pub signs: Vec<Sign>,
    /// What to try next, best first; nothing where no hop is named.
    pub advice: Vec<Advice>,
    /// Signals that would have helped and were not there, or not wholly.
    pub blind: Vec<Signal>,
}

/// A place where records can queue, from our own sender to the target. `Display` is what people call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Hop {
    /// Our own generator.
    Generator,
    /// The source's brokers: acknowledgement, client queue, throttle, answers to MM2's fetches.
    Source,
    /// MM2 reading the source.
    Fetch,
    /// The Connect workers' processors or memory.
    Worker,
    /// MM2's producers, by their own settings.
    Produce,
    /// The target's brokers: acknowledgement, throttle.
    Target,
}

/// A figure that was held against the value from which on it points at a hop. `Display` is the figure in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sign {
    /// The hop that it tells of.
    pub hop: Hop,
    /// The signal.
    pub signal: Signal,
    /// Its value, in `unit`.
    pub value: f64,
    /// From here on it points at the hop, in `unit`.
    pub from: f64,
    /// The unit of both.
    pub unit: Unit,
    /// Whether it does.
    pub points: bool,
}

/// A thing to do next. `Display` is the English phrase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advice {
    /// The hop that it helps.
    pub hop: Hop,
    /// What to do.
    pub action: Action,
}

/// What can be done for a hop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// Raise this setting of the connector, spelt as its configuration on a Connect cluster has it.
    Raise(String),
    /// Give this setting of the connector another value.
    Set(String),
    /// Lift the quota: the source's on our generator (hop source) or on MM2's consumers (hop fetch), the target's on
    /// MM2's producers (hop target).
    LiftQuota,
    /// Give the workers more processor time, or more workers.
    MoreWorkers,
    /// Give the workers' JVMs more memory.
    MoreHeap,
    /// Look at the brokers' disks, network and replication.
    LookAtBrokers,
    /// Run the generator on a host that is less busy.
    MoreGenerator,
}

/// Which hop saturates in a step that was judged, from what was measured of it.
///
/// `seen` holds the panel signals, sampled or missing; they are read as one figure for the hold, without what they
/// still show of the time before it. `None` for GO, for a step that shows nothing but by our own slip, and where only
/// what became of records was found bad (lost, corrupt, reordered, duplicates), which no load explains.
pub fn attribute(
    step: &Step,
    evidence: &StepEvidence,
    seen: &Observations,
    verdict: &Verdict,
) -> Option<Attribution> {
    if !wants_explanation(verdict) {
        return None;
    }
    let case = Case { step, evidence, seen, verdict };
    let answers = Answers::of(&case);
    let named = single_out(&answers);
    let hop = named.map(Question::hop);
    let advice = named.map_or_else(Vec::new, |question| advice::of(question, &answers, seen));
    Some(Attribution { hop, signs: answers.signs(hop), advice, blind: answers.blind() })
}

/// Whether load can be why the verdict is what it is.
fn wants_explanation(verdict: &Verdict) -> bool {
    let of_records =
        [CriterionName::LOST, CriterionName::CORRUPT, CriterionName::REORDERED, CriterionName::DUPLICATES];
    let of_load = |finding: &&Finding| !of_records.contains(&finding.criterion.as_str());
    let is_bad = |finding: &Finding| matches!(finding.outcome, Outcome::Stop | Outcome::Warn);
    match verdict.level {
        Level::Go => false,
        Level::Inconclusive => verdict.findings.iter().any(is_own_slip),
        Level::Warn | Level::Stop => verdict.findings.iter().filter(of_load).any(is_bad),
    }
}

/// Whether our own generator is why this criterion shows nothing.
fn is_own_slip(finding: &Finding) -> bool {
    matches!(finding.reason, Reason::GeneratorSlip | Reason::MaskedByGeneratorSlip)
}

/// The question whose answer explains all others.
fn single_out(answers: &Answers) -> Option<Question> {
    // A chain that was not asked what the step says tells nothing of itself.
    if answers.get(Question::Late) == Answer::Yes {
        return Some(Question::Late);
    }
    let yes = |kind: Kind| {
        let is_yes =
            move |question: &Question| question.kind() == kind && answers.get(*question) == Answer::Yes;
        Question::ALL.into_iter().filter(is_yes)
    };
    let is_at_source = |question: &Question| question.hop() == Hop::Source;
    let at_source = yes(Kind::Limit).find(is_at_source);
    let in_chain = yes(Kind::Limit).find(|question| !is_at_source(question));
    match (at_source, in_chain) {
        // Neither of them explains what happens at the other.
        (Some(_), Some(_)) => return None,
        (Some(one), None) | (None, Some(one)) => return Some(one),
        (None, None) => {}
    }
    let has_no_other_cause =
        |question: &Question| question.causes().iter().all(|cause| answers.get(*cause) == Answer::No);
    let first = yes(Kind::Queue).find(has_no_other_cause)?;
    let explains = |other: Question| other.hop() == first.hop() || other.causes().contains(&first);
    yes(Kind::Queue).all(explains).then_some(first)
}

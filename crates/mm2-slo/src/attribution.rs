//! Why a step stopped: which hop of the chain saturates, from the evidence, and what to try next.
//!
//! Not a verdict, and it changes none: it reads what was measured of a step that is not GO. Where the evidence does
//! not single a hop out, it says so.
//!
//! Records queue *before* what is slow. So figures are of two kinds. A **limit** that was hit (a quota that throttles,
//! processors that are full) is a cause, and names its hop. A **queue** or a wait is an effect: it names the hop
//! where it stands only when every cause further down was looked at and is calm. A cause that nobody measured may be
//! the one, so it leaves the step "not determined". Two limits at different hops do, too, unless the verdict or a wait
//! that is long by itself speaks for one of them.

mod advice;
mod figure;
mod question;
mod rules;
mod words;

use serde::{Deserialize, Serialize};

use self::figure::Case;
use self::question::{Answer, Answers, Kind, Question};
use crate::evidence::StepEvidence;
use crate::finding::{Finding, Reason};
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
    /// Give the workers' hosts more memory, or run less on them.
    MoreMemory,
    /// Look at the brokers' disks, network and replication.
    LookAtBrokers,
    /// Run the generator on a host that is less busy.
    MoreGenerator,
}

/// Which hop saturates in a step that was judged, from what was measured of it.
///
/// `seen` holds the panel signals, sampled or missing; they are read as one figure for the hold, without what they
/// still show of the time before it. `None` for GO, for a step that shows nothing but by our own slip, and where none of
/// the criteria that decided is known to be one of load: what became of records (lost, corrupt, reordered, duplicates) no
/// load explains, whatever else is to look at, and of a plan's own criteria nobody knows. Where the workers' memory alone
/// decided, it alone is looked at.
pub fn attribute(
    step: &Step,
    evidence: &StepEvidence,
    seen: &Observations,
    verdict: &Verdict,
) -> Option<Attribution> {
    let case = Case { step, evidence, seen, verdict };
    let answers = Answers::of(&case, questions(&case)?);
    let named = single_out(&case, &answers);
    let hop = named.map(Question::hop);
    let advice = named.map_or_else(Vec::new, |question| advice::of(question, &answers, seen));
    Some(Attribution { hop, signs: answers.signs(hop), advice, blind: answers.blind() })
}

/// What to ask of the evidence, given what decided; `None` where nothing of it explains that.
fn questions(case: &Case<'_>) -> Option<&'static [Question]> {
    let of_load = match case.verdict.level {
        Level::Go => return None,
        Level::Inconclusive => case.deciding().any(is_own_slip),
        Level::Warn | Level::Stop => case.deciding().any(is_of_load),
    };
    if of_load {
        return Some(Question::OF_LOAD);
    }
    let of_memory =
        case.verdict.level != Level::Inconclusive && case.decided_by(CriterionName::WORKER_MEMORY).is_some();
    of_memory.then_some(&[Question::Memory])
}

/// Whether it is of a criterion that fails where a chain gets more than it carries.
fn is_of_load(finding: &Finding) -> bool {
    matches!(
        finding.criterion.as_str(),
        CriterionName::P99_LATENCY
            | CriterionName::SUSTAINED
            | CriterionName::UNSEEN
            | CriterionName::DELIVERED
            | CriterionName::SLIP
            | CriterionName::BACKLOG
            | CriterionName::MM2_LATENCY_AVG
            | CriterionName::MM2_LATENCY_MAX
            | CriterionName::BUFFER_USED
            | CriterionName::BUFFER_EXHAUSTED
            | CriterionName::WORKER_CPU
    )
}

/// Whether our own generator is why this criterion shows nothing.
fn is_own_slip(finding: &Finding) -> bool {
    matches!(finding.reason, Reason::GeneratorSlip | Reason::MaskedByGeneratorSlip)
}

/// The question whose answer explains all others.
fn single_out(case: &Case<'_>, answers: &Answers) -> Option<Question> {
    // A chain that was not asked what the step says tells nothing of itself.
    if answers.get(Question::Late) == Answer::Yes {
        return Some(Question::Late);
    }
    let limits: Vec<Question> = answers.yes(Kind::Limit).collect();
    if !limits.is_empty() {
        return the_limit(case, answers, limits);
    }
    let has_no_other_cause =
        |question: &Question| question.causes().iter().all(|cause| answers.get(*cause) == Answer::No);
    let first = answers.yes(Kind::Queue).find(has_no_other_cause)?;
    let explains = |other: Question| other.hop() == first.hop() || other.causes().contains(&first);
    answers.yes(Kind::Queue).all(explains).then_some(first)
}

/// Of the limits that were hit, the one that counts: they are at one hop, or those that weigh are.
fn the_limit(case: &Case<'_>, answers: &Answers, limits: Vec<Question>) -> Option<Question> {
    let decides = |question: Question| match question {
        Question::SourceHoldsUs => case.is_source_limited(),
        Question::Processors => case.decided_by(CriterionName::WORKER_CPU).is_some(),
        _ => false,
    };
    // Who is throttled tried to send more than the quota: whatever else is full was not too full for that.
    let is_late_by_itself = |question: Question| match question {
        Question::FetchQuota | Question::TargetQuota => {
            answers.pointing(question).any(|sign| sign.value >= rules::mm2_is_late_from_ms(case))
        }
        _ => false,
    };
    let weighs = |question: &Question| decides(*question) || is_late_by_itself(*question);
    let weighty: Vec<Question> = limits.iter().copied().filter(weighs).collect();
    let left = if weighty.is_empty() { limits } else { weighty };
    let first = *left.first()?;
    if left.iter().any(|other| other.hop() != first.hop()) {
        return None;
    }
    // What the judge does not hold against the source explains no queue behind it.
    let queues_in_chain = answers.yes(Kind::Queue).any(|queue| queue.hop() != Hop::Source);
    let explains = first != Question::SourceHoldsUs || decides(first) || !queues_in_chain;
    explains.then_some(first)
}

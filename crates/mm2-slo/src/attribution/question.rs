//! What is asked of the evidence, hop by hop, and what the figures answer.

use super::figure::Case;
use super::rules::{self, Read, Rule};
use super::{Hop, Sign, is_own_slip};
use crate::name::Signal;

/// A question about one hop. In the order of causes: of two that are answered with yes, the first explains the
/// second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// Was our own generator late?
    Late,
    /// Does the source hold our generator back?
    SourceHoldsUs,
    /// Does the source's quota hold MM2's consumers back?
    FetchQuota,
    /// Does the target's quota hold MM2's producers back?
    TargetQuota,
    /// Are the workers' processors full?
    Processors,
    /// Do the workers' JVMs starve for memory?
    Garbage,
    /// Do the workers' hosts run out of memory? Asked by itself, see [`rules`].
    Memory,
    /// Did Connect restart something? Then what queued may have queued for that.
    Restarted,
    /// Is the source slow to acknowledge?
    SourceAcks,
    /// Is the source slow to answer MM2's fetches?
    SourceFetches,
    /// Is the target slow to acknowledge?
    TargetAcks,
    /// Does the buffer of MM2's producers let its tasks wait?
    Blocked,
    /// Do records wait in MM2's producers?
    InProducers,
    /// Do records wait in the source, unread?
    Unread,
    /// Are the producers' batches full?
    FullBatches,
}

/// What a yes is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A cause: it names its hop.
    Limit,
    /// An effect: it names its hop where all its possible causes are answered with no.
    Queue,
    /// Goes with it, and is as usual without: it names none.
    Hint,
}

/// What the figures answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    /// Not measured, or a part only; or between yes and no.
    Unknown,
}

impl Question {
    /// What is asked where load may be why.
    pub(super) const OF_LOAD: &'static [Self] = &[
        Self::Late,
        Self::SourceHoldsUs,
        Self::FetchQuota,
        Self::TargetQuota,
        Self::Processors,
        Self::Garbage,
        Self::Restarted,
        Self::SourceAcks,
        Self::SourceFetches,
        Self::TargetAcks,
        Self::Blocked,
        Self::InProducers,
        Self::Unread,
        Self::FullBatches,
    ];

    pub(super) fn hop(self) -> Hop {
        match self {
            Self::Late => Hop::Generator,
            Self::SourceHoldsUs | Self::FetchQuota | Self::SourceAcks | Self::SourceFetches => Hop::Source,
            Self::Unread => Hop::Fetch,
            Self::Processors | Self::Garbage | Self::Memory | Self::Restarted => Hop::Worker,
            Self::Blocked | Self::InProducers | Self::FullBatches => Hop::Produce,
            Self::TargetQuota | Self::TargetAcks => Hop::Target,
        }
    }

    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Late
            | Self::SourceHoldsUs
            | Self::FetchQuota
            | Self::TargetQuota
            | Self::Processors
            | Self::Garbage
            | Self::Memory => Kind::Limit,
            Self::SourceAcks
            | Self::SourceFetches
            | Self::TargetAcks
            | Self::Blocked
            | Self::InProducers
            | Self::Unread => Kind::Queue,
            Self::Restarted | Self::FullBatches => Kind::Hint,
        }
    }

    /// What would explain a yes, and so must be answered with no before it counts. Full processors slow down
    /// whatever runs on them, requests and their answers included; a JVM that starves for memory fills them, too.
    pub(super) fn causes(self) -> &'static [Self] {
        match self {
            Self::TargetAcks => &[Self::Processors, Self::Restarted],
            Self::Blocked | Self::InProducers => {
                &[Self::TargetQuota, Self::Processors, Self::TargetAcks, Self::Restarted]
            }
            Self::Unread => &[
                Self::FetchQuota,
                Self::TargetQuota,
                Self::Processors,
                Self::SourceFetches,
                Self::TargetAcks,
                Self::Blocked,
                Self::InProducers,
                Self::Restarted,
            ],
            _ => &[],
        }
    }

    fn rules(self) -> &'static [Rule] {
        match self {
            Self::Late => rules::LATE,
            Self::SourceHoldsUs => rules::SOURCE_HOLDS_US,
            Self::FetchQuota => rules::FETCH_QUOTA,
            Self::TargetQuota => rules::TARGET_QUOTA,
            Self::Processors => rules::PROCESSORS,
            Self::Garbage => rules::GARBAGE,
            Self::Memory => rules::MEMORY,
            Self::Restarted => rules::RESTARTED,
            Self::SourceAcks => rules::SOURCE_ACKS,
            Self::SourceFetches => rules::SOURCE_FETCHES,
            Self::TargetAcks => rules::TARGET_ACKS,
            Self::Blocked => rules::BLOCKED,
            Self::InProducers => rules::IN_PRODUCERS,
            Self::Unread => rules::UNREAD,
            Self::FullBatches => rules::FULL_BATCHES,
        }
    }
}

/// All questions with their answers.
pub(super) struct Answers {
    answered: Vec<Answered>,
}

struct Answered {
    question: Question,
    answer: Answer,
    signs: Vec<Sign>,
    /// Signals that were not there, or only in part and not pointing.
    blind: Vec<&'static str>,
}

impl Answered {
    fn of(question: Question, case: &Case<'_>) -> Self {
        let (mut signs, mut blind, mut is_unsure) = (Vec::new(), Vec::new(), false);
        for rule in question.rules() {
            let Some(Read { mut sign, is_whole, is_unsure: unsure }) = rule.read(case, question.hop()) else {
                blind.push(rule.signal);
                continue;
            };
            sign.points &= question != Question::Late || case.verdict.findings.iter().any(is_own_slip);
            if !sign.points && !is_whole {
                blind.push(rule.signal);
            }
            is_unsure |= unsure;
            signs.push(sign);
        }
        let answer = if signs.iter().any(|sign| sign.points) {
            Answer::Yes
        } else if blind.is_empty() && !is_unsure {
            Answer::No
        } else {
            Answer::Unknown
        };
        Self { question, answer, signs, blind }
    }
}

impl Answers {
    pub(super) fn of(case: &Case<'_>, asked: &[Question]) -> Self {
        Self { answered: asked.iter().map(|question| Answered::of(*question, case)).collect() }
    }

    /// What is answered with yes, of that kind.
    pub(super) fn yes(&self, kind: Kind) -> impl Iterator<Item = Question> + '_ {
        let yes = self.answered.iter().filter(|answered| answered.answer == Answer::Yes);
        yes.map(|answered| answered.question).filter(move |question| question.kind() == kind)
    }

    /// The figures that say yes to a question.
    pub(super) fn pointing(&self, question: Question) -> impl Iterator<Item = &Sign> {
        let answered = self.answered.iter().filter(move |answered| answered.question == question);
        answered.flat_map(|answered| &answered.signs).filter(|sign| sign.points)
    }

    pub(super) fn get(&self, question: Question) -> Answer {
        let found = self.answered.iter().find(|answered| answered.question == question);
        found.map_or(Answer::Unknown, |answered| answered.answer)
    }

    /// All figures: those that point at `hop`, those that point elsewhere, those that do not point.
    pub(super) fn signs(&self, hop: Option<Hop>) -> Vec<Sign> {
        let mut signs: Vec<Sign> =
            self.answered.iter().flat_map(|answered| &answered.signs).cloned().collect();
        signs.sort_by_key(|sign| match sign {
            Sign { points: true, .. } if Some(sign.hop) == hop => 0,
            Sign { points: true, .. } => 1,
            _ => 2,
        });
        signs
    }

    pub(super) fn blind(&self) -> Vec<Signal> {
        let names = self.answered.iter().flat_map(|answered| &answered.blind);
        names.map(|name| Signal::from(*name)).collect()
    }
}

//! Judging while it runs.

use std::collections::BTreeMap;

use crate::criteria::Criteria;
use crate::finding::{Finding, Missing};
use crate::judge::{Context, Feed, combine, seen, unseen};
use crate::name::Signal;
use crate::observations::{Observation, Setting, Source};
use crate::verdict::Verdict;

/// Criteria that are fed sample by sample, and say at any moment what they come to so far.
///
/// Fed with the same samples in order of time and none from after the window, and with its series named before the first sample in the order of
/// their names, it gives the same verdict as [`Criteria::judge`] on the whole window: it is the same code.
///
/// Memory, for each criterion and series: a few numbers for `avg`, `max`, `min`, `last`, `rate`, `increase`, `share`
/// and `slope`; 8 bytes a tick for percentiles (691 kB for 24 h at 1 Hz); 16 bytes for each tick of `for`; 16 bytes
/// a sample for `growth`; one value a block for `trend`.
#[derive(Debug, Clone)]
pub struct Stream<'a> {
    criteria: &'a Criteria,
    /// For each criterion: its context, or what it comes to without one.
    followed: Vec<Followed<'a>>,
    whole: BTreeMap<Signal, Result<Observation, Missing>>,
    /// For each series that was named: criterion and lane.
    series: Vec<Vec<(usize, usize)>>,
    /// How each sampled signal is sampled, as it was first said.
    sources: BTreeMap<Signal, Source>,
}

#[derive(Debug, Clone)]
enum Followed<'a> {
    Not(Box<Finding>),
    Waiting(Box<Context<'a>>),
    Fed(Box<Context<'a>>, Feed),
    Refused(Box<Context<'a>>, Missing),
}

/// A series of a [`Stream`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeriesId(usize);

impl<'a> Stream<'a> {
    /// Nothing seen yet.
    pub fn new(criteria: &'a Criteria, setting: &Setting) -> Self {
        let followed = criteria.iter().map(|criterion| match Context::new(criterion, setting) {
            Ok(context) => Followed::Waiting(Box::new(context)),
            Err(finding) => Followed::Not(finding),
        });
        Self {
            criteria,
            followed: followed.collect(),
            whole: BTreeMap::new(),
            series: Vec::new(),
            sources: BTreeMap::new(),
        }
    }

    /// Names a series of a sampled signal; each once. All of a signal are sampled alike: a series that says otherwise
    /// makes what judges the signal INCONCLUSIVE.
    pub fn series(&mut self, signal: &str, source: Source, name: &str) -> SeriesId {
        let mut lanes = Vec::new();
        let alike = *self.sources.entry(signal.into()).or_insert(source) == source;
        for (at, (criterion, followed)) in self.criteria.iter().zip(&mut self.followed).enumerate() {
            if *criterion.signal() != *signal {
                continue;
            }
            if let Followed::Waiting(context) = followed {
                *followed = match Feed::new(context, source) {
                    Ok(feed) => Followed::Fed(context.clone(), feed),
                    Err(why) => Followed::Refused(context.clone(), why),
                };
            }
            if let (Followed::Fed(context, _), false) = (&*followed, alike) {
                *followed = Followed::Refused(context.clone(), Missing::OtherForm);
            }
            if let Followed::Fed(_, feed) = followed {
                lanes.push((at, feed.lane(name)));
            }
        }
        self.series.push(lanes);
        SeriesId(self.series.len() - 1)
    }

    /// A sample: milliseconds since the window began, and the value then.
    #[inline]
    pub fn push(&mut self, series: SeriesId, at_ms: u64, value: f64) {
        let Some(lanes) = self.series.get(series.0) else { return };
        for (criterion, lane) in lanes {
            if let Some(Followed::Fed(_, feed)) = self.followed.get_mut(*criterion) {
                feed.push(*lane, at_ms, value);
            }
        }
    }

    /// A signal that is known as a whole, or why it is not. The last word on it counts, also over samples of it: a
    /// source that failed is not made good by what it said before.
    pub fn observe(&mut self, signal: impl Into<Signal>, observation: Result<Observation, Missing>) {
        self.whole.insert(signal.into(), observation);
    }

    /// What it comes to if the window ended now, after so many seconds.
    pub fn verdict(&self, window_s: f64) -> Verdict {
        let findings = self.criteria.iter().zip(&self.followed).map(|(criterion, followed)| {
            let of_whole = |context: &Context<'_>| match self.whole.get(criterion.signal()) {
                Some(Ok(observation)) => seen(context, observation, window_s),
                Some(Err(why)) => unseen(context, why.clone()),
                None => unseen(context, Missing::NoData),
            };
            match followed {
                Followed::Not(finding) => (**finding).clone(),
                Followed::Waiting(context) => of_whole(context),
                Followed::Fed(context, _) | Followed::Refused(context, _)
                    if self.whole.contains_key(criterion.signal()) =>
                {
                    of_whole(context)
                }
                Followed::Fed(context, feed) => feed.finish(context, window_s),
                Followed::Refused(context, why) => context.not_measured(why.clone()),
            }
        });
        combine(self.criteria, findings.collect())
    }
}

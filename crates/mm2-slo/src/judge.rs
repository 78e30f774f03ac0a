//! Criteria and observations in, findings and a verdict out.
//!
//! Two rules run through it. Each GO is shown: a figure that is absent, not finite or does not add up withholds GO.
//! What is shown to be bad stays STOP however much else is missing; only our own generator's slip takes a STOP
//! back, because then the chain was not asked what the step says.

mod claim;
mod feed;
mod growth;
mod line;
mod pace;
mod records;
mod total;
mod tracker;
mod trend;
mod uniform;

use crate::bands::ResolvedBands;
use crate::criteria::Criteria;
use crate::criterion::{Criterion, Rule};
use crate::finding::{Finding, Missing, Outcome, Reason};
use crate::level::Level;
use crate::observations::{Observation, Observations, Setting};
use crate::unit::Unit;
use crate::verdict::Verdict;

pub(crate) use self::feed::Feed;

/// No rate is so many times the one that limits were written for; a limit of infinity would let everything pass.
const LARGEST_SCALE: f64 = 1e6;

/// What a criterion is judged with.
#[derive(Debug, Clone)]
pub(crate) struct Context<'a> {
    pub(crate) criterion: &'a Criterion,
    pub(crate) bands: ResolvedBands,
    pub(crate) settle_s: f64,
    pub(crate) asked_per_sec: Option<f64>,
}

impl<'a> Context<'a> {
    /// With its limits as figures.
    ///
    /// # Errors
    /// The finding that the criterion comes to where they are not known.
    pub(crate) fn new(criterion: &'a Criterion, setting: &Setting) -> Result<Self, Box<Finding>> {
        let known = |name: &str, unit: Unit| {
            let quantity = match name {
                "baseline" => setting.baseline.get(criterion.name()),
                name => setting.known.get(name),
            };
            quantity.and_then(|quantity| quantity.value_in(unit))
        };
        let not_known = |name: String| {
            let why = Missing::NotKnown(name);
            Box::new(Finding::new(
                criterion.name(),
                criterion.bands().unit(),
                Outcome::Inconclusive,
                None,
                Reason::NotMeasured { why },
            ))
        };
        let mut bands = criterion.bands().resolve(&known).map_err(not_known)?;
        if let Some(above) = criterion.scale_above {
            let asked = setting.asked_per_sec.ok_or_else(|| not_known("the asked rate".to_owned()))?;
            let factor = (asked / above).max(1.0);
            if factor > LARGEST_SCALE {
                return Err(not_known("an asked rate that can be".to_owned()));
            }
            bands.scale(factor);
        }
        let settle_s = criterion
            .settle
            .resolve(Unit::S, &known)
            .ok_or_else(|| not_known(criterion.settle.name().unwrap_or("settle").to_owned()))?;
        Ok(Self { criterion, bands, settle_s: settle_s.max(0.0), asked_per_sec: setting.asked_per_sec })
    }

    /// A finding of this criterion without value and limit.
    pub(crate) fn finding(&self, outcome: Outcome, reason: Reason) -> Finding {
        Finding::new(self.criterion.name(), self.criterion.bands().unit(), outcome, None, reason)
            .against(self.bands.go_edge())
    }

    /// Nothing to judge: INCONCLUSIVE, never GO.
    pub(crate) fn not_measured(&self, why: Missing) -> Finding {
        self.finding(Outcome::Inconclusive, Reason::NotMeasured { why })
    }

    /// Series are missing, and those that are there are not bad.
    pub(crate) fn fewer_series(&self, seen: usize, expected: usize) -> Finding {
        let reason = Reason::FewerSeries { seen: seen as u64, expected: expected as u64 };
        self.finding(Outcome::Inconclusive, reason)
    }

    /// A value by its bands. `withheld` says why it cannot be GO or WARN, where something is missing.
    pub(crate) fn by_bands(&self, value: f64, withheld: Option<Reason>) -> Finding {
        if !value.is_finite() {
            return self.not_measured(Missing::NotFinite);
        }
        let Some((level, band)) = self.bands.level(value) else {
            let mut finding = self.finding(Outcome::Inconclusive, Reason::InNoBand);
            finding.value = Some(value);
            return finding;
        };
        let (outcome, reason) = match (level, withheld) {
            (Level::Stop, _) => (Outcome::Stop, Reason::BeyondLimit),
            (_, Some(reason)) => (Outcome::Inconclusive, reason),
            (Level::Go, None) => (Outcome::Go, Reason::WithinLimit),
            (_, None) => (Outcome::Warn, Reason::BeyondLimit),
        };
        let mut finding = self.finding(outcome, reason).against(self.bands.limit(level, value));
        finding.value = Some(value);
        finding.band = Some(match band {
            "otherwise" => format!("not {}", self.criterion.bands().go()),
            band => band.to_owned(),
        });
        finding.margin = self.bands.margin(value);
        finding
    }

    /// Why a window of this length is too short for the criterion, where it is.
    pub(crate) fn too_early(&self, window_s: f64) -> Option<Reason> {
        let needed_s = self.criterion.not_before_s;
        // A criterion that any window will do for does not depend on its length, known or not.
        let short = needed_s > 0.0 && (window_s.is_nan() || window_s < needed_s);
        short.then(|| Reason::TooShort { hold_needed_s: crate::number::ceil(needed_s).unwrap_or(u64::MAX) })
    }
}

pub(crate) fn judge(criteria: &Criteria, observations: &Observations) -> Verdict {
    let one = |criterion: &Criterion| {
        let context = match Context::new(criterion, &observations.setting) {
            Ok(context) => context,
            Err(finding) => return *finding,
        };
        match observations.get(criterion.signal().as_str()) {
            Ok(observation) => seen(&context, observation, observations.window_s),
            Err(why) => unseen(&context, why),
        }
    };
    combine(criteria, criteria.iter().map(one).collect())
}

/// What all criteria came to, once each has been judged by itself.
pub(crate) fn combine(criteria: &Criteria, mut findings: Vec<Finding>) -> Verdict {
    let slipped = findings.iter().any(|finding| finding.reason == Reason::GeneratorSlip);
    for (criterion, finding) in criteria.iter().zip(&mut findings) {
        if let Some(why) = criterion.off() {
            *finding = switched_off(criterion, why);
            continue;
        }
        // A source that held the sender back explains nothing while the sender slipped by itself; one that
        // refused records does.
        let excused = criterion.is_void_if_slip();
        if slipped && excused && finding.outcome == Outcome::Stop {
            finding.outcome = Outcome::Inconclusive;
            finding.reason = Reason::MaskedByGeneratorSlip;
        }
        if criterion.is_advisory() {
            finding.advisory = true;
            if finding.outcome == Outcome::Stop {
                finding.outcome = Outcome::Warn;
            }
        }
    }
    Verdict::of(findings)
}

fn switched_off(criterion: &Criterion, why: &str) -> Finding {
    let why = Missing::DeclaredAbsent(why.to_owned());
    let reason = Reason::NotMeasured { why };
    Finding::new(criterion.name(), criterion.bands().unit(), Outcome::Skipped, None, reason)
}

/// Only what the chain declares to have none of is set aside.
pub(crate) fn unseen(context: &Context<'_>, why: Missing) -> Finding {
    match why {
        Missing::DeclaredAbsent(_) => context.finding(Outcome::Skipped, Reason::NotMeasured { why }),
        why => context.not_measured(why),
    }
}

/// One criterion on what was seen of its signal.
pub(crate) fn seen(context: &Context<'_>, observation: &Observation, window_s: f64) -> Finding {
    let mut finding = by_rule(context, observation, window_s);
    // Partitions, duplicates and the load have no times: their window is looked at here.
    if let (Outcome::Go | Outcome::Warn, Some(why)) = (finding.outcome, context.too_early(window_s)) {
        (finding.outcome, finding.reason) = (Outcome::Inconclusive, why);
    }
    finding
}

fn by_rule(context: &Context<'_>, observation: &Observation, window_s: f64) -> Finding {
    match (&context.criterion.rule, observation) {
        (Rule::Measure(_) | Rule::Growth | Rule::Trend { .. }, Observation::Sampled(sampled)) => {
            match Feed::new(context, sampled.source) {
                Err(why) => context.not_measured(why),
                Ok(mut feed) => {
                    feed.push_all(&sampled.series, window_s);
                    feed.finish(context, window_s)
                }
            }
        }
        // One number cannot stand for a window whose ticks are asked for: nobody would miss any.
        (Rule::Measure(measure), Observation::Total(total)) if measure.over_time.is_none() => {
            total::judge(context, total, window_s)
        }
        (Rule::Claim { share }, Observation::Latency(latency)) => {
            claim::of_records(context, *share, latency, window_s)
        }
        (Rule::Claim { share }, Observation::Histogram(histogram)) => {
            claim::of_histogram(context, *share, histogram, window_s)
        }
        (Rule::Uniform { at_least_ms, min_records }, Observation::Partitions(partitions)) => {
            uniform::judge(context, *at_least_ms, *min_records, partitions)
        }
        (Rule::Duplicates { flush_ms, grace_ms }, Observation::Duplicates(duplicates)) => {
            records::duplicates(context, *flush_ms, *grace_ms, duplicates)
        }
        (Rule::Delivered, Observation::Load(load)) => pace::delivered(context, load, window_s),
        (Rule::Slip, Observation::Load(load)) => pace::slip(context, load),
        _ => context.not_measured(Missing::OtherForm),
    }
}

//! The signals that were found, and reading them.

use mm2_evidence::signals::{Panel, SignalsFound};
use mm2_slo::finding::Missing;

use crate::catalogue::{Entry, SIGNALS};
use crate::chain::Chain;
use crate::client::{Answer, Answered, Client, Failed};
use crate::inventory::ask_all;
use crate::observe::{Observed, Span, observe};
use crate::plan::Plan;
use crate::{RawLine, RawSeries, Reading, Window};

/// Where nothing tells how far apart scrapes are: Prometheus' own default is a minute, what is advised 15 s.
const USUAL_SCRAPES_MS: u64 = 15_000;

/// The signals of a chain that were found in a Prometheus.
#[derive(Debug)]
pub struct Signals {
    client: Client,
    found: SignalsFound,
    chain: Chain,
    /// One for each signal of the catalogue, in its order.
    plans: Vec<Result<Plan, Missing>>,
    /// What is added to our time to have Prometheus', milliseconds.
    shift_ms: i64,
}

impl Signals {
    pub(crate) fn new(
        client: Client,
        found: SignalsFound,
        chain: Chain,
        plans: Vec<Result<Plan, Missing>>,
        shift_ms: i64,
    ) -> Self {
        Self { client, found, chain, plans, shift_ms }
    }

    /// The naming report.
    pub fn found(&self) -> &SignalsFound {
        &self.found
    }

    /// One reading for each signal of the catalogue, in its order. Never fails: what cannot be read says why. Asks a
    /// few questions at a time, each given 10 s.
    pub async fn read(&self, window: Window) -> Vec<Reading> {
        let every_ms = self.found.scrape_every_ms.unwrap_or(USUAL_SCRAPES_MS);
        let (from_ms, to_ms) = (signed(window.from_ms), signed(window.to_ms));
        // Some of what was before: a counter's last value, or the sign that a series has ended.
        let range_ms =
            to_ms.saturating_sub(from_ms).max(0).saturating_add(signed(every_ms).saturating_mul(3));
        let range_s = range_ms / 1_000 + 1;
        let questions: Vec<_> = self
            .plans
            .iter()
            .enumerate()
            .filter_map(|(at, plan)| Some((at, plan.as_ref().ok()?)))
            .map(|(at, plan)| {
                (at, format!("{}[{range_s}s]", plan.query), Some(to_ms.saturating_add(self.shift_ms)))
            })
            .collect();
        let mut answers: Vec<Option<Result<Answer, Failed>>> = self.plans.iter().map(|_| None).collect();
        for (at, answer) in ask_all(&self.client, questions).await {
            answers[at] = Some(answer);
        }
        let span = Span {
            length_ms: to_ms.saturating_sub(from_ms),
            quiet_before_ms: window.quiet_before_ms,
            every_ms,
        };
        let signals = SIGNALS.iter().zip(&self.plans).zip(answers);
        signals.map(|((entry, plan), answer)| self.reading(entry, plan, answer, from_ms, span)).collect()
    }

    fn reading(
        &self,
        entry: &'static Entry,
        plan: &Result<Plan, Missing>,
        answer: Option<Result<Answer, Failed>>,
        from_ms: i64,
        span: Span,
    ) -> Reading {
        let mut raw = RawSeries {
            signal: entry.signal.into(),
            query: plan.as_ref().ok().map(|plan| plan.query.clone()),
            unit: plan.as_ref().map_or(entry.unit, |plan| plan.raw_unit),
            warnings: Vec::new(),
            series: Vec::new(),
        };
        let observed = match (plan, answer) {
            (Err(why), _) => Observed::none(why),
            (Ok(plan), Some(Ok(answer))) => {
                let shift_ms = self.shift_ms;
                raw.series = answer.series.iter().map(|series| raw_line(series, shift_ms)).collect();
                raw.warnings = answer.warnings;
                let ours: Vec<Answered> = answer
                    .series
                    .into_iter()
                    .map(|series| since(series, from_ms.saturating_add(shift_ms)))
                    .collect();
                observe(plan, &self.chain, &ours, span)
            }
            (Ok(_), failed) => {
                let said = failed.and_then(Result::err).map(|failed| failed.to_string());
                tracing::warn!(signal = entry.signal, said, "a query to Prometheus failed");
                raw.warnings.extend(said);
                Observed::none(&Missing::QueryFailed)
            }
        };
        let panel = Panel { signal: entry.signal.into(), unit: entry.unit, seen: observed.figures };
        Reading { signal: entry.signal.into(), observed: observed.sampled, total: observed.total, panel, raw }
    }
}

fn since(series: Answered, beginning_ms: i64) -> Answered {
    let samples = series.samples.into_iter().map(|(at, value)| (at - beginning_ms, value)).collect();
    Answered { samples, ..series }
}

fn raw_line(series: &Answered, shift_ms: i64) -> RawLine {
    let sample = |(at, value): &(i64, f64)| {
        (u64::try_from(at - shift_ms).unwrap_or_default(), value.is_finite().then_some(*value))
    };
    RawLine { labels: series.labels.clone(), samples: series.samples.iter().map(sample).collect() }
}

fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

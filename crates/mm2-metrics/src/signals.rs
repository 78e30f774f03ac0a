//! The signals that were found, and reading them.

use std::sync::{Mutex, PoisonError};

use mm2_evidence::signals::{Panel, SignalsFound};
use mm2_slo::finding::Missing;

use crate::catalogue::{Entry, SIGNALS};
use crate::chain::Chain;
use crate::client::{Answer, Answered, Client, Clock, Failed};
use crate::inventory::ask_all;
use crate::observe::{Observed, Span, observe};
use crate::plan::Plan;
use crate::{MetricsError, RawLine, RawSeries, Reading, Window};

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
    /// The clocks as they were last compared.
    clock: Mutex<Clock>,
}

/// What a comparison of the clocks means for a window.
struct Compared {
    /// What is added to our time to have Prometheus', milliseconds.
    shift_ms: i64,
    /// Since the comparison before, one of the clocks has jumped: which samples are of the window is not known.
    jumped: Option<String>,
}

impl Signals {
    pub(crate) fn new(
        client: Client,
        found: SignalsFound,
        chain: Chain,
        plans: Vec<Result<Plan, Missing>>,
        clock: Clock,
    ) -> Self {
        Self { client, found, chain, plans, clock: Mutex::new(clock) }
    }

    /// The naming report.
    pub fn found(&self) -> &SignalsFound {
        &self.found
    }

    /// One reading for each signal of the catalogue, in its order. Never fails: what cannot be read says why. Asks a
    /// few questions at a time, each given 10 s, and after the first few that take longer no more. `now_ms` is Unix
    /// time on the clock that cut the window.
    pub async fn read(&self, window: Window, now_ms: u64) -> Vec<Reading> {
        let every_ms = self.found.scrape_every_ms.unwrap_or(USUAL_SCRAPES_MS);
        let from_ms = signed(window.from_ms);
        let span = Span {
            length_ms: signed(window.to_ms).saturating_sub(from_ms),
            quiet_before_ms: window.quiet_before_ms,
            every_ms,
        };
        let signals = SIGNALS.iter().zip(&self.plans);
        match self.compare_clocks(signed(now_ms)).await {
            Err(error) => {
                let failed = || Some(Err(Failed::Prometheus(error.clone())));
                let nothing = Compared { shift_ms: 0, jumped: None };
                signals
                    .map(|(entry, plan)| self.reading(entry, plan, failed(), from_ms, span, &nothing))
                    .collect()
            }
            Ok(clocks) => {
                let answers = self.ask(span, from_ms.saturating_add(clocks.shift_ms)).await;
                signals
                    .zip(answers)
                    .map(|((entry, plan), answer)| self.reading(entry, plan, answer, from_ms, span, &clocks))
                    .collect()
            }
        }
    }

    async fn compare_clocks(&self, now_ms: i64) -> Result<Compared, MetricsError> {
        let now = self.client.clock(now_ms).await?;
        let before = std::mem::replace(&mut *self.clock.lock().unwrap_or_else(PoisonError::into_inner), now);
        let jumped = now.has_jumped_since(before).then(|| {
            tracing::warn!(%before, %now, "a clock has jumped");
            format!(
                "Prometheus' clock is {now}, and was {before}: which samples are of this window is not known"
            )
        });
        Ok(Compared { shift_ms: now.shift_ms(), jumped })
    }

    /// The answer to each signal's question, in order; the window begins at `from_ms` by Prometheus' clock.
    async fn ask(&self, span: Span, from_ms: i64) -> Vec<Option<Result<Answer, Failed>>> {
        let to_ms = from_ms.saturating_add(span.length_ms);
        // Some of what was before: a counter's last value, or the sign that a series has ended.
        let range_ms = span.length_ms.max(0).saturating_add(signed(span.every_ms).saturating_mul(3));
        let range_s = range_ms / 1_000 + 1;
        let questions: Vec<_> = self
            .plans
            .iter()
            .enumerate()
            .filter_map(|(at, plan)| Some((at, plan.as_ref().ok()?)))
            .map(|(at, plan)| (at, format!("{}[{range_s}s]", plan.query), Some(to_ms)))
            .collect();
        let mut answers: Vec<Option<Result<Answer, Failed>>> = self.plans.iter().map(|_| None).collect();
        for (at, answer) in ask_all(&self.client, questions).await {
            answers[at] = Some(answer);
        }
        answers
    }

    fn reading(
        &self,
        entry: &'static Entry,
        plan: &Result<Plan, Missing>,
        answer: Option<Result<Answer, Failed>>,
        from_ms: i64,
        span: Span,
        clocks: &Compared,
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
                let shift_ms = clocks.shift_ms;
                raw.series = answer.series.iter().map(|series| raw_line(series, shift_ms)).collect();
                raw.warnings = answer.warnings;
                let ours: Vec<Answered> = answer
                    .series
                    .into_iter()
                    .map(|series| since(series, from_ms.saturating_add(shift_ms)))
                    .collect();
                let observed = observe(plan, &self.chain, &ours, span);
                raw.warnings.extend(observed.said.iter().chain(&clocks.jumped).cloned());
                if clocks.jumped.is_some() { Observed::none(&Missing::Gap) } else { observed }
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

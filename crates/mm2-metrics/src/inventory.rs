//! What a Prometheus has now: its metric names, and the series of those that may be the chain's.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::catalogue::{Family, SIGNALS, Way};
use crate::client::{Answer, Client, Failed};
use crate::labels::Labels;
use crate::settings::Selectors;
use crate::{MetricsError, Scope, promql};

/// So many questions at once: Prometheus has others to serve.
const AT_ONCE: usize = 4;
/// A question that fails after so long was not answered in time; after so many of these, no more are asked.
const LATE: Duration = Duration::from_secs(5);
const LATE_ENOUGH: usize = 3;

/// Metric and the matchers that belong to it.
type Metric = (Scope, String, &'static str);

/// What there is.
#[derive(Debug, Default)]
pub(crate) struct Inventory {
    pub(crate) names: BTreeSet<String>,
    /// Series by scope, metric name and the metric's own matchers; or why they are not known.
    series: BTreeMap<Metric, Result<Vec<Labels>, String>>,
}

impl Inventory {
    pub(crate) async fn names(client: &Client) -> Result<Self, MetricsError> {
        let names = client.names().await?.into_iter().collect();
        Ok(Self { names, series: BTreeMap::new() })
    }

    /// Looks at every series of the catalogue's metrics in these families; `narrowed` by more matchers.
    pub(crate) async fn look(
        &mut self,
        client: &Client,
        selectors: &Selectors,
        families: impl Fn(Family) -> bool,
        narrowed: &str,
    ) {
        let mut wanted: BTreeSet<Metric> = BTreeSet::new();
        for way in SIGNALS.iter().flat_map(|entry| entry.ways).filter(|way| families(way.family)) {
            for names in spelled(way) {
                wanted.extend(names.into_iter().map(|name| (way.family.scope(), name, way.matching)));
            }
        }
        wanted.retain(|(_, name, _)| self.names.contains(name));
        let questions = wanted.into_iter().map(|metric| {
            let (scope, name, matching) = &metric;
            let [all, own] = selectors.of(*scope);
            let query = promql::selector(std::slice::from_ref(name), [all, own, *matching, narrowed]);
            (metric, query, None)
        });
        for (metric, answer) in ask_all(client, questions).await {
            let labels = |answer: Answer| answer.series.into_iter().map(|series| series.labels).collect();
            self.series.insert(metric, answer.map(labels).map_err(|failed| failed.to_string()));
        }
    }

    /// The series of one metric. Empty where there is no such name, or it was not looked at.
    pub(crate) fn series(&self, scope: Scope, name: &str, matching: &'static str) -> Result<&[Labels], &str> {
        match self.series.get(&(scope, name.to_owned(), matching)) {
            None => Ok(&[]),
            Some(Ok(series)) => Ok(series),
            Some(Err(why)) => Err(why),
        }
    }

    /// Every series that was looked at in a family.
    pub(crate) fn of_family(&self, family: Family) -> impl Iterator<Item = &Labels> {
        let ways = SIGNALS.iter().flat_map(|entry| entry.ways).filter(move |way| way.family == family);
        let names: BTreeSet<Metric> = ways
            .flat_map(|way| {
                spelled(way).into_iter().flatten().map(|name| (family.scope(), name, way.matching))
            })
            .collect();
        names.into_iter().filter_map(|name| self.series.get(&name)).flatten().flatten()
    }
}

/// Every metric name that the catalogue knows.
pub(crate) fn every_spelling() -> BTreeSet<String> {
    SIGNALS.iter().flat_map(|entry| entry.ways).flat_map(spelled).flatten().collect()
}

/// The names of a way's metrics in every spelling.
fn spelled(way: &Way) -> Vec<Vec<String>> {
    let both = way.family.spellings().iter().flat_map(|spelling| {
        [true, false]
            .into_iter()
            .filter(|kept| *kept || way.loses_total())
            .map(|kept| way.names(spelling.prefix, kept))
    });
    both.collect()
}

/// Asks all of it, a few at a time, in any order. Where Prometheus is too slow for several, the rest has failed as they
/// have.
pub(crate) async fn ask_all<K: Send + 'static>(
    client: &Client,
    questions: impl IntoIterator<Item = (K, String, Option<i64>)>,
) -> Vec<(K, Result<Answer, Failed>)> {
    let mut waiting = questions.into_iter();
    let mut asked = JoinSet::new();
    let mut answers = Vec::new();
    let mut late: Vec<Failed> = Vec::new();
    loop {
        while asked.len() < AT_ONCE && late.len() < LATE_ENOUGH {
            let Some((key, query, at_ms)) = waiting.next() else { break };
            let (client, begun) = (client.clone(), Instant::now());
            asked.spawn(async move { (key, client.query(&query, at_ms).await, begun.elapsed()) });
        }
        match asked.join_next().await {
            Some(Ok((key, answer, took))) => {
                late.extend(answer.as_ref().err().filter(|_| took >= LATE).cloned());
                answers.push((key, answer));
            }
            // A question that panicked has no answer; what it was for says so.
            Some(Err(error)) => tracing::error!(%error, "a question to Prometheus broke down"),
            None => break,
        }
    }
    if let Some(why) = late.pop() {
        answers.extend(waiting.map(|(key, ..)| (key, Err(why.clone()))));
    }
    answers
}

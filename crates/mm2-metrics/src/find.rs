//! Which signals a Prometheus has.

use std::collections::{BTreeMap, BTreeSet};

use mm2_evidence::signals::{SignalFound, SignalsFound};
use mm2_slo::Unit;
use mm2_slo::finding::Missing;

use crate::catalogue::{Belongs, Entry, Family, SIGNALS};
use crate::chain::Chain;
use crate::client::{Client, Failed};
use crate::inventory::{Inventory, ask_all};
use crate::labels::{self, Labels};
use crate::plan::{Plan, Site, override_query};
use crate::promql::{literal, matches};
use crate::settings::Selectors;
use crate::whose::Targets;
use crate::{Expected, MetricsError, NameOverride, PrometheusSettings, Scope, Signals, promql, series};

/// A windowed maximum is readable for 30 s at least: two scrapes must see it.
const SLOW_SCRAPES_MS: u64 = 15_000;
/// Scrapes are as far apart as those of the last minutes.
const SCRAPES_SEEN: &str = "[5m]";

/// A Prometheus to read from.
#[derive(Debug)]
pub struct Prometheus {
    client: Client,
    selectors: Selectors,
    names: BTreeMap<String, NameOverride>,
}

impl Prometheus {
    /// Prepares the client; nothing is sent yet.
    ///
    /// # Errors
    /// When the URL, the CA, a selector's scope or an override cannot be read.
    pub fn new(settings: PrometheusSettings) -> Result<Self, MetricsError> {
        for (signal, given) in &settings.names {
            check(signal, given)?;
        }
        Ok(Self {
            client: Client::new(&settings)?,
            selectors: Selectors::new(&settings.selectors)?,
            names: settings.names,
        })
    }

    /// Looks which signals of the chain are there, and under which name. What is missing is in the report. `now_ms` is
    /// Unix time on the clock by which windows will be cut.
    ///
    /// # Errors
    /// When Prometheus cannot be reached, refuses, or is something else; or does not understand a selector.
    pub async fn find(&self, expected: &Expected, now_ms: u64) -> Result<Signals, MetricsError> {
        let mut notes = Vec::new();
        let clock = self.client.clock(i64::try_from(now_ms).unwrap_or(i64::MAX)).await?;
        if clock.shift_ms() != 0 {
            notes.push(format!("Prometheus' clock is {clock}; its samples are shifted by that"));
        }
        self.check_selectors(&mut notes).await?;
        let mut inventory = Inventory::names(&self.client).await?;
        let given = self.overrides().await;

        let of_hosts = |family: Family| family.belongs() == Belongs::Host;
        inventory.look(&self.client, &self.selectors, |family| !of_hosts(family), "").await;
        let mut chain = self.chain(&inventory, expected, &mut notes);
        // A large site has very many hosts; only those of the workers are asked for.
        inventory.look(&self.client, &self.selectors, of_hosts, &hosts(&chain)).await;
        let hosts_there =
            inventory.of_family(Family::Node).filter_map(|labels| Some(labels::target(labels)?.1));
        chain.settle_hosts(&hosts_there.map(labels::host).collect());

        let (selectors, inventory, chain_there) = (&self.selectors, &inventory, &chain);
        let site = Site { inventory, chain: chain_there, selectors, expected, given: &given };
        let plans = site.plans(&self.names);
        let scrape_every_ms = self.scrape_every(&plans).await;
        say_slow_scrapes(scrape_every_ms, &mut notes);
        say_silent_workers(&chain, expected, &mut notes);
        if expected.tasks.is_none() {
            notes.push(
                "how many tasks the connector has is not known (Connect's REST tells it): that series of a task are \
                 missing would not show"
                    .to_owned(),
            );
        }
        let found = SignalsFound {
            url: self.client.shown().to_owned(),
            profiles: profiles(&plans, &inventory.names),
            scrape_every_ms,
            signals: SIGNALS.iter().zip(&plans).map(|(entry, plan)| signal_found(entry, plan)).collect(),
            notes,
        };
        let plans = plans.into_iter().map(|plan| plan.map_err(|(why, _)| why)).collect();
        Ok(Signals::new(self.client.clone(), found, chain, plans, clock))
    }

    /// Asks for `up` in every scope that has a selector, which shows that Prometheus understands it; and which
    /// targets are down.
    async fn check_selectors(&self, notes: &mut Vec<String>) -> Result<(), MetricsError> {
        let mut down = BTreeSet::new();
        for scope in Scope::EVERY {
            let selector = self.selectors.given(scope).unwrap_or_default();
            if selector.is_empty() && scope != Scope::Connect {
                continue;
            }
            let query = promql::selector(&["up".to_owned()], self.selectors.of(scope));
            let answer = match self.client.query(&query, None).await {
                Ok(answer) => answer,
                Err(Failed::Prometheus(error)) => return Err(error),
                Err(Failed::Query(cause)) => {
                    let (scope, selector) = (scope.name().to_owned(), selector.to_owned());
                    return Err(MetricsError::Selector { scope, selector, cause });
                }
            };
            notes.extend(answer.warnings.iter().map(|warning| format!("Prometheus says: {warning}")));
            if !selector.is_empty() && answer.series.is_empty() {
                notes.push(format!(
                    "no scrape target fits [prometheus.selectors] {}: {selector}",
                    scope.name()
                ));
            }
            let is_down = |samples: &[(i64, f64)]| samples.last().is_some_and(|(_, up)| *up == 0.0);
            let are_down = answer.series.iter().filter(|series| is_down(&series.samples));
            down.extend(are_down.filter_map(|series| Some(labels::target(&series.labels)?.1.to_owned())));
        }
        if !down.is_empty() {
            let down: Vec<String> = down.into_iter().collect();
            notes.push(format!("scrape targets that are down: {}", down.join(", ")));
        }
        Ok(())
    }

    /// The series that each override has now.
    async fn overrides(&self) -> BTreeMap<&'static str, Result<Vec<Labels>, String>> {
        let given = SIGNALS.iter().filter_map(|entry| Some((entry, self.names.get(entry.signal)?)));
        let questions: Vec<_> = given
            .map(|(entry, given)| (entry.signal, override_query(entry, given, &self.selectors), None))
            .collect();
        let answers = ask_all(&self.client, questions).await.into_iter();
        let labels = |(signal, answer): (_, Result<crate::client::Answer, Failed>)| {
            let labels = answer.map(|answer| answer.series.into_iter().map(|series| series.labels).collect());
            (signal, labels.map_err(|failed| failed.to_string()))
        };
        answers.map(labels).collect()
    }

    fn chain(&self, inventory: &Inventory, expected: &Expected, notes: &mut Vec<String>) -> Chain {
        let mut targets = Targets::default();
        for family in Family::EVERY {
            // Any JVM with an agent has these: they make no worker.
            if matches!(family, Family::Jvm | Family::JavaOs) {
                continue;
            }
            inventory.of_family(family).for_each(|labels| targets.see(family.belongs(), labels));
        }
        let given = |scope| self.selectors.given(scope).is_some();
        let chain = targets.chain(expected, given(Scope::Connect), given(Scope::Node), notes);
        match (targets.is_empty(), chain.workers.is_empty()) {
            (true, _) => notes.push(
                "no metric of Connect or MM2: is a JMX agent on the workers, and does this Prometheus scrape it?"
                    .to_owned(),
            ),
            (false, true) => notes.push(format!(
                "metrics of Connect come from {} only, none of which is a worker of this chain",
                targets.shown()
            )),
            (false, false) => {}
        }
        chain
    }

    /// How far apart the scrapes of the workers are; of hosts, where nothing of the workers is there.
    async fn scrape_every(&self, plans: &[Result<Plan, (Missing, Option<String>)>]) -> Option<u64> {
        let of_workers = |plan: &&Plan| plan.belongs.is_some_and(|it| it != Belongs::Host);
        let mut found = plans.iter().filter_map(|plan| plan.as_ref().ok());
        let plan = found.clone().find(of_workers).or_else(|| found.next())?;
        let answer = self.client.query(&format!("{}{SCRAPES_SEEN}", plan.query), None).await.ok()?;
        series::distance_ms(answer.series.iter().map(|series| series.samples.as_slice()))
    }
}

/// Whether an override can be one.
fn check(signal: &str, given: &NameOverride) -> Result<(), MetricsError> {
    let Some(entry) = SIGNALS.iter().find(|entry| entry.signal == signal) else {
        let near = SIGNALS
            .iter()
            .map(|entry| (strsim::normalized_levenshtein(entry.signal, signal), entry.signal))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let near = near.filter(|(alike, _)| *alike > 0.6).map(|(_, name)| name.to_owned());
        return Err(MetricsError::UnknownSignal { signal: signal.to_owned(), near });
    };
    if entry.unit == Unit::Percent && given.unit.is_none() {
        return Err(MetricsError::NoUnit { signal: signal.to_owned(), query: given.query.clone() });
    }
    promql::given(&given.query).map(drop).map_err(|cause| MetricsError::Override {
        signal: signal.to_owned(),
        query: given.query.clone(),
        cause: cause.to_owned(),
    })
}

fn hosts(chain: &Chain) -> String {
    let names: BTreeSet<&String> = chain.hosts.union(&chain.hosts_otherwise).collect();
    if chain.every_host || names.is_empty() {
        return String::new();
    }
    // Either may be with its domain, or without.
    let either = |host: &String| match host.split('.').next().filter(|_| !labels::is_ip(host)) {
        Some(short) => format!("{}(\\..*)?", literal(short)),
        None => literal(host),
    };
    let all: Vec<String> = names.into_iter().map(either).collect();
    matches("instance", &format!("(?i)\\[?({})\\]?(:[0-9]+)?", all.join("|")))
}

fn say_slow_scrapes(every_ms: Option<u64>, notes: &mut Vec<String>) {
    if let Some(every_ms) = every_ms.filter(|every_ms| *every_ms > SLOW_SCRAPES_MS) {
        notes.push(format!(
            "scrapes are {} s apart: MM2's maxima can be read for 30 to 90 s only; scrape every 15 s or more often",
            every_ms / 1_000
        ));
    }
}

fn say_silent_workers(chain: &Chain, expected: &Expected, notes: &mut Vec<String>) {
    let (seen, wanted) = (chain.workers.len(), expected.workers.unwrap_or_default());
    if seen > 0 && seen < wanted {
        let seen_workers: Vec<&str> = chain.workers.iter().map(String::as_str).collect();
        notes.push(format!(
            "metrics come from {seen} of {wanted} workers ({}): is an agent missing on the others, or not scraped? \
             One without tasks is recognised only with [prometheus.selectors] connect",
            seen_workers.join(", ")
        ));
    }
}

fn signal_found(entry: &Entry, plan: &Result<Plan, (Missing, Option<String>)>) -> SignalFound {
    let (found, missing, note) = match plan {
        Ok(plan) => (Some(plan), None, plan.note.clone()),
        Err((why, note)) => (None, Some(why.clone()), note.clone()),
    };
    SignalFound {
        signal: entry.signal.into(),
        unit: entry.unit,
        read_for: entry.read_for,
        query: found.map(|plan| plan.query.clone()),
        series: found.map_or(0, |plan| plan.series as u64),
        expected: found.and_then(|plan| plan.expected).map(|expected| expected as u64),
        missing,
        note,
    }
}

/// How each family is spelled here, and which agent that tells of.
fn profiles(
    plans: &[Result<Plan, (Missing, Option<String>)>],
    names: &BTreeSet<String>,
) -> Vec<(String, String)> {
    let found: Vec<&Plan> = plans.iter().filter_map(|plan| plan.as_ref().ok()).collect();
    let mut profiles: Vec<(String, String)> = Vec::new();
    for family in Family::EVERY {
        let spellings: BTreeSet<&str> =
            found.iter().filter_map(|plan| plan.profile).filter(|it| it.0 == family).map(|it| it.1).collect();
        let spellings: Vec<&str> = spellings.into_iter().collect();
        if !spellings.is_empty() {
            profiles.push((family.name().to_owned(), spellings.join("; ")));
        }
    }
    let totals: BTreeSet<bool> = found.iter().filter_map(|plan| plan.kept_total).collect();
    let totals = match (totals.contains(&true), totals.contains(&false)) {
        (true, true) => Some("some with _total, some without"),
        (true, false) => Some("with _total"),
        (false, true) => Some("without _total"),
        (false, false) => None,
    };
    profiles.extend(totals.map(|totals| ("counters".to_owned(), totals.to_owned())));
    let agents = [
        ("jvm_memory_bytes_used", "JMX agent before 1.0"),
        ("jvm_memory_used_bytes", "JMX agent 1.0 or later"),
    ];
    let agents: Vec<&str> =
        agents.iter().filter(|(name, _)| names.contains(*name)).map(|(_, it)| *it).collect();
    if !agents.is_empty() {
        profiles.push(("agent".to_owned(), agents.join("; ")));
    }
    profiles
}

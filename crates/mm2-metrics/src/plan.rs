//! How one signal is read on this site: which metrics, by which query, and whose series they are.

use std::collections::{BTreeMap, BTreeSet};

use mm2_slo::finding::Missing;
use mm2_slo::{Quantity, Unit};

use crate::catalogue::{Belongs, Combine, Entry, Family, Per, Read, SIGNALS, Way};
use crate::chain::Chain;
use crate::inventory::Inventory;
use crate::labels::{self, Labels};
use crate::promql::{self, Given};
use crate::settings::Selectors;
use crate::{Expected, NameOverride};

/// How a signal is read.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) entry: &'static Entry,
    /// The selector, without a range.
    pub(crate) query: String,
    /// Its metrics, in the order in which `read` wants them; empty: all that comes is one.
    pub(crate) names: Vec<String>,
    pub(crate) read: Read,
    pub(crate) factor: f64,
    pub(crate) apart: &'static [&'static str],
    pub(crate) combine: Combine,
    /// How the chain's series are told from others'; `None`: whatever the query gives.
    pub(crate) belongs: Option<Belongs>,
    pub(crate) raw_unit: Unit,
    /// Series that were there when it was found.
    pub(crate) series: usize,
    pub(crate) expected: Option<usize>,
    /// Family and spelling.
    pub(crate) profile: Option<(Family, &'static str)>,
    /// With `_total` or without; `None` where the names do not say.
    pub(crate) kept_total: Option<bool>,
    pub(crate) note: Option<String>,
}

/// Why there is no plan, the more telling the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Obstacle {
    NoName,
    NoSeries,
    Foreign,
    Ambiguous,
    Failed,
}

/// What plans are made from.
pub(crate) struct Site<'a> {
    pub(crate) inventory: &'a Inventory,
    pub(crate) chain: &'a Chain,
    pub(crate) selectors: &'a Selectors,
    pub(crate) expected: &'a Expected,
    /// The series of each override, by signal.
    pub(crate) given: &'a BTreeMap<&'static str, Result<Vec<Labels>, String>>,
}

/// The selector of an override: of a name with those of its scope, else as it stands.
pub(crate) fn override_query(entry: &Entry, given: &NameOverride, selectors: &Selectors) -> String {
    match (promql::given(&given.query), entry.ways.first()) {
        (Ok(Given::Name(name)), Some(way)) => {
            promql::selector(std::slice::from_ref(&name), selectors.of(way.family.scope()))
        }
        _ => given.query.trim().to_owned(),
    }
}

impl Site<'_> {
    /// How each signal of the catalogue is read, or why it cannot be and what else there is to say.
    pub(crate) fn plans(
        &self,
        names: &BTreeMap<String, NameOverride>,
    ) -> Vec<Result<Plan, (Missing, Option<String>)>> {
        let found = self.found_by_spelling();
        let plan = |entry: &'static Entry| match names.get(entry.signal) {
            Some(given) => self.overridden(entry, given),
            None => self.detected(entry, &found),
        };
        SIGNALS.iter().map(plan).collect()
    }

    /// How many signals of a family have the chain's series in each of its spellings: the one with most is read first,
    /// so that signals which are compared come from one family.
    fn found_by_spelling(&self) -> BTreeMap<(Family, &'static str), usize> {
        let mut found = BTreeMap::new();
        for (entry, way) in SIGNALS.iter().flat_map(|entry| entry.ways.iter().map(move |way| (entry, way))) {
            for spelling in way.family.spellings() {
                let look = |kept| self.look(entry.per, way, spelling.prefix, kept);
                let has = [true, false].into_iter().any(|kept| look(kept).is_ok());
                *found.entry((way.family, spelling.name)).or_default() += usize::from(has);
            }
        }
        found
    }

    fn detected(
        &self,
        entry: &'static Entry,
        found: &BTreeMap<(Family, &'static str), usize>,
    ) -> Result<Plan, (Missing, Option<String>)> {
        let mut worst = Obstacle::NoName;
        let mut failures = BTreeSet::new();
        for way in entry.ways {
            let mut spellings: Vec<_> = way.family.spellings().iter().collect();
            spellings.sort_by_key(|spelling| std::cmp::Reverse(found.get(&(way.family, spelling.name))));
            for spelling in spellings {
                for kept in [true, false] {
                    match self.look(entry.per, way, spelling.prefix, kept) {
                        Ok(series) => {
                            let kept = way.loses_total().then_some(kept);
                            return Ok(self.plan(
                                entry,
                                way,
                                (spelling.name, spelling.prefix),
                                kept,
                                &series,
                            ));
                        }
                        Err((obstacle, failure)) => {
                            worst = worst.max(obstacle);
                            failures.extend(failure);
                        }
                    }
                }
            }
        }
        Err(self.missing(entry, worst, failures.into_iter().next()))
    }

    /// The chain's series of a way's metrics in one spelling: of all of them, or it is not read that way.
    fn look(
        &self,
        per: Per,
        way: &Way,
        prefix: &str,
        kept: bool,
    ) -> Result<Vec<&Labels>, (Obstacle, Option<String>)> {
        let mut ours: Vec<&Labels> = Vec::new();
        for name in way.names(prefix, kept) {
            if !self.inventory.names.contains(&name) {
                return Err((Obstacle::NoName, None));
            }
            let series = self.inventory.series(way.family.scope(), &name, way.matching);
            let series = series.map_err(|why| (Obstacle::Failed, Some(why.to_owned())))?;
            if self.needs_a_selector(way.family) {
                return Err((Obstacle::Foreign, None));
            }
            let belongs = way.family.belongs();
            ours = series.iter().filter(|labels| self.chain.has(belongs, labels)).collect();
            if ours.is_empty() {
                // Hosts are asked for by name: that none came tells nothing of others, but their metric is there.
                let foreign = !series.is_empty() || belongs == Belongs::Host;
                return Err((if foreign { Obstacle::Foreign } else { Obstacle::NoSeries }, None));
            }
        }
        match self.ambiguity(per, way, &ours) {
            None => Ok(ours),
            Some(said) => Err((Obstacle::Ambiguous, Some(said))),
        }
    }

    /// Why it cannot be told which series are the chain's.
    fn ambiguity(&self, per: Per, way: &Way, ours: &[&Labels]) -> Option<String> {
        let doubtful = match way.family.belongs() {
            Belongs::Host if per == Per::Host => self.hosts_without_names(ours),
            Belongs::Host | Belongs::Scope => None,
            _ => self.chain.doubtful.clone(),
        };
        doubtful.or_else(|| self.in_two_places(per, way, ours))
    }

    /// More hosts than there are workers, and none has a worker's name: one that is missing would not show.
    fn hosts_without_names(&self, ours: &[&Labels]) -> Option<String> {
        let there: BTreeSet<&str> =
            ours.iter().filter_map(|labels| Some(labels::target(labels)?.1)).collect();
        let wanted = self.expected_hosts()?;
        (self.chain.every_host && there.len() > wanted)
            .then(|| format!("{} hosts, none by the name of one of the {wanted} of the workers", there.len()))
    }

    /// Brokers' metrics do not say which cluster they are of.
    fn needs_a_selector(&self, family: Family) -> bool {
        family.belongs() == Belongs::Scope && self.selectors.given(family.scope()).is_none()
    }

    /// Two series of one task or partition at the same moment: two chains, or one that is scraped twice.
    fn in_two_places(&self, per: Per, way: &Way, series: &[&Labels]) -> Option<String> {
        let belongs = way.family.belongs();
        let mut seen: BTreeMap<String, &Labels> = BTreeMap::new();
        for labels in series {
            let name = self.chain.key(per, belongs, labels).unwrap_or_else(|| every_label(labels));
            let apart = apart(per, belongs, way.apart, labels);
            if let Some(other) = seen.insert(format!("{name} {apart}"), labels) {
                return Some(format!("{} and {} are both {name}", every_label(other), every_label(labels)));
            }
        }
        None
    }

    fn plan(
        &self,
        entry: &'static Entry,
        way: &'static Way,
        (spelling, prefix): (&'static str, &str),
        kept_total: Option<bool>,
        series: &[&Labels],
    ) -> Plan {
        let belongs = way.family.belongs();
        let names = way.names(prefix, kept_total.unwrap_or(true));
        let client_label = series.first().and_then(|labels| labels::client_id(labels)).map_or("", |it| it.0);
        let own = self.chain.matchers(belongs, client_label);
        let hosts = self.host_matcher(belongs, series);
        let [all, scope] = self.selectors.of(way.family.scope());
        let matchers = [all, scope, way.matching].into_iter();
        let matchers = matchers.chain(own.iter().map(String::as_str)).chain(hosts.as_deref());
        let keys: BTreeSet<String> =
            series.iter().filter_map(|labels| self.chain.key(entry.per, belongs, labels)).collect();
        let expected = self.expected(entry);
        Plan {
            entry,
            query: promql::selector(&names, matchers),
            names,
            read: way.read,
            factor: way.factor,
            apart: way.apart,
            combine: way.combine,
            belongs: Some(belongs),
            raw_unit: way.raw_unit(entry.unit),
            series: keys.len(),
            expected,
            profile: Some((way.family, spelling)),
            kept_total,
            note: way.says.map(str::to_owned),
        }
    }

    fn host_matcher(&self, belongs: Belongs, series: &[&Labels]) -> Option<String> {
        if belongs != Belongs::Host || self.chain.every_host {
            return None;
        }
        let targets: BTreeSet<&str> =
            series.iter().filter_map(|labels| labels::target(labels)).map(|(_, target)| target).collect();
        let label = series.first().and_then(|labels| labels::target(labels)).map_or("instance", |it| it.0);
        Some(promql::one_of(label, &targets.into_iter().collect::<Vec<_>>()))
    }

    /// How many series there must be.
    fn expected(&self, entry: &Entry) -> Option<usize> {
        match entry.per {
            Per::Partition => self.expected.partitions,
            Per::Task => self.expected.tasks,
            Per::Host => self.expected_hosts(),
            Per::Worker => {
                let workers = self.expected.workers.unwrap_or_default().max(self.advertised().len());
                Some(workers).filter(|workers| *workers > 0)
            }
            Per::Disk | Per::Broker => None,
        }
    }

    fn advertised(&self) -> BTreeSet<&String> {
        self.expected.worker_hosts.iter().collect()
    }

    /// Several workers may share a host; one that nobody has seen is taken to have its own.
    fn expected_hosts(&self) -> Option<usize> {
        let advertised = self.advertised();
        let named: BTreeSet<String> = advertised.iter().map(|address| labels::host(address)).collect();
        let hosts = self.chain.hosts.len().max(named.len());
        let seen = self.chain.workers.len().max(advertised.len());
        let unseen = self.expected.workers.unwrap_or_default().saturating_sub(seen);
        Some(hosts + unseen).filter(|hosts| *hosts > 0)
    }

    fn overridden(
        &self,
        entry: &'static Entry,
        given: &NameOverride,
    ) -> Result<Plan, (Missing, Option<String>)> {
        let Some(way) = entry.ways.first() else { return Err((Missing::NotExported, None)) };
        let unit = given.unit.unwrap_or(entry.unit);
        let factor = Quantity::new(1.0, unit).and_then(|one| one.value_in(entry.unit));
        let factor = factor.ok_or((Missing::OtherUnit, None))?;
        let query = override_query(entry, given, self.selectors);
        let series: &[Labels] = match self.given.get(entry.signal) {
            Some(Ok(series)) => series,
            Some(Err(why)) => return Err((Missing::QueryFailed, Some(why.clone()))),
            None => &[],
        };
        if series.is_empty() {
            return Err((
                Missing::NoData,
                Some(format!("{query}, from [prometheus.names], has no series now")),
            ));
        }
        // A selector is taken as it stands; so is a metric whose labels do not tell whose it is.
        let belongs = way.family.belongs();
        let is_name = matches!(promql::given(&given.query), Ok(Given::Name(_)));
        let ours: Vec<&Labels> =
            series.iter().filter(|labels| is_name && self.chain.has(belongs, labels)).collect();
        if is_name && ours.is_empty() && series.iter().any(|labels| self.chain.tells_whose(belongs, labels)) {
            let of = series.first().map(every_label).unwrap_or_default();
            return Err((
                Missing::OtherSite,
                Some(format!(
                    "{query}, from [prometheus.names], is of others, such as {of}; a selector with braces is taken \
                     as it stands"
                )),
            ));
        }
        let belongs = (!ours.is_empty()).then_some(belongs);
        let taken = if ours.is_empty() { series.iter().collect() } else { ours };
        let key = |labels: &&Labels| self.chain.key(entry.per, way.family.belongs(), labels);
        let keys: BTreeSet<String> =
            taken.iter().map(|labels| key(labels).unwrap_or_else(|| every_label(labels))).collect();
        // A derived signal is given ready-made.
        let read = match way.read {
            read @ (Read::Value | Read::Counter | Read::Rises) => read,
            Read::Busy | Read::NotIdle | Read::UsedShare | Read::ShareOfIncrease => Read::Value,
        };
        Ok(Plan {
            entry,
            query,
            names: Vec::new(),
            read,
            factor,
            apart: way.apart,
            combine: way.combine,
            belongs,
            raw_unit: unit,
            series: keys.len(),
            expected: self.expected(entry),
            profile: None,
            kept_total: None,
            note: Some("from [prometheus.names]".to_owned()),
        })
    }

    fn missing(&self, entry: &Entry, obstacle: Obstacle, said: Option<String>) -> (Missing, Option<String>) {
        match obstacle {
            Obstacle::NoName => (Missing::NotExported, crate::near::hint(entry, &self.inventory.names)),
            Obstacle::NoSeries => {
                (Missing::NoData, Some("the name is known, but no series is there now".to_owned()))
            }
            Obstacle::Foreign => (Missing::OtherSite, self.foreign(entry)),
            Obstacle::Ambiguous => {
                (Missing::SameName, said.map(|said| format!("{said}; narrow [prometheus.selectors]")))
            }
            Obstacle::Failed => (Missing::QueryFailed, said),
        }
    }

    fn foreign(&self, entry: &Entry) -> Option<String> {
        let family = entry.ways.first()?.family;
        let say = match family.belongs() {
            Belongs::Scope => format!(
                "which brokers are meant is not known; set [prometheus.selectors] {}",
                family.scope().name()
            ),
            Belongs::Host => {
                let hosts: Vec<&str> = self.chain.hosts.iter().map(String::as_str).collect();
                format!("no host of the workers ({}); set [prometheus.selectors] node", hosts.join(", "))
            }
            Belongs::Topic => "no series of the topics under load from the chain's workers".to_owned(),
            Belongs::Producer | Belongs::Consumer => {
                "no client of the connector's tasks; a client.id set by an override is not recognised"
                    .to_owned()
            }
            Belongs::Connector | Belongs::Worker => "no series of the connector and its workers".to_owned(),
        };
        Some(say)
    }
}

/// What tells several series of one thing from each other. Each JVM on a host knows the use of the host.
pub(crate) fn apart(per: Per, belongs: Belongs, by: &[&str], labels: &Labels) -> String {
    let target = labels::target(labels).filter(|_| per == Per::Host && belongs == Belongs::Worker);
    let values = by.iter().filter_map(|label| labels::get(labels, label));
    values.chain(target.map(|(_, target)| target)).collect::<Vec<_>>().join("\n")
}

pub(crate) fn every_label(labels: &Labels) -> String {
    let without_name = labels.iter().filter(|(name, _)| *name != "__name__");
    labels::shown(without_name.map(|(name, value)| (name.as_str(), value.as_str())))
}

//! Which workers and which connector of a Prometheus are the chain's.

use std::collections::{BTreeMap, BTreeSet};

use crate::Expected;
use crate::catalogue::Belongs;
use crate::chain::Chain;
use crate::labels::{self, Labels};

/// The scrape targets that have metrics of Connect.
#[derive(Debug, Default)]
pub(crate) struct Targets {
    label: Option<&'static str>,
    /// All of them, with their jobs.
    all: BTreeMap<String, BTreeSet<String>>,
    /// By connector, those with tasks of it.
    holders: BTreeMap<String, BTreeSet<String>>,
    /// Connectors that have a replication consumer: MirrorSource connectors.
    mirrors: BTreeSet<String>,
}

impl Targets {
    /// Notes a series of a family that Connect's workers have.
    pub(crate) fn see(&mut self, belongs: Belongs, labels: &Labels) {
        let Some((label, target)) = labels::target(labels) else { return };
        self.label.get_or_insert(label);
        let client = match belongs {
            Belongs::Producer => labels::data_producer(labels),
            // Asked without the connector's name, a name that ends in a number loses it: no holder is made of that.
            Belongs::Consumer => labels::replication_consumer(labels, None),
            Belongs::Topic | Belongs::Connector | Belongs::Worker => None,
            Belongs::Host | Belongs::Scope => return,
        };
        if client.is_none() && matches!(belongs, Belongs::Producer | Belongs::Consumer) {
            return;
        }
        let jobs = self.all.entry(target.to_owned()).or_default();
        jobs.extend(labels.get("job").cloned());
        if let (Belongs::Consumer, Some(client)) = (belongs, &client) {
            self.mirrors.insert(client.connector.to_owned());
        }
        let connector = match belongs {
            Belongs::Connector => labels::get(labels, "connector"),
            Belongs::Producer => client.map(|client| client.connector),
            _ => None,
        };
        if let Some(connector) = connector {
            self.holders.entry(connector.to_owned()).or_default().insert(target.to_owned());
        }
    }

    /// The chain, with what is doubtful about it in `notes`.
    pub(crate) fn chain(
        &self,
        expected: &Expected,
        everything_is_ours: bool,
        every_host: bool,
        notes: &mut Vec<String>,
    ) -> Chain {
        let connector = expected.connector.clone().or_else(|| self.only_connector(notes));
        let none = BTreeSet::new();
        let holders = match &connector {
            Some(connector) => self.holders.get(connector).unwrap_or(&none).clone(),
            None => self.holders.values().flatten().cloned().collect(),
        };
        let advertised: BTreeSet<String> =
            expected.worker_hosts.iter().map(|address| labels::host(address)).collect();
        let workers = self.workers(expected, &holders, &advertised, everything_is_ours, notes);
        say_what_is_left_out(&holders, &workers, connector.as_deref(), notes);
        let doubtful = advertised.iter().find_map(|host| self.in_several_domains(host));
        let (hosts, hosts_otherwise) = hosts(&workers, advertised);
        Chain {
            connector,
            topics: expected.target_topics.iter().cloned().collect(),
            target_label: self.label.unwrap_or("instance"),
            others: self.all.keys().filter(|target| !workers.contains(*target)).cloned().collect(),
            workers,
            hosts,
            hosts_otherwise,
            every_host,
            doubtful: doubtful.filter(|_| !everything_is_ours),
        }
    }

    /// The scrape targets on a host of this name: those that are called just so, or else with a domain or without.
    fn on(&self, host: &str) -> BTreeSet<String> {
        let fitting = |fits: &dyn Fn(&str) -> bool| -> BTreeSet<String> {
            self.all.keys().filter(|target| fits(&labels::host(target))).cloned().collect()
        };
        let exactly = fitting(&|there| there == host);
        if exactly.is_empty() { fitting(&|there| labels::same_host(there, host)) } else { exactly }
    }

    /// Connect says `connect-1`, and there are `connect-1.paris` and `connect-1.lyon`.
    fn in_several_domains(&self, host: &str) -> Option<String> {
        let there: BTreeSet<String> = self.on(host).iter().map(|target| labels::host(target)).collect();
        (there.len() > 1).then(|| format!("Connect's worker {host} may be any of {}", shown(&there)))
    }

    /// Whether anything of Connect is there.
    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// `connect-1:9404, connect-2:9404 and 3 more`.
    pub(crate) fn shown(&self) -> String {
        shown(self.all.keys())
    }

    /// Where nobody named the connector: the only one that there is.
    fn only_connector(&self, notes: &mut Vec<String>) -> Option<String> {
        let candidates = if self.mirrors.is_empty() {
            self.holders.keys().collect::<Vec<_>>()
        } else {
            self.mirrors.iter().collect()
        };
        match candidates.as_slice() {
            [] => None,
            [only] => {
                notes
                    .push(format!("the connector is not named; taken is {only}, the only one in Prometheus"));
                Some((*only).clone())
            }
            several => {
                let several = shown(several.iter().copied());
                notes.push(format!(
                    "the connector is not named, and Prometheus has several ({several}); set [connect] connector"
                ));
                None
            }
        }
    }

    fn workers(
        &self,
        expected: &Expected,
        holders: &BTreeSet<String>,
        advertised: &BTreeSet<String>,
        everything_is_ours: bool,
        notes: &mut Vec<String>,
    ) -> BTreeSet<String> {
        if everything_is_ours {
            return self.all.keys().cloned().collect();
        }
        let by_host: BTreeSet<String> = advertised.iter().flat_map(|host| self.on(host)).collect();
        let wanted = expected.workers.or(Some(expected.worker_hosts.len()).filter(|count| *count > 0));
        if by_host.is_empty() {
            return self.by_connector_only(holders, advertised, wanted, notes);
        }
        // More targets than workers on the same hosts: those with the connector's tasks, if they are enough.
        let holding: BTreeSet<String> = by_host.intersection(holders).cloned().collect();
        match wanted {
            Some(wanted) if by_host.len() > wanted && holding.len() >= wanted => holding,
            // Fewer: whoever else has a connector of this name may be another site's, whatever is missing here.
            _ => by_host,
        }
    }

    /// No target has the name of a worker: containers and proxies rename hosts. The connector's name must do, where
    /// it can.
    fn by_connector_only(
        &self,
        holders: &BTreeSet<String>,
        advertised: &BTreeSet<String>,
        wanted: Option<usize>,
        notes: &mut Vec<String>,
    ) -> BTreeSet<String> {
        if advertised.is_empty() || holders.is_empty() {
            return self.with_peers(holders, wanted);
        }
        let named = |host: &str| !labels::is_ip(host);
        let alike = holders.iter().all(|target| named(&labels::host(target)))
            == advertised.iter().all(|host| named(host));
        let (theirs, ours) = (shown(holders), shown(advertised));
        if alike {
            notes.push(format!(
                "Prometheus has a connector of this name on {theirs}, but Connect's workers are {ours}: taken for \
                 another site; if they are the same, set [prometheus.selectors] connect"
            ));
            return BTreeSet::new();
        }
        notes.push(format!(
            "workers are recognised by the connector's name only: Prometheus knows {theirs}, Connect {ours}; set \
             [prometheus.selectors] connect to be sure"
        ));
        self.with_peers(holders, wanted)
    }

    /// With the other targets of the same job, where that makes the number of workers: a worker may hold no task. One
    /// with a task of a connector that none of the holders has is of another cluster.
    fn with_peers(&self, holders: &BTreeSet<String>, wanted: Option<usize>) -> BTreeSet<String> {
        let jobs: BTreeSet<&String> =
            holders.iter().filter_map(|target| self.all.get(target)).flatten().collect();
        let connectors: BTreeSet<&String> =
            holders.iter().flat_map(|target| self.connectors_on(target)).collect();
        let is_peer = |target: &String, jobs_there: &BTreeSet<String>| {
            jobs_there.iter().any(|job| jobs.contains(job))
                && self.connectors_on(target).all(|connector| connectors.contains(connector))
        };
        let peers: BTreeSet<String> = self
            .all
            .iter()
            .filter(|(target, jobs)| is_peer(target, jobs))
            .map(|(target, _)| target.clone())
            .collect();
        if Some(peers.len()) == wanted { peers } else { holders.clone() }
    }

    fn connectors_on<'a>(&'a self, target: &'a str) -> impl Iterator<Item = &'a String> {
        self.holders
            .iter()
            .filter(move |(_, targets)| targets.contains(target))
            .map(|(connector, _)| connector)
    }
}

/// The hosts of the workers by Connect's names, with those that only Prometheus knows; and by Prometheus' names, where
/// none of them is one of Connect's.
fn hosts(workers: &BTreeSet<String>, advertised: BTreeSet<String>) -> (BTreeSet<String>, BTreeSet<String>) {
    let scraped: BTreeSet<String> = workers.iter().map(|target| labels::host(target)).collect();
    let unknown = |host: &&String| !advertised.iter().any(|ours| labels::same_host(ours, host));
    let more: BTreeSet<String> = scraped.iter().filter(unknown).cloned().collect();
    if !advertised.is_empty() && more.len() == scraped.len() {
        return (advertised, scraped);
    }
    (advertised.into_iter().chain(more).collect(), BTreeSet::new())
}

fn say_what_is_left_out(
    holders: &BTreeSet<String>,
    workers: &BTreeSet<String>,
    connector: Option<&str>,
    notes: &mut Vec<String>,
) {
    let left_out: Vec<&String> = holders.difference(workers).collect();
    if let (false, false, Some(connector)) = (workers.is_empty(), left_out.is_empty(), connector) {
        notes.push(format!(
            "a connector {connector} is also on {}, which are no workers of this chain: left out; if they are, set \
             [prometheus.selectors] connect",
            shown(left_out)
        ));
    }
}

fn shown<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    const MOST: usize = 4;
    let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
    let more = names.len().saturating_sub(MOST);
    let first = names[..names.len().min(MOST)].join(", ");
    if more > 0 { format!("{first} and {more} more") } else { first }
}

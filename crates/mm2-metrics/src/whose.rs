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
        let hosts = workers.iter().map(|target| labels::host(target)).chain(advertised).collect();
        Chain {
            connector,
            topics: expected.target_topics.iter().cloned().collect(),
            target_label: self.label.unwrap_or("instance"),
            workers,
            hosts,
            every_host,
        }
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
        let is_advertised =
            |target: &&String| advertised.iter().any(|host| labels::same_host(host, &labels::host(target)));
        let by_host: BTreeSet<String> = self.all.keys().filter(is_advertised).cloned().collect();
        let wanted = expected.workers.or(Some(expected.worker_hosts.len()).filter(|count| *count > 0));
        if by_host.is_empty() {
            return self.by_connector_only(holders, advertised, wanted, notes);
        }
        // More targets than workers on the same hosts: those with the connector's tasks, if they are enough.
        let holding: BTreeSet<String> = by_host.intersection(holders).cloned().collect();
        match wanted {
            Some(wanted) if by_host.len() > wanted && holding.len() >= wanted => holding,
            Some(wanted) if by_host.len() < wanted => by_host.union(holders).cloned().collect(),
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

    /// With the other targets of the same job, where that makes the number of workers: a worker may hold no task.
    fn with_peers(&self, holders: &BTreeSet<String>, wanted: Option<usize>) -> BTreeSet<String> {
        let jobs: BTreeSet<&String> =
            holders.iter().filter_map(|target| self.all.get(target)).flatten().collect();
        let is_peer = |jobs_there: &BTreeSet<String>| jobs_there.iter().any(|job| jobs.contains(job));
        let peers: BTreeSet<String> =
            self.all.iter().filter(|(_, jobs)| is_peer(jobs)).map(|(target, _)| target.clone()).collect();
        if Some(peers.len()) == wanted { peers } else { holders.clone() }
    }
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
            "a connector {connector} is also on {}, which are no workers of this chain: left out",
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

//! Whose a series is: this chain's, or another's that the same Prometheus watches.
//!
//! Connect's and MM2's metrics are recognised by the connector; metrics of a worker's JVM by the scrape target that the
//! connector's metrics come from; metrics of a host by its name. MM2's own metrics name neither connector nor cluster,
//! so topic *and* scrape target must fit.

use std::collections::BTreeSet;

use crate::catalogue::{Belongs, Per};
use crate::labels::{self, Labels};
use crate::promql::{literal, matches, one_of, perhaps_quoted};

/// The chain, as far as its metrics tell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chain {
    pub(crate) connector: Option<String>,
    pub(crate) topics: BTreeSet<String>,
    /// The label that tells scrape targets apart, and its values for the workers.
    pub(crate) target_label: &'static str,
    pub(crate) workers: BTreeSet<String>,
    /// Scrape targets of Connect that are no workers of the chain.
    pub(crate) others: BTreeSet<String>,
    /// Hosts of the workers, each by one name.
    pub(crate) hosts: BTreeSet<String>,
    /// The same as their scrape targets call them, where none of those names is one of Connect's.
    pub(crate) hosts_otherwise: BTreeSet<String>,
    /// The chain file says which hosts, and none of them has the name of a worker: all in the scope `node` are taken.
    pub(crate) every_host: bool,
    /// A worker's name that several scrape targets have, each in a domain of its own.
    pub(crate) doubtful: Option<String>,
}

impl Chain {
    /// Whether a series is the chain's.
    pub(crate) fn has(&self, belongs: Belongs, labels: &Labels) -> bool {
        let connector_fits = |name: &str| self.connector.as_deref().is_none_or(|ours| ours == name);
        let of_worker = || labels::target(labels).is_some_and(|(_, target)| self.workers.contains(target));
        let named = labels::get(labels, "connector");
        let named_fits = named.is_none_or(connector_fits);
        match belongs {
            Belongs::Topic => {
                let topic = labels::get(labels, "topic");
                named_fits && of_worker() && topic.is_some_and(|topic| self.topics.contains(topic))
            }
            Belongs::Connector => named.is_some() && named_fits && of_worker(),
            Belongs::Producer => {
                of_worker() && labels::data_producer(labels).is_some_and(|it| connector_fits(it.connector))
            }
            Belongs::Consumer => {
                let client = labels::replication_consumer(labels, self.connector.as_deref());
                of_worker() && client.is_some_and(|it| connector_fits(it.connector))
            }
            Belongs::Worker => named_fits && of_worker(),
            Belongs::Host => {
                let host = labels::target(labels).map(|(_, target)| labels::host(target));
                self.every_host || host.is_some_and(|host| self.is_host(&host))
            }
            Belongs::Scope => true,
        }
    }

    fn is_host(&self, host: &str) -> bool {
        self.machine(host).is_some()
    }

    /// The worker's host that has this name.
    fn machine(&self, host: &str) -> Option<&String> {
        self.hosts.get(host).or_else(|| self.hosts.iter().find(|ours| labels::same_host(ours, host)))
    }

    /// Decides by which names the hosts go, once it is known which hosts Prometheus has in the scope `node`.
    pub(crate) fn settle_hosts(&mut self, there: &BTreeSet<String>) {
        let any_of = |hosts: &BTreeSet<String>| {
            hosts.iter().any(|ours| there.iter().any(|host| labels::same_host(ours, host)))
        };
        if !any_of(&self.hosts) && any_of(&self.hosts_otherwise) {
            self.hosts = std::mem::take(&mut self.hosts_otherwise);
        }
        self.every_host &= !any_of(&self.hosts);
    }

    /// Whether a series tells by itself whose it is: by the label that such a metric is known by, or by coming from
    /// another chain's worker.
    pub(crate) fn tells_whose(&self, belongs: Belongs, labels: &Labels) -> bool {
        let target = labels::target(labels).map(|(_, target)| target);
        let has_label = match belongs {
            Belongs::Topic => labels::get(labels, "topic").is_some(),
            Belongs::Connector => labels::get(labels, "connector").is_some(),
            Belongs::Producer | Belongs::Consumer => labels::client_id(labels).is_some(),
            Belongs::Worker | Belongs::Host => target.is_some(),
            Belongs::Scope => false,
        };
        has_label || target.is_some_and(|target| self.others.contains(target))
    }

    /// What tells a series from the others of its signal; the same for the same task on another worker.
    pub(crate) fn key(&self, per: Per, belongs: Belongs, labels: &Labels) -> Option<String> {
        let target = || labels::target(labels);
        match per {
            Per::Partition => {
                let (topic, partition) = (labels::get(labels, "topic")?, labels::get(labels, "partition")?);
                Some(labels::shown([("topic", topic), ("partition", partition)]))
            }
            Per::Task => {
                let client = match belongs {
                    Belongs::Producer => labels::data_producer(labels),
                    Belongs::Consumer => labels::replication_consumer(labels, self.connector.as_deref()),
                    _ => None,
                };
                let task = client.and_then(|client| client.task).or_else(|| labels::get(labels, "task"));
                task.map(|task| labels::shown([("task", task)]))
                    .or_else(|| target().map(|it| labels::shown([it])))
            }
            Per::Host => {
                let (label, target) = target()?;
                let machine = self.machine(&labels::host(target));
                Some(labels::shown([machine.map_or((label, target), |machine| ("host", machine))]))
            }
            Per::Worker | Per::Broker => target().map(|target| labels::shown([target])),
            Per::Disk => Some(labels::shown([target()?, ("device", labels::get(labels, "device")?)])),
        }
    }

    /// The matchers that leave the chain's series of a family: as a person would write them.
    pub(crate) fn matchers(&self, belongs: Belongs, client_label: &str) -> Vec<String> {
        let workers: Vec<&String> = self.workers.iter().collect();
        let of_worker = || one_of(self.target_label, &workers);
        let connector = self.connector.as_deref();
        match belongs {
            Belongs::Topic => {
                let topics: Vec<&String> = self.topics.iter().collect();
                vec![one_of("topic", &topics), of_worker()]
            }
            Belongs::Connector => {
                let named = connector.map(|name| matches("connector", &perhaps_quoted(&literal(name))));
                named.into_iter().chain([of_worker()]).collect()
            }
            Belongs::Producer => {
                let name = connector.map_or(".+".to_owned(), literal);
                let id = perhaps_quoted(&format!("connector-producer-{name}-[0-9]+"));
                vec![matches(client_label, &id), of_worker()]
            }
            Belongs::Consumer => {
                let name = connector.map_or(".+".to_owned(), literal);
                let id = perhaps_quoted(&format!(r".*\|{name}(-[0-9]+)?\|replication-consumer"));
                vec![matches(client_label, &id), of_worker()]
            }
            Belongs::Worker => vec![of_worker()],
            Belongs::Host | Belongs::Scope => Vec::new(),
        }
    }
}

//! A connector's configuration, as Connect answers it: with passwords, hence the guarded `Debug`.

use std::{collections::BTreeMap, fmt};

use crate::{WorkerProperties, secret};

/// Keys and values of one connector. Values may be secret: show only [`ConnectorConfig::redacted`].
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ConnectorConfig(BTreeMap<String, String>);

impl ConnectorConfig {
    /// The value as configured; `None` when unset, so the default holds.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// For the evidence: every key, with the values that look secret replaced by `REDACTED`.
    pub fn redacted(&self) -> BTreeMap<String, String> {
        secret::redacted(&self.0)
    }

    /// Whether this configures MM2's source connector, by class name or by Connect's short alias of it.
    pub fn is_mirror_source(&self) -> bool {
        self.get("connector.class")
            .is_some_and(|class| class.ends_with("MirrorSourceConnector") || class == "MirrorSource")
    }
}

impl FromIterator<(String, String)> for ConnectorConfig {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(settings: I) -> Self {
        Self(settings.into_iter().collect())
    }
}

impl fmt::Debug for ConnectorConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.redacted()).finish()
    }
}

/// Whether the chain promises each record exactly once. Where it does, one duplicate is one too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExactlyOnce {
    /// The connector demands it (it would not start otherwise), or its workers have it enabled.
    Yes,
    /// The workers' file says that it is not enabled.
    No,
    /// REST does not tell, and no worker file was given.
    Unknown,
}

impl ExactlyOnce {
    /// From `exactly.once.support = required` of the connector, else from the workers'
    /// `exactly.once.source.support` (KIP-618; default disabled, `preparing` is not yet on).
    pub fn of(config: &ConnectorConfig, workers: Option<&WorkerProperties>) -> Self {
        let required =
            config.get("exactly.once.support").is_some_and(|v| v.trim().eq_ignore_ascii_case("required"));
        match workers.map(WorkerProperties::exactly_once_source_support) {
            _ if required => Self::Yes,
            Some(Some(true)) => Self::Yes,
            Some(Some(false)) => Self::No,
            Some(None) | None => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(settings: &[(&str, &str)]) -> ConnectorConfig {
        settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn a_connector_that_requires_exactly_once_has_it() {
        let required = config(&[("exactly.once.support", "required")]);
        assert_eq!(ExactlyOnce::of(&required, None), ExactlyOnce::Yes);
    }

    #[test]
    fn without_a_worker_file_a_connector_that_only_requests_it_is_unknown() {
        let requested = config(&[("exactly.once.support", "requested"), ("transaction.boundary", "poll")]);
        assert_eq!(ExactlyOnce::of(&requested, None), ExactlyOnce::Unknown);
    }

    #[test]
    fn the_worker_file_decides_where_the_connector_does_not() {
        let check = |text: &str, expect| {
            let workers = WorkerProperties::parse(text).unwrap();
            assert_eq!(ExactlyOnce::of(&config(&[]), Some(&workers)), expect, "{text:?}");
        };
        check("exactly.once.source.support=enabled", ExactlyOnce::Yes);
        check("exactly.once.source.support=preparing", ExactlyOnce::No);
        check("group.id=x", ExactlyOnce::No);
    }

    #[test]
    fn debug_hides_what_looks_secret_and_shows_the_rest() {
        let shown = format!("{:?}", config(&[("x.password", "hunter2"), ("topics", "a.*")]));
        assert!(!shown.contains("hunter2") && shown.contains("REDACTED") && shown.contains("a.*"), "{shown}");
    }

    #[test]
    fn the_mirror_source_is_known_by_class_and_by_alias() {
        for class in ["org.apache.kafka.connect.mirror.MirrorSourceConnector", "MirrorSource"] {
            assert!(config(&[("connector.class", class)]).is_mirror_source());
        }
        assert!(!config(&[("connector.class", "MirrorCheckpointConnector")]).is_mirror_source());
    }
}

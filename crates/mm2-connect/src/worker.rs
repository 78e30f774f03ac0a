//! What only the workers' own file tells: REST does not show a worker's settings.
//!
//! Reads `connect-distributed.properties` and, where `clusters` is set, `mm2.properties` of the
//! dedicated mode, in which a worker's settings carry the target's alias (`b.offset.flush.interval.ms`)
//! and a connector's stand bare or under `a->b.` (`MirrorMakerConfig` of Kafka 3.9).

use std::{collections::BTreeMap, fmt, time::Duration};

use mm2_config::{PropertiesError, parse_properties};

use crate::{ConnectorConfig, secret};

/// Kafka's default of `offset.flush.interval.ms`.
const DEFAULT_FLUSH_INTERVAL_MS: &str = "60000";

/// A worker's properties, once read. Values may be secret; `Debug` hides those.
#[derive(Clone, Default)]
pub struct WorkerProperties(BTreeMap<String, String>);

impl WorkerProperties {
    /// Reads Java properties text.
    ///
    /// # Errors
    /// When Java would refuse the text too.
    pub fn parse(text: &str) -> Result<Self, PropertiesError> {
        parse_properties(text).map(Self)
    }

    /// How often source offsets are committed, the window of duplicates after a crash: 60 s where the
    /// file does not say. `None` where it cannot be told: no number, or several flows in one file.
    pub fn offset_flush_interval(&self) -> Option<Duration> {
        let ms = self.worker_setting("offset.flush.interval.ms", DEFAULT_FLUSH_INTERVAL_MS)?;
        ms.trim().parse().ok().map(Duration::from_millis)
    }

    /// Whether `exactly.once.source.support` is `enabled` (default: disabled; `preparing` is not yet).
    /// `None` where several flows stand in one file.
    pub fn exactly_once_source_support(&self) -> Option<bool> {
        let value = self.worker_setting("exactly.once.source.support", "disabled")?;
        Some(value.trim().eq_ignore_ascii_case("enabled"))
    }

    /// Whether this is `mm2.properties` of the dedicated mode.
    pub fn is_dedicated(&self) -> bool {
        self.0.contains_key("clusters")
    }

    /// The MirrorSourceConnector that the dedicated mode makes of this file, as far as names and topics
    /// need it. `None` when not dedicated, or when not exactly one `a->b.enabled = true` stands in it.
    pub fn dedicated_connector(&self) -> Option<ConnectorConfig> {
        let (source, target) = self.flow()?;
        let flow = format!("{source}->{target}.");
        let own = [
            ("connector.class", "org.apache.kafka.connect.mirror.MirrorSourceConnector"),
            ("source.cluster.alias", source),
            ("target.cluster.alias", target),
        ];
        let bare = self.0.iter().filter(|(key, _)| !key.contains("->"));
        let of_flow = self.0.iter().filter_map(|(key, value)| Some((key.strip_prefix(&flow)?, value)));
        let mut config: BTreeMap<String, String> = bare.map(|(k, v)| (k.clone(), v.clone())).collect();
        config.extend(own.map(|(k, v)| (k.to_owned(), v.to_owned())));
        config.extend(of_flow.map(|(k, v)| (k.to_owned(), v.clone())));
        Some(config.into_iter().collect())
    }

    /// `None`: it cannot be told whose worker is meant.
    fn worker_setting<'a>(&'a self, key: &str, default: &'a str) -> Option<&'a str> {
        let value = if self.is_dedicated() {
            let (_, target) = self.flow()?;
            self.0.get(&format!("{target}.{key}"))
        } else {
            self.0.get(key)
        };
        Some(value.map_or(default, String::as_str))
    }

    /// Source and target alias of the only enabled flow.
    fn flow(&self) -> Option<(&str, &str)> {
        if !self.is_dedicated() {
            return None;
        }
        let mut enabled = self.0.iter().filter_map(|(key, value)| {
            let flow = key.strip_suffix(".enabled")?.split_once("->")?;
            (value.trim().eq_ignore_ascii_case("true") && !flow.1.contains('.')).then_some(flow)
        });
        match (enabled.next(), enabled.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }
}

impl fmt::Debug for WorkerProperties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(secret::redacted(&self.0)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flush_s(text: &str) -> Option<u64> {
        WorkerProperties::parse(text).unwrap().offset_flush_interval().map(|d| d.as_secs())
    }

    const DEDICATED: &str = "clusters = a, b\na->b.enabled = true\nb->a.enabled = false\n\
        a->b.topics = orders.*\nreplication.policy.separator = _\nb.offset.flush.interval.ms = 7000\n\
        offset.flush.interval.ms = 1\nb->a.topics = no\n";

    #[test]
    fn the_flush_interval_is_the_file_s_or_kafka_s_default() {
        assert_eq!(flush_s("offset.flush.interval.ms = 5000 "), Some(5));
        assert_eq!(flush_s("group.id=x"), Some(60));
        assert_eq!(flush_s("offset.flush.interval.ms=soon"), None);
    }

    #[test]
    fn a_dedicated_file_gives_the_target_s_setting_and_not_the_bare_one() {
        assert_eq!(flush_s(DEDICATED), Some(7));
    }

    #[test]
    fn two_flows_in_one_file_cannot_be_told_apart() {
        let both = format!("{DEDICATED}b->a.enabled = true");
        assert_eq!(flush_s(&both), None);
        assert!(WorkerProperties::parse(&both).unwrap().dedicated_connector().is_none());
    }

    #[test]
    fn a_dedicated_file_yields_its_connector() {
        let config = WorkerProperties::parse(DEDICATED).unwrap().dedicated_connector().unwrap();
        assert_eq!(config.get("topics"), Some("orders.*"));
        assert_eq!(config.get("source.cluster.alias"), Some("a"));
        assert_eq!(config.get("replication.policy.separator"), Some("_"));
        assert!(config.is_mirror_source());
    }

    #[test]
    fn debug_hides_passwords() {
        let shown = format!("{:?}", WorkerProperties::parse("ssl.key.password=hunter2\ngroup.id=g").unwrap());
        assert!(!shown.contains("hunter2") && shown.contains('g'), "{shown}");
    }
}

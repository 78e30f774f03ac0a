//! What labels tell: which scrape target, which Kafka client, which host. Sites name these labels differently, and the
//! JMX agent puts quotes around values with characters that MBean names quote.

use std::collections::BTreeMap;

pub(crate) type Labels = BTreeMap<String, String>;

/// What tells scrape targets apart, the first that is there.
const TARGET: [&str; 4] = ["instance", "pod", "host", "hostname"];
const CLIENT: [&str; 3] = ["client_id", "clientid", "clientId"];
const PRODUCER: &str = "connector-producer-";
const CONSUMER: &str = "|replication-consumer";

/// A Kafka client of a Connect task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TaskClient<'a> {
    pub(crate) connector: &'a str,
    /// Consumers of older MM2 do not say.
    pub(crate) task: Option<&'a str>,
}

pub(crate) fn get<'a>(labels: &'a Labels, name: &str) -> Option<&'a str> {
    labels.get(name).map(|value| unquoted(value))
}

/// Name and value of the label that tells the scrape target.
pub(crate) fn target(labels: &Labels) -> Option<(&'static str, &str)> {
    TARGET.iter().find_map(|name| labels.get(*name).map(|value| (*name, value.as_str())))
}

/// Name and value of the label that tells the client.
pub(crate) fn client_id(labels: &Labels) -> Option<(&'static str, &str)> {
    CLIENT.iter().find_map(|name| get(labels, name).map(|value| (*name, value)))
}

/// `connector-producer-<connector>-<task>`: the producers of data, not those of Connect's own topics or of MM2's
/// offset syncs.
pub(crate) fn data_producer(labels: &Labels) -> Option<TaskClient<'_>> {
    let (connector, task) = numbered(client_id(labels)?.1.strip_prefix(PRODUCER)?)?;
    Some(TaskClient { connector, task: Some(task) })
}

/// `<source>-><target>|<connector>[-<task>]|replication-consumer`. Whether a number at the end is a task's is known
/// only with the connector's name.
pub(crate) fn replication_consumer<'a>(
    labels: &'a Labels,
    connector: Option<&str>,
) -> Option<TaskClient<'a>> {
    let name = client_id(labels)?.1.strip_suffix(CONSUMER)?.rsplit('|').next()?;
    match numbered(name) {
        _ if Some(name) == connector => Some(TaskClient { connector: name, task: None }),
        Some((connector, task)) => Some(TaskClient { connector, task: Some(task) }),
        None => Some(TaskClient { connector: name, task: None }),
    }
}

fn numbered(name: &str) -> Option<(&str, &str)> {
    let (name, number) = name.rsplit_once('-')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some((name, number))
}

fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

/// `host` of `host:port`, `[::1]:port` or `http://host:port/path`.
pub(crate) fn host(address: &str) -> String {
    let address = address.split_once("://").map_or(address, |(_, rest)| rest);
    let address = address.split('/').next().unwrap_or(address);
    let host = match address.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !is_bare_ipv6(address) => {
            host
        }
        _ => address,
    };
    host.trim_matches(['[', ']']).to_lowercase()
}

fn is_bare_ipv6(address: &str) -> bool {
    address.matches(':').count() > 1 && !address.starts_with('[')
}

pub(crate) fn is_ip(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok()
}

/// Whether two names are of one host: the same, or one is the other without its domain.
pub(crate) fn same_host(a: &str, b: &str) -> bool {
    let short = |long: &str, short: &str| {
        !is_ip(short) && long.strip_prefix(short).is_some_and(|domain| domain.starts_with('.'))
    };
    a == b || short(a, b) || short(b, a)
}

/// `{task="0"}`: what tells a series from the others of its signal.
pub(crate) fn shown<'a>(labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let labels: Vec<String> = labels.into_iter().map(|(name, value)| format!("{name}={value:?}")).collect();
    format!("{{{}}}", labels.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(id: &str) -> Labels {
        Labels::from([("clientid".to_owned(), id.to_owned())])
    }

    #[test]
    fn the_data_producers_of_a_connector_are_told_from_every_other_producer() {
        let check = |id: &str, expect: Option<(&str, &str)>| {
            let labels = client(id);
            let got = data_producer(&labels).map(|it| (it.connector, it.task.unwrap_or("none")));
            assert_eq!(got, expect, "{id}");
        };
        check("connector-producer-mm2-source-0", Some(("mm2-source", "0")));
        check("connector-producer-mm2-source-2-11", Some(("mm2-source-2", "11")));
        check("\"connector-producer-a->b-3\"", Some(("a->b", "3")));
        check("connect-mm2-offsets", None);
        check("\"source->target|mm2-source-0|offset-syncs-source-producer\"", None);
    }

    #[test]
    fn the_replication_consumers_are_told_from_every_other_consumer() {
        let check = |id: &str, expect: Option<(&str, Option<&str>)>| {
            let labels = client(id);
            let got = replication_consumer(&labels, Some("mm2-5")).map(|it| (it.connector, it.task));
            assert_eq!(got, expect, "{id}");
        };
        check("\"source->target|mm2-source-0|replication-consumer\"", Some(("mm2-source", Some("0"))));
        check("a->b|MirrorSourceConnector|replication-consumer", Some(("MirrorSourceConnector", None)));
        check("a->b|mm2-5|replication-consumer", Some(("mm2-5", None)));
        check("a->b|mm2-5-0|replication-consumer", Some(("mm2-5", Some("0"))));
        check("connect-mm2-configs", None);
    }

    #[test]
    fn hosts_are_read_out_of_addresses() {
        let check = |address: &str, expect: &str| assert_eq!(host(address), expect, "{address}");
        check("Connect-1.Example.com:9404", "connect-1.example.com");
        check("10.0.0.3:9404", "10.0.0.3");
        check("[::1]:9404", "::1");
        check("::1", "::1");
        check("https://connect-1:8083/x", "connect-1");
        check("pod-7", "pod-7");
        assert!(same_host("connect-1", "connect-1.example.com"));
        assert!(!same_host("connect-1", "connect-10"));
        assert!(!same_host("10.0.0.3", "10.0.0.3.4"));
    }
}

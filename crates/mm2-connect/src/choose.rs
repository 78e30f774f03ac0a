//! Which connector carries our topics. Pure: the configurations come in, the choice goes out.

use std::collections::BTreeMap;

use crate::{ConnectError, ConnectorConfig, NamingError, Selects, TargetNaming, TopicFilter};

/// The connector to measure.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// Its name in Connect.
    pub name: String,
    /// Its configuration, secrets and all.
    pub config: ConnectorConfig,
    /// How it names topics on the target. An error matters only where the chain file gives no pattern.
    pub naming: Result<TargetNaming, NamingError>,
}

impl Chosen {
    fn new(name: &str, config: &ConnectorConfig) -> Self {
        Self { name: name.to_owned(), config: config.clone(), naming: TargetNaming::of(config) }
    }
}

/// The named connector; without a name, the only MirrorSourceConnector that replicates every topic.
///
/// # Errors
/// When the name is unknown or no mirror source, or certainly leaves one of the topics out; without a
/// name: when none replicates them all, more than one takes one of them, or it cannot be told.
pub fn choose_among(
    connectors: &BTreeMap<String, ConnectorConfig>,
    topics: &[&str],
    named: Option<&str>,
) -> Result<Chosen, ConnectError> {
    if let Some(name) = named {
        return choose_named(connectors, topics, name);
    }
    let mirrors: Vec<Mirror<'_>> = connectors
        .iter()
        .filter(|(_, config)| config.is_mirror_source())
        .map(|(name, config)| Mirror::new(name, config, topics))
        .collect();

    let takers: Vec<&Mirror<'_>> = mirrors.iter().filter(|mirror| mirror.takes != Takes::Nothing).collect();
    match takers.as_slice() {
        [] => Err(no_connector(topics, &mirrors)),
        [only] => match &only.takes {
            Takes::Everything => Ok(Chosen::new(only.name, only.config)),
            Takes::Perhaps(_) => {
                Err(ConnectError::CannotTell { topics: owned(topics), reasons: vec![only.described()] })
            }
            Takes::Something | Takes::Nothing => Err(no_connector(topics, &mirrors)),
        },
        several => Err(ConnectError::Ambiguous {
            topics: owned(topics),
            names: several.iter().map(|mirror| mirror.described()).collect(),
        }),
    }
}

fn choose_named(
    connectors: &BTreeMap<String, ConnectorConfig>,
    topics: &[&str],
    name: &str,
) -> Result<Chosen, ConnectError> {
    let Some(config) = connectors.get(name) else {
        let found = connectors.keys().cloned().collect();
        return Err(ConnectError::UnknownConnector { name: name.to_owned(), found });
    };
    if !config.is_mirror_source() {
        let class = config.get("connector.class").unwrap_or("connector without a class").to_owned();
        return Err(ConnectError::NotMirrorSource { name: name.to_owned(), class });
    }
    let mirror = Mirror::new(name, config, topics);
    match mirror.takes {
        Takes::Everything | Takes::Perhaps(_) => Ok(Chosen::new(name, config)),
        Takes::Something | Takes::Nothing => Err(no_connector(topics, &[mirror])),
    }
}

/// A mirror source connector seen against our topics.
struct Mirror<'a> {
    name: &'a str,
    config: &'a ConnectorConfig,
    takes: Takes,
}

#[derive(PartialEq)]
enum Takes {
    Everything,
    Something,
    Perhaps(String),
    Nothing,
}

impl<'a> Mirror<'a> {
    fn new(name: &'a str, config: &'a ConnectorConfig, topics: &[&str]) -> Self {
        let filter = TopicFilter::of(config);
        let answers: Vec<Selects> = topics.iter().map(|topic| filter.selects(topic)).collect();
        let takes = if answers.iter().all(|answer| *answer == Selects::Yes) {
            Takes::Everything
        } else if answers.iter().all(|answer| *answer == Selects::No) {
            Takes::Nothing
        } else if answers.contains(&Selects::No) {
            Takes::Something
        } else {
            let why = answers.into_iter().find_map(|answer| match answer {
                Selects::CannotTell(why) => Some(why),
                Selects::Yes | Selects::No => None,
            });
            Takes::Perhaps(why.unwrap_or_default())
        };
        Self { name, config, takes }
    }

    fn described(&self) -> String {
        let topics = self.config.get("topics").unwrap_or(".*");
        match &self.takes {
            Takes::Perhaps(why) => format!("{} ({why})", self.name),
            Takes::Everything | Takes::Something | Takes::Nothing => {
                format!("{} with topics = {topics}", self.name)
            }
        }
    }
}

fn no_connector(topics: &[&str], mirrors: &[Mirror<'_>]) -> ConnectError {
    ConnectError::NoConnector {
        topics: owned(topics),
        found: mirrors.iter().map(Mirror::described).collect(),
    }
}

fn owned(topics: &[&str]) -> Vec<String> {
    topics.iter().map(|topic| (*topic).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPICS: [&str; 2] = ["test-1", "test-2"];

    fn connectors(of: &[(&str, &str, &str)]) -> BTreeMap<String, ConnectorConfig> {
        of.iter()
            .map(|(name, class, topics)| {
                let settings = [("connector.class", *class), ("topics", *topics)];
                let config = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
                ((*name).to_owned(), config)
            })
            .collect()
    }

    const SOURCE: &str = "org.apache.kafka.connect.mirror.MirrorSourceConnector";
    const CHECKPOINT: &str = "org.apache.kafka.connect.mirror.MirrorCheckpointConnector";

    #[test]
    fn the_only_mirror_source_that_takes_every_topic_is_chosen() {
        let all = connectors(&[("c", CHECKPOINT, "test.*"), ("m", SOURCE, "test.*"), ("o", SOURCE, "other")]);
        let chosen = choose_among(&all, &TOPICS, None).unwrap();
        assert_eq!(chosen.name, "m");
        assert_eq!(chosen.naming.unwrap().target_topic("test-1"), "source.test-1");
    }

    #[test]
    fn two_that_take_the_same_topics_are_an_error_and_a_name_settles_it() {
        let all = connectors(&[("a", SOURCE, "test.*"), ("b", SOURCE, ".*")]);
        let error = choose_among(&all, &TOPICS, None).unwrap_err();
        assert!(matches!(&error, ConnectError::Ambiguous { names, .. } if names.len() == 2), "{error}");
        assert_eq!(choose_among(&all, &TOPICS, Some("b")).unwrap().name, "b");
    }

    #[test]
    fn a_second_connector_that_takes_only_one_of_the_topics_is_an_error_too() {
        let all = connectors(&[("a", SOURCE, "test.*"), ("b", SOURCE, "test-2")]);
        assert!(matches!(choose_among(&all, &TOPICS, None), Err(ConnectError::Ambiguous { .. })));
    }

    #[test]
    fn none_that_takes_every_topic_is_an_error_that_shows_what_was_found() {
        for topics in ["other", "test-1"] {
            let error = choose_among(&connectors(&[("m", SOURCE, topics)]), &TOPICS, None).unwrap_err();
            assert!(matches!(error, ConnectError::NoConnector { .. }), "{error:?}");
            assert!(error.to_string().contains(&format!("m with topics = {topics}")), "{error}");
        }
    }

    #[test]
    fn no_mirror_source_at_all_is_said() {
        let error = choose_among(&connectors(&[("c", CHECKPOINT, ".*")]), &TOPICS, None).unwrap_err();
        assert!(error.to_string().contains("found: none"), "{error}");
    }

    #[test]
    fn a_pattern_that_cannot_be_read_is_said_and_a_name_settles_it() {
        let all = connectors(&[("m", SOURCE, r"\Qtest\E.*")]);
        let error = choose_among(&all, &TOPICS, None).unwrap_err();
        assert!(matches!(error, ConnectError::CannotTell { .. }), "{error:?}");
        assert!(error.to_string().contains(r"\Qtest\E.*"), "{error}");
        assert_eq!(choose_among(&all, &TOPICS, Some("m")).unwrap().name, "m");
    }

    #[test]
    fn a_pattern_that_cannot_be_read_may_be_a_rival() {
        let all = connectors(&[("a", SOURCE, "test.*"), ("b", SOURCE, r"\Qtest\E.*")]);
        assert!(matches!(choose_among(&all, &TOPICS, None), Err(ConnectError::Ambiguous { .. })));
    }

    #[test]
    fn a_name_must_exist_be_a_mirror_source_and_take_the_topics() {
        let all = connectors(&[("c", CHECKPOINT, ".*"), ("m", SOURCE, "other")]);
        let named = |name| choose_among(&all, &TOPICS, Some(name)).unwrap_err();
        assert!(matches!(named("x"), ConnectError::UnknownConnector { .. }));
        assert!(matches!(named("c"), ConnectError::NotMirrorSource { .. }));
        assert!(matches!(named("m"), ConnectError::NoConnector { .. }));
    }
}

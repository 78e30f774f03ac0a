//! What a topic is called on the target: replication policy, then transforms. Or a pattern that is given.

use std::fmt;

use regex::Regex;

use crate::{ConnectorConfig, NamingError, pattern};

const PLACEHOLDER: &str = "{topic}";

const PREFIXING: &str = "org.apache.kafka.connect.mirror.DefaultReplicationPolicy";
/// The last is Strimzi's, deprecated since Kafka 3.0 brought its own.
const KEEPING: [&str; 3] = [
    "org.apache.kafka.connect.mirror.IdentityReplicationPolicy",
    "org.apache.kafka.connect.mirror.LegacyReplicationPolicy",
    "io.strimzi.kafka.connect.mirror.IdentityReplicationPolicy",
];

const KAFKA_TRANSFORMS: &str = "org.apache.kafka.connect.transforms.";
/// Kafka's own transforms that leave the topic alone (some with `$Key` or `$Value` behind).
const TOPIC_STAYS: [&str; 14] = [
    "Cast",
    "DropHeaders",
    "ExtractField",
    "Filter",
    "Flatten",
    "HeaderFrom",
    "HoistField",
    "InsertField",
    "InsertHeader",
    "MaskField",
    "ReplaceField",
    "SetSchemaMetadata",
    "TimestampConverter",
    "ValueToKey",
];

/// How a source topic is named on the target. `Display` gives the pattern, for the evidence.
#[derive(Debug, Clone)]
pub struct TargetNaming {
    before: String,
    after: String,
    routers: Vec<Router>,
}

impl TargetNaming {
    /// From the connector's `replication.policy.class` (default: alias, separator, topic) and `transforms`.
    ///
    /// # Errors
    /// When a class is unknown, or a setting cannot be read from here: then the chain file must say.
    pub fn of(config: &ConnectorConfig) -> Result<Self, NamingError> {
        let refused = |cause| NamingError { cause, example: example(config) };
        let before = policy_prefix(config).map_err(refused)?;
        let routers = routers(config).map_err(refused)?;
        Ok(Self { before, after: String::new(), routers })
    }

    /// From a pattern with `{topic}` in it once, such as `source.{topic}`.
    ///
    /// # Errors
    /// When `{topic}` is missing or repeated: all topics would get one name.
    pub fn from_pattern(pattern: &str) -> Result<Self, NamingError> {
        match pattern.split_once(PLACEHOLDER) {
            Some((before, after)) if !after.contains(PLACEHOLDER) => {
                Ok(Self { before: before.to_owned(), after: after.to_owned(), routers: Vec::new() })
            }
            _ => Err(NamingError {
                cause: format!("the pattern {pattern:?} must hold {PLACEHOLDER} exactly once"),
                example: format!("source.{PLACEHOLDER}"),
            }),
        }
    }

    /// The name on the target.
    pub fn target_topic(&self, source: &str) -> String {
        let named = format!("{}{source}{}", self.before, self.after);
        self.routers.iter().fold(named, |topic, router| router.route(topic))
    }
}

impl fmt::Display for TargetNaming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{PLACEHOLDER}{}", self.before, self.after)?;
        self.routers
            .iter()
            .try_for_each(|r| write!(f, ", then {} → {}", r.anywhere.as_str(), r.java_replacement))
    }
}

/// What the default policy would make of the alias and the separator that stand there: custom ones often do too.
fn example(config: &ConnectorConfig) -> String {
    let readable = |key| plain(config, key).ok().flatten();
    let alias = readable("source.cluster.alias").map_or("source", str::trim);
    let separator = readable("replication.policy.separator").unwrap_or(".");
    format!("{alias}{separator}{PLACEHOLDER}")
}

/// What the replication policy puts before the topic; the error says what stands in the way.
fn policy_prefix(config: &ConnectorConfig) -> Result<String, String> {
    let policy = config.get("replication.policy.class").map_or(PREFIXING, str::trim);
    if KEEPING.contains(&policy) {
        return Ok(String::new());
    }
    if policy != PREFIXING {
        return Err(format!("replication.policy.class {policy} is code that only the workers can run"));
    }
    let alias = plain(config, "source.cluster.alias")?.unwrap_or("source").trim();
    // Not trimmed: the policy reads it raw, and an empty separator is one.
    let separator = plain(config, "replication.policy.separator")?.unwrap_or(".");
    Ok(format!("{alias}{separator}"))
}

/// A value that REST shows as it is. `${provider:path:key}` is resolved inside the worker only.
fn plain<'a>(config: &'a ConnectorConfig, key: &str) -> Result<Option<&'a str>, String> {
    match config.get(key) {
        Some(value) if value.contains("${") => {
            Err(format!("{key} is a reference that only the worker resolves"))
        }
        value => Ok(value),
    }
}

/// The transforms that rename topics, in their order.
fn routers(config: &ConnectorConfig) -> Result<Vec<Router>, String> {
    let names = config.get("transforms").unwrap_or_default().split(',').map(str::trim);
    names.filter(|name| !name.is_empty()).filter_map(|name| router(config, name).transpose()).collect()
}

/// `None` when the transform leaves topics alone.
fn router(config: &ConnectorConfig, name: &str) -> Result<Option<Router>, String> {
    let class = config.get(&format!("transforms.{name}.type")).unwrap_or_default().trim();
    let simple = class.strip_prefix(KAFKA_TRANSFORMS).unwrap_or_default();
    let simple = simple.split('$').next().unwrap_or_default();
    if TOPIC_STAYS.contains(&simple) {
        return Ok(None);
    }
    if simple != "RegexRouter" {
        return Err(format!("transform {name:?} ({class}) may rename topics"));
    }
    if config.get(&format!("transforms.{name}.predicate")).is_some() {
        return Err(format!("transform {name:?} renames topics under a predicate"));
    }
    let regex = plain(config, &format!("transforms.{name}.regex"))?.unwrap_or_default();
    let replacement = config.get(&format!("transforms.{name}.replacement")).unwrap_or_default();
    match Router::new(regex, replacement) {
        Some(router) => Ok(Some(router)),
        None => Err(format!("transform {name:?}: cannot read {regex:?} → {replacement:?}")),
    }
}

/// Kafka's RegexRouter: where the pattern matches the whole name, its first find is replaced.
#[derive(Debug, Clone)]
struct Router {
    whole: Regex,
    anywhere: Regex,
    java_replacement: String,
    replacement: String,
}

impl Router {
    fn new(pattern: &str, java_replacement: &str) -> Option<Self> {
        let anywhere = pattern::anywhere(pattern)?;
        Some(Self {
            whole: pattern::whole(pattern)?,
            replacement: rust_replacement(java_replacement, anywhere.captures_len() - 1)?,
            anywhere,
            java_replacement: java_replacement.to_owned(),
        })
    }

    fn route(&self, topic: String) -> String {
        if self.whole.is_match(&topic) {
            self.anywhere.replace(&topic, self.replacement.as_str()).into_owned()
        } else {
            topic
        }
    }
}

/// Java's `$1`, `${name}` and `\$` in the words of the regex crate. In Java a group takes as many digits
/// as still name a group, so `$12` with one group is group 1 and a `2`. `None`: Java would refuse it.
fn rust_replacement(java: &str, groups: usize) -> Option<String> {
    let mut rust = String::new();
    let mut chars = java.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => push_literal(&mut rust, chars.next()?),
            '$' if chars.next_if_eq(&'{').is_some() => {
                let name: String = std::iter::from_fn(|| chars.next_if(|c| *c != '}')).collect();
                chars.next()?;
                rust.push_str(&format_group(&name));
            }
            '$' => {
                let mut group = chars.next()?.to_digit(10)? as usize;
                while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
                    let longer = group * 10 + digit as usize;
                    if longer > groups {
                        break;
                    }
                    group = longer;
                    chars.next();
                }
                if group > groups {
                    return None;
                }
                rust.push_str(&format_group(&group.to_string()));
            }
            c => push_literal(&mut rust, c),
        }
    }
    Some(rust)
}

fn format_group(group: &str) -> String {
    format!("${{{group}}}")
}

fn push_literal(rust: &mut String, c: char) {
    if c == '$' {
        rust.push('$');
    }
    rust.push(c);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naming(settings: &[(&str, &str)]) -> Result<TargetNaming, NamingError> {
        TargetNaming::of(&settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    fn target(settings: &[(&str, &str)], source: &str) -> String {
        naming(settings).unwrap().target_topic(source)
    }

    fn routed(regex: &str, replacement: &str, source: &str) -> String {
        let router = format!("{KAFKA_TRANSFORMS}RegexRouter");
        let settings = [
            ("transforms", "r"),
            ("transforms.r.type", &router),
            ("transforms.r.regex", regex),
            ("transforms.r.replacement", replacement),
        ];
        target(&settings, source)
    }

    #[test]
    fn the_default_policy_puts_alias_and_separator_before_the_topic() {
        assert_eq!(target(&[], "orders"), "source.orders");
        assert_eq!(target(&[("source.cluster.alias", "paris")], "orders"), "paris.orders");
        let settings = [("source.cluster.alias", "paris"), ("replication.policy.separator", "_")];
        assert_eq!(target(&settings, "orders"), "paris_orders");
        assert_eq!(target(&[("replication.policy.separator", "")], "orders"), "sourceorders");
    }

    #[test]
    fn identity_policies_keep_the_name() {
        for class in KEEPING {
            assert_eq!(target(&[("replication.policy.class", class)], "orders"), "orders", "{class}");
        }
    }

    #[test]
    fn an_unknown_policy_asks_for_a_pattern() {
        let error = naming(&[("replication.policy.class", "com.x.Policy")]).unwrap_err().to_string();
        assert_eq!(
            error,
            "cannot tell how topics are named on the target: replication.policy.class com.x.Policy is code that only the \
             workers can run; hint: say it in the chain file: [topics] target_pattern = \"source.{topic}\", where {topic} \
             stands for the name on the source"
        );
    }

    #[test]
    fn the_pattern_that_is_asked_for_is_shown_with_this_connector_s_alias_and_separator() {
        let check = |alias: &str, separator: &str, expect: &str| {
            let settings = [
                ("replication.policy.class", "com.x.Policy"),
                ("source.cluster.alias", alias),
                ("replication.policy.separator", separator),
            ];
            assert_eq!(naming(&settings).unwrap_err().example, expect);
        };
        check("paris", "_", "paris_{topic}");
        check("${file:/x:alias}", "-", "source-{topic}");
    }

    #[test]
    fn a_reference_that_only_the_worker_resolves_asks_for_a_pattern() {
        assert!(naming(&[("source.cluster.alias", "${file:/x:alias}")]).is_err());
    }

    #[test]
    fn a_router_renames_what_its_pattern_matches_wholly() {
        assert_eq!(routed(r"source\.(.*)", "dr-$1", "orders"), "dr-orders");
        assert_eq!(routed("orders", "x", "orders"), "source.orders", "a part is no match");
    }

    #[test]
    fn replacements_are_read_as_java_reads_them() {
        let check = |regex, replacement, expect: &str| {
            assert_eq!(routed(regex, replacement, "orders"), expect, "{regex} → {replacement}");
        };
        check(r"source\.(.*)", "$1_copy", "orders_copy");
        check(r"source\.(.*)", "$12", "orders2");
        check(r"source\.(?<t>.*)", "${t}x", "ordersx");
        check(r"source\.(.*)", r"a\$1", "a$1");
    }

    #[test]
    fn a_replacement_that_java_refuses_is_refused() {
        for java in ["$2", "$x", "a\\", "${t"] {
            assert_eq!(rust_replacement(java, 1), None, "{java}");
        }
    }

    #[test]
    fn routers_apply_in_their_order_and_harmless_transforms_do_nothing() {
        let router = format!("{KAFKA_TRANSFORMS}RegexRouter");
        let cast = format!("{KAFKA_TRANSFORMS}Cast$Value");
        let settings = [
            ("transforms", "a, c, b"),
            ("transforms.a.type", router.as_str()),
            ("transforms.a.regex", r"source\.(.*)"),
            ("transforms.a.replacement", "$1"),
            ("transforms.c.type", cast.as_str()),
            ("transforms.b.type", router.as_str()),
            ("transforms.b.regex", "orders"),
            ("transforms.b.replacement", "commandes"),
        ];
        assert_eq!(target(&settings, "orders"), "commandes");
    }

    #[test]
    fn a_transform_that_may_rename_topics_asks_for_a_pattern() {
        let timestamped = format!("{KAFKA_TRANSFORMS}TimestampRouter");
        for class in [timestamped.as_str(), "com.x.Rename"] {
            let error = naming(&[("transforms", "t"), ("transforms.t.type", class)]).unwrap_err();
            assert!(error.to_string().contains(class), "{error}");
        }
    }

    #[test]
    fn a_router_under_a_predicate_asks_for_a_pattern() {
        let router = format!("{KAFKA_TRANSFORMS}RegexRouter");
        let settings = [("transforms", "r"), ("transforms.r.type", &router), ("transforms.r.predicate", "p")];
        assert!(naming(&settings).is_err());
    }

    #[test]
    fn a_given_pattern_names_the_target() {
        let given = TargetNaming::from_pattern("dr.{topic}-copy").unwrap();
        assert_eq!(given.target_topic("orders"), "dr.orders-copy");
        assert_eq!(given.to_string(), "dr.{topic}-copy");
        assert!(TargetNaming::from_pattern("dr").is_err());
        assert!(TargetNaming::from_pattern("{topic}{topic}").is_err());
    }
}

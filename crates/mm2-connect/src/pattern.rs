//! Topic patterns: MM2's `topics` and `topics.exclude`. Java's regular expressions, read by Rust's.
//!
//! The two differ a little. A pattern that Rust cannot read, or would read otherwise, is never guessed
//! at: the answer is then "cannot tell".

use regex::Regex;

use crate::ConnectorConfig;

/// Default of `topics.exclude` up to Kafka 3.9; 4.x only narrows `.internal` to MM2's own topics.
const DEFAULT_EXCLUDE: &str = r".*[\-\.]internal, .*\.replica, __.*";

/// Whether a connector replicates a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selects {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It may; the text says what stands in the way.
    CannotTell(String),
}

/// MM2's `DefaultTopicFilter`: replicated when a pattern of `topics` matches the whole name and none of
/// `topics.exclude` does.
#[derive(Debug)]
pub struct TopicFilter {
    include: PatternList,
    exclude: PatternList,
    custom_class: Option<String>,
}

impl TopicFilter {
    /// The filter of a connector; unset settings take MM2's defaults (`.*`, and internal topics excluded).
    pub fn of(config: &ConnectorConfig) -> Self {
        let exclude = config.get("topics.exclude").or_else(|| config.get("topics.blacklist"));
        let custom = config.get("topic.filter.class").filter(|class| !class.ends_with(".DefaultTopicFilter"));
        Self {
            include: PatternList::parse(config.get("topics").unwrap_or(".*")),
            exclude: PatternList::parse(exclude.unwrap_or(DEFAULT_EXCLUDE)),
            custom_class: custom.map(str::to_owned),
        }
    }

    /// Whether `topic`, named as on the source, is replicated.
    pub fn selects(&self, topic: &str) -> Selects {
        if let Some(class) = &self.custom_class {
            return Selects::CannotTell(format!("topic.filter.class {class} decides"));
        }
        match (self.include.selects(topic), self.exclude.selects(topic)) {
            (Selects::No, _) | (_, Selects::Yes) => Selects::No,
            (Selects::Yes, Selects::No) => Selects::Yes,
            (Selects::CannotTell(why), _) | (_, Selects::CannotTell(why)) => Selects::CannotTell(why),
        }
    }
}

/// A comma-separated list of patterns; an empty list matches nothing.
#[derive(Debug)]
struct PatternList {
    patterns: Vec<Regex>,
    unreadable: Vec<String>,
}

impl PatternList {
    fn parse(list: &str) -> Self {
        let (mut patterns, mut unreadable) = (Vec::new(), Vec::new());
        for pattern in list.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            match whole(pattern) {
                Some(regex) => patterns.push(regex),
                None => unreadable.push(pattern.to_owned()),
            }
        }
        Self { patterns, unreadable }
    }

    fn selects(&self, topic: &str) -> Selects {
        if self.patterns.iter().any(|pattern| pattern.is_match(topic)) {
            Selects::Yes
        } else if self.unreadable.is_empty() {
            Selects::No
        } else {
            Selects::CannotTell(format!("cannot read the pattern {}", self.unreadable.join(", ")))
        }
    }
}

/// Java's `matches()`: the whole name, not a part of it. `None` when Java might read it otherwise.
pub(crate) fn whole(pattern: &str) -> Option<Regex> {
    anywhere(pattern)?;
    Regex::new(&format!(r"\A(?:{pattern})\z")).ok()
}

/// Java's `find()`. `None` when Java might read it otherwise.
pub(crate) fn anywhere(pattern: &str) -> Option<Regex> {
    if has_possessive_quantifier(pattern) { None } else { Regex::new(pattern).ok() }
}

/// `a*+`, `a++`, `a?+`, `a{2}+`: never give back in Java; Rust takes the `+` as one more repetition.
fn has_possessive_quantifier(pattern: &str) -> bool {
    let mut previous = ' ';
    let mut chars = pattern.chars();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        if c == '\\' {
            chars.next();
            previous = ' ';
            continue;
        }
        in_class = (in_class || c == '[') && c != ']';
        if c == '+' && !in_class && matches!(previous, '*' | '+' | '?' | '}') {
            return true;
        }
        previous = c;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selects(settings: &[(&str, &str)], topic: &str) -> Selects {
        let config = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        TopicFilter::of(&config).selects(topic)
    }

    #[test]
    fn a_pattern_matches_the_whole_name() {
        assert_eq!(selects(&[("topics", "orders")], "orders"), Selects::Yes);
        assert_eq!(selects(&[("topics", "orders")], "orders-2"), Selects::No);
        assert_eq!(selects(&[("topics", "a|ab")], "ab"), Selects::Yes);
    }

    #[test]
    fn any_pattern_of_the_list_will_do_and_an_empty_list_matches_nothing() {
        assert_eq!(selects(&[("topics", "a, test-.* ")], "test-1"), Selects::Yes);
        assert_eq!(selects(&[("topics", "")], "a"), Selects::No);
    }

    #[test]
    fn unset_topics_are_all_but_internal_ones() {
        assert_eq!(selects(&[], "anything"), Selects::Yes);
        for internal in ["mm2-offsets.a.internal", "__consumer_offsets", "x.replica"] {
            assert_eq!(selects(&[], internal), Selects::No, "{internal}");
        }
    }

    #[test]
    fn excluded_wins_over_included_by_the_new_name_and_the_old() {
        for key in ["topics.exclude", "topics.blacklist"] {
            assert_eq!(selects(&[("topics", ".*"), (key, "test.*")], "test-1"), Selects::No, "{key}");
        }
    }

    #[test]
    fn what_rust_cannot_read_is_not_ignored() {
        for unreadable in [r"\Qa.b\E", "(?<!x)a", "a*+b"] {
            let told = selects(&[("topics", unreadable)], "a");
            assert!(matches!(&told, Selects::CannotTell(why) if why.contains(unreadable)), "{told:?}");
            let told = selects(&[("topics", "a"), ("topics.exclude", unreadable)], "a");
            assert!(matches!(told, Selects::CannotTell(_)), "{told:?}");
        }
    }

    #[test]
    fn a_readable_pattern_that_matches_decides_whatever_stands_beside_it() {
        assert_eq!(selects(&[("topics", r"\Qx\E,a")], "a"), Selects::Yes);
        assert_eq!(selects(&[("topics", "a"), ("topics.exclude", r"\Qx\E,a")], "a"), Selects::No);
    }

    #[test]
    fn a_custom_filter_class_cannot_be_told() {
        assert!(matches!(selects(&[("topic.filter.class", "com.x.F")], "a"), Selects::CannotTell(_)));
    }

    #[test]
    fn a_plus_in_a_class_or_escaped_is_no_possessive_quantifier() {
        for plain in ["[*+]a", r"a\++", "a+", "a*?b+"] {
            assert!(!has_possessive_quantifier(plain), "{plain}");
        }
        for possessive in ["a*+", "a++", "a?+", "a{2}+"] {
            assert!(has_possessive_quantifier(possessive), "{possessive}");
        }
    }
}

//! Writing selectors: the only PromQL that is asked. Rates are made here from raw samples: PromQL's `rate` at equal
//! steps would interpolate what was not scraped.

/// A selector of one metric, or of several at once, with all matchers that are not empty.
pub(crate) fn selector<'a>(names: &[String], matchers: impl IntoIterator<Item = &'a str>) -> String {
    let (before, name) = match names {
        [name] if is_metric_name(name) => (name.as_str(), None),
        names => ("", Some(one_of("__name__", names))),
    };
    let mut all: Vec<String> = name.into_iter().collect();
    all.extend(matchers.into_iter().map(trimmed).filter(|it| !it.is_empty()).map(str::to_owned));
    if all.is_empty() { before.to_owned() } else { format!("{before}{{{}}}", all.join(",")) }
}

/// Matchers as people write them: perhaps in braces, perhaps with a comma at the end.
fn trimmed(matchers: &str) -> &str {
    let inner = matchers.trim();
    let inner = inner.strip_prefix('{').and_then(|it| it.strip_suffix('}')).unwrap_or(inner);
    inner.trim().trim_end_matches(',').trim_end()
}

/// A matcher of a label that is one of these.
pub(crate) fn one_of<S: AsRef<str>>(label: &str, values: &[S]) -> String {
    match values {
        [value] => format!("{label}={}", quoted(value.as_ref())),
        values => {
            let values: Vec<String> = values.iter().map(|value| literal(value.as_ref())).collect();
            matches(label, &values.join("|"))
        }
    }
}

/// A matcher by a regular expression, which Prometheus holds against the whole value.
pub(crate) fn matches(label: &str, regex: &str) -> String {
    format!("{label}=~{}", quoted(regex))
}

/// A regular expression for this text, in what JMX may have put quotes around.
pub(crate) fn perhaps_quoted(regex: &str) -> String {
    format!("\"?{regex}\"?")
}

/// The regular expression that matches this text only.
pub(crate) fn literal(text: &str) -> String {
    let mut regex = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            regex.push('\\');
        }
        regex.push(c);
    }
    regex
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', "\\n"))
}

/// What an override may be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// A metric name.
    Name(String),
    /// An instant-vector selector.
    Selector(String),
}

/// Reads an override.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn given(text: &str) -> Result<Given, &'static str> {
    let text = text.trim();
    if is_metric_name(text) {
        return Ok(Given::Name(text.to_owned()));
    }
    let (name, rest) = text.split_at(text.find('{').unwrap_or(text.len()));
    let is_selector = rest.len() > 1 && rest.ends_with('}') && (name.is_empty() || is_metric_name(name));
    match is_selector && !outside_quotes(rest).any(|c| matches!(c, '(' | ')' | '[' | ']')) {
        true => Ok(Given::Selector(text.to_owned())),
        false if text.contains('[') => Err("a range; its samples are taken anyway"),
        false if text.contains('(') => Err("an expression; samples are read as they were scraped"),
        false => Err("neither a metric name nor a selector"),
    }
}

fn outside_quotes(text: &str) -> impl Iterator<Item = char> {
    let mut inside = None;
    let mut escaped = false;
    text.chars().filter(move |c| match (inside, *c) {
        _ if std::mem::take(&mut escaped) => false,
        (Some('"' | '\''), '\\') => {
            escaped = true;
            false
        }
        (Some(quote), c) if c == quote => {
            inside = None;
            false
        }
        (Some(_), _) => false,
        (None, '"' | '\'' | '`') => {
            inside = Some(*c);
            false
        }
        (None, _) => true,
    })
}

fn is_metric_name(text: &str) -> bool {
    let starts = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | ':');
    text.starts_with(starts) && text.chars().all(|c| starts(c) || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_written_as_prometheus_reads_them() {
        let name = |name: &str| vec![name.to_owned()];
        assert_eq!(selector(&name("up"), []), "up");
        assert_eq!(selector(&name("up"), ["", " {env=\"prod\",} ", "a=\"b\""]), r#"up{env="prod",a="b"}"#);
        let two = ["a_total".to_owned(), "b".to_owned()];
        assert_eq!(selector(&two, ["x=\"y\""]), r#"{__name__=~"a_total|b",x="y"}"#);
        assert_eq!(one_of("topic", &["a.b"]), r#"topic="a.b""#);
        assert_eq!(one_of("topic", &["a.b", "c"]), r#"topic=~"a\\.b|c""#);
        assert_eq!(matches("connector", &perhaps_quoted(&literal("a->b"))), r#"connector=~"\"?a->b\"?""#);
    }

    #[test]
    fn overrides_are_names_or_selectors() {
        let check = |text: &str, expect: Result<Given, &str>| match (given(text), expect) {
            (Err(said), Err(part)) => assert!(said.contains(part), "{text}: {said}"),
            (got, expect) => assert_eq!(got, expect.map_err(|_| "an error"), "{text}"),
        };
        check(" mm2_latency_max ", Ok(Given::Name("mm2_latency_max".to_owned())));
        let selector = r#"mm2_latency{stat="max (ms)"}"#;
        check(selector, Ok(Given::Selector(selector.to_owned())));
        check(r#"{__name__="a-b"}"#, Ok(Given::Selector(r#"{__name__="a-b"}"#.to_owned())));
        check("rate(x[1m])", Err("range"));
        check("max(x)", Err("expression"));
        check("a b", Err("neither"));
        check("", Err("neither"));
        check("x{a=\"b\"", Err("neither"));
    }
}

//! Stars out what may be a secret before a line of the file is shown. It errs on the side of stars, and keeps
//! every byte's place so that carets stay under what they point at. Not a guard for other text.

use std::ops::Range;

/// Parts of a key behind which a secret may stand. A star too many does no harm.
const TELLING: [&str; 9] = ["pass", "pwd", "secret", "token", "bearer", "jaas", "credential", "auth", "key"];

/// Stars out the values of telling keys, unless they are references, and in a URL what stands before `@` and the query.
pub(super) fn secrets(text: &str) -> String {
    text.split_inclusive('\n').map(line).collect()
}

/// Stars out one span, line ends excepted.
pub(super) fn span(text: &str, span: Range<usize>) -> String {
    let star = |(at, c): (usize, char)| match c {
        '\n' | '\r' => c.to_string(),
        _ if span.contains(&at) => "*".repeat(c.len_utf8()),
        _ => c.to_string(),
    };
    text.char_indices().map(star).collect()
}

fn line(line: &str) -> String {
    let mut masked = line.to_owned();
    for (at, _) in line.match_indices("://") {
        let start = at + 3;
        let rest = &line[start..];
        let host_ends = rest.find(['/', '"', '\'', ' ']).unwrap_or(rest.len());
        if let Some(userinfo) = rest[..host_ends].rfind('@') {
            masked = span(&masked, start..start + userinfo);
        }
        let url_ends = rest.find(['"', '\'', ' ', '\n']).unwrap_or(rest.len());
        if let Some(query) = rest[..url_ends].find(['?', '#']) {
            masked = span(&masked, start + query + 1..start + url_ends);
        }
    }
    // An inline table has several keys on one line.
    for (at, _) in line.match_indices('=') {
        let value = line[at + 1..].trim_start();
        let unquoted = value.trim_start_matches(['"', '\'']);
        let is_reference = unquoted.starts_with("env:") || unquoted.starts_with("file:");
        if is_telling(&line[..at]) && !is_reference {
            masked = span(&masked, line.len() - value.len()..line.len());
        }
    }
    masked
}

fn is_telling(before_equals: &str) -> bool {
    let separators = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-'));
    let quoted = before_equals.trim_end().trim_end_matches(['"', '\'']);
    let key = quoted.rsplit(separators).next().unwrap_or_default().to_lowercase();
    let misspelt = |part: &str| strsim::damerau_levenshtein(part, "password") <= 3;
    TELLING.iter().any(|part| key.contains(part)) || key.split(['_', '.', '-']).any(misspelt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_be_a_secret_is_starred_out() {
        let check = |line: &str, expect: &str| {
            let masked = secrets(line);
            assert_eq!(masked, expect);
            assert_eq!(masked.len(), line.len(), "every byte keeps its place");
        };
        check("password = \"hunter2\"\n", "password = *********\n");
        check("pasword = 'hunter2'", "pasword = *********");
        check("saslPassword = \"é\"", "saslPassword = ****");
        check("\"sasl.password\" = \"hunter2\"", "\"sasl.password\" = *********");
        check("s = { user = \"mm2\", psswd = \"x\" }", "s = { user = \"mm2\", psswd = *****");
        check("password = \"env:KAFKA_PASSWORD\"", "password = \"env:KAFKA_PASSWORD\"");
        check("url = \"http://mm2:x@prom:9090/a\"", "url = \"http://*****@prom:9090/a\"");
        check(
            "urls = [\"http://gw/connect?sig=x\", 'http://h']",
            "urls = [\"http://gw/connect?*****\", 'http://h']",
        );
        check("bootstrap_servers = \"b1:9092\"", "bootstrap_servers = \"b1:9092\"");
        check("username = \"mm2\"", "username = \"mm2\"");
    }
}

//! Says serde's messages in the words of a person who writes a file: keys and values, and the near name.

/// A title, and what belongs under the caret.
pub(super) fn of(message: &str) -> (String, Option<String>) {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let Some(name) = quoted.next() else {
        let (title, hint) = super::split_hint(message);
        return (title.to_owned(), hint.map(str::to_owned));
    };
    let known: Vec<&str> = quoted.collect();
    if message.starts_with("unknown field `") {
        (format!("unknown key `{name}`"), Some(which(name, &known, "keys")))
    } else if message.starts_with("unknown variant `") {
        (format!("unknown value `{name}`"), Some(which(name, &known, "values")))
    } else if message.starts_with("missing field `") {
        (format!("missing key `{name}`"), None)
    } else {
        let (title, hint) = super::split_hint(message);
        (title.to_owned(), hint.map(str::to_owned))
    }
}

fn which(name: &str, known: &[&str], what: &str) -> String {
    if let Some(near) = nearest(name, known) {
        return format!("did you mean `{near}`?");
    }
    if known.is_empty() {
        return format!("no {what} are known here");
    }
    let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    format!("known {what}: {}", names.join(", "))
}

/// The name among `known` that `name` was probably meant to be.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    // Java writes `bootstrap.servers`; that is a spelling of the same name, not three letters off.
    let fold = |name: &str| name.to_lowercase().replace(['.', '-'], "_");
    known
        .iter()
        .map(|&candidate| (strsim::normalized_damerau_levenshtein(&fold(name), &fold(candidate)), candidate))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

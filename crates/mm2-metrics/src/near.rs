//! Names that a missing metric may have here.

use std::collections::BTreeSet;

use mm2_slo::Unit;

use crate::catalogue::{Entry, Read, Way};

/// A name is near from here on: 1 is the same.
const ALIKE: f64 = 0.8;
const MOST: usize = 3;

/// A few names of this Prometheus that look like those of the signal, and the override that would try the first. Of a
/// signal that is made of several metrics, or of a rate, none of these is it.
pub(crate) fn hint(entry: &Entry, there: &BTreeSet<String>) -> Option<String> {
    let ways =
        || entry.ways.iter().filter(|way| matches!(way.read, Read::Value | Read::Counter | Read::Rises));
    // What is another signal here is not this one.
    let others = crate::inventory::every_spelling();
    let best = |name: &str| {
        let all = ways().map(|way| (likeness(way, name), way.raw_unit(entry.unit)));
        all.max_by(|a, b| a.0.total_cmp(&b.0))
    };
    let mut near: Vec<(f64, &str, Unit)> = there
        .difference(&others)
        .filter_map(|name| best(name).map(|(alike, unit)| (alike, name.as_str(), unit)))
        .collect();
    near.retain(|(alike, ..)| *alike >= ALIKE);
    // A name that holds the attribute's own is it, or nothing is.
    if near.iter().any(|(alike, ..)| *alike >= 1.0) {
        near.retain(|(alike, ..)| *alike >= 1.0);
    }
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    near.truncate(MOST);
    let (_, first, unit) = *near.first()?;
    let names: Vec<&str> = near.iter().map(|(_, name, _)| *name).collect();
    let value = if entry.unit == Unit::Percent { with_unit(first, unit) } else { format!("{first:?}") };
    Some(format!(
        "near: {}; if that is it, set [prometheus.names] {:?} = {value}",
        names.join(", "),
        entry.signal
    ))
}

/// An override that says its unit: a share may be of 1 or of 100, and the name does not tell.
pub(crate) fn with_unit(query: &str, unit: Unit) -> String {
    format!("{{ query = {query:?}, unit = \"{unit}\" }}")
}

fn likeness(way: &Way, name: &str) -> f64 {
    let spelled =
        way.family.spellings().iter().flat_map(|it| way.of.iter().map(move |own| (it.prefix, *own)));
    let of = spelled.map(|(prefix, own)| {
        let holds_own = own.len() > 8 && name.contains(own.trim_end_matches("_total"));
        if holds_own { 1.0 } else { strsim::normalized_levenshtein(&format!("{prefix}{own}"), name) }
    });
    of.fold(0.0, f64::max)
}

//! Names that a missing metric may have here.

use std::collections::BTreeSet;

use crate::catalogue::Entry;

/// A name is near from here on: 1 is the same.
const ALIKE: f64 = 0.8;
const MOST: usize = 3;

/// A few names of this Prometheus that look like those of the signal, to be tried as an override.
pub(crate) fn names(entry: &Entry, there: &BTreeSet<String>) -> Option<String> {
    let wanted: Vec<(String, &str)> = entry
        .ways
        .iter()
        .flat_map(|way| {
            way.of.iter().flat_map(|own| way.family.spellings().iter().map(move |it| (it.prefix, *own)))
        })
        .map(|(prefix, own)| (format!("{prefix}{own}"), own))
        .collect();
    let likeness = |name: &str| {
        let of = wanted.iter().map(|(whole, own)| {
            let holds_own = own.len() > 8 && name.contains(own.trim_end_matches("_total"));
            if holds_own { 1.0 } else { strsim::normalized_levenshtein(whole, name) }
        });
        of.fold(0.0, f64::max)
    };
    // What is another signal here is not this one.
    let others = crate::inventory::every_spelling();
    let there = there.difference(&others);
    let mut near: Vec<(f64, &str)> = there.map(|name| (likeness(name), name.as_str())).collect();
    near.retain(|(alike, _)| *alike >= ALIKE);
    // A name that holds the attribute's own is it, or nothing is.
    if near.iter().any(|(alike, _)| *alike >= 1.0) {
        near.retain(|(alike, _)| *alike >= 1.0);
    }
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let near: Vec<&str> = near.into_iter().take(MOST).map(|(_, name)| name).collect();
    (!near.is_empty()).then(|| {
        format!("near: {}; if that is it, set [prometheus.names] {:?}", near.join(", "), entry.signal)
    })
}

//! Criteria in TOML: the one place that knows its parser. No type of it is in the crate's interface.

use serde::Deserialize;
use toml::Spanned;

use crate::error::Error;
use crate::wire::v1::CriteriaFile;

pub(crate) fn read(text: &str) -> Result<CriteriaFile, Error> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map(|span| line(text, span.start));
        let message = error.message();
        let message = at.map_or_else(|| message.to_owned(), |line| format!("line {line}: {message}"));
        Error::syntax(message, error.span())
    })
}

/// Where the criterion that an error names stands in `text`.
pub(crate) fn locate(error: Error, text: &str) -> Error {
    #[derive(Deserialize)]
    struct Named {
        name: String,
    }
    #[derive(Deserialize)]
    struct Places {
        #[serde(default)]
        criterion: Vec<Spanned<Named>>,
    }
    let Some(name) = error.criterion() else { return error };
    let places: Places = toml::from_str(text).unwrap_or(Places { criterion: Vec::new() });
    // The last of a name: where one stands twice, that is the one too many.
    let span = places.criterion.iter().rev().find(|at| at.get_ref().name == name).map(Spanned::span);
    error.at(span)
}

fn line(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).matches('\n').count() + 1
}

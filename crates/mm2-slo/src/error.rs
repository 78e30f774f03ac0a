//! What is wrong with criteria: one opaque error that can be asked.

use std::fmt;
use std::ops::Range;

/// Criteria that cannot be used. Its text names the criterion, what is wrong with it, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    message: String,
    criterion: Option<String>,
    span: Option<Range<usize>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Syntax,
    Criterion,
    Version,
    Unknown,
}

impl Error {
    #[cfg(feature = "toml")]
    pub(crate) fn syntax(message: String, span: Option<Range<usize>>) -> Self {
        Self { kind: Kind::Syntax, message, criterion: None, span }
    }

    pub(crate) fn criterion_is(name: &str, message: impl Into<String>) -> Self {
        Self { kind: Kind::Criterion, message: message.into(), criterion: Some(name.to_owned()), span: None }
    }

    pub(crate) fn version(found: u32, known: u32) -> Self {
        let message =
            format!("version {found} of criteria is not known here; this library reads version {known}");
        Self { kind: Kind::Version, message, criterion: None, span: None }
    }

    pub(crate) fn unknown(what: &str, name: &str, known: &str) -> Self {
        let message = format!("there is no {what} named `{name}`; known are {known}");
        Self { kind: Kind::Unknown, message, criterion: None, span: None }
    }

    pub(crate) fn empty() -> Self {
        let message =
            "there is no criterion, so nothing could ever be judged; add a [[criterion]]".to_owned();
        Self { kind: Kind::Criterion, message, criterion: None, span: None }
    }

    #[cfg(feature = "toml")]
    pub(crate) fn at(mut self, span: Option<Range<usize>>) -> Self {
        self.span = self.span.or(span);
        self
    }

    /// Not TOML, a key that does not exist, or a value of the wrong type.
    pub fn is_syntax(&self) -> bool {
        self.kind == Kind::Syntax
    }

    /// A criterion makes no sense: a gap or an overlap in its bands, a unit that does not fit, a missing key …
    pub fn is_criterion(&self) -> bool {
        self.kind == Kind::Criterion
    }

    /// Written for another version of this library.
    pub fn is_version(&self) -> bool {
        self.kind == Kind::Version
    }

    /// Names a built-in set, or a criterion, that does not exist.
    pub fn is_unknown(&self) -> bool {
        self.kind == Kind::Unknown
    }

    /// The criterion that it is about, where it is about one.
    pub fn criterion(&self) -> Option<&str> {
        self.criterion.as_deref()
    }

    /// Where in the text it is, bytes; `None` where criteria did not come from text.
    pub fn span(&self) -> Option<Range<usize>> {
        self.span.clone()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.criterion {
            Some(name) => write!(f, "criterion `{name}`: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Error {}

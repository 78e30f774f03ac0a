//! Reads a TOML file into a type, with errors that show the line, point at the place and name the near key.
//! Not for layering values (`layers`) and not for what the values mean: a caller says that with
//! [`TomlFile::error`] and the span of a `toml::Spanned<T>`.

use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use serde::de::DeserializeOwned;
use thiserror::Error;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use crate::{secret, split_hint};

mod mask;
#[cfg(test)]
mod tests;
mod wording;

/// The text of a TOML file and the name by which its errors call it.
#[derive(Debug, Clone)]
pub struct TomlFile {
    path: PathBuf,
    text: String,
}

/// Why a configuration file is refused. `Display` is the whole picture on several lines, with secrets starred out.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file is missing or may not be read.
    #[error("cannot read {}: {cause}; hint: check the path and who may read it", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The bytes are not text.
    #[error("{} is not UTF-8: line {line}; hint: save it as UTF-8", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The first line that is not UTF-8, from 1.
        line: usize,
    },
    /// The text is refused at one place.
    #[error("{picture}")]
    At {
        /// Title, file, line, caret and hint.
        picture: String,
    },
}

impl TomlFile {
    /// Reads the file, without looking at what it says.
    ///
    /// # Errors
    /// [`ConfigError::Unreadable`] and [`ConfigError::NotUtf8`].
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let bytes =
            std::fs::read(path).map_err(|cause| ConfigError::Unreadable { path: path.to_owned(), cause })?;
        let text = String::from_utf8(bytes).map_err(|e| {
            let good = &e.as_bytes()[..e.utf8_error().valid_up_to()];
            let line = good.split(|&byte| byte == b'\n').count();
            ConfigError::NotUtf8 { path: path.to_owned(), line }
        })?;
        Ok(Self { path: path.to_owned(), text })
    }

    /// A file that is already in memory (built in, or made by a test). `name` is what errors call it.
    pub fn in_memory(name: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self { path: name.into(), text: text.into() }
    }

    /// The path it was read from, or the name it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder against which relative paths in the file are meant.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// Turns the text into `T`. `T` and all its parts should be `deny_unknown_fields`.
    ///
    /// # Errors
    /// [`ConfigError::At`]: not TOML, a number that is not finite, an unknown or missing key, a value that `T`
    /// refuses.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        let table = DeTable::parse(&self.text).map_err(|e| self.refused(&e))?;
        if let Some(span) = not_finite_in_table(table.get_ref()) {
            return Err(self.error(span, "this number is not finite", Some("write an ordinary number")));
        }
        let deserializer = Deserializer::from(table);
        secret::relative_to(self.folder(), || T::deserialize(deserializer)).map_err(|e| self.refused(&e))
    }

    /// An error about a name at `span` that is none of `known`, with the one that was probably meant.
    pub fn unknown_name(&self, span: Range<usize>, message: &str, name: &str, known: &[&str]) -> ConfigError {
        let near = wording::nearest(name, known).map(|near| format!("did you mean `{near}`?"));
        let hint = near.unwrap_or_else(|| format!("there are: {}", known.join(", ")));
        self.error(span, message, Some(&hint))
    }

    /// An error about the meaning of what stands at `span` (from a `toml::Spanned<T>`).
    pub fn error(&self, span: Range<usize>, message: &str, hint: Option<&str>) -> ConfigError {
        self.picture(Some(span), message, hint, &mask::secrets(&self.text))
    }

    fn refused(&self, error: &toml::de::Error) -> ConfigError {
        let mut source = mask::secrets(&self.text);
        if let (Some(span), true) = (error.span(), error.message() == secret::LITERAL) {
            source = mask::span(&source, span);
        }
        let (message, hint) = wording::of(error.message());
        // What is missing at the top stands nowhere: an empty span at the start.
        let span = error.span().filter(|span| *span != (0..0));
        self.picture(span, &message, hint.as_deref(), &source)
    }

    fn picture(
        &self,
        span: Option<Range<usize>>,
        message: &str,
        hint: Option<&str>,
        source: &str,
    ) -> ConfigError {
        let name = self.path.display().to_string();
        let title = Level::ERROR.no_name().primary_title(message);
        let group = match span {
            Some(span) => {
                let here = AnnotationKind::Primary.span(first_line(source, span)).label(hint);
                title.element(Snippet::source(source).path(name).annotation(here))
            }
            None => title.element(Origin::path(name)).elements(hint.map(|h| Level::HELP.message(h))),
        };
        ConfigError::At { picture: Renderer::plain().render(&[group]) }
    }
}

/// Cuts a span that covers several lines (a whole table) down to its first.
fn first_line(source: &str, span: Range<usize>) -> Range<usize> {
    let covered = source.get(span.clone()).unwrap_or_default();
    span.start..span.start + covered.lines().next().unwrap_or_default().len()
}

fn not_finite(value: &Spanned<DeValue<'_>>) -> Option<Range<usize>> {
    match value.get_ref() {
        // `1e999` parses, as infinity.
        DeValue::Float(float) => {
            let finite = float.as_str().parse::<f64>().is_ok_and(f64::is_finite);
            (!finite).then(|| value.span())
        }
        DeValue::Array(values) => values.iter().find_map(not_finite),
        DeValue::Table(table) => not_finite_in_table(table),
        _ => None,
    }
}

fn not_finite_in_table(table: &DeTable<'_>) -> Option<Range<usize>> {
    // The table is sorted by key; the person reads from the top.
    table.values().filter_map(not_finite).min_by_key(|span| span.start)
}

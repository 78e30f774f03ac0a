//! The `.env` file: variables for people who do not export them. Which layer wins is [`crate::given`]'s
//! business.
//!
//! As python-dotenv reads it, without `${…}`: `KEY=value`, `export KEY=value`, `'…'` literal, `"…"` with
//! `\"` and `\\`, `#` comments. Own code, since the crate for it puts the refused line, and so perhaps a
//! password, into its errors.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// The variables of one file.
#[derive(Default)]
pub(crate) struct DotEnv {
    pub(crate) path: PathBuf,
    values: BTreeMap<String, String>,
}

/// Why a `.env` file is refused. Never quotes it.
#[derive(Debug, Error)]
pub(crate) enum DotEnvError {
    #[error("cannot read {}: {cause}; hint: mend or remove it", path.display())]
    Unreadable { path: PathBuf, cause: std::io::Error },
    #[error("{}:{line}: not a variable; hint: write NAME=value, with a value in quotes closed on its line", path.display())]
    Malformed { path: PathBuf, line: usize },
}

impl DotEnv {
    /// Reads the file; one that is not there has no variables.
    pub(crate) fn read(path: &Path) -> Result<Self, DotEnvError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(path, &text),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(cause) => Err(DotEnvError::Unreadable { path: path.to_owned(), cause }),
        }
    }

    /// Reads the text of a file that errors call `path`.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, DotEnvError> {
        let mut values = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, value) = assignment(line)
                .ok_or_else(|| DotEnvError::Malformed { path: path.to_owned(), line: index + 1 })?;
            values.insert(name, value);
        }
        Ok(Self { path: path.to_owned(), values })
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }
}

fn assignment(line: &str) -> Option<(String, String)> {
    let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
    let name = name.trim();
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.starts_with(|c: char| !c.is_ascii_digit());
    is_name.then_some(())?;
    Some((name.to_owned(), unquoted(value.trim())?))
}

fn unquoted(value: &str) -> Option<String> {
    match value.chars().next() {
        Some(quote @ ('\'' | '"')) => quoted(&value[1..], quote),
        // A `#` inside a word belongs to it: passwords have them.
        _ if value.starts_with('#') => Some(String::new()),
        _ => Some(value.split(" #").next().unwrap_or_default().trim_end().to_owned()),
    }
}

/// The text up to the closing quote, behind which only a comment may stand.
fn quoted(rest: &str, quote: char) -> Option<String> {
    let mut value = String::new();
    let mut chars = rest.chars();
    loop {
        match chars.next()? {
            c if c == quote => break,
            '\\' if quote == '"' => match chars.next()? {
                c @ ('"' | '\\') => value.push(c),
                c => value.extend(['\\', c]),
            },
            c => value.push(c),
        }
    }
    let behind = chars.as_str().trim();
    (behind.is_empty() || behind.starts_with('#')).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<DotEnv, DotEnvError> {
        DotEnv::parse(Path::new(".env"), text)
    }

    #[test]
    fn values_are_read_as_people_write_them() {
        let check = |line: &str, expect: &str| {
            let file = parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            assert_eq!(file.get("KEY"), Some(expect), "{line}");
        };
        check("KEY=plain", "plain");
        check("  KEY = spaced  ", "spaced");
        check("export KEY=exported", "exported");
        check("KEY=a#b=c", "a#b=c");
        check("KEY=value # said why", "value");
        check("KEY=# nothing yet", "");
        check("KEY=", "");
        check("KEY='a # \\ b' # c", "a # \\ b");
        check(r"KEY='a\\b'", r"a\\b");
        check(r#"KEY="say \"hi\" \\ \d""#, r#"say "hi" \ \d"#);
        check("KEY=${HOME}", "${HOME}");
        check("KEY=windows\r\n", "windows");
        check("# comment\n\nKEY=first\nKEY=last", "last");
    }

    #[test]
    fn a_malformed_line_is_named_and_not_quoted() {
        let check = |text: &str, line: usize| {
            let error = parse(text).err().unwrap_or_else(|| panic!("{text} was taken")).to_string();
            assert!(error.starts_with(&format!(".env:{line}: ")), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        };
        check("OK=1\nhunter2", 2);
        check("my key=hunter2", 1);
        check("=hunter2", 1);
        check("1KEY=hunter2", 1);
        check("KEY='hunter2", 1);
        check("KEY=\"hunter2\\\"", 1);
        check("KEY='hunter2' more", 1);
    }

    #[test]
    fn no_file_is_no_variables() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(DotEnv::read(&folder.path().join(".env")).unwrap().get("KEY"), None);
        assert!(DotEnv::read(folder.path()).is_err(), "a folder cannot be read as a file");
    }
}

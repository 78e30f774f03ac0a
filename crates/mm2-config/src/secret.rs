//! Passwords, tokens and keys: named in the configuration, kept elsewhere, never shown. Not for masking text
//! that is about to be printed; that is `toml_file::mask`.

use std::cell::RefCell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::de::{Deserialize, Deserializer, Error as _};
use thiserror::Error;

/// Said instead of the value whenever a value stands where a reference should.
pub(crate) const LITERAL: &str =
    "a secret must not be written here; hint: write it as \"env:NAME\" or \"file:PATH\"";

thread_local! {
    /// The folder against which `file:` references are read while a TOML file is deserialised.
    static FOLDER: RefCell<PathBuf> = RefCell::default();
}

/// A secret, read at once from where `env:NAME` or `file:PATH` says it is.
///
/// A relative `PATH` starts at the folder of the TOML file that names it. Line ends at the end of the file are cut
/// off. `Debug` shows the reference only. There is no `Display`, no `Serialize`, and no `FromStr`: clap would quote
/// a value that is refused.
#[derive(Clone, Debug)]
pub struct Secret {
    reference: String,
    value: SecretString,
}

/// Why a secret could not be read. Names where it should be, never what it is.
#[derive(Debug, Error)]
enum SecretError {
    /// Neither `env:` nor `file:`.
    #[error("{LITERAL}")]
    Literal,
    /// The variable does not exist.
    #[error("environment variable {0} is not set; hint: export it before the run")]
    Unset(String),
    /// The variable is there and empty, as after `export NAME=$(false)`.
    #[error("environment variable {0} is set but empty; hint: export its value before the run")]
    EmptyVariable(String),
    /// The variable's bytes are not text.
    #[error("environment variable {0} is not UTF-8; hint: export it as text")]
    NotText(String),
    /// The file is missing or may not be read.
    #[error("cannot read secret file {path}: {cause}; hint: check the path and who may read it")]
    Unreadable {
        /// The file, as looked for.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Nothing in the file but line ends.
    #[error("secret file {0} is empty; hint: put the secret in it")]
    EmptyFile(PathBuf),
}

impl Secret {
    /// Where it was read from: `env:NAME` or `file:PATH`, fit to be shown.
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// The secret itself, still wrapped.
    pub const fn value(&self) -> &SecretString {
        &self.value
    }

    /// The secret in the clear, for the call that must have it.
    pub fn expose(&self) -> &str {
        self.value.expose_secret()
    }

    fn read(
        reference: &str,
        folder: &Path,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, SecretError> {
        let text = match reference.split_once(':') {
            Some(("env", name)) => from_variable(name, variable(name))?,
            Some(("file", path)) => from_file(&folder.join(path))?,
            _ => return Err(SecretError::Literal),
        };
        Ok(Self { reference: reference.to_owned(), value: text.into() })
    }
}

fn from_variable(name: &str, value: Option<OsString>) -> Result<String, SecretError> {
    let value = value.ok_or_else(|| SecretError::Unset(name.to_owned()))?;
    let text = value.into_string().map_err(|_| SecretError::NotText(name.to_owned()))?;
    if text.is_empty() { Err(SecretError::EmptyVariable(name.to_owned())) } else { Ok(text) }
}

fn from_file(path: &Path) -> Result<String, SecretError> {
    let text = std::fs::read_to_string(path)
        .map_err(|cause| SecretError::Unreadable { path: path.to_owned(), cause })?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() { Err(SecretError::EmptyFile(path.to_owned())) } else { Ok(text.to_owned()) }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // serde's own message ("invalid type: integer `1234`") would quote the secret.
        let reference = String::deserialize(deserializer).map_err(|_| D::Error::custom(LITERAL))?;
        let read = |folder: &PathBuf| Self::read(&reference, folder, |name| std::env::var_os(name));
        FOLDER.with_borrow(read).map_err(D::Error::custom)
    }
}

/// Runs `read` with relative `file:` references starting at `folder`.
pub(crate) fn relative_to<T>(folder: &Path, read: impl FnOnce() -> T) -> T {
    let before = FOLDER.replace(folder.to_owned());
    let result = read();
    FOLDER.set(before);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENTINEL: &str = "s3ntinel-hunter2";

    fn read(reference: &str, folder: &Path) -> Result<Secret, SecretError> {
        Secret::read(reference, folder, |name| match name {
            "SET" => Some(SENTINEL.into()),
            "EMPTY" => Some(OsString::new()),
            _ => None,
        })
    }

    #[test]
    fn is_read_from_a_variable_or_a_file_without_its_line_end() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pw"), format!("{SENTINEL}\r\n")).unwrap();
        for reference in ["env:SET", "file:pw"] {
            let secret = read(reference, folder.path()).unwrap();
            assert_eq!(secret.expose(), SENTINEL);
            assert_eq!(secret.reference(), reference);
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("empty"), "\n").unwrap();
        let check = |reference: &str, expect: &str| {
            let refused = read(reference, folder.path()).unwrap_err().to_string();
            assert_eq!(refused.replace(&folder.path().display().to_string(), "DIR"), expect);
        };
        check("env:UNSET", "environment variable UNSET is not set; hint: export it before the run");
        check(
            "env:EMPTY",
            "environment variable EMPTY is set but empty; hint: export its value before the run",
        );
        check("file:empty", "secret file DIR/empty is empty; hint: put the secret in it");
        check(
            "file:none",
            "cannot read secret file DIR/none: No such file or directory (os error 2); \
             hint: check the path and who may read it",
        );
    }

    #[test]
    fn never_shows_its_value() {
        let shown = format!("{:?}", read("env:SET", Path::new("")).unwrap());
        assert!(!shown.contains(SENTINEL), "{shown}");
        assert!(shown.contains("env:SET"), "{shown}");
        let literal = read(SENTINEL, Path::new("")).unwrap_err();
        assert_eq!(literal.to_string(), LITERAL);
        assert!(!format!("{literal:?}").contains(SENTINEL));
    }
}

//! The `.env` file: variables for people who do not export them. Which layer wins is [`crate::given`]'s
//! business.
//!
//! As python-dotenv 1.2 reads it, since the script reads it with that: its `parser.py` and `variables.py`, statement by
//! statement. A statement that cannot be read is left out and warned of by its line, as there. Own code, since the
//! crate for it has another grammar, and puts the refused line, and so perhaps a password, into its errors.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// The variables of one file.
#[derive(Default)]
pub(crate) struct DotEnv {
    pub(crate) path: PathBuf,
    values: BTreeMap<String, String>,
    /// Where statements begin that cannot be read.
    unreadable: Vec<usize>,
}

/// Why a `.env` file is refused. Never quotes it.
#[derive(Debug, Error)]
pub(crate) enum DotEnvError {
    #[error("cannot read {}: {cause}; hint: mend or remove it", path.display())]
    Unreadable { path: PathBuf, cause: std::io::Error },
}

impl DotEnv {
    /// Reads the file; one that is not there has no variables. `variable`: those of this process, which win where a
    /// value names one as `${NAME}`.
    pub(crate) fn read(path: &Path, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, DotEnvError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Self::parse(path, &text, variable)),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(cause) => Err(DotEnvError::Unreadable { path: path.to_owned(), cause }),
        }
    }

    /// Reads the text of a file that warnings call `path`.
    pub(crate) fn parse(path: &Path, text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let mut file = Self { path: path.to_owned(), ..Self::default() };
        let mut reader = Reader { whole: text, rest: text };
        while !reader.rest.is_empty() {
            reader.skip(char::is_whitespace);
            let line = reader.line();
            match reader.statement() {
                Some(Some((name, value))) => {
                    let value = file.expanded(&value, variable);
                    file.values.insert(name, value);
                }
                Some(None) => {}
                None => {
                    reader.skip(|c| !is_line_end(c));
                    file.unreadable.push(line);
                }
            }
        }
        file
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// What the person should know although the load goes on.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let warning = |line: &usize| {
            format!(
                "{}:{line}: not a variable, and left out; hint: write NAME=value, with quotes closed",
                self.path.display()
            )
        };
        self.unreadable.iter().map(warning).collect()
    }

    /// `${NAME}` and `${NAME:-default}` become this process's variable, or one from further up in the file.
    fn expanded(&self, value: &str, variable: &dyn Fn(&str) -> Option<String>) -> String {
        let (mut done, mut rest) = (String::new(), value);
        while let Some((before, behind)) = rest.split_once("${") {
            done.push_str(before);
            let Some((name, default, behind)) = reference(behind) else {
                done.push_str("${");
                rest = behind;
                continue;
            };
            let found = variable(name).or_else(|| self.get(name).map(str::to_owned));
            done.push_str(found.as_deref().unwrap_or(default));
            rest = behind;
        }
        done + rest
    }
}

/// Behind `${`: the name, the default, and what follows the brace.
fn reference(text: &str) -> Option<(&str, &str, &str)> {
    let at = text.find(['}', ':'])?;
    let (name, rest) = text.split_at(at);
    match rest.strip_prefix(":-") {
        Some(rest) => rest.split_once('}').map(|(default, behind)| (name, default, behind)),
        None => rest.strip_prefix('}').map(|behind| (name, "", behind)),
    }
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\r' | '\n')
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() && !is_line_end(c)
}

/// What of the file is not read yet.
struct Reader<'a> {
    whole: &'a str,
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// The line that is next, from 1.
    fn line(&self) -> usize {
        let read = &self.whole[..self.whole.len() - self.rest.len()];
        1 + read.replace("\r\n", "\n").matches(is_line_end).count()
    }

    fn skip(&mut self, what: impl Fn(char) -> bool) {
        self.rest = self.rest.trim_start_matches(what);
    }

    fn take(&mut self, what: impl Fn(char) -> bool) -> &'a str {
        let text = self.rest;
        self.skip(what);
        &text[..text.len() - self.rest.len()]
    }

    /// One statement to the end of its line: a variable, or a comment or a bare name, which set nothing. `None` when
    /// it cannot be read; then what follows is up to the caller.
    #[expect(clippy::option_option, reason = "unreadable, and nothing, are two things")]
    fn statement(&mut self) -> Option<Option<(String, String)>> {
        if let Some(rest) = self.rest.strip_prefix("export").filter(|rest| rest.starts_with(is_blank)) {
            self.rest = rest;
            self.skip(is_blank);
        }
        let name = if self.rest.is_empty() || self.rest.starts_with('#') { "" } else { self.name()? };
        self.skip(is_blank);
        let mut value = None;
        if let Some(rest) = self.rest.strip_prefix('=') {
            self.rest = rest;
            self.skip(is_blank);
            value = Some(self.value()?);
        }
        self.skip(is_blank);
        if self.rest.starts_with('#') {
            self.skip(|c| !is_line_end(c));
        }
        let at_end = self.rest.is_empty() || self.rest.starts_with(is_line_end);
        at_end.then(|| value.map(|value| (name.to_owned(), value)))
    }

    fn name(&mut self) -> Option<&'a str> {
        let name = match self.rest.strip_prefix('\'') {
            Some(quoted) => {
                let (name, rest) = quoted.split_once('\'')?;
                self.rest = rest;
                name
            }
            None => self.take(|c| !matches!(c, '=' | '#') && !c.is_whitespace()),
        };
        (!name.is_empty()).then_some(name)
    }

    fn value(&mut self) -> Option<String> {
        match self.rest.chars().next() {
            Some('\'') => self.quoted('\''),
            Some('"') => self.quoted('"'),
            _ => {
                let text = self.take(|c| !is_line_end(c));
                // A `#` inside a word, or right behind the `=`, belongs to the value: passwords have them.
                let comment =
                    text.match_indices('#').find(|(at, _)| text[..*at].ends_with(char::is_whitespace));
                Some(text[..comment.map_or(text.len(), |(at, _)| at)].trim_end().to_owned())
            }
        }
    }

    /// The text up to the closing quote, over several lines if need be: the first behind no backslash, or else the
    /// last, as python-dotenv's pattern finds it.
    fn quoted(&mut self, quote: char) -> Option<String> {
        let text = &self.rest[1..];
        let mut quotes = text.match_indices(quote).map(|(at, _)| at);
        let at = quotes.find(|at| !text[..*at].ends_with('\\')).or_else(|| text.rfind(quote))?;
        self.rest = &text[at + 1..];
        Some(unescaped(&text[..at], quote))
    }
}

/// In single quotes `\\` and `\'` are decoded, in double quotes also what Python has for control characters.
fn unescaped(text: &str, quote: char) -> String {
    let (mut value, mut chars) = (String::new(), text.chars());
    while let Some(c) = chars.next() {
        let escape = (c == '\\').then(|| decoded(chars.clone().next()?, quote)).flatten();
        if escape.is_some() {
            chars.next();
        }
        value.push(escape.unwrap_or(c));
    }
    value
}

/// What `\c` is within these quotes; `None`: two characters.
fn decoded(c: char, quote: char) -> Option<char> {
    Some(match c {
        '\\' | '\'' => c,
        _ if quote == '\'' => return None,
        '"' => c,
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> DotEnv {
        let variable = |name: &str| (name == "SET").then(|| "from outside".to_owned());
        DotEnv::parse(Path::new(".env"), text, &variable)
    }

    #[test]
    fn values_are_read_as_python_dotenv_reads_them() {
        let check = |text: &str, expect: &str| {
            let file = parse(text);
            assert_eq!((file.get("KEY"), file.warnings().len()), (Some(expect), 0), "{text}");
        };
        check("KEY=plain", "plain");
        check("  KEY = spaced  ", "spaced");
        check("export\tKEY=exported", "exported");
        check("'KEY'=quoted name", "quoted name");
        check("KEY=a#b=c", "a#b=c");
        check("KEY=#pw", "#pw");
        check("KEY= #pw", "#pw");
        check("KEY=value # said why", "value");
        check("KEY=value\t# said why", "value");
        check("KEY=", "");
        check("KEY=\nOTHER=1", "");
        check("KEY='a # \"b' # c", "a # \"b");
        check(r"KEY='a\\b\'c\nd'", r"a\b'c\nd");
        check(r#"KEY="say \"hi\" \\ \d\n""#, "say \"hi\" \\ \\d\n");
        check("KEY=\"two\nlines\"", "two\nlines");
        check(r"KEY='ends in \'", r"ends in \");
        check("KEY=windows\r\n", "windows");
        check("# comment\n\nKEY=first\nKEY=last", "last");
        check("spring.x=1\nmy-key=2\nBARE\nKEY=behind foreign names", "behind foreign names");
    }

    #[test]
    fn a_value_may_name_other_variables() {
        let check = |value: &str, expect: &str| {
            let file = parse(&format!("HOST=b1\nSET=from the file\nKEY={value}"));
            assert_eq!(file.get("KEY"), Some(expect), "{value}");
        };
        check("${HOST}:9092", "b1:9092");
        check("'${HOST}'", "b1");
        check("${SET}", "from outside");
        check("${NONE}x", "x");
        check("${NONE:-b2}:${HOST:-b3}", "b2:b1");
        check("$HOST ${HOST ${A:x}", "$HOST ${HOST ${A:x}");
    }

    #[test]
    fn a_statement_that_cannot_be_read_is_left_out_and_named_and_not_quoted() {
        let check = |text: &str, line: usize| {
            let file = parse(&format!("{text}\nKEY=behind"));
            let warnings = file.warnings();
            assert!(warnings[0].starts_with(&format!(".env:{line}: not a variable")), "{text}: {warnings:?}");
            assert!(!warnings.join("").contains("hunter2"), "{warnings:?}");
            assert_eq!((file.get("KEY"), warnings.len()), (Some("behind"), 1), "{text}");
        };
        check("OK=1\nmy key=hunter2", 2);
        check("=hunter2", 1);
        check("K='hunter2", 1);
        check("OK=\"two\nlines\"\nK=\"hunter2", 3);
        check("K='hunter2' more", 1);
    }

    #[test]
    fn no_file_is_no_variables() {
        let folder = tempfile::tempdir().unwrap();
        let read = |path: &Path| DotEnv::read(path, &|_| None);
        assert_eq!(read(&folder.path().join(".env")).unwrap().get("KEY"), None);
        assert!(read(folder.path()).is_err(), "a folder cannot be read as a file");
    }
}

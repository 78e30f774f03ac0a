//! Configuration files: TOML with errors that point at the line, secrets that are named and never shown,
//! durations as people write them, the text of Java's properties files.
//!
//! A leaf, so that libraries can describe their own files without the command line. Which value wins over
//! which is `mm2-cli`'s business.
//!
//! Text convention of all crates: a message is lower case with no final dot, and may end in
//! `; hint: what to do`. The printer and the TOML errors show a hint on its own; see [`split_hint`].

mod duration;
mod properties;
mod secret;
mod toml_file;

pub use duration::{DurationError, HumanDuration};
pub use properties::{PropertiesError, parse_properties};
pub use secret::Secret;
pub use toml_file::{ConfigError, TomlFile};

/// Cuts `message; hint: what to do` in two.
pub fn split_hint(message: &str) -> (&str, Option<&str>) {
    match message.split_once("; hint: ") {
        Some((message, hint)) => (message, Some(hint)),
        None => (message, None),
    }
}

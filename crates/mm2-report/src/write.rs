//! Blocks as text. Not for what is said.

mod markdown;
mod terminal;

pub(crate) use self::markdown::markdown;
pub(crate) use self::terminal::terminal;

/// Each with a line end.
fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.flat_map(|line| [line, "\n".to_owned()]).collect()
}

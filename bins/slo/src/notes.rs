//! What the person should know besides the verdict, collected while data are read. Not for printing it.

/// In the order in which it came up.
#[derive(Debug, Default)]
pub(crate) struct Notes(Vec<Note>);

#[derive(Debug)]
pub(crate) enum Note {
    /// How something was taken.
    Line(String),
    /// What weakens the verdict, or is likely a slip.
    Warning(String),
}

impl Note {
    fn text(&self) -> &str {
        match self {
            Self::Line(text) | Self::Warning(text) => text,
        }
    }
}

impl Notes {
    pub(crate) fn line(&mut self, text: impl Into<String>) {
        self.0.push(Note::Line(text.into()));
    }

    pub(crate) fn warn(&mut self, text: impl Into<String>) {
        self.0.push(Note::Warning(text.into()));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Note> {
        self.0.iter()
    }

    pub(crate) fn warnings(&self) -> Vec<&str> {
        self.0.iter().filter(|note| matches!(note, Note::Warning(_))).map(Note::text).collect()
    }
}

/// Names for a sentence, cut where there are very many.
pub(crate) fn listed<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    const MOST: usize = 20;
    let names: Vec<String> = names.into_iter().map(|name| format!("`{}`", name.as_ref())).collect();
    match names.len().checked_sub(MOST) {
        Some(more @ 1..) => format!("{} and {more} more", names[..MOST].join(", ")),
        _ => names.join(", "),
    }
}

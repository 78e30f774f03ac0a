//! What a report is made of, whatever it is written as.

/// A piece of a report. Texts are plain: a writer escapes what its format gives a meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Block {
    /// The report's name.
    Title(String),
    /// What must not be missed.
    Notice(String),
    /// The name of a section.
    Section(String),
    /// The name of a part of a section.
    Part(String),
    /// Some sentences.
    Paragraph(String),
    /// Things of a kind.
    List(Vec<String>),
    /// Rows of cells under a head; no cell is blank.
    Table {
        /// One a column.
        head: Vec<String>,
        /// As many cells each as the head.
        rows: Vec<Vec<String>>,
    },
}

impl Block {
    pub(crate) fn table<const N: usize>(head: [&str; N], rows: Vec<[String; N]>) -> Self {
        Self::Table { head: head.map(str::to_owned).into(), rows: rows.into_iter().map(Vec::from).collect() }
    }
}

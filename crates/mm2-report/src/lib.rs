//! Renderings of a run, in English and French: the source document's grids and checklist, filled.
//!
//! ```text
//! Run ─► content (what is said, in what order) ─► Vec<Block> ─► write::markdown | write::terminal
//!            └─ text (every word, one catalogue, a language each)
//! ```
//! Pure: no clock, no I/O, no judging. Not here: `run.json`, which is made for scripts (`mm2-evidence`).

mod content;
mod layout;
mod text;
mod write;

use mm2_evidence::Run;

/// The language of a rendering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// French.
    Fr,
}

impl Lang {
    /// All of them: a run folder gets a report in each.
    pub const ALL: [Self; 2] = [Self::En, Self::Fr];

    /// `en`, `fr`: as in `report.en.md`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }
}

/// The whole report as Markdown.
pub fn markdown(run: &Run, lang: Lang) -> String {
    write::markdown(&content::report(run, text::of(lang)))
}

/// What a person at a terminal wants to know at once: verdict, grids, result. 100 columns, no colour.
pub fn terminal(run: &Run, lang: Lang) -> String {
    write::terminal(&content::summary(run, text::of(lang)))
}

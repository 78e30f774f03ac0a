//! What a person watches while a run goes on: on a terminal one block that is redrawn in place, elsewhere a plain
//! line every 30 s and at every event. Not for results, which are data.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

use crate::Printer;

/// Between two plain lines: often enough to see life in a CI log, seldom enough to read it afterwards.
const PLAIN_EVERY: Duration = Duration::from_secs(30);

/// What is shown at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProgressView {
    /// The step and how far it is.
    pub headline: String,
    /// The figures below it.
    pub lines: Vec<String>,
}

/// Shows how a run goes. Ends cleanly when dropped.
#[derive(Debug)]
pub struct Progress {
    printer: Printer,
    shape: Shape,
}

#[derive(Debug)]
enum Shape {
    Live(ProgressBar),
    Plain { last: Instant },
}

impl Progress {
    /// Live where the printer has a terminal, else plain; silent where the printer is quiet.
    pub fn new(printer: &Printer) -> Self {
        let shape = if printer.screen().is_hidden() {
            Shape::Plain { last: Instant::now() }
        } else {
            let style =
                ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
            let block = ProgressBar::no_length().with_style(style).with_finish(ProgressFinish::AndClear);
            Shape::Live(printer.screen().add(block))
        };
        Self { printer: printer.clone(), shape }
    }

    /// Something that happened: a line that stays, above the live block.
    pub fn event(&self, line: &str) {
        self.printer.line(line);
    }

    /// How things stand now. Call it as often as things change.
    pub fn live(&mut self, view: &ProgressView) {
        self.live_at(view, Instant::now());
    }

    fn live_at(&mut self, view: &ProgressView, now: Instant) {
        match &mut self.shape {
            Shape::Live(block) => block.set_message(view.all_lines().join("\n")),
            Shape::Plain { last } => {
                if now.saturating_duration_since(*last) >= PLAIN_EVERY {
                    *last = now;
                    self.printer.line(&view.all_lines().join(" · "));
                }
            }
        }
    }

    /// Takes the live block away and leaves the events.
    pub fn finish(self) {
        drop(self);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Shape::Live(block) = &self.shape {
            block.finish_and_clear();
        }
    }
}

impl ProgressView {
    fn all_lines(&self) -> Vec<&str> {
        std::iter::once(&self.headline).chain(&self.lines).map(|line| line.trim()).collect()
    }
}

#[cfg(test)]
mod tests {
    use indicatif::{InMemoryTerm, ProgressDrawTarget, TermLike};

    use super::*;
    use crate::Volume;
    use crate::printer::tests::captured;

    fn view(headline: &str) -> ProgressView {
        ProgressView { headline: headline.into(), lines: vec!["backlog 12".into(), "p99 31 ms".into()] }
    }

    #[test]
    fn without_a_terminal_a_line_appears_every_30_s_and_at_every_event() {
        let (printer, _, err) = captured(Volume::Normal);
        let mut progress = Progress::new(&printer);
        let start = Instant::now();
        for second in 0..65 {
            progress.live_at(&view(&format!("P1 {second} s")), start + Duration::from_secs(second));
        }
        progress.event("P1 held");
        progress.finish();
        insta::assert_snapshot!(err.text(), @r"
        P1 30 s · backlog 12 · p99 31 ms
        P1 60 s · backlog 12 · p99 31 ms
        P1 held
        ");
    }

    #[test]
    fn quiet_shows_no_progress() {
        let (printer, _, err) = captured(Volume::Quiet);
        let mut progress = Progress::new(&printer);
        progress.live_at(&view("P1"), Instant::now() + Duration::from_secs(31));
        progress.event("P1 held");
        assert_eq!(err.text(), "");
    }

    #[test]
    fn on_a_terminal_the_block_is_redrawn_below_the_events_and_leaves_nothing() {
        let screen = InMemoryTerm::new(10, 40);
        let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
        let printer = Printer::assemble(Volume::Normal, std::io::sink(), OnScreen(screen.clone()), target);
        let mut progress = Progress::new(&printer);

        progress.live(&view("P1 1 s"));
        progress.event("warm-up done");
        progress.live(&view("P1 2 s"));
        insta::assert_snapshot!(screen.contents(), @r"
        warm-up done
        P1 2 s
        backlog 12
        p99 31 ms
        ");

        progress.event("P1 held");
        progress.finish();
        insta::assert_snapshot!(screen.contents(), @r"
        warm-up done
        P1 held
        ");
    }

    /// Stderr and the live block are one screen.
    struct OnScreen(InMemoryTerm);

    impl std::io::Write for OnScreen {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let text = String::from_utf8_lossy(bytes).replace('\n', "\r\n");
            self.0.write_str(&text)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            self.0.flush()
        }
    }
}

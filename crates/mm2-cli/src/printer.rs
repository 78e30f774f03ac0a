//! The only place that prints: data on stdout, all else on stderr, colour only where it is wanted. Not for
//! deciding what is said.

use std::error::Error;
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use anstream::AutoStream;
use indicatif::{MultiProgress, ProgressDrawTarget};
use owo_colors::OwoColorize;

use mm2_config::split_hint;

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Volume {
    /// Data, warnings and errors only.
    Quiet,
    /// Also what is going on.
    Normal,
}

/// Prints, above the live block where there is one. Clones share their streams. Colour is dropped when the stream
/// is no terminal and by `NO_COLOR`. A reader that went away (`| head`) is not an error.
#[derive(Clone)]
pub struct Printer(Arc<Inner>);

struct Inner {
    volume: Volume,
    stdout: Mutex<Box<dyn Write + Send>>,
    stderr: Mutex<Box<dyn Write + Send>>,
    screen: MultiProgress,
}

impl Printer {
    /// On the process's stdout and stderr.
    pub fn new(volume: Volume) -> Self {
        let screen = match volume {
            Volume::Quiet => ProgressDrawTarget::hidden(),
            Volume::Normal => ProgressDrawTarget::stderr(),
        };
        Self::assemble(volume, anstream::stdout(), anstream::stderr(), screen)
    }

    /// On other streams, without colour and without a live block: for tests.
    pub fn to<O, E>(volume: Volume, stdout: O, stderr: E) -> Self
    where
        O: Write + Send + 'static,
        E: Write + Send + 'static,
    {
        let plain = |stream: Box<dyn Write + Send>| AutoStream::never(stream);
        let (stdout, stderr) = (plain(Box::new(stdout)), plain(Box::new(stderr)));
        Self::assemble(volume, stdout, stderr, ProgressDrawTarget::hidden())
    }

    pub(crate) fn assemble(
        volume: Volume,
        stdout: impl Write + Send + 'static,
        stderr: impl Write + Send + 'static,
        screen: ProgressDrawTarget,
    ) -> Self {
        Self(Arc::new(Inner {
            volume,
            stdout: Mutex::new(Box::new(stdout)),
            stderr: Mutex::new(Box::new(stderr)),
            screen: MultiProgress::with_draw_target(screen),
        }))
    }

    /// What was asked for: a report, a table, JSON. Goes to stdout with a line end.
    ///
    /// # Errors
    /// When stdout does not take it (a full disk behind `>`); not when its reader went away.
    pub fn data(&self, text: &str) -> io::Result<()> {
        match self.write(&self.0.stdout, text) {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }

    /// What is going on. Silent when quiet.
    pub fn line(&self, text: &str) {
        if self.0.volume == Volume::Normal {
            self.to_stderr(text);
        }
    }

    /// What the person should know although the work goes on.
    pub fn warn(&self, text: &str) {
        let (text, hint) = split_hint(text);
        self.to_stderr(&format!("{} {text}{}", "warning:".yellow().bold(), hint_line(hint)));
    }

    /// Why the work ends: the error, its causes, and the hints that they carry (`…; hint: …`), each once.
    pub fn error(&self, error: &(dyn Error + 'static)) {
        let causes: Vec<String> = anyhow::Chain::new(error).map(ToString::to_string).collect();
        let mut messages: Vec<&str> = Vec::new();
        let mut hints: Vec<&str> = Vec::new();
        for cause in &causes {
            let (message, hint) = split_hint(cause);
            // Many errors name their cause themselves.
            if !messages.iter().any(|said| said.contains(message)) {
                messages.push(message);
            }
            hints.extend(hint.filter(|hint| !hints.contains(hint)));
        }
        let hints: String = hints.into_iter().map(|hint| hint_line(Some(hint))).collect();
        self.to_stderr(&format!("{} {}{hints}", "error:".red().bold(), messages.join("\n  caused by: ")));
    }

    pub(crate) fn to_stderr(&self, text: &str) {
        // Nobody is left to be told that stderr is gone.
        drop(self.write(&self.0.stderr, text));
    }

    pub(crate) fn screen(&self) -> &MultiProgress {
        &self.0.screen
    }

    fn write(&self, stream: &Mutex<Box<dyn Write + Send>>, text: &str) -> io::Result<()> {
        self.0.screen.suspend(|| {
            let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
            stream.write_all(text.as_bytes())?;
            if !text.ends_with('\n') {
                stream.write_all(b"\n")?;
            }
            stream.flush()
        })
    }
}

fn hint_line(hint: Option<&str>) -> String {
    hint.map(|hint| format!("\n{} {hint}", "hint:".cyan().bold())).unwrap_or_default()
}

impl fmt::Debug for Printer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Printer").field(&self.0.volume).finish()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A stream whose text a test can read.
    #[derive(Clone, Default)]
    pub(crate) struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Captured {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    pub(crate) fn captured(volume: Volume) -> (Printer, Captured, Captured) {
        let (out, err) = (Captured::default(), Captured::default());
        (Printer::to(volume, out.clone(), err.clone()), out, err)
    }

    #[test]
    fn only_data_goes_to_stdout_and_quiet_drops_only_lines() {
        let check = |volume, expect_stderr: &str| {
            let (printer, out, err) = captured(volume);
            printer.data("report").unwrap();
            printer.line("step P1");
            printer.warn("clock skew; hint: start chrony");
            assert_eq!(out.text(), "report\n");
            assert_eq!(err.text(), expect_stderr);
        };
        check(Volume::Normal, "step P1\nwarning: clock skew\nhint: start chrony\n");
        check(Volume::Quiet, "warning: clock skew\nhint: start chrony\n");
    }

    #[test]
    fn an_error_is_its_causes_and_its_hints_each_once() {
        let check = |error: anyhow::Error, expect: &str| {
            let (printer, _, err) = captured(Volume::Quiet);
            printer.error(error.as_ref());
            assert_eq!(err.text(), expect);
        };
        let refused =
            || anyhow::anyhow!("b1:9093 refused (user \"mm2\"); hint: KAFKA_PASSWORD is set but empty");
        check(anyhow::anyhow!("no steps"), "error: no steps\n");
        check(
            refused().context("cannot read metadata from source cluster"),
            "error: cannot read metadata from source cluster\n  caused by: b1:9093 refused (user \"mm2\")\n\
             hint: KAFKA_PASSWORD is set but empty\n",
        );
        check(
            refused()
                .context("source: b1:9093 refused (user \"mm2\"); hint: KAFKA_PASSWORD is set but empty"),
            "error: source: b1:9093 refused (user \"mm2\")\nhint: KAFKA_PASSWORD is set but empty\n",
        );
    }

    #[test]
    fn a_reader_that_left_is_no_error_but_a_full_disk_is() {
        struct Failing(io::ErrorKind);
        impl Write for Failing {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(self.0.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let data = |kind| Printer::to(Volume::Normal, Failing(kind), io::sink()).data("report");
        assert!(data(io::ErrorKind::BrokenPipe).is_ok());
        assert!(data(io::ErrorKind::StorageFull).is_err());
    }
}

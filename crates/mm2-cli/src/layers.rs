//! Which of flag, environment, file and default gave a value, and the table that shows it. Not for reading files
//! (`toml_file`) or for parsing values.

use std::fmt;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

/// Where a value came from, strongest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The command line.
    Flag,
    /// This environment variable.
    Env(String),
    /// This file.
    File(PathBuf),
    /// Built in.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Env(name) => write!(f, "env {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value that knows where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layered<T> {
    /// The value that won.
    pub value: T,
    /// Where it won from.
    pub origin: Origin,
}

/// The layers of one invocation.
#[derive(Clone, Copy, Debug)]
pub struct Layers<'a> {
    /// The command whose arguments are meant (the subcommand, where there is one): it knows their variables.
    pub command: &'a Command,
    /// What clap found for that command.
    pub matches: &'a ArgMatches,
    /// The file that `from_file` values come from.
    pub file: Option<&'a Path>,
}

impl Layers<'_> {
    /// Chooses flag over environment over file over default, for the clap argument `id`.
    ///
    /// `from_args` is what clap put in the struct. It counts only when a person gave it: a `default_value` of clap
    /// never beats the file. For a value without a default, `T` is an `Option`.
    pub fn pick<T>(
        &self,
        id: &str,
        from_args: Option<T>,
        from_file: Option<T>,
        default: impl FnOnce() -> T,
    ) -> Layered<T> {
        match (from_args, self.given(id)) {
            (Some(value), Some(origin)) => Layered { value, origin },
            _ => self.file_or(from_file, default),
        }
    }

    /// Chooses file over default, for a value that no argument can set.
    pub fn file_or<T>(&self, from_file: Option<T>, default: impl FnOnce() -> T) -> Layered<T> {
        match from_file {
            Some(value) => {
                Layered { value, origin: Origin::File(self.file.unwrap_or(Path::new("")).to_owned()) }
            }
            None => Layered { value: default(), origin: Origin::Default },
        }
    }

    fn given(&self, id: &str) -> Option<Origin> {
        match self.matches.value_source(id)? {
            ValueSource::CommandLine => Some(Origin::Flag),
            ValueSource::EnvVariable => {
                let argument = self.command.get_arguments().find(|arg| arg.get_id() == id);
                let name = argument.and_then(|arg| arg.get_env()).unwrap_or_default();
                Some(Origin::Env(name.to_string_lossy().into_owned()))
            }
            _ => None,
        }
    }
}

/// The table of `--show-config`: key, value, origin, aligned. The caller has replaced secrets by `<redacted>`.
pub fn show_config(rows: &[(&str, String, Origin)]) -> String {
    let key_width = rows.iter().map(|(key, ..)| key.chars().count()).max().unwrap_or(0);
    let value_width = rows.iter().map(|(_, value, _)| value.chars().count()).max().unwrap_or(0);
    let lines =
        rows.iter().map(|(key, value, origin)| format!("{key:key_width$}  {value:value_width$}  {origin}"));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, FromArgMatches, Parser};

    use super::*;

    /// `CARGO_PKG_NAME` is what cargo sets for every test: the one variable that a test can count on.
    #[derive(Parser)]
    struct Args {
        #[arg(long)]
        hold: Option<u32>,
        #[arg(long, default_value_t = 7)]
        partitions: u32,
        #[arg(long, env = "CARGO_PKG_NAME")]
        chain: Option<String>,
    }

    fn parsed(words: &[&str]) -> (Command, ArgMatches, Args) {
        let matches = Args::command().get_matches_from([&["ramp"], words].concat());
        let args = Args::from_arg_matches(&matches).unwrap();
        (Args::command(), matches, args)
    }

    #[test]
    fn flag_beats_file_beats_default() {
        let check = |words: &[&str], from_file: Option<u32>, value: u32, origin: Origin| {
            let (command, matches, args) = parsed(words);
            let layers = Layers { command: &command, matches: &matches, file: Some(Path::new("plan.toml")) };
            assert_eq!(layers.pick("hold", args.hold, from_file, || 20), Layered { value, origin });
        };
        check(&["--hold", "5"], Some(9), 5, Origin::Flag);
        check(&[], Some(9), 9, Origin::File("plan.toml".into()));
        check(&[], None, 20, Origin::Default);
    }

    #[test]
    fn a_default_of_clap_does_not_beat_the_file() {
        let (command, matches, args) = parsed(&[]);
        let layers = Layers { command: &command, matches: &matches, file: Some(Path::new("plan.toml")) };
        let partitions = layers.pick("partitions", Some(args.partitions), Some(3), || 1);
        assert_eq!(partitions, Layered { value: 3, origin: Origin::File("plan.toml".into()) });
    }

    #[test]
    fn the_environment_beats_the_file_and_is_named() {
        let check = |words: &[&str], value: &str, origin: Origin| {
            let (command, matches, args) = parsed(words);
            let layers = Layers { command: &command, matches: &matches, file: None };
            let chain = layers.pick("chain", args.chain, Some("lab".to_owned()), || "rehearsal".to_owned());
            assert_eq!(chain, Layered { value: value.to_owned(), origin });
        };
        check(&[], "mm2-cli", Origin::Env("CARGO_PKG_NAME".into()));
        check(&["--chain", "x.toml"], "x.toml", Origin::Flag);
    }

    #[test]
    fn the_table_is_aligned() {
        let table = show_config(&[
            ("chain", "rehearsal".into(), Origin::Default),
            ("source.password", "<redacted>".into(), Origin::File("chain.toml".into())),
            ("hold", "20s".into(), Origin::Env("MM2_HOLD".into())),
        ]);
        insta::assert_snapshot!(table, @r"
        chain            rehearsal   default
        source.password  <redacted>  file chain.toml
        hold             20s         env MM2_HOLD
        ");
    }
}

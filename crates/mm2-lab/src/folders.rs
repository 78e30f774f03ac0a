//! Where a lab keeps things, by the XDG base directory specification.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::LabError;

/// The folder of Kafka's jars: `$XDG_CACHE_HOME/mm2-lab`, by default `~/.cache/mm2-lab`.
///
/// # Errors
/// [`LabError::NoPlace`] where neither variable is an absolute path.
pub fn default_cache_dir() -> Result<PathBuf, LabError> {
    xdg("Kafka's jars", "XDG_CACHE_HOME", ".cache", |name| env::var_os(name).map(PathBuf::from))
}

/// The state folder of `lab up`: `$XDG_STATE_HOME/mm2-lab`, by default `~/.local/state/mm2-lab`.
///
/// # Errors
/// [`LabError::NoPlace`] where neither variable is an absolute path.
pub fn default_state_dir() -> Result<PathBuf, LabError> {
    xdg("the lab's state", "XDG_STATE_HOME", ".local/state", |name| env::var_os(name).map(PathBuf::from))
}

/// The specification says that a relative path in such a variable is to be ignored.
fn xdg(
    what: &'static str,
    variable: &'static str,
    under_home: &str,
    get: impl Fn(&str) -> Option<PathBuf>,
) -> Result<PathBuf, LabError> {
    let absolute = |name| get(name).filter(|path| path.is_absolute());
    absolute(variable)
        .or_else(|| absolute("HOME").map(|home| home.join(under_home)))
        .map(|base| base.join("mm2-lab"))
        .ok_or(LabError::NoPlace { what, variable })
}

/// The parent of temporary labs. A lab can hold tens of GB, and `/tmp` is often memory: `/var/tmp` is the
/// place for large temporary files (file-hierarchy(7)), and `TMPDIR` overrides both.
pub(crate) fn temp_parent() -> PathBuf {
    let var_tmp = Path::new("/var/tmp");
    if env::var_os("TMPDIR").is_none() && var_tmp.is_dir() { var_tmp.to_owned() } else { env::temp_dir() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(environment: &[(&str, &str)], expect: Option<&str>) {
        let get = |name: &str| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, value)| PathBuf::from(value))
        };
        let found = xdg("x", "XDG_STATE_HOME", ".local/state", get).ok();
        assert_eq!(found.as_deref(), expect.map(Path::new), "{environment:?}");
    }

    #[test]
    fn the_xdg_variable_wins_then_home_and_relative_paths_are_ignored() {
        check(&[("XDG_STATE_HOME", "/s"), ("HOME", "/h")], Some("/s/mm2-lab"));
        check(&[("HOME", "/h")], Some("/h/.local/state/mm2-lab"));
        check(&[("XDG_STATE_HOME", "s"), ("HOME", "/h")], Some("/h/.local/state/mm2-lab"));
        check(&[("XDG_STATE_HOME", ""), ("HOME", "")], None);
        check(&[], None);
    }

    #[test]
    fn without_home_the_error_says_which_variables_to_set() {
        let error = xdg("Kafka's jars", "XDG_CACHE_HOME", ".cache", |_| None).unwrap_err();
        assert!(error.is_usage());
        let text = error.to_string();
        assert!(text.contains("XDG_CACHE_HOME") && text.contains("HOME"), "{text}");
    }
}

//! Where a value may be given: a flag, a variable under one of its names, the `.env` file. The first that
//! has it wins, also with an empty text, which means: as if it were nowhere given.

use std::ffi::OsString;

use mm2_cli::{Layered, Origin};

use crate::dotenv::DotEnv;
use crate::error::SettingError;

/// The names of one setting.
pub(crate) struct Key {
    pub(crate) flag: &'static str,
    /// Strongest first.
    pub(crate) variables: &'static [&'static str],
}

/// What is around one call: its variables and its `.env` file.
pub(crate) struct Surroundings<'a> {
    pub(crate) variable: &'a dyn Fn(&str) -> Option<OsString>,
    pub(crate) dotenv: &'a DotEnv,
}

/// A text, what errors call its place, and where it came from. No `Debug`: it may be a password.
pub(crate) struct Given {
    pub(crate) text: String,
    pub(crate) named: String,
    pub(crate) origin: Origin,
}

impl Given {
    pub(crate) fn layered<T>(&self, value: T) -> Layered<T> {
        Layered { value, origin: self.origin.clone() }
    }
}

impl Surroundings<'_> {
    /// Finds a value; `None` when it is nowhere given, or empty where it is.
    ///
    /// # Errors
    /// When a variable is not UTF-8.
    pub(crate) fn find(&self, key: &Key, flag: Option<&str>) -> Result<Option<Given>, SettingError> {
        let given = match flag {
            Some(text) => Some(Given { text: text.into(), named: key.flag.into(), origin: Origin::Flag }),
            None => self.outside(key)?,
        };
        Ok(given.filter(|given| !given.text.trim().is_empty()))
    }

    /// Finds a value that no flag gives, empty or not.
    pub(crate) fn outside(&self, key: &Key) -> Result<Option<Given>, SettingError> {
        for &name in key.variables {
            if let Some(value) = (self.variable)(name) {
                let text = value.into_string().map_err(|_| SettingError::NotText { named: name })?;
                return Ok(Some(Given { text, named: name.into(), origin: Origin::Env(name.into()) }));
            }
        }
        let path = &self.dotenv.path;
        Ok(key.variables.iter().find_map(|&name| {
            let text = self.dotenv.get(name)?.to_owned();
            Some(Given {
                text,
                named: format!("{name} in {}", path.display()),
                origin: Origin::File(path.clone()),
            })
        }))
    }
}

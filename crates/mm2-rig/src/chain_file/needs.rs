//! `[requirement]`: what production needs at its peak. `[expect]`: what the chain is made of.

use std::ops::Range;

use mm2_config::{ConfigError, TomlFile};
use serde::Deserialize;
use toml::Spanned;

/// `[requirement]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequirementSection {
    /// Records per second.
    pub peak_per_sec: Option<Spanned<u64>>,
    /// Megabytes (10⁶ bytes) of record values per second.
    pub peak_mb_per_sec: Option<Spanned<f64>>,
}

/// `[expect]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExpectSection {
    /// Brokers of each of the two clusters.
    pub brokers: Option<Spanned<u32>>,
    /// Connect workers.
    pub workers: Option<Spanned<u32>>,
    /// What else runs on the workers' hosts.
    pub worker_hosts: WorkerHosts,
}

/// `worker_hosts`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkerHosts {
    /// Nothing that counts: their processors and memory tell of the workers.
    #[default]
    Own,
    /// Brokers, the load, or whatever else: their processors and memory tell of all of it.
    Shared,
}

impl RequirementSection {
    pub(super) fn check(&self, file: &TomlFile, section: Range<usize>) -> Result<(), ConfigError> {
        let nothing = |span| {
            let message = "a peak of nothing is no requirement";
            Err(file.error(span, message, Some("write what production needs, or leave it out")))
        };
        match (&self.peak_per_sec, &self.peak_mb_per_sec) {
            (Some(records), _) if *records.get_ref() == 0 => nothing(records.span()),
            (_, Some(megabytes)) if *megabytes.get_ref() <= 0.0 => nothing(megabytes.span()),
            (None, None) => {
                let message = "[requirement] says nothing";
                let hint = "write peak_per_sec = 5000, or peak_mb_per_sec = 5, or leave it out";
                Err(file.error(section, message, Some(hint)))
            }
            _ => Ok(()),
        }
    }
}

impl ExpectSection {
    pub(super) fn check(&self, file: &TomlFile) -> Result<(), ConfigError> {
        match [&self.brokers, &self.workers].into_iter().flatten().find(|count| *count.get_ref() == 0) {
            None => Ok(()),
            Some(count) => {
                let hint = "write how many there must be, or leave it out";
                Err(file.error(count.span(), "a chain of none is expected", Some(hint)))
            }
        }
    }
}

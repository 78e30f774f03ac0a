//! Where Prometheus is, resolved from the chain file, or why there is none.

use mm2_config::{Secret, TomlFile};
use mm2_metrics::{NameOverride, PrometheusSettings, catalogue};
use mm2_slo::Unit;
use toml::Spanned;

use crate::chain_file::PrometheusSection;
use crate::error::RigError;
use crate::spec::read;

/// Prometheus, or why there is none to ask.
#[derive(Debug)]
pub enum PrometheusSpec {
    /// Where it is and what to read.
    Read(Box<PrometheusSettings>),
    /// In the words of the chain file.
    Absent(String),
}

impl PrometheusSpec {
    /// # Errors
    /// When a signal is named that there is not, or the CA file cannot be read.
    pub(crate) fn of(file: &TomlFile, section: &PrometheusSection) -> Result<Self, RigError> {
        let Some(url) = &section.url else {
            // Checked when the file was read: one of the two is there.
            let why = section.absent.as_ref().map_or_else(String::new, |why| why.get_ref().clone());
            return Ok(Self::Absent(why));
        };
        let signals = catalogue();
        let known: Vec<&str> = signals.iter().map(|described| described.signal.as_str()).collect();
        section.check_signals(file, &known)?;
        let in_percent = signals.iter().filter(|described| described.unit == Unit::Percent);
        section
            .check_units(file, &in_percent.map(|described| described.signal.as_str()).collect::<Vec<_>>())?;
        let secret = |value: &Option<Spanned<Secret>>| value.as_ref().map(|it| it.get_ref().value().clone());
        let names = section.names.iter().map(|(signal, value)| {
            let name = NameOverride { query: value.query.clone(), unit: value.unit };
            (signal.get_ref().clone(), name)
        });
        let ca = section.ca.as_ref().map(|ca| read(&file.folder().join(ca.get_ref()))).transpose()?;
        Ok(Self::Read(Box::new(PrometheusSettings {
            url: url.get_ref().clone(),
            username: section.username.as_ref().map(|name| name.get_ref().clone()),
            password: secret(&section.password),
            bearer: secret(&section.bearer),
            ca_pem: ca,
            selectors: section.selectors(),
            names: names.collect(),
        })))
    }

    /// Why there is none, where the chain file says so.
    pub fn absent(&self) -> Option<&str> {
        match self {
            Self::Absent(why) => Some(why),
            Self::Read(_) => None,
        }
    }
}

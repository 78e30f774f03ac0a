//! `[source]` or `[target]` of a chain file, with the Java client's properties that it may name, as one
//! cluster's settings. What Java's keys mean is [`mm2_kafka::translate`]'s business.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mm2_config::{TomlFile, parse_properties};
use mm2_kafka::ClusterSettings;
use secrecy::{ExposeSecret as _, SecretString};

use crate::chain_file::{ClientValue, ClusterSection};
use crate::error::RigError;
use crate::spec::read;

#[cfg(test)]
mod tests;

/// What both places say, where they do not contradict each other.
pub(crate) fn cluster_settings(
    file: &TomlFile,
    side: &str,
    section: &ClusterSection,
) -> Result<ClusterSettings, RigError> {
    let own = of_section(file, side, section)?;
    let settings = match &section.client_properties {
        None => own,
        Some(path) => {
            let path = file.folder().join(path);
            let java = of_properties(side, &path)?;
            Places { side, chain: file.path(), properties: &path }.merge(own, java)?
        }
    };
    if settings.bootstrap_servers.trim().is_empty() {
        let text = format!(
            "[{side}] of {} names no brokers; hint: write bootstrap_servers = \"host:port,host:port\" in it, or client_properties = \"FILE\" with bootstrap.servers in FILE",
            file.path().display()
        );
        return Err(RigError::Usage(text));
    }
    Ok(settings)
}

fn of_section(file: &TomlFile, side: &str, section: &ClusterSection) -> Result<ClusterSettings, RigError> {
    let mut client = BTreeMap::new();
    for (key, value) in &section.client {
        let text = match value {
            ClientValue::Secret(secret) => secret.expose().to_owned(),
            ClientValue::Plain(_) if ClusterSettings::looks_secret(key) => {
                let text = format!(
                    "`{key}` in [{side}.client] is a secret in the clear; hint: write it as \"env:NAME\" or \"file:PATH\""
                );
                return Err(RigError::Usage(text));
            }
            ClientValue::Plain(text) => text.clone(),
        };
        client.insert(key.clone(), text);
    }
    Ok(ClusterSettings {
        bootstrap_servers: section.bootstrap_servers.clone().unwrap_or_default(),
        security_protocol: section.security_protocol.clone(),
        sasl_mechanism: section.sasl_mechanism.clone(),
        username: section.username.clone(),
        password: section.password.as_ref().map(|p| p.value().clone()),
        ca: section.ca.as_ref().map(|ca| file.folder().join(ca)),
        client,
    })
}

fn of_properties(side: &str, path: &Path) -> Result<ClusterSettings, RigError> {
    let refused = |error: String| RigError::Usage(format!("{}: {error}", path.display()));
    // Kafka's tools read it as Latin-1 (`Properties.load` of a stream), so the same bytes mean the same.
    let text: String = read(path)?.into_iter().map(char::from).collect();
    let properties = parse_properties(&text).map_err(|error| refused(error.to_string()))?;
    let java = mm2_kafka::translate(&properties).map_err(|error| refused(error.to_string()))?;
    if !java.ignored.is_empty() {
        tracing::warn!(
            side,
            file = %path.display(),
            keys = java.ignored.join(", "),
            "keys that only Java's client knows are ignored"
        );
    }
    Ok(java.settings)
}

/// Where the two halves stand, for errors.
struct Places<'a> {
    side: &'a str,
    chain: &'a Path,
    properties: &'a Path,
}

impl Places<'_> {
    fn merge(&self, own: ClusterSettings, java: ClusterSettings) -> Result<ClusterSettings, RigError> {
        let given = |brokers: String| Some(brokers).filter(|brokers| !brokers.trim().is_empty());
        let brokers = (given(own.bootstrap_servers), given(java.bootstrap_servers));
        let same_secret = |a: &SecretString, b: &SecretString| a.expose_secret() == b.expose_secret();
        let mut client = java.client;
        for (key, value) in own.client {
            let theirs = client.remove(&key);
            let names = [&format!("client.{key}"), "the same key or what Java calls it"];
            client.extend(self.either(names, (Some(value), theirs), String::eq)?.map(|value| (key, value)));
        }
        Ok(ClusterSettings {
            bootstrap_servers: self
                .either(["bootstrap_servers", "bootstrap.servers"], brokers, String::eq)?
                .unwrap_or_default(),
            security_protocol: self.either(
                ["security_protocol", "security.protocol"],
                (own.security_protocol, java.security_protocol),
                String::eq,
            )?,
            sasl_mechanism: self.either(
                ["sasl_mechanism", "sasl.mechanism"],
                (own.sasl_mechanism, java.sasl_mechanism),
                String::eq,
            )?,
            username: self.either(
                ["username", "sasl.jaas.config"],
                (own.username, java.username),
                String::eq,
            )?,
            password: self.either(
                ["password", "sasl.jaas.config"],
                (own.password, java.password),
                same_secret,
            )?,
            ca: self.either(["ca", "ssl.truststore.location"], (own.ca, java.ca), PathBuf::eq)?,
            client,
        })
    }

    /// The one value that is there, or both where they are the same. `names`: in the section, in the properties.
    fn either<T>(
        &self,
        names: [&str; 2],
        values: (Option<T>, Option<T>),
        same: impl Fn(&T, &T) -> bool,
    ) -> Result<Option<T>, RigError> {
        match values {
            (Some(own), Some(java)) if !same(&own, &java) => Err(RigError::Usage(format!(
                "`{}` in [{}] of {} says something else than {} ({}); hint: keep one of them",
                names[0],
                self.side,
                self.chain.display(),
                self.properties.display(),
                names[1],
            ))),
            (own, java) => Ok(own.or(java)),
        }
    }
}

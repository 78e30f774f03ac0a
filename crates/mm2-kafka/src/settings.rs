//! What a chain file says of one cluster, and the librdkafka configuration that it becomes.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use rdkafka::ClientConfig;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// How to reach one cluster. Everything but the brokers is optional.
#[derive(Clone, Default)]
pub struct ClusterSettings {
    /// `host:port,host:port`.
    pub bootstrap_servers: String,
    /// `PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`.
    pub security_protocol: Option<String>,
    /// `PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`.
    pub sasl_mechanism: Option<String>,
    /// SASL user name.
    pub username: Option<String>,
    /// SASL password.
    pub password: Option<SecretString>,
    /// PEM file of the certificate authority.
    pub ca: Option<PathBuf>,
    /// Raw librdkafka keys; they win over nothing that is set above: a key set twice is an error.
    pub client: BTreeMap<String, String>,
}

/// A cluster's settings contradict each other.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// No brokers.
    #[error("no bootstrap_servers are given for the {side} cluster; hint: write host:port,host:port")]
    NoBrokers {
        /// `source` or `target`.
        side: &'static str,
    },
    /// The same thing is set in two ways.
    #[error(
        "`{key}` of the {side} cluster is set twice: as `{named}` and as a raw client key; hint: keep one of them"
    )]
    SetTwice {
        /// librdkafka's key.
        key: String,
        /// The named setting.
        named: &'static str,
        /// `source` or `target`.
        side: &'static str,
    },
    /// A mechanism, a user name or a password is missing.
    #[error("the {side} cluster's security_protocol is {protocol}, but its {missing} is not set")]
    Credentials {
        /// As configured.
        protocol: String,
        /// `sasl_mechanism`, `username` or `password`.
        missing: &'static str,
        /// `source` or `target`.
        side: &'static str,
    },
}

/// Parts of the names of keys whose values are secret, in librdkafka's words, Java's, and those of schema registries.
const SECRET: [&str; 15] = [
    "password",
    "passphrase",
    "passwd",
    "secret",
    "jaas",
    "token",
    "credential",
    "user.info",
    "userinfo",
    "key.pem",
    "keystore.key",
    "private.key",
    "api.key",
    "access.key",
    "oauthbearer.config",
];

impl ClusterSettings {
    /// Settings for a cluster that needs no authentication.
    pub fn plaintext(bootstrap_servers: impl Into<String>) -> Self {
        Self { bootstrap_servers: bootstrap_servers.into(), ..Self::default() }
    }

    /// The librdkafka configuration that every client of this cluster starts from.
    ///
    /// # Errors
    /// When no brokers are given, SASL lacks a credential, or a raw key repeats a named setting.
    pub(crate) fn client_config(&self, side: &'static str) -> Result<ClientConfig, SettingsError> {
        if self.bootstrap_servers.trim().is_empty() {
            return Err(SettingsError::NoBrokers { side });
        }
        self.check_credentials(side)?;
        let mut config = ClientConfig::new();
        config.set("client.id", "mm2-runbook");
        for (key, named, value) in self.named() {
            if self.client.contains_key(key) {
                return Err(SettingsError::SetTwice { key: key.to_owned(), named, side });
            }
            config.set(key, value);
        }
        // OpenSSL is built in and may not know where this system keeps its authorities.
        if self.uses_tls() && self.ca.is_none() && !self.client.contains_key("ssl.ca.location") {
            config.set("ssl.ca.location", "probe");
        }
        for (key, value) in &self.client {
            config.set(key, value);
        }
        Ok(config)
    }

    /// The settings for evidence and `--show-config`: secrets and anything that looks like one redacted.
    pub fn redacted(&self) -> BTreeMap<String, String> {
        let mut shown: BTreeMap<String, String> =
            self.named().into_iter().map(|(key, _, value)| (key.to_owned(), value)).collect();
        shown.extend(self.client.clone());
        for (key, value) in &mut shown {
            let shown = Self::shown(key, value, is_known(key, value)).to_owned();
            *value = shown;
        }
        shown
    }

    /// Whether a client key holds something that must never be shown.
    pub fn looks_secret(key: &str) -> bool {
        let key = key.to_lowercase();
        SECRET.iter().any(|part| key.contains(part))
    }

    /// The value of a key, as people may see it. `is_known`: whether the key is one that is documented to be harmless
    /// unless it [looks secret](Self::looks_secret); of any other nobody can say what its value is.
    pub fn shown<'a>(key: &str, value: &'a str, is_known: bool) -> &'a str {
        match is_known {
            _ if Self::looks_secret(key) => "<redacted>",
            true => value,
            false => "<not shown>",
        }
    }

    fn named(&self) -> Vec<(&'static str, &'static str, String)> {
        let mut named = vec![("bootstrap.servers", "bootstrap_servers", self.bootstrap_servers.clone())];
        let mut add = |key, name, value: Option<String>| {
            if let Some(value) = value {
                named.push((key, name, value));
            }
        };
        add("security.protocol", "security_protocol", self.security_protocol.clone());
        add("sasl.mechanism", "sasl_mechanism", self.sasl_mechanism.clone());
        add("sasl.username", "username", self.username.clone());
        add("sasl.password", "password", self.password.as_ref().map(|p| p.expose_secret().to_owned()));
        add("ssl.ca.location", "ca", self.ca.as_ref().map(|ca| ca.display().to_string()));
        named
    }

    fn check_credentials(&self, side: &'static str) -> Result<(), SettingsError> {
        let Some(protocol) = self.security_protocol.clone().filter(|p| p.to_uppercase().starts_with("SASL"))
        else {
            return Ok(());
        };
        let empty = |text: Option<&str>| text.is_none_or(str::is_empty);
        let password = self.password.as_ref().map(ExposeSecret::expose_secret);
        // Without one librdkafka falls back to GSSAPI, and fails much later with words about Kerberos.
        if empty(self.sasl_mechanism.as_deref()) && !self.client.contains_key("sasl.mechanism") {
            return Err(SettingsError::Credentials {
                protocol,
                missing: "sasl_mechanism (PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512)",
                side,
            });
        }
        if empty(self.username.as_deref()) && !self.client.contains_key("sasl.username") {
            return Err(SettingsError::Credentials { protocol, missing: "username", side });
        }
        if empty(password) && !self.client.contains_key("sasl.password") {
            return Err(SettingsError::Credentials { protocol, missing: "password", side });
        }
        Ok(())
    }

    fn uses_tls(&self) -> bool {
        self.security_protocol.as_deref().is_some_and(|p| p.to_uppercase().ends_with("SSL"))
    }
}

/// Whether librdkafka has this key, and takes this value for it.
fn is_known(key: &str, value: &str) -> bool {
    ClientConfig::new().set(key, value).create_native_config().is_ok()
}

impl fmt::Debug for ClusterSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.redacted()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sasl() -> ClusterSettings {
        ClusterSettings {
            security_protocol: Some("SASL_SSL".into()),
            sasl_mechanism: Some("PLAIN".into()),
            username: Some("mm2".into()),
            password: Some("sentinel-password".to_owned().into()),
            ..ClusterSettings::plaintext("b1:9093")
        }
    }

    #[test]
    fn named_settings_become_librdkafka_keys() {
        let config = sasl().client_config("source").unwrap();
        assert_eq!(config.get("sasl.username"), Some("mm2"));
        assert_eq!(config.get("sasl.password"), Some("sentinel-password"));
        assert_eq!(config.get("ssl.ca.location"), Some("probe"));
    }

    #[test]
    fn a_password_is_never_shown() {
        let mut settings = sasl();
        settings.client.insert("ssl.key.password".into(), "sentinel-password".into());
        let shown = format!("{settings:?} {:?}", settings.redacted());
        assert!(!shown.contains("sentinel"), "{shown}");
        assert!(shown.contains("b1:9093"));
    }

    #[test]
    fn only_what_is_known_to_be_harmless_is_shown() {
        let check = |key: &str, expect: &str| {
            let mut settings = ClusterSettings::plaintext("b:1");
            settings.client.insert(key.into(), "12".into());
            assert_eq!(settings.redacted()[key], expect, "{key}");
        };
        check("linger.ms", "12");
        check("message.timeout.ms", "12");
        check("ssl.keystore.key", "<redacted>");
        check("basic.auth.user.info", "<redacted>");
        check("basic.auth.credentials.source", "<redacted>");
        check("sasl.oauthbearer.config", "<redacted>");
        check("a.key.that.nobody.knows", "<not shown>");
    }

    #[test]
    fn a_key_set_twice_is_an_error_rather_than_a_surprise() {
        let mut settings = sasl();
        settings.client.insert("sasl.username".into(), "other".into());
        let error = settings.client_config("target").unwrap_err().to_string();
        assert!(error.contains("`username`") && error.contains("target"), "{error}");
    }

    #[test]
    fn sasl_without_a_password_is_named_before_any_connection() {
        let settings = ClusterSettings { password: Some(String::new().into()), ..sasl() };
        let error = settings.client_config("source").unwrap_err().to_string();
        assert_eq!(error, "the source cluster's security_protocol is SASL_SSL, but its password is not set");
    }
}

//! `[prometheus]`: where it is and how its metrics are called there, or why there is none. Which signals there are,
//! who reads them knows: see [`PrometheusSection::check_signals`].

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use mm2_config::{ConfigError, Secret, TomlFile};
use mm2_slo::Unit;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::login::{Login, check_url};

/// `[prometheus]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrometheusSection {
    /// Why there is none.
    pub absent: Option<Spanned<String>>,
    /// Where it is, with its path prefix.
    pub url: Option<Spanned<String>>,
    /// Basic authentication.
    pub username: Option<Spanned<String>>,
    /// `env:NAME` or `file:PATH`.
    pub password: Option<Spanned<Secret>>,
    /// A token for `Authorization: Bearer`: `env:NAME` or `file:PATH`.
    pub bearer: Option<Spanned<Secret>>,
    /// PEM file; relative to the chain file.
    pub ca: Option<Spanned<PathBuf>>,
    /// Label matchers that tell this chain's series from others'.
    pub selectors: Option<Spanned<SelectorsSection>>,
    /// Signal → where it is, for what is not found by itself.
    #[serde(default)]
    pub names: BTreeMap<Spanned<String>, NameValue>,
}

/// `[prometheus.selectors]`: label matchers as PromQL has them between braces, by what they are added to.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SelectorsSection {
    /// Everything.
    pub all: Option<Spanned<String>>,
    /// Metrics of the Connect workers.
    pub connect: Option<Spanned<String>>,
    /// Metrics of the source's brokers.
    pub source: Option<Spanned<String>>,
    /// Metrics of the target's brokers.
    pub target: Option<Spanned<String>>,
    /// Metrics of hosts.
    pub node: Option<Spanned<String>>,
}

/// A value of `[prometheus.names]`: `"metric"`, `"metric{label=\"x\"}"`, or `{ query = …, unit = … }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameValue {
    /// A metric name or an instant-vector selector.
    pub query: String,
    /// The unit of its values, where it is not the usual one.
    pub unit: Option<Unit>,
}

impl PrometheusSection {
    pub(super) fn check(&self, file: &TomlFile, section: Range<usize>) -> Result<(), ConfigError> {
        let refused = |span, message: &str, hint| Err(file.error(span, message, Some(hint)));
        match (&self.url, &self.absent) {
            (Some(_), Some(absent)) => refused(
                absent.span(),
                "[prometheus] says both where it is and why there is none",
                "keep one of url and absent",
            ),
            (None, None) => refused(
                section,
                "[prometheus] says neither where it is nor why there is none",
                "write url = \"http://host:9090\" in it, or absent = \"why\"",
            ),
            (None, Some(absent)) if absent.get_ref().trim().is_empty() => {
                refused(absent.span(), "`absent` gives no reason", "say why there is none")
            }
            (None, Some(_)) => match self.needs_a_url() {
                Some((span, key)) => {
                    let message = format!("`{key}` is given, and [prometheus] is declared absent");
                    refused(span, &message, "leave it out, or write url in place of absent")
                }
                None => Ok(()),
            },
            (Some(url), None) => {
                check_url(file, url)?;
                Login { username: &self.username, password: &self.password, bearer: &self.bearer }
                    .check(file)?;
                self.check_matchers(file)?;
                self.check_queries(file)
            }
        }
    }

    /// The selectors, by the scope that they are added to: `all`, `connect`, `source`, `target`, `node`.
    pub fn selectors(&self) -> BTreeMap<String, String> {
        let given = self.scopes().into_iter().filter_map(|(scope, given)| Some((scope, given?)));
        given.map(|(scope, matchers)| (scope.to_owned(), matchers.get_ref().clone())).collect()
    }

    /// Refuses a name under `[prometheus.names]` that is none of `known` signals.
    ///
    /// # Errors
    /// With its place and the near name.
    pub fn check_signals(&self, file: &TomlFile, known: &[&str]) -> Result<(), ConfigError> {
        match self.names.keys().find(|signal| !known.contains(&signal.get_ref().as_str())) {
            None => Ok(()),
            Some(signal) => {
                let name = signal.get_ref();
                let message = format!("`{name}` is no signal that is read from Prometheus");
                Err(file.unknown_name(signal.span(), &message, name, known))
            }
        }
    }

    /// Refuses a name for one of these signals, all in per cent, that does not say whether 1 or 100 is the whole.
    ///
    /// # Errors
    /// With its place and what to write there.
    pub fn check_units(&self, file: &TomlFile, in_percent: &[&str]) -> Result<(), ConfigError> {
        let unclear = |(signal, value): &(&Spanned<String>, &NameValue)| {
            value.unit.is_none() && in_percent.contains(&signal.get_ref().as_str())
        };
        match self.names.iter().find(unclear) {
            None => Ok(()),
            Some((signal, value)) => {
                let message = format!("`{}` is a share, and its unit is not given", signal.get_ref());
                let hint = format!(
                    "write {{ query = {:?}, unit = \"ratio\" }} where 1 is the whole, or unit = \"percent\" where 100 is",
                    value.query
                );
                Err(file.error(signal.span(), &message, Some(&hint)))
            }
        }
    }

    fn scopes(&self) -> Vec<(&'static str, Option<&Spanned<String>>)> {
        let Some(selectors) = &self.selectors else { return Vec::new() };
        let SelectorsSection { all, connect, source, target, node } = selectors.get_ref();
        let scopes =
            [("all", all), ("connect", connect), ("source", source), ("target", target), ("node", node)];
        scopes.into_iter().map(|(scope, given)| (scope, given.as_ref())).collect()
    }

    /// The first key that means nothing without a URL.
    fn needs_a_url(&self) -> Option<(Range<usize>, &'static str)> {
        fn at<T>(key: &'static str, value: Option<&Spanned<T>>) -> Option<(Range<usize>, &'static str)> {
            value.map(|value| (value.span(), key))
        }
        at("username", self.username.as_ref())
            .or_else(|| at("password", self.password.as_ref()))
            .or_else(|| at("bearer", self.bearer.as_ref()))
            .or_else(|| at("ca", self.ca.as_ref()))
            .or_else(|| at("selectors", self.selectors.as_ref()))
            .or_else(|| self.names.keys().next().map(|name| (name.span(), "names")))
    }

    /// What Prometheus would refuse for sure; the rest it says itself.
    fn check_matchers(&self, file: &TomlFile) -> Result<(), ConfigError> {
        let mut given = self.scopes().into_iter().filter_map(|(_, given)| given);
        match given.find(|matchers| !looks_like_matchers(matchers.get_ref())) {
            None => Ok(()),
            Some(matchers) => {
                let hint = "write label matchers without braces: 'env=\"prod\",job=~\"connect.*\"'";
                Err(file.error(matchers.span(), "this is no list of label matchers", Some(hint)))
            }
        }
    }

    fn check_queries(&self, file: &TomlFile) -> Result<(), ConfigError> {
        match self.names.iter().find(|(_, value)| value.query.trim().is_empty()) {
            None => Ok(()),
            Some((signal, _)) => {
                let message = format!("`{}` has no query", signal.get_ref());
                let hint = "write a metric name, or a selector such as 'latency_max{env=\"prod\"}'";
                Err(file.error(signal.span(), &message, Some(hint)))
            }
        }
    }
}

fn looks_like_matchers(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || (!text.starts_with('{') && text.contains('=') && text.contains(['"', '\'', '`']))
}

impl<'de> Deserialize<'de> for NameValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// The long form.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            query: String,
            unit: Option<Unit>,
        }

        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = NameValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a metric name, a selector, or { query = \"…\", unit = \"…\" }")
            }

            fn visit_str<E: serde::de::Error>(self, query: &str) -> Result<NameValue, E> {
                Ok(NameValue { query: query.to_owned(), unit: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<NameValue, A::Error> {
                let Table { query, unit } = Table::deserialize(MapAccessDeserializer::new(map))?;
                Ok(NameValue { query, unit })
            }
        }

        deserializer.deserialize_any(Either)
    }
}

//! Why Prometheus cannot be asked at all. Every message names the thing, the cause and the remedy, and holds no secret.

use mm2_slo::Unit;

/// A failure of Prometheus, of the way to it, or of what the chain file says about it. What is only missing is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetricsError {
    /// A URL that cannot be read.
    #[error(
        "{url} is not a URL of Prometheus ({cause}); write it as http://host:9090 or https://host/prefix"
    )]
    InvalidUrl {
        /// As given, without userinfo.
        url: String,
        /// What the parser found.
        cause: String,
    },
    /// The HTTP client cannot be built; nearly always the CA file.
    #[error("cannot prepare TLS for Prometheus ({cause}); check that [prometheus] ca is a PEM certificate")]
    Tls {
        /// What the TLS library said.
        cause: String,
    },
    /// A selector for a scope that there is not.
    #[error(
        "[prometheus.selectors] has `{scope}`, which is no scope; there are all, connect, source, target and node"
    )]
    UnknownScope {
        /// As given.
        scope: String,
    },
    /// A selector that Prometheus does not understand.
    #[error(
        "Prometheus does not understand [prometheus.selectors] {scope} = '{selector}' ({cause}); write label matchers, such as env=\"prod\",job=~\"connect.*\""
    )]
    Selector {
        /// Its scope.
        scope: String,
        /// As given.
        selector: String,
        /// What Prometheus said.
        cause: String,
    },
    /// An override of a signal that there is not.
    #[error("[prometheus.names] has `{signal}`, which is no signal that is read from Prometheus{}", did_you_mean(.near.as_deref()))]
    UnknownSignal {
        /// As given.
        signal: String,
        /// The signal that was perhaps meant.
        near: Option<String>,
    },
    /// An override that is no metric name and no selector.
    #[error(
        "[prometheus.names] `{signal}` = '{query}' cannot be read ({cause}); write a metric name or a selector such as my_latency_max{{env=\"prod\"}}"
    )]
    Override {
        /// Which signal.
        signal: String,
        /// As given.
        query: String,
        /// What is wrong with it.
        cause: String,
    },
    /// An override of a signal in per cent that does not say whether 1 or 100 is the whole.
    #[error(
        "[prometheus.names] `{signal}` = '{query}' does not say its unit; write {} where 1 is the whole, or unit = \"percent\" where 100 is",
        crate::near::with_unit(.query, Unit::Ratio)
    )]
    NoUnit {
        /// Which signal.
        signal: String,
        /// As given.
        query: String,
    },
    /// Nothing answered.
    #[error(
        "cannot reach Prometheus at {url} ({cause}); check the URL and that it runs, or declare [prometheus] absent = \"why\""
    )]
    Unreachable {
        /// Without userinfo.
        url: String,
        /// The innermost cause, such as "connection refused".
        cause: String,
    },
    /// 401 or 403.
    #[error(
        "Prometheus at {url} refuses the request {who}; set [prometheus] username and password, or bearer, to an account that may query"
    )]
    Unauthorized {
        /// Without userinfo.
        url: String,
        /// As whom we asked.
        who: String,
    },
    /// It answers that it cannot answer now: 5xx.
    #[error(
        "Prometheus at {url} does not answer queries now ({status}: {text}); wait until it is ready, or look into its log"
    )]
    Unavailable {
        /// Without userinfo.
        url: String,
        /// Status code.
        status: u16,
        /// The beginning of what it said.
        text: String,
    },
    /// What answers there is something else.
    #[error(
        "what answers at {url} is not Prometheus ({found}); check [prometheus] url and its path prefix: /api/v1/query must be under it"
    )]
    NotPrometheus {
        /// Without userinfo.
        url: String,
        /// What was found.
        found: String,
    },
}

impl MetricsError {
    /// Whether the same question may be answered a little later.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Unavailable { .. })
    }

    /// Whether the settings are wrong, rather than Prometheus or the way to it.
    pub fn is_settings(&self) -> bool {
        matches!(
            self,
            Self::InvalidUrl { .. }
                | Self::Tls { .. }
                | Self::UnknownScope { .. }
                | Self::Selector { .. }
                | Self::UnknownSignal { .. }
                | Self::Override { .. }
                | Self::NoUnit { .. }
        )
    }
}

fn did_you_mean(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

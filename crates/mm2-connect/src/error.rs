//! What can go wrong between us and Connect. Every message names the thing, the cause and the remedy.
//! No message holds a secret: URLs are shown without userinfo, answers are never quoted whole.

/// A failure of Connect, of the way to it, or of the choice of a connector.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ConnectError {
    /// `[connect] urls` is empty.
    #[error("no Connect URL is given; set [connect] urls = [\"http://host:8083\"] or mode = \"none\"")]
    NoUrl,
    /// A URL that cannot be read.
    #[error("{url} is not a Connect URL ({cause}); write it as http://host:8083 or https://host:8083")]
    InvalidUrl {
        /// As given, without userinfo.
        url: String,
        /// What the parser found.
        cause: String,
    },
    /// The HTTP client cannot be built; nearly always the CA file.
    #[error("cannot prepare TLS for Connect ({cause}); check that [connect] ca is a PEM certificate")]
    Tls {
        /// What the TLS library said.
        cause: String,
    },
    /// Nothing answered at this URL (or at any of these, comma-separated).
    #[error("cannot reach Connect at {url} ({cause}); {}", reach_remedy(cause))]
    Unreachable {
        /// Without userinfo.
        url: String,
        /// The innermost cause, such as "connection refused".
        cause: String,
    },
    /// 401 or 403.
    #[error(
        "Connect at {url} refuses the request {who}; set [connect] username and password to an account it knows"
    )]
    Unauthorized {
        /// Without userinfo.
        url: String,
        /// "as \"name\"" or "without credentials".
        who: String,
    },
    /// Connect answered with an error of its own.
    #[error("Connect at {url} answered {code} ({message}); {}", status_remedy(*code))]
    Status {
        /// Without userinfo.
        url: String,
        /// The HTTP status.
        code: u16,
        /// Connect's `message`, or the status' name.
        message: String,
    },
    /// Something answers, and it is not Connect's REST.
    #[error("{url} answers, but not as Connect ({found}); check host, port and path of [connect] urls")]
    NotConnect {
        /// Without userinfo.
        url: String,
        /// What came instead; never the body.
        found: String,
    },
    /// The connector that was asked for by name does not exist.
    #[error("Connect has no connector {name:?} (it has: {}); correct [connect] connector", list(found))]
    UnknownConnector {
        /// The name that was asked for.
        name: String,
        /// The names that exist.
        found: Vec<String>,
    },
    /// A connector did not get into a state in time.
    #[error(
        "connector {name:?} is not {state} after {waited_s} s ({found}); look at GET /connectors/{name}/status and at the workers' logs"
    )]
    NotInState {
        /// Its name.
        name: String,
        /// The state that was waited for.
        state: String,
        /// What it is instead.
        found: String,
        /// How long was waited, seconds.
        waited_s: u64,
    },
    /// The connector that was asked for by name is no MirrorSourceConnector.
    #[error("connector {name:?} is a {class}, not a MirrorSourceConnector; correct [connect] connector")]
    NotMirrorSource {
        /// Its name.
        name: String,
        /// Its `connector.class`.
        class: String,
    },
    /// No MirrorSourceConnector replicates all the topics.
    #[error(
        "no MirrorSourceConnector replicates {} (found: {}); widen its `topics`, or change [topics] prefix",
        list(topics),
        list(found)
    )]
    NoConnector {
        /// The topics that were asked for.
        topics: Vec<String>,
        /// Each MirrorSourceConnector with its `topics`.
        found: Vec<String>,
    },
    /// Two connectors would replicate the same topic, or one might: its patterns cannot be read.
    #[error(
        "more than one connector may replicate {}: {}; name the one to measure in [connect] connector",
        list(topics),
        list(names)
    )]
    Ambiguous {
        /// The topics that were asked for.
        topics: Vec<String>,
        /// The connectors; with the reason where one could not be told.
        names: Vec<String>,
    },
    /// Whether the topics are replicated cannot be told from outside the JVM.
    #[error(
        "cannot tell which connector replicates {}: {}; name it in [connect] connector",
        list(topics),
        list(reasons)
    )]
    CannotTell {
        /// The topics that were asked for.
        topics: Vec<String>,
        /// A reason for each connector in question.
        reasons: Vec<String>,
    },
}

impl ConnectError {
    /// Whether another worker might still answer: this one is down, starting, or behind a failing gateway.
    pub(crate) fn is_about_one_worker(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Status { code, .. } => *code >= 500,
            _ => false,
        }
    }

    /// Whether asking again may help: workers that start, or a group that rebalances.
    pub(crate) fn is_passing(&self) -> bool {
        let about_now = matches!(self, Self::Status { code: 404 | 409, .. } | Self::UnknownConnector { .. });
        about_now || self.is_about_one_worker()
    }

    /// Whether a worker answered at all, whatever it said.
    pub(crate) fn is_an_answer(&self) -> bool {
        !matches!(self, Self::Unreachable { .. })
    }
}

/// Why the names on the target cannot be told from the connector's configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot tell how topics are named on the target: {cause}; set [topics] target_pattern = \"…{{topic}}…\""
)]
pub struct NamingError {
    /// What stands in the way.
    pub cause: String,
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn reach_remedy(cause: &str) -> &'static str {
    if cause.contains("certificate") {
        "set [connect] ca to the CA that signed its certificate"
    } else if cause.contains("SSL") || cause.contains("TLS") {
        "check http against https in [connect] urls"
    } else {
        "check [connect] urls, and that the worker is up"
    }
}

fn status_remedy(code: u16) -> &'static str {
    match code {
        409 | 503 => "it is starting or rebalancing: try again in a minute",
        500.. => "see the worker's log",
        _ => "check [connect] urls and connector",
    }
}

//! What can go wrong between us and Connect. Every message names the thing, the cause and the remedy.
//! No message holds a secret: URLs are shown without userinfo, answers are never quoted whole.

use std::time::Duration;

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
    /// Credentials that do not go together.
    #[error("[connect] gives {cause}; keep either username and password, or bearer")]
    Login {
        /// What stands beside what.
        cause: &'static str,
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
        "Connect at {url} refuses the request {who}; set [connect] username and password, or bearer, to an account that may do this"
    )]
    Unauthorized {
        /// Without userinfo.
        url: String,
        /// "as \"name\"", "with the bearer token" or "without credentials".
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
    /// A proxy answers that what is behind it does not: 502, 503 or 504, and not in Connect's words.
    #[error(
        "what stands before Connect at {url} answers {code} ({reason}); check that a worker is up behind it, and its routes"
    )]
    Gateway {
        /// Without userinfo.
        url: String,
        /// The HTTP status.
        code: u16,
        /// Its name.
        reason: String,
    },
    /// The answer points elsewhere; that is not followed, since a redirected change would be lost.
    #[error(
        "{url} does not answer as Connect, but points to {to} ({code}); write the URL that answers itself in [connect] urls, or log in with username and password, or bearer, where that is a login page"
    )]
    Redirected {
        /// Without userinfo.
        url: String,
        /// The HTTP status.
        code: u16,
        /// Where to, without userinfo and query.
        to: String,
    },
    /// Connect was asked again and again, and is still starting or rebalancing.
    #[error(
        "Connect is still starting or rebalancing after {waited_s} s of asking again: {what}; wait until it has settled, or see the workers' logs for what keeps it"
    )]
    Rebalancing {
        /// What it answers.
        what: String,
        /// For how long it was asked, seconds.
        waited_s: u64,
    },
    /// A connector did not come into the state that was asked for.
    #[error(
        "connector {connector} is not {wanted} after {waited_s} s: {found}; GET /connectors/{connector}/status tells more"
    )]
    NotInState {
        /// Its name.
        connector: String,
        /// `PAUSED` or `RUNNING`.
        wanted: String,
        /// How long was waited, seconds.
        waited_s: u64,
        /// What was seen last.
        found: String,
    },
    /// Something answers, and it is not Connect's REST.
    #[error("{url} answers, but not as Connect ({found}); {}", not_connect_remedy(found))]
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
            Self::Unreachable { .. } | Self::Gateway { .. } => true,
            Self::Status { code, .. } => *code >= 500,
            _ => false,
        }
    }

    /// Whether a worker answered at all, whatever it said. A gateway's answer is none of the worker's.
    pub(crate) fn is_an_answer(&self) -> bool {
        !matches!(self, Self::Unreachable { .. } | Self::Gateway { .. })
    }

    /// Whether it will answer otherwise in a moment: it starts, or rebalances.
    pub(crate) fn passes_by_itself(&self) -> bool {
        matches!(self, Self::Rebalancing { .. } | Self::Status { code: 409 | 503, .. })
    }

    /// The same, once patience has run out.
    pub(crate) fn still_after(self, waited: Duration) -> Self {
        let waited_s = waited.as_secs();
        match self {
            Self::Rebalancing { what, .. } => Self::Rebalancing { what, waited_s },
            Self::Status { url, code, message } => {
                Self::Rebalancing { what: format!("{url} answers {code} ({message})"), waited_s }
            }
            other => other,
        }
    }
}

/// Why the names on the target cannot be told from the connector's configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot tell how topics are named on the target: {cause}; hint: say it in the chain file: [topics] target_pattern = {example:?}, where {{topic}} stands for the name on the source"
)]
pub struct NamingError {
    /// What stands in the way.
    pub cause: String,
    /// A pattern that might be right.
    pub example: String,
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

/// What [`ConnectError::NotConnect`] calls a page.
pub(crate) const WEB_PAGE: &str = "a web page, such as a proxy's login page";

fn not_connect_remedy(found: &str) -> &'static str {
    if found.contains(WEB_PAGE) {
        "log in with [connect] username and password, or bearer, or name the URL that is Connect's own"
    } else {
        "check host, port and path of [connect] urls"
    }
}

fn status_remedy(code: u16) -> &'static str {
    match code {
        409 | 503 => "it is starting or rebalancing: try again in a minute",
        500.. => "see the worker's log",
        _ => "check [connect] urls and connector",
    }
}

//! Why a cluster cannot be used, as a type with a remedy instead of librdkafka's words alone.

use std::time::Duration;

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use thiserror::Error;

use crate::settings::SettingsError;

/// What kind of trouble librdkafka reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// SASL: user or password refused.
    Authentication,
    /// Certificate, host name or protocol of TLS.
    Tls,
    /// A host name that does not resolve.
    Dns,
    /// No broker answers.
    AllBrokersDown,
    /// Anything else.
    Other,
}

impl Failure {
    /// Classifies what the error callback said.
    ///
    /// librdkafka tells a wrong password or certificate only here, within milliseconds; the request
    /// itself merely times out much later.
    pub fn classify(code: Option<RDKafkaErrorCode>, text: &str) -> Self {
        let text = text.to_lowercase();
        match code {
            Some(RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SaslAuthenticationFailed) => {
                Self::Authentication
            }
            Some(RDKafkaErrorCode::SSL) => Self::Tls,
            Some(RDKafkaErrorCode::Resolve) => Self::Dns,
            Some(RDKafkaErrorCode::AllBrokersDown) => Self::AllBrokersDown,
            _ if text.contains("authentication") => Self::Authentication,
            _ if text.contains("certificate") || text.contains("ssl handshake") => Self::Tls,
            _ if text.contains("failed to resolve") => Self::Dns,
            _ => Self::Other,
        }
    }

    /// Whether waiting longer cannot help.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Authentication | Self::Tls)
    }

    fn hint(self) -> &'static str {
        match self {
            Self::Authentication => "check username, password and sasl_mechanism of this cluster",
            Self::Tls => {
                "check `ca` (a PEM file) and that the certificate names this host; from a Java store: keytool -exportcert -rfc -keystore STORE -alias ALIAS > ca.pem"
            }
            Self::Dns => "check the host names in bootstrap_servers",
            Self::AllBrokersDown | Self::Other => {
                "check host, port, firewall and security_protocol (a PLAINTEXT client on a TLS listener looks like this too)"
            }
        }
    }
}

/// Something that was asked of a cluster failed.
#[derive(Debug, Error)]
pub enum KafkaFailure {
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The cluster cannot be reached.
    #[error("cannot reach the {side} cluster at {brokers} ({waited:.1?}): {cause}; hint: {}", kind.hint())]
    Unreachable {
        /// `source` or `target`.
        side: &'static str,
        /// As configured.
        brokers: String,
        /// What kind.
        kind: Failure,
        /// In librdkafka's words.
        cause: String,
        /// How long it was tried.
        waited: Duration,
    },
    /// A topic could not be created.
    #[error(
        "cannot create topic {topic} on the {side} cluster: {cause}; hint: create it by hand, or give this user the right to"
    )]
    CreateTopic {
        /// `source` or `target`.
        side: &'static str,
        /// Which topic.
        topic: String,
        /// Why.
        cause: String,
    },
    /// Any other call.
    #[error("cannot {what} on the {side} cluster: {cause}")]
    Call {
        /// What was asked.
        what: String,
        /// `source` or `target`.
        side: &'static str,
        /// Why not; boxed, since it is larger than all the rest.
        cause: Box<KafkaError>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_is_told_apart_by_code_and_by_words() {
        use RDKafkaErrorCode as Code;
        let check = |code, text, expect| assert_eq!(Failure::classify(code, text), expect, "{text}");
        check(Some(Code::Authentication), "", Failure::Authentication);
        check(None, "SASL authentication error: Invalid username or password", Failure::Authentication);
        check(None, "certificate verify failed", Failure::Tls);
        check(Some(Code::Resolve), "", Failure::Dns);
        check(Some(Code::AllBrokersDown), "1/1 brokers are down", Failure::AllBrokersDown);
        check(None, "Connection refused", Failure::Other);
    }
}

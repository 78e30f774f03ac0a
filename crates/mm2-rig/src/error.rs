//! Why a chain could not be opened or measured.

use mm2_connect::ConnectError;
use mm2_evidence::EvidenceError;
use mm2_kafka::KafkaFailure;
use mm2_lab::LabError;
use mm2_load::LoadError;
use mm2_probe::ProbeError;
use mm2_rehearsal::RehearsalError;
use thiserror::Error;

/// What a person can do about it, and with it the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RigErrorKind {
    /// The command line or a file is wrong: 64.
    Usage,
    /// A service cannot be reached or the chain is not ready: 69.
    Unavailable,
    /// What we changed could not be changed back: 40.
    UndoFailed,
    /// A person or a signal ended the run: 130.
    Interrupted,
    /// The evidence cannot be written, or something that should not happen did: 70.
    Broken,
}

/// Opening or measuring a chain failed.
#[derive(Debug, Error)]
pub enum RigError {
    /// A cluster.
    #[error(transparent)]
    Kafka(#[from] KafkaFailure),
    /// Connect.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The target's topic names cannot be told.
    #[error(transparent)]
    Naming(#[from] mm2_connect::NamingError),
    /// Prometheus.
    #[error(transparent)]
    Metrics(#[from] mm2_metrics::MetricsError),
    /// The load.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The probe.
    #[error(transparent)]
    Probe(#[from] ProbeError),
    /// The rehearsal.
    #[error(transparent)]
    Rehearsal(#[from] RehearsalError),
    /// The lab.
    #[error(transparent)]
    Lab(LabError),
    /// The run folder.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// The connector does not run.
    #[error("connector {connector} is not ready: {what}; hint: {hint}")]
    ConnectorNotRunning {
        /// Its name.
        connector: String,
        /// What is wrong.
        what: String,
        /// What to do about it.
        hint: String,
    },
    /// The connector was paused by us, and could not be resumed.
    #[error(
        "connector {connector} could not be resumed and may still be paused: {cause}; hint: when Connect answers again, PUT /connectors/{connector}/resume"
    )]
    StillPaused {
        /// Its name.
        connector: String,
        /// What Connect answered.
        cause: ConnectError,
    },
    /// The chain lacks parts that the chain file expects.
    #[error(
        "{found} of the {expected} {what} answer that [expect] asks for; hint: bring up what is down, or correct [expect] in the chain file"
    )]
    Fewer {
        /// Of what.
        what: String,
        /// How many there are.
        found: u32,
        /// How many there must be.
        expected: u32,
    },
    /// The target lacks partitions.
    #[error(
        "the target has only {found} of the {expected} partitions expected after {waited_s:.0} s; first missing: {missing}; hint: {hint}"
    )]
    TargetMissing {
        /// Partitions seen.
        found: usize,
        /// Partitions expected.
        expected: usize,
        /// How long was waited, seconds.
        waited_s: f64,
        /// The first that is missing.
        missing: String,
        /// What to look at.
        hint: String,
    },
    /// The partitions exist but records do not come through.
    #[error("{arrived} of {expected} canaries came through within {waited_s:.0} s: {what}; hint: {hint}")]
    NotReplicating {
        /// Canaries received.
        arrived: usize,
        /// Canaries sent.
        expected: usize,
        /// How long was waited, seconds.
        waited_s: f64,
        /// What was seen instead.
        what: String,
        /// What to look at.
        hint: &'static str,
    },
    /// The chain file.
    #[error(transparent)]
    Config(#[from] mm2_config::ConfigError),
    /// Settings that do not fit together.
    #[error("{0}")]
    Usage(String),
    /// Stopped by a person or a signal.
    #[error("interrupted")]
    Interrupted,
    /// Something that cannot be put right from outside.
    #[error("{0}")]
    Broken(String),
}

impl From<LabError> for RigError {
    fn from(error: LabError) -> Self {
        match error {
            LabError::Cancelled => Self::Interrupted,
            other => Self::Lab(other),
        }
    }
}

impl RigError {
    /// What kind of failure this is.
    pub fn kind(&self) -> RigErrorKind {
        match self {
            Self::Kafka(KafkaFailure::Settings(_)) | Self::Naming(_) | Self::Config(_) | Self::Usage(_) => {
                RigErrorKind::Usage
            }
            Self::Metrics(error) if error.is_settings() => RigErrorKind::Usage,
            Self::Lab(error) if error.is_usage() => RigErrorKind::Usage,
            Self::StillPaused { .. } => RigErrorKind::UndoFailed,
            Self::Interrupted => RigErrorKind::Interrupted,
            Self::Evidence(_) | Self::Broken(_) => RigErrorKind::Broken,
            _ => RigErrorKind::Unavailable,
        }
    }
}

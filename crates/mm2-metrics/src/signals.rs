//! The signals that were found, and reading them.

use mm2_evidence::signals::SignalsFound;

use crate::{Reading, Window};

/// The signals of a chain that were found in a Prometheus.
#[derive(Debug)]
pub struct Signals {
    found: SignalsFound,
}

impl Signals {
    pub(crate) fn new(found: SignalsFound) -> Self {
        Self { found }
    }

    /// The naming report.
    pub fn found(&self) -> &SignalsFound {
        &self.found
    }

    /// One reading for each signal of the catalogue, in its order. Never fails: what cannot be read says why.
    pub async fn read(&self, _window: Window) -> Vec<Reading> {
        Vec::new()
    }
}

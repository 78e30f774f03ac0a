//! The little that the lab asks of its own Connect workers, on loopback. Reading a chain's Connect is not
//! done here.

use std::time::Duration;

use serde_json::Value;

use crate::{LabError, chain::url, settings::CONNECTOR};

/// A worker's REST interface.
#[derive(Debug)]
pub(crate) struct Worker {
    agent: ureq::Agent,
    url: String,
}

impl Worker {
    pub(crate) fn at(port: u16) -> Self {
        Self { agent: loopback_agent(), url: url(port) }
    }

    /// It answers, it is a worker of this lab and not a stranger on its port, and it has joined its group.
    pub(crate) fn is_ready(&self, cluster_id: &str) -> bool {
        self.get("/").is_some_and(|root| root["kafka_cluster_id"] == cluster_id)
            && self.get("/connectors").is_some()
    }

    /// False when Connect is not ready for it yet.
    pub(crate) fn put_connector(&self, config: &Value) -> Result<bool, LabError> {
        let url = format!("{}/connectors/{CONNECTOR}/config", self.url);
        let Ok(mut response) = self.agent.put(&url).send_json(config) else { return Ok(false) };
        match response.status().as_u16() {
            200 | 201 => Ok(true),
            // A rebalance, the leader not known yet, or a worker that is still starting.
            404 | 409 | 500..=599 => Ok(false),
            status => {
                let body = response.body_mut().read_to_string().unwrap_or_default();
                Err(LabError::Refused { why: format!("{status} {body}") })
            }
        }
    }

    /// The connector runs, as this worker sees it. It has tasks only once there are topics.
    pub(crate) fn sees_connector_running(&self) -> bool {
        self.get(&format!("/connectors/{CONNECTOR}/status"))
            .is_some_and(|status| status["connector"]["state"] == "RUNNING")
    }

    fn get(&self, path: &str) -> Option<Value> {
        get_json(&self.agent, &format!("{}{path}", self.url))
    }
}

/// An HTTP client for servers of the lab.
pub(crate) fn loopback_agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(5)))
        .http_status_as_error(false)
        // `http_proxy` is for the way out, not for loopback.
        .proxy(None)
        .build()
        .new_agent()
}

/// The body of a 200 answer; none for any other answer, or no answer.
pub(crate) fn get_json(agent: &ureq::Agent, url: &str) -> Option<Value> {
    let mut response = agent.get(url).call().ok()?;
    if response.status() == 200 { response.body_mut().read_json().ok() } else { None }
}

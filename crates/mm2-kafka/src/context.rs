//! What every client reports back: errors as typed failures, logs to `tracing`, broker throttling,
//! and, for producers, what became of each record.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::KafkaError;
use rdkafka::message::{DeliveryResult, Message as _};
use rdkafka::producer::ProducerContext;

use crate::failure::Failure;
use crate::log_fold::LogFold;
use crate::queue_state::QueueState;

/// What went wrong with a client lately. Shared by all clients of one cluster.
#[derive(Debug, Default)]
pub struct Health {
    last: Mutex<Option<(Failure, String)>>,
    errors: AtomicU64,
    throttle_max_ms: AtomicU64,
    statistics: Mutex<Option<serde_json::Value>>,
}

impl Health {
    /// The last thing that the error callback said, with its kind.
    pub fn last_failure(&self) -> Option<(Failure, String)> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often the error callback was called.
    pub fn errors(&self) -> u64 {
        self.errors.load(Ordering::Relaxed)
    }

    /// The longest that a broker told a client to wait (quota) since the last call, milliseconds.
    pub fn take_throttle_max_ms(&self) -> u64 {
        self.throttle_max_ms.swap(0, Ordering::Relaxed)
    }

    /// What a client last said of itself, as librdkafka's STATISTICS.md describes it; `None` before the first time
    /// and where `statistics.interval.ms` is not set. At most so old as that interval.
    pub fn last_statistics(&self) -> Option<serde_json::Value> {
        self.statistics.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn forget(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn note(&self, error: &KafkaError, text: &str) {
        self.errors.fetch_add(1, Ordering::Relaxed);
        let kind = Failure::classify(error.rdkafka_error_code(), text);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // "all brokers down" follows the telling reason and must not cover it.
        if kind == Failure::AllBrokersDown && last.is_some() {
            return;
        }
        *last = Some((kind, text.to_owned()));
    }
}

/// Told what became of each record, and where the others are, on the producer's own polling thread.
pub trait Deliveries: Send + Sync {
    /// The record sent with this tag and this value was acknowledged, or failed for good.
    fn delivered(&self, tag: usize, value: &[u8], result: Result<(), KafkaError>);

    /// This producer's new statistics: as often as `statistics.interval.ms` says, never without it.
    fn queue_is(&self, _state: &QueueState) {}
}

/// For producers whose deliveries nobody waits for.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoDeliveries;

impl Deliveries for NoDeliveries {
    fn delivered(&self, _tag: usize, _value: &[u8], _result: Result<(), KafkaError>) {}
}

/// The context that every client of a cluster is made with.
pub struct Context<D = NoDeliveries> {
    side: &'static str,
    health: Arc<Health>,
    logs: Mutex<LogFold>,
    deliveries: D,
}

impl<D> Context<D> {
    pub(crate) fn new(side: &'static str, health: Arc<Health>, deliveries: D) -> Self {
        Self { side, health, logs: Mutex::default(), deliveries }
    }
}

impl<D> fmt::Debug for Context<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("side", &self.side).finish_non_exhaustive()
    }
}

impl<D: Deliveries> ClientContext for Context<D> {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(like_it) = logs.admit(facility, Instant::now()) else { return };
        let side = self.side;
        match level {
            RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical => {
                tracing::error!(target: "librdkafka", side, facility, like_it, "{message}");
            }
            RDKafkaLogLevel::Error | RDKafkaLogLevel::Warning => {
                tracing::warn!(target: "librdkafka", side, facility, like_it, "{message}");
            }
            _ => tracing::debug!(target: "librdkafka", side, facility, like_it, "{message}"),
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.health.note(&error, reason);
        self.log(RDKafkaLogLevel::Warning, "ERROR", reason);
    }

    fn stats_raw(&self, statistics: &[u8]) {
        // librdkafka has been seen to emit JSON that is not JSON; a run must not fail on it.
        let Ok(statistics) = serde_json::from_slice(statistics) else { return };
        if let Some(throttle_ms) = throttle_max_ms(&statistics) {
            self.health.throttle_max_ms.fetch_max(throttle_ms, Ordering::Relaxed);
        }
        self.deliveries.queue_is(&QueueState::of(&statistics));
        *self.health.statistics.lock().unwrap_or_else(PoisonError::into_inner) = Some(statistics);
    }
}

impl<D: Deliveries> ConsumerContext for Context<D> {}

impl<D: Deliveries> ProducerContext for Context<D> {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, tag: usize) {
        let (message, result) = match result {
            Ok(message) => (message, Ok(())),
            Err((error, message)) => (message, Err(error.clone())),
        };
        // librdkafka keeps its copy until the report is done with; a record without a value is an empty one here.
        self.deliveries.delivered(tag, message.payload().unwrap_or_default(), result);
    }
}

/// The largest `throttle.max` over all brokers of one statistics message, milliseconds.
fn throttle_max_ms(statistics: &serde_json::Value) -> Option<u64> {
    statistics
        .get("brokers")?
        .as_object()?
        .values()
        .filter_map(|b| b.get("throttle")?.get("max")?.as_u64())
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_throttling_of_all_brokers_counts_and_broken_statistics_do_not() {
        let health = Arc::new(Health::default());
        let context = Context::new("source", Arc::clone(&health), NoDeliveries);
        context
            .stats_raw(br#"{"brokers":{"a":{"throttle":{"max":3}},"b":{"throttle":{"max":1381}},"c":{}}}"#);
        context.stats_raw(br#"{"txmsgs": 036038359"#);
        assert_eq!(health.take_throttle_max_ms(), 1381);
        assert_eq!(health.last_statistics().unwrap()["brokers"]["a"]["throttle"]["max"], 3);
    }

    #[test]
    fn brokers_down_does_not_cover_the_reason() {
        use rdkafka::error::RDKafkaErrorCode as Code;
        let health = Health::default();
        health.note(&KafkaError::Global(Code::Authentication), "Invalid username or password");
        health.note(&KafkaError::Global(Code::AllBrokersDown), "1/1 brokers are down");
        assert_eq!(health.last_failure().map(|f| f.0), Some(Failure::Authentication));
        assert_eq!(health.errors(), 2);
    }
}

//! Names of signals and criteria: strings with a type, so that neither is taken for the other.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! name {
    ($(#[$doc:meta])* $name:ident { $($(#[$constant_doc:meta])* $constant:ident = $text:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            $($(#[$constant_doc])* pub const $constant: &'static str = $text;)*

            /// As it stands in files.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }
    };
}

name! {
    /// The name of a signal: a quantity that is measured. Any text names one; the constants are those that a held
    /// step fills in ([`StepEvidence::observed`](crate::StepEvidence::observed)).
    Signal {
        /// End-to-end latency of every record, from its intended send time.
        E2E_LATENCY = "e2e.latency";
        /// Acknowledged − distinct received, records, sampled during the hold.
        BACKLOG = "backlog";
        /// The largest backlog of hold and recovery, records.
        BACKLOG_MAX = "backlog.max";
        /// Records lost.
        LOST = "records.lost";
        /// Records that arrived with other bytes.
        CORRUPT = "records.corrupt";
        /// First sightings out of order.
        REORDERED = "records.reordered";
        /// Records still missing when the audit ended.
        UNSEEN = "records.unseen";
        /// Sightings beyond the first.
        DUPLICATES = "records.duplicates";
        /// What the generator did.
        LOAD = "load";
        /// From load-off to recovered, seconds.
        RECOVERY = "recovery";
        /// How late our own sends were, 99th percentile, ms. With the next six a figure of the evidence that an
        /// [attribution](crate::attribution) shows; not judged under these names.
        LOAD_SLIP = "load.slip_p99";
        /// Records that were due in the hold and not sent by its end, per cent of those due.
        LOAD_UNSENT = "load.unsent";
        /// Deliveries to the source that failed for good, records.
        LOAD_FAILED = "load.failed";
        /// From the actual send to the source's acknowledgement, 99th percentile, ms.
        SOURCE_ACK = "source.ack_p99";
        /// Time during which the source held our sender back (client queue full), ms.
        SOURCE_BLOCKED = "source.blocked";
        /// The longest that the source's quota held us back, ms.
        SOURCE_THROTTLE = "source.throttle_max";
        /// Whether a task or worker of Connect restarted: 1 or 0.
        CONNECT_RESTART = "connect.restart";
        /// MM2's own replication latency, windowed mean, ms; one series a topic-partition.
        MM2_LATENCY_AVG = "mm2.latency_avg";
        /// MM2's own replication latency, windowed maximum, ms.
        MM2_LATENCY_MAX = "mm2.latency_max";
        /// Use of the buffer of MM2's producers, per cent; one series a task.
        BUFFER_USED = "producer.buffer_used";
        /// Sends that found the buffer of MM2's producers full, a counter; one series a task.
        BUFFER_EXHAUSTED = "producer.buffer_exhausted";
        /// Processor use of a Connect worker's host, per cent; one series a worker.
        WORKER_CPU = "worker.cpu";
        /// Memory use of a Connect worker's host, per cent; one series a worker.
        WORKER_MEMORY = "worker.memory";
        /// Records that the tasks have handed to their producers and that the target has not acknowledged; one series
        /// a task. What MM2's dashboards call "active records".
        ACTIVE_RECORDS = "mm2.active_records";
        /// Records replicated, records/s; one series a topic-partition.
        MM2_RECORD_RATE = "mm2.record_rate";
        /// Bytes replicated (values only), bytes/s; one series a topic-partition.
        MM2_BYTE_RATE = "mm2.byte_rate";
        /// Age of records when MM2 read them, windowed mean, ms; one series a topic-partition.
        MM2_RECORD_AGE_AVG = "mm2.record_age_avg";
        /// Age of records when MM2 read them, windowed maximum, ms.
        MM2_RECORD_AGE_MAX = "mm2.record_age_max";
        /// Share of the time that threads waited for room in the buffer of MM2's producers, per cent; one series a task.
        BUFFER_WAIT = "producer.buffer_wait";
        /// How long the target's quota held MM2's producers back, windowed maximum, ms; one series a task.
        PRODUCER_THROTTLE = "producer.throttle_max";
        /// Time from request to answer of MM2's producers, windowed mean, ms; one series a task.
        PRODUCER_REQUEST_LATENCY = "producer.request_latency_avg";
        /// Time that a batch waited in the buffer of MM2's producers, windowed mean, ms; one series a task.
        PRODUCER_QUEUE_TIME = "producer.queue_time_avg";
        /// Size of a batch of MM2's producers, windowed mean, bytes; one series a task.
        PRODUCER_BATCH_SIZE = "producer.batch_size_avg";
        /// Records between what MM2's consumers have read and the end of the source's partitions, windowed maximum;
        /// one series a task. Behind the fetch, not behind the target: not the backlog.
        CONSUMER_LAG = "consumer.lag_max";
        /// Time of a fetch of MM2's consumers, windowed mean, ms; one series a task.
        CONSUMER_FETCH_LATENCY = "consumer.fetch_latency_avg";
        /// How long the source's quota held MM2's consumers back, windowed maximum, ms; one series a task.
        CONSUMER_THROTTLE = "consumer.throttle_max";
        /// Processor use of a Connect worker's process, per cent of one core; one series a worker.
        WORKER_PROCESS_CPU = "worker.process_cpu";
        /// Share of the time that a Connect worker's JVM collected garbage, per cent; one series a worker.
        WORKER_GC = "worker.gc";
        /// Resident memory of a Connect worker's process, bytes; one series a worker.
        WORKER_RSS = "worker.rss";
        /// Time that a disk of a host was busy, per cent; one series a disk.
        DISK_BUSY = "host.disk_busy";
        /// Records that the tasks have read, a counter; one series a task.
        MM2_POLLED = "mm2.polled";
        /// Records that the target has acknowledged to the tasks, a counter; one series a task.
        MM2_WRITTEN = "mm2.written";
        /// Written ÷ polled since the window began, per cent; one series a task.
        MM2_WRITTEN_SHARE = "mm2.written_share";
        /// Time that Connect took to commit offsets, windowed maximum, ms; one series a task.
        OFFSET_COMMIT_MAX = "connect.offset_commit_max";
        /// Share of the offset commits that failed, windowed, per cent; one series a task.
        OFFSET_COMMIT_FAILURES = "connect.offset_commit_failures";
        /// Tasks of the connector that are FAILED, seen on a worker; one series a worker.
        TASK_FAILURES = "connect.task_failures";
        /// Rebalances that a worker has been through, a counter; one series a worker.
        REBALANCES = "connect.rebalances";
        /// Sends of MM2's producers that ended in an error, a counter; one series a task.
        PRODUCER_ERRORS = "producer.errors";
        /// Old generation of a Connect worker's heap after its last collection, bytes; one series a worker.
        WORKER_HEAP_AFTER_GC = "worker.heap_after_gc";
        /// Under-replicated partitions on the source; one series a broker.
        SOURCE_UNDER_REPLICATED = "source.under_replicated";
        /// Offline partitions on the source; one series a controller.
        SOURCE_OFFLINE = "source.offline_partitions";
        /// Under-replicated partitions on the target; one series a broker.
        TARGET_UNDER_REPLICATED = "target.under_replicated";
        /// Offline partitions on the target; one series a controller.
        TARGET_OFFLINE = "target.offline_partitions";
    }
}

impl Signal {
    /// What the panels of Phase 4 show: only Prometheus has them.
    pub const PANELS: [&'static str; 6] = [
        Self::MM2_LATENCY_AVG,
        Self::MM2_LATENCY_MAX,
        Self::BUFFER_USED,
        Self::BUFFER_EXHAUSTED,
        Self::WORKER_CPU,
        Self::WORKER_MEMORY,
    ];
}

name! {
    /// The name of a criterion, unique in its set. The constants are those of Phase 4.
    CriterionName {
        /// 99 % of the records arrive within the step's limit. Proved, not read off.
        P99_LATENCY = "p99_latency";
        /// The backlog does not grow during the hold.
        SUSTAINED = "sustained";
        /// Acknowledged by the source, and shown to be missing on the target.
        LOST = "lost";
        /// Arrived with other bytes than were sent.
        CORRUPT = "corrupt";
        /// First sightings of a partition that arrived in another order than they were sent.
        REORDERED = "reordered";
        /// Still missing when the recovery limit ended the audit.
        UNSEEN = "unseen";
        /// Arrived more than once.
        DUPLICATES = "duplicates";
        /// The share of the due records that was sent in time and acknowledged.
        DELIVERED = "delivered";
        /// How late our own sends were.
        SLIP = "slip";
        /// Acknowledged records that have not been received yet.
        BACKLOG = "backlog";
        /// The panel "MM2 latency avg".
        MM2_LATENCY_AVG = "mm2_latency_avg";
        /// The panel "MM2 latency max".
        MM2_LATENCY_MAX = "mm2_latency_max";
        /// Use of the buffer of MM2's producers.
        BUFFER_USED = "buffer_used";
        /// Sends that found that buffer full.
        BUFFER_EXHAUSTED = "buffer_exhausted";
        /// Processor use of the Connect workers.
        WORKER_CPU = "worker_cpu";
        /// Memory use of the Connect workers.
        WORKER_MEMORY = "worker_memory";
    }
}

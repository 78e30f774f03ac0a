//! The table itself. Meanings are sentences of the documentation; names are those of Kafka's MBeans, in the spelling
//! that exporters make of them.

use mm2_evidence::signals::ReadFor::{Explaining, Judging, Showing};
use mm2_slo::{Signal, Unit};

use super::Read::{Busy, Counter, NotIdle, Rises, ShareOfIncrease, UsedShare, Value};
use super::{Combine, Entry, Family, Per, Way};

/// Per cent of a fraction: what Connect and Kafka call percentages and ratios are fractions of 1.
const FRACTION: f64 = 100.0;
/// Whole disks: a partition's or a RAM disk's time would be counted twice, or means nothing.
const WHOLE_DISKS: &str =
    r#"device!~"(z?ram|loop|fd|sr|md|dm-|(h|s|v|xv)d[a-z]+)[0-9]+|(nvme[0-9]+n[0-9]+|mmcblk[0-9]+)p[0-9]+""#;
/// The old generation, by the names that the collectors give it.
const OLD_GENERATION: &str = r#"pool=~".*(Old Gen|Tenured Gen|ZHeap|Old Generation|Shenandoah).*""#;
const UNDER_REPLICATED: &[Way] = &[
    Way::new(Family::SourceBroker, Value, &["server_replicamanager_value"])
        .matching(r#"name="UnderReplicatedPartitions""#),
    Way::new(Family::SourceBroker, Value, &["server_replicamanager_underreplicatedpartitions"]),
    Way::new(Family::SourceBroker, Value, &["server_ReplicaManager_UnderReplicatedPartitions"]),
];
const UNDER_REPLICATED_ON_TARGET: &[Way] = &[
    Way::new(Family::TargetBroker, Value, &["server_replicamanager_value"])
        .matching(r#"name="UnderReplicatedPartitions""#),
    Way::new(Family::TargetBroker, Value, &["server_replicamanager_underreplicatedpartitions"]),
    Way::new(Family::TargetBroker, Value, &["server_ReplicaManager_UnderReplicatedPartitions"]),
];
const OFFLINE: &[Way] = &[
    Way::new(Family::SourceBroker, Value, &["controller_kafkacontroller_value"])
        .matching(r#"name="OfflinePartitionsCount""#),
    Way::new(Family::SourceBroker, Value, &["controller_kafkacontroller_offlinepartitionscount"]),
    Way::new(Family::SourceBroker, Value, &["controller_KafkaController_OfflinePartitionsCount"]),
];
const OFFLINE_ON_TARGET: &[Way] = &[
    Way::new(Family::TargetBroker, Value, &["controller_kafkacontroller_value"])
        .matching(r#"name="OfflinePartitionsCount""#),
    Way::new(Family::TargetBroker, Value, &["controller_kafkacontroller_offlinepartitionscount"]),
    Way::new(Family::TargetBroker, Value, &["controller_KafkaController_OfflinePartitionsCount"]),
];

pub(crate) const SIGNALS: &[Entry] = &[
    Entry {
        signal: Signal::MM2_LATENCY_AVG,
        unit: Unit::Ms,
        read_for: Judging,
        per: Per::Partition,
        windowed: true,
        meaning: "From a record's timestamp to its acknowledgement by the target, by MM2's own clock, windowed mean",
        ways: &[Way::new(Family::Mirror, Value, &["replication_latency_ms_avg"])],
    },
    Entry {
        signal: Signal::MM2_LATENCY_MAX,
        unit: Unit::Ms,
        read_for: Judging,
        per: Per::Partition,
        windowed: true,
        meaning: "The same, windowed maximum",
        ways: &[Way::new(Family::Mirror, Value, &["replication_latency_ms_max"])],
    },
    Entry {
        signal: Signal::BUFFER_USED,
        unit: Unit::Percent,
        read_for: Judging,
        per: Per::Task,
        windowed: false,
        meaning: "Use of the buffer of MM2's producers",
        ways: &[Way::new(Family::Producer, UsedShare, &["buffer_total_bytes", "buffer_available_bytes"])
            .times(FRACTION)],
    },
    Entry {
        signal: Signal::BUFFER_EXHAUSTED,
        unit: Unit::Count,
        read_for: Judging,
        per: Per::Task,
        windowed: false,
        meaning: "Sends of MM2's producers that gave up waiting for room in the buffer; it cannot move while max.block.ms is Connect's own",
        ways: &[Way::new(Family::Producer, Counter, &["buffer_exhausted_total"])],
    },
    Entry {
        signal: Signal::WORKER_CPU,
        unit: Unit::Percent,
        read_for: Judging,
        per: Per::Host,
        windowed: false,
        meaning: "Processor use of the hosts of the Connect workers",
        ways: &[
            Way::new(Family::Node, NotIdle, &["cpu_seconds_total"])
                .matching(r#"mode="idle""#)
                .times(FRACTION)
                .over(Combine::Mean, &["cpu"]),
            Way::new(Family::JavaOs, Value, &["systemcpuload"])
                .times(FRACTION)
                .says("the host's processor use as the worker's JVM sees it"),
            Way::new(Family::JavaOs, Value, &["cpuload"])
                .times(FRACTION)
                .says("the host's processor use as the worker's JVM sees it"),
        ],
    },
    Entry {
        signal: Signal::WORKER_MEMORY,
        unit: Unit::Percent,
        read_for: Judging,
        per: Per::Host,
        windowed: false,
        meaning: "Memory use of the hosts of the Connect workers, without what the kernel can free",
        ways: &[Way::new(Family::Node, UsedShare, &["memory_MemTotal_bytes", "memory_MemAvailable_bytes"])
            .times(FRACTION)],
    },
    Entry {
        signal: Signal::ACTIVE_RECORDS,
        unit: Unit::Records,
        read_for: Showing,
        per: Per::Task,
        windowed: false,
        meaning: "Records handed to MM2's producers and not acknowledged yet; in flight, not lag",
        ways: &[Way::new(Family::SourceTask, Value, &["source_record_active_count"])],
    },
    Entry {
        signal: Signal::MM2_RECORD_RATE,
        unit: Unit::RecordsPerSec,
        read_for: Showing,
        per: Per::Partition,
        windowed: true,
        meaning: "Records replicated, windowed rate",
        ways: &[Way::new(Family::Mirror, Value, &["record_rate"])],
    },
    Entry {
        signal: Signal::MM2_BYTE_RATE,
        unit: Unit::BytesPerSec,
        read_for: Showing,
        per: Per::Partition,
        windowed: true,
        meaning: "Bytes read by MM2 (values only), windowed rate",
        ways: &[Way::new(Family::Mirror, Value, &["byte_rate"])],
    },
    Entry {
        signal: Signal::MM2_RECORD_AGE_AVG,
        unit: Unit::Ms,
        read_for: Showing,
        per: Per::Partition,
        windowed: true,
        meaning: "Age of records when MM2 read them, windowed mean",
        ways: &[Way::new(Family::Mirror, Value, &["record_age_ms_avg"])],
    },
    Entry {
        signal: Signal::MM2_RECORD_AGE_MAX,
        unit: Unit::Ms,
        read_for: Showing,
        per: Per::Partition,
        windowed: true,
        meaning: "Age of records when MM2 read them, windowed maximum",
        ways: &[Way::new(Family::Mirror, Value, &["record_age_ms_max"])],
    },
    Entry {
        signal: Signal::DISK_BUSY,
        unit: Unit::Percent,
        read_for: Showing,
        per: Per::Disk,
        windowed: false,
        meaning: "Share of the time that a disk of a worker's host was busy",
        ways: &[Way::new(Family::Node, Busy, &["disk_io_time_seconds_total"])
            .matching(WHOLE_DISKS)
            .times(FRACTION)],
    },
    Entry {
        signal: Signal::BUFFER_WAIT,
        unit: Unit::Percent,
        read_for: Explaining,
        per: Per::Task,
        windowed: true,
        meaning: "Share of the time that sends waited for room in the buffer of MM2's producers",
        ways: &[Way::new(Family::Producer, Value, &["bufferpool_wait_ratio"]).times(FRACTION)],
    },
    Entry {
        signal: Signal::PRODUCER_THROTTLE,
        unit: Unit::Ms,
        read_for: Explaining,
        per: Per::Task,
        windowed: true,
        meaning: "How long the target's quota held MM2's producers back, windowed maximum",
        ways: &[Way::new(Family::Producer, Value, &["produce_throttle_time_max"])],
    },
    Entry {
        signal: Signal::PRODUCER_REQUEST_LATENCY,
        unit: Unit::Ms,
        read_for: Explaining,
        per: Per::Task,
        windowed: true,
        meaning: "Time from request to answer of MM2's producers, windowed mean",
        ways: &[Way::new(Family::Producer, Value, &["request_latency_avg"])],
    },
    Entry {
        signal: Signal::PRODUCER_QUEUE_TIME,
        unit: Unit::Ms,
        read_for: Explaining,
        per: Per::Task,
        windowed: true,
        meaning: "Time that batches waited in the buffer of MM2's producers, windowed mean",
        ways: &[Way::new(Family::Producer, Value, &["record_queue_time_avg"])],
    },
    Entry {
        signal: Signal::PRODUCER_BATCH_SIZE,
        unit: Unit::Bytes,
        read_for: Explaining,
        per: Per::Task,
        windowed: true,
        meaning: "Size of the batches of MM2's producers, windowed mean",
        ways: &[Way::new(Family::Producer, Value, &["batch_size_avg"])],
    },
    Entry {
        signal: Signal::CONSUMER_LAG,
        unit: Unit::Records,
        read_for: Explaining,
        per: Per::Task,
        windowed: true,
        meaning: "Records between what MM2's consumers have read and the end of the source's partitions, windowed maximum; behind the fetch, not behind the target",
        ways: &[
            Way::new(Family::Consumer, Value, &["records_lag_max"])
                .over(Combine::Max, &["topic", "partition"]),
            Way::new(Family::Consumer, Value, &["records_lag"])
                .over(Combine::Max, &["topic", "partition"])
                .says("the lag at the scrape, not a windowed maximum"),
        ],
    },
    Entry {
        signal: Signal::CONSUMER_FETCH_LATENCY,
        unit: Unit::Ms,
        read_for: Explaining,
        per: Per::Task,
        windowed: true,
        meaning: "Time of a fetch of MM2's consumers, windowed mean; up to fetch.max.wait.ms when idle",
        ways: &[Way::new(Family::Consumer, Value, &["fetch_latency_avg"])],
    },
    Entry {
        signal: Signal::CONSUMER_THROTTLE,
        unit: Unit::Ms,
        read_for: Explaining,
        per: Per::Task,
        windowed: true,
        meaning: "How long the source's quota held MM2's consumers back, windowed maximum",
        ways: &[Way::new(Family::Consumer, Value, &["fetch_throttle_time_max"])],
    },
    Entry {
        signal: Signal::WORKER_PROCESS_CPU,
        unit: Unit::Percent,
        read_for: Explaining,
        per: Per::Worker,
        windowed: false,
        meaning: "Processor use of a Connect worker's process, of one core",
        ways: &[Way::new(Family::Jvm, Busy, &["process_cpu_seconds_total"]).times(FRACTION)],
    },
    Entry {
        signal: Signal::WORKER_GC,
        unit: Unit::Percent,
        read_for: Explaining,
        per: Per::Worker,
        windowed: false,
        meaning: "Share of the time that a Connect worker's JVM collected garbage",
        ways: &[Way::new(Family::Jvm, Busy, &["jvm_gc_collection_seconds_sum"])
            .times(FRACTION)
            .over(Combine::Sum, &["gc"])],
    },
    Entry {
        signal: Signal::WORKER_RSS,
        unit: Unit::Bytes,
        read_for: Explaining,
        per: Per::Worker,
        windowed: false,
        meaning: "Resident memory of a Connect worker's process",
        ways: &[Way::new(Family::Jvm, Value, &["process_resident_memory_bytes"])],
    },
    Entry {
        signal: Signal::WORKER_HEAP_AFTER_GC,
        unit: Unit::Bytes,
        read_for: Explaining,
        per: Per::Worker,
        windowed: false,
        meaning: "Old generation of a Connect worker's heap after its last collection",
        ways: &[Way::new(Family::Jvm, Value, &["jvm_memory_pool_collection_used_bytes"])
            .matching(OLD_GENERATION)
            .over(Combine::Sum, &["pool"])],
    },
    Entry {
        signal: Signal::MM2_POLLED,
        unit: Unit::Records,
        read_for: Explaining,
        per: Per::Task,
        windowed: false,
        meaning: "Records that the tasks have read",
        ways: &[Way::new(Family::SourceTask, Counter, &["source_record_poll_total"])],
    },
    Entry {
        signal: Signal::MM2_WRITTEN,
        unit: Unit::Records,
        read_for: Explaining,
        per: Per::Task,
        windowed: false,
        meaning: "Records of the tasks that the target has acknowledged, booked a batch at a time",
        ways: &[Way::new(Family::SourceTask, Counter, &["source_record_write_total"])],
    },
    Entry {
        signal: Signal::MM2_WRITTEN_SHARE,
        unit: Unit::Percent,
        read_for: Explaining,
        per: Per::Task,
        windowed: false,
        meaning: "Written ÷ polled since the window began",
        ways: &[Way::new(
            Family::SourceTask,
            ShareOfIncrease,
            &["source_record_write_total", "source_record_poll_total"],
        )
        .times(FRACTION)],
    },
    Entry {
        signal: Signal::OFFSET_COMMIT_MAX,
        unit: Unit::Ms,
        read_for: Explaining,
        per: Per::Task,
        windowed: true,
        meaning: "Time that Connect took to commit offsets, windowed maximum; commits that failed are not in it",
        ways: &[Way::new(Family::ConnectorTask, Value, &["offset_commit_max_time_ms"])],
    },
    Entry {
        signal: Signal::OFFSET_COMMIT_FAILURES,
        unit: Unit::Percent,
        read_for: Explaining,
        per: Per::Task,
        windowed: true,
        meaning: "Share of the offset commits that failed, windowed",
        ways: &[Way::new(Family::ConnectorTask, Value, &["offset_commit_failure_percentage"]).times(FRACTION)],
    },
    Entry {
        signal: Signal::PRODUCER_ERRORS,
        unit: Unit::Count,
        read_for: Explaining,
        per: Per::Task,
        windowed: false,
        meaning: "Sends of MM2's producers that ended in an error",
        ways: &[Way::new(Family::Producer, Counter, &["record_error_total"])],
    },
    Entry {
        signal: Signal::TASK_FAILURES,
        unit: Unit::Count,
        read_for: Explaining,
        per: Per::Worker,
        windowed: false,
        meaning: "Tasks of the connector that are FAILED, on the worker that has them",
        ways: &[Way::new(Family::Worker, Rises, &["connector_failed_task_count"])],
    },
    Entry {
        signal: Signal::REBALANCES,
        unit: Unit::Count,
        read_for: Explaining,
        per: Per::Worker,
        windowed: false,
        meaning: "Rebalances of the Connect group that a worker has been through",
        ways: &[Way::new(Family::Rebalance, Counter, &["completed_rebalances_total"])],
    },
    Entry {
        signal: Signal::SOURCE_UNDER_REPLICATED,
        unit: Unit::Count,
        read_for: Explaining,
        per: Per::Broker,
        windowed: false,
        meaning: "Under-replicated partitions of a source broker",
        ways: UNDER_REPLICATED,
    },
    Entry {
        signal: Signal::SOURCE_OFFLINE,
        unit: Unit::Count,
        read_for: Explaining,
        per: Per::Broker,
        windowed: false,
        meaning: "Offline partitions, by a controller of the source",
        ways: OFFLINE,
    },
    Entry {
        signal: Signal::TARGET_UNDER_REPLICATED,
        unit: Unit::Count,
        read_for: Explaining,
        per: Per::Broker,
        windowed: false,
        meaning: "Under-replicated partitions of a target broker",
        ways: UNDER_REPLICATED_ON_TARGET,
    },
    Entry {
        signal: Signal::TARGET_OFFLINE,
        unit: Unit::Count,
        read_for: Explaining,
        per: Per::Broker,
        windowed: false,
        meaning: "Offline partitions, by a controller of the target",
        ways: OFFLINE_ON_TARGET,
    },
];

//! English: what Prometheus has and what it showed.

use mm2_evidence::signals::{ReadFor, SignalsFound};
use mm2_slo::Signal;

use super::English;
use crate::text::Text;
use crate::text::panels::{PanelLabels, PanelText};

const LABELS: PanelLabels = PanelLabels {
    panels: "MM2's Own Panels",
    panels_head: [
        "Step",
        "MM2 latency avg / limit",
        "MM2 latency max / limit",
        "In flight",
        "Buffer utilization",
        "Buffer exhausted",
        "Worker CPU",
        "Worker memory",
        "Disk busy",
    ],
    panels_head_short: ["Step", "MM2 avg", "MM2 max", "Active", "Buf %", "Full", "CPU %", "Mem %", "I/O %"],
    panels_meaning: "As the dashboards have them, from Prometheus, during the hold: latency avg is the mean of all \
                     partitions, buffer exhausted what all tasks added up to, all else the largest sample of the \
                     worst task, worker or disk. In flight is what MM2's dashboards call \"active records\". Behind a \
                     figure stands what its criterion says of it; where two samples in a row are wanted (worker CPU), \
                     that is not always what the largest one alone would be.",
    panels_legend: "MM2's own latency in ms, active records (in flight), buffer use, times the buffer was full, and \
                    the hosts of the workers: ✓ GO, ! WARN, ✗ STOP, ? INCONCLUSIVE, no mark: only shown. The limits \
                    are in the report.",
    details: "What Prometheus Showed",
    details_head: ["Signal", "Mean", "Max", "Where", "Series"],
    signals: "Signals",
    signals_head: ["Signal", "Read for", "Series", "Read as"],
    not_found: "not found",
    missing: "What Is Missing",
    notes: "Notes of Prometheus",
};

impl PanelText for English {
    fn panel_labels(&self) -> &'static PanelLabels {
        &LABELS
    }

    fn signal<'a>(&self, signal: &'a Signal) -> &'a str {
        match signal.as_str() {
            Signal::MM2_LATENCY_AVG => "MM2 latency avg",
            Signal::MM2_LATENCY_MAX => "MM2 latency max",
            Signal::BUFFER_USED => "buffer use",
            Signal::BUFFER_EXHAUSTED => "buffer exhausted",
            Signal::WORKER_CPU => "worker CPU",
            Signal::WORKER_MEMORY => "worker memory",
            Signal::ACTIVE_RECORDS => "in flight",
            Signal::MM2_RECORD_RATE => "MM2 record rate",
            Signal::MM2_BYTE_RATE => "MM2 byte rate",
            Signal::MM2_RECORD_AGE_AVG => "record age avg",
            Signal::MM2_RECORD_AGE_MAX => "record age max",
            Signal::BUFFER_WAIT => "waits for the producer's buffer",
            Signal::PRODUCER_THROTTLE => "throttling by the target",
            Signal::PRODUCER_REQUEST_LATENCY => "produce request latency",
            Signal::PRODUCER_QUEUE_TIME => "time in the producer's queue",
            Signal::PRODUCER_BATCH_SIZE => "producer batch size",
            Signal::CONSUMER_LAG => "lag of MM2's consumers",
            Signal::CONSUMER_FETCH_LATENCY => "fetch latency",
            Signal::CONSUMER_THROTTLE => "throttling by the source",
            Signal::WORKER_PROCESS_CPU => "CPU of the worker's process",
            Signal::WORKER_GC => "garbage collection",
            Signal::WORKER_RSS => "resident memory of the worker",
            Signal::DISK_BUSY => "disk busy",
            Signal::MM2_POLLED => "records polled",
            Signal::MM2_WRITTEN => "records written",
            Signal::MM2_WRITTEN_SHARE => "written of polled",
            Signal::OFFSET_COMMIT_MAX => "offset commit time max",
            Signal::OFFSET_COMMIT_FAILURES => "offset commit failures",
            Signal::TASK_FAILURES => "failed tasks",
            Signal::REBALANCES => "rebalances",
            Signal::PRODUCER_ERRORS => "producer errors",
            Signal::WORKER_HEAP_AFTER_GC => "heap after collection",
            Signal::SOURCE_UNDER_REPLICATED => "under-replicated partitions, source",
            Signal::SOURCE_OFFLINE => "offline partitions, source",
            Signal::TARGET_UNDER_REPLICATED => "under-replicated partitions, target",
            Signal::TARGET_OFFLINE => "offline partitions, target",
            Signal::LOAD_SLIP => "our own slip (p99)",
            Signal::LOAD_UNSENT => "due and not sent",
            Signal::LOAD_FAILED => "refused by the source",
            Signal::SOURCE_ACK => "acknowledgement by the source (p99)",
            Signal::SOURCE_BLOCKED => "our sends held back by a full queue",
            Signal::SOURCE_THROTTLE => "throttling of our sends",
            Signal::CONNECT_RESTART => "restart in Connect",
            own => own,
        }
    }

    fn read_for(&self, read_for: ReadFor) -> &'static str {
        match read_for {
            ReadFor::Judging => "judging",
            ReadFor::Showing => "showing",
            ReadFor::Explaining => "explaining",
        }
    }

    fn cost(&self, read_for: ReadFor, signals: &[String]) -> String {
        let signals = signals.join(", ");
        match read_for {
            ReadFor::Judging => format!("{signals}: judged by a criterion, without which no step can be GO."),
            ReadFor::Showing => format!(
                "{signals}: shown, and the figure is not there or not whole; no verdict depends on it."
            ),
            ReadFor::Explaining => {
                format!("{signals}: would help to say why a step stopped; no verdict depends on it.")
            }
        }
    }

    fn found(&self, found: &SignalsFound) -> String {
        let n = self.numbers();
        let scraped = match found.scrape_every_ms {
            Some(ms) => format!("scraped every {}", n.seconds(ms as f64 / 1_000.0)),
            None => "nothing of the workers is scraped".to_owned(),
        };
        let profiles: Vec<String> =
            found.profiles.iter().map(|(family, profile)| format!("{family} = {profile}")).collect();
        let profiles =
            if profiles.is_empty() { String::new() } else { format!(" Naming: {}.", profiles.join("; ")) };
        let (there, all) = (found.found().count() as u64, found.signals.len() as u64);
        format!("{} signals found in {}, {scraped}.{profiles}", self.of(there, all), found.url)
    }

    fn of(&self, seen: u64, expected: u64) -> String {
        let n = self.numbers();
        format!("{} of {}", n.count(seen), n.count(expected))
    }

    fn fewer_series(&self, seen: u64, expected: u64) -> String {
        format!("only {} series were there", self.of(seen, expected))
    }

    fn increase(&self, quantity: &str) -> String {
        format!("{quantity} in all")
    }

    fn panels(&self, why: &str) -> String {
        format!(
            "MM2 latency avg and max, active records, buffer use, buffer exhausted, worker CPU, worker memory, \
             disk I/O: not measured: {why}."
        )
    }
}

//! What became of a load, in perf-test's words: the summary lines that scripts read, and what there is to say
//! besides.

use mm2_load::AckLatency;
use mm2_measure::Latency;
use serde_json::Value;

use crate::outcome::Outcome;

/// What perf-test calls a MB.
pub(crate) const MIB: f64 = 1_048_576.0;

/// The summary of the whole load, and of what came after the warm-up where there was one. Empty when nothing was
/// acknowledged: there is no latency to state then.
pub(crate) fn summary(outcome: &Outcome) -> Vec<String> {
    let AckLatency { since_sent, steady, .. } = &outcome.latency;
    let whole = line(since_sent, "", outcome.duration_s, outcome.value_bytes);
    let steady = line(steady, " steady state", outcome.steady_s, outcome.value_bytes);
    whole.into_iter().chain(steady).collect()
}

fn line(latency: &Latency, which: &str, seconds: f64, value_bytes: f64) -> Option<String> {
    let (avg, max) = (latency.mean_ms()?, latency.max_ms()?);
    let at = |quantile| latency.quantile_ms(quantile).map(f64::round);
    let (count, per_sec) = (latency.count(), latency.count() as f64 / seconds);
    Some(format!(
        "{count}{which} records sent, {per_sec:.6} records/sec ({:.2} MB/sec), {avg:.2} ms avg latency, {max:.2} ms max latency, {} ms 50th, {} ms 95th, {} ms 99th, {} ms 99.9th.",
        per_sec * value_bytes / MIB,
        at(0.5)?,
        at(0.95)?,
        at(0.99)?,
        at(0.999)?
    ))
}

/// What perf-test does not say.
pub(crate) fn remarks(outcome: &Outcome) -> Vec<String> {
    let mut lines = vec![
        "latency above: from handing the record to the client until its acknowledgement, as perf-test counts it"
            .to_owned(),
    ];
    let due = &outcome.latency.since_due;
    match (outcome.asked_per_sec, figures(due)) {
        (None, _) => lines.push("without a throughput nothing is due, so there is no other".to_owned()),
        (Some(_), Some(figures)) => lines.push(format!("latency from when a record was due: {figures}")),
        (Some(_), None) => {}
    }
    if outcome.latency.since_sent.count() == 0 {
        lines[0] = format!("sent {}, acknowledged 0: there is no latency to state", outcome.sent);
    }
    if outcome.unacknowledged > 0 {
        lines.push(format!("unknown: {} sent, with no answer", outcome.unacknowledged));
    }
    if outcome.throttle_max_ms > 0 {
        lines.push(format!(
            "throttled by a quota of the source, up to {} ms at a time",
            outcome.throttle_max_ms
        ));
    }
    lines.push(outcome.result());
    lines
}

fn figures(latency: &Latency) -> Option<String> {
    let (avg, max) = (latency.mean_ms()?, latency.max_ms()?);
    let at = |quantile| latency.quantile_ms(quantile);
    let (p50, p95, p99, p999) = (at(0.5)?, at(0.95)?, at(0.99)?, at(0.999)?);
    Some(format!(
        "{avg:.2} ms avg, {max:.2} ms max, {p50:.2} ms 50th, {p95:.2} ms 95th, {p99:.2} ms 99th, {p999:.2} ms 99.9th"
    ))
}

/// The client's own statistics under librdkafka's names, at most a second older than the end, laid out as perf-test
/// lays out its metrics. Those of single partitions are left out: there are dozens of each.
pub(crate) fn metrics(outcome: &Outcome, statistics: Option<&Value>) -> String {
    let mut rows = vec![
        ("bomber:records-failed".to_owned(), outcome.failed.to_string()),
        ("bomber:queue-full-ms".to_owned(), format!("{:.0}", outcome.source_blocked_ms)),
        ("bomber:queue-full-own-ms".to_owned(), format!("{:.0}", outcome.client_blocked_ms)),
        ("bomber:throttle-max-ms".to_owned(), outcome.throttle_max_ms.to_string()),
    ];
    match statistics {
        Some(statistics) => flatten("librdkafka", statistics, &mut rows),
        None => rows.push(("librdkafka".to_owned(), "nothing yet: it reports once a second".to_owned())),
    }
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines = rows.iter().map(|(name, value)| format!("{name:width$} : {value}"));
    std::iter::once(format!("\n{:width$}   Value", "Metric Name")).chain(lines).collect::<Vec<_>>().join("\n")
}

fn flatten(path: &str, value: &Value, rows: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "partitions" | "toppars"))
            .for_each(|(name, value)| flatten(&format!("{path}:{name}"), value, rows)),
        Value::Number(number) => rows.push((path.to_owned(), number.to_string())),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::tests::as_asked;

    fn latency(ms: &[u64]) -> Latency {
        let mut latency = Latency::new();
        for ms in ms {
            latency.record_us(ms * 1_000);
        }
        latency
    }

    fn ended() -> Outcome {
        let since_sent = latency(&(1..=100).collect::<Vec<_>>());
        let latency = AckLatency { since_due: latency(&[40; 100]), since_sent, ..AckLatency::default() };
        Outcome { latency, duration_s: 2.0, ..as_asked() }
    }

    #[test]
    fn the_summary_reads_as_perf_tests() {
        let expect = "100 records sent, 50.000000 records/sec (0.05 MB/sec), 50.";
        let lines = summary(&ended());
        assert_eq!(lines.len(), 1);
        assert!(lines[0].starts_with(expect), "{}", lines[0]);
        assert!(lines[0].ends_with("50 ms 50th, 95 ms 95th, 99 ms 99th, 100 ms 99.9th."), "{}", lines[0]);
    }

    #[test]
    fn behind_a_warm_up_there_is_a_second_line() {
        let mut outcome = ended();
        (outcome.latency.steady, outcome.steady_s) = (latency(&[1, 2]), 0.5);
        let lines = summary(&outcome);
        assert!(lines[1].starts_with("2 steady state records sent, 4.000000 records/sec"), "{lines:?}");
    }

    #[test]
    fn nothing_acknowledged_has_no_latency_and_says_so() {
        let outcome = Outcome { latency: AckLatency::default(), ..as_asked() };
        assert!(summary(&outcome).is_empty());
        assert!(remarks(&outcome)[0].contains("acknowledged 0"), "{:?}", remarks(&outcome));
    }

    #[test]
    fn it_says_which_latency_is_which() {
        let lines = remarks(&ended()).join("\n");
        assert!(lines.contains("as perf-test counts it") && lines.contains("was due: 40."), "{lines}");
        let lines = remarks(&Outcome { asked_per_sec: None, ..ended() }).join("\n");
        assert!(lines.contains("nothing is due") && !lines.contains("was due: "), "{lines}");
    }

    #[test]
    fn metrics_are_the_clients_numbers_without_those_of_partitions() {
        let statistics = serde_json::json!({"txmsgs": 7, "name": "x", "brokers": {"b1": {"rtt": {"p99": 12}}},
            "topics": {"t": {"batchsize": {"avg": 9}, "partitions": {"0": {"txmsgs": 1}}}}});
        let text = metrics(&as_asked(), Some(&statistics));
        for expect in
            ["librdkafka:txmsgs", ": 7", "librdkafka:brokers:b1:rtt:p99", "librdkafka:topics:t:batchsize:avg"]
        {
            assert!(text.contains(expect), "{text}");
        }
        assert!(!text.contains("partitions") && !text.contains("name"), "{text}");
        assert!(metrics(&as_asked(), None).contains("nothing yet"));
    }
}

//! What became of the load: the summary for people, for scripts, and as an exit code.

use mm2_cli::ExitStatus;
use mm2_load::AckLatency;
use mm2_measure::Latency;
use mm2_slo::evidence::LoadEvidence;
use mm2_slo::{Criteria, CriterionName, Level, Observation, Observations, Phase, Signal, Verdict};
use serde::Serialize;

use crate::order::Manner;

/// What the ramp judges a load by, whatever became of its records.
const CRITERIA: [&str; 2] = [CriterionName::DELIVERED, CriterionName::SLIP];

/// What a load was asked and what it did. Counts are records.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    /// As which tool it speaks.
    pub(crate) manner: Manner,
    /// `None`: as fast as the source takes them.
    pub(crate) asked_per_sec: Option<u64>,
    /// Whether a time was asked for, not a number of records.
    pub(crate) is_hold: bool,
    /// How long the load was on; where a number of records was asked for, until the last had its outcome.
    pub(crate) duration_s: f64,
    /// The same for what came after the warm-up, where there was one.
    pub(crate) steady_s: f64,
    /// Due while it was on.
    pub(crate) due: u64,
    pub(crate) sent: u64,
    /// Sent by the end of the schedule: where a number of records was asked for, a late sender goes on.
    pub(crate) sent_in_time: u64,
    pub(crate) acked: u64,
    /// Acknowledged by 5 s after the end.
    pub(crate) acked_in_time: u64,
    /// Given up by the client or refused by the source.
    pub(crate) failed: u64,
    /// Sent, and neither acknowledged nor failed when waiting ended.
    pub(crate) unacknowledged: u64,
    pub(crate) first_failure: Option<String>,
    /// Actual − intended send time; `None` when nothing was sent.
    pub(crate) slip_p99_ms: Option<f64>,
    pub(crate) slip_max_ms: Option<f64>,
    /// For how long the source held a sender back, and for how long the client itself did, its queue being full; of
    /// the sender that was held longest.
    pub(crate) source_blocked_ms: f64,
    pub(crate) client_blocked_ms: f64,
    /// The longest wait that a broker's quota imposed.
    pub(crate) throttle_max_ms: u64,
    /// Mean size of a value, before compression.
    pub(crate) value_bytes: f64,
    pub(crate) interrupted: bool,
    pub(crate) latency: AckLatency,
}

impl Outcome {
    /// The code to end with: whether the load was delivered as asked, and whose doing it was if not.
    pub(crate) fn status(&self) -> ExitStatus {
        if self.interrupted {
            ExitStatus::Interrupted
        } else if self.failed > 0 || (self.asked_per_sec.is_none() && self.acked < self.due) {
            ExitStatus::Stop
        } else if self.asked_per_sec.is_none() {
            // There is no rate that it could have fallen short of.
            ExitStatus::Go
        } else {
            self.level().into()
        }
    }

    /// By the rule of the ramp.
    fn level(&self) -> Level {
        let load = Observation::Load(self.evidence());
        // What is unsent is told in the time in which it was due.
        let hold_s = self.asked_per_sec.map_or(self.duration_s, |rate| self.due as f64 / rate as f64);
        let seen = Observations::over(hold_s).with(Signal::LOAD, load);
        let findings = Criteria::of_phase(Phase::RAMP).judge(&seen).findings.into_iter();
        Verdict::of(findings.filter(|finding| CRITERIA.contains(&finding.criterion.as_str())).collect()).level
    }

    fn evidence(&self) -> LoadEvidence {
        LoadEvidence {
            due: self.due,
            sent: self.sent_in_time,
            acked: self.acked,
            acked_in_time: self.acked_in_time,
            failed: self.failed,
            slip_p99_ms: self.slip_p99_ms,
            slip_max_ms: self.slip_max_ms,
            source_blocked_ms: self.source_blocked_ms,
            source_refused: self.throttle_max_ms > 0,
        }
    }

    /// Acknowledged in time ÷ due.
    fn share(&self) -> f64 {
        self.acked_in_time as f64 / self.due.max(1) as f64
    }

    fn achieved_per_sec(&self) -> f64 {
        let acked = if self.is_hold { self.acked_in_time } else { self.acked };
        if self.duration_s > 0.0 { acked as f64 / self.duration_s } else { 0.0 }
    }

    fn bytes_per_sec(&self) -> f64 {
        self.achieved_per_sec() * self.value_bytes
    }

    /// Why there is no slip, where there is none.
    fn no_slip(&self) -> Option<&'static str> {
        match (self.slip_p99_ms, self.asked_per_sec) {
            (Some(_), _) => None,
            (None, None) => Some("without a rate nothing is due"),
            (None, Some(_)) => Some("nothing was sent"),
        }
    }

    fn words(&self) -> (&'static str, String) {
        match self.status() {
            ExitStatus::Interrupted => ("INTERRUPTED", "the load was ended before its time".to_owned()),
            ExitStatus::Go if self.asked_per_sec.is_none() => {
                ("GO", "the source took every record".to_owned())
            }
            ExitStatus::Go => ("GO", "the source took the load as asked".to_owned()),
            ExitStatus::Stop if self.failed > 0 => {
                let why = self.first_failure.as_deref().unwrap_or("in no words");
                ("STOP", format!("{} records failed, the first: {why}", self.failed))
            }
            ExitStatus::Stop if self.asked_per_sec.is_none() => {
                ("STOP", format!("of {} records the source acknowledged {}", self.due, self.acked))
            }
            ExitStatus::Stop => (
                "STOP",
                format!("the source took {:.2} % of the load, 99 % are needed", self.share() * 100.0),
            ),
            _ => ("INCONCLUSIVE", format!("the sender itself was too slow{}", self.slow_sender())),
        }
    }

    /// How the sender was too slow, and what to give instead, in the words of the tool that was called.
    fn slow_sender(&self) -> &'static str {
        let is_client = self.client_blocked_ms > self.slip_p99_ms.unwrap_or(0.0) / 2.0;
        match (self.manner, is_client) {
            (Manner::Script, true) => {
                ": its queue was full although the source had room; hint: give more --num-threads, or --compression none"
            }
            (Manner::Script, false) => {
                "; hint: free some CPU, or give fewer --num-threads or --compression none"
            }
            (Manner::PerfTest { .. }, true) => {
                ": its queue was full although the source had room; hint: give --producer-props compression.type=none, or share the load out to several calls"
            }
            (Manner::PerfTest { .. }, false) => {
                "; hint: free some CPU, or give --producer-props compression.type=none"
            }
        }
    }

    fn queue_words(&self) -> String {
        let own = match self.client_blocked_ms {
            0.0 => String::new(),
            ms => format!(", {ms:.0} ms for the client's own work"),
        };
        format!("{:.0} ms for the source{own}, of the thread that was held longest", self.source_blocked_ms)
    }

    /// The verdict and its reason, in one line.
    pub(crate) fn result(&self) -> String {
        let (level, reason) = self.words();
        format!("result        {level}: {reason}")
    }

    /// The summary for people.
    pub(crate) fn text(&self) -> String {
        let asked =
            self.asked_per_sec.map_or("as fast as it goes".to_owned(), |rate| format!("{rate} msg/s"));
        let ms = |value: Option<f64>| value.map_or("not measured".to_owned(), |ms| format!("{ms:.1} ms"));
        let mut lines = vec![
            format!("asked         {asked} for {:.1} s ({} records)", self.duration_s, self.due),
            format!("achieved      {:.1} msg/s, {:.2} %", self.achieved_per_sec(), self.share() * 100.0),
            format!("sent          {}", self.sent),
            format!("acknowledged  {}, {} of them by 5 s after the end", self.acked, self.acked_in_time),
            format!("failed        {}{}", self.failed, first(self.first_failure.as_deref())),
            format!("slip          p99 {}, max {}", ms(self.slip_p99_ms), ms(self.slip_max_ms)),
            format!("latency       {}", latency_words(&self.latency.since_due)),
            format!("volume        {:.2} MB/s of values, before compression", self.bytes_per_sec() / 1e6),
            format!("queue full    {}", self.queue_words()),
        ];
        if self.unacknowledged > 0 {
            lines.insert(5, format!("unknown       {} sent, with no answer", self.unacknowledged));
        }
        if self.throttle_max_ms > 0 {
            lines.push(format!(
                "throttled     by a quota of the source, up to {} ms at a time",
                self.throttle_max_ms
            ));
        }
        lines.push(self.result());
        lines.join("\n")
    }

    /// The summary for scripts, as one JSON object.
    pub(crate) fn json(&self) -> serde_json::Result<String> {
        let (level, reason) = self.words();
        serde_json::to_string(&Summary {
            asked_per_sec: self.asked_per_sec,
            achieved_per_sec: self.achieved_per_sec(),
            due: self.due,
            sent: self.sent,
            acked: self.acked,
            acked_in_time: self.acked_in_time,
            failed: self.failed,
            first_failure: self.first_failure.as_deref(),
            unacknowledged: self.unacknowledged,
            duration_s: self.duration_s,
            slip_ms: Slip { p99: self.slip_p99_ms, max: self.slip_max_ms, reason: self.no_slip() },
            ack_since_due_ms: self.asked_per_sec.map(|_| Percentiles::of(&self.latency.since_due)),
            ack_since_sent_ms: Percentiles::of(&self.latency.since_sent),
            bytes_per_sec: self.bytes_per_sec(),
            source_blocked_ms: self.source_blocked_ms,
            client_blocked_ms: self.client_blocked_ms,
            throttle_max_ms: self.throttle_max_ms,
            verdict: Decision { level, reason },
            exit_code: self.status().code(),
        })
    }
}

/// Acknowledgement latency of the script's loads, which always have due times.
fn latency_words(since_due: &Latency) -> String {
    let figures = [0.5, 0.99].map(|quantile| since_due.quantile_ms(quantile));
    match (figures, since_due.max_ms()) {
        ([Some(p50), Some(p99)], Some(max)) => {
            format!(
                "p50 {p50:.1} ms, p99 {p99:.1} ms, max {max:.1} ms, from when a record was due to its acknowledgement"
            )
        }
        _ => "not measured: nothing was acknowledged".to_owned(),
    }
}

fn first(failure: Option<&str>) -> String {
    failure.map(|words| format!(", the first: {words}")).unwrap_or_default()
}

/// Scripts lean on these names.
#[derive(Serialize)]
struct Summary<'a> {
    /// `null`: as fast as the source takes them.
    asked_per_sec: Option<u64>,
    achieved_per_sec: f64,
    due: u64,
    sent: u64,
    acked: u64,
    acked_in_time: u64,
    failed: u64,
    first_failure: Option<&'a str>,
    unacknowledged: u64,
    duration_s: f64,
    slip_ms: Slip,
    /// Acknowledgement latency from when a record was due; `null` when none was ever due.
    ack_since_due_ms: Option<Percentiles>,
    /// The same from when it was handed to the client.
    ack_since_sent_ms: Percentiles,
    bytes_per_sec: f64,
    source_blocked_ms: f64,
    client_blocked_ms: f64,
    throttle_max_ms: u64,
    verdict: Decision,
    exit_code: u8,
}

/// Milliseconds.
#[derive(Serialize)]
struct Percentiles {
    mean: Option<f64>,
    p50: Option<f64>,
    p95: Option<f64>,
    p99: Option<f64>,
    p999: Option<f64>,
    max: Option<f64>,
    count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

impl Percentiles {
    fn of(latency: &Latency) -> Self {
        let at = |quantile| latency.quantile_ms(quantile);
        Self {
            mean: latency.mean_ms(),
            p50: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            p999: at(0.999),
            max: latency.max_ms(),
            count: latency.count(),
            reason: (latency.count() == 0).then_some("nothing was acknowledged"),
        }
    }
}

#[derive(Serialize)]
struct Slip {
    p99: Option<f64>,
    max: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

#[derive(Serialize)]
struct Decision {
    level: &'static str,
    reason: String,
}

#[cfg(test)]
pub(crate) mod tests;

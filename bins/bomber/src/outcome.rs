//! What became of the load: the summary for people, for scripts, and as an exit code.

use mm2_cli::ExitStatus;
use mm2_slo::evidence::LoadEvidence;
use mm2_slo::{Criteria, CriterionName, Level, Observation, Observations, Phase, Signal, Verdict};
use serde::Serialize;

/// What the ramp judges a load by, whatever became of its records.
const CRITERIA: [&str; 2] = [CriterionName::DELIVERED, CriterionName::SLIP];

/// What a load was asked and what it did. Counts are records.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) asked_per_sec: u64,
    /// How long the load was on.
    pub(crate) duration_s: f64,
    /// Due while it was on.
    pub(crate) due: u64,
    pub(crate) sent: u64,
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
    /// For how long a full queue held senders back, all together.
    pub(crate) source_blocked_ms: f64,
    /// The longest wait that a broker's quota imposed.
    pub(crate) throttle_max_ms: u64,
    /// Mean size of a value, before compression.
    pub(crate) value_bytes: f64,
    pub(crate) interrupted: bool,
}

impl Outcome {
    /// The code to end with: whether the load was delivered as asked, and whose doing it was if not.
    pub(crate) fn status(&self) -> ExitStatus {
        if self.interrupted {
            ExitStatus::Interrupted
        } else if self.failed > 0 {
            ExitStatus::Stop
        } else {
            self.level().into()
        }
    }

    /// By the rule of the ramp.
    fn level(&self) -> Level {
        let load = Observation::Load(self.evidence());
        let seen = Observations::over(self.duration_s).with(Signal::LOAD, load);
        let findings = Criteria::of_phase(Phase::RAMP).judge(&seen).findings.into_iter();
        Verdict::of(findings.filter(|finding| CRITERIA.contains(&finding.criterion.as_str())).collect()).level
    }

    fn evidence(&self) -> LoadEvidence {
        LoadEvidence {
            due: self.due,
            sent: self.sent,
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
        if self.duration_s > 0.0 { self.acked_in_time as f64 / self.duration_s } else { 0.0 }
    }

    fn bytes_per_sec(&self) -> f64 {
        self.achieved_per_sec() * self.value_bytes
    }

    fn words(&self) -> (&'static str, String) {
        match self.status() {
            ExitStatus::Interrupted => ("INTERRUPTED", "the load was ended before its time".to_owned()),
            ExitStatus::Go => ("GO", "the source took the load as asked".to_owned()),
            ExitStatus::Stop if self.failed > 0 => {
                let why = self.first_failure.as_deref().unwrap_or("in no words");
                ("STOP", format!("{} records failed, the first: {why}", self.failed))
            }
            ExitStatus::Stop => (
                "STOP",
                format!("the source took {:.2} % of the load, 99 % are needed", self.share() * 100.0),
            ),
            _ => (
                "INCONCLUSIVE",
                "the sender itself was too slow; hint: free some CPU, or give fewer --num-threads or --compression none".to_owned(),
            ),
        }
    }

    /// The summary for people.
    pub(crate) fn text(&self) -> String {
        let (level, reason) = self.words();
        let ms = |value: Option<f64>| value.map_or("not measured".to_owned(), |ms| format!("{ms:.1} ms"));
        let mut lines = vec![
            format!(
                "asked         {} msg/s for {:.1} s ({} records)",
                self.asked_per_sec, self.duration_s, self.due
            ),
            format!("achieved      {:.1} msg/s, {:.2} %", self.achieved_per_sec(), self.share() * 100.0),
            format!("sent          {}", self.sent),
            format!("acknowledged  {}, {} of them by 5 s after the end", self.acked, self.acked_in_time),
            format!("failed        {}{}", self.failed, first(self.first_failure.as_deref())),
            format!("slip          p99 {}, max {}", ms(self.slip_p99_ms), ms(self.slip_max_ms)),
            format!("volume        {:.2} MB/s of values, before compression", self.bytes_per_sec() / 1e6),
            format!("queue full    {:.0} ms, all threads together", self.source_blocked_ms),
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
        lines.push(format!("result        {level}: {reason}"));
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
            slip_ms: Slip {
                p99: self.slip_p99_ms,
                max: self.slip_max_ms,
                reason: self.slip_p99_ms.is_none().then_some("nothing was sent"),
            },
            bytes_per_sec: self.bytes_per_sec(),
            source_blocked_ms: self.source_blocked_ms,
            throttle_max_ms: self.throttle_max_ms,
            verdict: Decision { level, reason },
            exit_code: self.status().code(),
        })
    }
}

fn first(failure: Option<&str>) -> String {
    failure.map(|words| format!(", the first: {words}")).unwrap_or_default()
}

/// Scripts lean on these names.
#[derive(Serialize)]
struct Summary<'a> {
    asked_per_sec: u64,
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
    bytes_per_sec: f64,
    source_blocked_ms: f64,
    throttle_max_ms: u64,
    verdict: Decision,
    exit_code: u8,
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
mod tests;

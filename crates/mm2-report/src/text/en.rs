//! English: fixed words and the sentences about runs and steps.

mod attribution;
mod catch_up;
mod findings;
mod outcome;
mod panels;

use mm2_evidence::event::{ChainKind, Plan};
use mm2_evidence::run::{StepRun, WarmUp};
use mm2_slo::{CriterionName, Finding, Missing, Outcome};

use super::{Head, Labels, Numbers, Polls, Text};

pub(crate) struct English;

const LABELS: Labels = Labels {
    numbers: Numbers { thousands: ",", decimal: ".", before_unit: " ", day: "d" },
    colon: ": ",
    title: "Phase 4: Progressive Ramp",
    rehearsal: "REHEARSAL: this proves the tool, not a chain",

    results: "Results Grid",
    results_head: [
        "Step",
        "msg/s asked",
        "achieved",
        "E2E avg",
        "E2E max",
        "p99 / limit",
        "Lag",
        "CPU %",
        "Result",
    ],
    recovery: "Recovery Time by Step",
    recovery_head: ["Step", "Max lag during", "Time back under 1,000"],
    records: "What Became of the Records",
    records_head: [
        "Step",
        "Sent",
        "Acknowledged",
        "Received",
        "Lost",
        "Not seen",
        "Duplicates",
        "Out of order",
        "Corrupt",
    ],
    findings: "Findings by Step",
    findings_head: ["Criterion", "Level", "Value", "Limit", "Why"],
    every_step: "In every step",
    deciding: "What Is Not GO",
    connect: "Connect",
    troubles: "Troubles",
    result: "Final Result",
    capacity: "Maximum Validated Capacity",
    knee: "Between",
    recommended: "Recommended Capacity for Production",
    needed: "Needed in Production at Peak",
    margin: "Justification: margin for peaks, garbage collection, maintenance.",
    limited_by: "Limited by",
    checklist: "Phase 4 Checklist",
    checklist_head: ["Criterion", "Result"],
    checks: [
        "All steps documented",
        "Maximum capacity identified",
        "Production capacity computed (70 %)",
        "Recovery times measured",
    ],
    decision: "Phase 4 finished",
    next_phase: "GO for Phase 5",
    method: "How It Was Measured",
    settings: "Client Settings",

    not_measured: "not measured",
    in_english: "",
    no_trouble: "None.",
    torn: "The last line of the events is torn, as a killed writer leaves it; that event is lost.",
    none: "–",
    bytes: "B",
};

impl Text for English {
    fn labels(&self) -> &'static Labels {
        &LABELS
    }

    fn level(&self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::Go => "GO",
            Outcome::Warn => "WARN",
            Outcome::Inconclusive => "INCONCLUSIVE",
            Outcome::Stop => "STOP",
            Outcome::Skipped => "SKIPPED",
        }
    }

    fn criterion<'a>(&self, criterion: &'a CriterionName) -> &'a str {
        findings::criterion(criterion)
    }

    fn missing(&self, why: &Missing) -> String {
        findings::missing(why)
    }

    fn without_prometheus(&self, why: &Missing) -> String {
        match why {
            Missing::DeclaredAbsent(why) => {
                format!("it needs Prometheus, which the chain declares absent: {why}")
            }
            why => format!("it needs Prometheus, and {}", self.missing(why)),
        }
    }

    fn finding(&self, finding: &Finding) -> String {
        findings::sentence(self, finding)
    }

    fn head(&self, head: &Head<'_>) -> Vec<String> {
        let kind = match head.chain {
            ChainKind::Rehearsal => "rehearsal",
            ChainKind::Lab => "lab",
            ChainKind::File => "the user's own",
        };
        vec![
            format!("Run: {}, started {}", head.run_id, head.started_at),
            format!("Chain: {kind} ({})", head.description),
            format!("Tool: version {}", head.tool_version),
            match head.exit_code {
                Some(code) => format!("Exit code: {code}"),
                None => "Exit code: none, the run did not come to its end".to_owned(),
            },
        ]
    }

    fn not_held(&self) -> &'static str {
        "not held"
    }

    fn not_held_because(&self, last: Option<&str>, cut_short: bool) -> String {
        match last {
            Some(last) if cut_short => format!("not held: the run was cut short in {last}"),
            Some(last) => format!("not held: the climb stopped at {last}"),
            None => "not held: the run ended before it".to_owned(),
        }
    }

    fn not_recovered(&self, limit_s: f64) -> String {
        format!("not within {}", LABELS.numbers.seconds(limit_s))
    }

    fn part_of_step(&self, step: &StepRun) -> String {
        let rate = LABELS.numbers.count(step.step.rate_per_sec);
        let attempt = if step.attempt > 1 { ", held again" } else { "" };
        format!("{}: {rate} msg/s{attempt}", step.step.name)
    }

    fn replaced(&self, step: &StepRun, why: Option<&Finding>) -> String {
        let why = why.map_or_else(|| "it was cut short".to_owned(), |finding| self.named_finding(finding));
        format!("{} was held twice; the first time was INCONCLUSIVE: {why}.", step.step.name)
    }

    fn cut_short(&self, step: &StepRun) -> String {
        let load_on = LABELS.numbers.seconds(step.progress.loaded_s);
        let hold = LABELS.numbers.seconds(step.hold_s);
        format!(
            "{} was cut short: the load was on for {load_on} of {hold}. Its figures are those of the \
             last second that was written; nothing is judged.",
            step.step.name
        )
    }

    fn polls(&self, polls: &Polls) -> String {
        let (answered, unanswered) =
            (LABELS.numbers.count(polls.answered), LABELS.numbers.count(polls.unanswered));
        let restarts = match polls.restarts {
            0 => "no restart was seen".to_owned(),
            1 => "a restart was seen in 1 step".to_owned(),
            n => format!("restarts were seen in {n} steps"),
        };
        format!("Status polled every second: {answered} answers, {unanswered} without one; {restarts}.")
    }

    fn no_connect(&self, why: &str) -> String {
        format!(
            "Restarts not measured: the chain declares that it has no Connect to ask: {why}. One cannot be ruled \
             out, so duplicates are judged as if there was one."
        )
    }

    fn at(&self, after_s: f64, step: Option<&str>, what: &str) -> String {
        let after = LABELS.numbers.seconds(after_s);
        match step {
            Some(step) => format!("After {after}, in {step}: {what}"),
            None => format!("After {after}: {what}"),
        }
    }

    fn definitions(&self, plan: &Plan) -> [String; 7] {
        let limit = LABELS.numbers.seconds(plan.recovery_limit_s);
        [
            "E2E latency: end to end, from the moment at which a record was due to be sent to the moment at which \
             it was seen on the target, so a slow sender hides nothing. Avg is the mean. A record that never \
             arrived counts with its age when the audit closed."
                .to_owned(),
            "Achieved: records due in the hold, sent by its end and acknowledged within 5 s after it, per \
             second of the hold."
                .to_owned(),
            "p99: GO where it is proved that fewer than 1 % of the records are at or over the limit \
             (Clopper–Pearson, 95 % one-sided, corrected for records that are late together); STOP where the \
             contrary is proved; else INCONCLUSIVE."
                .to_owned(),
            "Sustained: a line through the lowest backlog of eight equal blocks of the hold; STOP where growth \
             above 0.5 % of the asked rate is proved (95 % one-sided), GO where the contrary is."
                .to_owned(),
            "Lag: the backlog when the load went off, records acknowledged by the source and not yet received \
             from the target. Not MM2's \"active records\", which are those in flight inside its producer."
                .to_owned(),
            format!(
                "Recovery: from load-off until the backlog was under 1,000 and stayed there for 10 s (these \
                 left out); given up after {limit}."
            ),
            "Duplicates: a warning where a restart explains them (asked rate × (offset flush interval + 10 s) \
             at most), else STOP; always STOP on an exactly-once chain."
                .to_owned(),
        ]
    }

    fn unplanned_steps(&self, plan: &Plan) -> Vec<String> {
        let beyond = "Steps B1, B2, …: beyond the plan, each 1.5 times the rate of the one before, under the limits of \
                      the last planned step, until one fails. Whether they pass does not change the verdict, only the \
                      capacity.";
        let refined = "Steps R1, R2, …: halfway between the validated rate and the one that failed, under the limits of \
                       the latter, until the two are within 5 % of each other. Steps C1, C2, …: the validated rate held \
                       once more; should it fail, the next lower one is sought.";
        let asked = [(plan.beyond, beyond), (plan.refine, refined)];
        asked.into_iter().filter(|(asked, _)| *asked).map(|(_, said)| said.to_owned()).collect()
    }

    fn load(&self, plan: &Plan) -> String {
        let n = LABELS.numbers;
        format!(
            "Load: each step held for {} (the runbook holds 5 min), values of {} bytes ({}), compression {}, \
             topics: {}, producers: {}.",
            n.seconds(plan.hold_s),
            n.count(plan.record_size_bytes),
            plan.payload,
            plan.compression,
            plan.topics.len(),
            plan.producers
        )
    }

    fn warm_up(&self, warm_up: Option<&WarmUp>) -> String {
        let n = LABELS.numbers;
        let Some(warm_up) = warm_up else { return "Warm-up: none.".to_owned() };
        let rate = n.count(warm_up.rate_per_sec);
        let Some(ended) = &warm_up.ended else {
            return format!("Warm-up: at {rate} msg/s, cut short; not judged.");
        };
        let p99: Vec<String> = ended.window_p99_ms.iter().map(|ms| n.ms(*ms)).collect();
        let p99 = if p99.is_empty() { "not measured".to_owned() } else { p99.join(", ") };
        let settled = if ended.settled { "had stopped falling" } else { "was still falling" };
        format!(
            "Warm-up: {} at {rate} msg/s, not judged; p99 of its windows of 10 s: {p99}; it {settled}.",
            n.seconds(ended.seconds)
        )
    }

    fn own_cost(&self, cores: f64, rss_bytes: u64) -> String {
        let n = LABELS.numbers;
        let mib = n.count(rss_bytes >> 20);
        format!("Measuring itself took up to {} CPU cores and {mib} MiB of memory.", n.decimal(cores, 2))
    }
}

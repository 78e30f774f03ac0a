//! A rehearsal that ran: what the ramp made of it, and what its mirror says it did.

use std::collections::BTreeMap;

use serde_json::Value;

use super::combination::{Combination, Step};
use crate::common::{Place, slipped};

pub(super) struct Judged {
    code: Option<i32>,
    run: Value,
    journal: Value,
    /// The audit of each step's last attempt, by name.
    audits: BTreeMap<String, Value>,
}

/// A step with its limits, its `run.json`, its journal and its audit.
struct OfStep<'j> {
    step: &'j Step,
    run: &'j Value,
    /// Of the hold that is judged.
    journal: &'j Value,
    /// Of the holds that it replaces.
    before: Vec<&'j Value>,
    audit: &'j Value,
}

/// What the audit calls it, and the journal.
const DAMAGE: [(&str, &str); 4] =
    [("lost", "lost"), ("duplicates", "duplicated"), ("reordered", "reordered"), ("corrupt", "corrupted")];
/// The growth of the backlog that is let pass, as a share of the rate.
const GROWTH: f64 = 0.005;

impl Judged {
    pub(super) const HEADER: &'static str = "\
| steps (records/s, p99 limit) | faults | verdict of each step, and what decided it | exit code | the mirror's journal, step by step |
|---|---|---|---|---|";

    pub(super) fn rehearse(combination: &Combination) -> Self {
        let place = Place::new();
        place.write("plan.toml", &combination.plan());
        let mut args = vec!["--plan", "plan.toml", "--topics", "2", "--quiet"];
        if !combination.faults.is_empty() {
            args.extend(["--rehearse", &combination.faults]);
        }
        let said = place.start(&args, &[]).ended_within(400);
        assert!(place.run_dir().is_some(), "{:?} {}", combination.faults, said.err);
        let ended = place.events().into_iter().filter(|event| event["event"] == "step_ended");
        let name = |event: &Value| event["step"].as_str().unwrap().to_owned();
        Self {
            code: said.code,
            run: place.run_json(),
            journal: serde_json::from_str(&place.evidence("rehearsal.json")).unwrap(),
            audits: ended.map(|event| (name(&event), event["evidence"]["audit"]["Ok"].clone())).collect(),
        }
    }

    /// Whether this machine rather than the mirror kept the run from saying anything.
    pub(super) fn is_noise(&self, combination: &Combination) -> bool {
        let for_nothing = |step: &OfStep<'_>| step.level() == "INCONCLUSIVE" && !step.may_fail();
        slipped(&self.run) || self.steps(combination).any(|step| for_nothing(&step))
    }

    pub(super) fn level(&self) -> &str {
        self.run["verdict"]["level"].as_str().unwrap()
    }

    fn steps<'j>(&'j self, combination: &'j Combination) -> impl Iterator<Item = OfStep<'j>> {
        self.run["steps"].as_array().unwrap().iter().map(|run| {
            let name = run["name"].as_str().unwrap();
            let step = combination.steps.iter().find(|step| step.name == name).unwrap();
            let holds = self.journal["steps"].as_array().unwrap().iter();
            let mut holds: Vec<&Value> = holds.filter(|entry| entry["step"] == name).collect();
            // A step that was held twice is judged by the second time.
            let journal = holds.pop().unwrap();
            OfStep { step, run, journal, before: holds, audit: &self.audits[name] }
        })
    }

    /// Everything in which verdict and journal do not agree.
    pub(super) fn disagreements(&self, combination: &Combination) -> Vec<String> {
        let mut wrong: Vec<String> = self.steps(combination).flat_map(|step| step.disagreements()).collect();
        let levels: Vec<&str> = self.steps(combination).map(|step| step.level()).collect();
        if self.level() == "GO" && levels.iter().any(|level| *level != "GO") {
            wrong.push(format!("GO with steps {levels:?}"));
        }
        let code = [("GO", 0), ("WARN", 10), ("STOP", 20), ("INCONCLUSIVE", 30)];
        if !code.contains(&(self.level(), self.code.unwrap_or(-1))) {
            wrong.push(format!("{} with exit code {:?}", self.level(), self.code));
        }
        let validated = self.steps(combination).filter(|step| ["GO", "WARN"].contains(&step.level()));
        let validated = validated.last().map(|step| step.step.rate_per_sec);
        if self.run["capacity"]["validated_per_sec"].as_u64() != validated {
            wrong.push(format!("capacity {} and not {validated:?}", self.run["capacity"]));
        }
        if !self.journal["failed"].is_null() || self.journal["evicted"] == true {
            wrong.push(format!("the mirror broke: {}", self.journal));
        }
        wrong.iter().map(|wrong| format!("{}: {wrong}", combination.faults)).collect()
    }

    /// A row of the table.
    pub(super) fn row(&self, combination: &Combination) -> String {
        let asked = |step: &Step| format!("{} {} < {} ms", step.name, step.rate_per_sec, step.p99_limit_ms);
        let asked: Vec<String> = combination.steps.iter().map(asked).collect();
        let faults = if combination.faults.is_empty() { "none" } else { &combination.faults };
        let verdicts: Vec<String> = self.steps(combination).map(|step| step.verdict()).collect();
        let told: Vec<String> = self.steps(combination).map(|step| step.told()).collect();
        let (asked, verdicts, told) = (asked.join("; "), verdicts.join("; "), told.join("; "));
        let code = self.code.unwrap_or(-1);
        format!("| {asked} | `{faults}` | {verdicts} | {code} {} | {told} |", self.level())
    }
}

/// A line of the journal, for people.
fn told(journal: &Value) -> String {
    let count = |name: &str| journal[name].as_u64().unwrap();
    let mut told: Vec<String> = ["lost", "duplicated", "reordered", "corrupted", "stalled_ms"]
        .into_iter()
        .filter(|name| count(name) > 0)
        .map(|name| format!("{name} {}", count(name)))
        .collect();
    let p99_ms = journal["waited_ms"]["p99"].as_f64().unwrap_or(0.0);
    told.push(format!("p99 in the mirror {p99_ms:.0} ms"));
    format!("{} records, {}", count("arrived"), told.join(", "))
}

impl<'j> OfStep<'j> {
    fn count(&self, name: &str) -> u64 {
        self.journal[name].as_u64().unwrap()
    }

    fn level(&self) -> &'j str {
        self.run["verdict"]["level"].as_str().unwrap()
    }

    fn verdict(&self) -> String {
        let reason = self.run["verdict"]["reason"].as_str().unwrap();
        let verdict =
            if self.level() == "GO" { "GO".to_owned() } else { format!("{} {reason}", self.level()) };
        if self.before.is_empty() { verdict } else { format!("{verdict} (held again)") }
    }

    fn told(&self) -> String {
        let holds: Vec<String> =
            self.before.iter().chain([&self.journal]).map(|journal| told(journal)).collect();
        holds.join(", then again: ")
    }

    fn waited_p99_ms(&self) -> f64 {
        self.journal["waited_ms"]["p99"].as_f64().unwrap_or(0.0)
    }

    /// Records per second that the cap must let through, second copies included.
    fn wanted_per_sec(&self) -> f64 {
        let copies = self.count("mirrored") + self.count("duplicated");
        self.step.rate_per_sec as f64 * copies as f64 / self.count("arrived").max(1) as f64
    }

    /// Why this step must not pass, by the journal alone.
    fn must_not_pass(&self) -> Vec<String> {
        let mut why = Vec::new();
        for name in ["lost", "reordered", "corrupted"] {
            // Also what was damaged in a hold that another one replaces.
            let holds = self.before.iter().chain([&self.journal]);
            let damaged: u64 = holds.map(|journal| journal[name].as_u64().unwrap()).sum();
            if damaged > 0 {
                why.push(format!("{name} {damaged}"));
            }
        }
        let limit_ms = self.step.p99_limit_ms;
        if self.journal["delay_ms"].as_u64().is_some_and(|delay_ms| delay_ms >= limit_ms) {
            why.push(format!("delay {} ms", self.journal["delay_ms"]));
        }
        if self.waited_p99_ms() >= limit_ms as f64 {
            why.push(format!("p99 in the mirror {} ms", self.waited_p99_ms()));
        }
        let cap = self.journal["cap_per_sec"].as_f64();
        if cap.is_some_and(|cap| cap < self.wanted_per_sec() * (1.0 - GROWTH)) {
            why.push(format!("cap {} of {:.0}/s", self.journal["cap_per_sec"], self.wanted_per_sec()));
        }
        why
    }

    /// Whether anything happened that may be called a fault.
    fn may_fail(&self) -> bool {
        let cap = self.journal["cap_per_sec"].as_f64();
        let tight = cap.is_some_and(|cap| cap < self.wanted_per_sec() * (1.0 + GROWTH));
        !self.must_not_pass().is_empty() || tight || self.count("stalled_ms") > 0
    }

    fn disagreements(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let level = self.level();
        let mut say = |text: String| wrong.push(format!("{} is {}: {text}", self.step.name, self.verdict()));
        let damaged = self.must_not_pass();
        if (level == "GO" || level == "WARN") && !damaged.is_empty() {
            say(format!("the mirror's journal has {}", damaged.join(", ")));
        }
        if level == "GO" && self.count("duplicated") > 0 {
            say(format!("the mirror wrote {} records twice", self.count("duplicated")));
        }
        let may_warn = self.may_fail() || self.count("duplicated") > 0;
        if (level == "STOP" && !self.may_fail()) || (level == "WARN" && !may_warn) {
            say(format!("nothing went wrong: {}", self.told()));
        }
        for text in self.miscounted() {
            say(text);
        }
        wrong
    }

    /// Where the audit's counts are not the journal's. What is still held when the recovery ends is not seen
    /// yet, and such a step has no exact counts.
    fn miscounted(&self) -> Vec<String> {
        let read = |name: &str| self.run[name].as_u64().unwrap();
        if read("unseen") > 0 {
            let fine =
                read("lost") + read("unseen") >= self.count("lost") && read("lost") <= self.count("lost");
            let text = format!("lost {}, unseen {}, told {}", read("lost"), read("unseen"), self.told());
            return if fine { Vec::new() } else { vec![text] };
        }
        let mut wrong = Vec::new();
        for (audited, told) in DAMAGE {
            if read(audited) != self.count(told) {
                wrong.push(format!(
                    "{audited} {}, but the mirror {told} {}",
                    read(audited),
                    self.count(told)
                ));
            }
            let places = &self.audit["located"][audited];
            if let Some(places) = places.as_array().filter(|_| read(audited) <= self.count(told)) {
                let found: BTreeMap<&str, u64> =
                    places.iter().map(|at| (at[0].as_str().unwrap(), at[1].as_u64().unwrap())).collect();
                let there = self.journal["located"].as_object().unwrap().iter();
                let there: BTreeMap<&str, u64> = there
                    .map(|(at, damage)| (at.as_str(), damage[told].as_u64().unwrap()))
                    .filter(|(_, count)| *count > 0)
                    .collect();
                if found != there {
                    wrong.push(format!("{audited} at {found:?}, but the mirror {told} at {there:?}"));
                }
            }
        }
        if [read("received"), read("acked")] != [self.count("mirrored"), self.count("arrived")] {
            wrong.push(format!("received {} of {}, told {}", read("received"), read("acked"), self.told()));
        }
        wrong
    }
}

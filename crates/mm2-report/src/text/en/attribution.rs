//! English: why a step stopped.

use mm2_slo::Signal;
use mm2_slo::attribution::{Action, Advice, Hop};

use super::English;
use crate::text::PanelText;
use crate::text::attribution::{AttributionLabels, AttributionText};

const LABELS: AttributionLabels = AttributionLabels {
    why: "Why It Stopped",
    signs_head: ["Figure", "Tells of", "Value", "Points from", "Result"],
    points: "points at it",
    calm: "calm",
    next: "To try next, best first",
    blind: "Not there, and would have helped",
    not_determined: "not determined: the figures do not single a hop out",
    meaning: "From the figures of the hold; it changes no verdict. A limit that was hit names its hop. A queue names the \
              hop where it stands only if every cause behind it was looked at and is calm.",
};

impl AttributionText for English {
    fn attribution_labels(&self) -> &'static AttributionLabels {
        &LABELS
    }

    fn hop(&self, hop: Hop) -> String {
        match hop {
            Hop::Generator => "our own generator",
            Hop::Source => "the source's brokers",
            Hop::Fetch => "MM2 reading the source",
            Hop::Worker => "the Connect workers",
            Hop::Produce => "MM2's producers",
            Hop::Target => "the target's brokers",
            other => return other.to_string(),
        }
        .to_owned()
    }

    fn advice(&self, advice: &Advice) -> String {
        let side = if advice.hop == Hop::Target { "target" } else { "source" };
        match &advice.action {
            Action::Raise(setting) => format!("raise the connector's {setting}"),
            Action::Set(setting) => format!("set the connector's {setting}"),
            Action::LiftQuota => {
                let whom = match advice.hop {
                    Hop::Fetch => "MM2's consumers",
                    Hop::Target => "MM2's producers",
                    _ => "our generator",
                };
                format!("lift the {side}'s quota on {whom}")
            }
            Action::MoreWorkers => "give the workers more processors, or add workers".to_owned(),
            Action::MoreHeap => "give the workers' JVMs more heap".to_owned(),
            Action::MoreMemory => "give the workers' hosts more memory, or less to do".to_owned(),
            Action::LookAtBrokers => {
                format!("look at the {side}'s brokers: disks, network, replication")
            }
            Action::MoreGenerator => "run the generator on a host that is less busy".to_owned(),
            _ => advice.to_string(),
        }
    }

    fn limits(&self, step: &str, hop: Hop) -> String {
        format!("{step} is limited by {}", self.hop(hop))
    }

    fn warns_of(&self, step: &str, hop: Hop) -> String {
        format!("{step} passed with a warning; its figures point at {}", self.hop(hop))
    }

    fn figure<'a>(&self, signal: &'a Signal) -> &'a str {
        match signal.as_str() {
            Signal::ACTIVE_RECORDS => "in flight, all tasks",
            _ => self.signal(signal),
        }
    }

    fn sign(&self, signal: &str, value: &str, from: &str) -> String {
        format!("{signal} {value} (points from {from})")
    }
}

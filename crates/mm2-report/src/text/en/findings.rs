//! English: each reason of each criterion in a sentence.

use mm2_slo::{Criterion, Finding, Missing, Reason};

use super::English;
use crate::text::{Text, limit, value};

pub(super) fn criterion(criterion: Criterion) -> &'static str {
    match criterion {
        Criterion::P99Latency => "p99 latency",
        Criterion::Sustained => "sustained",
        Criterion::Lost => "lost",
        Criterion::Corrupt => "corrupt",
        Criterion::Reordered => "out of order",
        Criterion::Unseen => "not seen",
        Criterion::Duplicates => "duplicates",
        Criterion::Delivered => "delivered as asked",
        Criterion::Slip => "our own slip",
        Criterion::Backlog => "backlog",
    }
}

pub(super) fn missing(why: &Missing) -> String {
    match why {
        Missing::Interrupted => "the run was cut short",
        Missing::ProbeFailed => "the target could not be read to the end",
        Missing::Evicted => "records were evicted before they could be read",
        Missing::ConnectSilent => "Connect's REST did not answer",
        Missing::NothingReceived => "no record of this step arrived",
        Missing::NothingSent => "no record of this step was sent",
        Missing::Gap => "a part of the hold has no samples",
        Missing::Unaccounted => "the figures do not account for every acknowledged record",
        Missing::NotFinite => "a figure is not a finite number",
        Missing::NotYet => "this version does not read it yet",
        Missing::DeclaredAbsent(why) => return format!("the chain declares that it has none: {why}"),
    }
    .to_owned()
}

pub(super) fn sentence(text: &English, finding: &Finding) -> String {
    let n = text.numbers();
    let seen = seen(text, finding);
    let limit = limit(text, finding);
    let late = |share: String| {
        format!(
            "{seen}, limit {limit}: {share} of the records are at or over it (95 % sure), under 1 % may be"
        )
    };
    match (&finding.reason, finding.criterion) {
        (Reason::WithinLimit, Criterion::Delivered) => format!("{seen}, {limit} needed"),
        (Reason::WithinLimit | Reason::BeyondLimit, _) => format!("{seen}, limit {limit}"),
        (Reason::ProvenWithin { upper_percent, .. }, Criterion::P99Latency) => {
            late(format!("at most {}", n.percent(*upper_percent)))
        }
        (Reason::ProvenBeyond { lower_percent, .. }, Criterion::P99Latency) => {
            late(format!("at least {}", n.percent(*lower_percent)))
        }
        (Reason::ProvenWithin { upper_percent, .. }, _) => {
            format!("{seen} (at most {}, 95 % sure), limit {limit}", n.percent(*upper_percent))
        }
        (Reason::ProvenBeyond { lower_percent, .. }, _) => {
            format!("{seen} (at least {}, 95 % sure), limit {limit}", n.percent(*lower_percent))
        }
        (Reason::NotProven { lower_percent, upper_percent, hold_needed_s }, criterion) => {
            let between = format!("between {} and {}", n.percent(*lower_percent), n.percent(*upper_percent));
            let bounds = match criterion {
                Criterion::P99Latency => late(between),
                _ => format!("{seen} ({between}, 95 % sure), limit {limit}"),
            };
            format!("{bounds}; not proved either way, {}", hold_needed(text, *hold_needed_s))
        }
        (Reason::TooShort { hold_needed_s }, _) => {
            format!("the hold is too short to see a trend; {}", hold_needed(text, Some(*hold_needed_s)))
        }
        (Reason::TooFew { have, need, hold_needed_s }, _) => format!(
            "{} records are too few, the test needs {}; {}",
            n.count(*have),
            n.count(*need),
            hold_needed(text, *hold_needed_s)
        ),
        (Reason::None, _) => "none".to_owned(),
        (Reason::Located { places }, _) if places.is_empty() => seen,
        (Reason::Located { places }, _) => format!("{seen} ({})", places.join(", ")),
        (Reason::ExplainedByRestart { allowed, flush_interval_known }, _) => {
            let taken = if *flush_interval_known { "" } else { " (offset flush interval taken as 60 s)" };
            format!("{seen}, within the {} that a restart may replay{taken}", n.count(*allowed))
        }
        (Reason::Unexplained { allowed: 0, .. }, _) => format!("{seen} on an exactly-once chain"),
        (Reason::Unexplained { allowed, restart_seen: true }, _) => {
            format!("{seen}, more than the {} that a restart may replay", n.count(*allowed))
        }
        (Reason::Unexplained { restart_seen: false, .. }, _) => format!("{seen}, and no restart was seen"),
        (Reason::NotRecovered { limit_s }, _) => {
            format!("{seen} within {} after the load went off", n.seconds(*limit_s))
        }
        (Reason::GeneratorSlip, _) => format!(
            "{seen}, limit {limit}: our own generator slipped, so the chain was not asked what the step says"
        ),
        (Reason::SourceLimited, _) => format!("{seen}, limit {limit}: the source held the load back"),
        (Reason::MaskedByGeneratorSlip, _) => {
            format!("{seen}, but while our own generator slipped, which says nothing about the chain")
        }
        (Reason::NotMeasured { why }, _) => format!("not measured: {}", missing(why)),
    }
}

/// What was seen, with the value.
fn seen(text: &English, finding: &Finding) -> String {
    let value = value(text, finding);
    let plural = |noun: &str| if finding.value == Some(1.0) { noun.to_owned() } else { format!("{noun}s") };
    match finding.criterion {
        Criterion::P99Latency => format!("p99 {value}"),
        Criterion::Sustained => format!("backlog growth of {value} of the asked rate"),
        Criterion::Lost => format!("{value} {} lost", plural("record")),
        Criterion::Corrupt => format!("{value} {} arrived changed", plural("record")),
        Criterion::Reordered => format!("{value} {} arrived out of order", plural("record")),
        Criterion::Unseen => format!("{value} {} not seen", plural("record")),
        Criterion::Duplicates => format!("{value} {}", plural("duplicate")),
        Criterion::Delivered => format!("{value} of the due records sent and acknowledged in time"),
        Criterion::Slip => format!("our own sends {value} late (p99)"),
        Criterion::Backlog => format!("up to {value} {} behind", plural("record")),
    }
}

fn hold_needed(text: &English, hold_needed_s: Option<u64>) -> String {
    match hold_needed_s {
        Some(seconds) => format!("a hold of {} would settle it", text.numbers().seconds(seconds as f64)),
        None => "no hold of up to a day would settle it".to_owned(),
    }
}

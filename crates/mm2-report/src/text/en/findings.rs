//! English: each reason of each criterion in a sentence.

use mm2_slo::{CriterionName as Name, Finding, Missing, Reason, Unit};

use super::English;
use crate::text::{Text, is_claim, limit, value};

pub(super) fn criterion(criterion: &Name) -> &str {
    match criterion.as_str() {
        Name::P99_LATENCY => "p99 latency",
        Name::SUSTAINED => "sustained",
        Name::LOST => "lost",
        Name::CORRUPT => "corrupt",
        Name::REORDERED => "out of order",
        Name::UNSEEN => "not seen",
        Name::DUPLICATES => "duplicates",
        Name::DELIVERED => "delivered as asked",
        Name::SLIP => "our own slip",
        Name::BACKLOG => "backlog",
        Name::MM2_LATENCY_AVG => "MM2 latency avg",
        Name::MM2_LATENCY_MAX => "MM2 latency max",
        Name::BUFFER_USED => "buffer use",
        Name::BUFFER_EXHAUSTED => "buffer exhausted",
        Name::WORKER_CPU => "worker CPU",
        Name::WORKER_MEMORY => "worker memory",
        own => own,
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
        Missing::NoData => "there is no sample of it",
        Missing::Stale => "its newest sample is too old",
        Missing::QueryFailed => "the query for it failed",
        Missing::NotExported => "Prometheus has no metric of it under a known name",
        Missing::OtherSite => "Prometheus has it, but of other workers, topics or hosts than the chain's",
        Missing::LooksBack => "its samples look back further than the hold is long",
        Missing::OtherForm => "it came in a form that this criterion does not judge",
        Missing::OtherUnit => "it came in a unit of another kind",
        Missing::SameName => "two of its series have one name",
        Missing::OtherLimit => "records were counted against another limit",
        Missing::BucketTooCoarse => {
            "the buckets of the histogram do not reach the limit or are too coarse there"
        }
        Missing::LevelNotAboveZero => "growth in per cent needs a level above zero",
        Missing::NotKnown(what) => return format!("its limit depends on {what}, which is not known"),
        Missing::NotYet => "this version does not read it yet",
        Missing::DeclaredAbsent(why) => return format!("the chain declares that it has none: {why}"),
        _ => "this version of the report does not know why",
    }
    .to_owned()
}

pub(super) fn sentence(text: &English, finding: &Finding) -> String {
    let n = text.numbers();
    let seen = seen(text, finding);
    let limit = limit(text, finding);
    let late = |share: String| {
        let allowed = if finding.criterion == Name::P99_LATENCY { ", under 1 % may be" } else { "" };
        format!("{seen}, limit {limit}: {share} of the records are at or over it (95 % sure){allowed}")
    };
    match (&finding.reason, finding.criterion.as_str()) {
        (Reason::WithinLimit, Name::DELIVERED) => format!("{seen}, {limit} needed"),
        (Reason::WithinLimit | Reason::BeyondLimit, _) => {
            let first = finding.first_breach_s;
            let first =
                first.map_or_else(String::new, |s| format!(", first beyond it after {}", n.seconds(s)));
            format!("{seen}, limit {limit}{first}")
        }
        (Reason::ProvenWithin { upper, .. }, _) if is_claim(finding) => {
            late(format!("at most {}", n.percent(*upper)))
        }
        (Reason::ProvenBeyond { lower, .. }, _) if is_claim(finding) => {
            late(format!("at least {}", n.percent(*lower)))
        }
        (Reason::ProvenWithin { upper, .. }, _) => {
            format!(
                "{seen} (at most {}, 95 % sure), limit {limit}",
                text.quantity(Some(*upper), finding.unit)
            )
        }
        (Reason::ProvenBeyond { lower, .. }, _) => {
            format!(
                "{seen} (at least {}, 95 % sure), limit {limit}",
                text.quantity(Some(*lower), finding.unit)
            )
        }
        (Reason::NotProven { lower, upper, hold_needed_s }, _) => {
            let bound = |x: f64| {
                if is_claim(finding) { n.percent(x) } else { text.quantity(Some(x), finding.unit) }
            };
            let between = format!("between {} and {}", bound(*lower), bound(*upper));
            let bounds = if is_claim(finding) {
                late(between)
            } else {
                format!("{seen} ({between}, 95 % sure), limit {limit}")
            };
            format!("{bounds}; not proved either way, {}", hold_needed(text, *hold_needed_s))
        }
        (Reason::TooShort { hold_needed_s }, criterion) => {
            let trend = if criterion == Name::SUSTAINED { " to see a trend" } else { "" };
            format!("the hold is too short{trend}; {}", hold_needed(text, Some(*hold_needed_s)))
        }
        (Reason::TooFew { have, need, hold_needed_s }, criterion) => format!(
            "{} {} are too few, the test needs {}; {}",
            n.count(*have),
            if criterion == Name::P99_LATENCY { "records" } else { "values" },
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
        (Reason::NotMeasured { why: Missing::DeclaredAbsent(why) }, _) => format!("not judged: {why}"),
        (Reason::NotMeasured { why }, _) => format!("not measured: {}", missing(why)),
        _ => of_samples(text, finding),
    }
}

/// Of sampled signals, which have series, gaps and trends.
fn of_samples(text: &English, finding: &Finding) -> String {
    let n = text.numbers();
    let (seen, limit) = (seen(text, finding), limit(text, finding));
    match &finding.reason {
        Reason::LowCoverage { coverage_percent, needed_percent, longest_gap_s } => format!(
            "only {} of the samples are there, {} needed; the longest gap is {}",
            n.percent(*coverage_percent),
            n.percent(*needed_percent),
            n.seconds(*longest_gap_s)
        ),
        Reason::FewerSeries { seen, expected } => {
            format!("{} of {} series are there", n.count(*seen), n.count(*expected))
        }
        Reason::SeveralSeries { seen } => {
            format!(
                "{} series, and the criterion does not say how they become one (over_series)",
                n.count(*seen)
            )
        }
        Reason::InNoBand => format!("{seen}, which is in none of the bands"),
        Reason::HotPartition { partition, latency_ms, median_ms } => {
            format!(
                "{partition} is hot: {}, where the median of all is {}",
                n.ms(*latency_ms),
                n.ms(*median_ms)
            )
        }
        Reason::Grows { class, lower, upper, detectable_percent } => {
            let (lower, upper) = (n.percent(*lower), n.percent(*upper));
            let least = detectable_percent.map_or_else(String::new, |least| {
                format!("; less than {} a day could not be shown", n.percent(least))
            });
            format!("{seen} a day, {class} (between {lower} and {upper}, 95 % sure), limit {limit}{least}")
        }
        _ => finding.sentence(),
    }
}

/// What was seen, with the value.
fn seen(text: &English, finding: &Finding) -> String {
    let value = value(text, finding);
    let plural = |noun: &str| if finding.value == Some(1.0) { noun.to_owned() } else { format!("{noun}s") };
    let at = finding.series.as_ref().map_or_else(String::new, |series| format!(" ({series})"));
    match finding.criterion.as_str() {
        Name::P99_LATENCY => format!("p99 {value}"),
        Name::SUSTAINED => format!("backlog growth of {value} of the asked rate"),
        Name::LOST => format!("{value} {} lost", plural("record")),
        Name::CORRUPT => format!("{value} {} arrived changed", plural("record")),
        Name::REORDERED => format!("{value} {} arrived out of order", plural("record")),
        Name::UNSEEN => format!("{value} {} not seen", plural("record")),
        Name::DUPLICATES => format!("{value} {}", plural("duplicate")),
        Name::DELIVERED => format!("{value} of the due records sent and acknowledged in time"),
        Name::SLIP => format!("our own sends {value} late (p99)"),
        Name::BACKLOG => format!("up to {value} {} behind", plural("record")),
        Name::MM2_LATENCY_AVG => format!("MM2's own latency {value} on average{at}"),
        Name::MM2_LATENCY_MAX => format!("MM2's own latency up to {value}{at}"),
        Name::BUFFER_USED => format!("up to {value} of the producer's buffer used{at}"),
        Name::BUFFER_EXHAUSTED => format!("the producer's buffer was full {value} {}{at}", plural("time")),
        Name::WORKER_CPU => format!("CPU of the workers at {value}{at}"),
        Name::WORKER_MEMORY => format!("memory of the workers at {value}{at}"),
        _ if finding.unit == Unit::Records => format!("{value} {}{at}", plural("record")),
        _ => format!("{value}{at}"),
    }
}

fn hold_needed(text: &English, hold_needed_s: Option<u64>) -> String {
    match hold_needed_s {
        Some(seconds) => format!("a hold of {} would settle it", text.numbers().seconds(seconds as f64)),
        None => "no hold of up to a day would settle it".to_owned(),
    }
}

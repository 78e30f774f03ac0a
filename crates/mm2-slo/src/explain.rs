//! Findings in plain English sentences. For other languages and layouts, match on [`Reason`] instead.

use crate::finding::{Finding, Missing, Reason};
use crate::unit::Unit;

/// What there is to say when a figure was measured: its value, and which band it is in.
fn measured(finding: &Finding) -> String {
    let value = finding.value.map_or_else(|| "unknown".to_owned(), |value| finding.unit.show(value));
    let series = finding.series.as_ref().map_or_else(String::new, |series| format!(" ({series})"));
    format!("{} is {value}{series}", finding.criterion)
}

/// What is to be proved, and the figure that was read off where there is one: `p99 < 1 s (323 ms read off)`.
fn claimed(finding: &Finding) -> String {
    let band = finding.band.as_deref().unwrap_or("the limit");
    let read =
        finding.value.map_or_else(String::new, |value| format!(" ({} read off)", finding.unit.show(value)));
    format!("{} {band}{read}", finding.criterion)
}

/// The bounds of a proof: a share of the records for a claim about time, else the value itself.
fn bounds(finding: &Finding, lower: f64, upper: f64) -> String {
    match finding.unit {
        Unit::Ms | Unit::S => {
            let percent = |x: f64| Unit::Percent.show(x);
            format!(
                "{} to {} of the records are at or over it (95 % confidence)",
                percent(lower),
                percent(upper)
            )
        }
        unit => format!("it is {} to {} (95 % confidence)", unit.show(lower), unit.show(upper)),
    }
}

/// One sentence without a full stop.
pub(crate) fn finding(finding: &Finding) -> String {
    let name = &finding.criterion;
    let level = finding.level().map_or("SKIPPED", |level| level.name());
    let band = finding.band.as_ref().map_or_else(String::new, |band| format!(" ({band})"));
    let percent = |x: f64| Unit::Percent.show(x);
    let hold = |seconds: &Option<u64>| match seconds {
        Some(seconds) => format!("; a hold of {seconds} s would settle it"),
        None => "; no hold would settle it, the value is on the limit".to_owned(),
    };
    match &finding.reason {
        Reason::WithinLimit => format!("{}, which is GO{band}", measured(finding)),
        Reason::BeyondLimit => {
            let when = finding.first_breach_s.map_or_else(String::new, |s| format!(", first after {s:.0} s"));
            format!("{}, which is {level}{band}{when}", measured(finding))
        }
        Reason::ProvenWithin { lower, upper } => {
            format!("{} is proved: {}", claimed(finding), bounds(finding, *lower, *upper))
        }
        Reason::ProvenBeyond { lower, upper } => {
            format!("{} is refuted: {}", claimed(finding), bounds(finding, *lower, *upper))
        }
        Reason::NotProven { lower, upper, hold_needed_s } => format!(
            "{} is neither proved nor refuted: {}{}",
            claimed(finding),
            bounds(finding, *lower, *upper),
            hold(hold_needed_s)
        ),
        Reason::TooShort { hold_needed_s } => {
            format!("{name} needs a window of at least {hold_needed_s} s")
        }
        Reason::TooFew { have, need, hold_needed_s } => {
            let hold =
                hold_needed_s.map_or_else(String::new, |s| format!("; a hold of {s} s would have them"));
            format!("{name} has {have} values and needs {need}{hold}")
        }
        Reason::None => format!("{name}: none"),
        Reason::Located { places } if places.is_empty() => {
            format!("{}, which is {level}{band}", measured(finding))
        }
        Reason::Located { places } => {
            format!("{}, which is {level}: {}", measured(finding), places.join(", "))
        }
        Reason::ExplainedByRestart { allowed, flush_interval_known } => {
            let assumed = if *flush_interval_known { "" } else { ", flush interval assumed" };
            format!("{}: a restart explains up to {allowed} of them{assumed}", measured(finding))
        }
        Reason::Unexplained { allowed, restart_seen: true } => {
            format!("{}, more than the {allowed} that a restart explains", measured(finding))
        }
        Reason::Unexplained { .. } => {
            format!("{}, and no restart was seen that would explain them", measured(finding))
        }
        Reason::NotRecovered { limit_s } => {
            format!("{} after the {limit_s:.0} s of recovery", measured(finding))
        }
        Reason::GeneratorSlip => {
            format!("{}: our own load generator slipped, so nothing is shown", measured(finding))
        }
        Reason::SourceLimited => format!("{}: the source held the load generator back", measured(finding)),
        Reason::MaskedByGeneratorSlip => {
            format!("{}, but our own load generator slipped, so nothing is shown", measured(finding))
        }
        Reason::LowCoverage { coverage_percent, needed_percent, longest_gap_s } => format!(
            "{name} has only {} of its ticks ({} needed), the longest gap is {longest_gap_s:.0} s",
            percent(*coverage_percent),
            percent(*needed_percent)
        ),
        Reason::FewerSeries { seen, expected } => format!("{name} has {seen} of {expected} series"),
        Reason::SeveralSeries { seen } => {
            format!(
                "{name} has {seen} series, and its criterion does not say how they become one (over_series)"
            )
        }
        Reason::InNoBand => format!("{}, which is in none of its bands", measured(finding)),
        Reason::HotPartition { partition, latency_ms, median_ms } => {
            format!(
                "{name}: {partition} is hot, {latency_ms:.0} ms where the median of all is {median_ms:.0} ms"
            )
        }
        Reason::Grows { class, lower, upper, detectable_percent } => {
            let detectable = detectable_percent.map_or_else(String::new, |least| {
                format!("; less than {} a day could not be shown", percent(least))
            });
            format!(
                "{} a day ({class}), {} to {}{detectable}",
                measured(finding),
                percent(*lower),
                percent(*upper)
            )
        }
        Reason::NotMeasured { why } => match why {
            Missing::DeclaredAbsent(why) => format!("{name} was not judged: {why}"),
            why => format!("{name} was not measured: {}", missing(why)),
        },
    }
}

/// Why there is no measurement: a clause.
fn missing(why: &Missing) -> String {
    match why {
        Missing::Interrupted => "the run ended before it could be".to_owned(),
        Missing::ProbeFailed => "the target could not be read to the end".to_owned(),
        Missing::Evicted => "records were gone before they were read".to_owned(),
        Missing::ConnectSilent => "Connect did not answer".to_owned(),
        Missing::NothingReceived => "no record arrived".to_owned(),
        Missing::NothingSent => "no record was due or sent".to_owned(),
        Missing::Gap => "a part of the window has no samples".to_owned(),
        Missing::Unaccounted => "not every record is accounted for".to_owned(),
        Missing::NotFinite => "a figure is not a finite number".to_owned(),
        Missing::NoData => "there is no sample of it".to_owned(),
        Missing::Stale => "its newest sample is too old".to_owned(),
        Missing::QueryFailed => "the query for it failed".to_owned(),
        Missing::NotExported => "Prometheus has no metric of it under a known name".to_owned(),
        Missing::OtherSite => "Prometheus has it, but of other workers, topics or hosts".to_owned(),
        Missing::LooksBack => "its samples look back further than the window is long".to_owned(),
        Missing::OtherForm => "it came in a form that this criterion does not judge".to_owned(),
        Missing::OtherUnit => "it came in a unit of another kind".to_owned(),
        Missing::SameName => "two of its series have one name".to_owned(),
        Missing::OtherLimit => "records were counted against another limit".to_owned(),
        Missing::BucketTooCoarse => {
            "the histogram's last finite bucket is under the limit, so it could never be over it".to_owned()
        }
        Missing::LevelNotAboveZero => "growth in per cent needs a level above zero".to_owned(),
        Missing::NotKnown(name) => format!("its limit depends on {name}, which is not known"),
        Missing::NotYet => "this version does not measure it".to_owned(),
        Missing::DeclaredAbsent(why) => format!("the chain has none: {why}"),
    }
}

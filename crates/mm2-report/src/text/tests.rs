//! Every reason and every absence has its sentence, in each language: read them.

use std::collections::BTreeSet;
use std::fmt::Write;

use mm2_evidence::event::absent;
use mm2_evidence::{Run, sample};
use mm2_slo::attribution::{Action, Advice, Hop};
use mm2_slo::{Criteria, Criterion, CriterionName as Name, Finding, Missing, Outcome, Phase, Reason, Unit};
use serde_json::{Value, json, to_value};

use super::of;
use crate::Lang;

/// The criterion of that name; one of a user's own where Phase 4 has none.
fn unit(name: &str) -> Unit {
    Criteria::of_phase(Phase::RAMP).get(name).map_or(Unit::Count, |criterion| criterion.bands().unit())
}

/// A finding as it stands in the events.
fn finding(name: &str, outcome: Outcome, value: Option<f64>, reason: &Reason) -> Finding {
    let limit = value.map(|_| 4_000.0);
    let unit = unit(name);
    let mut json =
        json!({ "criterion": name, "level": outcome, "value": value, "limit": limit, "unit": unit });
    let Value::Object(reason) = to_value(reason).unwrap() else { panic!("{reason:?} is no table") };
    json.as_object_mut().unwrap().extend(reason);
    serde_json::from_value(json).unwrap()
}

fn reasons() -> Vec<(&'static str, Reason)> {
    let bounds = (0.02, 1.3);
    let (lower, upper) = bounds;
    let places = vec!["orders-3: 5".to_owned(), "orders-0: 2".to_owned()];
    let low_coverage =
        Reason::LowCoverage { coverage_percent: 61.2, needed_percent: 90.0, longest_gap_s: 42.0 };
    let class = "growing".to_owned();
    let grows = Reason::Grows { class, lower, upper, detectable_percent: Some(0.4) };
    let partition = "orders-3".to_owned();
    let hot = Reason::HotPartition { partition, latency_ms: 1_870.0, median_ms: 41.0 };
    vec![
        (Name::P99_LATENCY, Reason::ProvenWithin { lower, upper: 0.2 }),
        (Name::P99_LATENCY, Reason::ProvenBeyond { lower: 1.2, upper }),
        (Name::P99_LATENCY, Reason::NotProven { lower, upper, hold_needed_s: Some(240) }),
        (Name::P99_LATENCY, Reason::NotProven { lower, upper, hold_needed_s: None }),
        (Name::P99_LATENCY, Reason::TooFew { have: 120, need: 300, hold_needed_s: Some(60) }),
        (Name::SUSTAINED, Reason::ProvenWithin { lower: -0.1, upper: 0.2 }),
        (Name::SUSTAINED, Reason::ProvenBeyond { lower: 1.2, upper }),
        (Name::SUSTAINED, Reason::NotProven { lower, upper, hold_needed_s: Some(240) }),
        (Name::SUSTAINED, Reason::TooShort { hold_needed_s: 11 }),
        (Name::LOST, Reason::None),
        (Name::LOST, Reason::Located { places: places.clone() }),
        (Name::CORRUPT, Reason::Located { places: places.clone() }),
        (Name::REORDERED, Reason::Located { places }),
        (Name::UNSEEN, Reason::NotRecovered { limit_s: 120.0 }),
        (Name::DUPLICATES, Reason::None),
        (Name::DUPLICATES, Reason::ExplainedByRestart { allowed: 50_000, flush_interval_known: true }),
        (Name::DUPLICATES, Reason::ExplainedByRestart { allowed: 50_000, flush_interval_known: false }),
        (Name::DUPLICATES, Reason::Unexplained { allowed: 50_000, restart_seen: true }),
        (Name::DUPLICATES, Reason::Unexplained { allowed: 50_000, restart_seen: false }),
        (Name::DUPLICATES, Reason::Unexplained { allowed: 0, restart_seen: false }),
        (Name::DELIVERED, Reason::WithinLimit),
        (Name::DELIVERED, Reason::GeneratorSlip),
        (Name::SLIP, Reason::WithinLimit),
        (Name::SLIP, Reason::SourceLimited),
        (Name::BACKLOG, Reason::WithinLimit),
        (Name::BACKLOG, Reason::BeyondLimit),
        (Name::BACKLOG, Reason::MaskedByGeneratorSlip),
        (Name::BACKLOG, Reason::NotMeasured { why: Missing::ProbeFailed }),
        (Name::MM2_LATENCY_AVG, Reason::BeyondLimit),
        (Name::MM2_LATENCY_MAX, Reason::BeyondLimit),
        (Name::BUFFER_USED, Reason::WithinLimit),
        (Name::BUFFER_EXHAUSTED, Reason::WithinLimit),
        (Name::WORKER_CPU, Reason::FewerSeries { seen: 2, expected: 3 }),
        (Name::WORKER_MEMORY, low_coverage),
        (
            Name::WORKER_MEMORY,
            Reason::NotMeasured { why: Missing::DeclaredAbsent("no Prometheus".to_owned()) },
        ),
        ("heap", Reason::TooShort { hold_needed_s: 86_400 }),
        ("heap", Reason::TooFew { have: 6, need: 12, hold_needed_s: None }),
        ("heap", Reason::SeveralSeries { seen: 2 }),
        ("heap", Reason::InNoBand),
        ("heap", grows),
        ("heap", hot),
    ]
}

fn absences() -> Vec<Missing> {
    vec![
        Missing::Interrupted,
        Missing::ProbeFailed,
        Missing::Evicted,
        Missing::ConnectSilent,
        Missing::NothingReceived,
        Missing::NothingSent,
        Missing::Gap,
        Missing::Unaccounted,
        Missing::NotFinite,
        Missing::NoData,
        Missing::Stale,
        Missing::QueryFailed,
        Missing::NotExported,
        Missing::OtherSite,
        Missing::LooksBack,
        Missing::OtherForm,
        Missing::OtherUnit,
        Missing::SameName,
        Missing::OtherLimit,
        Missing::BucketTooCoarse,
        Missing::LevelNotAboveZero,
        Missing::NotKnown("baseline".to_owned()),
        Missing::NotYet,
        Missing::DeclaredAbsent("a lab without metrics".to_owned()),
    ]
}

/// The names of an enum's variants, as its JSON Schema has them.
fn variants<T: schemars::JsonSchema>(tag: &str) -> BTreeSet<String> {
    let schema = to_value(schemars::schema_for!(T)).unwrap();
    let mut names = BTreeSet::new();
    for variant in schema["oneOf"].as_array().unwrap() {
        let tagged = variant["properties"][tag]["const"].as_str();
        let unit = [&variant["const"]].into_iter().chain(variant["enum"].as_array().into_iter().flatten());
        let newtype = variant["required"].as_array().into_iter().flatten();
        match tagged {
            Some(name) => drop(names.insert(name.to_owned())),
            None => names.extend(unit.chain(newtype).filter_map(Value::as_str).map(str::to_owned)),
        }
    }
    names
}

/// What a value is called in JSON.
fn variant(value: &Value, tag: &str) -> String {
    let name = value[tag].as_str().or(value.as_str());
    name.unwrap_or_else(|| value.as_object().unwrap().keys().next().unwrap()).to_owned()
}

#[test]
fn no_reason_and_no_absence_lacks_a_sample() {
    let sampled: BTreeSet<_> =
        reasons().iter().map(|(_, reason)| variant(&to_value(reason).unwrap(), "reason")).collect();
    assert_eq!(sampled, variants::<Reason>("reason"));
    let sampled: BTreeSet<_> = absences().iter().map(|why| variant(&to_value(why).unwrap(), "")).collect();
    assert_eq!(sampled, variants::<Missing>(""));
}

/// What is not known in French is said in English, so nothing that is known may be.
#[test]
fn no_reason_and_no_absence_lacks_its_french_sentence() {
    let (english, french) = (of(Lang::En), of(Lang::Fr));
    for (name, reason) in reasons() {
        let finding = finding(name, Outcome::Go, Some(1_234.5), &reason);
        let said = french.finding(&finding);
        assert!(said != finding.sentence() && said != english.finding(&finding), "{reason:?}: {said}");
    }
    for lang in [english, french] {
        let said: BTreeSet<_> = absences().iter().map(|why| lang.missing(why)).collect();
        assert_eq!(said.len(), absences().len(), "one is said as another is: {said:#?}");
    }
}

/// A reason of a chain file is in the words of whoever wrote it; ours are translated.
#[test]
fn why_a_chain_has_none_is_said_in_french_where_the_reason_is_ours() {
    let french = of(Lang::Fr);
    for ours in [absent::REHEARSAL, absent::NO_CONNECT, absent::DEDICATED] {
        let why = Missing::DeclaredAbsent(ours.to_owned());
        let skipped =
            finding(Name::WORKER_CPU, Outcome::Skipped, None, &Reason::NotMeasured { why: why.clone() });
        let said = [
            french.missing(&why),
            french.without_prometheus(&why),
            french.no_connect(ours),
            french.finding(&skipped),
        ];
        assert!(!said.iter().any(|sentence| sentence.contains(ours)), "{said:?}");
    }
    let theirs = "nicht für uns";
    assert!(french.no_connect(theirs).contains(theirs));
}

/// What is known of a site's signals, hops and advice has a name in each language; the rest keeps its own.
#[test]
fn signals_hops_and_advice_are_said_in_each_language() {
    let (english, french) = (of(Lang::En), of(Lang::Fr));
    let run = Run::from_events(sample::ndjson(&sample::panels()).as_bytes()).unwrap();
    for known in &run.signals.unwrap().signals {
        for lang in [english, french] {
            assert_ne!(lang.signal(&known.signal), known.signal.as_str());
        }
    }
    let own = "my.own".into();
    assert_eq!((english.signal(&own), french.signal_in_full(&own)), ("my.own", "my.own".to_owned()));
    let hops = [Hop::Generator, Hop::Source, Hop::Fetch, Hop::Worker, Hop::Produce, Hop::Target];
    let setting = || "tasks.max".to_owned();
    let actions = [
        Action::Raise(setting()),
        Action::Set(setting()),
        Action::LiftQuota,
        Action::MoreWorkers,
        Action::MoreHeap,
        Action::LookAtBrokers,
        Action::MoreGenerator,
    ];
    for hop in hops {
        assert_ne!(english.hop(hop), french.hop(hop));
        for action in &actions {
            let advice = Advice { hop, action: action.clone() };
            let (en, fr) = (english.advice(&advice), french.advice(&advice));
            assert!(en != fr && fr != advice.to_string() && !fr.is_empty(), "{advice}: {fr}");
        }
    }
}

#[test]
fn the_runbooks_criteria_have_names_in_each_language_and_others_keep_theirs() {
    let criteria = Criteria::of_phase(Phase::RAMP);
    for lang in Lang::ALL {
        let name = |of_it: &Criterion| of(lang).criterion(of_it.name()).to_owned();
        let names: BTreeSet<String> = criteria.iter().map(name).collect();
        assert_eq!(names.len(), 16, "{names:?}");
        assert!(!names.iter().any(|name| name.contains('_')), "{names:?}");
        assert_eq!(of(lang).criterion(&"my_own".into()), "my_own");
    }
}

#[test]
fn values_of_a_users_own_criteria_have_their_unit() {
    let check = |value: f64, unit: Unit, en: &str, fr: &str| {
        for (lang, expect) in [(Lang::En, en), (Lang::Fr, fr)] {
            assert_eq!(of(lang).quantity(Some(value), unit).replace('\u{202f}', " "), expect);
        }
    };
    check(1_234.0, Unit::RecordsPerSec, "1,234 msg/s", "1 234 msg/s");
    check(1_500.0, Unit::Bytes, "1,500 B", "1 500 o");
    check(900e6, Unit::Bytes, "900 MB", "900 Mo");
    check(1_500.0, Unit::BytesPerSec, "1,500 B/s", "1 500 o/s");
    check(1.5, Unit::S, "1.5 s", "1,5 s");
    check(0.251, Unit::Ratio, "0.251", "0,251");
    check(3.0, Unit::Count, "3", "3");
}

#[test]
fn every_reason_and_absence_has_its_sentence() {
    for lang in Lang::ALL {
        let text = of(lang);
        let mut page = String::new();
        for (criterion, reason) in reasons() {
            let finding = finding(criterion, Outcome::Go, Some(1_234.5), &reason);
            let sentence = text.typeset(&text.finding(&finding));
            writeln!(page, "{}: {sentence}", text.criterion(&finding.criterion)).unwrap();
        }
        for why in absences() {
            writeln!(page, "– {}", text.typeset(&text.missing(&why))).unwrap();
        }
        insta::assert_snapshot!(format!("sentences.{}", lang.code()), page);
    }
}

#[test]
fn any_reason_of_any_criterion_is_a_sentence_without_a_hole() {
    for lang in Lang::ALL {
        let phase_4 = Criteria::of_phase(Phase::RAMP);
        for criterion in phase_4.iter().map(|criterion| criterion.name().as_str()).chain(["heap"]) {
            for (_, reason) in reasons() {
                let finding = finding(criterion, Outcome::Stop, None, &reason);
                let sentence = of(lang).finding(&finding);
                assert!(!sentence.is_empty() && !sentence.ends_with('.'), "{sentence}");
                assert!(!sentence.contains("  ") && !sentence.contains("NaN"), "{sentence}");
            }
        }
    }
}

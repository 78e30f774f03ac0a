//! Every reason and every absence has its sentence, in each language: read them.

use std::fmt::Write;

use mm2_slo::{Criterion, Finding, Missing, Outcome, Reason};

use super::of;
use crate::Lang;

fn reasons() -> Vec<(Criterion, Reason)> {
    use Criterion::{
        Backlog, Corrupt, Delivered, Duplicates, Lost, P99Latency, Reordered, Slip, Sustained, Unseen,
    };
    let bounds = (0.02, 1.3);
    let (lower_percent, upper_percent) = bounds;
    let places = vec!["orders-3: 5".to_owned(), "orders-0: 2".to_owned()];
    vec![
        (P99Latency, Reason::ProvenWithin { lower_percent, upper_percent: 0.2 }),
        (P99Latency, Reason::ProvenBeyond { lower_percent: 1.2, upper_percent }),
        (P99Latency, Reason::NotProven { lower_percent, upper_percent, hold_needed_s: Some(240) }),
        (P99Latency, Reason::NotProven { lower_percent, upper_percent, hold_needed_s: None }),
        (P99Latency, Reason::TooFew { have: 120, need: 300, hold_needed_s: Some(60) }),
        (Sustained, Reason::ProvenWithin { lower_percent: -0.1, upper_percent: 0.2 }),
        (Sustained, Reason::ProvenBeyond { lower_percent: 1.2, upper_percent }),
        (Sustained, Reason::NotProven { lower_percent, upper_percent, hold_needed_s: Some(240) }),
        (Sustained, Reason::TooShort { hold_needed_s: 11 }),
        (Lost, Reason::None),
        (Lost, Reason::Located { places: places.clone() }),
        (Corrupt, Reason::Located { places: places.clone() }),
        (Reordered, Reason::Located { places }),
        (Unseen, Reason::NotRecovered { limit_s: 120.0 }),
        (Duplicates, Reason::None),
        (Duplicates, Reason::ExplainedByRestart { allowed: 50_000, flush_interval_known: true }),
        (Duplicates, Reason::ExplainedByRestart { allowed: 50_000, flush_interval_known: false }),
        (Duplicates, Reason::Unexplained { allowed: 50_000, restart_seen: true }),
        (Duplicates, Reason::Unexplained { allowed: 50_000, restart_seen: false }),
        (Duplicates, Reason::Unexplained { allowed: 0, restart_seen: false }),
        (Delivered, Reason::WithinLimit),
        (Delivered, Reason::GeneratorSlip),
        (Slip, Reason::WithinLimit),
        (Slip, Reason::SourceLimited),
        (Backlog, Reason::WithinLimit),
        (Backlog, Reason::BeyondLimit),
        (Backlog, Reason::MaskedByGeneratorSlip),
        (Backlog, Reason::NotMeasured { why: Missing::ProbeFailed }),
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
        Missing::NotYet,
        Missing::DeclaredAbsent("a lab without metrics".to_owned()),
    ]
}

#[test]
fn every_reason_and_absence_has_its_sentence() {
    for lang in Lang::ALL {
        let text = of(lang);
        let mut page = String::new();
        for (criterion, reason) in reasons() {
            let finding = Finding::new(criterion, Outcome::Go, Some(1_234.5), Some(4_000.0), reason);
            let sentence = text.typeset(&text.finding(&finding));
            writeln!(page, "{}: {sentence}", text.criterion(criterion)).unwrap();
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
        for criterion in Criterion::ALL {
            for (_, reason) in reasons() {
                let finding = Finding::new(criterion, Outcome::Stop, None, None, reason);
                let sentence = of(lang).finding(&finding);
                assert!(!sentence.is_empty() && !sentence.ends_with('.'), "{sentence}");
                assert!(!sentence.contains("  ") && !sentence.contains("NaN"), "{sentence}");
            }
        }
    }
}

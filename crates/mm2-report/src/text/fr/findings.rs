//! French: each reason of each criterion in a sentence.

use mm2_slo::{Criterion, Finding, Missing, Reason};

use super::French;
use crate::text::{Text, limit, value};

pub(super) fn criterion(criterion: Criterion) -> &'static str {
    match criterion {
        Criterion::P99Latency => "latence p99",
        Criterion::Sustained => "débit soutenu",
        Criterion::Lost => "pertes",
        Criterion::Corrupt => "altérations",
        Criterion::Reordered => "ordre",
        Criterion::Unseen => "non vus",
        Criterion::Duplicates => "doublons",
        Criterion::Delivered => "envoyé comme demandé",
        Criterion::Slip => "notre propre retard",
        Criterion::Backlog => "lag",
    }
}

pub(super) fn missing(why: &Missing) -> String {
    match why {
        Missing::Interrupted => "l'exécution a été coupée",
        Missing::ProbeFailed => "la cible n'a pas pu être lue jusqu'au bout",
        Missing::Evicted => "des messages ont été effacés avant d'être lus",
        Missing::ConnectSilent => "le REST de Connect n'a pas répondu",
        Missing::NothingReceived => "aucun message de ce palier n'est arrivé",
        Missing::NothingSent => "aucun message de ce palier n'a été envoyé",
        Missing::Gap => "une partie du palier n'a pas d'échantillons",
        Missing::Unaccounted => "les valeurs ne rendent pas compte de tous les messages acquittés",
        Missing::NotFinite => "une valeur n'est pas un nombre fini",
        Missing::NotYet => "cette version ne le lit pas encore",
        Missing::DeclaredAbsent(why) => return format!("la chaîne déclare ne pas en avoir : {why}"),
    }
    .to_owned()
}

pub(super) fn sentence(text: &French, finding: &Finding) -> String {
    let n = text.numbers();
    let seen = seen(text, finding);
    let limit = limit(text, finding);
    let sure = "(sûr à 95\u{202f}%)";
    let late = |share: String| {
        let allowed = "moins de 1\u{202f}% est permis";
        format!("{seen}, limite {limit} : {share} des messages l'atteignent {sure}, {allowed}")
    };
    match (&finding.reason, finding.criterion) {
        (Reason::WithinLimit, Criterion::Delivered) => format!("{seen}, il en faut {limit}"),
        (Reason::WithinLimit | Reason::BeyondLimit, _) => format!("{seen}, limite {limit}"),
        (Reason::ProvenWithin { upper_percent, .. }, Criterion::P99Latency) => {
            late(format!("au plus {}", n.percent(*upper_percent)))
        }
        (Reason::ProvenBeyond { lower_percent, .. }, Criterion::P99Latency) => {
            late(format!("au moins {}", n.percent(*lower_percent)))
        }
        (Reason::ProvenWithin { upper_percent, .. }, _) => {
            format!("{seen}, au plus {} {sure}, limite {limit}", n.percent(*upper_percent))
        }
        (Reason::ProvenBeyond { lower_percent, .. }, _) => {
            format!("{seen}, au moins {} {sure}, limite {limit}", n.percent(*lower_percent))
        }
        (Reason::NotProven { lower_percent, upper_percent, hold_needed_s }, criterion) => {
            let between = format!("entre {} et {}", n.percent(*lower_percent), n.percent(*upper_percent));
            let bounds = match criterion {
                Criterion::P99Latency => late(between),
                _ => format!("{seen}, {between} {sure}, limite {limit}"),
            };
            format!("{bounds} ; rien n'est prouvé, {}", hold_needed(text, *hold_needed_s))
        }
        (Reason::TooShort { hold_needed_s }, _) => format!(
            "le palier est trop court pour montrer une tendance ; {}",
            hold_needed(text, Some(*hold_needed_s))
        ),
        (Reason::TooFew { have, need, hold_needed_s }, _) => format!(
            "{} messages sont trop peu, le test en demande {} ; {}",
            n.count(*have),
            n.count(*need),
            hold_needed(text, *hold_needed_s)
        ),
        (Reason::None, Criterion::Duplicates) => "aucun".to_owned(),
        (Reason::None, _) => "aucun message".to_owned(),
        (Reason::Located { places }, _) if places.is_empty() => seen,
        (Reason::Located { places }, _) => format!("{seen} ({})", places.join(", ")),
        (Reason::ExplainedByRestart { allowed, flush_interval_known }, _) => {
            let taken =
                if *flush_interval_known { "" } else { " (intervalle de flush des offsets pris à 60 s)" };
            format!("{seen}, pas plus que les {} qu'un redémarrage peut rejouer{taken}", n.count(*allowed))
        }
        (Reason::Unexplained { allowed: 0, .. }, _) => format!("{seen} sur une chaîne exactly-once"),
        (Reason::Unexplained { allowed, restart_seen: true }, _) => {
            format!("{seen}, plus que les {} qu'un redémarrage peut rejouer", n.count(*allowed))
        }
        (Reason::Unexplained { restart_seen: false, .. }, _) => {
            format!("{seen}, et aucun redémarrage n'a été vu")
        }
        (Reason::NotRecovered { limit_s }, _) => {
            format!("{seen} en {} après l'arrêt de la charge", n.seconds(*limit_s))
        }
        (Reason::GeneratorSlip, _) => format!(
            "{seen}, limite {limit} : notre propre générateur a pris du retard, la chaîne n'a donc pas reçu \
             ce que dit le palier"
        ),
        (Reason::SourceLimited, _) => format!("{seen}, limite {limit} : la source a retenu la charge"),
        (Reason::MaskedByGeneratorSlip, _) => format!(
            "{seen}, mais pendant que notre propre générateur prenait du retard, ce qui ne dit rien de la chaîne"
        ),
        (Reason::NotMeasured { why }, _) => format!("non mesuré : {}", missing(why)),
    }
}

/// What was seen, with the value.
fn seen(text: &French, finding: &Finding) -> String {
    let value = value(text, finding);
    // French takes the singular for everything under 2.
    let s = |word: &str| match finding.value {
        Some(value) if value < 2.0 => word.to_owned(),
        _ => format!("{word}s"),
    };
    match finding.criterion {
        Criterion::P99Latency => format!("p99 de {value}"),
        Criterion::Sustained => format!("croissance du lag de {value} du débit demandé"),
        Criterion::Lost => format!("{value} {} {}", s("message"), s("perdu")),
        Criterion::Corrupt => format!("{value} {} {} {}", s("message"), s("arrivé"), s("altéré")),
        Criterion::Reordered => format!("{value} {} {} hors ordre", s("message"), s("arrivé")),
        Criterion::Unseen => format!("{value} {} non {}", s("message"), s("vu")),
        Criterion::Duplicates => format!("{value} {}", s("doublon")),
        Criterion::Delivered => format!("{value} des messages dus envoyés et acquittés à temps"),
        Criterion::Slip => format!("nos propres envois en retard de {value} (p99)"),
        Criterion::Backlog => format!("jusqu'à {value} {} de retard", s("message")),
    }
}

fn hold_needed(text: &French, hold_needed_s: Option<u64>) -> String {
    match hold_needed_s {
        Some(seconds) => format!("un palier de {} trancherait", text.numbers().seconds(seconds as f64)),
        None => "aucun palier d'un jour au plus ne trancherait".to_owned(),
    }
}

//! French: each reason of each criterion in a sentence.

use mm2_evidence::event::absent;
use mm2_slo::{CriterionName as Name, Finding, Missing, Reason, Unit};

use super::French;
use crate::text::{Text, is_claim, limit, value};

const SURE: &str = "(sûr à 95\u{202f}%)";

pub(super) fn criterion(criterion: &Name) -> &str {
    match criterion.as_str() {
        Name::P99_LATENCY => "latence p99",
        Name::SUSTAINED => "débit soutenu",
        Name::LOST => "pertes",
        Name::CORRUPT => "altérations",
        Name::REORDERED => "ordre",
        Name::UNSEEN => "non vus",
        Name::DUPLICATES => "doublons",
        Name::DELIVERED => "envoyé comme demandé",
        Name::SLIP => "notre propre retard",
        Name::BACKLOG => "lag",
        Name::MM2_LATENCY_AVG => "latence avg de MM2",
        Name::MM2_LATENCY_MAX => "latence max de MM2",
        Name::BUFFER_USED => "buffer utilization",
        Name::BUFFER_EXHAUSTED => "buffer exhausted",
        Name::WORKER_CPU => "CPU des workers",
        Name::WORKER_MEMORY => "mémoire des workers",
        own => own,
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
        Missing::NoData => "il n'y en a aucun échantillon",
        Missing::Stale => "son dernier échantillon est trop vieux",
        Missing::QueryFailed => "la requête a échoué",
        Missing::NotExported => "Prometheus n'en a aucune métrique sous un nom connu",
        Missing::OtherSite => "Prometheus en a, mais d'autres workers, topics ou hôtes que ceux de la chaîne",
        Missing::LooksBack => "ses échantillons remontent plus loin que la durée du palier",
        Missing::OtherForm => "c'est venu sous une forme que ce critère ne juge pas",
        Missing::OtherUnit => "c'est venu dans une unité d'une autre nature",
        Missing::SameName => "deux de ses séries portent le même nom",
        Missing::OtherLimit => "les messages ont été comptés contre une autre limite",
        Missing::BucketTooCoarse => {
            "les classes de l'histogramme n'atteignent pas la limite ou y sont trop larges"
        }
        Missing::LevelNotAboveZero => "une croissance en pour cent demande un niveau au-dessus de zéro",
        Missing::NotKnown(what) => return format!("sa limite dépend de {what}, qui n'est pas connu"),
        Missing::NotYet => "cette version ne le lit pas encore",
        Missing::DeclaredAbsent(why) => {
            return format!("la chaîne déclare ne pas en avoir : {}", declared_absent(why));
        }
        _ => "cette version du rapport n'en connaît pas la raison",
    }
    .to_owned()
}

/// What a chain declares absent, in the words of its file where the reason is not one of ours.
pub(super) fn declared_absent(why: &str) -> &str {
    match why {
        absent::REHEARSAL => "une répétition n'en a pas",
        absent::NO_CONNECT => "le fichier de la chaîne dit mode = \"none\"",
        absent::DEDICATED => "MM2 tourne en mode dedicated, sans le REST de Connect",
        own => own,
    }
}

pub(super) fn sentence(text: &French, finding: &Finding) -> String {
    let n = text.numbers();
    let seen = seen(text, finding);
    let limit = limit(text, finding);
    let late = |share: String| {
        let is_p99 = finding.criterion == Name::P99_LATENCY;
        let allowed = if is_p99 { ", moins de 1\u{202f}% est permis" } else { "" };
        format!("{seen}, limite {limit} : {share} des messages l'atteignent {SURE}{allowed}")
    };
    match (&finding.reason, finding.criterion.as_str()) {
        (Reason::WithinLimit, Name::DELIVERED) => format!("{seen}, il en faut {limit}"),
        (Reason::WithinLimit | Reason::BeyondLimit, _) => {
            let first = finding.first_breach_s;
            let first = first.map_or_else(String::new, |s| format!(", dépassée dès {}", n.seconds(s)));
            format!("{seen}, limite {limit}{first}")
        }
        (Reason::ProvenWithin { upper, .. }, _) if is_claim(finding) => {
            late(format!("au plus {}", n.percent(*upper)))
        }
        (Reason::ProvenBeyond { lower, .. }, _) if is_claim(finding) => {
            late(format!("au moins {}", n.percent(*lower)))
        }
        (Reason::ProvenWithin { upper, .. }, _) => {
            format!("{seen}, au plus {} {SURE}, limite {limit}", text.quantity(Some(*upper), finding.unit))
        }
        (Reason::ProvenBeyond { lower, .. }, _) => {
            format!("{seen}, au moins {} {SURE}, limite {limit}", text.quantity(Some(*lower), finding.unit))
        }
        (Reason::NotProven { lower, upper, hold_needed_s }, _) => {
            let bound = |x: f64| {
                if is_claim(finding) { n.percent(x) } else { text.quantity(Some(x), finding.unit) }
            };
            let between = format!("entre {} et {}", bound(*lower), bound(*upper));
            let bounds = if is_claim(finding) {
                late(between)
            } else {
                format!("{seen}, {between} {SURE}, limite {limit}")
            };
            format!("{bounds} ; rien n'est prouvé, {}", hold_needed(text, *hold_needed_s))
        }
        (Reason::TooShort { hold_needed_s }, criterion) => {
            let trend = if criterion == Name::SUSTAINED { " pour montrer une tendance" } else { "" };
            format!("le palier est trop court{trend} ; {}", hold_needed(text, Some(*hold_needed_s)))
        }
        (Reason::TooFew { have, need, hold_needed_s }, criterion) => format!(
            "{} {} sont trop peu, le test en demande {} ; {}",
            n.count(*have),
            if criterion == Name::P99_LATENCY { "messages" } else { "valeurs" },
            n.count(*need),
            hold_needed(text, *hold_needed_s)
        ),
        (Reason::None, Name::DUPLICATES) => "aucun".to_owned(),
        (Reason::None, _) if finding.unit == Unit::Records => "aucun message".to_owned(),
        (Reason::None, _) => "rien".to_owned(),
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
        (Reason::NotMeasured { why: Missing::DeclaredAbsent(why) }, _) => {
            format!("non jugé : {}", declared_absent(why))
        }
        (Reason::NotMeasured { why }, _) => format!("non mesuré : {}", missing(why)),
        _ => of_samples(text, finding),
    }
}

/// Of sampled signals, which have series, gaps and trends.
fn of_samples(text: &French, finding: &Finding) -> String {
    let n = text.numbers();
    let (seen, limit) = (seen(text, finding), limit(text, finding));
    match &finding.reason {
        Reason::LowCoverage { coverage_percent, needed_percent, longest_gap_s } => format!(
            "seuls {} des échantillons sont là, il en faut {} ; le plus long trou est de {}",
            n.percent(*coverage_percent),
            n.percent(*needed_percent),
            n.seconds(*longest_gap_s)
        ),
        Reason::FewerSeries { seen, expected } => {
            let series = if *seen < 2 { "série" } else { "séries" };
            format!("{} {series} sur {}", n.count(*seen), n.count(*expected))
        }
        Reason::SeveralSeries { seen } => {
            format!("{} séries, et le critère ne dit pas comment en faire une (over_series)", n.count(*seen))
        }
        Reason::InNoBand => format!("{seen}, dans aucune des plages"),
        Reason::HotPartition { partition, latency_ms, median_ms } => format!(
            "{partition} est chaude : {}, quand la médiane de toutes est de {}",
            n.ms(*latency_ms),
            n.ms(*median_ms)
        ),
        Reason::Grows { class, lower, upper, detectable_percent } => {
            let (lower, upper) = (n.percent(*lower), n.percent(*upper));
            let least = detectable_percent.map_or_else(String::new, |least| {
                format!(" ; moins de {} par jour ne pouvait être montré", n.percent(least))
            });
            let class = growth(class);
            format!("{seen} par jour, {class}, entre {lower} et {upper} {SURE}, limite {limit}{least}")
        }
        // In English, rather than not at all.
        _ => finding.sentence(),
    }
}

/// What kind of growth it is.
fn growth(class: &str) -> &str {
    match class {
        "flat" => "plat",
        "growing" => "croissant",
        "saturating" => "en saturation",
        "shrinking" => "décroissant",
        "unknown" => "de nature inconnue",
        other => other,
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
    let at = finding.series.as_ref().map_or_else(String::new, |series| format!(" ({series})"));
    match finding.criterion.as_str() {
        Name::P99_LATENCY => format!("p99 de {value}"),
        Name::SUSTAINED => format!("croissance du lag de {value} du débit demandé"),
        Name::LOST => format!("{value} {} {}", s("message"), s("perdu")),
        Name::CORRUPT => format!("{value} {} {} {}", s("message"), s("arrivé"), s("altéré")),
        Name::REORDERED => format!("{value} {} {} hors ordre", s("message"), s("arrivé")),
        Name::UNSEEN => format!("{value} {} non {}", s("message"), s("vu")),
        Name::DUPLICATES => format!("{value} {}", s("doublon")),
        Name::DELIVERED => format!("{value} des messages dus envoyés et acquittés à temps"),
        Name::SLIP => format!("nos propres envois en retard de {value} (p99)"),
        Name::BACKLOG => format!("jusqu'à {value} {} de retard", s("message")),
        Name::MM2_LATENCY_AVG => format!("latence propre à MM2 de {value} en moyenne{at}"),
        Name::MM2_LATENCY_MAX => format!("latence propre à MM2 jusqu'à {value}{at}"),
        Name::BUFFER_USED => format!("jusqu'à {value} du buffer du producer utilisé{at}"),
        Name::BUFFER_EXHAUSTED => format!("buffer du producer épuisé {value} fois{at}"),
        Name::WORKER_CPU => format!("CPU des workers à {value}{at}"),
        Name::WORKER_MEMORY => format!("mémoire des workers à {value}{at}"),
        _ if finding.unit == Unit::Records => format!("{value} {}{at}", s("message")),
        _ => format!("{value}{at}"),
    }
}

fn hold_needed(text: &French, hold_needed_s: Option<u64>) -> String {
    match hold_needed_s {
        Some(seconds) => format!("un palier de {} trancherait", text.numbers().seconds(seconds as f64)),
        None => "aucun palier d'un jour au plus ne trancherait".to_owned(),
    }
}

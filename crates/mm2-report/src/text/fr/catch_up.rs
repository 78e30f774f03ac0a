//! French: how a chain catches up after an outage.

use mm2_evidence::event::CatchUp;
use mm2_evidence::run::CatchUpRun;

use super::French;
use crate::text::Text;
use crate::text::catch_up::{CatchUpLabels, CatchUpText, LeftOpen, NoAnswer, nothing_to_drain};

const LABELS: CatchUpLabels =
    CatchUpLabels { catch_up: "Rattrapage après une Panne", curve_head: ["Depuis la reprise", "Lag"] };

impl CatchUpText for French {
    fn catch_up_labels(&self) -> &'static CatchUpLabels {
        &LABELS
    }

    fn caught_up(&self, catch_up: &CatchUp) -> String {
        let n = self.numbers();
        let (outage, rate) = (n.duration(catch_up.outage_s), n.count(catch_up.rate_per_sec));
        if nothing_to_drain(catch_up) {
            return format!(
                "Après {outage} de panne à {rate} msg/s, le lag était de {}, et une chaîne à jour en a jusqu'à {} : la \
                 panne était trop courte pour mesurer quoi que ce soit.",
                n.count(catch_up.backlog_at_resume),
                n.count(catch_up.caught_up_below)
            );
        }
        if let Some(drain_s) = catch_up.drain_s {
            return format!(
                "Après {outage} de panne à {rate} msg/s, la chaîne met {} à rattraper son retard.",
                n.duration(drain_s)
            );
        }
        let left = catch_up.curve.last();
        let left =
            left.map_or_else(String::new, |(_, left)| format!(" Son lag était alors de {}.", n.count(*left)));
        format!(
            "Après {outage} de panne à {rate} msg/s, la chaîne n'a PAS rattrapé son retard en {}.{left}",
            n.duration(catch_up.limit_s)
        )
    }

    fn left_open(&self, open: LeftOpen) -> String {
        let n = self.numbers();
        match open {
            LeftOpen::NoAnswer(why) => {
                let why = match why {
                    NoAnswer::Trouble => {
                        "Le rattrapage après une panne n'a pas pu être mesuré, voir les incidents"
                    }
                    NoAnswer::Interrupted => {
                        "L'exécution a été interrompue avant de savoir comment la chaîne rattrape son retard après une panne"
                    }
                    NoAnswer::CutShort => {
                        "L'exécution a été coupée avant de savoir comment la chaîne rattrape son retard après une panne"
                    }
                };
                format!("{why}. Le verdict est celui de la montée, qui était terminée.")
            }
            LeftOpen::NotCaughtUp { outage_s, limit_s } => format!(
                "WARN : la chaîne n'a PAS rattrapé son retard en {} après une panne de {}.",
                n.duration(limit_s),
                n.duration(outage_s)
            ),
            LeftOpen::Unseen(records) => {
                let were = if records < 2 {
                    "message n'a été ni vu ni prouvé perdu"
                } else {
                    "messages n'ont été ni vus ni prouvés perdus"
                };
                format!(
                    "WARN : {} {were} pendant que la chaîne rattrapait son retard après une panne.",
                    n.count(records)
                )
            }
            LeftOpen::Blind => {
                "WARN : personne n'a pu voir si des messages ont été perdus pendant que la chaîne \
                                rattrapait son retard après une panne."
                    .to_owned()
            }
        }
    }

    fn may_be_paused(&self, by_trouble: bool) -> String {
        let why = if by_trouble {
            "Le connecteur n'a pas pu être relancé et peut être encore en pause, voir les incidents."
        } else {
            "L'exécution a été coupée avant que le connecteur soit relancé : il peut être encore en pause."
        };
        format!("{why} {}", self.how_to_resume())
    }

    fn how_to_resume(&self) -> &'static str {
        "Demander à Connect : GET /connectors/NOM/status ; s'il dit PAUSED : PUT /connectors/NOM/resume."
    }

    fn retention_warning(&self, catch_up: &CatchUp) -> Option<String> {
        let n = self.numbers();
        let factor = catch_up.retention_factor()?;
        let kept = n.duration(catch_up.retention_s?);
        let least = if catch_up.drain_s.is_none() { "au moins " } else { "" };
        let behind = n.duration(catch_up.behind_s());
        (factor < 1.0).then(|| {
            format!(
                "WARN : panne et rattrapage durent {least}{behind}, et la source garde les messages {kept} : il s'en \
                 efface avant que MM2 ne les lise."
            )
        })
    }

    fn catch_up_facts(&self, catch_up: &CatchUp) -> Vec<String> {
        let n = self.numbers();
        let not_measured = self.labels().not_measured;
        let count =
            |count: Option<u64>| count.map_or_else(|| not_measured.to_owned(), |count| n.count(count));
        let drain = match catch_up.drain_per_sec {
            _ if nothing_to_drain(catch_up) => format!("{not_measured} : il n'y avait rien à rattraper"),
            Some(per_sec) => format!(
                "{} msg/s, {} fois la charge",
                n.decimal(per_sec, 0),
                n.decimal(per_sec / catch_up.rate_per_sec as f64, 2)
            ),
            None if catch_up.drain_s.is_some() => not_measured.to_owned(),
            None => format!("{not_measured} : la chaîne n'a pas rattrapé son retard"),
        };
        let retention = match (catch_up.retention_s, catch_up.retention_factor()) {
            (Some(kept), _) if nothing_to_drain(catch_up) => format!("{} à cette charge", n.duration(kept)),
            (Some(kept), Some(factor)) => {
                let most = if catch_up.drain_s.is_none() { "au plus " } else { "" };
                format!(
                    "{} à cette charge, {most}{} fois panne et rattrapage ensemble ({})",
                    n.duration(kept),
                    n.decimal(factor, usize::from(factor < 10.0)),
                    n.duration(catch_up.behind_s())
                )
            }
            _ => format!("{not_measured} : sans limite, ou elle n'a pas pu être lue"),
        };
        vec![
            format!("Lag à la reprise : {}", n.count(catch_up.backlog_at_resume)),
            format!("Plus grand lag : {}", n.count(catch_up.backlog_max)),
            format!("Répliqué pendant le rattrapage : {drain}"),
            format!("Rétention des topics de la source : {retention}"),
            format!("Perdus : {}", count(catch_up.lost)),
            format!("Ni vus ni prouvés perdus : {}", count(catch_up.unseen)),
            format!("Doublons : {}", count(catch_up.duplicates)),
        ]
    }

    fn catch_up_broken_off(&self, begun: &CatchUpRun, why: NoAnswer) -> String {
        let n = self.numbers();
        let (why, see) = match why {
            NoAnswer::Trouble => ("la mesure a été abandonnée", ", voir les incidents"),
            NoAnswer::Interrupted => ("l'exécution a été interrompue", ""),
            NoAnswer::CutShort => ("l'exécution a été coupée", ""),
        };
        let when = match begun.backlog_at_resume {
            Some(backlog) => {
                format!("après que le connecteur a été relancé avec un lag de {}", n.count(backlog))
            }
            None if begun.paused => "pendant que le connecteur était en pause".to_owned(),
            None => "avant que le connecteur soit vu en pause".to_owned(),
        };
        let rate = n.count(begun.rate_per_sec);
        format!("Non mesuré : {why} {when}{see}. La charge était de {rate} msg/s.")
    }

    fn catch_up_not_begun(&self, none_validated: bool) -> String {
        let why = if none_validated {
            "aucun palier n'est validé, il n'y a donc pas de débit recommandé auquel l'essayer"
        } else {
            "l'exécution a pris fin avant"
        };
        format!("Demandé et non mesuré : {why}.")
    }

    fn catch_up_method(&self, catch_up: &CatchUp) -> String {
        format!(
            "Le connecteur a été mis en pause par le REST de Connect pendant que la charge, le débit recommandé, \
             continuait. La chaîne a rattrapé son retard quand son lag est sous {} et y reste 10 s (non comptées).",
            self.numbers().count(catch_up.caught_up_below)
        )
    }

    fn since_resumption(&self, seconds: f64) -> String {
        self.numbers().duration(seconds)
    }
}

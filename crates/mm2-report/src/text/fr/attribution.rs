//! French: why a step stopped.

use mm2_slo::Signal;
use mm2_slo::attribution::{Action, Advice, Hop};

use super::French;
use crate::text::PanelText;
use crate::text::attribution::{AttributionLabels, AttributionText};

const LABELS: AttributionLabels = AttributionLabels {
    why: "Pourquoi ça s'arrête",
    signs_head: ["Valeur", "Parle de", "Mesurée", "Désigne dès", "Résultat"],
    points: "le désigne",
    calm: "calme",
    next: "À essayer ensuite, le meilleur d'abord",
    blind: "Absents, et auraient aidé",
    not_determined: "non déterminé : les valeurs ne désignent pas un maillon à elles seules",
    meaning: "D'après les valeurs du palier ; ne change aucun verdict. Une limite atteinte désigne son maillon. Une file \
              ne désigne le sien que si chaque cause en aval a été regardée et est calme.",
};

impl AttributionText for French {
    fn attribution_labels(&self) -> &'static AttributionLabels {
        &LABELS
    }

    fn hop(&self, hop: Hop) -> String {
        match hop {
            Hop::Generator => "notre propre générateur",
            Hop::Source => "les brokers de la source",
            Hop::Fetch => "la lecture de la source par MM2",
            Hop::Worker => "les workers Connect",
            Hop::Produce => "les producers de MM2",
            Hop::Target => "les brokers de la cible",
            // In English, rather than not at all.
            other => return other.to_string(),
        }
        .to_owned()
    }

    fn advice(&self, advice: &Advice) -> String {
        let side = if advice.hop == Hop::Target { "cible" } else { "source" };
        match &advice.action {
            Action::Raise(setting) => format!("augmenter {setting} du connecteur"),
            Action::Set(setting) => format!("mettre {setting} dans le connecteur"),
            Action::LiftQuota => {
                let whom = match advice.hop {
                    Hop::Fetch => "les consumers de MM2",
                    Hop::Target => "les producers de MM2",
                    _ => "notre générateur",
                };
                format!("lever le quota de la {side} sur {whom}")
            }
            Action::MoreWorkers => {
                "donner plus de processeurs aux workers, ou ajouter des workers".to_owned()
            }
            Action::MoreHeap => "donner plus de heap aux JVM des workers".to_owned(),
            Action::MoreMemory => "donner plus de mémoire aux hôtes des workers, ou les alléger".to_owned(),
            Action::LookAtBrokers => {
                format!("regarder les brokers de la {side} : disques, réseau, réplication")
            }
            Action::MoreGenerator => "lancer le générateur sur un hôte moins chargé".to_owned(),
            _ => advice.to_string(),
        }
    }

    fn limits(&self, step: &str, hop: Hop) -> String {
        format!("{step} est limité par {}", self.hop(hop))
    }

    fn warns_of(&self, step: &str, hop: Hop) -> String {
        format!("{step} est validé avec un avertissement ; ses valeurs désignent {}", self.hop(hop))
    }

    fn figure<'a>(&self, signal: &'a Signal) -> &'a str {
        match signal.as_str() {
            Signal::ACTIVE_RECORDS => "messages en vol, toutes les tâches",
            _ => self.signal(signal),
        }
    }

    fn sign(&self, signal: &str, value: &str, from: &str) -> String {
        format!("{signal} {value} (désigne dès {from})")
    }
}

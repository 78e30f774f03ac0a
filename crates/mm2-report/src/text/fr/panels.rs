//! French: what Prometheus has and what it showed.

use mm2_evidence::signals::{ReadFor, SignalsFound};
use mm2_slo::Signal;

use super::French;
use crate::text::Text;
use crate::text::panels::{PanelLabels, PanelText};

const LABELS: PanelLabels = PanelLabels {
    panels: "Panels de MM2",
    panels_head: [
        "Palier",
        "Latence avg de MM2 / limite",
        "Latence max de MM2 / limite",
        "En vol",
        "Buffer utilization",
        "Buffer exhausted",
        "CPU workers",
        "Mémoire workers",
        "Disque occupé",
    ],
    panels_head_short: [
        "Palier", "MM2 avg", "MM2 max", "En vol", "Buf %", "Plein", "CPU %", "Mém %", "I/O %",
    ],
    panels_meaning: "Comme les dashboards les montrent, lus dans Prometheus pendant le palier : la latence avg est la \
                     moyenne de toutes les partitions, buffer exhausted la somme de toutes les tâches, le reste le \
                     plus grand échantillon de la pire tâche, du pire worker ou du pire disque. En vol : ce que les \
                     dashboards de MM2 appellent « active records ». Derrière une valeur, ce que son critère en dit ; \
                     s'il en veut deux de suite (CPU workers), ce n'est pas toujours ce que dirait la plus grande seule.",
    panels_legend: "Latence propre à MM2 en ms, active records (en vol), buffer utilization, nombre de fois où le \
                    buffer était plein, hôtes des workers : ✓ GO, ! WARN, ✗ STOP, ? NON CONCLUANT, sans marque : \
                    montré sans être jugé. Les limites sont dans le rapport.",
    details: "Ce que Prometheus a montré",
    details_head: ["Signal", "Moyenne", "Max", "Où", "Séries"],
    signals: "Signaux",
    signals_head: ["Signal", "Lu pour", "Séries", "Lu ainsi"],
    not_found: "introuvable",
    missing: "Ce qui manque",
    notes: "Remarques sur Prometheus",
};

impl PanelText for French {
    fn panel_labels(&self) -> &'static PanelLabels {
        &LABELS
    }

    fn signal<'a>(&self, signal: &'a Signal) -> &'a str {
        match signal.as_str() {
            Signal::MM2_LATENCY_AVG => "latence avg de MM2",
            Signal::MM2_LATENCY_MAX => "latence max de MM2",
            Signal::BUFFER_USED => "buffer utilization",
            Signal::BUFFER_EXHAUSTED => "buffer exhausted",
            Signal::WORKER_CPU => "CPU des workers",
            Signal::WORKER_MEMORY => "mémoire des workers",
            Signal::ACTIVE_RECORDS => "messages en vol",
            Signal::MM2_RECORD_RATE => "débit de MM2 en messages",
            Signal::MM2_BYTE_RATE => "débit de MM2 en octets",
            Signal::MM2_RECORD_AGE_AVG => "âge moyen des messages",
            Signal::MM2_RECORD_AGE_MAX => "âge max des messages",
            Signal::BUFFER_WAIT => "attente du buffer du producer",
            Signal::PRODUCER_THROTTLE => "bridage par la cible",
            Signal::PRODUCER_REQUEST_LATENCY => "latence des requêtes produce",
            Signal::PRODUCER_QUEUE_TIME => "attente dans la file du producer",
            Signal::PRODUCER_BATCH_SIZE => "taille des batchs du producer",
            Signal::CONSUMER_LAG => "retard des consumers de MM2",
            Signal::CONSUMER_FETCH_LATENCY => "latence des fetchs",
            Signal::CONSUMER_THROTTLE => "bridage par la source",
            Signal::WORKER_PROCESS_CPU => "CPU du processus worker",
            Signal::WORKER_GC => "ramasse-miettes (GC)",
            Signal::WORKER_RSS => "mémoire résidente du worker",
            Signal::DISK_BUSY => "disque occupé",
            Signal::MM2_POLLED => "messages lus",
            Signal::MM2_WRITTEN => "messages écrits",
            Signal::MM2_WRITTEN_SHARE => "écrits sur lus",
            Signal::OFFSET_COMMIT_MAX => "durée max de commit des offsets",
            Signal::OFFSET_COMMIT_FAILURES => "échecs de commit des offsets",
            Signal::TASK_FAILURES => "tâches en échec",
            Signal::REBALANCES => "rééquilibrages",
            Signal::PRODUCER_ERRORS => "erreurs du producer",
            Signal::WORKER_HEAP_AFTER_GC => "heap après collecte",
            Signal::SOURCE_UNDER_REPLICATED => "partitions sous-répliquées, source",
            Signal::SOURCE_OFFLINE => "partitions hors ligne, source",
            Signal::TARGET_UNDER_REPLICATED => "partitions sous-répliquées, cible",
            Signal::TARGET_OFFLINE => "partitions hors ligne, cible",
            Signal::LOAD_SLIP => "notre propre retard (p99)",
            Signal::LOAD_UNSENT => "messages dus et non envoyés",
            Signal::LOAD_FAILED => "refusés par la source",
            Signal::SOURCE_ACK => "acquittement par la source (p99)",
            Signal::SOURCE_BLOCKED => "nos envois retenus par une file pleine",
            Signal::SOURCE_THROTTLE => "bridage de nos envois",
            Signal::CONNECT_RESTART => "redémarrage dans Connect",
            own => own,
        }
    }

    fn read_for(&self, read_for: ReadFor) -> &'static str {
        match read_for {
            ReadFor::Judging => "juger",
            ReadFor::Showing => "montrer",
            ReadFor::Explaining => "expliquer",
        }
    }

    fn cost(&self, read_for: ReadFor, signals: &[String]) -> String {
        let signals = signals.join(", ");
        match read_for {
            ReadFor::Judging => {
                format!("{signals} : jugés par un critère, sans lequel aucun palier ne peut être GO.")
            }
            ReadFor::Showing => format!(
                "{signals} : montrés, et la valeur manque ou est incomplète ; aucun verdict n'en dépend."
            ),
            ReadFor::Explaining => {
                format!(
                    "{signals} : aideraient à dire pourquoi un palier s'arrête ; aucun verdict n'en dépend."
                )
            }
        }
    }

    fn found(&self, found: &SignalsFound) -> String {
        let n = self.numbers();
        let scraped = match found.scrape_every_ms {
            Some(ms) => format!("relevés toutes les {}", n.seconds(ms as f64 / 1_000.0)),
            None => "rien des workers n'est relevé".to_owned(),
        };
        let profiles: Vec<String> =
            found.profiles.iter().map(|(family, profile)| format!("{family} = {profile}")).collect();
        let profiles =
            if profiles.is_empty() { String::new() } else { format!(" Nommage : {}.", profiles.join(" ; ")) };
        let (there, all) = (found.found().count() as u64, found.signals.len() as u64);
        format!("{} signaux trouvés dans {}, {scraped}.{profiles}", self.of(there, all), found.url)
    }

    fn of(&self, seen: u64, expected: u64) -> String {
        let n = self.numbers();
        format!("{} sur {}", n.count(seen), n.count(expected))
    }

    fn fewer_series(&self, seen: u64, expected: u64) -> String {
        let there = if seen < 2 { "seule série présente" } else { "séries présentes seulement" };
        format!("{} {there} sur {}", self.numbers().count(seen), self.numbers().count(expected))
    }

    fn increase(&self, quantity: &str) -> String {
        format!("{quantity} en tout")
    }

    fn panels(&self, why: &str) -> String {
        format!(
            "Latence avg et max de MM2, active records, buffer utilization, buffer exhausted, CPU et mémoire des \
             workers, disk I/O : non mesuré : {why}."
        )
    }
}

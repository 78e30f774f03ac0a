//! French: fixed words and the sentences about runs and steps.

mod attribution;
mod catch_up;
mod findings;
mod outcome;
mod panels;

use mm2_evidence::event::{ChainKind, Plan};
use mm2_evidence::run::{StepRun, WarmUp};
use mm2_slo::{CriterionName, Finding, Missing, Outcome};

use super::{Head, Labels, Numbers, Polls, Text};

pub(crate) struct French;

const LABELS: Labels = Labels {
    // Thin no-break spaces.
    numbers: Numbers { thousands: "\u{202f}", decimal: ",", before_unit: "\u{202f}", day: "j" },
    colon: " : ",
    title: "Phase 4 : Montée en Charge Progressive",
    rehearsal: "REHEARSAL (répétition) : prouve l'outil, pas une chaîne",

    results: "Grille de Résultats",
    results_head: [
        "Palier",
        "Débit demandé (msg/s)",
        "Débit atteint",
        "E2E avg",
        "E2E max",
        "p99 / limite",
        "Lag",
        "CPU %",
        "Résultat",
    ],
    recovery: "Temps de Récupération par Palier",
    recovery_head: ["Palier", "Lag max pendant", "Temps récup à < 1\u{202f}000"],
    records: "Ce que sont devenus les messages",
    records_head: [
        "Palier",
        "Envoyés",
        "Acquittés",
        "Reçus",
        "Perdus",
        "Non vus",
        "Doublons",
        "Hors ordre",
        "Altérés",
    ],
    findings: "Constats par Palier",
    findings_head: ["Critère", "Niveau", "Valeur", "Limite", "Pourquoi"],
    every_step: "Dans tous les paliers",
    deciding: "Ce qui n'est pas GO",
    connect: "Connect",
    troubles: "Incidents",
    result: "Résultat Final",
    capacity: "Capacité Maximale Validée",
    knee: "Entre",
    recommended: "Capacité Recommandée pour Prod",
    needed: "Besoin de la Prod en Pointe",
    margin: "Justification : marge pour pics, GC, maintenance.",
    limited_by: "Limitée par",
    checklist: "Checklist Phase 4",
    checklist_head: ["Critère", "Résultat"],
    checks: [
        "Tous les paliers documentés",
        "Capacité max identifiée",
        "Capacité prod calculée (70\u{202f}%)",
        "Temps récupération mesurés",
    ],
    decision: "Phase 4 terminée",
    next_phase: "GO pour Phase 5",
    method: "Comment c'est mesuré",
    settings: "Réglages des clients",

    not_measured: "non mesuré",
    in_english: " (en anglais)",
    no_trouble: "Aucun.",
    torn: "La dernière ligne des événements est déchirée, comme la laisse un processus tué ; cet événement est perdu.",
    none: "–",
    bytes: "o",
};

impl Text for French {
    fn labels(&self) -> &'static Labels {
        &LABELS
    }

    fn level(&self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::Go => "GO",
            Outcome::Warn => "WARN",
            Outcome::Inconclusive => "NON CONCLUANT",
            Outcome::Stop => "STOP",
            Outcome::Skipped => "ÉCARTÉ",
        }
    }

    fn criterion<'a>(&self, criterion: &'a CriterionName) -> &'a str {
        findings::criterion(criterion)
    }

    fn missing(&self, why: &Missing) -> String {
        findings::missing(why)
    }

    fn without_prometheus(&self, why: &Missing) -> String {
        match why {
            Missing::DeclaredAbsent(why) => {
                format!(
                    "il y faut Prometheus, que la chaîne déclare absent : {}",
                    findings::declared_absent(why)
                )
            }
            why => format!("il y faut Prometheus, et {}", self.missing(why)),
        }
    }

    fn finding(&self, finding: &Finding) -> String {
        findings::sentence(self, finding)
    }

    fn head(&self, head: &Head<'_>) -> Vec<String> {
        let kind = match head.chain {
            ChainKind::Rehearsal => "répétition",
            ChainKind::Lab => "laboratoire",
            ChainKind::File => "celle de l'utilisateur",
        };
        vec![
            format!("Exécution : {}, commencée le {}", head.run_id, head.started_at),
            format!("Chaîne : {kind} ({})", head.description),
            format!("Outil : version {}", head.tool_version),
            match head.exit_code {
                Some(code) => format!("Code de sortie : {code}"),
                None => "Code de sortie : aucun, l'exécution n'est pas allée à son terme".to_owned(),
            },
        ]
    }

    fn typeset(&self, sentence: &str) -> String {
        [" :", " ;", " ?", " !", " »"]
            .iter()
            .fold(sentence.to_owned(), |text, mark| text.replace(mark, &mark.replace(' ', "\u{a0}")))
            .replace("« ", "«\u{a0}")
    }

    fn not_held(&self) -> &'static str {
        "non tenu"
    }

    fn not_held_because(&self, last: Option<&str>, cut_short: bool) -> String {
        match last {
            Some(last) if cut_short => format!("non tenu : exécution coupée pendant {last}"),
            Some(last) => format!("non tenu : la montée s'est arrêtée à {last}"),
            None => "non tenu : l'exécution a pris fin avant".to_owned(),
        }
    }

    fn not_recovered(&self, limit_s: f64) -> String {
        format!("pas en {}", LABELS.numbers.seconds(limit_s))
    }

    fn part_of_step(&self, step: &StepRun) -> String {
        let rate = LABELS.numbers.count(step.step.rate_per_sec);
        let attempt = if step.attempt > 1 { ", tenu une seconde fois" } else { "" };
        format!("Palier {} : {rate} msg/s{attempt}", step.step.name)
    }

    fn replaced(&self, step: &StepRun, why: Option<&Finding>) -> String {
        let why = why.map_or_else(|| "il a été coupé".to_owned(), |finding| self.named_finding(finding));
        format!("{} a été tenu deux fois ; la première était NON CONCLUANTE : {why}.", step.step.name)
    }

    fn cut_short(&self, step: &StepRun) -> String {
        let load_on = LABELS.numbers.seconds(step.progress.loaded_s);
        let hold = LABELS.numbers.seconds(step.hold_s);
        format!(
            "{} a été coupé : la charge a duré {load_on} sur {hold}. Ses valeurs sont celles de la dernière \
             seconde écrite ; rien n'est jugé.",
            step.step.name
        )
    }

    fn polls(&self, polls: &Polls) -> String {
        let (answered, unanswered) =
            (LABELS.numbers.count(polls.answered), LABELS.numbers.count(polls.unanswered));
        let restarts = match polls.restarts {
            0 => "aucun redémarrage vu".to_owned(),
            1 => "redémarrage vu pendant 1 palier".to_owned(),
            n => format!("redémarrages vus pendant {n} paliers"),
        };
        format!("Statut lu chaque seconde : {answered} réponses, {unanswered} sans réponse ; {restarts}.")
    }

    fn no_connect(&self, why: &str) -> String {
        format!(
            "Redémarrages non mesurés : la chaîne déclare n'avoir pas de Connect à interroger : {}. Aucun ne \
             peut être exclu : les doublons sont jugés comme s'il y en avait eu un.",
            findings::declared_absent(why)
        )
    }

    fn at(&self, after_s: f64, step: Option<&str>, what: &str) -> String {
        let after = LABELS.numbers.seconds(after_s);
        match step {
            Some(step) => format!("Après {after}, pendant {step} : {what}"),
            None => format!("Après {after} : {what}"),
        }
    }

    fn definitions(&self, plan: &Plan) -> [String; 7] {
        let limit = LABELS.numbers.seconds(plan.recovery_limit_s);
        [
            "Latence E2E : de bout en bout, de l'instant où un message devait être envoyé à celui où il est vu sur \
             la cible ; un envoi en retard ne cache donc rien. Avg est la moyenne. Un message jamais arrivé \
             compte avec son âge à la clôture de l'audit."
                .to_owned(),
            "Débit atteint : messages dus pendant le palier, envoyés avant sa fin et acquittés au plus 5 s après, \
             par seconde de palier."
                .to_owned(),
            "p99 : GO s'il est prouvé que moins de 1\u{202f}% des messages atteignent la limite \
             (Clopper–Pearson, 95\u{202f}% unilatéral, corrigé des messages en retard ensemble) ; STOP si le \
             contraire est prouvé ; sinon NON CONCLUANT."
                .to_owned(),
            "Débit soutenu : une droite par le lag le plus bas de huit parts égales du palier ; STOP si une \
             croissance au-dessus de 0,5\u{202f}% du débit demandé est prouvée (95\u{202f}% unilatéral), GO si \
             le contraire l'est."
                .to_owned(),
            "Lag : messages acquittés par la source et pas encore reçus de la cible, à l'arrêt de la charge. \
             Ce ne sont pas les « active records » de MM2, qui sont en vol dans son producer."
                .to_owned(),
            format!(
                "Récupération : de l'arrêt de la charge jusqu'à un lag sous 1\u{202f}000 qui y reste 10 s (non \
                 comptées) ; abandonnée après {limit}."
            ),
            "Doublons : avertissement si un redémarrage les explique (au plus débit demandé × (intervalle de \
             flush des offsets + 10 s)), sinon STOP ; toujours STOP sur une chaîne exactly-once."
                .to_owned(),
        ]
    }

    fn unplanned_steps(&self, plan: &Plan) -> Vec<String> {
        let beyond = "Paliers B1, B2, … : au-delà du plan, chacun à 1,5 fois le débit du précédent, sous les limites du \
                      dernier palier prévu, jusqu'à ce que l'un échoue. Leur réussite ne change pas le verdict, \
                      seulement la capacité.";
        let refined = "Paliers R1, R2, … : à mi-chemin entre le débit validé et celui qui échoue, sous les limites de ce \
                       dernier, jusqu'à ce que les deux soient à 5\u{202f}% l'un de l'autre. Paliers C1, C2, … : le \
                       débit validé tenu une seconde fois ; s'il échoue, on cherche le suivant plus bas.";
        let asked = [(plan.beyond, beyond), (plan.refine, refined)];
        asked.into_iter().filter(|(asked, _)| *asked).map(|(_, said)| said.to_owned()).collect()
    }

    fn load(&self, plan: &Plan) -> String {
        let n = LABELS.numbers;
        format!(
            "Charge : chaque palier tenu {} (le runbook tient 5 min), valeurs de {} octets ({}), compression {}, \
             topics : {}, producers : {}.",
            n.seconds(plan.hold_s),
            n.count(plan.record_size_bytes),
            plan.payload,
            plan.compression,
            plan.topics.len(),
            plan.producers
        )
    }

    fn warm_up(&self, warm_up: Option<&WarmUp>) -> String {
        let n = LABELS.numbers;
        let Some(warm_up) = warm_up else { return "Échauffement : aucun.".to_owned() };
        let rate = n.count(warm_up.rate_per_sec);
        let Some(ended) = &warm_up.ended else {
            return format!("Échauffement : à {rate} msg/s, coupé ; non jugé.");
        };
        let p99: Vec<String> = ended.window_p99_ms.iter().map(|ms| n.ms(*ms)).collect();
        let p99 = if p99.is_empty() { "non mesuré".to_owned() } else { p99.join(" puis ") };
        let settled = if ended.settled { "il ne baissait plus" } else { "il baissait encore" };
        format!(
            "Échauffement : {} à {rate} msg/s, non jugé ; p99 de ses fenêtres de 10 s : {p99} ; {settled}.",
            n.seconds(ended.seconds)
        )
    }

    fn own_cost(&self, cores: f64, rss_bytes: u64) -> String {
        let n = LABELS.numbers;
        let mib = n.count(rss_bytes >> 20);
        format!(
            "La mesure elle-même a pris jusqu'à {} cœur de CPU et {mib} Mio de mémoire.",
            n.decimal(cores, 2)
        )
    }
}

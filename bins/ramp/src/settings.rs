//! Flags over environment over plan file over defaults, resolved once; everything after works on this.

use std::path::PathBuf;
use std::time::Duration;

use clap::CommandFactory;
use mm2_cli::{Failure, Invocation, Layered, Layers, OrFail, Origin, show_config};
use mm2_config::{HumanDuration, TomlFile};
use mm2_load::Compression;
use mm2_rehearsal::{Faults, STALL_AFTER};
use mm2_report::Lang;
use mm2_slo::{Criteria, Criterion, CriterionName, Ladder, Selection, Step};

use crate::args::{Args, Language};
use crate::plan::{CheckedPlan, Payload, PlanFile};

/// Which chain.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ChainChoice {
    Rehearsal(Faults),
    Lab,
    File(PathBuf),
}

/// Everything that a person can set, and where it came from.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) chain: Layered<ChainChoice>,
    pub(crate) steps: Layered<Vec<Step>>,
    pub(crate) hold: Layered<HumanDuration>,
    pub(crate) warm_up: Layered<HumanDuration>,
    pub(crate) recovery: Layered<HumanDuration>,
    pub(crate) beyond: Layered<bool>,
    pub(crate) refine: Layered<bool>,
    pub(crate) catch_up: Layered<Option<HumanDuration>>,
    pub(crate) record_size: Layered<usize>,
    pub(crate) payload: Layered<Payload>,
    pub(crate) compression: Layered<Compression>,
    pub(crate) producers: Layered<u16>,
    pub(crate) topics: Layered<Option<u32>>,
    pub(crate) out: Layered<PathBuf>,
    pub(crate) lang: Layered<Lang>,
    pub(crate) criteria: Layered<Criteria>,
    /// Those of them that the plan has a word on.
    own_criteria: Vec<CriterionName>,
}

impl Settings {
    /// Resolves one call.
    ///
    /// # Errors
    /// When a flag, a variable or the plan file is wrong: a usage failure.
    pub(crate) fn resolve(call: &Invocation<Args>) -> Result<Self, Failure> {
        let args = &call.args;
        let CheckedPlan { file: plan, ladder, criteria } = read_plan(args)?;
        let own_criteria = plan.own_criteria();
        let command = Args::command();
        let layers = Layers { command: &command, matches: &call.matches, file: args.plan.as_deref() };
        let chain = choose_chain(args, layers)?;
        let rehearses = matches!(chain.value, ChainChoice::Rehearsal(_));
        let by_chain = |rehearsal, other| move || seconds(if rehearses { rehearsal } else { other });
        let settings = Self {
            steps: choose_steps(args, layers, &ladder)?,
            hold: layers.pick("hold", args.hold, plan.hold, by_chain(20, 300)),
            warm_up: layers.pick("warm_up", args.warm_up, plan.warm_up, by_chain(5, 60)),
            recovery: layers.pick("recovery", args.recovery, plan.recovery, || seconds(120)),
            beyond: layers.pick("beyond", args.beyond.then_some(true), plan.beyond, || false),
            refine: layers.pick("refine", args.refine.then_some(true), plan.refine, || false),
            catch_up: layers.pick("catch_up", args.catch_up.map(Some), plan.catch_up.map(Some), || None),
            record_size: layers.pick("record_size", args.record_size, plan.record_size, || 1024),
            payload: layers.pick("plan", None, plan.payload, || Payload::Json),
            compression: layers.pick("plan", None, plan.compression, || Compression::None),
            producers: layers.pick("plan", None, plan.producers, || 1),
            topics: layers.pick("topics", args.topics.map(Some), None, || None),
            out: layers.pick("out", args.out.clone(), None, || PathBuf::from("runs")),
            lang: layers.pick("lang", args.lang.map(Lang::from), None, || Language::En.into()),
            criteria: layers.file_or(args.plan.is_some().then(|| criteria.clone()), || criteria),
            own_criteria,
            chain,
        };
        settings.check(args.yes)?;
        Ok(settings)
    }

    fn check(&self, yes: bool) -> Result<(), Failure> {
        let wrong = |text: &str| Err(Failure::Usage(anyhow::anyhow!("{text}")));
        if let Some(outage) = self.catch_up.value {
            if outage.get() < Duration::from_secs(10) {
                return wrong(
                    "catch-up is shorter than 10 s; hint: an outage of minutes is what production sees",
                );
            }
            if matches!(self.chain.value, ChainChoice::File(_)) && !yes {
                return wrong(
                    "--catch-up pauses the connector of this chain, and everything that it replicates waits meanwhile; hint: say --yes if that may be",
                );
            }
        }
        if self.hold.value.get() < Duration::from_secs(1) {
            return wrong(
                "hold is shorter than a second; hint: the proof of a p99 needs at least 300 records, a sustained step at least 10 s",
            );
        }
        if self.recovery.value.get() <= Duration::from_secs(10) {
            return wrong(
                "recovery is 10 s or shorter; hint: lost records are told from late ones only 10 s after the load",
            );
        }
        if let ChainChoice::Rehearsal(Faults { from: Some(from), .. }) = &self.chain.value {
            let steps: Vec<&str> = self.steps.value.iter().map(|step| step.name.as_str()).collect();
            if !steps.contains(&from.as_str()) {
                let steps = steps.join(", ");
                return wrong(&format!(
                    "--rehearse begins its faults in {from}, which is not among the steps of this climb ({steps}): nothing would go wrong; hint: name one of them, or leave from={from} out",
                ));
            }
        }
        if let ChainChoice::Rehearsal(Faults { stall: Some(_), .. }) = &self.chain.value
            && self.hold.value.get() <= STALL_AFTER
        {
            return wrong(&format!(
                "--rehearse stalls {} s after the first record of a hold, and a hold of {} is over by then; hint: hold for longer",
                STALL_AFTER.as_secs(),
                self.hold.value
            ));
        }
        if self.producers.value == 0 {
            return wrong("producers is 0; hint: one is enough for 100 000 records/s");
        }
        Ok(())
    }

    /// The table of `--show-config`.
    pub(crate) fn show(&self) -> String {
        let steps: Vec<&str> = self.steps.value.iter().map(|step| step.name.as_str()).collect();
        let topics = self.topics.value.map_or("as the chain says".to_owned(), |count| count.to_string());
        let catch_up = self.catch_up.value.map_or("no".to_owned(), |outage| outage.to_string());
        let mut rows = vec![
            ("chain", self.chain.value.describe(), self.chain.origin.clone()),
            ("steps", steps.join(","), self.steps.origin.clone()),
            ("hold", self.hold.value.to_string(), self.hold.origin.clone()),
            ("warm-up", self.warm_up.value.to_string(), self.warm_up.origin.clone()),
            ("recovery", self.recovery.value.to_string(), self.recovery.origin.clone()),
            ("beyond", self.beyond.value.to_string(), self.beyond.origin.clone()),
            ("refine", self.refine.value.to_string(), self.refine.origin.clone()),
            ("catch-up", catch_up, self.catch_up.origin.clone()),
            ("record-size", self.record_size.value.to_string(), self.record_size.origin.clone()),
            ("payload", self.payload.value.name().to_owned(), self.payload.origin.clone()),
            ("compression", self.compression.value.name().to_owned(), self.compression.origin.clone()),
            ("producers", self.producers.value.to_string(), self.producers.origin.clone()),
            ("topics", topics, self.topics.origin.clone()),
            ("out", self.out.value.display().to_string(), self.out.origin.clone()),
            ("lang", format!("{:?}", self.lang.value).to_lowercase(), self.lang.origin.clone()),
        ];
        let criteria = self.criteria.value.iter();
        let named: Vec<(String, &Criterion)> =
            criteria.map(|c| (format!("criterion.{}", c.name()), c)).collect();
        rows.extend(
            named.iter().map(|(key, criterion)| (key.as_str(), bands(criterion), self.origin_of(criterion))),
        );
        show_config(&rows)
    }

    fn origin_of(&self, criterion: &Criterion) -> Origin {
        let is_own = self.own_criteria.contains(criterion.name());
        if is_own { self.criteria.origin.clone() } else { Origin::Default }
    }
}

impl ChainChoice {
    fn describe(&self) -> String {
        match self {
            Self::Rehearsal(faults) => format!("rehearsal {faults}").trim_end().to_owned(),
            Self::Lab => "lab".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

/// `go <= 10000 records, warn otherwise, stop > 50000 records`.
fn bands(criterion: &Criterion) -> String {
    if let Some(why) = criterion.off() {
        return format!("off: {why}");
    }
    let written = criterion.to_wire();
    let bands = [("go", &written.go), ("warn", &written.warn), ("stop", &written.stop)];
    let bands = bands.into_iter().filter_map(|(level, band)| Some(format!("{level} {}", band.as_ref()?)));
    let advisory = criterion.is_advisory().then(|| "STOP counts as WARN".to_owned());
    bands.chain(advisory).collect::<Vec<_>>().join(", ")
}

fn seconds(seconds: u64) -> HumanDuration {
    HumanDuration::new(Duration::from_secs(seconds))
}

fn read_plan(args: &Args) -> Result<CheckedPlan, Failure> {
    match &args.plan {
        // Built in: its figures are the defaults below.
        None => Ok(CheckedPlan { file: PlanFile::default(), ..CheckedPlan::runbook()? }),
        Some(path) => Ok(CheckedPlan::read(&TomlFile::read(path)?)?),
    }
}

fn choose_steps(args: &Args, layers: Layers<'_>, ladder: &Ladder) -> Result<Layered<Vec<Step>>, Failure> {
    let chosen = match &args.steps {
        None => None,
        Some(text) => Some(text.parse::<Selection>().or_usage()?.of(ladder).or_usage()?),
    };
    let from_plan = args.plan.as_ref().map(|_| ladder.steps.clone());
    Ok(layers.pick("steps", chosen, from_plan, || ladder.steps.clone()))
}

fn choose_chain(args: &Args, layers: Layers<'_>) -> Result<Layered<ChainChoice>, Failure> {
    let wrong = |text: &str| Failure::Usage(anyhow::anyhow!("{text}"));
    let chosen = match args.chain.as_deref() {
        Some("lab") => Some(ChainChoice::Lab),
        Some("rehearsal") | None => None,
        Some(path) => Some(ChainChoice::File(path.into())),
    };
    if let Some(chain) = chosen {
        if args.rehearse.is_some() {
            return Err(wrong(
                "--rehearse names faults of the rehearsal, but another chain is chosen; hint: leave out one of --rehearse and --chain",
            ));
        }
        return Ok(layers.pick("chain", Some(chain), None, || ChainChoice::Lab));
    }
    // Somebody who has named a source means it: a rehearsal would be the wrong GO.
    if args.chain.is_none() && std::env::var_os("KAFKA_BOOTSTRAP_SERVERS").is_some() {
        return Err(wrong(
            "KAFKA_BOOTSTRAP_SERVERS names a source, but no chain says what its target is; hint: write a chain file and name it with --chain FILE, or say --chain rehearsal",
        ));
    }
    let faults = match &args.rehearse {
        None => Faults::default(),
        Some(text) => text.parse().or_usage()?,
    };
    let origin = layers.pick("chain", args.chain.clone(), None, String::new).origin;
    let origin = if args.rehearse.is_some() { Origin::Flag } else { origin };
    Ok(Layered { value: ChainChoice::Rehearsal(faults), origin })
}

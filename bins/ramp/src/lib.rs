//! `ramp`, Phase 4 of the runbook: load a MirrorMaker 2 chain step by step until it no longer keeps up.
//!
//! This is glue. What a load is, how records are read back and what a verdict needs live in the crates.

mod args;
mod disk_use;
mod plan;
mod progress;
mod settings;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use mm2_cli::{ExitStatus, Failure, Invocation, OrFail, Progress};
use mm2_evidence::RunLog;
use mm2_evidence::document::RunDocument;
use mm2_evidence::event::{Plan, RunStarted, SCHEMA, StepEnded, What};
use mm2_load::LoaderOptions;
use mm2_measure::{Payloads, RunClock};
use mm2_report::Lang;
use mm2_rig::{
    CatchUpPlan, ChainSpec, Owes, OwnCost, PrometheusSpec, Rig, RigError, RigErrorKind, RigOptions, WarmUp,
};
use mm2_slo::attribution::attribute;
use mm2_slo::{Climb, Criteria, CriterionName};

pub use crate::args::Args;
use crate::plan::Payload;
use crate::settings::{ChainChoice, Settings};

/// A chain warms up for at most this long, unless a longer warm-up was asked for.
const WARM_UP_AT_MOST: Duration = Duration::from_secs(180);
/// MM2's avg and max tell of up to so long ago: two windows of 30 s, and the one that is being filled.
const PANELS_LOOK_BACK: Duration = Duration::from_secs(90);
/// The drain after an outage is waited for this long, or for so many times the outage, whichever is longer: a chain
/// that needs more has no room to speak of.
const DRAIN_AT_LEAST: Duration = Duration::from_secs(600);
const DRAIN_OUTAGES: u32 = 4;
/// Payloads are made from this, so that two runs send the same bytes.
const PAYLOAD_SEED: u64 = 0x6d6d_3200;

/// Runs one call of `ramp`.
///
/// # Errors
/// When nothing was judged: wrong usage, or a chain that is not there or not ready.
pub async fn run(call: Invocation<Args>) -> Result<ExitStatus, Failure> {
    let settings = Settings::resolve(&call)?;
    if call.args.show_config {
        call.printer.data(&settings.show()).or_bug()?;
        return Ok(ExitStatus::Go);
    }
    let options = rig_options(&settings, &call)?;
    std::fs::create_dir_all(&settings.out.value)
        .with_context(|| {
            format!(
                "cannot write run folders to {}; hint: choose another folder with --out DIR",
                settings.out.value.display()
            )
        })
        .or_usage()?;
    let progress = Progress::new(&call.printer);
    let chain = match describe_chain(&settings, &progress, &call) {
        Err(RigError::Interrupted) => return Ok(ExitStatus::Interrupted),
        described => described.map_err(failure)?,
    };
    check_that_it_can_be_paused(&settings, &chain)?;
    let criteria = criteria(&settings, &chain).or_usage()?;
    let now_ms = options.clock.now_us() / 1_000;
    let mut log =
        RunLog::create(&settings.out.value, run_started(&settings, &chain, &options, now_ms), now_ms)
            .or_usage()?;
    for line in notes(&settings, &chain) {
        progress.event(&line);
    }
    log.observe(progress::observer(progress));

    let mut climb = climb(&settings, &chain);
    let clock = options.clock;
    let ended = ramp(&settings, &chain, options, &criteria, &mut climb, &mut log).await;
    write_journal(&chain, &log).or_bug()?;
    let status = conclude(climb, ended.as_ref().err(), &mut log, clock).or_bug()?;
    // Without a step there is nothing to report but why, and that is the error's part.
    if !log.run().steps.is_empty() {
        print_results(&settings, &call, &log).or_bug()?;
    }
    match ended {
        Err(error) if error.kind() != RigErrorKind::Interrupted => Err(failure(error)),
        _ => Ok(status),
    }
}

/// The climb, as a person would do it.
async fn ramp(
    settings: &Settings,
    chain: &ChainSpec,
    options: RigOptions,
    criteria: &Criteria,
    climb: &mut Climb,
    log: &mut RunLog,
) -> Result<(), RigError> {
    let clock = options.clock;
    let mut rig = Rig::open(chain, options, log).await?;
    rig.warm_up(&warm_up(settings), log).await?;
    rig.find_panels(log).await?;
    while let Some((step, attempt)) = climb.next_step() {
        let held = rig.hold(&step, attempt, settings.hold.value.get(), log).await?;
        let seen = rig.recover(held, log).await?;
        let observed = seen.observed(&step);
        let verdict = criteria.judge(&observed);
        climb.record(&step, &verdict, seen.evidence.achieved_per_sec());
        let ended = StepEnded {
            attribution: attribute(&step, &seen.evidence, &observed, &verdict),
            panels: seen.panels(),
            step: step.name,
            attempt,
            evidence: seen.evidence,
            verdict,
            own_cpu_cores: seen.own_cpu_cores,
            own_rss_max_bytes: seen.own_rss_max_bytes,
        };
        log.record(clock.now_us() / 1_000, What::StepEnded(Box::new(ended)))?;
    }
    let conclusion = climb.clone().conclude(false);
    let recommended_per_sec = conclusion.capacity.recommended_per_sec;
    log.record(clock.now_us() / 1_000, What::Concluded(Box::new(conclusion)))?;
    let Some(outage) = settings.catch_up.value else { return Ok(()) };
    let Some(rate_per_sec) = recommended_per_sec else {
        let text = "how the chain catches up was not measured: no step was validated, so no load is recommended that an outage could meet";
        return Ok(log.record(clock.now_us() / 1_000, What::Trouble { text: text.to_owned() })?);
    };
    rig.catch_up(&catch_up(rate_per_sec, outage.get()), log).await
}

/// An outage needs a mirror that can be paused.
fn check_that_it_can_be_paused(settings: &Settings, chain: &ChainSpec) -> Result<(), Failure> {
    match (settings.catch_up.value, chain.connect.absent()) {
        (Some(_), Some(why)) if chain.keeper.rehearsal().is_none() => Err(Failure::Usage(anyhow::anyhow!(
            "--catch-up pauses the connector, and there is no Connect to ask ({why}); hint: leave it out, or give Connect's REST with [connect] mode = \"rest\""
        ))),
        _ => Ok(()),
    }
}

/// What the steps are judged by. Where the workers' hosts carry other things too, how busy these are says nothing of the
/// workers alone.
fn criteria(settings: &Settings, chain: &ChainSpec) -> Result<Criteria, mm2_slo::Error> {
    let criteria = settings.criteria.value.clone();
    if !chain.expect.shared_worker_hosts {
        return Ok(criteria);
    }
    let of_hosts = [CriterionName::WORKER_CPU, CriterionName::WORKER_MEMORY];
    let judged = of_hosts.into_iter().filter(|name| settings.criteria.value.get(name).is_some());
    judged.into_iter().try_fold(criteria, Criteria::advisory)
}

fn climb(settings: &Settings, chain: &ChainSpec) -> Climb {
    let mut climb = Climb::new(settings.steps.value.clone());
    if settings.beyond.value {
        climb = climb.beyond();
    }
    if settings.refine.value {
        climb = climb.refine();
    }
    match need_per_sec(settings, chain) {
        Some(need_per_sec) => climb.requiring(need_per_sec),
        None => climb,
    }
}

/// What a person should know before it starts.
fn notes(settings: &Settings, chain: &ChainSpec) -> Vec<String> {
    let hold = settings.hold.value.get();
    let beyond = settings.beyond.value;
    let disk_use = || disk_use::beyond(&settings.steps.value, hold.as_secs_f64(), settings.record_size.value);
    let reads_panels = matches!(chain.prometheus, PrometheusSpec::Read(_));
    let too_short = (reads_panels && hold < PANELS_LOOK_BACK).then(|| {
        format!(
            "a hold of {} is shorter than what MM2's own latency panels look back ({} s): they will be INCONCLUSIVE; hold for 2m, or more",
            settings.hold.value,
            PANELS_LOOK_BACK.as_secs()
        )
    });
    beyond.then(disk_use).flatten().into_iter().chain(too_short).collect()
}

/// What production needs at its peak, by the chain file.
fn need_per_sec(settings: &Settings, chain: &ChainSpec) -> Option<u64> {
    let bytes = settings.record_size.value as u64;
    chain.requirement.as_ref().map(|requirement| requirement.records_per_sec(bytes))
}

/// An outage under the recommended load.
fn catch_up(rate_per_sec: u64, outage: Duration) -> CatchUpPlan {
    CatchUpPlan { rate_per_sec, outage, drain_limit: DRAIN_AT_LEAST.max(outage * DRAIN_OUTAGES) }
}

/// What a rehearsal's mirror really did, beside what was measured of it.
fn write_journal(chain: &ChainSpec, log: &RunLog) -> anyhow::Result<()> {
    if let Some(rehearsal) = chain.keeper.rehearsal() {
        log.write_file("rehearsal.json", &serde_json::to_string_pretty(&rehearsal.journal())?)?;
    }
    Ok(())
}

fn warm_up(settings: &Settings) -> WarmUp {
    let at_least = settings.warm_up.value.get();
    let at_most = match settings.chain.value {
        ChainChoice::Rehearsal(_) => at_least,
        ChainChoice::Lab | ChainChoice::File(_) => WARM_UP_AT_MOST,
    };
    let rate_per_sec = settings.steps.value.first().map_or(1, |step| step.rate_per_sec);
    WarmUp { rate_per_sec, at_least, at_most }
}

/// Writes what a climb that was cut short came to, and how the run ended; both reports go beside the events.
fn conclude(
    climb: Climb,
    failed: Option<&RigError>,
    log: &mut RunLog,
    clock: RunClock,
) -> Result<ExitStatus, mm2_evidence::EvidenceError> {
    let now_ms = || clock.now_us() / 1_000;
    let interrupted = matches!(failed, Some(RigError::Interrupted));
    if let Some(error) = failed.filter(|_| !interrupted) {
        log.record(now_ms(), What::Trouble { text: error.to_string() })?;
    }
    if log.run().conclusion.is_none() {
        log.record(now_ms(), What::Concluded(Box::new(climb.conclude(true))))?;
    }
    let cost = OwnCost::now();
    let ended = |status: ExitStatus| What::RunEnded {
        interrupted,
        exit_code: status.code(),
        cpu_s: cost.map(|cost| cost.cpu_s),
        rss_max_bytes: cost.map(|cost| cost.rss_max_bytes),
    };
    let status = match failed.map(RigError::kind) {
        None => ExitStatus::from(log.run().outcome().level),
        Some(RigErrorKind::Interrupted) => ExitStatus::Interrupted,
        Some(RigErrorKind::Usage) => ExitStatus::Usage,
        Some(RigErrorKind::Unavailable) => ExitStatus::Unavailable,
        Some(RigErrorKind::UndoFailed) => ExitStatus::UndoFailed,
        Some(RigErrorKind::Broken) => ExitStatus::Software,
    };
    log.record(now_ms(), ended(status))?;
    log.write_file("report.en.md", &mm2_report::markdown(log.run(), Lang::En))?;
    log.write_file("report.fr.md", &mm2_report::markdown(log.run(), Lang::Fr))?;
    Ok(status)
}

fn print_results(settings: &Settings, call: &Invocation<Args>, log: &RunLog) -> std::io::Result<()> {
    if call.args.json {
        let json = RunDocument::of(log.run()).to_json().map_err(std::io::Error::other)?;
        return call.printer.data(&json);
    }
    call.printer.data(&mm2_report::terminal(log.run(), settings.lang.value))?;
    call.printer.line(&format!("evidence: {}", log.dir().display()));
    Ok(())
}

fn describe_chain(
    settings: &Settings,
    progress: &Progress,
    call: &Invocation<Args>,
) -> Result<ChainSpec, RigError> {
    let topics = settings.topics.value;
    match &settings.chain.value {
        ChainChoice::Rehearsal(faults) => ChainSpec::rehearsal(topics, faults.clone()),
        ChainChoice::Lab => ChainSpec::lab(topics, &call.stop.flag(), &mut |line| progress.event(line)),
        ChainChoice::File(path) => ChainSpec::from_file(path, topics),
    }
}

fn rig_options(settings: &Settings, call: &Invocation<Args>) -> Result<RigOptions, Failure> {
    let size = settings.record_size.value;
    let payloads = match settings.payload.value {
        Payload::Json => Payloads::json(size, PAYLOAD_SEED),
        Payload::Random => Payloads::random(size, PAYLOAD_SEED),
    };
    Ok(RigOptions {
        clock: RunClock::start(),
        stop: call.stop.flag(),
        owes: Owes(call.stop.owes()),
        payloads: Arc::new(payloads.or_usage()?),
        loader: LoaderOptions {
            producers: settings.producers.value,
            compression: settings.compression.value,
            ..LoaderOptions::default()
        },
        recovery_limit: settings.recovery.value.get(),
    })
}

fn run_started(settings: &Settings, chain: &ChainSpec, options: &RigOptions, now_ms: u64) -> RunStarted {
    let mut client_settings = BTreeMap::new();
    let mut add =
        |prefix: &str, key: &str, value: String| client_settings.insert(format!("{prefix}.{key}"), value);
    for (side, cluster) in [("source", &chain.source), ("target", &chain.target)] {
        for (key, value) in cluster.redacted() {
            add(side, &key, value);
        }
    }
    // What the chain file sets for a cluster wins over ours, and is listed there.
    for (key, value) in options.loader.client_settings() {
        if !chain.source.client.contains_key(key) {
            add("producer", key, value);
        }
    }
    for (key, value) in chain.keeper.probe_options().client_settings() {
        if !chain.target.client.contains_key(key) {
            add("consumer", key, value);
        }
    }
    RunStarted {
        schema: SCHEMA,
        run_id: mm2_evidence::run_id(now_ms, "ramp"),
        phase: "ramp".to_owned(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        chain: chain.chain.clone(),
        plan: Plan {
            steps: settings.steps.value.clone(),
            hold_s: settings.hold.value.get().as_secs_f64(),
            warm_up_s: settings.warm_up.value.get().as_secs_f64(),
            recovery_limit_s: settings.recovery.value.get().as_secs_f64(),
            record_size_bytes: settings.record_size.value as u64,
            payload: settings.payload.value.name().to_owned(),
            compression: settings.compression.value.name().to_owned(),
            topics: chain.topics.names.clone(),
            producers: settings.producers.value,
            beyond: settings.beyond.value,
            refine: settings.refine.value,
            need_per_sec: need_per_sec(settings, chain),
            catch_up_s: settings.catch_up.value.map(|outage| outage.get().as_secs_f64()),
        },
        settings: client_settings,
    }
}

fn failure(error: RigError) -> Failure {
    match error.kind() {
        RigErrorKind::Usage => Failure::Usage(error.into()),
        RigErrorKind::Unavailable => Failure::Unavailable(error.into()),
        RigErrorKind::UndoFailed => Failure::UndoFailed(error.into()),
        RigErrorKind::Interrupted | RigErrorKind::Broken => Failure::Bug(error.into()),
    }
}

//! From recordings to what the library judges: cut to the window, with the units and kinds that criteria expect.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use mm2_slo::observations::Kind;
use mm2_slo::{Criteria, Criterion, Observation, Observations, Series, Setting, Signal, Source, Total, Unit};

use crate::args::CheckArgs;
use crate::baseline;
use crate::data::{Recorded, Recording, Sampled, Wanted};
use crate::notes::{Notes, listed};
use crate::quantity;
use crate::window::{Intervals, Window};

/// How many series signals must have.
pub(crate) type Expected = BTreeMap<String, usize>;

/// Reads `--expect`.
pub(crate) fn expected(typed: &[String], wanted: &Wanted) -> anyhow::Result<Expected> {
    let mut expected = Expected::new();
    for typed in typed {
        let (signal, count) = typed.rsplit_once('=').unwrap_or((typed, ""));
        let count: usize = count.parse().ok().filter(|count| *count > 0).with_context(|| {
            format!("--expect `{typed}`: write a signal and a count above 0, such as --expect consumer.lag=3")
        })?;
        wanted.require(signal, "--expect")?;
        expected.insert(signal.to_owned(), count);
    }
    Ok(expected)
}

/// What limits depend on, from `--asked`, `--known` and `--baseline`.
pub(crate) fn setting(args: &CheckArgs, criteria: &Criteria, notes: &mut Notes) -> anyhow::Result<Setting> {
    let mut setting = Setting::default();
    if let Some(asked) = &args.asked {
        setting = setting.asked(quantity::read_rate(asked).context("--asked")?);
    }
    for typed in &args.known {
        let (name, text) = typed
            .split_once('=')
            .with_context(|| format!("--known `{typed}`: write it like --known p99_limit=\"1 s\""))?;
        if name == "baseline" {
            bail!(
                "--known cannot say what `baseline` is: each criterion has its own; hint: give --baseline FILE"
            );
        }
        if !criteria.iter().any(|criterion| names(criterion, name)) {
            notes.warn(format!("--known {name}: no limit of the criteria depends on it"));
        }
        setting = setting.known(name, quantity::read(text).with_context(|| format!("--known {name}"))?);
    }
    match &args.baseline {
        Some(path) => baseline::load(path, setting),
        None => Ok(setting),
    }
}

/// Whether a limit of the criterion depends on `name`.
pub(crate) fn names(criterion: &Criterion, name: &str) -> bool {
    let wire = criterion.to_wire();
    let limits = [&wire.go, &wire.warn, &wire.stop, &wire.settle];
    let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    limits.into_iter().flatten().any(|limit| limit.split(word).any(|part| part == name))
}

/// What was recorded, as the criteria are to see it.
pub(crate) fn observations(
    recordings: Vec<Recording>,
    criteria: &Criteria,
    window: &Window,
    intervals: &Intervals,
    expected: &Expected,
    notes: &mut Notes,
) -> Observations {
    let mut observations = Observations::over(window.seconds());
    for recording in recordings {
        for (signal, recorded) in recording.signals {
            let taken = Taken::by(criteria, &signal, notes);
            let seen = match recorded {
                Recorded::Missing(why) => Err(why),
                Recorded::Total { value, unit, complete } => {
                    let total = Total::new(value, unit.unwrap_or(taken.unit));
                    Ok(Observation::Total(if complete { total } else { total.incomplete() }))
                }
                Recorded::Sampled(sampled) => {
                    let every_ms = intervals.of(&signal, sampled.every_ms);
                    let expected = expected.get(&signal).copied();
                    Ok(taken.sampled(&signal, sampled, window, every_ms, expected, notes))
                }
            };
            observations = observations.with_result(Signal::from(signal), seen);
        }
    }
    observations
}

/// What the criteria take a signal for.
struct Taken {
    unit: Unit,
    kind: Kind,
}

impl Taken {
    fn by(criteria: &Criteria, signal: &str, notes: &mut Notes) -> Self {
        let judges: Vec<&Criterion> = criteria.iter().filter(|c| c.signal().as_str() == signal).collect();
        let counts = |criterion: &&&Criterion| {
            matches!(criterion.to_wire().over_time.as_deref(), Some("rate" | "increase"))
        };
        let counting = judges.iter().filter(counts).count();
        if (1..judges.len()).contains(&counting) {
            notes.warn(format!(
                "{} take `{signal}` for a count (rate, increase) and for a level, and it can be only one; hint: record it under two names",
                listed(judges.iter().map(|criterion| criterion.name().as_str()))
            ));
        }
        let kind = if counting > 0 { Kind::Counter } else { Kind::Gauge };
        // One unit a signal: the library has seen to that.
        Self { unit: judges.first().map_or(Unit::Count, |criterion| criterion.unit()), kind }
    }

    fn sampled(
        &self,
        signal: &str,
        recorded: Sampled,
        window: &Window,
        every_ms: u64,
        expected: Option<usize>,
        notes: &mut Notes,
    ) -> Observation {
        let unit = recorded.unit.unwrap_or(self.unit);
        let source = match recorded.kind.unwrap_or(self.kind) {
            Kind::Counter => Source::counter(unit, every_ms),
            Kind::Gauge => Source::gauge(unit, every_ms),
        };
        let source = expected.map_or(source, |count| source.expect(count));
        let mut outside = 0;
        let mut all = Vec::new();
        for (name, samples) in recorded.series {
            let before = samples.len();
            let placed = |(at_ms, value)| window.place(at_ms).map(|at_ms| (at_ms, value));
            let samples: Vec<(u64, f64)> = samples.into_iter().filter_map(placed).collect();
            outside += before - samples.len();
            all.push(Series::new(name, samples));
        }
        let read_as = if recorded.unit.is_some() { String::new() } else { format!(", read as {unit}") };
        let are = if all.len() == 1 { "1 series".to_owned() } else { format!("{} series", all.len()) };
        notes.line(format!("`{signal}`: {are}{read_as}"));
        if outside > 0 {
            notes.line(format!("`{signal}`: {outside} samples outside of the window are left out"));
        }
        Observation::Sampled(source.series(all))
    }
}

//! One criterion, checked: what it judges, how, and by which bands.

use crate::bands::{Bands, Limit};
use crate::error::Error;
use crate::name::{CriterionName, Signal};
use crate::unit::{Quantity, Unit};
use crate::wire::v1::{self, BlockBy, OverSeries};

/// A criterion that makes sense: its bands leave no gap, its units fit, its rule has what it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Criterion {
    pub(crate) name: CriterionName,
    pub(crate) signal: Signal,
    pub(crate) unit: Unit,
    pub(crate) rule: Rule,
    pub(crate) bands: Bands,
    pub(crate) settle: Limit,
    pub(crate) not_before_s: f64,
    pub(crate) scale_above: Option<f64>,
    pub(crate) wire: v1::Criterion,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Rule {
    Measure(Measure),
    /// The share of records that may be at or over the limit, 0 to 1.
    Claim {
        share: f64,
    },
    Growth,
    Trend {
        block_s: f64,
        by: BlockBy,
    },
    Uniform {
        at_least_ms: f64,
        min_records: u64,
        partitions: Option<usize>,
    },
    Duplicates {
        flush_ms: u64,
        grace_ms: u64,
    },
    Delivered,
    Slip,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measure {
    pub(crate) over_series: Option<OverSeries>,
    /// `None` for a signal that is one number a window.
    pub(crate) over_time: Option<OverTime>,
    pub(crate) for_ticks: usize,
    /// Ratio, 0 to 1.
    pub(crate) coverage: f64,
    pub(crate) series: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum OverTime {
    Avg,
    Max,
    Min,
    Last,
    /// The rank, 0 to 1.
    Percentile(f64),
    Rate,
    Increase,
    Slope,
    ShareAbove(f64),
    ShareBelow(f64),
}

/// A value must hold for this many ticks at the most.
const LONGEST_FOR: u32 = 600;
/// What must be there of the ticks, per cent.
const COVERAGE_PERCENT: f64 = 90.0;
/// A partition with fewer records shows nothing: design, "Phase 3".
const MIN_RECORDS: u64 = 300;

impl Criterion {
    /// Its name.
    pub fn name(&self) -> &CriterionName {
        &self.name
    }

    /// What a person calls it; its name where nobody said.
    pub fn title(&self) -> &str {
        self.wire.title.as_deref().unwrap_or(self.name.as_str())
    }

    /// The phase of the runbook, 0 to 8, where it belongs to one.
    pub fn phase(&self) -> Option<u8> {
        self.wire.phase
    }

    /// The step or row of that phase.
    pub fn step(&self) -> Option<&str> {
        self.wire.step.as_deref()
    }

    /// The signal that it judges.
    pub fn signal(&self) -> &Signal {
        &self.signal
    }

    /// The unit of the signal. Values and limits of its findings are in [`Bands::unit`].
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// Its bands.
    pub fn bands(&self) -> &Bands {
        &self.bands
    }

    /// Whether its STOP counts as WARN.
    pub fn is_advisory(&self) -> bool {
        self.wire.advisory.unwrap_or_default()
    }

    /// Whether its STOP shows nothing while our own generator slipped.
    pub(crate) fn is_void_if_slip(&self) -> bool {
        self.wire.void_if_slip.unwrap_or_default()
    }

    /// Why it is switched off, where it is.
    pub fn off(&self) -> Option<&str> {
        self.wire.off.as_deref()
    }

    /// As it would be written in a file.
    pub fn to_wire(&self) -> &v1::Criterion {
        &self.wire
    }

    /// Names that its limits depend on, `baseline` among them.
    pub(crate) fn depends_on(&self) -> impl Iterator<Item = &str> {
        self.bands.names().chain(self.settle.name())
    }
}

impl TryFrom<v1::Criterion> for Criterion {
    type Error = Error;

    fn try_from(wire: v1::Criterion) -> Result<Self, Error> {
        let name = wire.name.clone();
        check(wire).map_err(|message| Error::criterion_is(name.as_str(), message))
    }
}

fn check(wire: v1::Criterion) -> Result<Criterion, String> {
    let usable = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if wire.name.as_str().is_empty() || !wire.name.as_str().chars().all(usable) {
        return Err("its name may have lower case letters, digits and `_` only".to_owned());
    }
    if let Some(phase) = wire.phase.filter(|phase| *phase > 8) {
        return Err(format!("the runbook has phases 0 to 8, not {phase}"));
    }
    let signal = wire.signal.clone().ok_or("it has no `signal`")?;
    let unit =
        wire.unit.ok_or("it has no `unit`; write that of the signal's values, such as `unit = \"ms\"`")?;
    let rule = read_rule(&wire, unit)?;
    refuse_strangers(&wire, &rule)?;
    let bands = match &rule {
        // Per cent of the asked rate, or records over the window: the limit says which.
        Rule::Growth if wire.go.as_deref().is_some_and(|go| go.contains('%')) => {
            read_bands(&wire, Unit::Percent)
        }
        _ => read_bands(&wire, judged_unit(&rule, unit)?),
    }?;
    match rule {
        Rule::Claim { .. } => check_proof(&bands, "<")?,
        Rule::Growth => check_proof(&bands, "<=")?,
        Rule::Trend { .. } => check_trend(&bands)?,
        _ => {}
    }
    let settle = wire.settle.as_deref().map_or(Ok(Limit::Fixed(0.0)), |text| {
        Limit::parse(text, Unit::S).map_err(|why| format!("`settle`: {why}"))
    })?;
    let not_before_s = wire.not_before.as_deref().map_or(Ok(0.0), |text| seconds("not_before", text))?;
    let scale_above = wire.scale_above.as_deref().map(|text| {
        let limit = Limit::parse(text, Unit::RecordsPerSec).map_err(|why| format!("`scale_above`: {why}"))?;
        match limit {
            Limit::Fixed(rate) if rate > 0.0 => Ok(rate),
            _ => Err("`scale_above` must be a rate above 0".to_owned()),
        }
    });
    let scale_above = scale_above.transpose()?;
    Ok(Criterion {
        name: wire.name.clone(),
        signal,
        unit,
        rule,
        bands,
        settle,
        not_before_s,
        scale_above,
        wire,
    })
}

fn read_bands(wire: &v1::Criterion, unit: Unit) -> Result<Bands, String> {
    Bands::parse(unit, wire.go.as_deref(), wire.warn.as_deref(), wire.stop.as_deref())
}

/// The unit of values and limits, given that of the signal.
fn judged_unit(rule: &Rule, unit: Unit) -> Result<Unit, String> {
    let over_time = match rule {
        Rule::Measure(measure) => measure.over_time,
        Rule::Trend { .. } => return Ok(Unit::Percent),
        Rule::Uniform { .. } => return Ok(Unit::Ratio),
        _ => None,
    };
    match over_time {
        Some(OverTime::ShareAbove(_) | OverTime::ShareBelow(_)) => Ok(Unit::Percent),
        Some(OverTime::Rate | OverTime::Slope) => unit
            .per_second()
            .map(|(unit, _)| unit)
            .ok_or_else(|| format!("a growth per second of {unit} has no unit; use `increase` or `trend`")),
        _ => Ok(unit),
    }
}

fn read_rule(wire: &v1::Criterion, unit: Unit) -> Result<Rule, String> {
    let is_time = matches!(unit, Unit::Ms | Unit::S);
    let needs = |good: bool, what: &str| {
        if good { Ok(()) } else { Err(format!("this rule judges {what}, not {unit}")) }
    };
    Ok(match wire.rule.unwrap_or(v1::Rule::Measure) {
        v1::Rule::Measure => Rule::Measure(read_measure(wire, unit)?),
        v1::Rule::Claim => {
            needs(is_time, "a time")?;
            let text =
                wire.over_time.as_deref().ok_or("a claim needs its percentile: `over_time = \"p99\"`")?;
            let percent = percentile(text)
                .ok_or_else(|| format!("`{text}` is no percentile; write for example `p99`"))?;
            Rule::Claim { share: (100.0 - percent) / 100.0 }
        }
        v1::Rule::Growth => {
            needs(unit == Unit::Records, "records")?;
            Rule::Growth
        }
        v1::Rule::Trend => {
            let block_s = wire.block.as_deref().map_or(Ok(900.0), |text| seconds("block", text))?;
            if block_s < 1.0 {
                return Err("`block` must be at least 1 s".to_owned());
            }
            Rule::Trend { block_s, by: wire.block_by.unwrap_or(BlockBy::Middle) }
        }
        v1::Rule::Uniform => {
            needs(is_time, "a time")?;
            let at_least_s = wire.at_least.as_deref().map_or(Ok(0.5), |text| seconds("at_least", text))?;
            Rule::Uniform {
                at_least_ms: at_least_s * 1e3,
                min_records: wire.min_records.unwrap_or(MIN_RECORDS),
                partitions: some_series(wire)?,
            }
        }
        v1::Rule::Duplicates => {
            needs(unit == Unit::Records, "records")?;
            let ms = |key, text: Option<&str>, default: f64| {
                text.map_or(Ok(default), |text| seconds(key, text)).map(whole_ms)
            };
            Rule::Duplicates {
                flush_ms: ms("flush_interval", wire.flush_interval.as_deref(), 60.0)?,
                grace_ms: ms("replay_grace", wire.replay_grace.as_deref(), 10.0)?,
            }
        }
        v1::Rule::Delivered => {
            needs(unit == Unit::Percent, "per cent")?;
            Rule::Delivered
        }
        v1::Rule::Slip => {
            needs(unit == Unit::Ms, "milliseconds")?;
            Rule::Slip
        }
    })
}

fn read_measure(wire: &v1::Criterion, unit: Unit) -> Result<Measure, String> {
    let over_time = wire.over_time.as_deref().map(|text| over_time(text, unit)).transpose()?;
    let for_ticks = wire.for_ticks.unwrap_or(1);
    if !(1..=LONGEST_FOR).contains(&for_ticks) {
        return Err(format!("`for` goes from 1 to {LONGEST_FOR} ticks"));
    }
    if for_ticks > 1 && !matches!(over_time, Some(OverTime::Max | OverTime::Min)) {
        return Err(
            "`for` goes with `over_time` `max` or `min`: the value that held for so many ticks".to_owned()
        );
    }
    let coverage = match wire.coverage.as_deref() {
        None => COVERAGE_PERCENT,
        Some(text) => match Limit::parse(text, Unit::Percent).map_err(|why| format!("`coverage`: {why}"))? {
            Limit::Fixed(percent) if percent > 0.0 && percent <= 100.0 => percent,
            _ => return Err("`coverage` goes from above 0 % to 100 %".to_owned()),
        },
    };
    let series = some_series(wire)?;
    Ok(Measure {
        over_series: wire.over_series,
        over_time,
        for_ticks: for_ticks as usize,
        coverage: coverage / 100.0,
        series,
    })
}

fn some_series(wire: &v1::Criterion) -> Result<Option<usize>, String> {
    match wire.series {
        Some(0) => Err("`series = 0` expects nothing, so nothing could be missing".to_owned()),
        series => Ok(series.map(|series| series as usize)),
    }
}

fn over_time(text: &str, unit: Unit) -> Result<OverTime, String> {
    Ok(match text {
        "avg" => OverTime::Avg,
        "max" => OverTime::Max,
        "min" => OverTime::Min,
        "last" => OverTime::Last,
        "rate" => OverTime::Rate,
        "increase" => OverTime::Increase,
        "slope" => OverTime::Slope,
        text => {
            if let Some(condition) = text.strip_prefix("share") {
                return share(condition, unit);
            }
            percentile(text).map(|percent| OverTime::Percentile(percent / 100.0)).ok_or_else(|| {
                format!(
                    "`over_time = \"{text}\"` is not known; write avg, max, min, last, p50, p95, p99, rate, increase, slope or `share > Q`"
                )
            })?
        }
    })
}

fn share(condition: &str, unit: Unit) -> Result<OverTime, String> {
    let condition = condition.trim();
    let fixed = |text: &str| match Limit::parse(text, unit)? {
        Limit::Fixed(value) => Ok(value),
        Limit::Relative { .. } => Err("the limit of a share of time must be a figure".to_owned()),
    };
    match (condition.strip_prefix('>'), condition.strip_prefix('<')) {
        (Some(limit), _) => Ok(OverTime::ShareAbove(fixed(limit)?)),
        (_, Some(limit)) => Ok(OverTime::ShareBelow(fixed(limit)?)),
        _ => Err(format!("`share {condition}`: write `share > Q` or `share < Q`")),
    }
}

/// `p99.9` is 99.9; from p50 to below p100.
fn percentile(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('p').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))?;
    let percent: f64 = digits.parse().ok()?;
    (50.0..100.0).contains(&percent).then_some(percent)
}

fn seconds(key: &str, text: &str) -> Result<f64, String> {
    let quantity = Quantity::parse(text, Unit::S).map_err(|why| format!("`{key}`: {why}"))?;
    match quantity.value_in(Unit::S) {
        Some(seconds) if seconds >= 0.0 => Ok(seconds),
        Some(_) => Err(format!("`{key}` is negative")),
        None => Err(format!("`{key}` is a time; write for example `60 s`")),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float becomes the nearest number that fits, and 0 where it is not one"
)]
fn whole_ms(seconds: f64) -> u64 {
    (seconds * 1e3).round() as u64
}

/// What is proved is one thing or the other: records count at or over a limit, growth above it.
fn check_proof(bands: &Bands, relation: &str) -> Result<(), String> {
    let go = bands.go().written();
    let is = go.strip_prefix(relation).is_some_and(|rest| !rest.starts_with('='));
    if is && bands.warn().is_none() && bands.stop().is_some() {
        return Ok(());
    }
    Err(format!("it is proved or not: write `go = \"{relation} LIMIT\"` and `stop = \"otherwise\"`"))
}

fn check_trend(bands: &Bands) -> Result<(), String> {
    let below = bands.go().written().starts_with('<');
    if below
        && bands.stop().is_some_and(|stop| stop.written() == "otherwise" || stop.written().starts_with('>'))
    {
        return Ok(());
    }
    Err("a trend is growth in per cent a day: write `go = \"< 10 %\"`, `warn = \"otherwise\"` and `stop = \">= 50 %\"`"
        .to_owned())
}

/// A key that the rule does not read would be a limit that nobody judges by.
fn refuse_strangers(wire: &v1::Criterion, rule: &Rule) -> Result<(), String> {
    let measure = matches!(rule, Rule::Measure(_));
    // A signal that is one number a window has no ticks.
    let ticks = matches!(rule, Rule::Measure(measure) if measure.over_time.is_some());
    for (given, key, read) in [
        (wire.over_series.is_some(), "over_series", ticks),
        (wire.over_time.is_some(), "over_time", measure || matches!(rule, Rule::Claim { .. })),
        (wire.for_ticks.is_some(), "for", ticks),
        (wire.coverage.is_some(), "coverage", ticks),
        (wire.series.is_some(), "series", ticks || matches!(rule, Rule::Uniform { .. })),
        (wire.settle.is_some(), "settle", ticks || matches!(rule, Rule::Growth | Rule::Trend { .. })),
        (wire.block.is_some(), "block", matches!(rule, Rule::Trend { .. })),
        (wire.block_by.is_some(), "block_by", matches!(rule, Rule::Trend { .. })),
        (wire.at_least.is_some(), "at_least", matches!(rule, Rule::Uniform { .. })),
        (wire.min_records.is_some(), "min_records", matches!(rule, Rule::Uniform { .. })),
        (wire.flush_interval.is_some(), "flush_interval", matches!(rule, Rule::Duplicates { .. })),
        (wire.replay_grace.is_some(), "replay_grace", matches!(rule, Rule::Duplicates { .. })),
    ] {
        if given && !read {
            return Err(format!("`{key}` is not read by this rule; remove it"));
        }
    }
    Ok(())
}

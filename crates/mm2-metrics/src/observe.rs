//! From the samples of a window to an observation: pure, without Prometheus.
//!
//! Times are milliseconds since the window began, and negative before it.

use std::collections::BTreeMap;

use mm2_evidence::signals::PanelFigures;
use mm2_slo::Unit;
use mm2_slo::finding::Missing;
use mm2_slo::observations::{Sampled, Series, Source, Total};

use crate::catalogue::{Belongs, Combine, Read};
use crate::chain::Chain;
use crate::client::Answered;
use crate::labels::Labels;
use crate::plan::{Plan, apart, every_label};
use crate::series::{Line, Points, distance_ms};

/// What one signal showed.
#[derive(Debug)]
pub(crate) struct Observed {
    pub(crate) sampled: Result<Sampled, Missing>,
    pub(crate) total: Option<Total>,
    pub(crate) figures: Result<PanelFigures, Missing>,
    /// What the reason alone does not say.
    pub(crate) said: Option<String>,
}

/// The window as this module sees it.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_field_names, reason = "the unit belongs to each name")]
pub(crate) struct Span {
    pub(crate) length_ms: i64,
    pub(crate) quiet_before_ms: u64,
    /// Distance of scrapes, where the samples themselves do not tell.
    pub(crate) every_ms: u64,
}

/// One series of the signal: what its samples come to.
struct Made {
    name: String,
    /// Within the window, in the signal's unit.
    points: Points,
    /// What a counter was increased by, what a gauge rose by; of a share, `(part, whole)`.
    increase: Option<f64>,
    share: Option<(f64, f64)>,
}

impl Observed {
    pub(crate) fn none(why: &Missing) -> Self {
        Self { sampled: Err(why.clone()), total: None, figures: Err(why.clone()), said: None }
    }
}

/// Makes an observation of what was answered; `answered` has times since the window began.
pub(crate) fn observe(plan: &Plan, chain: &Chain, answered: &[Answered], span: Span) -> Observed {
    let ours: Vec<&Answered> = answered
        .iter()
        .filter(|series| plan.belongs.is_none_or(|belongs| chain.has(belongs, &series.labels)))
        .collect();
    let every_ms = distance_ms(ours.iter().map(|series| series.samples.as_slice())).unwrap_or(span.every_ms);
    let span = Span { every_ms: every_ms.max(1), ..span };
    if let Some(said) = below_zero(plan, &ours, span) {
        return Observed { said: Some(said), ..Observed::none(&Missing::NotFinite) };
    }
    let made = match lines(plan, chain, &ours, span) {
        Ok(lines) => made(plan, lines, span),
        Err(why) => return Observed::none(&why),
    };
    if made.is_empty() {
        return Observed::none(&why_nothing(&ours, span));
    }
    let counter = plan.read == Read::Counter;
    let source = if counter {
        Source::counter(plan.entry.unit, span.every_ms)
    } else {
        Source::gauge(plan.entry.unit, span.every_ms)
    };
    let looks_back_ms = plan.entry.looks_back_ms(span.quiet_before_ms);
    let source = plan.expected.map_or(source, |expected| source.expect(expected)).looks_back(looks_back_ms);
    let total = total(plan, &made, span);
    let figures = figures(plan, &made, i64::try_from(looks_back_ms).unwrap_or(i64::MAX));
    let series = made.into_iter().map(|one| Series::new(one.name, unsigned(one.points)));
    Observed { sampled: Ok(source.series(series)), total, figures, said: None }
}

/// No share and no time is below zero. A JVM says -1 where it does not know, and MM2 reckons a latency below zero
/// where clocks are apart: then the others are as wrong.
fn below_zero(plan: &Plan, ours: &[&Answered], span: Span) -> Option<String> {
    let never = plan.read == Read::Value && matches!(plan.entry.unit, Unit::Percent | Unit::Ms);
    let is_below =
        |(at, value): &&(i64, f64)| (0..=span.length_ms).contains(at) && value.is_finite() && *value < 0.0;
    let series =
        ours.iter().filter(|_| never).find_map(|one| Some((one, one.samples.iter().find(is_below)?)));
    let (one, (_, value)) = series?;
    let why = match plan.entry.unit {
        Unit::Ms => "the clocks of the machines are apart",
        _ => "a JVM that does not know says -1",
    };
    Some(format!("{} is {value}, below zero: {why}", every_label(&one.labels)))
}

/// Which metric of the way, and what tells it apart from others of the same key.
type Part = (usize, String);
type Lines = BTreeMap<String, BTreeMap<Part, Line>>;

fn lines(plan: &Plan, chain: &Chain, ours: &[&Answered], span: Span) -> Result<Lines, Missing> {
    let mut pieces: Lines = BTreeMap::new();
    for series in ours {
        let metric =
            series.labels.get("__name__").and_then(|name| plan.names.iter().position(|it| it == name));
        let part = (metric.unwrap_or(0), part_of(plan, &series.labels));
        let finite = series.samples.iter().filter(|(_, value)| value.is_finite()).copied().collect();
        let key = key(plan, chain, &series.labels);
        pieces.entry(key).or_default().entry(part).or_default().pieces.push(finite);
    }
    // A task that moves is on both workers for a scrape or two at most.
    let overlap_ms = i64::try_from(2 * span.every_ms).unwrap_or(i64::MAX);
    let mut lines = Lines::new();
    for (key, parts) in pieces {
        for (part, line) in parts {
            let line = line.in_order(overlap_ms).ok_or(Missing::SameName)?;
            if !line.pieces.is_empty() {
                lines.entry(key.clone()).or_default().insert(part, line);
            }
        }
    }
    Ok(lines)
}

fn key(plan: &Plan, chain: &Chain, labels: &Labels) -> String {
    let key = belongs(plan).and_then(|belongs| chain.key(plan.entry.per, belongs, labels));
    key.unwrap_or_else(|| every_label(labels))
}

fn part_of(plan: &Plan, labels: &Labels) -> String {
    belongs(plan).map_or_else(String::new, |belongs| apart(plan.entry.per, belongs, plan.apart, labels))
}

fn belongs(plan: &Plan) -> Option<Belongs> {
    plan.belongs.or_else(|| plan.entry.ways.first().map(|way| way.family.belongs()))
}

fn made(plan: &Plan, lines: Lines, span: Span) -> Vec<Made> {
    let made = lines.into_iter().map(|(name, parts)| {
        let (points, increase, share) = match plan.read {
            Read::Value | Read::Rises => {
                let points = combined(parts.values().map(Line::points), plan.combine);
                let increase = (plan.read == Read::Rises).then(|| rises(&points, span));
                (points, increase, None)
            }
            Read::Counter => {
                let points = combined(parts.values().map(Line::counted), plan.combine);
                let increase = increase(&points, span);
                (with_the_one_before(points, span), increase, None)
            }
            Read::Busy => (per_second(&parts, plan.combine), None, None),
            Read::NotIdle => {
                let idle = per_second(&parts, plan.combine);
                (idle.into_iter().map(|(at, idle)| (at, (1.0 - idle).clamp(0.0, 1.0))).collect(), None, None)
            }
            Read::UsedShare => {
                let used = |total: f64, free: f64| (total > 0.0).then(|| (total - free) / total);
                (
                    joined(&of_metric(&parts, 0, Line::points), &of_metric(&parts, 1, Line::points), used),
                    None,
                    None,
                )
            }
            Read::ShareOfIncrease => {
                let [part, whole] = [0, 1].map(|metric| of_metric(&parts, metric, Line::counted));
                let share = increase(&part, span).zip(increase(&whole, span));
                (share_so_far(&part, &whole, span), None, share)
            }
        };
        let within = points.into_iter().filter(|(at, _)| (0..=span.length_ms).contains(at));
        let points: Points = within.map(|(at, value)| (at, value * plan.factor)).collect();
        Made { name, points, increase: increase.map(|it| it * plan.factor), share }
    });
    made.filter(|one| !one.points.is_empty()).collect()
}

/// Lines become one, at each time that any of them has.
fn combined(lines: impl Iterator<Item = Points>, by: Combine) -> Points {
    let mut at: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    for (time, value) in lines.flatten() {
        at.entry(time).or_default().push(value);
    }
    let one = |values: &[f64]| match by {
        Combine::Max => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Combine::Sum => values.iter().sum(),
        Combine::Mean => values.iter().sum::<f64>() / values.len() as f64,
    };
    at.into_iter().map(|(time, values)| (time, one(&values))).collect()
}

/// Only between two scrapes of the window: the time before it was another's.
fn per_second(parts: &BTreeMap<Part, Line>, by: Combine) -> Points {
    let within = |line: &Line| {
        let pieces =
            line.pieces.iter().map(|piece| piece.iter().filter(|(at, _)| *at >= 0).copied().collect());
        Line { pieces: pieces.collect() }.per_second()
    };
    combined(parts.values().map(within), by)
}

fn of_metric(parts: &BTreeMap<Part, Line>, metric: usize, of: impl Fn(&Line) -> Points) -> Points {
    let lines = parts.iter().filter(|((of, _), _)| *of == metric).map(|(_, line)| of(line));
    combined(lines, Combine::Sum)
}

/// Two lines of one scrape: at each time that both have.
fn joined(a: &Points, b: &Points, with: impl Fn(f64, f64) -> Option<f64>) -> Points {
    let b: BTreeMap<i64, f64> = b.iter().copied().collect();
    a.iter().filter_map(|(at, a)| Some((*at, with(*a, *b.get(at)?)?))).collect()
}

/// A counter's value when the window began: of the last scrape before, where that is not long ago; else of the first
/// one in it.
fn at_the_beginning(points: &Points, span: Span) -> Option<f64> {
    let recent = |at: i64| at < 0 && at.unsigned_abs() <= 2 * span.every_ms;
    let before = points.iter().rev().find(|(at, _)| recent(*at));
    before.or_else(|| points.iter().find(|(at, _)| *at >= 0)).map(|(_, value)| *value)
}

fn increase(points: &Points, span: Span) -> Option<f64> {
    let last = points.iter().rev().find(|(at, _)| (0..=span.length_ms).contains(at));
    Some(last?.1 - at_the_beginning(points, span)?)
}

fn rises(points: &Points, span: Span) -> f64 {
    let before = at_the_beginning(points, span).unwrap_or_default();
    let within = points.iter().filter(|(at, _)| (0..=span.length_ms).contains(at)).map(|(_, value)| *value);
    within.fold((before, 0.0), |(before, risen), value| (value, risen + (value - before).max(0.0))).1
}

/// A counter with its last value before the window as its first one in it, so that what happened before the first
/// scrape of the window is counted, too. Put where it does not bring the scrapes out of step: a grid takes its phase
/// from the first sample, and samples half a step off it would jump from tick to tick.
fn with_the_one_before(mut points: Points, span: Span) -> Points {
    let Some(first) = points.iter().find(|(at, _)| *at >= 0).map(|(at, _)| *at) else { return points };
    let Some(value) = at_the_beginning(&points, span) else { return points };
    points.retain(|(at, _)| *at >= 0);
    let every_ms = i64::try_from(span.every_ms).unwrap_or(i64::MAX);
    let off = first.rem_euclid(every_ms);
    let out_of_step = (every_ms * 2 / 5..=every_ms * 3 / 5).contains(&off);
    let at = if out_of_step { first - every_ms * 2 / 5 } else { 0 };
    if at < first {
        points.insert(0, (at, value));
    }
    points
}

fn share_so_far(part: &Points, whole: &Points, span: Span) -> Points {
    let Some(zeros) = at_the_beginning(part, span).zip(at_the_beginning(whole, span)) else {
        return Points::new();
    };
    joined(part, whole, |part, whole| {
        let (part, whole) = (part - zeros.0, whole - zeros.1);
        (whole > 0.0).then(|| part / whole)
    })
}

fn total(plan: &Plan, made: &[Made], span: Span) -> Option<Total> {
    let value = match plan.read {
        Read::Counter | Read::Rises => made.iter().map(|one| one.increase).sum::<Option<f64>>()?,
        Read::ShareOfIncrease => {
            let shares = made.iter().filter_map(|one| one.share);
            let (part, whole) = shares.fold((0.0, 0.0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
            if whole <= 0.0 {
                return None;
            }
            part / whole * plan.factor
        }
        Read::Value | Read::Busy | Read::NotIdle | Read::UsedShare => return None,
    };
    let total = Total::new(value, plan.entry.unit);
    // A scrape that is missing at either end is no more than the grid's phase; three are a hole.
    let hole_ms = i64::try_from(3 * span.every_ms).unwrap_or(i64::MAX);
    let is_whole = |one: &Made| {
        let (first, last) = (one.points[0].0, one.points[one.points.len() - 1].0);
        first <= hole_ms && span.length_ms - last <= hole_ms
    };
    let complete = made.iter().all(is_whole) && plan.expected.is_none_or(|expected| made.len() >= expected);
    Some(if complete { total } else { total.incomplete() })
}

fn figures(plan: &Plan, made: &[Made], from_ms: i64) -> Result<PanelFigures, Missing> {
    let counted = plan.read == Read::Counter;
    let of_series = made.iter().filter_map(|one| {
        let points = one.points.iter().filter(|(at, _)| *at >= from_ms).map(|(_, value)| *value);
        let (n, sum, max) = points
            .fold((0.0, 0.0, f64::NEG_INFINITY), |it, value| (it.0 + 1.0, it.1 + value, value.max(it.2)));
        match (one.increase, one.share, n > 0.0) {
            (_, _, false) => None,
            (Some(increase), _, _) if counted => Some((increase, increase, &one.name)),
            (_, Some((part, whole)), _) if whole > 0.0 => {
                let share = part / whole * plan.factor;
                Some((share, share, &one.name))
            }
            _ => Some((sum / n, max, &one.name)),
        }
    });
    let of_series: Vec<(f64, f64, &String)> = of_series.collect();
    let highest = of_series.iter().max_by(|a, b| a.1.total_cmp(&b.1)).ok_or(Missing::LooksBack)?;
    let increase = made.iter().map(|one| one.increase).sum::<Option<f64>>();
    Ok(PanelFigures {
        mean: of_series.iter().map(|it| it.0).sum::<f64>() / of_series.len() as f64,
        max: highest.1,
        max_series: highest.2.clone(),
        increase,
        series: of_series.len() as u64,
        expected: plan.expected.map(|expected| expected as u64),
    })
}

fn why_nothing(ours: &[&Answered], span: Span) -> Missing {
    let times = ours.iter().flat_map(|series| &series.samples);
    let within = |at: i64| (0..=span.length_ms).contains(&at);
    let (mut before, mut inside, mut finite) = (false, false, false);
    for (at, value) in times {
        before |= *at < 0;
        inside |= within(*at);
        finite |= within(*at) && value.is_finite();
    }
    match (inside, finite) {
        (true, false) => Missing::NotFinite,
        // A rate needs two scrapes.
        (true, true) => Missing::Gap,
        (false, _) if before => Missing::Stale,
        (false, _) => Missing::NoData,
    }
}

fn unsigned(points: Points) -> Vec<(u64, f64)> {
    points.into_iter().map(|(at, value)| (at.unsigned_abs(), value)).collect()
}

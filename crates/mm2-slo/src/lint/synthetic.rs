//! Observations made up for one criterion: of a value that it should come to, sound or spoilt.

mod shapes;

use self::shapes::{duplicates, load, partitions};
use super::{Form, Trial};
use crate::bands::{ResolvedBands, Worse};
use crate::criterion::{Criterion, Measure, OverTime, Rule};
use crate::finding::Missing;
use crate::judge::Context;
use crate::level::Level;
use crate::observations::{Observation, Observations, Setting};
use crate::unit::{Quantity, Unit};

/// Where a criterion does not say how long its window must be, seconds.
const WINDOW_S: f64 = 600.0;
const DAY_S: f64 = 86_400.0;
/// What limits are made to depend on, until GO and STOP can both be told.
const INVENTED: [f64; 7] = [1_000.0, 100.0, 10.0, 1.0, 50.0, 1e5, 0.5];
const ASKED_PER_SEC: f64 = 1_000.0;

/// A criterion with the values that it is tried at.
pub(super) struct Subject<'a> {
    criterion: &'a Criterion,
    form: Form,
    setting: Setting,
    bands: ResolvedBands,
    settle_s: f64,
    /// Values on the good and on the bad side of where GO ends, and far beyond, each way.
    inside: Option<f64>,
    outside: Option<f64>,
    far: Vec<f64>,
    /// All values that tell bands apart.
    points: Vec<f64>,
}

/// How observations are spoilt.
#[derive(Clone, Copy, PartialEq)]
enum Spoilt {
    Not,
    Nan,
    Stale,
    Short,
    OneSeriesGone,
}

impl<'a> Subject<'a> {
    /// `None` where nothing that could be made up gives its limits a figure.
    pub(super) fn new(criterion: &'a Criterion, form: Form) -> Option<Self> {
        let mut first = None;
        for invented in INVENTED {
            let setting = invent(criterion, invented)?;
            let Ok(context) = Context::new(criterion, &setting) else { continue };
            let (bands, settle_s) = (context.bands, context.settle_s);
            let mut subject = Self {
                criterion,
                form,
                setting,
                bands,
                settle_s,
                inside: None,
                outside: None,
                far: Vec::new(),
                points: Vec::new(),
            };
            subject.choose();
            let has = |level| subject.points.iter().any(|point| subject.level(*point) == Some(level));
            let is_told = match criterion.rule {
                Rule::Claim { .. } => subject.limit_ms().is_some(),
                _ => has(Level::Go) && has(Level::Stop),
            };
            if is_told {
                return Some(subject);
            }
            first.get_or_insert(subject);
        }
        first
    }

    /// What a trial consists of: nothing, one window, or two of which the worse one counts.
    pub(super) fn observations(&self, trial: Trial) -> Vec<Observations> {
        let signal = self.criterion.signal().clone();
        let blank = || Observations::over(self.window_s()).in_setting(self.setting.clone());
        let good = |spoilt| self.inside.and_then(|value| self.of(value, spoilt, false)).into_iter().collect();
        match trial {
            Trial::Empty => vec![blank()],
            Trial::Absent => vec![blank().missing(signal, Missing::DeclaredAbsent("made up".to_owned()))],
            Trial::Nan => good(Spoilt::Nan),
            Trial::Stale => good(Spoilt::Stale),
            Trial::Short => good(Spoilt::Short),
            Trial::OneSeriesGone => good(Spoilt::OneSeriesGone),
            Trial::JustUnder => good(Spoilt::Not),
            Trial::JustOver => {
                self.outside.and_then(|value| self.of(value, Spoilt::Not, false)).into_iter().collect()
            }
            Trial::FarOver => {
                self.far.iter().filter_map(|value| self.of(*value, Spoilt::Not, true)).collect()
            }
        }
    }

    /// Nothing spoilt, at each value that tells bands apart.
    pub(super) fn sound(&self) -> impl Iterator<Item = Observations> + '_ {
        self.points.iter().filter_map(|value| self.of(*value, Spoilt::Not, true))
    }

    fn level(&self, value: f64) -> Option<Level> {
        self.bands.level(value).map(|(level, _)| level)
    }

    /// Values by the edges of the bands.
    fn choose(&mut self) {
        if let Rule::Claim { share } = self.criterion.rule {
            // In shares of the records that may be late: half, half as much again, all of them.
            (self.inside, self.outside, self.far) = (Some(0.5), Some(1.5), vec![1.0 / share]);
            self.points = vec![0.5, 1.0 / share];
            return;
        }
        let (low, high) = self.possible();
        let mut edges = self.bands.edges();
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        let largest = edges.iter().fold(0.0_f64, |largest, edge| largest.max(edge.abs()));
        let beyond = largest * 10.0 + 10.0;
        self.far = vec![beyond.clamp(low, high), (-beyond).clamp(low, high)];
        let around = |edge: &f64| {
            let step = self.step(*edge);
            if self.is_exact() {
                vec![edge - step, *edge, edge + step]
            } else {
                vec![edge - step, edge + step]
            }
        };
        let mut points: Vec<f64> = edges.iter().flat_map(around).collect();
        points.extend(edges.windows(2).map(|pair| pair[0].midpoint(pair[1])));
        if !points.iter().any(|point| self.level(*point) == Some(Level::Go)) {
            points.extend(&edges);
        }
        points.extend(&self.far);
        points.retain(|point| (low..=high).contains(point));
        points.sort_by(f64::total_cmp);
        points.dedup();
        let good = |value: f64| self.level(value) == Some(Level::Go);
        // Where GO ends: towards the larger values, or for what must be reached towards the smaller ones.
        let ends = |pair: &&[f64]| good(pair[0]) && !good(pair[1]);
        let begins = |pair: &&[f64]| !good(pair[0]) && good(pair[1]);
        let up = points.windows(2).rfind(ends).map(|pair| (pair[0], pair[1]));
        let down = points.windows(2).find(begins).map(|pair| (pair[1], pair[0]));
        let at = if self.bands.worse() == Worse::Down { down.or(up) } else { up.or(down) };
        self.inside =
            at.map(|(inside, _)| inside).or_else(|| points.iter().copied().find(|point| good(*point)));
        self.outside = at.map(|(_, outside)| outside);
        self.points = points;
    }

    /// How near to a limit it can be tried.
    fn step(&self, edge: f64) -> f64 {
        match &self.criterion.rule {
            Rule::Duplicates { .. } => 1.0,
            Rule::Growth => (edge.abs() / 10.0).max(0.01),
            Rule::Trend { .. } => (edge.abs() / 2.0).max(1.0),
            // A tick of the window is 0.05 %.
            Rule::Measure(Measure {
                over_time: Some(OverTime::ShareAbove(_) | OverTime::ShareBelow(_)),
                ..
            }) => 0.1,
            Rule::Measure(Measure { over_time: None, .. }) if edge.fract() == 0.0 && self.is_counted() => 1.0,
            _ => (edge.abs() * 1e-6).max(1e-9),
        }
    }

    fn is_counted(&self) -> bool {
        matches!(self.criterion.unit, Unit::Count | Unit::Records)
    }

    /// Whether arithmetic leaves a value what it was put in as.
    fn is_exact(&self) -> bool {
        match &self.criterion.rule {
            Rule::Measure(measure) => matches!(
                measure.over_time,
                None | Some(
                    OverTime::Max
                        | OverTime::Min
                        | OverTime::Last
                        | OverTime::Percentile(_)
                        | OverTime::Increase
                )
            ),
            Rule::Duplicates { .. } | Rule::Slip => true,
            _ => false,
        }
    }

    /// The values that it could come to at all: a share of the time ends at 100 %, whatever its limits say.
    fn possible(&self) -> (f64, f64) {
        let signed = if self.bands.edges().iter().any(|edge| *edge < 0.0) { f64::MIN } else { 0.0 };
        match &self.criterion.rule {
            Rule::Measure(measure) => match measure.over_time {
                Some(OverTime::ShareAbove(_) | OverTime::ShareBelow(_)) => (0.0, 100.0),
                Some(OverTime::Rate | OverTime::Increase) => (0.0, f64::MAX),
                Some(OverTime::Slope) => (f64::MIN, f64::MAX),
                _ => (signed, f64::MAX),
            },
            Rule::Delivered => (0.0, 100.0),
            Rule::Slip | Rule::Duplicates { .. } => (0.0, f64::MAX),
            // The slowest is no faster than the median.
            Rule::Uniform { .. } => (1.0, f64::MAX),
            // A level does not fall below nothing.
            Rule::Trend { .. } => (-90.0, f64::MAX),
            Rule::Growth | Rule::Claim { .. } => (f64::MIN, f64::MAX),
        }
    }

    fn window_s(&self) -> f64 {
        let least = if matches!(self.criterion.rule, Rule::Trend { .. }) { DAY_S } else { WINDOW_S };
        least.max(self.criterion.not_before_s).max(self.settle_s * 10.0)
    }

    /// A window in which the criterion comes to `value`; `None` where it cannot be spoilt so.
    fn of(&self, value: f64, spoilt: Spoilt, sources: bool) -> Option<Observations> {
        let mut window_s = self.window_s();
        let asks_for_time = self.criterion.not_before_s > 0.0;
        if spoilt == Spoilt::Short && asks_for_time {
            window_s = self.criterion.not_before_s / 2.0;
        }
        let shown = match (&self.criterion.rule, self.form) {
            (Rule::Measure(_), Form::Total) => Observation::Total(self.total(value, spoilt)?),
            (Rule::Measure(measure), _) => {
                let over_time = measure.over_time?;
                Observation::Sampled(self.sampled(measure, over_time, value, spoilt, window_s)?)
            }
            (Rule::Growth, _) => {
                if spoilt == Spoilt::Short && !asks_for_time {
                    window_s = 5.0;
                }
                Observation::Sampled(self.backlog(value, spoilt, window_s)?)
            }
            (Rule::Trend { block_s, .. }, _) => {
                if spoilt == Spoilt::Short && !asks_for_time {
                    window_s = DAY_S / 2.0;
                }
                Observation::Sampled(self.level_over_a_day(*block_s, value, spoilt, window_s))
            }
            (Rule::Claim { share }, Form::Histogram) => {
                Observation::Histogram(self.histogram(*share, value, spoilt, window_s)?)
            }
            (Rule::Claim { share }, _) => {
                Observation::Latency(self.latency(*share, value, spoilt, window_s)?)
            }
            (Rule::Uniform { at_least_ms, min_records, .. }, _) => {
                Observation::Partitions(partitions(*at_least_ms, *min_records, value, spoilt)?)
            }
            (Rule::Duplicates { .. }, _) => Observation::Duplicates(duplicates(value, spoilt)?),
            (Rule::Delivered, _) => Observation::Load(load(Some(value), None, spoilt, sources)?),
            (Rule::Slip, _) => Observation::Load(load(None, Some(value), spoilt, sources)?),
        };
        let blank = Observations::over(window_s).in_setting(self.setting.clone());
        Some(blank.with(self.criterion.signal().clone(), shown))
    }
}

/// What the limits of a criterion depend on; `None` where no figure would do.
fn invent(criterion: &Criterion, invented: f64) -> Option<Setting> {
    let unit = criterion.bands().unit();
    let mut setting = Setting::default().asked(criterion.scale_above.unwrap_or(ASKED_PER_SEC));
    for name in criterion.depends_on() {
        let in_bands = criterion.bands().names().any(|known| known == name);
        let quantity = Quantity::new(invented, if in_bands { unit } else { Unit::S })?;
        setting = match name {
            "baseline" => setting.baseline(criterion.name().as_str(), quantity),
            name => setting.known(name, quantity),
        };
    }
    Some(setting)
}

//! Observations made up for one criterion: of a value that it should come to, sound or spoilt.

use super::{Form, Trial};
use crate::bands::{ResolvedBands, Worse};
use crate::criterion::{Criterion, Measure, OverTime, Rule};
use crate::evidence::{ConnectEvidence, LoadEvidence};
use crate::finding::Missing;
use crate::judge::Context;
use crate::level::Level;
use crate::number::nearest;
use crate::observations::{
    Duplicates, Histogram, Latency, Observation, Observations, Partition, Sampled, Series, Setting, Source,
    Total,
};
use crate::unit::{Quantity, Unit};
use crate::wire::v1::OverSeries;

/// Ticks of a window: enough for a p99.9, and for the longest `for`.
const TICKS: u64 = 2_000;
/// A percentile may need more; that is as far as it goes.
const MOST_TICKS: u64 = 100_000;
/// Where a criterion does not say how long its window must be, seconds.
const WINDOW_S: f64 = 600.0;
const DAY_S: f64 = 86_400.0;
/// Samples of a trend, a block.
const BLOCK_SAMPLES: f64 = 15.0;
/// What stale samples cover of the window.
const STALE_SHARE: f64 = 0.4;
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
        let up = points.windows(2).filter(ends).next_back().map(|pair| (pair[0], pair[1]));
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
                Observation::Sampled(self.level_over_a_day(*block_s, value, spoilt, window_s)?)
            }
            (Rule::Claim { share }, Form::Histogram) => {
                Observation::Histogram(self.histogram(*share, value, spoilt, window_s)?)
            }
            (Rule::Claim { share }, _) => {
                Observation::Latency(self.latency(*share, value, spoilt, window_s)?)
            }
            (Rule::Uniform { at_least_ms, min_records }, _) => {
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

impl Subject<'_> {
    fn total(&self, value: f64, spoilt: Spoilt) -> Option<Total> {
        let unit = self.criterion.bands().unit();
        match spoilt {
            Spoilt::Not => Some(Total::new(value, unit)),
            Spoilt::Nan => Some(Total::new(f64::NAN, unit)),
            Spoilt::Stale => Some(Total::new(value, unit).incomplete()),
            Spoilt::Short => (self.criterion.not_before_s > 0.0).then(|| Total::new(value, unit)),
            Spoilt::OneSeriesGone => None,
        }
    }

    fn sampled(
        &self,
        measure: &Measure,
        over_time: OverTime,
        value: f64,
        spoilt: Spoilt,
        window_s: f64,
    ) -> Option<Sampled> {
        let count = measure.series.unwrap_or(if measure.over_series.is_some() { 2 } else { 1 });
        let shown = if spoilt == Spoilt::OneSeriesGone { count - 1 } else { count };
        if shown == 0 {
            return None;
        }
        let mut ticks = match over_time {
            OverTime::Percentile(rank) => nearest((2.0 / (1.0 - rank)).ceil()).clamp(TICKS, MOST_TICKS),
            _ => TICKS,
        };
        if spoilt == Spoilt::Short && self.criterion.not_before_s <= 0.0 {
            let one_will_do =
                matches!(over_time, OverTime::Avg | OverTime::Max | OverTime::Min | OverTime::Last)
                    && measure.for_ticks == 1;
            if one_will_do || matches!(over_time, OverTime::ShareAbove(_) | OverTime::ShareBelow(_)) {
                return None;
            }
            ticks = 1;
        }
        let every_ms = nearest((window_s * 1_000.0 / ticks as f64).ceil()).max(1);
        let until = if spoilt == Spoilt::Stale { nearest(ticks as f64 * STALE_SHARE) } else { ticks };
        let wave =
            Wave { over_time, value, unit: self.criterion.unit, ticks, every_s: every_ms as f64 / 1_000.0 };
        let series = (0..shown).map(|lane| {
            // The sum of a series and of nothings is exactly that series.
            let silent = lane > 0 && measure.over_series == Some(OverSeries::Sum);
            let sample = |tick: u64| match (spoilt, silent) {
                (Spoilt::Nan, _) => f64::NAN,
                (_, true) => 0.0,
                _ => wave.at(tick),
            };
            Series::new(
                format!("series {lane}"),
                (0..until).map(|tick| (tick * every_ms, sample(tick))).collect(),
            )
        });
        let source = match self.form {
            Form::Counter => Source::counter(self.criterion.unit, every_ms),
            _ => Source::gauge(self.criterion.unit, every_ms),
        };
        Some(source.expect(count).series(series))
    }

    /// A backlog that grows by `value`, in the unit of the limit.
    fn backlog(&self, value: f64, spoilt: Spoilt, window_s: f64) -> Option<Sampled> {
        if spoilt == Spoilt::OneSeriesGone {
            return None;
        }
        let per_sec = match self.criterion.bands().unit() {
            Unit::Percent => value / 100.0 * self.setting.asked_per_sec.unwrap_or(ASKED_PER_SEC),
            _ => value / window_s,
        };
        let every_ms = nearest((window_s * 1_000.0 / TICKS as f64).ceil()).max(1);
        let until = if spoilt == Spoilt::Stale { nearest(TICKS as f64 * STALE_SHARE) } else { TICKS };
        let start = 100.0 + (-per_sec * window_s).max(0.0);
        let sample = |tick: u64| match spoilt {
            Spoilt::Nan => f64::NAN,
            _ => start + per_sec * (tick * every_ms) as f64 / 1_000.0,
        };
        let samples = (0..until).map(|tick| (tick * every_ms, sample(tick))).collect();
        Some(Sampled::single(Source::gauge(self.criterion.unit, every_ms), samples))
    }

    /// A level that grows by `value` per cent a day, with a little noise: nothing real is without.
    fn level_over_a_day(&self, block_s: f64, value: f64, spoilt: Spoilt, window_s: f64) -> Option<Sampled> {
        let every_s = (block_s / BLOCK_SAMPLES).max(window_s / MOST_TICKS as f64);
        let every_ms = nearest((every_s * 1_000.0).floor()).max(1);
        let ticks = nearest(window_s * 1_000.0) / every_ms;
        let until = if spoilt == Spoilt::Stale { nearest(ticks as f64 * STALE_SHARE) } else { ticks };
        let shown = if spoilt == Spoilt::OneSeriesGone { 1 } else { 2 };
        let series = (0..shown).map(|lane: u64| {
            let sample = |tick: u64| {
                let day = (tick * every_ms) as f64 / 1_000.0 / DAY_S;
                let noise = scattered(tick * 2 + lane) * 0.002;
                50.0 * (1.0 + value / 100.0 * day) * (1.0 + noise)
            };
            let sample = |tick: u64| if spoilt == Spoilt::Nan { f64::NAN } else { sample(tick) };
            Series::new(
                format!("series {lane}"),
                (0..until).map(|tick| (tick * every_ms, sample(tick))).collect(),
            )
        });
        Some(Source::gauge(self.criterion.unit, every_ms).expect(2).series(series))
    }

    fn limit_ms(&self) -> Option<f64> {
        let to_ms = self.criterion.bands().unit().factor_to(Unit::Ms)?;
        self.bands.go_edge().map(|limit| limit * to_ms).filter(|limit| *limit > 0.0)
    }

    /// Records of which `value` times the allowed share is late, spread evenly.
    fn latency(&self, share: f64, value: f64, spoilt: Spoilt, window_s: f64) -> Option<Latency> {
        let limit_ms = self.limit_ms()?;
        let late = Late::of(share, value, spoilt, window_s, self.criterion.not_before_s > 0.0);
        let every_ms = window_s * 1_000.0 / late.records as f64;
        let until =
            if spoilt == Spoilt::Stale { nearest(late.records as f64 * STALE_SHARE) } else { late.records };
        let took = |at: u64| match spoilt {
            Spoilt::Nan => f64::NAN,
            _ if late.has(at) => limit_ms * 2.0,
            _ => limit_ms / 2.0,
        };
        let latency = Latency::of_records(
            limit_ms,
            (0..until).map(|at| (nearest((at as f64 * every_ms).floor()), took(at))),
        );
        Some(if spoilt == Spoilt::OneSeriesGone { latency.incomplete() } else { latency })
    }

    /// The same as the buckets of a histogram, one of which ends at the limit.
    fn histogram(&self, share: f64, value: f64, spoilt: Spoilt, window_s: f64) -> Option<Histogram> {
        const SCRAPES: u64 = 200;
        if spoilt == Spoilt::OneSeriesGone {
            return None;
        }
        let limit_ms = self.limit_ms()?;
        let late = Late::of(share, value, spoilt, window_s, self.criterion.not_before_s > 0.0);
        let until = if spoilt == Spoilt::Stale { nearest(SCRAPES as f64 * STALE_SHARE) } else { SCRAPES };
        let scrape = |at: u64| {
            let all = late.records * at / SCRAPES;
            let over = hits_before(all, late.late, late.records);
            let counts = [0, all - over, all, all].map(|count| count as f64);
            let counts = if spoilt == Spoilt::Nan { vec![f64::NAN; counts.len()] } else { counts.to_vec() };
            (nearest(window_s * 1_000.0 * at as f64 / SCRAPES as f64), counts)
        };
        let bounds = vec![limit_ms / 4.0, limit_ms, limit_ms * 4.0];
        Some(Histogram::new(Unit::Ms, bounds, (0..=until).map(scrape).collect()))
    }
}

/// How many records there are, and which of them are late.
struct Late {
    records: u64,
    late: u64,
}

impl Late {
    fn of(share: f64, value: f64, spoilt: Spoilt, window_s: f64, asks_for_time: bool) -> Self {
        let need = crate::proof::min_records(share);
        let few = spoilt == Spoilt::Short && !asks_for_time;
        let records =
            if few { need / 2 } else { need.saturating_mul(100).clamp(nearest(window_s), 10_000_000) };
        Self { records, late: nearest((value * share).min(1.0) * records as f64) }
    }

    fn has(&self, record: u64) -> bool {
        is_hit(record, self.late, self.records)
    }
}

/// Whether `place` is one of `hits` among `of`, as evenly as can be.
fn is_hit(place: u64, hits: u64, of: u64) -> bool {
    hits_before(place + 1, hits, of) > hits_before(place, hits, of)
}

fn hits_before(place: u64, hits: u64, of: u64) -> u64 {
    let before = u128::from(place) * u128::from(hits) / u128::from(of.max(1));
    u64::try_from(before).unwrap_or(u64::MAX)
}

/// Samples whose value over time is known.
struct Wave {
    over_time: OverTime,
    value: f64,
    unit: Unit,
    ticks: u64,
    every_s: f64,
}

impl Wave {
    fn at(&self, tick: u64) -> f64 {
        let growth = || {
            let per_sec = self.value / self.unit.per_second().map_or(1.0, |(_, factor)| factor);
            let start = (-per_sec * self.every_s * self.ticks as f64).max(0.0);
            start + per_sec * self.every_s * tick as f64
        };
        let hits = nearest(self.value / 100.0 * self.ticks as f64);
        let hit = is_hit(tick, hits, self.ticks);
        let aside = |limit: f64| limit.abs() + 1.0;
        match self.over_time {
            OverTime::Avg | OverTime::Max | OverTime::Min | OverTime::Last | OverTime::Percentile(_) => {
                self.value
            }
            OverTime::Rate | OverTime::Slope => growth(),
            // At once, behind what settles: nothing is lost to sums.
            OverTime::Increase => {
                if tick * 2 < self.ticks {
                    0.0
                } else {
                    self.value
                }
            }
            OverTime::ShareAbove(limit) => {
                if hit {
                    limit + aside(limit)
                } else {
                    limit
                }
            }
            OverTime::ShareBelow(limit) => {
                if hit {
                    limit - aside(limit)
                } else {
                    limit
                }
            }
        }
    }
}

/// From -1 to 1, without a pattern, the same each time.
fn scattered(place: u64) -> f64 {
    let mixed = (place + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((mixed >> 40) as f64) / f64::from(1_u32 << 23) - 1.0
}

/// Twelve, one of them at `value` times the others.
fn partitions(at_least_ms: f64, min_records: u64, value: f64, spoilt: Spoilt) -> Option<Vec<Partition>> {
    if spoilt == Spoilt::Stale || (spoilt == Spoilt::Short && min_records == 0) {
        return None;
    }
    let usual_ms = at_least_ms.max(1.0);
    let partition = |at: u64| Partition {
        name: format!("topic-{at}"),
        latency_ms: match (spoilt, at) {
            (Spoilt::Nan, _) => f64::NAN,
            (_, 0) => usual_ms * value,
            _ => usual_ms,
        },
        records: match (spoilt, at) {
            (Spoilt::Short, _) => min_records - 1,
            (Spoilt::OneSeriesGone, 1) => 0,
            _ => min_records.saturating_mul(2),
        },
    };
    Some((0..12).map(partition).collect())
}

/// With Connect asked, and no restart seen.
fn duplicates(value: f64, spoilt: Spoilt) -> Option<Duplicates> {
    let complete = match spoilt {
        Spoilt::Not => true,
        Spoilt::Stale => false,
        _ => return None,
    };
    let connect = ConnectEvidence::Polled {
        answered: 600,
        unanswered: 0,
        restart_seen: false,
        flush_interval_ms: Some(60_000),
        exactly_once: false,
    };
    Some(Duplicates { count: nearest(value), complete, connect })
}

/// A load of which a share was delivered, or that was so late.
fn load(
    percent: Option<f64>,
    slip_ms: Option<f64>,
    spoilt: Spoilt,
    source_refused: bool,
) -> Option<LoadEvidence> {
    const DUE: u64 = 100_000_000;
    let slip_ms = match (spoilt, slip_ms) {
        (Spoilt::Not, slip_ms) => slip_ms,
        (Spoilt::Nan, Some(_)) => Some(f64::NAN),
        (Spoilt::Short, _) => None,
        _ => return None,
    };
    let due = if spoilt == Spoilt::Short { 0 } else { DUE };
    let sent = nearest(percent.unwrap_or(100.0) / 100.0 * due as f64);
    Some(LoadEvidence {
        due,
        sent,
        acked: sent,
        acked_in_time: sent,
        failed: 0,
        slip_p99_ms: slip_ms,
        slip_max_ms: slip_ms,
        source_blocked_ms: 0.0,
        source_refused,
    })
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

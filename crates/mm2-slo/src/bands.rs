//! Bands: which values are GO, which WARN, which STOP, as they are written: `< 500 ms`, `> 1 s`.
//!
//! A band is `< Q`, `<= Q`, `> Q`, `>= Q`, `= Q`, `Q .. Q` (both ends included), or `otherwise`: whatever
//! the other bands leave. Q is a quantity with its unit, or relative to something known when it is judged:
//! `baseline`, `baseline * 2`, `baseline + 100 ms`, `p99_limit`. Not here: where the value comes from.

use std::fmt;

use crate::level::Level;
use crate::unit::{Quantity, Unit};

/// The three bands of a criterion. They leave no value without a band and none with two.
#[derive(Debug, Clone, PartialEq)]
pub struct Bands {
    unit: Unit,
    go: Band,
    warn: Option<Band>,
    stop: Option<Band>,
}

/// One band, with the words in which it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    written: String,
    relation: Relation,
}

#[derive(Debug, Clone, PartialEq)]
enum Relation {
    Below(Limit),
    AtMost(Limit),
    Above(Limit),
    AtLeast(Limit),
    Is(Limit),
    Between(Limit, Limit),
    Otherwise,
}

/// A limit in the unit of its bands: a figure, or one that depends on something known when it is judged.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Limit {
    Fixed(f64),
    /// `times` × what `name` stands for, plus `plus`.
    Relative {
        name: String,
        times: f64,
        plus: f64,
    },
}

/// Says what a name in a limit stands for, in the unit asked for.
pub(crate) type Known<'a> = dyn Fn(&str, Unit) -> Option<f64> + 'a;

impl Limit {
    /// Reads a limit in `unit`.
    pub(crate) fn parse(text: &str, unit: Unit) -> Result<Self, String> {
        let text = text.trim();
        let in_unit = |text: &str| {
            let quantity = Quantity::parse(text, unit)?;
            quantity
                .value_in(unit)
                .ok_or_else(|| format!("`{}` is in {}, the signal in {unit}", text.trim(), quantity.unit()))
        };
        if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
            return in_unit(text).map(Self::Fixed);
        }
        let end = text
            .find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'))
            .unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let rest = rest.trim_start();
        let (times, rest) = match rest.strip_prefix('*') {
            None => (1.0, rest),
            Some(rest) => {
                let rest = rest.trim_start();
                let end =
                    rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
                let (number, rest) = rest.split_at(end);
                let times = number.parse().ok().filter(|times: &f64| times.is_finite());
                let times = times.ok_or_else(|| format!("`{text}`: a number belongs behind `*`"))?;
                (times, rest.trim_start())
            }
        };
        let plus = match (rest.strip_prefix('+'), rest.strip_prefix('-')) {
            (Some(more), _) => in_unit(more)?,
            (_, Some(less)) => -in_unit(less)?,
            _ if rest.is_empty() => 0.0,
            _ => {
                return Err(format!(
                    "cannot read `{text}`; write `{name}`, `{name} * 2` or `{name} + QUANTITY`"
                ));
            }
        };
        Ok(Self::Relative { name: name.to_owned(), times, plus })
    }

    /// The figure, now that names can be looked up; `None` where one is not known or it is not finite.
    pub(crate) fn resolve(&self, unit: Unit, known: &Known<'_>) -> Option<f64> {
        let value = match self {
            Self::Fixed(value) => *value,
            Self::Relative { name, times, plus } => known(name, unit)? * times + plus,
        };
        value.is_finite().then_some(value)
    }

    /// The name that it depends on.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Fixed(_) => None,
            Self::Relative { name, .. } => Some(name),
        }
    }
}

impl Band {
    fn parse(text: &str, unit: Unit) -> Result<Self, String> {
        let written = text.trim().to_owned();
        let limit = |text: &str| Limit::parse(text, unit);
        let relation = if written == "otherwise" {
            Relation::Otherwise
        } else if let Some(rest) = written.strip_prefix("<=") {
            Relation::AtMost(limit(rest)?)
        } else if let Some(rest) = written.strip_prefix(">=") {
            Relation::AtLeast(limit(rest)?)
        } else if let Some(rest) = written.strip_prefix('<') {
            Relation::Below(limit(rest)?)
        } else if let Some(rest) = written.strip_prefix('>') {
            Relation::Above(limit(rest)?)
        } else if let Some(rest) = written.strip_prefix('=') {
            Relation::Is(limit(rest)?)
        } else if let Some((low, high)) = written.split_once("..") {
            Relation::Between(limit(low)?, limit(high)?)
        } else {
            return Err(format!(
                "cannot read the band `{written}`; write `< Q`, `<= Q`, `> Q`, `>= Q`, `= Q`, `Q .. Q` or `otherwise`"
            ));
        };
        if let Relation::Between(Limit::Fixed(low), Limit::Fixed(high)) = &relation {
            if low > high {
                return Err(format!("the band `{written}` is empty: its first limit is above its second"));
            }
        }
        Ok(Self { written, relation })
    }

    /// As it was written.
    pub fn written(&self) -> &str {
        &self.written
    }

    fn limits(&self) -> impl Iterator<Item = &Limit> {
        let (first, second) = match &self.relation {
            Relation::Below(x)
            | Relation::AtMost(x)
            | Relation::Above(x)
            | Relation::AtLeast(x)
            | Relation::Is(x) => (Some(x), None),
            Relation::Between(low, high) => (Some(low), Some(high)),
            Relation::Otherwise => (None, None),
        };
        first.into_iter().chain(second)
    }
}

impl fmt::Display for Band {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.written)
    }
}

impl Bands {
    /// Reads the bands of a criterion in `unit`, and checks that together they leave no value without a band
    /// and none with two. Limits that depend on something are checked when they are judged.
    pub(crate) fn parse(
        unit: Unit,
        go: Option<&str>,
        warn: Option<&str>,
        stop: Option<&str>,
    ) -> Result<Self, String> {
        let read = |text: Option<&str>| text.map(|text| Band::parse(text, unit)).transpose();
        let go = read(go)?.ok_or("it has no `go` band; write for example `go = \"< 500 ms\"`")?;
        let bands = Self { unit, go, warn: read(warn)?, stop: read(stop)? };
        bands.check()?;
        Ok(bands)
    }

    /// The runbook's calibration by a nominal value: warn above twice it, critical (STOP) above twice that.
    ///
    /// `None` where the nominal value is not a finite number above 0: twice nothing is no limit.
    pub fn calibrated(nominal: Quantity) -> Option<Self> {
        let (unit, nominal) = (nominal.unit(), nominal.value());
        if nominal <= 0.0 {
            return None;
        }
        let written = |value: f64| match unit {
            Unit::Ratio | Unit::Count => format!("{value}"),
            unit => format!("{value} {}", unit.symbol()),
        };
        let (warn, critical) = (written(nominal * 2.0), written(nominal * 4.0));
        let (go, stop) = (format!("<= {warn}"), format!("> {critical}"));
        Self::parse(unit, Some(&go), Some("otherwise"), Some(&stop)).ok()
    }

    /// The unit of the limits.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// The GO band.
    pub fn go(&self) -> &Band {
        &self.go
    }

    /// The WARN band, if there is one.
    pub fn warn(&self) -> Option<&Band> {
        self.warn.as_ref()
    }

    /// The STOP band, if there is one.
    pub fn stop(&self) -> Option<&Band> {
        self.stop.as_ref()
    }

    /// From the worst to the best.
    fn by_level(&self) -> impl Iterator<Item = (Level, &Band)> {
        [(Level::Stop, self.stop.as_ref()), (Level::Warn, self.warn.as_ref()), (Level::Go, Some(&self.go))]
            .into_iter()
            .filter_map(|(level, band)| band.map(|band| (level, band)))
    }

    /// Names that the limits depend on.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_level().flat_map(|(_, band)| band.limits()).filter_map(Limit::name)
    }

    fn check(&self) -> Result<(), String> {
        if self.by_level().filter(|(_, band)| band.relation == Relation::Otherwise).count() > 1 {
            return Err("two bands are `otherwise`; say what one of them is".to_owned());
        }
        if self.warn.is_none() && self.stop.is_none() {
            return Err("it has neither a `warn` nor a `stop` band, so it can only be GO; add `stop`".to_owned());
        }
        if self.names().next().is_some() {
            return Ok(());
        }
        let resolved = self.resolve(&|_, _| None).map_err(|name| format!("`{name}` is not known"))?;
        resolved.check()
    }

    /// The bands with their figures.
    ///
    /// # Errors
    /// The name that is not known, or whose limit is not finite.
    pub(crate) fn resolve(&self, known: &Known<'_>) -> Result<ResolvedBands, String> {
        let mut bands = Vec::with_capacity(3);
        for (level, band) in self.by_level() {
            let figure = |limit: &Limit| {
                limit
                    .resolve(self.unit, known)
                    .ok_or_else(|| limit.name().unwrap_or("the limit").to_owned())
            };
            let interval = match &band.relation {
                Relation::Below(x) => Interval::new(f64::NEG_INFINITY, true, figure(x)?, false),
                Relation::AtMost(x) => Interval::new(f64::NEG_INFINITY, true, figure(x)?, true),
                Relation::Above(x) => Interval::new(figure(x)?, false, f64::INFINITY, true),
                Relation::AtLeast(x) => Interval::new(figure(x)?, true, f64::INFINITY, true),
                Relation::Is(x) => Interval::new(figure(x)?, true, figure(x)?, true),
                Relation::Between(low, high) => Interval::new(figure(low)?, true, figure(high)?, true),
                Relation::Otherwise => Interval::otherwise(),
            };
            bands.push(ResolvedBand { level, interval, written: band.written.clone() });
        }
        Ok(ResolvedBands { unit: self.unit, bands })
    }
}

/// Bands whose limits are figures. From the worst band to the best.
#[derive(Debug, Clone)]
pub(crate) struct ResolvedBands {
    unit: Unit,
    bands: Vec<ResolvedBand>,
}

#[derive(Debug, Clone)]
struct ResolvedBand {
    level: Level,
    interval: Interval,
    written: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Interval {
    low: f64,
    low_in: bool,
    high: f64,
    high_in: bool,
    otherwise: bool,
}

impl Interval {
    fn new(low: f64, low_in: bool, high: f64, high_in: bool) -> Self {
        Self { low, low_in, high, high_in, otherwise: false }
    }

    fn otherwise() -> Self {
        Self { otherwise: true, ..Self::new(f64::NEG_INFINITY, true, f64::INFINITY, true) }
    }

    fn has(&self, value: f64) -> bool {
        let above = if self.low_in { value >= self.low } else { value > self.low };
        let below = if self.high_in { value <= self.high } else { value < self.high };
        above && below
    }

    fn limits(&self) -> impl Iterator<Item = f64> {
        [self.low, self.high].into_iter().filter(|limit| limit.is_finite())
    }
}

/// Whether a value is in a GO band.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GoTest(Interval);

impl GoTest {
    #[inline]
    pub(crate) fn has(&self, value: f64) -> bool {
        self.0.has(value)
    }
}

/// Which way is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Worse {
    /// Large values are bad: latency, lag.
    Up,
    /// Small values are bad: rates, shares delivered.
    Down,
    /// GO lies in the middle.
    Either,
}

impl ResolvedBands {
    /// The level of a value, and the band that says so; the worst where two do. `None` where none does.
    pub(crate) fn level(&self, value: f64) -> Option<(Level, &str)> {
        let in_band = |band: &&ResolvedBand| !band.interval.otherwise && band.interval.has(value);
        self.bands
            .iter()
            .find(in_band)
            .or_else(|| self.bands.iter().find(|band| band.interval.otherwise))
            .map(|band| (band.level, band.written.as_str()))
    }

    /// Where the STOP band begins on the bad side: its own edge, or that of the GO band if it is the rest.
    pub(crate) fn stop_edge(&self) -> Option<f64> {
        let stop = self.bands.iter().find(|band| band.level == Level::Stop)?;
        match (stop.interval.otherwise, self.worse()) {
            (true, _) => self.go_edge(),
            (false, Worse::Up) => Some(stop.interval.low),
            (false, Worse::Down) => Some(stop.interval.high),
            (false, Worse::Either) => None,
        }
    }

    /// All limits that many times as large.
    pub(crate) fn scale(&mut self, factor: f64) {
        for band in &mut self.bands {
            band.interval.low *= factor;
            band.interval.high *= factor;
        }
    }

    /// A quick test for the GO band; of nothing, where single ticks are not judged.
    pub(crate) fn go_test(&self, ticks_are_judged: bool) -> GoTest {
        match self.go() {
            Some(go) if ticks_are_judged && !go.interval.otherwise => GoTest(go.interval),
            _ => GoTest(Interval::otherwise()),
        }
    }

    /// All finite limits, in no order.
    pub(crate) fn edges(&self) -> Vec<f64> {
        self.bands.iter().filter(|band| !band.interval.otherwise).flat_map(|band| band.interval.limits()).collect()
    }

    fn go(&self) -> Option<&ResolvedBand> {
        self.bands.iter().find(|band| band.level == Level::Go)
    }

    /// The direction in which values leave the GO band.
    pub(crate) fn worse(&self) -> Worse {
        let others: Vec<&ResolvedBand> =
            self.bands.iter().filter(|band| band.level != Level::Go && !band.interval.otherwise).collect();
        let unbounded = |up: bool| {
            let end = |i: &Interval| if up { i.high.is_infinite() } else { i.low.is_infinite() };
            match self.go() {
                Some(go) if !go.interval.otherwise => !end(&go.interval),
                _ => others.iter().any(|band| end(&band.interval)),
            }
        };
        match (unbounded(true), unbounded(false)) {
            (true, true) | (false, false) => Worse::Either,
            (true, false) => Worse::Up,
            (false, true) => Worse::Down,
        }
    }

    /// Whether values beyond every limit, in this direction, are STOP.
    pub(crate) fn stops_beyond(&self, worse: Worse) -> bool {
        let far = match worse {
            Worse::Up => f64::MAX,
            Worse::Down => f64::MIN,
            Worse::Either => return false,
        };
        self.level(far).is_some_and(|(level, _)| level == Level::Stop)
    }

    /// The limit that a value of this level was held against: for GO the nearest edge of the GO band, else the
    /// edge that it is beyond, of the band that it is in; of `otherwise` that is an edge of the GO band.
    pub(crate) fn limit(&self, level: Level, value: f64) -> Option<f64> {
        let nearest = |limits: Vec<f64>| {
            limits.into_iter().min_by(|a, b| (a - value).abs().total_cmp(&(b - value).abs()))
        };
        let own = self.bands.iter().find(|band| band.level == level && !band.interval.otherwise);
        let go = self.go().filter(|go| !go.interval.otherwise);
        match (own, self.worse()) {
            (Some(band), Worse::Up) if level != Level::Go && band.interval.low.is_finite() => Some(band.interval.low),
            (Some(band), Worse::Down) if level != Level::Go && band.interval.high.is_finite() => {
                Some(band.interval.high)
            }
            (Some(band), _) => nearest(band.interval.limits().collect()),
            (None, _) => nearest(go.map_or_else(|| self.edges(), |go| go.interval.limits().collect())),
        }
    }

    /// How far `value` is inside the GO band, in the unit of the limits; negative outside of it.
    pub(crate) fn margin(&self, value: f64) -> Option<f64> {
        let edges = match self.go() {
            Some(go) if !go.interval.otherwise => go.interval.limits().collect(),
            _ => self.edges(),
        };
        let distance = edges.into_iter().map(|edge| (edge - value).abs()).min_by(f64::total_cmp)?;
        let inside = self.level(value).is_some_and(|(level, _)| level == Level::Go);
        Some(if inside { distance } else { -distance })
    }

    /// A single figure that ends the GO band on the bad side, where there is one.
    pub(crate) fn go_edge(&self) -> Option<f64> {
        let interval = &self.go()?.interval;
        match (interval.otherwise, self.worse()) {
            (false, Worse::Up) => Some(interval.high),
            (false, Worse::Down) => Some(interval.low),
            // `= 0`: the one value that is good.
            (false, Worse::Either) if interval.low == interval.high => Some(interval.high),
            _ => None,
        }
    }

    /// Edges, the points between them and beyond them: each in one band, no band twice.
    fn check(&self) -> Result<(), String> {
        let mut edges = self.edges();
        edges.sort_by(f64::total_cmp);
        let (Some(&lowest), Some(&highest)) = (edges.first(), edges.last()) else {
            return Err("none of its bands has a limit; write for example `stop = \"> 0\"`".to_owned());
        };
        let mut points = edges.clone();
        points.extend(edges.windows(2).map(|pair| middle(pair[0], pair[1])));
        points.push(beyond(highest, 1.0));
        // Nothing that is measured is below 0; growth is, and then its limits speak of it.
        points.push(if lowest > 0.0 { 0.0 } else { beyond(lowest, -1.0) });
        let below_zero_counts = lowest < 0.0 || self.bands.iter().any(|band| band.interval.low.is_infinite());
        let otherwise = self.bands.iter().any(|band| band.interval.otherwise);
        for point in points {
            let mut in_bands =
                self.bands.iter().filter(|band| !band.interval.otherwise && band.interval.has(point));
            let (first, second) = (in_bands.next(), in_bands.next());
            let place = self.unit.show(point);
            if let (Some(first), Some(second)) = (first, second) {
                return Err(format!(
                    "its bands overlap: {place} is in `{}` and in `{}`",
                    first.written, second.written
                ));
            }
            if first.is_none() && !otherwise && (point >= 0.0 || below_zero_counts) {
                return Err(format!(
                    "its bands have a gap: {place} is in none of them; add `warn = \"otherwise\"`, or move a limit"
                ));
            }
        }
        Ok(())
    }
}

/// Between two finite numbers, without overflow.
fn middle(low: f64, high: f64) -> f64 {
    low / 2.0 + high / 2.0
}

fn beyond(limit: f64, direction: f64) -> f64 {
    limit + direction * limit.abs().max(1.0)
}

#[cfg(test)]
mod tests;

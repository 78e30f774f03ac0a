//! Bands whose limits are figures: the level of a value, its limit, its margin. Not here: how they are written.

use crate::level::Level;
use crate::unit::Unit;

/// Bands whose limits are figures. From the worst band to the best.
#[derive(Debug, Clone)]
pub(crate) struct ResolvedBands {
    pub(super) unit: Unit,
    pub(super) bands: Vec<ResolvedBand>,
}

#[derive(Debug, Clone)]
pub(crate) struct ResolvedBand {
    pub(super) level: Level,
    pub(super) interval: Interval,
    pub(super) written: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Interval {
    low: f64,
    low_in: bool,
    high: f64,
    high_in: bool,
    otherwise: bool,
}

impl Interval {
    pub(super) fn new(low: f64, low_in: bool, high: f64, high_in: bool) -> Self {
        Self { low, low_in, high, high_in, otherwise: false }
    }

    pub(super) fn otherwise() -> Self {
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
        self.bands
            .iter()
            .filter(|band| !band.interval.otherwise)
            .flat_map(|band| band.interval.limits())
            .collect()
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
            (Some(band), Worse::Up) if level != Level::Go && band.interval.low.is_finite() => {
                Some(band.interval.low)
            }
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
            (false, Worse::Either) if interval.low >= interval.high => Some(interval.high),
            _ => None,
        }
    }

    /// Edges, the points between them and beyond them: each in one band, no band twice.
    pub(super) fn check(&self) -> Result<(), String> {
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

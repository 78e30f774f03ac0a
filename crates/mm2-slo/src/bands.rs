//! Bands: which values are GO, which WARN, which STOP, as they are written: `< 500 ms`, `> 1 s`.
//!
//! A band is `< Q`, `<= Q`, `> Q`, `>= Q`, `= Q`, `Q .. Q` (both ends included), or `otherwise`: whatever
//! the other bands leave. Q is a quantity with its unit, or relative to something known when it is judged:
//! `baseline`, `baseline * 2`, `baseline + 100 ms`, `p99_limit`. Not here: where the value comes from.

mod limit;
mod resolved;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::level::Level;
use crate::unit::{Quantity, Unit};

pub(crate) use self::limit::{Known, Limit};
use self::resolved::Interval;
pub(crate) use self::resolved::{GoTest, ResolvedBand, ResolvedBands, Worse};

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
    /// and none with two. Of limits that depend on something that cannot be known yet: where two bands then meet the
    /// worse one counts, and a value in none of them is INCONCLUSIVE.
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
            return Err(
                "it has neither a `warn` nor a `stop` band, so it can only be GO; add `stop`".to_owned()
            );
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
                limit.resolve(self.unit, known).ok_or_else(|| limit.name().unwrap_or("the limit").to_owned())
            };
            let interval = match &band.relation {
                Relation::Below(x) => Interval::new(f64::NEG_INFINITY, true, figure(x)?, false),
                Relation::AtMost(x) => Interval::new(f64::NEG_INFINITY, true, figure(x)?, true),
                Relation::Above(x) => Interval::new(figure(x)?, false, f64::INFINITY, true),
                Relation::AtLeast(x) => Interval::new(figure(x)?, true, f64::INFINITY, true),
                Relation::Is(x) => Interval::new(figure(x)?, true, figure(x)?, true),
                Relation::Between(low, high) => {
                    let (from, to) = (figure(low)?, figure(high)?);
                    if from > to {
                        // Nothing would be in it.
                        let named = low.name().or(high.name()).unwrap_or("the limit");
                        return Err(format!("{named} in the order of `{}`", band.written));
                    }
                    Interval::new(from, true, to, true)
                }
                Relation::Otherwise => Interval::otherwise(),
            };
            bands.push(ResolvedBand { level, interval, written: band.written.clone() });
        }
        Ok(ResolvedBands { unit: self.unit, bands })
    }
}

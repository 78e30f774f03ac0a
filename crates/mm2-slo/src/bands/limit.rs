//! A limit: a figure with its unit, or one that is known when it is judged.

use crate::unit::{Quantity, Unit};

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
                let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
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

//! Quantities as a person types them: `1 s`, `1000/s`. Which units there are and how they are spelt is the
//! library's business, which reads quantities as limits of criteria only; so they are read as such.

use anyhow::{Context as _, anyhow, bail};
use mm2_slo::wire::v1::{CriteriaFile, Criterion};
use mm2_slo::{Criteria, Observation, Observations, Quantity, Total, Unit};

/// One a kind. Count before ratio: a bare number is a count.
const UNITS: [Unit; 7] =
    [Unit::Count, Unit::S, Unit::Bytes, Unit::Records, Unit::RecordsPerSec, Unit::BytesPerSec, Unit::Percent];

/// Reads `1 s`, `500 ms`, `10000 records`.
pub(crate) fn read(text: &str) -> anyhow::Result<Quantity> {
    let text = text.trim();
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+')) {
        bail!("`{text}` is no quantity; hint: write a number and its unit, such as `500 ms`");
    }
    let mut refused = None;
    for unit in UNITS {
        match as_limit(text, unit) {
            Ok(quantity) => return Ok(quantity),
            Err(error) => refused = Some(error),
        }
    }
    // The reading fails in the same way for each unit.
    Err(refused.unwrap_or_else(|| anyhow!("`{text}` is no quantity")))
}

/// Reads `1000/s` or `1000 records/s`.
pub(crate) fn read_rate(text: &str) -> anyhow::Result<f64> {
    let number = text.trim().strip_suffix("/s").map(str::trim_end);
    let bare = number.filter(|number| number.ends_with(|c: char| c.is_ascii_digit()));
    let quantity = read(&bare.map_or_else(|| text.to_owned(), |number| format!("{number} records/s")))?;
    let rate = quantity.value_in(Unit::RecordsPerSec).filter(|rate| *rate > 0.0);
    rate.with_context(|| format!("`{text}` is no rate above 0; hint: write it like `1000/s`"))
}

fn as_limit(text: &str, unit: Unit) -> anyhow::Result<Quantity> {
    let criterion = Criterion {
        name: "typed".into(),
        signal: Some("typed".into()),
        unit: Some(unit),
        go: Some(format!("<= {text}")),
        stop: Some("otherwise".to_owned()),
        ..Criterion::default()
    };
    let file = CriteriaFile { criteria: vec![criterion], ..CriteriaFile::default() };
    let criteria = Criteria::from_wire(file).map_err(|error| {
        let said = error.to_string();
        let said = said.split_once(": ").map_or(said.as_str(), |(_, reason)| reason);
        anyhow!("{}", said.replacen("; ", "; hint: ", 1))
    })?;
    let nothing = Observations::over(1.0).with("typed", Observation::Total(Total::new(0.0, unit)));
    let limit = criteria.judge(&nothing).findings.first().and_then(|finding| finding.limit);
    limit.and_then(|limit| Quantity::new(limit, unit)).with_context(|| format!("`{text}` is no quantity"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_as_in_criteria() {
        let check = |text: &str, expect: Result<(f64, Unit), &str>| match (read(text), expect) {
            (Ok(got), Ok((value, unit))) => assert_eq!(got.value_in(unit), Some(value), "{text}"),
            (Err(said), Err(part)) => assert!(said.to_string().contains(part), "{text}: {said}"),
            (got, expect) => panic!("{text}: {got:?}, not {expect:?}"),
        };
        check("1 s", Ok((1_000.0, Unit::Ms)));
        check("500ms", Ok((500.0, Unit::Ms)));
        check("10_000 records", Ok((10_000.0, Unit::Records)));
        check("70 %", Ok((70.0, Unit::Percent)));
        check("-3", Ok((-3.0, Unit::Count)));
        check("1 parsec", Err("`parsec` is no unit; hint: known are us, ms"));
        check("baseline", Err("write a number and its unit"));
        check("", Err("write a number and its unit"));
    }

    #[test]
    fn a_rate_is_of_records() {
        let check = |text: &str, expect: Option<f64>| assert_eq!(read_rate(text).ok(), expect, "{text}");
        check("1000/s", Some(1_000.0));
        check("1000 records/s", Some(1_000.0));
        check("1000 msg/s", Some(1_000.0));
        check("1 MB/s", None);
        check("1000", None);
        check("0/s", None);
        check("/s", None);
    }
}

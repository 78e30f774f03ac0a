//! Short ways of writing criteria and samples.

use mm2_slo::{Criteria, Finding, Observation, Observations, Sampled, Series, Source, Unit};

/// One criterion on the signal `s`.
pub(crate) fn one(text: &str) -> Criteria {
    Criteria::from_toml(&format!("[[criterion]]\nname = \"c\"\nsignal = \"s\"\n{text}")).unwrap()
}

/// Samples at equal distances, from 0 on.
pub(crate) fn every(every_ms: u64, values: impl IntoIterator<Item = f64>) -> Vec<(u64, f64)> {
    (0..).zip(values).map(|(i, value)| (i * every_ms, value)).collect()
}

pub(crate) fn gauge(unit: Unit, every_ms: u64, series: &[(&str, Vec<(u64, f64)>)]) -> Sampled {
    let series = series.iter().map(|(name, samples)| Series::new(*name, samples.clone()));
    Source::gauge(unit, every_ms).series(series)
}

/// The finding of one criterion on a window of so many seconds.
pub(crate) fn judged(criteria: &Criteria, window_s: f64, sampled: Sampled) -> Finding {
    let seen = Observations::over(window_s).with("s", Observation::Sampled(sampled));
    criteria.judge(&seen).findings.remove(0)
}

//! A set of criteria: read, checked, overridden.

use std::collections::BTreeMap;

use crate::criterion::Criterion;
use crate::error::Error;
use crate::observations::Observations;
use crate::unit::Unit;
use crate::verdict::Verdict;
use crate::wire::v1::{self, CriteriaFile};

/// Criteria in the order in which a verdict names its reason. Never empty.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Criteria {
    list: Vec<Criterion>,
}

impl Criteria {
    /// Reads criteria in TOML: one `[[criterion]]` each, on top of the built-in sets that `extends` names.
    ///
    /// ```
    /// let criteria = mm2_slo::Criteria::from_toml(r#"
    ///     [[criterion]]
    ///     name = "lag"
    ///     signal = "consumer.lag"
    ///     unit = "records"
    ///     over_series = "max"
    ///     over_time = "max"
    ///     go = "<= 10000 records"
    ///     warn = "otherwise"
    ///     stop = "> 50000 records"
    /// "#)?;
    /// assert_eq!(criteria.get("lag").map(|lag| lag.bands().go().written()), Some("<= 10000 records"));
    /// # Ok::<(), mm2_slo::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first thing that is wrong, with its place in `text`.
    #[cfg(feature = "toml")]
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let file = crate::toml_text::read(text)?;
        let mut base = Vec::new();
        for set in &file.extends {
            base = merge(base, crate::builtin::set(set)?.to_wire().criteria);
        }
        Self::checked(base, file).map_err(|error| crate::toml_text::locate(error, text))
    }

    /// The built-in criteria of a phase of the runbook.
    #[cfg(feature = "toml")]
    pub fn of_phase(phase: crate::Phase) -> Self {
        crate::builtin::phase(phase)
    }

    /// These with those of `text` on top: a criterion of the same name changes only what it says, a new one comes
    /// last.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place in `text`.
    #[cfg(feature = "toml")]
    pub fn overridden(&self, text: &str) -> Result<Self, Error> {
        let file = crate::toml_text::read(text)?;
        let mut base = self.to_wire().criteria;
        for set in &file.extends {
            base = merge(base, crate::builtin::set(set)?.to_wire().criteria);
        }
        Self::checked(base, file).map_err(|error| crate::toml_text::locate(error, text))
    }

    /// These with `criteria` on top, as [`overridden`](Self::overridden) puts them: for criteria that stand in a file
    /// of another kind.
    ///
    /// # Errors
    /// The first criterion that makes no sense, by its name ([`Error::criterion`]).
    pub fn overridden_with(&self, criteria: Vec<v1::Criterion>) -> Result<Self, Error> {
        Self::checked(self.to_wire().criteria, CriteriaFile { criteria, ..CriteriaFile::default() })
    }

    /// These, with the criterion of this name advisory: its STOP counts as WARN. Missing data counts as it did, and so
    /// does what is switched off.
    ///
    /// ```
    /// # #[cfg(feature = "toml")] {
    /// use mm2_slo::{Criteria, CriterionName, Phase};
    ///
    /// // Other programs run on the workers' hosts: their processors tell of more than the chain.
    /// let criteria = Criteria::of_phase(Phase::RAMP).advisory(CriterionName::WORKER_CPU)?;
    /// assert!(criteria.get(CriterionName::WORKER_CPU).is_some_and(|cpu| cpu.is_advisory()));
    /// # }
    /// # Ok::<(), mm2_slo::Error>(())
    /// ```
    ///
    /// # Errors
    /// No criterion has this name ([`Error::is_unknown`]).
    pub fn advisory(mut self, name: &str) -> Result<Self, Error> {
        if let Some(found) = self.list.iter_mut().find(|criterion| criterion.name == *name) {
            found.wire.advisory = Some(true);
            return Ok(self);
        }
        let known: Vec<&str> = self.list.iter().map(|criterion| criterion.name.as_str()).collect();
        Err(Error::unknown("criterion", name, &known.join(", ")))
    }

    /// From any other format that serde reads.
    ///
    /// # Errors
    /// The first criterion that makes no sense.
    pub fn from_wire(file: CriteriaFile) -> Result<Self, Error> {
        #[cfg(feature = "toml")]
        {
            let mut base = Vec::new();
            for set in &file.extends {
                base = merge(base, crate::builtin::set(set)?.to_wire().criteria);
            }
            Self::checked(base, file)
        }
        #[cfg(not(feature = "toml"))]
        match file.extends.first() {
            Some(set) => Err(Error::unknown("built-in set", set, "none without the feature `toml`")),
            None => Self::checked(Vec::new(), file),
        }
    }

    fn checked(base: Vec<v1::Criterion>, file: CriteriaFile) -> Result<Self, Error> {
        match file.version {
            None | Some(v1::VERSION) => {}
            Some(other) => return Err(Error::version(other, v1::VERSION)),
        }
        let mut seen = std::collections::BTreeSet::new();
        if let Some(twice) = file.criteria.iter().find(|criterion| !seen.insert(&criterion.name)) {
            return Err(Error::criterion_is(
                twice.name.as_str(),
                "two criteria have this name; rename one of them",
            ));
        }
        let list: Vec<Criterion> =
            merge(base, file.criteria).into_iter().map(Criterion::try_from).collect::<Result<_, _>>()?;
        if list.is_empty() {
            return Err(Error::empty());
        }
        one_unit_a_signal(&list)?;
        Ok(Self { list })
    }

    /// As they would be written in a file, everything spelt out.
    pub fn to_wire(&self) -> CriteriaFile {
        CriteriaFile {
            version: Some(v1::VERSION),
            extends: Vec::new(),
            criteria: self.list.iter().map(|criterion| criterion.to_wire().clone()).collect(),
        }
    }

    /// One by one, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Criterion> {
        self.list.iter()
    }

    /// The criterion of this name.
    pub fn get(&self, name: &str) -> Option<&Criterion> {
        self.list.iter().find(|criterion| criterion.name == *name)
    }

    /// Judges what was observed: pure and deterministic. See [`crate::guide::missing_data`] for what missing data
    /// does.
    pub fn judge(&self, observations: &Observations) -> Verdict {
        crate::judge::judge(self, observations)
    }
}

/// `over` on top of `base`, by name.
fn merge(mut base: Vec<v1::Criterion>, over: Vec<v1::Criterion>) -> Vec<v1::Criterion> {
    for criterion in over {
        match base.iter_mut().find(|known| known.name == criterion.name) {
            Some(known) => known.override_with(criterion),
            None => base.push(criterion),
        }
    }
    base
}

/// Two criteria that take a signal's values for different things cannot both be right.
fn one_unit_a_signal(list: &[Criterion]) -> Result<(), Error> {
    let mut units: BTreeMap<&str, (Unit, &str)> = BTreeMap::new();
    for criterion in list {
        // A generator's evidence is one signal with figures of several kinds.
        if criterion.signal == *crate::Signal::LOAD {
            continue;
        }
        let entry =
            units.entry(criterion.signal.as_str()).or_insert((criterion.unit, criterion.name.as_str()));
        if entry.0 != criterion.unit {
            let message = format!(
                "signal `{}` is in {} here and in {} in `{}`; it has one unit",
                criterion.signal, criterion.unit, entry.0, entry.1
            );
            return Err(Error::criterion_is(criterion.name.as_str(), message));
        }
    }
    Ok(())
}

//! The runbook's criteria, phase by phase, as data: every one can be overridden by its name.
//!
//! The figures are those of docs/runbook.md; a comment says where one is not.

use crate::criteria::Criteria;
use crate::error::Error;
use crate::phase::Phase;

const SETS: [&str; 9] = [
    include_str!("builtin/phase-0.toml"),
    include_str!("builtin/phase-1.toml"),
    include_str!("builtin/phase-2.toml"),
    include_str!("builtin/phase-3.toml"),
    include_str!("builtin/phase-4.toml"),
    include_str!("builtin/phase-5.toml"),
    include_str!("builtin/phase-6.toml"),
    include_str!("builtin/phase-7.toml"),
    include_str!("builtin/phase-8.toml"),
];

/// The set that `extends` names: `phase-0` … `phase-8`.
pub(crate) fn set(name: &str) -> Result<Criteria, Error> {
    let number = name.strip_prefix("phase-").and_then(|number| number.parse().ok());
    match number.and_then(Phase::new) {
        Some(phase) => Ok(self::phase(phase)),
        None => Err(Error::unknown("built-in set", name, "phase-0 to phase-8")),
    }
}

#[expect(clippy::expect_used, reason = "the sets are part of the program, and a test reads each of them")]
pub(crate) fn phase(phase: Phase) -> Criteria {
    Criteria::from_toml(SETS[usize::from(phase.number())]).expect("built-in criteria are criteria")
}

//! Any text as criteria: it is refused or judged, never a panic; and criteria survive being written and read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mm2_slo::{Criteria, Level, Observations, Outcome};

fuzz_target!(|text: &str| {
    let criteria = match Criteria::from_toml(text) {
        Ok(criteria) => criteria,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let again = Criteria::from_wire(criteria.to_wire()).expect("what was read can be written");
    assert_eq!(again, criteria);
    let verdict = criteria.judge(&Observations::over(60.0));
    assert_ne!(verdict.level, Level::Go, "nothing was seen");
    assert!(verdict.findings.iter().all(|finding| finding.outcome != Outcome::Stop), "nothing was seen");
    assert!(!verdict.sentence().is_empty());
});

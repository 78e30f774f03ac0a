//! Findings together: the worst wins.

use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::level::Level;
use crate::name::CriterionName;

/// What a judgement came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[must_use]
#[non_exhaustive]
pub struct Verdict {
    /// The worst level of the findings.
    pub level: Level,
    /// The first finding of that level in the order of the criteria; `None` for GO.
    pub reason: Option<CriterionName>,
    /// One for each criterion, in their order.
    pub findings: Vec<Finding>,
}

impl Verdict {
    /// Worst wins; with nothing that counts, nothing is shown.
    pub fn of(findings: Vec<Finding>) -> Self {
        let level = findings.iter().filter_map(Finding::level).max().unwrap_or(Level::Inconclusive);
        let reason = findings
            .iter()
            .find(|finding| level != Level::Go && finding.level() == Some(level))
            .map(|finding| finding.criterion.clone());
        Self { level, reason, findings }
    }

    /// Both together: the worse of them, and all findings, these first.
    pub fn and(mut self, other: Self) -> Self {
        self.findings.extend(other.findings);
        Self::of(self.findings)
    }

    /// What stands as `verdict.reason` in `run.json`: a criterion's name, or a phrase where none decided.
    pub fn reason_name(&self) -> &str {
        match &self.reason {
            Some(criterion) => criterion.as_str(),
            None if self.level == Level::Go => "all criteria met",
            None => "nothing judged",
        }
    }

    /// The finding that decided; `None` for GO, and where nothing was judged.
    pub fn deciding(&self) -> Option<&Finding> {
        let name = self.reason.as_ref()?;
        self.findings.iter().find(|finding| finding.criterion == *name && finding.level() == Some(self.level))
    }

    /// The verdict in one sentence, with what decided it: `STOP: lag_max is 53,000 records, and …`.
    pub fn sentence(&self) -> String {
        let counted = self.findings.iter().filter(|finding| finding.level().is_some()).count();
        let skipped = match self.findings.len() - counted {
            0 => String::new(),
            n => format!(" ({n} skipped)"),
        };
        match self.deciding() {
            Some(finding) => {
                let more = self.findings.iter().filter(|f| f.level() == Some(self.level)).count() - 1;
                let more = if more == 0 { String::new() } else { format!(" ({more} more)") };
                format!("{}: {}{more}", self.level, finding.sentence())
            }
            None if self.level == Level::Go => {
                let criteria = if counted == 1 { "the criterion is" } else { "criteria are" };
                let counted = if counted == 1 { String::new() } else { format!("all {counted} ") };
                format!("GO: {counted}{criteria} met{skipped}")
            }
            None => format!("INCONCLUSIVE: nothing was judged{skipped}"),
        }
    }
}

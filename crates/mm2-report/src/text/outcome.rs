//! Words for what a run came to: the verdict, the capacity, and what keeps the next phase from beginning.

use mm2_evidence::run::StepRun;
use mm2_slo::Finding;
use mm2_slo::climb::{Capacity, Conclusion, LimitedBy};

use super::catch_up::LeftOpen;

/// What a run came to, with what decided it.
pub(crate) struct Verdict<'a> {
    pub(crate) outcome: &'a Conclusion,
    /// The step that the outcome names or, cut short, was being held.
    pub(crate) step: Option<&'a StepRun>,
    /// The finding that decided that step.
    pub(crate) finding: Option<&'a Finding>,
    /// How many steps were held.
    pub(crate) held: usize,
    /// Whether the climb was over when the run was.
    pub(crate) catching_up: bool,
}

/// Why the phase is not finished.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum NotNextPhase {
    /// It was none of a real chain.
    Rehearsal,
    /// We paused the connector, and nothing says that it runs again.
    MayBePaused,
    /// Records were lost after an outage.
    LostCatchingUp,
    /// Something of its checklist is not done.
    NotAllTicked,
    /// Production needs more than is recommended.
    BelowNeed,
    /// Catching up was asked for, and has no good answer.
    CatchUp(LeftOpen),
}

/// Sentences: lower case at the start and no final dot where they stand inside others.
pub(crate) trait OutcomeText {
    /// The verdict in one or two whole sentences, behind the level.
    fn verdict(&self, verdict: &Verdict<'_>) -> String;
    /// That records were lost, in a whole sentence, behind the level.
    fn lost_catching_up(&self, records: u64) -> String;
    /// The climb's own level and verdict, where the run's is another.
    fn climb_itself(&self, level: &str, verdict: &str) -> String;

    fn last_go(&self, step: &str, capacity: &Capacity) -> String;
    fn none_validated(&self) -> &'static str;
    fn recommended(&self, per_sec: u64) -> String;
    /// Between the validated rate and the one that failed; `None` where there are not both.
    fn knee(&self, capacity: &Capacity) -> Option<String>;
    /// That the validated rate was held again in vain; `None` where it was not.
    fn held_again_in_vain(&self, capacity: &Capacity) -> Option<String>;
    /// What production needs at its peak, and whether what is recommended meets it.
    fn needed(&self, per_sec: u64, met: bool) -> String;
    fn limited_by(&self, by: &LimitedBy) -> String;
    fn not_next_phase(&self, why: NotNextPhase) -> &'static str;
}

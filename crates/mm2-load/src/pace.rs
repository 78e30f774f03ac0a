//! How fast a load goes, and which record goes where.

use mm2_measure::schedule::{Schedule, ScheduleError};

/// How fast records go out. All of them are dealt to the slots in turn.
#[derive(Debug, Clone, Copy)]
pub enum Pace {
    /// An open loop: record *i* is due at t0 + i/rate, and what was not sent by the end is abandoned.
    Hold(Schedule),
    /// The same, but every record is sent, however late: for a number of records instead of a time.
    Count(Schedule),
    /// As fast as the client's queue takes them: a full queue is waited for, nothing else is. No record
    /// is due, so none can be late, and latency can only count from the sending.
    FlatOut(FlatOut),
}

/// A number of records without a rate.
#[derive(Debug, Clone, Copy)]
pub struct FlatOut {
    /// Only for dealing the records to slots; its due times mean nothing.
    deal: Schedule,
}

impl FlatOut {
    /// `records` from `t0_us` on, dealt to `slots`.
    ///
    /// # Errors
    /// When there are no slots, or more slots or records than a stamp can number.
    pub fn new(t0_us: u64, slots: u32, records: u64) -> Result<Self, ScheduleError> {
        // The rate is the highest that a schedule counts in whole microseconds.
        Ok(Self { deal: Schedule::new(t0_us, 1_000_000, slots, records)? })
    }
}

impl Pace {
    /// When the first record may go out, microseconds since the Unix epoch.
    pub fn t0_us(&self) -> u64 {
        self.schedule().t0_us
    }

    /// How many records there are.
    pub fn total(&self) -> u64 {
        self.schedule().total
    }

    /// When the load ends by its schedule, microseconds since the Unix epoch; `None` without one.
    pub fn end_us(&self) -> Option<u64> {
        let end_us = |schedule: &Schedule| schedule.t0_us + schedule.hold_us();
        match self {
            Self::Hold(schedule) | Self::Count(schedule) => Some(end_us(schedule)),
            Self::FlatOut(_) => None,
        }
    }

    /// The rate, records a second over all slots; `None` without one.
    pub fn rate_per_sec(&self) -> Option<u64> {
        match self {
            Self::Hold(schedule) | Self::Count(schedule) => Some(schedule.rate_per_sec),
            Self::FlatOut(_) => None,
        }
    }

    /// When record `i` is due, microseconds since the Unix epoch; `None` when it never is.
    pub(crate) fn due_us(&self, i: u64) -> Option<u64> {
        match self {
            Self::Hold(schedule) | Self::Count(schedule) => Some(schedule.due_us(i)),
            Self::FlatOut(_) => None,
        }
    }

    /// How many records may be out by `now_us`; never more than there are.
    pub fn due_by(&self, now_us: u64) -> u64 {
        match self {
            Self::Hold(schedule) | Self::Count(schedule) => schedule.due_by(now_us),
            Self::FlatOut(flat_out) if now_us >= flat_out.deal.t0_us => flat_out.deal.total,
            Self::FlatOut(_) => 0,
        }
    }

    /// When what is left is abandoned, microseconds since the Unix epoch.
    pub(crate) fn abandoned_us(&self) -> u64 {
        match self {
            Self::Hold(_) => self.end_us().unwrap_or(u64::MAX),
            Self::Count(_) | Self::FlatOut(_) => u64::MAX,
        }
    }

    /// Deals records to slots.
    pub(crate) fn schedule(&self) -> &Schedule {
        match self {
            Self::Hold(schedule) | Self::Count(schedule) => schedule,
            Self::FlatOut(flat_out) => &flat_out.deal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_is_abandoned_at_its_end_and_a_number_of_records_never() {
        let schedule = Schedule::new(1_000_000, 10, 2, 20).unwrap();
        assert_eq!(Pace::Hold(schedule).abandoned_us(), 3_000_000);
        assert_eq!(Pace::Count(schedule).abandoned_us(), u64::MAX);
        assert_eq!(Pace::Count(schedule).end_us(), Some(3_000_000));
    }

    #[test]
    fn flat_out_all_may_go_from_the_start_and_none_is_ever_due() {
        let pace = Pace::FlatOut(FlatOut::new(1_000, 3, 7).unwrap());
        assert_eq!([999, 1_000, 9_000].map(|now| pace.due_by(now)), [0, 7, 7]);
        assert_eq!((pace.due_us(3), pace.end_us(), pace.rate_per_sec()), (None, None, None));
        assert_eq!((pace.schedule().slot(5), pace.total()), (2, 7));
    }
}

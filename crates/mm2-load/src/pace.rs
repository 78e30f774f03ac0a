//! How fast a load goes, and which record goes where.

use mm2_measure::schedule::{Schedule, ScheduleError};

/// How fast records go out.
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
    /// For its slots and total; its due times mean nothing.
    extent: Schedule,
}

impl FlatOut {
    /// `records` from `t0_us` on, dealt to `slots`.
    ///
    /// # Errors
    /// When there are no slots, or more slots or records than a stamp can number.
    pub fn new(t0_us: u64, slots: u32, records: u64) -> Result<Self, ScheduleError> {
        // The rate is the highest that a schedule counts in whole microseconds.
        Ok(Self { extent: Schedule::new(t0_us, 1_000_000, slots, records)? })
    }
}

/// Which record goes to which slot.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deal {
    pub(crate) slots: u32,
    /// How many records in a row go to one slot before it is the next one's turn; 1 is how an audit counts.
    pub(crate) in_a_row: u32,
}

impl Deal {
    /// The slot of record `i`, and its number within it.
    pub(crate) fn place(self, i: u64) -> (u32, u64) {
        let (slots, in_a_row) = (u64::from(self.slots), u64::from(self.in_a_row));
        let (rows, within) = (i / in_a_row, i % in_a_row);
        ((rows % slots) as u32, rows / slots * in_a_row + within)
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
            Self::FlatOut(flat_out) if now_us >= flat_out.extent.t0_us => flat_out.extent.total,
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

    /// Its slots; of a load without a rate not its due times.
    pub(crate) fn schedule(&self) -> &Schedule {
        match self {
            Self::Hold(schedule) | Self::Count(schedule) => schedule,
            Self::FlatOut(flat_out) => &flat_out.extent,
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
    fn a_slot_gets_its_records_in_rows_numbered_without_a_gap() {
        let deal = Deal { slots: 2, in_a_row: 3 };
        let placed: Vec<_> = (0..8).map(|i| deal.place(i)).collect();
        assert_eq!(placed, [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (0, 4)]);
    }

    #[test]
    fn one_at_a_time_is_how_a_schedule_deals() {
        let schedule = Schedule::new(0, 10, 7, 100).unwrap();
        for i in 0..100 {
            let place = Deal { slots: 7, in_a_row: 1 }.place(i);
            assert_eq!(place, (schedule.slot(i), schedule.sequence(i)));
        }
    }

    #[test]
    fn flat_out_all_may_go_from_the_start_and_none_is_ever_due() {
        let pace = Pace::FlatOut(FlatOut::new(1_000, 3, 7).unwrap());
        assert_eq!([999, 1_000, 9_000].map(|now| pace.due_by(now)), [0, 7, 7]);
        assert_eq!((pace.due_us(3), pace.end_us(), pace.rate_per_sec()), (None, None, None));
        assert_eq!((pace.schedule().slots, pace.total()), (3, 7));
    }
}

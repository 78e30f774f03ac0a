//! When each record of a step is due, and where it goes: an absolute open-loop schedule in integers.
//!
//! The rate is a promise about the whole hold: record `i` is due at `t0 + i / rate`, whatever happened
//! to the records before it. Nothing here waits or sends.

use crate::stamp::{MAX_SEQUENCE, MAX_SLOTS, MAX_TIME_US};

/// The schedule of one step: `total` records at `rate_per_sec`, dealt round-robin to `slots`.
///
/// A slot is one partition of one topic. Within a slot, records are numbered by *sequence*, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Schedule {
    /// When record 0 is due, microseconds since the Unix epoch.
    pub t0_us: u64,
    /// Records a second over all slots.
    pub rate_per_sec: u64,
    /// How many topic-partitions the records are dealt to.
    pub slots: u32,
    /// How many records are due in the hold.
    pub total: u64,
}

/// Why there can be no such schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Rate 0 has no due times.
    #[error("rate is 0 records a second: ask for at least 1")]
    Rate,
    /// No partition to send to, or more than a stamp can tell apart.
    #[error("{0} topic-partitions to send to: there must be between 1 and {MAX_SLOTS}")]
    Slots(u32),
    /// More records, or a later end, than a stamp has digits for.
    #[error("{0} records are more than a stamp can number: shorten the hold or lower the rate")]
    TooLong(u64),
}

impl Schedule {
    /// A schedule of `total` records from `t0_us` on.
    ///
    /// # Errors
    /// When rate or slots are 0, or a stamp has too few digits for the slots, sequences or times.
    pub fn new(t0_us: u64, rate_per_sec: u64, slots: u32, total: u64) -> Result<Self, ScheduleError> {
        if rate_per_sec == 0 {
            return Err(ScheduleError::Rate);
        }
        if slots == 0 || slots > MAX_SLOTS {
            return Err(ScheduleError::Slots(slots));
        }
        let schedule = Self { t0_us, rate_per_sec, slots, total };
        if total.div_ceil(u64::from(slots)) > MAX_SEQUENCE || schedule.due_us(total) > MAX_TIME_US {
            return Err(ScheduleError::TooLong(total));
        }
        Ok(schedule)
    }

    /// A schedule that holds `rate_per_sec` for `hold`: rate × hold records.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn for_hold(
        t0_us: u64,
        rate_per_sec: u64,
        slots: u32,
        hold: std::time::Duration,
    ) -> Result<Self, ScheduleError> {
        let total = u128::from(rate_per_sec) * hold.as_micros() / 1_000_000;
        Self::new(t0_us, rate_per_sec, slots, u64::try_from(total).unwrap_or(u64::MAX))
    }

    /// When record `i` is due, microseconds since the Unix epoch, rounded down.
    pub fn due_us(&self, i: u64) -> u64 {
        let after_us = u128::from(i) * 1_000_000 / u128::from(self.rate_per_sec);
        self.t0_us.saturating_add(u64::try_from(after_us).unwrap_or(u64::MAX))
    }

    /// How many records are due at or before `now_us`; never more than `total`.
    pub fn due_by(&self, now_us: u64) -> u64 {
        let Some(elapsed_us) = now_us.checked_sub(self.t0_us) else { return 0 };
        // floor(i · 10⁶ / rate) ≤ elapsed  ⇔  i < (elapsed + 1) · rate / 10⁶
        let due = ((u128::from(elapsed_us) + 1) * u128::from(self.rate_per_sec)).div_ceil(1_000_000);
        self.total.min(u64::try_from(due).unwrap_or(u64::MAX))
    }

    /// How long the load is on, microseconds: every record is due before its end.
    pub fn hold_us(&self) -> u64 {
        let hold_us = (u128::from(self.total) * 1_000_000).div_ceil(u128::from(self.rate_per_sec));
        u64::try_from(hold_us).unwrap_or(u64::MAX)
    }

    /// The slot that record `i` goes to.
    pub fn slot(&self, i: u64) -> u32 {
        (i % u64::from(self.slots)) as u32
    }

    /// The number of record `i` within its slot, from 0.
    pub fn sequence(&self, i: u64) -> u64 {
        i / u64::from(self.slots)
    }

    /// Which record has this number in this slot: the way back from [`slot`](Self::slot) and
    /// [`sequence`](Self::sequence).
    pub fn index(&self, slot: u32, sequence: u64) -> u64 {
        sequence.saturating_mul(u64::from(self.slots)).saturating_add(u64::from(slot))
    }

    /// How many records go to `slot`; their sequences are 0 up to this.
    pub fn records_in(&self, slot: u32) -> u64 {
        if slot >= self.slots {
            return 0;
        }
        let slots = u64::from(self.slots);
        self.total / slots + u64::from(u64::from(slot) < self.total % slots)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn schedules() -> impl Strategy<Value = Schedule> {
        (1_u64..2_000_000_000_000_000, 1_u64..3_000_000, 1_u32..2_000, 0_u64..1_000_000_000)
            .prop_map(|(t0_us, rate, slots, total)| Schedule::new(t0_us, rate, slots, total).unwrap())
    }

    proptest! {
        #[test]
        fn index_is_the_way_back_from_slot_and_sequence(s in schedules(), i in 0_u64..1_000_000_000_000) {
            prop_assert_eq!(s.index(s.slot(i), s.sequence(i)), i);
        }

        #[test]
        fn due_times_never_fall(s in schedules(), i in 0_u64..1_000_000_000, step in 0_u64..1_000) {
            prop_assert!(s.due_us(i) <= s.due_us(i + step));
        }

        #[test]
        fn due_by_counts_exactly_the_records_due(s in schedules(), i in 0_u64..1_000_000_000) {
            let i = i % s.total.max(1);
            let due = s.due_us(i);
            let counted = s.due_by(due);
            prop_assert!(counted == s.total || s.due_us(counted) > due);
            prop_assert!(counted == 0 || s.due_us(counted - 1) <= due);
            prop_assert!(s.total == 0 || s.due_by(due.saturating_sub(1)) <= i);
        }

        #[test]
        fn exactly_rate_times_hold_records_are_due_in_the_hold(
            rate in 1_u64..700_000, seconds in 1_u64..90_000, slots in 1_u32..500,
        ) {
            let s = Schedule::for_hold(7_000_000, rate, slots, Duration::from_secs(seconds)).unwrap();
            prop_assert_eq!(s.total, rate * seconds);
            prop_assert_eq!(s.hold_us(), seconds * 1_000_000);
            let end_us = s.t0_us + s.hold_us();
            prop_assert_eq!(s.due_by(end_us - 1), rate * seconds);
            prop_assert!(s.due_us(s.total - 1) < end_us);
            prop_assert_eq!(s.due_us(s.total), end_us);
        }

        #[test]
        fn the_slots_share_all_records(s in schedules()) {
            prop_assert_eq!((0..s.slots).map(|slot| s.records_in(slot)).sum::<u64>(), s.total);
            prop_assert_eq!(s.records_in(s.slots), 0);
            if let Some(last) = s.total.checked_sub(1) {
                prop_assert_eq!(s.sequence(last) + 1, s.records_in(s.slot(last)));
            }
        }
    }

    #[test]
    fn a_rate_that_does_not_divide_a_second_does_not_drift() {
        let s = Schedule::for_hold(0, 3, 1, Duration::from_hours(24)).unwrap();
        assert_eq!([1, 2, 3, 3 * 86_400].map(|i| s.due_us(i)), [333_333, 666_666, 1_000_000, 86_400_000_000]);
        // An interval in whole microseconds would make these 1 000 000 a second.
        let s = Schedule::for_hold(0, 700_000, 1, Duration::from_secs(60)).unwrap();
        assert_eq!(s.due_us(700_000), 1_000_000);
    }

    #[test]
    fn nothing_is_due_before_t0_and_one_record_at_t0() {
        let s = Schedule::new(1_000, 10, 1, 5).unwrap();
        assert_eq!([999, 1_000, 101_000, u64::MAX].map(|now| s.due_by(now)), [0, 1, 2, 5]);
    }

    #[test]
    fn refuses_what_cannot_be_scheduled_or_stamped() {
        assert_eq!(Schedule::new(0, 0, 1, 1), Err(ScheduleError::Rate));
        assert_eq!(Schedule::new(0, 1, 0, 1), Err(ScheduleError::Slots(0)));
        assert_eq!(Schedule::new(0, 1, MAX_SLOTS + 1, 1), Err(ScheduleError::Slots(MAX_SLOTS + 1)));
        assert_eq!(Schedule::new(0, u64::MAX, 1, u64::MAX), Err(ScheduleError::TooLong(u64::MAX)));
        assert_eq!(Schedule::new(0, 1, 1, 1 << 35), Err(ScheduleError::TooLong(1 << 35)));
    }
}

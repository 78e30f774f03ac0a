//! What the ticks of one load came to so far: all that is left of a step whose writer was killed.

use mm2_measure::Latency;

use crate::event::Tick;

/// How far a load is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Progress {
    /// Whether the load is on.
    pub load_on: bool,
    /// Seconds since it went on.
    pub elapsed_s: f64,
    /// Of these, seconds that it was on.
    pub loaded_s: f64,
    /// Counts as of the last tick; `None` before the first, when nothing is known.
    pub counts: Option<Counts>,
    /// Milliseconds since load-on, and the backlog then.
    pub backlog: Vec<(u64, u64)>,
    /// p99 so far, as the last tick gave it, milliseconds.
    pub p99_ms: Option<f64>,
    /// Largest delay of our own sends, milliseconds.
    pub slip_max_ms: Option<f64>,
    /// Latencies of all records that arrived, from the intended send time.
    pub latency: Latency,
    /// Set when the load went off.
    pub load_off: Option<LoadOff>,
}

/// Records, cumulative since the load went on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Handed to the client.
    pub sent: u64,
    /// Acknowledged.
    pub acked: u64,
    /// Failed for good.
    pub failed: u64,
    /// Distinct records received.
    pub received: u64,
    /// Shown to be lost.
    pub lost: u64,
    /// Sightings beyond the first.
    pub duplicates: u64,
    /// First sightings behind a later one.
    pub reordered: u64,
    /// Arrived changed.
    pub corrupt: u64,
}

/// The moment at which a load went off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadOff {
    /// When, milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// Records handed to the client.
    pub sent: u64,
    /// Of these, acknowledged by then.
    pub acked: u64,
    /// Acknowledged and not yet received.
    pub backlog: u64,
}

impl Progress {
    /// The largest backlog seen; `None` before the first sample.
    pub fn backlog_max(&self) -> Option<u64> {
        self.backlog.iter().map(|&(_, records)| records).max()
    }

    /// The latest backlog; `None` before the first sample.
    pub fn backlog_now(&self) -> Option<u64> {
        self.backlog.last().map(|&(_, records)| records)
    }

    pub(super) fn tick(&mut self, tick: &Tick) {
        self.load_on = tick.load_on;
        self.elapsed_s = tick.elapsed_s;
        if tick.load_on {
            self.loaded_s = tick.elapsed_s;
        }
        self.counts = Some(Counts {
            sent: tick.sent,
            acked: tick.acked,
            failed: tick.failed,
            received: tick.received,
            lost: tick.lost,
            duplicates: tick.duplicates,
            reordered: tick.reordered,
            corrupt: tick.corrupt,
        });
        self.backlog.extend_from_slice(&tick.backlog);
        self.p99_ms = tick.p99_ms.or(self.p99_ms);
        self.slip_max_ms = self.slip_max_ms.into_iter().chain(tick.slip_max_ms).reduce(f64::max);
        self.latency.merge(&tick.latency);
    }

    pub(super) fn load_off(&mut self, off: LoadOff) {
        self.load_on = false;
        self.load_off = Some(off);
    }
}

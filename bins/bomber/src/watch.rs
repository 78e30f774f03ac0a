//! What is shown while the load is on, in the manner of the tool that was called.

use mm2_cli::Printer;
use mm2_load::{Pace, TimedLoad};
use mm2_measure::RunClock;

use crate::order::Manner;
use crate::statistics::Statistics;
use crate::windows::Windows;

pub(crate) enum Watch {
    Script(Statistics),
    PerfTest(Windows),
}

impl Watch {
    /// `json`: stdout is taken, lines go to stderr.
    pub(crate) fn new(
        manner: Manner,
        json: bool,
        pace: Pace,
        clock: RunClock,
        value_bytes: f64,
        printer: &Printer,
    ) -> Self {
        match manner {
            Manner::Script => Self::Script(Statistics::new(printer, pace, clock)),
            Manner::PerfTest { reporting_interval, .. } => {
                Self::PerfTest(Windows::new(printer, !json, reporting_interval, pace, clock, value_bytes))
            }
        }
    }

    /// Looks at the load, and shows it when it is time.
    pub(crate) fn look(&mut self, load: &TimedLoad) {
        match self {
            Self::Script(statistics) => statistics.look(load),
            Self::PerfTest(windows) => windows.look(load),
        }
    }
}

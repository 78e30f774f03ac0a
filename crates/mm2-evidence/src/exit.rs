//! The numbers that a process ends with. Scripts lean on them; the page of contracts publishes them.

use mm2_slo::level::Level;

/// A fault was injected and could not be undone.
pub const UNDO_FAILED: u8 = 40;
/// The command line or a configuration file is wrong.
pub const USAGE: u8 = 64;
/// A needed service cannot be reached, or the chain is not ready, before the load.
pub const UNAVAILABLE: u8 = 69;
/// A bug in this program.
pub const BUG: u8 = 70;
/// A person or a signal ended the run; the evidence is kept.
pub const INTERRUPTED: u8 = 130;

/// What a finished run ends with: 0 GO, 10 WARN, 20 STOP, 30 INCONCLUSIVE.
pub const fn code(level: Level) -> u8 {
    match level {
        Level::Go => 0,
        Level::Warn => 10,
        Level::Stop => 20,
        Level::Inconclusive => 30,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_the_published_ones() {
        let levels = [Level::Go, Level::Warn, Level::Stop, Level::Inconclusive];
        assert_eq!(levels.map(code), [0, 10, 20, 30]);
        assert_eq!([UNDO_FAILED, USAGE, UNAVAILABLE, BUG, INTERRUPTED], [40, 64, 69, 70, 130]);
    }
}

//! Folds a flood of like log lines into one line with a count.
//!
//! A broker that restarts makes librdkafka log hundreds of lines within a second.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long like lines are held back after one was let through.
const WINDOW: Duration = Duration::from_secs(10);

/// Remembers which kinds of lines were let through lately.
#[derive(Debug, Default)]
pub(crate) struct LogFold {
    seen: HashMap<String, (Instant, u64)>,
}

impl LogFold {
    /// Whether to log a line of this kind now, and how many like it were held back before it.
    pub(crate) fn admit(&mut self, kind: &str, now: Instant) -> Option<u64> {
        match self.seen.get_mut(kind) {
            Some((since, held)) if now.duration_since(*since) < WINDOW => {
                *held += 1;
                None
            }
            Some((since, held)) => {
                *since = now;
                Some(std::mem::take(held))
            }
            None => {
                self.seen.insert(kind.to_owned(), (now, 0));
                Some(0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_becomes_one_line_and_a_count() {
        let (mut fold, start) = (LogFold::default(), Instant::now());
        assert_eq!(fold.admit("FAIL", start), Some(0));
        for i in 1..=300 {
            assert_eq!(fold.admit("FAIL", start + Duration::from_millis(i)), None);
        }
        assert_eq!(fold.admit("OTHER", start), Some(0), "another kind is not held back");
        assert_eq!(fold.admit("FAIL", start + WINDOW), Some(300));
    }
}

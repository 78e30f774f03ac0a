//! Samples of physical series, and what is made of them. Times are milliseconds; nothing here knows a window.

/// Samples in order of time: when, and the value then.
pub(crate) type Points = Vec<(i64, f64)>;

/// One line of samples, of one thing: in pieces where it came from one scrape target and then from another.
#[derive(Debug, Default)]
pub(crate) struct Line {
    pub(crate) pieces: Vec<Points>,
}

impl Line {
    /// The pieces put in order, each beginning where the one before has ended; `None` where two go on side by side for
    /// longer than `overlap_ms`: then they are not one thing that moved.
    pub(crate) fn in_order(mut self, overlap_ms: i64) -> Option<Self> {
        self.pieces.retain(|piece| !piece.is_empty());
        self.pieces.sort_by_key(|piece| piece[0].0);
        let mut until = i64::MIN;
        for piece in &mut self.pieces {
            let (first, last) = (piece[0].0, piece[piece.len() - 1].0);
            if until != i64::MIN && until.min(last) - first > overlap_ms {
                return None;
            }
            piece.retain(|(at, _)| *at > until);
            until = until.max(last);
        }
        self.pieces.retain(|piece| !piece.is_empty());
        Some(self)
    }

    /// All samples.
    pub(crate) fn points(&self) -> Points {
        self.pieces.iter().flatten().copied().collect()
    }

    /// Of a counter: what it would be if it had never begun again. One that falls began again at 0, and so did the one
    /// of another scrape target that goes on with it.
    pub(crate) fn counted(&self) -> Points {
        let mut counted = Points::new();
        let mut total = 0.0;
        for piece in &self.pieces {
            let mut before = if counted.is_empty() { piece[0].1 } else { 0.0 };
            for (at, value) in piece {
                total += if *value >= before { value - before } else { *value };
                before = *value;
                counted.push((*at, total));
            }
        }
        counted
    }

    /// Of a counter of seconds: the share of the time since the scrape before, at each scrape. Where it began again,
    /// nothing is known of the time before.
    pub(crate) fn per_second(&self) -> Points {
        let pairs = self.pieces.iter().flat_map(|piece| piece.windows(2));
        let rates = pairs.filter(|pair| pair[1].1 >= pair[0].1 && pair[1].0 > pair[0].0);
        rates
            .map(|pair| (pair[1].0, (pair[1].1 - pair[0].1) * 1e3 / (pair[1].0 - pair[0].0) as f64))
            .collect()
    }
}

/// The usual distance of samples: the median, to whole seconds where it is nearly that (scrapes jitter by
/// milliseconds, and a grid must not drift from them). `None` without two samples of a series.
pub(crate) fn distance_ms<'a>(series: impl IntoIterator<Item = &'a [(i64, f64)]>) -> Option<u64> {
    let pairs = series.into_iter().flat_map(|samples| samples.windows(2));
    let mut distances: Vec<i64> = pairs.map(|pair| pair[1].0 - pair[0].0).filter(|ms| *ms > 0).collect();
    if distances.is_empty() {
        return None;
    }
    let middle = distances.len() / 2;
    let (_, median, _) = distances.select_nth_unstable(middle);
    let seconds = ((*median + 500) / 1_000).max(1) * 1_000;
    let near = (*median - seconds).abs() * 50 <= seconds;
    u64::try_from(if near { seconds } else { *median }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(pieces: &[&[(i64, f64)]]) -> Line {
        Line { pieces: pieces.iter().map(|piece| piece.to_vec()).collect() }
    }

    #[test]
    fn a_counter_goes_on_over_a_restart_and_over_a_move_to_another_worker() {
        let restarted = line(&[&[(0, 10.0), (5, 14.0), (10, 3.0), (15, 5.0)]]);
        assert_eq!(restarted.counted(), [(0, 0.0), (5, 4.0), (10, 7.0), (15, 9.0)]);
        let moved = line(&[&[(0, 10.0), (5, 14.0)], &[(10, 20.0), (15, 21.0)]]);
        assert_eq!(moved.counted(), [(0, 0.0), (5, 4.0), (10, 24.0), (15, 25.0)]);
    }

    #[test]
    fn a_rate_is_not_made_over_a_restart() {
        let restarted = line(&[&[(0, 10.0), (5_000, 12.0), (10_000, 1.0), (15_000, 2.0)]]);
        assert_eq!(restarted.per_second(), [(5_000, 0.4), (15_000, 0.2)]);
    }

    #[test]
    fn what_moved_is_one_line_and_what_goes_on_side_by_side_is_not() {
        let moved = line(&[&[(10, 2.0), (15, 2.0)], &[(0, 1.0), (5, 1.0), (10, 1.0)]]);
        assert_eq!(moved.in_order(5).unwrap().points(), [(0, 1.0), (5, 1.0), (10, 1.0), (15, 2.0)]);
        assert!(line(&[&[(0, 1.0), (20, 1.0)], &[(1, 2.0), (21, 2.0)]]).in_order(5).is_none());
    }

    #[test]
    fn scrapes_that_jitter_are_as_far_apart_as_they_are_meant_to_be() {
        let check = |at: &[i64], expect| {
            let samples: Points = at.iter().map(|at| (*at, 0.0)).collect();
            assert_eq!(distance_ms([samples.as_slice()]), expect, "{at:?}");
        };
        check(&[0, 14_997, 30_001, 44_999], Some(15_000));
        check(&[0, 2_500, 5_000], Some(2_500));
        check(&[0, 200, 400], Some(200));
        check(&[0], None);
    }
}

//! Which part of the data is judged, and how far samples are apart: from what was typed, else from the data, and
//! then it is said.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use mm2_config::HumanDuration;

use crate::args::CheckArgs;
use crate::data::{Recording, Wanted};
use crate::notes::Notes;
use crate::time::{self, Clock};

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub(crate) clock: Clock,
    pub(crate) from_ms: i64,
    pub(crate) length_ms: u64,
    /// Whether its end is the last sample, so that nothing can be missing there.
    pub(crate) from_data: bool,
}

impl Window {
    pub(crate) fn new(recordings: &[Recording], args: &CheckArgs, notes: &mut Notes) -> anyhow::Result<Self> {
        let clock = recordings.first().map_or(Clock::Utc, |recording| recording.clock);
        let typed = args.window.map(|window| millis(window.get()));
        if typed == Some(0) {
            bail!("--window is 0s; hint: write how long the test was, such as 30m");
        }
        if clock == Clock::Window {
            return Self::declared(recordings, args, typed);
        }
        let span = recordings.iter().filter_map(|recording| recording.span_ms);
        let span = span.reduce(|(a, b), (c, d)| (a.min(c), b.max(d)));
        let from = args.from.as_deref().map(|from| typed_time(from, clock)).transpose()?;
        let window = match (from.or(span.map(|(first, _)| first)), typed, span) {
            (Some(from_ms), Some(length_ms), _) => Self { clock, from_ms, length_ms, from_data: false },
            (Some(from_ms), None, Some((_, last))) => {
                let length_ms = u64::try_from(last - from_ms).unwrap_or(0);
                Self { clock, from_ms, length_ms, from_data: true }
            }
            _ => bail!(
                "there is no sample, so no window can be taken from the data; hint: give --from and --window"
            ),
        };
        if window.length_ms == 0 {
            bail!("from {} to the last sample is no time at all; hint: give --window", window.show_from());
        }
        window.say(from.is_some(), notes);
        Ok(window)
    }

    fn declared(recordings: &[Recording], args: &CheckArgs, typed: Option<u64>) -> anyhow::Result<Self> {
        if args.from.is_some() {
            bail!(
                "--from does not go with the own JSON format, whose times begin with the window; hint: leave it out"
            );
        }
        let declared: Vec<u64> = recordings.iter().filter_map(|recording| recording.window_ms).collect();
        let length_ms = match (typed, &declared[..]) {
            (Some(length_ms), _) => length_ms,
            (None, [first, rest @ ..]) if rest.iter().all(|other| other == first) => *first,
            _ => bail!("the files say different `window_s`; hint: give --window"),
        };
        Ok(Self { clock: Clock::Window, from_ms: 0, length_ms, from_data: false })
    }

    fn say(&self, from_typed: bool, notes: &mut Notes) {
        let (length, from) = (show_ms(self.length_ms), self.show_from());
        match (from_typed, self.from_data) {
            (_, true) => notes.warn(format!(
                "the window of {length} from {from} ends with the last sample: if the end of the test is missing, that cannot be seen; hint: give --window"
            )),
            (false, false) => notes.line(format!("window: {length} from the first sample, {from}")),
            (true, false) => {}
        }
    }

    pub(crate) fn show_from(&self) -> String {
        time::show(self.clock, self.from_ms)
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.length_ms as f64 / 1e3
    }

    /// Milliseconds since the window began; `None` outside of it. Its end belongs to it.
    pub(crate) fn place(&self, at_ms: i64) -> Option<u64> {
        u64::try_from(at_ms - self.from_ms).ok().filter(|at| *at <= self.length_ms)
    }
}

fn typed_time(text: &str, clock: Clock) -> anyhow::Result<i64> {
    let (style, at_ms) =
        time::read(text).with_context(|| format!("--from `{text}` is no time; hint: {}", time::HINT))?;
    if style.clock() != clock {
        let (typed, data) = if clock == Clock::Local { ("a", "none") } else { ("no", "one") };
        bail!("--from `{text}` has {typed} zone and the data have {data}; hint: write it as in the data");
    }
    Ok(at_ms)
}

/// How far samples are apart.
#[derive(Debug, Default)]
pub(crate) struct Intervals {
    of_all: Option<u64>,
    of_one: BTreeMap<String, u64>,
    measured: BTreeMap<String, u64>,
}

impl Intervals {
    /// From `--every`, else from the files.
    pub(crate) fn new(
        typed: &[String],
        recordings: &[Recording],
        wanted: &Wanted,
        notes: &mut Notes,
    ) -> anyhow::Result<Self> {
        let mut intervals = Self::default();
        for typed in typed {
            let (signal, length) = match typed.rsplit_once('=') {
                Some((signal, length)) => (Some(signal), length),
                None => (None, typed.as_str()),
            };
            let length: HumanDuration = length.parse().map_err(|error| anyhow!("--every: {error}"))?;
            let every_ms = millis(length.get());
            if every_ms == 0 {
                bail!("--every {typed} is under a millisecond; hint: write it like 15s");
            }
            match signal {
                None => intervals.of_all = Some(every_ms),
                Some(signal) => {
                    wanted.require(signal, "--every")?;
                    intervals.of_one.insert(signal.to_owned(), every_ms);
                }
            }
        }
        for recording in recordings {
            intervals.measure(recording, notes)?;
        }
        Ok(intervals)
    }

    fn measure(&mut self, recording: &Recording, notes: &mut Notes) -> anyhow::Result<()> {
        let middle = middle(&recording.distances_ms);
        if let Some(middle) = &middle {
            self.warn_of_wide(recording, middle.median_ms, notes);
        }
        let open = |signal: &&String| self.of_all.is_none() && !self.of_one.contains_key(*signal);
        let open: Vec<String> = recording.signals.keys().filter(open).cloned().collect();
        if open.is_empty() {
            return Ok(());
        }
        let every_ms = match (recording.every_ms, middle) {
            (Some(every_ms), _) => every_ms,
            (None, Some(middle)) => {
                let file = &recording.file;
                notes.line(format!(
                    "{file}: samples are taken to be {} apart, the median distance",
                    show_ms(middle.median_ms)
                ));
                if middle.uneven {
                    notes.warn(format!(
                        "{file}: many samples are closer together than that, so some may be missing; hint: give --every"
                    ));
                }
                middle.median_ms
            }
            // No sample at all needs no interval; one does.
            (None, None) if recording.span_ms.is_none() => return Ok(()),
            (None, None) => bail!(
                "{} has one sample a series, so it does not show how far samples are apart; hint: give --every",
                recording.file
            ),
        };
        self.measured.extend(open.into_iter().map(|signal| (signal, every_ms)));
        Ok(())
    }

    /// A typed interval that is too wide hides gaps.
    fn warn_of_wide(&self, recording: &Recording, median_ms: u64, notes: &mut Notes) {
        let typed = |signal: &String| self.of_one.get(signal).copied().or(self.of_all);
        let widest = recording.signals.keys().filter_map(typed).max();
        if let Some(typed_ms) = widest.filter(|typed_ms| *typed_ms > median_ms * 3 / 2) {
            notes.warn(format!(
                "{}: samples are {} apart and --every says {}, so shorter gaps are not seen",
                recording.file,
                show_ms(median_ms),
                show_ms(typed_ms)
            ));
        }
    }

    /// Of a signal, milliseconds; `declared` is what its file says of it alone.
    pub(crate) fn of(&self, signal: &str, declared: Option<u64>) -> u64 {
        let typed = self.of_one.get(signal).copied().or(self.of_all);
        typed.or(declared).or(self.measured.get(signal).copied()).unwrap_or(1).max(1)
    }
}

struct Middle {
    median_ms: u64,
    /// A tenth of the distances are well under the median.
    uneven: bool,
}

fn middle(distances_ms: &[u64]) -> Option<Middle> {
    let mut sorted = distances_ms.to_vec();
    sorted.sort_unstable();
    let exact = *sorted.get((sorted.len().checked_sub(1)?) / 2)?;
    // Jitter moves the median by a few milliseconds, which add up over a day.
    let whole = (exact + 500) / 1_000 * 1_000;
    let median_ms = if whole > 0 && whole.abs_diff(exact) * 100 <= whole { whole } else { exact };
    let tenth = sorted[sorted.len() / 10];
    Some(Middle { median_ms, uneven: tenth * 10 < median_ms * 6 })
}

fn millis(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}

pub(crate) fn show_ms(ms: u64) -> String {
    HumanDuration::new(Duration::from_millis(ms)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_the_median_distance() {
        let check = |distances: &[u64], expect: Option<(u64, bool)>| {
            let got = middle(distances).map(|middle| (middle.median_ms, middle.uneven));
            assert_eq!(got, expect, "{distances:?}");
        };
        check(&[], None);
        check(&[15_000], Some((15_000, false)));
        check(&[15_000, 15_000, 60_000], Some((15_000, false)));
        check(&[14_998, 15_003, 15_001], Some((15_000, false)));
        check(&[15_000, 30_000, 30_000], Some((30_000, true)));
        check(&[250, 250, 250], Some((250, false)));
    }
}

//! Samples of one signal on their way to the rule that judges them.

use super::tracker::Tracker;
use super::{Context, growth, trend};
use crate::criterion::Rule;
use crate::finding::{Finding, Missing};
use crate::observations::{Kind, Series, Source};

/// What a criterion keeps of the samples that it was given.
#[derive(Debug, Clone)]
pub(crate) enum Feed {
    /// A few numbers a series; see `line` for percentiles.
    Measure(Box<Tracker>),
    /// 16 bytes a sample.
    Growth { samples: Vec<(u64, f64)>, lanes: usize, source: Source, factor: f64 },
    /// One value a block and series.
    Trend(Box<trend::Followed>),
}

impl Feed {
    pub(crate) fn new(context: &Context<'_>, source: Source) -> Result<Self, Missing> {
        match &context.criterion.rule {
            Rule::Measure(measure) => Ok(Self::Measure(Box::new(Tracker::new(context, measure, source)?))),
            Rule::Growth if source.kind == Kind::Gauge => {
                let factor = source.unit.factor_to(context.criterion.unit()).ok_or(Missing::OtherUnit)?;
                Ok(Self::Growth { samples: Vec::new(), lanes: 0, source, factor })
            }
            Rule::Trend { .. } => Ok(Self::Trend(Box::new(trend::Followed::new(context, source)?))),
            _ => Err(Missing::OtherForm),
        }
    }

    /// A series that samples will come of.
    pub(crate) fn lane(&mut self, name: &str) -> usize {
        match self {
            Self::Measure(tracker) => tracker.lane(name),
            Self::Growth { lanes, .. } => {
                *lanes += 1;
                *lanes - 1
            }
            Self::Trend(followed) => followed.lane(name),
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, lane: usize, at_ms: u64, value: f64) {
        match self {
            Self::Measure(tracker) => tracker.push(lane, at_ms, value),
            Self::Growth { samples, factor, source, .. } => {
                if at_ms >= source.looks_back_ms {
                    samples.push((at_ms, value * *factor));
                }
            }
            Self::Trend(followed) => followed.push(lane, at_ms, value),
        }
    }

    /// All samples of all series within the window, a tick at a time, so that series meet where they belong.
    pub(crate) fn push_all(&mut self, series: &[Series], window_s: f64) {
        let window_ms = crate::number::nearest(window_s * 1e3);
        let lanes: Vec<usize> = series.iter().map(|series| self.lane(&series.name)).collect();
        let every_ms = match self {
            Self::Measure(tracker) => tracker.every_ms(),
            // Each series is followed by itself.
            _ => u64::MAX,
        };
        let within = |samples: &[(u64, f64)]| samples.partition_point(|(at_ms, _)| *at_ms <= window_ms);
        let mut ahead: Vec<&[(u64, f64)]> =
            series.iter().map(|series| &series.samples[..within(&series.samples)]).collect();
        while let Some(next_ms) = ahead.iter().filter_map(|samples| samples.first()).map(|(at, _)| *at).min()
        {
            let until_ms = (next_ms / every_ms).saturating_mul(every_ms).saturating_add(every_ms);
            for (lane, samples) in lanes.iter().zip(&mut ahead) {
                let end =
                    samples.iter().take_while(|(at_ms, _)| *at_ms < until_ms || until_ms == u64::MAX).count();
                let (now, later) = samples.split_at(end);
                for (at_ms, value) in now {
                    self.push(*lane, *at_ms, *value);
                }
                *samples = later;
            }
        }
    }

    pub(crate) fn finish(&self, context: &Context<'_>, window_s: f64) -> Finding {
        match self {
            Self::Measure(tracker) => tracker.finish(context, window_s),
            Self::Growth { lanes, .. } if *lanes > 1 => context
                .finding(crate::Outcome::Inconclusive, crate::Reason::SeveralSeries { seen: *lanes as u64 }),
            Self::Growth { lanes, source, .. }
                if source.expected.is_some_and(|expected| *lanes < expected) =>
            {
                context.fewer_series(*lanes, source.expected.unwrap_or(1))
            }
            Self::Growth { samples, .. } if samples.is_empty() => context.not_measured(Missing::NoData),
            Self::Growth { samples, source, .. } => {
                growth::judge(context, samples, source.every_ms.max(1), window_s)
            }
            Self::Trend(followed) => followed.finish(context, window_s),
        }
    }
}

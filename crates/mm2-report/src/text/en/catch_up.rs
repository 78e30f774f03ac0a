//! English: how a chain catches up after an outage.

use mm2_evidence::event::CatchUp;
use mm2_evidence::run::CatchUpRun;

use super::English;
use crate::text::Text;
use crate::text::catch_up::{CatchUpLabels, CatchUpText, LeftOpen, NoAnswer, nothing_to_drain};

const LABELS: CatchUpLabels = CatchUpLabels {
    catch_up: "Catching Up after an Outage",
    curve_head: ["After the resumption", "Backlog"],
};

impl CatchUpText for English {
    fn catch_up_labels(&self) -> &'static CatchUpLabels {
        &LABELS
    }

    fn caught_up(&self, catch_up: &CatchUp) -> String {
        let n = self.numbers();
        let (outage, rate) = (n.duration(catch_up.outage_s), n.count(catch_up.rate_per_sec));
        if nothing_to_drain(catch_up) {
            return format!(
                "After {outage} of outage at {rate} msg/s the backlog was {}, and a chain that keeps up has up to {}: \
                 the outage was too short to measure anything.",
                n.count(catch_up.backlog_at_resume),
                n.count(catch_up.caught_up_below)
            );
        }
        if let Some(drain_s) = catch_up.drain_s {
            return format!(
                "After {outage} of outage at {rate} msg/s the chain needs {} to catch up.",
                n.duration(drain_s)
            );
        }
        let left = catch_up.curve.last();
        let left =
            left.map_or_else(String::new, |(_, left)| format!(" Its backlog was {} then.", n.count(*left)));
        format!(
            "After {outage} of outage at {rate} msg/s the chain did NOT catch up within {}.{left}",
            n.duration(catch_up.limit_s)
        )
    }

    fn left_open(&self, open: LeftOpen) -> String {
        let n = self.numbers();
        match open {
            LeftOpen::NoAnswer(why) => {
                let why = match why {
                    NoAnswer::Trouble => {
                        "How the chain catches up after an outage could not be measured, see the troubles"
                    }
                    NoAnswer::Interrupted => {
                        "The run was interrupted before it knew how the chain catches up after an outage"
                    }
                    NoAnswer::CutShort => {
                        "The run was cut short before it knew how the chain catches up after an outage"
                    }
                };
                format!("{why}. The verdict is that of the climb, which was over.")
            }
            LeftOpen::NotCaughtUp { outage_s, limit_s } => format!(
                "WARN: the chain did NOT catch up within {} after an outage of {}.",
                n.duration(limit_s),
                n.duration(outage_s)
            ),
            LeftOpen::Unseen(records) => {
                let were = if records == 1 { "record was" } else { "records were" };
                format!(
                    "WARN: {} {were} neither seen nor proven lost while the chain caught up after an outage.",
                    n.count(records)
                )
            }
            LeftOpen::Blind => {
                "WARN: nobody could see whether records were lost while the chain caught up after an outage."
                    .to_owned()
            }
        }
    }

    fn may_be_paused(&self, by_trouble: bool) -> String {
        let why = if by_trouble {
            "The connector could not be resumed and may still be paused, see the troubles."
        } else {
            "The run was cut short before the connector was told to go on: it may still be paused."
        };
        format!("{why} {}", self.how_to_resume())
    }

    fn how_to_resume(&self) -> &'static str {
        "Ask Connect: GET /connectors/NAME/status; where it says PAUSED: PUT /connectors/NAME/resume."
    }

    fn retention_warning(&self, catch_up: &CatchUp) -> Option<String> {
        let n = self.numbers();
        let factor = catch_up.retention_factor()?;
        let kept = n.duration(catch_up.retention_s?);
        let least = if catch_up.drain_s.is_none() { "at least " } else { "" };
        let behind = n.duration(catch_up.behind_s());
        (factor < 1.0).then(|| {
            format!(
                "WARN: outage and drain take {least}{behind}, and the source keeps records for {kept}: some are \
                 deleted before MM2 reads them."
            )
        })
    }

    fn catch_up_facts(&self, catch_up: &CatchUp) -> Vec<String> {
        let n = self.numbers();
        let not_measured = self.labels().not_measured;
        let count =
            |count: Option<u64>| count.map_or_else(|| not_measured.to_owned(), |count| n.count(count));
        let drain = match catch_up.drain_per_sec {
            _ if nothing_to_drain(catch_up) => format!("{not_measured}: there was nothing to drain"),
            Some(per_sec) => format!(
                "{} msg/s, {} times the load",
                n.decimal(per_sec, 0),
                n.decimal(per_sec / catch_up.rate_per_sec as f64, 2)
            ),
            None if catch_up.drain_s.is_some() => not_measured.to_owned(),
            None => format!("{not_measured}: the chain did not catch up"),
        };
        let retention = match (catch_up.retention_s, catch_up.retention_factor()) {
            (Some(kept), _) if nothing_to_drain(catch_up) => format!("{} at this load", n.duration(kept)),
            (Some(kept), Some(factor)) => {
                let most = if catch_up.drain_s.is_none() { "at most " } else { "" };
                format!(
                    "{} at this load, {most}{} times outage and drain together ({})",
                    n.duration(kept),
                    n.decimal(factor, usize::from(factor < 10.0)),
                    n.duration(catch_up.behind_s())
                )
            }
            _ => format!("{not_measured}: without a limit, or it could not be read"),
        };
        vec![
            format!("Backlog at the resumption: {}", n.count(catch_up.backlog_at_resume)),
            format!("Largest backlog: {}", n.count(catch_up.backlog_max)),
            format!("Replicated while it caught up: {drain}"),
            format!("Retention of the source's topics: {retention}"),
            format!("Lost: {}", count(catch_up.lost)),
            format!("Neither seen nor proven lost: {}", count(catch_up.unseen)),
            format!("Duplicates: {}", count(catch_up.duplicates)),
        ]
    }

    fn catch_up_broken_off(&self, begun: &CatchUpRun, why: NoAnswer) -> String {
        let n = self.numbers();
        let (why, see) = match why {
            NoAnswer::Trouble => ("it was given up", ", see the troubles"),
            NoAnswer::Interrupted => ("the run was interrupted", ""),
            NoAnswer::CutShort => ("the run was cut short", ""),
        };
        let when = match begun.backlog_at_resume {
            Some(backlog) => {
                format!("after the connector was told to go on with a backlog of {}", n.count(backlog))
            }
            None if begun.paused => "while the connector was paused".to_owned(),
            None => "before the connector was seen paused".to_owned(),
        };
        let rate = n.count(begun.rate_per_sec);
        format!("Not measured: {why} {when}{see}. The load was {rate} msg/s.")
    }

    fn catch_up_not_begun(&self, none_validated: bool) -> String {
        let why = if none_validated {
            "no step was validated, so there is no recommended rate to try it at"
        } else {
            "the run ended before it"
        };
        format!("Asked for and not measured: {why}.")
    }

    fn catch_up_method(&self, catch_up: &CatchUp) -> String {
        format!(
            "The connector was paused through Connect's REST while the load, the recommended rate, went on. The chain \
             has caught up when its backlog is under {} and stays there for 10 s (these left out).",
            self.numbers().count(catch_up.caught_up_below)
        )
    }

    fn since_resumption(&self, seconds: f64) -> String {
        self.numbers().duration(seconds)
    }
}

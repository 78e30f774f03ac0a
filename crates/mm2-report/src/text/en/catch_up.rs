//! English: how a chain catches up after an outage.

use mm2_evidence::event::CatchUp;

use super::English;
use crate::text::Text;
use crate::text::catch_up::{CatchUpLabels, CatchUpText};

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
            Some(per_sec) => format!(
                "{} msg/s, {} times the load",
                n.decimal(per_sec, 0),
                n.decimal(per_sec / catch_up.rate_per_sec as f64, 2)
            ),
            None => format!("{not_measured}: the chain did not catch up"),
        };
        let retention = match (catch_up.retention_s, catch_up.retention_factor()) {
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
            format!("Lost or not seen: {}", count(catch_up.missing)),
            format!("Duplicates: {}", count(catch_up.duplicates)),
        ]
    }

    fn catch_up_broken_off(
        &self,
        rate_per_sec: u64,
        backlog_at_resume: Option<u64>,
        by_trouble: bool,
    ) -> String {
        let n = self.numbers();
        let rate = n.count(rate_per_sec);
        let why =
            if by_trouble { "it was given up, as the troubles below say," } else { "the run was cut short" };
        match backlog_at_resume {
            Some(backlog) => format!(
                "Not measured: {why} while the chain was catching up at {rate} msg/s, from a backlog of {}.",
                n.count(backlog)
            ),
            None => format!(
                "Not measured: {why} at {rate} msg/s, before the connector was seen to run again. Check that it is \
                 not paused."
            ),
        }
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

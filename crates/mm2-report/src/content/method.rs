//! How the figures were made, and what was not read.

use mm2_evidence::Run;

use crate::layout::Block;
use crate::text::Text;

pub(super) fn how(run: &Run, text: &dyn Text) -> Vec<Block> {
    let plan = &run.started.plan;
    let mut lines = vec![text.load(plan), text.warm_up(run.warm_up.as_ref())];
    lines.extend(text.definitions(plan));
    lines.extend(text.unplanned_steps(plan));
    let ended = || run.steps.iter().filter_map(|held| held.ended.as_ref());
    let cores = ended().filter_map(|ended| ended.own_cpu_cores).reduce(f64::max);
    let rss_bytes = ended().filter_map(|ended| ended.own_rss_max_bytes).max();
    if let (Some(cores), Some(rss_bytes)) = (cores, rss_bytes) {
        lines.push(text.own_cost(cores, rss_bytes));
    }
    vec![Block::Section(text.labels().method.to_owned()), Block::List(lines)]
}

pub(super) fn settings(run: &Run, text: &dyn Text) -> Vec<Block> {
    let lines: Vec<String> =
        run.started.settings.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    if lines.is_empty() {
        return Vec::new();
    }
    vec![Block::Section(text.labels().settings.to_owned()), Block::List(lines)]
}

//! Growth over a day. (Placeholder until the statistics land.)

use super::Context;
use crate::finding::{Finding, Missing};
use crate::observations::Source;

#[derive(Debug, Clone)]
pub(crate) struct Followed {}

impl Followed {
    pub(super) fn new(_: &Context<'_>, _: Source) -> Result<Self, Missing> {
        Ok(Self {})
    }
    pub(super) fn lane(&mut self, _: &str) -> usize {
        0
    }
    pub(super) fn push(&mut self, _: usize, _: u64, _: f64) {}
    pub(super) fn finish(&self, context: &Context<'_>, _: f64) -> Finding {
        context.not_measured(Missing::NotYet)
    }
}

//! The built-in criteria against the runbook: its steps, its figures, its flow; and that each can fail.
//!
//! `cfg(test)` on the modules is for clippy, which allows `unwrap` in tests only where it stands.

#[cfg(test)]
mod figures;
#[cfg(test)]
mod flow;
#[cfg(test)]
mod sets;
#[cfg(test)]
mod support;

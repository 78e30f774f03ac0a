//! A run folder is written, killed, read back.

#![expect(clippy::unwrap_used, reason = "a helper of tests is to fail like a test")]

mod fold;
mod folder;

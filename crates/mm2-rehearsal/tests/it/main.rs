//! The rehearsed chain as its users see it: produce to one end, read the other.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "tests, and what they share"
)]

mod chances;
mod copying;
mod faults;
mod pace;
mod pausing;
mod support;

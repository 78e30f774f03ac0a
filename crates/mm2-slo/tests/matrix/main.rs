//! Each way of judging × each way in which data can be missing.
//!
//! `cfg(test)` on the module is for clippy, which allows `unwrap` in tests only where it stands.

#[cfg(test)]
mod missing;

//! The crate by its public face.
//!
//! `cfg(test)` on the modules is for clippy, which allows `unwrap` in tests only where it stands.

#[cfg(test)]
mod attribution;
#[cfg(test)]
mod climb;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod json;
#[cfg(test)]
mod knee;
#[cfg(test)]
mod knee_laws;
#[cfg(test)]
mod ladder;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod proof;
#[cfg(test)]
mod recovery;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod stats;
#[cfg(test)]
mod sustained;
#[cfg(test)]
mod table;
#[cfg(test)]
mod trend;

//! The guide, chapter by chapter.
//!
//! 1. [Writing criteria](criteria)
//! 2. [What missing data does](missing_data)
//! 3. [How a percentile is claimed](percentiles)
//! 4. [Trends](trends)

#[doc = include_str!("guide/criteria.md")]
pub mod criteria {}

#[doc = include_str!("guide/missing_data.md")]
pub mod missing_data {}

#[doc = include_str!("guide/percentiles.md")]
pub mod percentiles {}

#[doc = include_str!("guide/trends.md")]
pub mod trends {}

//! The guide.

/// What missing data does.
pub mod missing_data {}

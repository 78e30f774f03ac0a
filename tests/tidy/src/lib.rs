//! The rules that are tests, not wishes: see `tests/`.

//! mm2-metrics against a Prometheus that a test fills: with real scrapes of Kafka 3.9 and 4.1, and with what goes wrong.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod fake;
mod faults;
mod naming;
mod page;
mod reading;
mod site;
mod whose;

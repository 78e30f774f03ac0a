//! `ramp` as a person or a script calls it, on the rehearsal and on chains that are not there. Needs no Java.

#![expect(clippy::unwrap_used, reason = "a helper of tests is to fail like a test")]
#![expect(clippy::print_stdout, reason = "a retry is told to whoever reads the tests' output")]

#[path = "../common/mod.rs"]
mod common;

mod before_the_load;
mod catching_up;
mod climbing;
mod ended_early;
mod fakes;
mod own_sites;
mod reference;
mod rehearsed;
mod settings;

# Every recipe is one command that also works without just; .ci/run calls the same ones.

# What there is.
default:
    @just --list --unsorted

# The main job: rehearse the climb in this process, about 3 minutes.
rehearse *args:
    cargo run --release -p ramp -- --steps P1..P5 {{args}}

# The climb on real Kafka and MirrorMaker 2, up and down by the command.
climb *args:
    cargo run --release -p ramp -- --chain lab --steps P1..P5 --hold 100s {{args}}

# All tests that need only Rust, a C compiler, make and perl.
test *args:
    cargo test --workspace {{args}}

# Tests on the real chain: needs java (17 or newer) and mvn.
test-lab:
    scripts/test-lab

fmt:
    cargo fmt --all

lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Rewrites the generated pages in docs/reference.
gen:
    MM2_GENERATE=1 cargo test -p ramp --test it
    MM2_GENERATE=1 cargo test -p slo -p tidy

# Licences and advisories (needs cargo-deny).
deny:
    cargo deny check

# Pacing, CPU and memory on the lab; prints the table of docs/performance.md.
bench:
    scripts/bench

# bomber beside kafka-producer-perf-test, on the lab.
bench-peers:
    scripts/bench-peers

# Everything that an acceptance needs, in order, with its output.
show:
    scripts/show

# Everything that an acceptance of mm2-slo needs.
show-slo *args:
    scripts/show-slo {{args}}

# What CI runs.
ci:
    .ci/run

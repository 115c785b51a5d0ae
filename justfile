# What CI runs, under short names. `just` alone lists them.

_list:
    @just --list --unsorted

# The release binary, target/release/whk
build:
    cargo build --release --locked

# The main job: receive, record and forward to an app
run target="localhost:3000":
    cargo run --release --locked -- listen --forward {{target}}

# Everything that CI checks, and what it needs to do so
test:
    ./test

# Format and lints, without the tests
lint:
    cargo fmt --check
    cargo clippy --locked --all-targets -- -D warnings

# Format the code
fmt:
    cargo fmt

# Write docs/cli.md and the other generated files afresh
docs:
    WHK_WRITE_DOCS=1 cargo test --locked --test it docs

# Measure; the figures of one run compare with each other only
bench *args:
    cargo bench --locked {{args}}

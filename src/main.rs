//! The `whk` binary: parse, run, exit.

fn main() {}

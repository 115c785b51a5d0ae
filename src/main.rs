//! The `whk` binary: parse, run, exit.

use std::process::ExitCode;

/// Small allocations come and go with every request; this allocator is made for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    whk::cli::run(&arguments).into()
}

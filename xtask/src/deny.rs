//! The dependencies: their licences, where they come from, which are there twice, and known faults of them.

use std::path::Path;
use std::process::ExitCode;

use crate::command::Invocation;

/// Checks the dependencies by the rules of `deny.toml`. Known faults are fetched; without a network that part
/// is left out, and said.
pub fn run(root: &Path) -> ExitCode {
    let call =
        |words: &[&str]| Invocation::new(["deny"].iter().chain(words).copied(), Some(root.to_path_buf()));
    if call(&["--version"]).run() != ExitCode::SUCCESS {
        eprintln!("xtask: cargo-deny is not there: install it with `cargo install --locked cargo-deny`");
        return ExitCode::FAILURE;
    }
    let code = call(&["check", "licenses", "bans", "sources"]).run();
    if code != ExitCode::SUCCESS {
        return code;
    }
    if call(&["fetch", "db"]).run() != ExitCode::SUCCESS {
        println!("skipped: known faults (advisories), for their list cannot be fetched");
        return ExitCode::SUCCESS;
    }
    call(&["check", "advisories"]).run()
}

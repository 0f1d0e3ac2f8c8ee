//! Ctrl-C, and the signals that ask a program to end.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use crate::exit::{Exit, note};

/// Makes a file that grows beyond a limit of the system an error of writing, as a full disk is one, not the
/// silent end of the program. For all threads that are started later.
pub fn outlive_file_limits() {
    #[cfg(unix)]
    {
        use nix::sys::signal::{SigSet, Signal};
        let limit: SigSet = std::iter::once(Signal::SIGXFSZ).collect();
        // Where it cannot be blocked, it stays as it was.
        let _ = limit.thread_block();
    }
}

/// The first Ctrl-C calls `stop`, which a training heeds after its step, and says so; the second ends the
/// program at once.
///
/// # Errors
/// If the system refuses the handler.
pub fn stop_first(stop: impl Fn() + Send + 'static) -> anyhow::Result<()> {
    end_second(move || {
        stop();
        note("stopping after this step and saving the state; once more stops at once");
    })
}

/// The first Ctrl-C calls `first`, the second ends the program at once.
///
/// # Errors
/// If the system refuses the handler.
pub fn end_second(first: impl Fn() + Send + 'static) -> anyhow::Result<()> {
    let asked = AtomicBool::new(false);
    handle(move || {
        if asked.swap(true, Ordering::Relaxed) {
            end();
        }
        first();
    })
}

/// Ctrl-C ends the program.
///
/// # Errors
/// If the system refuses the handler.
pub fn end_at_once() -> anyhow::Result<()> {
    handle(end)
}

fn handle(handler: impl FnMut() + Send + 'static) -> anyhow::Result<()> {
    ctrlc::set_handler(handler).context("cannot watch for Ctrl-C")
}

#[allow(clippy::exit, reason = "a signal has no caller to return to")]
fn end() {
    std::process::exit(Exit::Interrupted.code().into());
}

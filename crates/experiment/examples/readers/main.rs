//! Reads damaged files, for `cargo xtask torture readers`. A line of standard input names one, as
//! `NAME FILE`, in a room that the first argument names; a line of standard output tells what came of it, as
//! `MILLISECONDS KILOBYTES fine|refused|panicked WORDS`.

mod targets;

use std::fs;
use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::path::{Path, PathBuf};
use std::time::Instant;

use assort_report::text::visible;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let room = PathBuf::from(std::env::args_os().nth(1).ok_or("name a room")?);
    set_hook(Box::new(|panic| {
        let place = panic.location();
        if !place.is_some_and(|place| assort_files::is_guarded(place.file())) {
            // It is told below; the place is for whoever looks for the cause.
            let _ = writeln!(io::stderr(), "{panic}");
        }
    }));
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (name, file) = line.split_once(' ').ok_or("expected NAME FILE")?;
        let bytes = fs::read(file)?;
        // The highest mark of memory begins anew, where the system has one.
        let _ = fs::write("/proc/self/clear_refs", "5");
        let before = peak();
        let clock = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| targets::read(&room, name, &bytes)));
        let (milliseconds, kilobytes) = (clock.elapsed().as_millis(), peak().saturating_sub(before));
        let words = match outcome {
            Ok(Ok(())) => "fine".to_owned(),
            // As the program tells it, in one line.
            Ok(Err(error)) => format!("refused {}", visible(&error.to_string().replace('\n', " "))),
            Err(_) => "panicked".to_owned(),
        };
        writeln!(io::stdout(), "{milliseconds} {kilobytes} {words}")?;
    }
    Ok(())
}

/// The most memory that was in use since the mark began, in kilobytes.
fn peak() -> u64 {
    let status = fs::read_to_string(Path::new("/proc/self/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

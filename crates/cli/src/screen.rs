//! Standard output: who reads it, and how wide it is.

use std::io::{self, Write};

use console::Term;

/// The width of lines where no terminal tells one.
const WIDTH: usize = 100;

/// Writes to standard output.
///
/// # Errors
/// If nobody takes it; the caller hands the error up unchanged, so that a closed pipe ends the program
/// quietly.
pub fn print(text: &str) -> io::Result<()> {
    io::stdout().write_all(text.as_bytes())
}

/// The columns of the terminal that standard output is; `None` if it is a file or a pipe.
pub fn terminal_width() -> Option<usize> {
    let terminal = Term::stdout();
    terminal.is_term().then(|| usize::from(terminal.size().1).max(20))
}

/// The columns to lay lines out for.
pub fn width() -> usize {
    terminal_width().unwrap_or(WIDTH)
}

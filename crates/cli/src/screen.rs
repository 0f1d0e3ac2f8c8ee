//! Standard output: who reads it, how wide it is, and lines that fit.

use std::io::{self, Write};

use console::Term;

/// The width of lines where no terminal tells one.
const WIDTH: usize = 100;

/// Writes to standard output.
///
/// # Errors
/// If nobody takes it; the caller hands the error up unchanged, so that a closed pipe ends the program quietly.
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

/// A text in one line: white space and control characters become single spaces.
pub fn one_line(text: &str) -> String {
    let parts = text.split(|c: char| c.is_whitespace() || c.is_control());
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A text in one line of at most so many columns, with `…` where it was cut.
pub fn shortened(text: &str, columns: usize) -> String {
    // A text of many pages is not laid out for the sake of its first line.
    let most = columns.saturating_mul(8).max(64);
    let beginning: String = text.chars().take(most).collect();
    console::truncate_str(&one_line(&beginning), columns, "…").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        assert_eq!(one_line(" a\r\n b\t\u{1b}[31mc "), "a b [31mc");
        assert_eq!(shortened("one two three", 8), "one two…");
        assert_eq!(shortened("one two", 8), "one two");
        assert_eq!(shortened("日本語テキスト", 7), "日本語…");
    }
}

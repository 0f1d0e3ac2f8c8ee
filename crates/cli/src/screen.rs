//! Standard output: who reads it, and how wide it is.

use std::borrow::Cow;
use std::io::{self, Write};

use assort_report::terminal::block::WIDTH;
use assort_report::terminal::wrap::fit;
use assort_report::text::turns;
use console::Term;

/// Writes to standard output.
///
/// # Errors
/// If nobody takes it; the caller hands the error up unchanged, so that a closed pipe ends the program
/// quietly.
pub fn print(text: &str) -> io::Result<()> {
    io::stdout().write_all(harmless(text).as_bytes())
}

/// Writes blocks of words to standard output, their lines broken between words where the terminal ends.
///
/// # Errors
/// As [`print()`].
pub fn print_words(text: &str) -> io::Result<()> {
    print(&fit(text, terminal_width()))
}

/// A text in which what JSON lets pass and terminals obey is written as JSON would escape it: DEL, C1, and
/// marks that turn the direction of what follows.
pub fn harmless(text: &str) -> Cow<'_, str> {
    let acts = |letter: char| ('\u{7f}'..='\u{9f}').contains(&letter) || turns(letter);
    if !text.contains(acts) {
        return text.into();
    }
    let mut harmless = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match acts(letter) {
            true => harmless.push_str(&format!("\\u{:04x}", u32::from(letter))),
            false => harmless.push(letter),
        }
    }
    harmless.into()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_that_json_lets_pass_are_escaped() {
        let json = serde_json::json!({ "text": "a\u{9b}31m\u{7f}é\u{1b}\u{202e}" }).to_string();
        let printed = harmless(&json);
        assert_eq!(printed, r#"{"text":"a\u009b31m\u007fé\u001b\u202e"}"#);
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&printed).unwrap(),
            serde_json::from_str::<serde_json::Value>(&json).unwrap()
        );
    }
}

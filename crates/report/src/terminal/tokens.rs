//! A text with its tokens.

use console::style;
use serde::Serialize;

use super::table::{Lean, Table};

/// Backgrounds of tokens side by side, of the 256 colours that terminals have; black letters can be read on
/// each.
const GROUNDS: [u8; 4] = [153, 223, 151, 183];

/// A token, and the bytes of the text that it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenLine {
    /// Its own text.
    pub token: String,
    /// Its id, if the tokenizer knows ids.
    pub id: Option<u32>,
    /// Its first byte.
    pub start: usize,
    /// The byte after its last one.
    pub end: usize,
}

/// The text in one line, its tokens on coloured grounds or, where there are no colours, in brackets.
pub fn coloured(text: &str, tokens: &[TokenLine]) -> String {
    let (mut line, mut at) = (String::new(), 0);
    let next = tokens.iter().skip(1).map(Some).chain([None]);
    // The mark of a word's beginning has its first letter's bytes, and each byte of a character all of them.
    let covered = |token: &TokenLine, next: Option<&TokenLine>| {
        next.is_some_and(|next| next.start < token.end && token.end <= next.end)
    };
    let tokens =
        tokens.iter().zip(next).filter(|(token, next)| token.start < token.end && !covered(token, *next));
    for ((token, _), ground) in tokens.zip(GROUNDS.iter().cycle()) {
        line.push_str(&visible(text.get(at..token.start).unwrap_or_default()));
        let own = visible(text.get(token.start..token.end).unwrap_or_default());
        let shown = match console::colors_enabled() {
            true => style(own).on_color256(*ground).color256(16).to_string(),
            false => format!("[{own}]"),
        };
        line.push_str(&shown);
        at = token.end;
    }
    line + &visible(text.get(at..).unwrap_or_default())
}

/// A line for each token: its id, its bytes and what they hold.
pub fn table(text: &str, tokens: &[TokenLine]) -> Vec<String> {
    let header = [("token", Lean::Left), ("id", Lean::Right), ("bytes", Lean::Right), ("text", Lean::Left)];
    let mut table = Table::new(&header);
    for token in tokens {
        let id = token.id.map_or(String::new(), |id| id.to_string());
        let (bytes, own) = match token.start < token.end {
            true => (
                format!("{}..{}", token.start, token.end),
                visible(text.get(token.start..token.end).unwrap_or_default()),
            ),
            false => (String::new(), String::new()),
        };
        table.row([visible(&token.token), id, bytes, own]);
    }
    table.lines()
}

/// Line breaks and other control characters as marks that take one column.
fn visible(text: &str) -> String {
    let mark = |character: char| match character {
        '\n' => '⏎',
        '\t' => '⇥',
        other if other.is_control() => '·',
        other => other,
    };
    crate::text::visible(&text.chars().map(mark).collect::<String>())
}

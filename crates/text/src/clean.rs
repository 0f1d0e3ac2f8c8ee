//! Rewriting a text before it is cut, with the way back to its bytes.

mod html;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use unicode_normalization_alignments::UnicodeNormalization;
use unicode_normalization_alignments::char::is_combining_mark;

/// Rewriting of a text before it is cut. Tokens keep offsets into the text as it was.
///
/// The order is that of the fields: marks of HTML, Unicode form, accents, repeated characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Cleaning {
    /// Handling of `<br />` and `&quot;`.
    pub html: Html,
    /// The form of characters that Unicode writes in several ways.
    pub unicode: UnicodeForm,
    /// Handling of accents.
    pub accents: Accents,
    /// Handling of "soooo".
    pub repeats: Repeats,
}

/// Handling of HTML.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Html {
    /// It stays.
    #[default]
    Keep,
    /// Each tag and comment becomes a space, each entity its character.
    Clean,
}

/// A normalization form of Unicode's annex 15.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnicodeForm {
    /// As it stands.
    #[default]
    Keep,
    /// Composed: é is one character.
    Nfc,
    /// Decomposed: é is e and an accent.
    Nfd,
    /// Composed, and full-width letters, ligatures and the like as plain ones.
    Nfkc,
    /// Decomposed, and full-width letters, ligatures and the like as plain ones.
    Nfkd,
}

/// Handling of accents.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Accents {
    /// They stay.
    #[default]
    Keep,
    /// é becomes e; all combining marks go.
    Strip,
}

/// Handling of repeated characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repeats {
    /// They stay.
    #[default]
    Keep,
    /// Of three or more equal characters in a row two stay, as in "soo"; digits and white space all do.
    Shorten,
}

/// A character and the bytes of the original that it stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Cell {
    character: char,
    start: usize,
    end: usize,
}

/// A rewritten text and the way back.
#[derive(Debug)]
pub(crate) struct Cleaned {
    pub(crate) text: String,
    /// For each byte of the text that begins a character, and for its end, the original bytes.
    ranges: Vec<(usize, usize)>,
}

impl Cleaned {
    /// The original bytes of a piece of the rewritten text.
    pub(crate) fn original(&self, start: usize, end: usize) -> (usize, usize) {
        let first = self.ranges.get(start).map_or(0, |range| range.0);
        let last = end.checked_sub(1).and_then(|byte| self.ranges.get(byte)).map_or(first, |range| range.1);
        if start < end { (first, last) } else { (first, first) }
    }
}

impl Cleaning {
    /// Whether something is rewritten at all.
    pub(crate) fn is_off(&self) -> bool {
        *self == Self::default()
    }

    /// The text rewritten, or `None` if it stays as it is.
    pub(crate) fn apply(&self, text: &str) -> Option<Cleaned> {
        if self.is_off() || !self.may_change(text) {
            return None;
        }
        let mut cells: Vec<Cell> = (text.char_indices())
            .map(|(start, character)| Cell { character, start, end: start + character.len_utf8() })
            .collect();
        if self.html == Html::Clean {
            cells = html::clean(&cells);
        }
        cells = match self.unicode {
            UnicodeForm::Keep => cells,
            UnicodeForm::Nfc => follow(&cells, written(&cells).nfc()),
            UnicodeForm::Nfd => follow(&cells, written(&cells).nfd()),
            UnicodeForm::Nfkc => follow(&cells, written(&cells).nfkc()),
            UnicodeForm::Nfkd => follow(&cells, written(&cells).nfkd()),
        };
        if self.accents == Accents::Strip {
            let bare = without_marks(follow(&cells, written(&cells).nfd()));
            cells = follow(&bare, written(&bare).nfc());
        }
        if self.repeats == Repeats::Shorten {
            cells = shortened(&cells);
        }
        let mut cleaned =
            Cleaned { text: String::with_capacity(text.len()), ranges: Vec::with_capacity(text.len()) };
        for cell in cells {
            cleaned.text.push(cell.character);
            cleaned.ranges.resize(cleaned.text.len(), (cell.start, cell.end));
        }
        Some(cleaned)
    }

    /// A quick look at the bytes: false for a text that surely stays as it is.
    fn may_change(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        let wide = self.unicode != UnicodeForm::Keep || self.accents == Accents::Strip;
        (wide && !text.is_ascii())
            || (self.html == Html::Clean && bytes.iter().any(|byte| matches!(byte, b'<' | b'&')))
            || (self.repeats == Repeats::Shorten
                && (!text.is_ascii()
                    || bytes.windows(3).any(|three| three[0] == three[1] && three[1] == three[2])))
    }
}

fn written(cells: &[Cell]) -> String {
    cells.iter().map(|cell| cell.character).collect()
}

/// Cells of new characters, each with how many of the old ones it stands for: 0 for one, a negative number
/// for as many more, and a positive one for a character that was added to the one before.
fn follow(cells: &[Cell], new: impl Iterator<Item = (char, isize)>) -> Vec<Cell> {
    let mut followed: Vec<Cell> = Vec::with_capacity(cells.len());
    let mut at = 0;
    for (character, change) in new {
        let cell = if change > 0 {
            followed.last().map(|last| Cell { character, ..*last })
        } else {
            let until = at + 1 + change.unsigned_abs();
            let first = cells.get(at);
            let last = cells.get(until.min(cells.len()).wrapping_sub(1));
            at = until;
            first.zip(last).map(|(first, last)| Cell { character, start: first.start, end: last.end })
        };
        followed.extend(cell);
    }
    followed
}

/// Drops combining marks; their bytes go to the character before.
fn without_marks(cells: Vec<Cell>) -> Vec<Cell> {
    let mut bare: Vec<Cell> = Vec::with_capacity(cells.len());
    for cell in cells {
        match bare.last_mut() {
            Some(last) if is_combining_mark(cell.character) => last.end = last.end.max(cell.end),
            _ if is_combining_mark(cell.character) => (),
            _ => bare.push(cell),
        }
    }
    bare
}

fn shortened(cells: &[Cell]) -> Vec<Cell> {
    let mut short: Vec<Cell> = Vec::with_capacity(cells.len());
    for cell in cells {
        let stays = cell.character.is_numeric() || cell.character.is_whitespace();
        match short.as_mut_slice() {
            [.., first, second]
                if !stays && first.character == cell.character && second.character == cell.character =>
            {
                second.end = cell.end;
            }
            _ => short.push(*cell),
        }
    }
    short
}

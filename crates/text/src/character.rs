//! Classes of characters.

/// The class of a character, or of a byte: each of a character beyond ASCII is `Wide`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Space,
    Word,
    /// A combining mark, or a joiner: part of the letter before it.
    Mark,
    Other,
    Wide,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Wide; 256];
    let mut byte = 0u8;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b'\t'..=b'\r' | b' ' | 0x1c..=0x1f => Class::Space,
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' => Class::Word,
            _ => Class::Other,
        };
        byte += 1;
    }
    classes
};

/// The class (never `Wide`) and the length in bytes of the character that begins at a byte, or `None` at the
/// end.
#[inline(always)]
pub(crate) fn class_at(text: &str, at: usize) -> Option<(Class, usize)> {
    match CLASSES[usize::from(*text.as_bytes().get(at)?)] {
        Class::Wide => Some(wide(text, at)),
        class => Some((class, 1)),
    }
}

#[inline]
fn wide(text: &str, at: usize) -> (Class, usize) {
    let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) else {
        return (Class::Other, 1);
    };
    let class = if character.is_alphanumeric() {
        Class::Word
    } else if character.is_whitespace() {
        Class::Space
    } else if is_mark(character) {
        Class::Mark
    } else {
        Class::Other
    };
    (class, character.len_utf8())
}

/// Whether a character that is no letter and no digit belongs to words all the same: Unicode's `\w` (UTS 18)
/// without the marks that join words, which are punctuation here.
fn is_mark(character: char) -> bool {
    let joins_words = matches!(
        character,
        '\u{203f}' | '\u{2040}' | '\u{2054}' | '\u{fe33}' | '\u{fe34}' | '\u{fe4d}'..='\u{fe4f}' | '\u{ff3f}'
    );
    !joins_words && regex_syntax::is_word_character(character)
}

/// Whether a piece is nothing but punctuation.
#[inline]
pub(crate) fn is_all_punctuation(piece: &str) -> bool {
    piece.chars().all(is_punctuation)
}

fn is_punctuation(character: char) -> bool {
    character.is_ascii_punctuation()
        || matches!(character,
            '¡' | '§' | '«' | '¶' | '·' | '»' | '¿'
            | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}'
            | '\u{2e00}'..='\u{2e5d}'
            | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}' | '\u{30fb}'
            | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}'
            | '\u{ff5b}'..='\u{ff65}')
}

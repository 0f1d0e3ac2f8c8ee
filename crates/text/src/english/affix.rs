//! Marks before, after and within words.

use super::emoticon;

/// The bytes of the mark that a piece begins with, 0 if none.
pub(super) fn prefix(piece: &str) -> usize {
    let mut characters = piece.chars();
    let Some(first) = characters.next() else { return 0 };
    let next = characters.next();
    match first {
        '+' if next.is_none_or(|next| !next.is_ascii_digit()) => 1,
        '#' if next.is_some_and(char::is_alphabetic) => 0,
        '.' if next == Some('.') => dots(piece.bytes()),
        '§' | '%' | '=' | '—' | '–' => first.len_utf8(),
        'U' if piece.starts_with("US$") => 3,
        'C' | 'A' if next == Some('$') => 2,
        _ if is_mark(first) || is_quote(first) || is_currency(first) => first.len_utf8(),
        _ => symbol(piece),
    }
}

/// The bytes of the mark that a piece ends with, 0 if none. A piece that is nothing else has one too. `run`
/// gives the bytes at its end that are one character again and again.
pub(super) fn suffix(piece: &str, run: impl FnOnce() -> usize) -> usize {
    let mut characters = piece.chars().rev();
    let Some(last) = characters.next() else { return 0 };
    let (before, earlier) = (characters.next(), characters.next());
    let after_digit = before.is_some_and(|before| before.is_ascii_digit());
    match last {
        's' | 'S' if matches!(before, Some('\'' | '’')) => 1 + before.map_or(0, char::len_utf8),
        '.' if before == Some('.') => dots(piece.bytes().rev()),
        '.' if ends_sentence(before, earlier) => 1,
        '+' if after_digit => 1,
        '—' | '–' => last.len_utf8(),
        ')' | '(' | ']' | '[' => emoticon::ending(piece, run()).max(1),
        _ if is_mark(last) || is_quote(last) => last.len_utf8(),
        _ if is_currency(last) && after_digit => last.len_utf8(),
        _ if last.is_alphabetic() || matches!(last, '%' | '²' | '³') => unit(piece),
        _ => last_symbol(piece),
    }
}

/// The bytes of the mark at a byte within a piece that cuts it there, 0 if none.
pub(super) fn infix(piece: &str, at: usize) -> usize {
    let Some((head, tail)) = piece.split_at_checked(at) else { return 0 };
    let mut characters = tail.chars();
    let Some(here) = characters.next() else { return 0 };
    if here.is_alphanumeric() {
        return 0;
    }
    if tail.starts_with("..") {
        return dots(tail.bytes());
    }
    let (before, next) = (head.chars().next_back(), characters.next());
    let is = |side: Option<char>, what: fn(char) -> bool| side.is_some_and(what);
    let word = |character: char| character.is_alphabetic() || character.is_ascii_digit();
    match here {
        '…' => here.len_utf8(),
        '+' | '-' | '*' | '^'
            if is(before, |c| c.is_ascii_digit()) && is(next, |c| c.is_ascii_digit() || c == '-') =>
        {
            1
        }
        '.' if is(before, |c| c.is_lowercase() || is_quote(c))
            && is(next, |c| c.is_uppercase() || is_quote(c)) =>
        {
            1
        }
        ',' if is(before, char::is_alphabetic) && is(next, char::is_alphabetic) => 1,
        '-' | '–' | '—' | '~' if is(before, word) => {
            let hyphens = ["-", "–", "—", "--", "---", "——", "~"];
            let fits = |hyphen: &&&str| {
                tail.strip_prefix(**hyphen).is_some_and(|rest| rest.starts_with(char::is_alphabetic))
            };
            hyphens.iter().find(fits).map_or(0, |hyphen| hyphen.len())
        }
        ':' | '<' | '>' | '=' | '/' if is(before, word) && is(next, char::is_alphabetic) => 1,
        _ => symbol(tail),
    }
}

fn dots(bytes: impl Iterator<Item = u8>) -> usize {
    bytes.take_while(|byte| *byte == b'.').count()
}

/// Whether a full stop after this is no part of the word, as it is of 'U.S.'.
fn ends_sentence(before: Option<char>, earlier: Option<char>) -> bool {
    let Some(before) = before else { return false };
    let upper = |character: char| character.is_uppercase();
    before.is_ascii_digit()
        || before.is_lowercase()
        || matches!(before, '%' | '²' | '-' | '+' | '|')
        || is_mark(before)
        || is_quote(before)
        || (upper(before) && earlier.is_some_and(upper))
        || (matches!(before, 'C' | 'F' | 'K') && earlier == Some('°'))
}

/// Units of measurement, which stand after a digit.
const UNITS: [&str; 48] = [
    "km", "km²", "km³", "m", "m²", "m³", "dm", "dm²", "dm³", "cm", "cm²", "cm³", "mm", "mm²", "mm³", "ha",
    "µm", "nm", "yd", "in", "ft", "kg", "g", "mg", "µg", "t", "lb", "oz", "m/s", "km/h", "kmh", "mph", "hPa",
    "Pa", "mbar", "mb", "MB", "kb", "KB", "gb", "GB", "tb", "TB", "T", "G", "M", "K", "%",
];

/// Bytes.
const LONGEST_UNIT: usize = 6;

/// The bytes of a unit after a digit at the end.
fn unit(piece: &str) -> usize {
    let mut last = piece.char_indices().rev().take(LONGEST_UNIT + 1);
    let Some((digit, _)) = last.find(|(_, character)| character.is_ascii_digit()) else { return 0 };
    let unit = &piece[digit + 1..];
    if UNITS.contains(&unit) { unit.len() } else { 0 }
}

fn is_mark(character: char) -> bool {
    matches!(
        character,
        ',' | ':' | ';' | '!' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '_' | '#' | '*' | '&'
    ) || (!character.is_ascii() && "…¿؟¡。？！，、；：～·।،۔؛٪".contains(character))
}

fn is_quote(character: char) -> bool {
    matches!(character, '\'' | '"' | '`')
        || (!character.is_ascii() && "”“‘´’‚„»«「」『』（）〔〕【】《》〈〉⟦⟧".contains(character))
}

fn is_currency(character: char) -> bool {
    matches!(character, '$' | '£' | '€' | '¥' | '฿' | '﷼' | '\u{20a0}'..='\u{20bf}')
}

/// Unicode's other symbols, in the blocks where nearly all characters are some.
fn is_symbol(character: char) -> bool {
    matches!(
        character,
        '¦' | '©' | '®' | '°' | '\u{2190}'..='\u{23ff}' | '\u{2440}'..='\u{244a}' | '\u{249c}'..='\u{24e9}'
            | '\u{2500}'..='\u{27bf}' | '\u{2800}'..='\u{28ff}' | '\u{2b00}'..='\u{2bff}'
            | '\u{2e80}'..='\u{2fff}' | '\u{fffc}' | '\u{fffd}' | '\u{1f000}'..='\u{1faff}' | '™' | '№'
    )
}

/// Whether a character makes one symbol of several: the emoji form, joiners, skin colours and what a joiner
/// joins.
fn continues(character: char, before: char) -> bool {
    matches!(character, '\u{fe0e}' | '\u{fe0f}' | '\u{200d}' | '\u{20e3}' | '\u{1f3fb}'..='\u{1f3ff}')
        || before == '\u{200d}'
}

/// The bytes of the symbol that a piece begins with.
fn symbol(piece: &str) -> usize {
    let mut characters = piece.chars();
    let Some(first) = characters.next().filter(|first| is_symbol(*first)) else { return 0 };
    let (mut length, mut before) = (first.len_utf8(), first);
    for character in characters.take_while(|character| continues_after(*character, &mut before)) {
        length += character.len_utf8();
    }
    length
}

fn continues_after(character: char, before: &mut char) -> bool {
    continues(character, std::mem::replace(before, character))
}

/// The bytes of the symbol that a piece ends with.
fn last_symbol(piece: &str) -> usize {
    let starts = piece.char_indices().rev().take(8).filter(|(_, character)| is_symbol(*character));
    let whole = |(start, _): &(usize, char)| start + symbol(&piece[*start..]) == piece.len();
    starts.take_while(whole).last().map_or(0, |(start, _)| symbol(&piece[start..]))
}

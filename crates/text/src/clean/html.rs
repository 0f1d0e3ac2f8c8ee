//! Tags and entities of HTML.

use super::Cell;

/// The longest tag, in characters; a longer one is a lone `<`.
const TAG: usize = 300;
/// The longest entity between `&` and `;`.
const ENTITY: usize = 10;

/// The entities that occur in texts, each before its character.
const ENTITIES: &str = "\
    amp& lt< gt> quot\" apos' nbsp\u{a0} hellip… mdash— ndash– lsquo‘ rsquo’ ldquo“ rdquo” laquo« raquo» \
    bull• middot· copy© reg® trade™ deg° euro€ pound£ yen¥ cent¢ sect§ para¶ times× frac12½ iexcl¡ iquest¿ \
    hearts♥ eacuteé egraveè aacuteá agraveà ccedilç ntildeñ aumlä oumlö uumlü szligß";

/// Each tag and comment as one space, each entity as its character.
pub(super) fn clean(cells: &[Cell]) -> Vec<Cell> {
    let mut clean = Vec::with_capacity(cells.len());
    let mut at = 0;
    while let Some(cell) = cells.get(at) {
        let rest = &cells[at..];
        let found = match cell.character {
            '<' => tag(rest).map(|length| (' ', length)),
            '&' => entity(rest),
            _ => None,
        };
        let (character, length) = found.unwrap_or((cell.character, 1));
        let end = rest.get(length - 1).map_or(cell.end, |last| last.end);
        clean.push(Cell { character, start: cell.start, end });
        at += length;
    }
    clean
}

/// The characters of a tag `<name …>`, `</name>` or a comment `<!-- … -->`.
fn tag(cells: &[Cell]) -> Option<usize> {
    let next = cells.get(1)?.character;
    let named = next.is_ascii_alphabetic()
        || next == '!'
        || (next == '/' && cells.get(2).is_some_and(|cell| cell.character.is_ascii_alphabetic()));
    let inner = cells.iter().take(TAG).skip(1).position(|cell| matches!(cell.character, '<' | '>'))?;
    let end = cells.get(inner + 1)?;
    (named && end.character == '>').then_some(inner + 2)
}

fn entity(cells: &[Cell]) -> Option<(char, usize)> {
    let end = cells.iter().take(ENTITY + 2).position(|cell| cell.character == ';')?;
    let name: String = cells.get(1..end)?.iter().map(|cell| cell.character).collect();
    let character = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|character| *character != '\0')?
        }
        None => {
            let character = |entry: &str| entry.strip_prefix(&name).and_then(|rest| rest.parse().ok());
            ENTITIES.split(' ').find_map(character)?
        }
    };
    Some((character, end + 1))
}

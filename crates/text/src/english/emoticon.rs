//! Faces made of marks.

/// Faces that are no eyes, nose and mouth in a row.
const OTHERS: [&str; 31] = [
    "<3", "</3", "^_^", "^__^", "^___^", "-_-", "-__-", "._.", "o_o", "o_0", "0_o", "0_0", "o.o", "o.0",
    "0.o", "0.0", "v_v", "v.v", "@_@", ">.<", ">.>", "<.<", ">_<", "t_t", "(^_^)", "(>_<)", "(-_-)", "(._.)",
    "(*_*)", "(o:", "><(((*>",
];
/// Those with letters beyond ASCII.
const WIDE_OTHERS: [&str; 8] =
    ["ಠ_ಠ", "(ಠ_ಠ)", "ಠ︵ಠ", "¬_¬", "(¬_¬)", "¯\\(ツ)/¯", "¯\\_(ツ)_/¯", "(╯°□°）╯︵┻━┻"];

/// Whether this is an emoticon as a whole.
pub(super) fn is_one(word: &str) -> bool {
    let [first, .., last] = word.as_bytes() else { return false };
    // A face begins with a letter only if it is two eyes and what is between.
    let alike = word.len() == 3 || !first.is_ascii_alphanumeric();
    let closed = !matches!(last, b'.' | b',' | b'!' | b'?' | b'"') || word.len() == 3;
    if !alike || !closed || word.len() > 40 || word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return false;
    }
    is_face(word) || is_mirrored(word) || is_other(word)
}

/// The bytes of a face at the end of a piece whose last `run` bytes are one bracket again and again, 0 if
/// there is none: a mouth is all of them and of no other bracket.
pub(super) fn ending(piece: &str, run: usize) -> usize {
    let rest = piece.get(..piece.len().saturating_sub(run)).unwrap_or_default();
    if rest.ends_with([')', '(', ']', '[']) {
        return 0;
    }
    let eyes =
        rest.char_indices().rev().take(4).filter(|(_, character)| matches!(character, ':' | ';' | '='));
    let faces = eyes.filter_map(|(start, _)| piece.get(start..)).filter(|face| is_face(face));
    faces.map(str::len).max().unwrap_or(0)
}

/// Eyes, perhaps a tear and a nose, and a mouth that may be drawn out: `:-)`, `:'(`, `;D`, `=]]`.
fn is_face(word: &str) -> bool {
    let rest = word.strip_prefix('>').unwrap_or(word);
    let Some(rest) = rest.strip_prefix([':', ';', '=']) else { return false };
    let rest = rest.strip_prefix(['\'', '’']).unwrap_or(rest);
    let mouth = match rest.strip_prefix(['-', 'o', '^']) {
        Some(mouth) if !mouth.is_empty() => mouth,
        _ => rest,
    };
    let mut characters = mouth.chars();
    match characters.next() {
        Some(first @ (')' | '(' | ']' | '[' | 'D' | '}')) => characters.all(|character| character == first),
        Some(
            'O' | 'o' | 'P' | 'p' | 'X' | 'x' | '/' | '|' | '*' | '>' | '3' | '0' | '1' | '_' | '\\' | '@',
        ) => characters.next().is_none(),
        _ => false,
    }
}

/// Mouth, perhaps a nose, and eyes: `(:`, `(-;`, `[=`; but `);` is punctuation.
fn is_mirrored(word: &str) -> bool {
    if word == ");" {
        return false;
    }
    let Some(rest) = word.strip_suffix([':', ';', '=']) else { return false };
    matches!(rest.strip_suffix('-').unwrap_or(rest), "(" | ")" | "[" | "]")
}

fn is_other(word: &str) -> bool {
    // Hearts may be drawn out.
    let hearts = word.strip_prefix("<3").is_some_and(|rest| rest.bytes().all(|byte| byte == b'3'));
    hearts || OTHERS.iter().chain(&WIDE_OTHERS).any(|known| known.eq_ignore_ascii_case(word))
}

//! Texts that say what stands around each character, and expressions that read it.
//!
//! Before each character, and behind the last one, stand marks: pairs of bytes that UTF-8 does not have, the
//! first for what stands before the place, the second for what stands behind it. A boundary in the expression
//! becomes the pairs that show it; a character becomes any number of pairs and the character. At each place
//! there are as many equal pairs as the expression has boundaries, so that each reads one of its own. What
//! matches, and where, stays the same.

use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir, HirKind, Look, Repetition};
use regex_syntax::is_word_character;

/// The most pairs at a place.
const MOST: usize = 16;

/// What stands before or behind a place: the beginning or end of the text, the end of a line, a letter of a
/// word, or another character.
const ALL: &[u8] = &[0, 1, 2, 3];
const EDGE: &[u8] = &[0];
const LINE: &[u8] = &[0, 1];
const WORD: &[u8] = &[2];
const OTHER: &[u8] = &[0, 1, 3];

/// The first bytes of pairs begin here, the second ones behind them.
const BEFORE: u8 = 0xf8;
const BEHIND: u8 = 0xfc;

/// A text between whose characters there may be marks.
pub(super) struct Marked {
    pub(super) bytes: Vec<u8>,
    /// Bytes of the marks at a place.
    marks: usize,
    /// For each place where its marks begin, and where it is in the text without marks.
    places: Vec<(usize, usize)>,
}

/// An expression and a text in which it finds the same as `expression` in `text`, without boundaries of words
/// beyond ASCII. `None` if it has other kinds of boundaries beside these, or too many.
pub(super) fn mark(expression: Hir, text: &str) -> Option<(Hir, Marked)> {
    if !expression.properties().look_set().contains_word_unicode() {
        return Some((expression, Marked::new(text, 0)));
    }
    let pairs = boundaries(&expression);
    let expression = reading(&expression)?;
    (pairs <= MOST).then(|| (expression, Marked::new(text, pairs)))
}

impl Marked {
    fn new(text: &str, pairs: usize) -> Self {
        let mut marked = Self { bytes: Vec::with_capacity(text.len()), marks: 2 * pairs, places: Vec::new() };
        let mut before = 0;
        for (place, character) in text.char_indices() {
            let behind = match character {
                '\n' => 1,
                letter if is_word_character(letter) => 2,
                _ => 3,
            };
            marked.mark(place, [BEFORE + before, BEHIND + behind], pairs);
            marked.bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            before = behind;
        }
        marked.mark(text.len(), [BEFORE + before, BEHIND], pairs);
        marked
    }

    fn mark(&mut self, place: usize, pair: [u8; 2], pairs: usize) {
        self.places.push((self.bytes.len(), place));
        (0..pairs).for_each(|_| self.bytes.extend_from_slice(&pair));
    }

    /// Where the marks of place number `number` begin; `None` behind the last.
    pub(super) fn start(&self, number: usize) -> Option<usize> {
        self.places.get(number).map(|place| place.0)
    }

    /// The number of the place that this byte of the marked text is at; `None` within a character.
    pub(super) fn place(&self, byte: usize) -> Option<usize> {
        let number = self.places.partition_point(|place| place.0 <= byte).checked_sub(1)?;
        (byte - self.start(number)? <= self.marks).then_some(number)
    }

    /// Where place number `number` is in the text without marks.
    pub(super) fn byte(&self, number: usize) -> Option<usize> {
        self.places.get(number).map(|place| place.1)
    }
}

/// The number of boundaries in an expression.
fn boundaries(expression: &Hir) -> usize {
    match expression.kind() {
        HirKind::Look(_) => 1,
        HirKind::Repetition(repeated) => boundaries(&repeated.sub),
        HirKind::Capture(group) => boundaries(&group.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().map(boundaries).sum(),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) => 0,
    }
}

/// The expression for a marked text.
fn reading(expression: &Hir) -> Option<Hir> {
    let all = |parts: &[Hir]| parts.iter().map(reading).collect::<Option<Vec<_>>>();
    Some(match expression.kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => {
            let letters = std::str::from_utf8(&literal.0).ok()?.chars();
            let letter = |letter: char| Hir::literal(letter.encode_utf8(&mut [0; 4]).as_bytes());
            Hir::concat(letters.flat_map(|one| [passed(), letter(one)]).collect())
        }
        HirKind::Class(class) => Hir::concat(vec![passed(), Hir::class(class.clone())]),
        HirKind::Look(look) => boundary(*look)?,
        // What is repeated without a character could read more marks than there are.
        HirKind::Repetition(Repetition { sub, .. })
            if boundaries(sub) > 0 && sub.properties().minimum_len() == Some(0) =>
        {
            return None;
        }
        HirKind::Repetition(repeated) => {
            let sub = Box::new(reading(&repeated.sub)?);
            Hir::repetition(Repetition { sub, ..repeated.clone() })
        }
        HirKind::Capture(group) => reading(&group.sub)?,
        HirKind::Concat(parts) => Hir::concat(all(parts)?),
        HirKind::Alternation(parts) => Hir::alternation(all(parts)?),
    })
}

/// The pairs that show a boundary.
fn boundary(look: Look) -> Option<Hir> {
    let shown: &[(&[u8], &[u8])] = match look {
        Look::Start => &[(EDGE, ALL)],
        Look::End => &[(ALL, EDGE)],
        Look::StartLF => &[(LINE, ALL)],
        Look::EndLF => &[(ALL, LINE)],
        Look::WordUnicode => &[(WORD, OTHER), (OTHER, WORD)],
        Look::WordUnicodeNegate => &[(WORD, WORD), (OTHER, OTHER)],
        Look::WordStartUnicode => &[(OTHER, WORD)],
        Look::WordEndUnicode => &[(WORD, OTHER)],
        Look::WordStartHalfUnicode => &[(OTHER, ALL)],
        Look::WordEndHalfUnicode => &[(ALL, OTHER)],
        _ => return None,
    };
    Some(Hir::alternation(shown.iter().map(|(before, behind)| pair(before, behind)).collect()))
}

/// A pair of these.
fn pair(before: &[u8], behind: &[u8]) -> Hir {
    let class = |first: u8, kinds: &[u8]| {
        let ranges = kinds.iter().map(|kind| ClassBytesRange::new(first + kind, first + kind));
        Hir::class(Class::Bytes(ClassBytes::new(ranges)))
    };
    Hir::concat(vec![class(BEFORE, before), class(BEHIND, behind)])
}

/// Any number of any pairs.
fn passed() -> Hir {
    Hir::repetition(Repetition { min: 0, max: None, greedy: true, sub: Box::new(pair(ALL, ALL)) })
}

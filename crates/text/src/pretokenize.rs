//! Cutting a text into pieces.

use crate::character::{Class, class_at};
use std::ops::ControlFlow;

/// Cuts a text into pieces.
pub trait PreTokenizer {
    /// Hands each piece's first byte and the byte after its last to `each`, from left to right, until the
    /// text or `each` ends it. Pieces are not empty, do not overlap and lie on character boundaries.
    fn pieces(&self, text: &str, each: impl FnMut(usize, usize) -> ControlFlow<()>);
}

/// Pieces between white space: Python's `str.split()`.
#[derive(Clone, Copy, Debug)]
pub struct Whitespace;

/// Words, and each other character that is not white space by itself.
///
/// A word is a run of letters, digits and underscores of any script, so "don't" is `don`, `'`, `t`. A letter
/// is what Unicode calls alphabetic, with the combining marks and zero-width joiners after it. Of texts
/// without such marks, vowel signs and circled letters, Python's `re.findall(r"\w+|[^\w\s]")` makes the same.
#[derive(Clone, Copy, Debug)]
pub struct Words;

/// [`Words`], but combining marks and joiners stand by themselves; see [`Marks::Apart`](crate::Marks::Apart).
#[derive(Clone, Copy, Debug)]
pub(crate) struct BareWords;

/// Single characters, white space too: Python's `list(text)`.
#[derive(Clone, Copy, Debug)]
pub struct Characters;

impl PreTokenizer for Whitespace {
    #[inline]
    fn pieces(&self, text: &str, mut each: impl FnMut(usize, usize) -> ControlFlow<()>) {
        let mut at = 0;
        while let Some((kind, length)) = class_at(text, at) {
            if kind == Class::Space {
                at += length;
                continue;
            }
            let start = at;
            at += length;
            while let Some((kind, length)) = class_at(text, at) {
                if kind == Class::Space {
                    break;
                }
                at += length;
            }
            if each(start, at).is_break() {
                return;
            }
        }
    }
}

impl PreTokenizer for Words {
    #[inline]
    fn pieces(&self, text: &str, each: impl FnMut(usize, usize) -> ControlFlow<()>) {
        // Most texts have no marks: they need not be looked for.
        match text.is_ascii() {
            true => BareWords.pieces(text, each),
            false => words(text, |class| matches!(class, Class::Word | Class::Mark), each),
        }
    }
}

impl PreTokenizer for BareWords {
    #[inline]
    fn pieces(&self, text: &str, each: impl FnMut(usize, usize) -> ControlFlow<()>) {
        words(text, |class| class == Class::Word, each);
    }
}

/// Hands on words, which go on as long as `goes_on` says, and other characters.
#[inline(always)]
fn words(text: &str, goes_on: impl Fn(Class) -> bool, mut each: impl FnMut(usize, usize) -> ControlFlow<()>) {
    let mut at = 0;
    while let Some((kind, length)) = class_at(text, at) {
        let start = at;
        at += length;
        match kind {
            Class::Space => continue,
            Class::Word => {
                while let Some((_, length)) = class_at(text, at).filter(|(class, _)| goes_on(*class)) {
                    at += length;
                }
            }
            Class::Mark | Class::Other | Class::Wide => (),
        }
        if each(start, at).is_break() {
            return;
        }
    }
}

impl PreTokenizer for Characters {
    #[inline]
    fn pieces(&self, text: &str, mut each: impl FnMut(usize, usize) -> ControlFlow<()>) {
        let mut all = text.char_indices().map(|(start, character)| (start, start + character.len_utf8()));
        // Breaking off ends the way, no more.
        let _ = all.try_for_each(|(start, end)| each(start, end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn collect<'t>(pre_tokenizer: &impl PreTokenizer, text: &'t str) -> Vec<&'t str> {
        let mut pieces = Vec::new();
        pre_tokenizer.pieces(text, |start, end| {
            pieces.push(&text[start..end]);
            ControlFlow::Continue(())
        });
        pieces
    }

    fn check(text: &str, whitespace: &[&str], words: &[&str]) {
        assert_eq!(collect(&Whitespace, text), whitespace, "{text:?} at white space");
        assert_eq!(collect(&Words, text), words, "{text:?} into words");
        assert_eq!(collect(&Characters, text).concat(), text);
        assert_eq!(collect(&Characters, text).len(), text.chars().count());
    }

    #[test]
    fn pieces() {
        check("", &[], &[]);
        check(" \t\n", &[], &[]);
        check("I love my dog", &["I", "love", "my", "dog"], &["I", "love", "my", "dog"]);
        check("don't!!", &["don't!!"], &["don", "'", "t", "!", "!"]);
        check("über\u{a0}naïve", &["über", "naïve"], &["über", "naïve"]);
        check("a\u{1c}b", &["a", "b"], &["a", "b"]);
        check("so 🙂🙂 ok", &["so", "🙂🙂", "ok"], &["so", "🙂", "🙂", "ok"]);
        check("日本。", &["日本。"], &["日本", "。"]);
        check("बन्द है", &["बन्द", "है"], &["बन्द", "है"]);
        check("ත්\u{200d}රී නන්\u{200d}", &["ත්\u{200d}රී", "නන්\u{200d}"], &["ත්\u{200d}රී", "නන්\u{200d}"]);
        check("cafe\u{301}\u{323}s", &["cafe\u{301}\u{323}s"], &["cafe\u{301}\u{323}s"]);
        // A mark that follows no letter stands by itself.
        check("\u{301}a ❤\u{fe0f}", &["\u{301}a", "❤\u{fe0f}"], &["\u{301}", "a", "❤", "\u{fe0f}"]);
        check("a\u{203f}b＿c", &["a\u{203f}b＿c"], &["a", "\u{203f}", "b", "＿", "c"]);
    }

    #[test]
    fn bare_words() {
        let pieces = |text| collect(&BareWords, text);
        assert_eq!(pieces("cafe\u{301}s बन्द"), ["cafe", "\u{301}", "s", "बन", "्", "द"]);
        assert_eq!(pieces("می\u{200c}رود"), ["می", "\u{200c}", "رود"]);
    }

    /// `fixtures/text/pieces.json`, made by `fixtures/text/make.py` with Python's own functions.
    #[test]
    fn pieces_equal_golden() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/text/pieces.json");
        let cases: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let cases = cases.as_array().unwrap();
        assert!(cases.len() > 100, "{} cases", cases.len());
        for case in cases {
            let list = |name: &str| -> Vec<String> { serde_json::from_value(case[name].clone()).unwrap() };
            let text = case["text"].as_str().unwrap();
            assert_eq!(collect(&Whitespace, text), list("whitespace"), "{text:?}");
            assert_eq!(collect(&Words, text), list("words"), "{text:?}");
            if case["bare"].is_array() {
                assert_eq!(collect(&BareWords, text), list("bare"), "{text:?}");
            }
        }
    }

    #[test]
    fn breaking_off() {
        for limit in 1..4 {
            let mut seen = 0;
            Words.pieces("a b c d", |_, _| {
                seen += 1;
                if seen == limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            assert_eq!(seen, limit);
        }
    }
}

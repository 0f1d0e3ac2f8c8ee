//! Words by the rules of written English.

mod affix;
mod contraction;
mod emoticon;
#[cfg(test)]
mod tests;
mod url;

use crate::{PreTokenizer, Whitespace};
use std::ops::ControlFlow;

/// Words as a reader of English takes them: "don't" is `do` and `n't`, marks stand alone, and URLs, user
/// names, hashtags, emoticons and abbreviations stay whole.
///
/// The rules are those of spaCy's tokenizer for English (Honnibal, Montani, Van Landeghem and Boyd 2020): a
/// text is cut at white space; from each piece prefixes and suffixes are taken until none is left or the rest
/// is a word that the rules name; the rest is cut at marks within. Where spaCy cuts a hashtag, the end of a
/// URL (`…/x2m`) or an emoji of several characters, they stay whole here; longer emoticons than it lists do
/// too. Runs of white space are no tokens.
#[derive(Clone, Copy, Debug)]
pub struct English;

/// First byte and byte after the last.
type Span = (usize, usize);

impl PreTokenizer for English {
    fn pieces(&self, text: &str, mut each: impl FnMut(usize, usize) -> ControlFlow<()>) {
        let mut cutter = Cutter::default();
        Whitespace.pieces(text, |start, end| {
            let Some(chunk) = text.get(start..end) else { return ControlFlow::Continue(()) };
            if chunk.bytes().all(|byte| byte.is_ascii_alphabetic()) && !contraction::may_be(chunk) {
                return each(start, end);
            }
            cutter.cut(chunk);
            cutter.tokens.iter().try_for_each(|(first, last)| each(start + first, start + last))
        });
    }
}

/// The pieces of one chunk between white space.
#[derive(Default)]
struct Cutter {
    tokens: Vec<Span>,
    suffixes: Vec<Span>,
}

impl Cutter {
    fn cut(&mut self, chunk: &str) {
        self.tokens.clear();
        self.suffixes.clear();
        let (mut start, mut end) = (0, chunk.len());
        while let Some(rest) = chunk.get(start..end).filter(|rest| !rest.is_empty()) {
            if self.known(rest, start) {
                break;
            }
            let prefix = affix::prefix(rest);
            if prefix > 0 && is_known(&rest[prefix..]) {
                self.tokens.push((start, start + prefix));
                start += prefix;
                continue;
            }
            let suffix = affix::suffix(&rest[prefix..]);
            if suffix > 0 && is_known(&rest[..rest.len() - suffix]) {
                self.suffixes.push((end - suffix, end));
                end -= suffix;
                continue;
            }
            if prefix + suffix == 0 {
                self.infixes(rest, start);
                break;
            }
            if prefix > 0 {
                self.tokens.push((start, start + prefix));
                start += prefix;
            }
            if suffix > 0 {
                self.suffixes.push((end - suffix, end));
                end -= suffix;
            }
        }
        self.tokens.extend(self.suffixes.iter().rev());
        if self.tokens.len() > 1 {
            self.join(chunk);
        }
    }

    /// Makes one token of tokens side by side that the rules name together: an emoticon or an abbreviation
    /// after a word.
    fn join(&mut self, chunk: &str) {
        let tokens = &mut self.tokens;
        let mut first = 0;
        while first + 1 < tokens.len() {
            let longest = (first + 1..tokens.len().min(first + 8)).rev().find(|last| {
                let whole = chunk.get(tokens[first].0..tokens[*last].1);
                whole.is_some_and(|whole| emoticon::is_one(whole) || contraction::is_whole(whole))
            });
            if let Some(last) = longest {
                tokens[first].1 = tokens[last].1;
                tokens.drain(first + 1..=last);
            }
            first += 1;
        }
    }

    /// Whether this is a word that the rules name; then its tokens are added.
    fn known(&mut self, rest: &str, start: usize) -> bool {
        if let Some(cuts) = contraction::cuts(rest) {
            let mut from = 0;
            for cut in cuts.into_iter().filter(|cut| *cut > 0).chain([rest.len()]) {
                self.tokens.push((start + from, start + cut));
                from = cut;
            }
            return true;
        }
        let whole = contraction::is_whole(rest) || emoticon::is_one(rest) || url::has_scheme(rest);
        if whole {
            self.tokens.push((start, start + rest.len()));
        }
        whole
    }

    fn infixes(&mut self, rest: &str, start: usize) {
        let (mut from, mut at) = (0, 0);
        let plain = rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !plain && !url::is_one(rest) {
            while at < rest.len() {
                match affix::infix(rest, at) {
                    0 => at += rest[at..].chars().next().map_or(1, char::len_utf8),
                    length => {
                        if from < at {
                            self.tokens.push((start + from, start + at));
                        }
                        self.tokens.push((start + at, start + at + length));
                        at += length;
                        from = at;
                    }
                }
            }
        }
        if from < rest.len() {
            self.tokens.push((start + from, start + rest.len()));
        }
    }
}

/// Whether the rules name this word.
fn is_known(word: &str) -> bool {
    !word.is_empty()
        && (contraction::cuts(word).is_some()
            || contraction::is_whole(word)
            || emoticon::is_one(word)
            || url::has_scheme(word))
}

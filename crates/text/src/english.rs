//! Words by the rules of written English.

mod affix;
mod contraction;
mod emoticon;
#[cfg(test)]
mod tests;
mod url;

use crate::{PreTokenizer, Whitespace};
use std::cell::{Cell, OnceCell};
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

#[cfg(test)]
thread_local! {
    /// Bytes and tokens that were looked at beyond a few.
    static LOOKED: Cell<usize> = const { Cell::new(0) };
}

/// Counts a look at so many bytes or tokens. Whoever looks at a number of them that has no bound says so:
/// tests hold the sum to a multiple of the text.
#[inline(always)]
fn looked(_count: usize) {
    #[cfg(test)]
    LOOKED.set(LOOKED.get() + _count);
}

/// A text between white space. Marks are taken from its ends one by one, so nothing looks at the whole rest
/// each time.
struct Chunk<'c> {
    text: &'c str,
    has_scheme: bool,
    signs: OnceCell<url::Signs>,
    /// A run of one character.
    run: Cell<Span>,
}

impl<'c> Chunk<'c> {
    fn new(text: &'c str) -> Self {
        looked(text.len());
        let has_scheme = text.contains("://");
        Self { text, has_scheme, signs: OnceCell::new(), run: Cell::new((0, 0)) }
    }

    fn signs(&self) -> &url::Signs {
        self.signs.get_or_init(|| url::Signs::read(self.text))
    }

    /// Whether a part is an address that says so itself.
    fn is_marked_address(&self, (start, end): Span) -> bool {
        let may_be = self.has_scheme || self.text.get(start..end).is_some_and(|w| w.starts_with("www."));
        may_be && self.signs().has_scheme(self.text, (start, end))
    }

    /// Whether the rules name a part.
    fn knows(&self, (start, end): Span) -> bool {
        let Some(word) = self.text.get(start..end).filter(|word| !word.is_empty()) else { return false };
        contraction::cuts(word).is_some() || self.keeps(word, (start, end))
    }

    /// Whether the rules name a part, and it stays whole.
    fn keeps(&self, word: &str, part: Span) -> bool {
        contraction::is_whole(word) || emoticon::is_one(word) || self.is_marked_address(part)
    }

    /// The bytes at the end of a part that are one character again and again.
    fn run(&self, (start, end): Span) -> usize {
        let (mut first, last) = self.run.get();
        if !(first < end && end <= last) {
            let before = self.text.get(..end).unwrap_or_default();
            let trimmed = before.chars().next_back().map_or(before, |own| before.trim_end_matches(own));
            first = trimmed.len();
            looked(end - first);
            self.run.set((first, end));
        }
        end - first.max(start)
    }
}

impl PreTokenizer for English {
    fn pieces(&self, text: &str, mut each: impl FnMut(usize, usize) -> ControlFlow<()>) {
        let mut cutter = Cutter::default();
        Whitespace.pieces(text, |start, end| {
            let Some(chunk) = text.get(start..end) else { return ControlFlow::Continue(()) };
            if chunk.bytes().all(|byte| byte.is_ascii_alphabetic()) && !contraction::may_be(chunk) {
                return each(start, end);
            }
            cutter.cut(&Chunk::new(chunk));
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
    fn cut(&mut self, chunk: &Chunk) {
        self.tokens.clear();
        self.suffixes.clear();
        let (mut start, mut end) = (0, chunk.text.len());
        while let Some(rest) = chunk.text.get(start..end).filter(|rest| !rest.is_empty()) {
            if self.known(chunk, rest, start) {
                break;
            }
            let prefix = affix::prefix(rest);
            if prefix > 0 && chunk.knows((start + prefix, end)) {
                self.tokens.push((start, start + prefix));
                start += prefix;
                continue;
            }
            let suffix = affix::suffix(&rest[prefix..], || chunk.run((start + prefix, end)));
            if suffix > 0 && chunk.knows((start, end - suffix)) {
                self.suffixes.push((end - suffix, end));
                end -= suffix;
                continue;
            }
            if prefix + suffix == 0 {
                self.infixes(chunk, rest, start);
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
            self.join(chunk.text);
        }
    }

    /// Makes one token of tokens side by side that the rules name together: an emoticon or an abbreviation
    /// after a word.
    fn join(&mut self, chunk: &str) {
        let tokens = &mut self.tokens;
        looked(tokens.len());
        let (mut first, mut kept) = (0, 0);
        while first < tokens.len() {
            let longest = (first + 1..tokens.len().min(first + 8)).rev().find(|last| {
                let whole = chunk.get(tokens[first].0..tokens[*last].1);
                whole.is_some_and(|whole| emoticon::is_one(whole) || contraction::is_whole(whole))
            });
            let last = longest.unwrap_or(first);
            tokens[kept] = (tokens[first].0, tokens[last].1);
            kept += 1;
            first = last + 1;
        }
        tokens.truncate(kept);
    }

    /// Whether this is a word that the rules name; then its tokens are added.
    fn known(&mut self, chunk: &Chunk, rest: &str, start: usize) -> bool {
        if let Some(cuts) = contraction::cuts(rest) {
            let mut from = 0;
            for cut in cuts.into_iter().filter(|cut| *cut > 0).chain([rest.len()]) {
                self.tokens.push((start + from, start + cut));
                from = cut;
            }
            return true;
        }
        let whole = chunk.keeps(rest, (start, start + rest.len()));
        if whole {
            self.tokens.push((start, start + rest.len()));
        }
        whole
    }

    fn infixes(&mut self, chunk: &Chunk, rest: &str, start: usize) {
        looked(rest.len());
        let (mut from, mut at) = (0, 0);
        let plain = rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_address =
            || rest.contains('.') && chunk.signs().is_one(chunk.text, (start, start + rest.len()));
        if !plain && !is_address() {
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

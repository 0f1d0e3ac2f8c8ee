//! All places of an expression in a text, in time that grows with the text alone.
//!
//! One search is linear, but a search for each match need not be: where an expression matches briefly and
//! might match at length, as `.*x|y`, each looks through the rest of the text in vain. Here a search
//! remembers where, and in which state of the automaton, it has looked on in vain; another that comes there
//! in the same state would too, and stops. There are few states, so few looks at each byte.
//!
//! Automata know words of ASCII alone. Where an expression asks for others, the text is [`marked`] with what
//! stands around each character, and the expression reads the marks.

mod marked;

use std::collections::HashSet;
use std::ops::Range;

use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::{Anchored, Input, MatchError, MatchKind};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;

/// Bytes between places that are remembered: so far at most a search goes on before it stops.
const STRIDE: usize = 16;
/// Bytes that the states of an automaton may take before it begins again with none.
const STATES: usize = 1 << 24;

#[cfg(test)]
thread_local! {
    /// Bytes that this thread has looked at.
    pub(super) static LOOKED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// The places at which an expression matches, from left to right without overlap, as `regex` finds them.
/// `None` if no automaton can tell: of an expression that mixes kinds of boundaries, or that is larger than
/// `size` bytes.
pub(super) fn places(
    pattern: &str,
    case_insensitive: bool,
    size: usize,
    text: &str,
) -> Option<Vec<Range<usize>>> {
    let mut parser = ParserBuilder::new().case_insensitive(case_insensitive).build();
    let (expression, text) = marked::mark(parser.parse(pattern).ok()?, text)?;
    let mut finder = Finder::new(&expression, size)?;
    let (mut places, mut at, mut last) = (Vec::new(), 0, None);
    while let Some(start) = text.start(at) {
        let input = Input::new(&text.bytes).range(start..);
        let Some(found) = finder.next(&input).ok()? else { break };
        let (first, end) = (text.place(found.start), text.place(found.end));
        // Nothing matches within a character, and no empty match begins where another ends.
        if end.is_none() || (first == end && last == end) {
            at = end.unwrap_or(at) + 1;
            continue;
        }
        let (first, end) = (first?, end?);
        places.push(text.byte(first)?..text.byte(end)?);
        (at, last) = (end, Some(end));
    }
    Some(places)
}

struct Finder {
    /// Finds where a match ends, and from there backward where it begins.
    forward: DFA,
    backward: DFA,
    caches: [Cache; 2],
    /// Places, each with a state in which the rest of the text was read in vain.
    barren: HashSet<(usize, LazyStateID)>,
    /// How often the forward automaton had forgotten its states when `barren` was written.
    forgotten: usize,
}

impl Finder {
    fn new(expression: &Hir, size: usize) -> Option<Self> {
        let build = |kind, reverse| {
            let config = thompson::Config::new()
                .reverse(reverse)
                .utf8(false)
                .which_captures(WhichCaptures::None)
                .nfa_size_limit(Some(size));
            let nfa = thompson::Compiler::new().configure(config).build_from_hir(expression).ok()?;
            let config =
                DFA::config().match_kind(kind).cache_capacity(STATES).skip_cache_capacity_check(true);
            DFA::builder().configure(config).build_from_nfa(nfa).ok()
        };
        let forward = build(MatchKind::LeftmostFirst, false)?;
        let backward = build(MatchKind::All, true)?;
        let caches = [forward.create_cache(), backward.create_cache()];
        Some(Self { forward, backward, caches, barren: HashSet::new(), forgotten: 0 })
    }

    /// The next match, in bytes of the marked text.
    fn next(&mut self, input: &Input) -> Result<Option<Range<usize>>, MatchError> {
        let Some(end) = self.end(input)? else { return Ok(None) };
        let before = input.clone().range(input.start()..end).anchored(Anchored::Yes);
        let start = self.backward.try_search_rev(&mut self.caches[1], &before)?;
        Ok(Some(start.map_or(end, |half| half.offset())..end))
    }

    /// Where the next match ends.
    fn end(&mut self, input: &Input) -> Result<Option<usize>, MatchError> {
        let (dfa, cache) = (&self.forward, &mut self.caches[0]);
        let gave_up = |_| MatchError::gave_up(input.start());
        let mut state = dfa.start_state_forward(cache, input)?;
        let (mut found, mut passed) = (None, Vec::new());
        for at in input.start()..input.end() {
            #[cfg(test)]
            LOOKED.set(LOOKED.get() + 1);
            let byte = input.haystack()[at];
            state = dfa.next_state(cache, state, byte).map_err(gave_up)?;
            // A match is told a byte after its end.
            if state.is_match() {
                found = Some(at);
                passed.clear();
            } else if state.is_dead() {
                self.remember(passed);
                return Ok(found);
            } else if state.is_quit() {
                return Err(MatchError::quit(byte, at));
            }
            if at % STRIDE == 0 {
                if self.forgotten == cache.clear_count() && self.barren.contains(&(at, state)) {
                    self.remember(passed);
                    return Ok(found);
                }
                passed.push((at, state));
            }
        }
        state = dfa.next_eoi_state(cache, state).map_err(gave_up)?;
        if state.is_match() {
            return Ok(Some(input.end()));
        }
        self.remember(passed);
        Ok(found)
    }

    /// Remembers places behind the last match.
    fn remember(&mut self, passed: Vec<(usize, LazyStateID)>) {
        let forgotten = self.caches[0].clear_count();
        if forgotten != self.forgotten {
            // States have new names, those of `passed` perhaps in part.
            self.forgotten = forgotten;
            self.barren.clear();
        } else {
            self.barren.extend(passed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::RegexBuilder;

    const SIZE: usize = 1 << 24;

    #[test]
    fn looks_grow_with_the_text_alone() {
        for pattern in [".*[^A-Z]|[A-Z]", "(?:A+B)|A", "[A-Z]*z|AA|B", "(?s).*!|[A-Z]", "A.*A.*x|A|B"] {
            let looks = |bytes: usize| {
                LOOKED.set(0);
                assert!(!places(pattern, false, SIZE, &"AAAB".repeat(bytes / 4)).unwrap().is_empty());
                LOOKED.get()
            };
            let (once, twice) = (looks(4_000), looks(8_000));
            assert!(once >= 4_000 && twice <= 2 * once + 1_000, "{pattern}: {once} {twice}");
        }
    }

    /// Boundaries of words beyond ASCII too.
    #[test]
    fn looks_grow_with_a_text_of_any_letters_alone() {
        for pattern in [r"\bA\b.*zzz|\bé", r"(?:\w+ )+!|\b\w", r"\B.*x|\bÉ\b", r"(?s)\b.+\bß\b|é"] {
            let looks = |words: usize| {
                LOOKED.set(0);
                let found = places(pattern, true, SIZE, &"É été A où ".repeat(words)).unwrap();
                assert!(found.len() >= words, "{pattern}: {}", found.len());
                LOOKED.get()
            };
            let (once, twice) = (looks(500), looks(1_000));
            assert!(twice <= 2 * once + 1_000, "{pattern}: {once} {twice}");
        }
    }

    #[test]
    fn places_are_those_of_searches_one_by_one() {
        let patterns = [
            "a",
            "a*",
            "",
            "b?",
            "a|ab",
            "ab|a",
            "(?:ab)+",
            ".*b|a",
            "^a",
            "a$",
            r"\ba",
            r"\b",
            r"a\B",
            r"\bé",
            r"\b\b\w+\b",
            r"\B",
            r"^\b|\b$",
            r"(?m)\b$|^\B",
            r"(?:\b\w ?){2,3}",
            r"\b{start}\w|\b{end}",
            r"\b{start-half}.\b{end-half}",
            r"(?:a|\b)*",
            r"(?-u:\b)a",
            "(?m)^.",
            "[^b]+?b|a",
            "é",
            ".",
            "(?i)É|A",
            "a{2,3}",
            "(?s).*a|b",
            r"\w+",
            "x*?",
            "$",
            "a*|b",
        ];
        let parts = ["a", "b", "A", "é", "É", " ", "\n", "x", "ab", "ß"];
        let mut generator = assort_random::Seed::new(2).stream("places").generator();
        let mut told = 0;
        for _ in 0..400 {
            let count = generator.below(60);
            let text: String =
                (0..count).map(|_| parts[generator.below(parts.len() as u64) as usize]).collect();
            for pattern in patterns {
                for insensitive in [false, true] {
                    let regex = RegexBuilder::new(pattern).case_insensitive(insensitive).build().unwrap();
                    let expect: Vec<_> = regex.find_iter(&text).map(|found| found.range()).collect();
                    if let Some(found) = places(pattern, insensitive, SIZE, &text) {
                        assert_eq!(found, expect, "{pattern} in {text:?}");
                        told += 1;
                    }
                }
            }
        }
        assert!(told > 26_000, "{told}");
    }
}

//! Rules, ready to be asked.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use assort_classifier::{Explainable, Inputs, Logits, Predictor, Task};
use candle_core::{Device, Tensor};
use rayon::prelude::*;
use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use regex_syntax::hir::{Class, Hir, HirKind};

use super::file::{Entry, RulesFile, byte_of, place};
use super::places::places;
use super::{Case, Error, Ties};

/// The most bytes of all compiled expressions together. `\w` takes 50,000; loading takes four times as many.
const SIZE_LIMIT: usize = 48 << 20;
/// The highest weight.
const MOST_WEIGHT: f64 = 1e6;
/// Scores this close to the highest, as a share of it, are equal to it.
const TIE: f64 = 1e-9;
/// By how much a tie is broken.
const VOTE: f64 = 0.5;
/// So many labels are named in an error.
const NAMED: usize = 12;
/// So many letters of an expression are shown in an error.
const LETTERS: usize = 60;
/// Bytes of a text up to which a search for each match costs less than automata that find all.
const SHORT: usize = 4096;
/// Texts that one task reads.
const TASK: usize = 64;

/// Regular expressions for each label.
#[derive(Clone, Debug)]
pub struct Rules {
    names: Vec<String>,
    task: Task,
    default: Option<u32>,
    ties: Ties,
    /// The classes that have rules, in the order of the file.
    order: Vec<u32>,
    rules: Vec<Rule>,
    /// All expressions, to find those that match in one pass.
    set: RegexSet,
    source: String,
}

#[derive(Clone, Debug)]
struct Rule {
    label: u32,
    weight: f64,
    expression: Regex,
    case: Case,
}

impl Rule {
    /// Where the expression matches, from left to right without overlap.
    fn places(&self, text: &str) -> Vec<Range<usize>> {
        let one_by_one = || self.expression.find_iter(text).map(|found| found.range()).collect();
        if text.len() <= SHORT {
            return one_by_one();
        }
        let insensitive = self.case == Case::Insensitive;
        places(self.expression.as_str(), insensitive, SIZE_LIMIT, text).unwrap_or_else(one_by_one)
    }
}

/// The rules' answer for a text.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// The class that wins.
    pub label: u32,
    /// Each class's score (K).
    pub scores: Vec<f64>,
    /// Part of the winner's logit beside its score: 0 unless there is a tie, or nothing matches.
    pub tie_break: f64,
}

impl Answer {
    /// The logits (K).
    pub fn logits(mut self) -> Vec<f64> {
        if let Some(logit) = self.scores.get_mut(self.label as usize) {
            *logit += self.tie_break;
        }
        self.scores
    }
}

/// The logits of a text in two parts.
pub(super) struct Scored {
    /// Each class's score (K).
    pub scores: Vec<f64>,
    /// What its logit has beside it (K).
    pub rest: Vec<f64>,
}

/// An expression that matches a text.
#[derive(Clone, PartialEq, Debug)]
pub struct Match<'r> {
    /// The class that it speaks for.
    pub label: u32,
    /// Its name.
    pub name: &'r str,
    /// The expression.
    pub pattern: &'r str,
    /// Contribution to the label's score, however often it matches.
    pub weight: f64,
    /// Where it matches: bytes of the text, not overlapping.
    pub ranges: Vec<Range<usize>>,
}

impl Rules {
    /// Reads the text of a file, for rows of this task. `labels` are the names of the classes, in their
    /// order; `file` is for messages.
    ///
    /// # Errors
    /// With line and column, if the text is no file of rules, an expression is broken, a weight is out of
    /// range, a label is empty or unknown, or where a row has one label, there is none for no match.
    pub fn parse(text: &str, file: &Path, labels: &[String], task: Task) -> Result<Self, Error> {
        let written = RulesFile::parse(text, file)?;
        let classes: HashMap<&str, u32> = labels.iter().map(String::as_str).zip(0..).collect();
        let class = |name: &toml::Spanned<String>| {
            classes.get(name.get_ref().as_str()).copied().ok_or_else(|| {
                let mut known = labels.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
                if labels.len() > NAMED {
                    known += &format!(" and {} more", labels.len() - NAMED);
                }
                let place = place(text, file, name.span().start);
                Error::UnknownLabel { place, label: name.get_ref().clone(), known }
            })
        };
        let default = written.default.as_ref().map(class).transpose()?;
        if (default, task) == (None, Task::OneOf) {
            return Err(Error::File {
                place: place(text, file, 0),
                reason: "missing field `default`".into(),
            });
        }
        let is_insensitive = written.case == Case::Insensitive;
        let (mut order, mut parsed) = (Vec::new(), Vec::new());
        for (name, entries) in written.labels() {
            let label = class(name)?;
            if entries.is_empty() {
                let place = place(text, file, name.span().start);
                return Err(Error::EmptyLabel { place, label: name.get_ref().clone() });
            }
            order.push(label);
            for entry in entries {
                parsed.push(Parsed::new(label, entry, is_insensitive, text, file)?);
            }
        }
        let Some(largest) = parsed.iter().max_by_key(|rule| rule.size) else {
            return Err(Error::NoLabels { file: file.into() });
        };
        let too_large = |_| Error::TooLarge {
            place: place(text, file, largest.start),
            pattern: shown(largest.pattern),
            count: parsed.len(),
        };
        // The set is as large as all of them: none is made where they are too large together.
        let set = RegexSetBuilder::new(parsed.iter().map(|rule| rule.pattern))
            .case_insensitive(is_insensitive)
            .size_limit(SIZE_LIMIT)
            .build()
            .map_err(too_large)?;
        let rule = |parsed: &Parsed| -> Result<Rule, Error> {
            let expression = RegexBuilder::new(parsed.pattern)
                .case_insensitive(is_insensitive)
                .size_limit(SIZE_LIMIT)
                .build()
                .map_err(too_large)?;
            Ok(Rule { label: parsed.label, weight: parsed.weight, expression, case: written.case })
        };
        let rules = parsed.iter().map(rule).collect::<Result<_, _>>()?;
        let (names, source) = (labels.to_vec(), text.to_owned());
        Ok(Self { names, task, default, ties: written.ties, order, rules, set, source })
    }

    /// The text that they were read from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The number of expressions.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there is none; never, as a file without any is refused.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The class of each expression, in the order of the file.
    pub fn labels(&self) -> impl ExactSizeIterator<Item = u32> {
        self.rules.iter().map(|rule| rule.label)
    }

    /// The class that wins where nothing matches; there may be none where a row has any number of labels.
    pub fn default_label(&self) -> Option<u32> {
        self.default
    }

    /// The logits of a text. Where a row has any number of labels, those hold whose scores are ½ or more:
    /// that is taken off each; where none does, the default label's becomes ½ above.
    pub(super) fn scored(&self, text: &str) -> Scored {
        let answer = self.answer(text);
        let mut rest = vec![0.0; answer.scores.len()];
        let (own, beside) = match self.task {
            Task::OneOf => (Some(answer.label), answer.tie_break),
            Task::AnyOf => {
                rest.fill(-VOTE);
                let holds = answer.scores.iter().any(|score| *score >= VOTE);
                let score = |label: u32| answer.scores.get(label as usize).copied().unwrap_or_default();
                let default = self.default.filter(|_| !holds);
                (default, default.map_or(0.0, |label| VOTE - score(label)))
            }
        };
        if let Some(rest) = own.and_then(|label| rest.get_mut(label as usize)) {
            *rest = beside;
        }
        Scored { scores: answer.scores, rest }
    }

    /// The scores of a text and who wins.
    pub fn answer(&self, text: &str) -> Answer {
        let mut scores = vec![0.0; self.names.len()];
        for rule in self.set.matches(text).iter().filter_map(|at| self.rules.get(at)) {
            if let Some(score) = scores.get_mut(rule.label as usize) {
                *score += rule.weight;
            }
        }
        let highest = scores.iter().copied().fold(0.0, f64::max);
        let of = |label: u32| scores.get(label as usize).copied().unwrap_or_default();
        let mut best = self.order.iter().copied().filter(|label| of(*label) >= highest - highest * TIE);
        let label = match (highest > 0.0, best.next(), best.next(), self.ties) {
            (true, Some(label), None, _) => return Answer { label, scores, tie_break: 0.0 },
            (true, Some(label), Some(_), Ties::First) => label,
            _ => self.default.unwrap_or_default(),
        };
        let tie_break = highest - of(label) + VOTE;
        Answer { label, scores, tie_break }
    }

    /// The expressions that match a text, in the order of the file. The weights of a label's sum to its
    /// score.
    pub fn matches(&self, text: &str) -> Vec<Match<'_>> {
        let matching = self.set.matches(text);
        let rules = matching.iter().filter_map(|at| self.rules.get(at));
        let found = rules.map(|rule| Match {
            label: rule.label,
            name: self.names.get(rule.label as usize).map(String::as_str).unwrap_or_default(),
            pattern: rule.expression.as_str(),
            weight: rule.weight,
            ranges: rule.places(text),
        });
        found.collect()
    }
}

/// An expression that is not compiled yet.
struct Parsed<'f> {
    label: u32,
    weight: f64,
    pattern: &'f str,
    /// Where it begins in the file.
    start: usize,
    /// About how much it takes when it is compiled.
    size: usize,
}

impl<'f> Parsed<'f> {
    fn new(
        label: u32,
        entry: &'f Entry,
        is_insensitive: bool,
        text: &str,
        file: &Path,
    ) -> Result<Self, Error> {
        let (pattern, span) = (entry.pattern.get_ref(), entry.pattern.span());
        if pattern.is_empty() {
            return Err(Error::EmptyPattern { place: place(text, file, span.start) });
        }
        let weight = entry.weight.as_ref().map_or(1.0, |weight| *weight.get_ref());
        if !(weight > 0.0 && weight <= MOST_WEIGHT) {
            let at = entry.weight.as_ref().map_or(span.start, |weight| weight.span().start);
            return Err(Error::Weight { place: place(text, file, at), found: weight });
        }
        let mut parser = regex_syntax::ParserBuilder::new().case_insensitive(is_insensitive).build();
        let start = span.start;
        match parser.parse(pattern) {
            Ok(expression) => Ok(Self { label, weight, pattern, start, size: size(&expression) }),
            Err(error) => {
                let (offset, reason) = match &error {
                    regex_syntax::Error::Parse(error) => {
                        (error.span().start.offset, error.kind().to_string())
                    }
                    regex_syntax::Error::Translate(error) => {
                        (error.span().start.offset, error.kind().to_string())
                    }
                    other => (0, other.to_string()),
                };
                let letters = pattern.get(..offset).map_or(0, |before| before.chars().count());
                let place = place(text, file, byte_of(text, span, letters));
                let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
                Err(Error::Pattern { place, pattern: shown(pattern), reason })
            }
        }
    }
}

/// About how much an expression takes when it is compiled, in letters and ranges of letters.
fn size(expression: &Hir) -> usize {
    let sum = |all: &[Hir]| all.iter().map(size).fold(0, usize::saturating_add);
    match expression.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(letters) => letters.0.len(),
        HirKind::Class(Class::Unicode(class)) => class.ranges().len(),
        HirKind::Class(Class::Bytes(class)) => class.ranges().len(),
        HirKind::Repetition(repeated) => {
            size(&repeated.sub).saturating_mul(repeated.max.unwrap_or(repeated.min.max(1)) as usize)
        }
        HirKind::Capture(group) => size(&group.sub),
        HirKind::Concat(all) | HirKind::Alternation(all) => sum(all),
    }
}

/// The beginning of an expression, in one line.
fn shown(pattern: &str) -> String {
    let mut line: String =
        pattern.chars().take(LETTERS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if pattern.chars().nth(LETTERS).is_some() {
        line.push('…');
    }
    line
}

impl Predictor for Rules {
    fn classes(&self) -> usize {
        self.names.len()
    }

    /// The logits (B, K) of texts.
    fn predict(&self, inputs: &Inputs) -> assort_classifier::Result<Logits> {
        let texts = inputs.texts()?;
        let logits = |text: &String| -> Vec<f64> {
            let Scored { scores, rest } = self.scored(text);
            scores.into_iter().zip(rest).map(|(score, rest)| score + rest).collect()
        };
        let rows: Vec<Vec<f64>> = texts.par_iter().with_min_len(TASK).map(logits).collect();
        // f64, because in f32 what breaks a tie would vanish beside large weights.
        Logits::new(Tensor::from_vec(rows.concat(), (texts.len(), self.names.len()), &Device::Cpu)?)
    }

    fn explainable(&self) -> Option<&dyn Explainable> {
        Some(self)
    }
}

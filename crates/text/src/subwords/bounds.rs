//! What a tokenizer's file may ask for: texts that stay within a multiple of their length, and words that are
//! cut in a time that nobody waits for. A file is small and can say "ten times as long" eight times over.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use tokenizers::normalizers::replace::ReplacePattern;
use tokenizers::utils::SysRegex;
use tokenizers::{
    DecoderWrapper, ModelWrapper, NormalizedString, Normalizer, NormalizerWrapper, PostProcessorWrapper,
    PreTokenizerWrapper, TokenizerImpl,
};

/// A tokenizer whose normalizer is bounded.
pub(super) type Cutter =
    TokenizerImpl<ModelWrapper, Bounded, PreTokenizerWrapper, PostProcessorWrapper, DecoderWrapper>;

/// A normalized text has at most so many bytes for each of its own: compatibility forms make eleven of one,
/// marks for blanks three.
const GROWTH: usize = 16;
/// And so many more.
const MORE: usize = 64;
/// The most steps of a normalizer.
const STEPS: usize = 256;
/// The most steps before the words are cut that lengthen what they cut. One is usual.
const LENGTHENING: usize = 2;
/// The longest word that WordPiece cuts, in characters: it looks up every part of it. BERT's is 100.
const LONGEST_WORD: usize = 1000;
/// The most bytes of a mark for a sub-word's place in its word, as `##`.
const MARK: usize = 64;
/// Bytes of the text by which a normalizer is tried.
const TRIAL: usize = 4096;

/// A text that a normalizer made too long.
#[derive(Debug, thiserror::Error)]
#[error("its normalizer makes more than {} bytes of a text of {from}: {GROWTH} times as many is the most",
    most(*from))]
struct Grown {
    from: usize,
}

fn most(from: usize) -> usize {
    from.saturating_mul(GROWTH).saturating_add(MORE)
}

/// A normalizer that fails on a text before it makes it too long.
#[derive(Clone, Debug, Serialize)]
#[serde(into = "NormalizerWrapper")]
pub(super) struct Bounded {
    whole: NormalizerWrapper,
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
struct Step {
    normalizer: NormalizerWrapper,
    /// Where a replacement replaces.
    pattern: Option<ReplacePattern>,
}

impl From<NormalizerWrapper> for Bounded {
    fn from(whole: NormalizerWrapper) -> Self {
        let mut steps = Vec::new();
        flatten(&whole, &mut steps);
        Self { whole, steps }
    }
}

impl From<Bounded> for NormalizerWrapper {
    fn from(bounded: Bounded) -> Self {
        bounded.whole
    }
}

impl<'de> Deserialize<'de> for Bounded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Value::deserialize(deserializer)?;
        check_tables(&json).map_err(D::Error::custom)?;
        serde_json::from_value(json).map(|whole: NormalizerWrapper| whole.into()).map_err(D::Error::custom)
    }
}

/// Refuses tables of replacements that say that they are longer than they are: room is made for what they
/// say.
fn check_tables(json: &Value) -> Result<(), &'static str> {
    match json {
        Value::Array(all) => all.iter().try_for_each(check_tables),
        Value::Object(all) => all.iter().try_for_each(|(key, value)| match value.as_str() {
            Some(table) if key == "precompiled_charsmap" && first_number(table) as usize > table.len() => {
                Err("its precompiled_charsmap is cut off")
            }
            _ => check_tables(value),
        }),
        _ => Ok(()),
    }
}

/// The first 32 bits of Base64 as a number, low byte first; 0 if it is none.
fn first_number(base64: &str) -> u32 {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = base64
        .chars()
        .take(6)
        .try_fold(0, |bits, letter| LETTERS.find(letter).map(|value| bits << 6 | value as u64));
    ((bits.unwrap_or(0) >> 4) as u32).swap_bytes()
}

fn flatten(normalizer: &NormalizerWrapper, steps: &mut Vec<Step>) {
    if let NormalizerWrapper::Sequence(all) = normalizer {
        return all.as_ref().iter().for_each(|one| flatten(one, steps));
    }
    let pattern = match normalizer {
        // The pattern is told by its JSON alone.
        NormalizerWrapper::Replace(replace) => serde_json::to_value(replace)
            .ok()
            .and_then(|json| serde_json::from_value(json.get("pattern")?.clone()).ok()),
        _ => None,
    };
    steps.push(Step { normalizer: normalizer.clone(), pattern });
}

impl Bounded {
    /// The normalizer itself.
    pub(super) fn whole(&self) -> &NormalizerWrapper {
        &self.whole
    }

    /// A text of what its steps look for and put in its place.
    fn trial(&self) -> String {
        let mut text = String::new();
        for step in &self.steps {
            match &step.pattern {
                Some(ReplacePattern::String(pattern)) => text.push_str(pattern),
                Some(ReplacePattern::Regex(_)) | None => (),
            }
            match &step.normalizer {
                NormalizerWrapper::Replace(replace) => text.push_str(&replace.content),
                NormalizerWrapper::Prepend(prepend) => text.push_str(&prepend.prepend),
                _ => (),
            }
        }
        text.chars().take(TRIAL).collect()
    }
}

impl Bounded {
    fn apply(&self, text: &mut NormalizedString) -> tokenizers::Result<Result<(), Grown>> {
        let from = text.get().len();
        for step in &self.steps {
            if step.length(text.get(), most(from))? > most(from) {
                return Ok(Err(Grown { from }));
            }
            step.normalizer.normalize(text)?;
            if text.get().len() > most(from) {
                return Ok(Err(Grown { from }));
            }
        }
        Ok(Ok(()))
    }
}

impl Normalizer for Bounded {
    /// Unwinds where the text becomes too long: a tokenizer takes no notice of its normalizer's errors. Each
    /// call of it is guarded.
    fn normalize(&self, text: &mut NormalizedString) -> tokenizers::Result<()> {
        self.apply(text)?.or_else(|grown| std::panic::resume_unwind(Box::new(grown.to_string())))
    }
}

impl Step {
    /// The most bytes that it makes of a text. Steps that are not told of make eleven of one, and no more.
    fn length(&self, text: &str, most: usize) -> tokenizers::Result<usize> {
        let with = |added: usize| text.len().saturating_add(added);
        Ok(match (&self.normalizer, &self.pattern) {
            (NormalizerWrapper::Replace(replace), pattern) => {
                let one = replace.content.len();
                let any = with(one.saturating_mul(text.len() + 1));
                match pattern {
                    _ if any <= most => any,
                    Some(ReplacePattern::String(pattern)) => {
                        with(one * text.matches(pattern.as_str()).count())
                    }
                    Some(ReplacePattern::Regex(pattern)) => {
                        with(one * SysRegex::new(pattern)?.find_iter(text).count())
                    }
                    None => any,
                }
            }
            (NormalizerWrapper::Prepend(prepend), _) => with(prepend.prepend.len()),
            (NormalizerWrapper::Precompiled(table), _) => {
                // A replacement is found by what begins at a character, and stands for five bytes at most.
                let replaced = |(at, character): (usize, char)| {
                    let end = text.ceil_char_boundary((at + 5).min(text.len()));
                    let found = table.transform(text.get(at..end).unwrap_or_default());
                    found.map_or(0, str::len).max(character.len_utf8())
                };
                text.char_indices().map(replaced).sum()
            }
            _ => text.len(),
        })
    }
}

/// Refuses a tokenizer that asks for too much.
pub(super) fn check(tokenizer: &Cutter) -> Result<(), String> {
    let limit = |what: &str, found: usize, most: usize| match found > most {
        true => Err(format!("{what} is {found}: at most {most} is read")),
        false => Ok(()),
    };
    let mark = |name: &str, mark: &Option<String>| {
        limit(&format!("the length of its {name}"), mark.as_ref().map_or(0, String::len), MARK)
    };
    match tokenizer.get_model() {
        ModelWrapper::WordPiece(model) => {
            limit("its max_input_chars_per_word", model.max_input_chars_per_word, LONGEST_WORD)?;
            mark("continuing_subword_prefix", &Some(model.continuing_subword_prefix.clone()))?;
        }
        ModelWrapper::BPE(model) => {
            mark("continuing_subword_prefix", &model.continuing_subword_prefix)?;
            mark("end_of_word_suffix", &model.end_of_word_suffix)?;
        }
        ModelWrapper::Unigram(_) | ModelWrapper::WordLevel(_) => (),
    }
    let lengthening = tokenizer.get_pre_tokenizer().map_or(0, lengthening);
    limit("the number of steps that lengthen the words in its pre_tokenizer", lengthening, LENGTHENING)?;
    let Some(normalizer) = tokenizer.get_normalizer() else { return Ok(()) };
    limit("the number of steps of its normalizer", normalizer.steps.len(), STEPS)?;
    let mut trial = NormalizedString::from(normalizer.trial());
    match normalizer.apply(&mut trial) {
        Ok(Err(grown)) => Err(grown.to_string()),
        _ => Ok(()),
    }
}

/// The number of steps that make words longer.
fn lengthening(pre_tokenizer: &PreTokenizerWrapper) -> usize {
    match pre_tokenizer {
        PreTokenizerWrapper::Sequence(all) => all.as_ref().iter().map(lengthening).sum(),
        PreTokenizerWrapper::ByteLevel(_) | PreTokenizerWrapper::Metaspace(_) => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests;

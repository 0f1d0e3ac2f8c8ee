//! Learning sub-words from texts, with the trainers of the crate `tokenizers`.
//!
//! All kinds first cut a text as BERT does, at white space and around each mark, so that no sub-word reaches
//! over two words. Words are counted here and handed on in order, and what the trainers would leave to the
//! order of a hash map is decided here: the same texts give the same file, for any number of threads.

#[cfg(test)]
mod tests;

use super::bounds::Cutter;
use super::distinct::Distinct;
use crate::{Error, Lowercase, Special, TextConfig, TokenizerKind, VocabConfig};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::models::unigram::{Unigram, UnigramTrainer};
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::metaspace::{Metaspace, PrependScheme};
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::processors::template::TemplateProcessing;
use tokenizers::{
    AddedToken, ModelWrapper, NormalizedString, Normalizer, NormalizerWrapper, OffsetReferential, OffsetType,
    PreTokenizedString, PreTokenizer,
};

/// Longer words are no words: they take no part.
const LONGEST: usize = 100;
/// Beginning of a WordPiece within a word.
const WITHIN: &str = "##";

type Words = BTreeMap<String, u64>;

/// The tokenizer that these settings ask for.
pub(super) fn train<T: AsRef<str> + Sync>(texts: &[T], config: &TextConfig) -> Result<Cutter, Error> {
    config.check()?;
    let mut tokenizer = cutter(config).map_err(problem)?;
    let words = count(texts, config, &tokenizer).map_err(problem)?;
    if words.is_empty() {
        return Err(Error::NoWords { texts: texts.len() });
    }
    let vocabulary = &config.vocabulary;
    let specials: Vec<String> = [Special::Pad, Special::Unk]
        .iter()
        .chain(&vocabulary.specials)
        .map(|special| special.text().to_owned())
        .collect();
    let (alphabet, within) = alphabet(&words, config.tokenizer);
    let size = vocabulary.size_limit.unwrap_or(VocabConfig::SUBWORDS);
    let needed = specials.len() + alphabet.len() + within.len();
    if size < needed {
        return Err(Error::VocabularyTooSmall { size, needed });
    }
    // A merge makes one symbol fewer of a word; a piece of the unigram model has at most sixteen characters.
    let most = words.keys().map(String::len).sum::<usize>().saturating_mul(16).saturating_add(needed);
    let size = size.min(most).min(u32::MAX as usize);
    let minimum = u64::from(vocabulary.minimum_count.max(1));
    let model = match config.tokenizer {
        TokenizerKind::Unigram => unigram(words, &specials, size).map_err(problem)?,
        kind => merges(&words, &specials, (alphabet, within), size, minimum, kind).map_err(problem)?,
    };
    tokenizer.with_model(model);
    tokenizer
        .add_special_tokens(specials.iter().map(|name| AddedToken::from(name, true)))
        .map_err(problem)?;
    surround(&mut tokenizer, &vocabulary.specials).map_err(problem)?;
    Ok(tokenizer)
}

fn problem(error: impl std::fmt::Display) -> Error {
    Error::Training { problem: error.to_string() }
}

/// A tokenizer that cuts and normalizes, and knows nothing yet.
fn cutter(config: &TextConfig) -> tokenizers::Result<Cutter> {
    let bert = BertPreTokenizer;
    let (model, pieces, decoder): (ModelWrapper, _, tokenizers::DecoderWrapper) = match config.tokenizer {
        TokenizerKind::Bpe => {
            let bytes = ByteLevel::new(true, true, false);
            (BPE::default().into(), vec![bert.into(), bytes.into()], bytes.into())
        }
        TokenizerKind::Unigram => {
            let blanks = Metaspace::new('▁', PrependScheme::Always, false);
            (Unigram::default().into(), vec![bert.into(), blanks.clone().into()], blanks.into())
        }
        _ => {
            let decoder = tokenizers::decoders::wordpiece::WordPiece::default();
            (WordPiece::default().into(), vec![bert.into()], decoder.into())
        }
    };
    let mut tokenizer = Cutter::new(model);
    let lowercase = config.lowercase == Lowercase::On;
    let normalizer = NormalizerWrapper::from(BertNormalizer::new(true, true, Some(false), lowercase));
    tokenizer.with_normalizer(Some(normalizer))?;
    tokenizer.with_pre_tokenizer(Some(Sequence::new(pieces)));
    tokenizer.with_decoder(Some(decoder));
    Ok(tokenizer)
}

/// How often each word occurs in the texts, in parallel. Each different word is normalized once.
fn count<T: AsRef<str> + Sync>(
    texts: &[T],
    config: &TextConfig,
    tokenizer: &Cutter,
) -> tokenizers::Result<Words> {
    let all = Distinct::new(texts, &config.cleaning);
    let counts: Vec<(u32, u64)> = (0..).zip(all.counts()).collect();
    let chunk = |counts: &[(u32, u64)]| -> tokenizers::Result<Vec<(String, u64)>> {
        let mut words = Vec::new();
        for (number, count) in counts {
            let mut text = NormalizedString::from(all.words.word(*number).unwrap_or_default());
            if let Some(normalizer) = tokenizer.get_normalizer() {
                normalizer.normalize(&mut text)?;
            }
            let mut pieces = PreTokenizedString::from(text);
            if let Some(pre_tokenizer) = tokenizer.get_pre_tokenizer() {
                pre_tokenizer.pre_tokenize(&mut pieces)?;
            }
            for (word, _, _) in pieces.get_splits(OffsetReferential::Normalized, OffsetType::Byte) {
                if !word.is_empty() && word.len() <= 4 * LONGEST && word.chars().count() <= LONGEST {
                    words.push((word.to_owned(), *count));
                }
            }
        }
        Ok(words)
    };
    let mut words = Words::new();
    for (word, count) in counts.par_chunks(1024).map(chunk).collect::<tokenizers::Result<Vec<_>>>()?.concat()
    {
        *words.entry(word).or_default() += count;
    }
    Ok(words)
}

/// The characters that are tokens at any rate, and for WordPiece their forms within words.
fn alphabet(words: &Words, kind: TokenizerKind) -> (BTreeSet<char>, BTreeSet<String>) {
    let mut alphabet: BTreeSet<char> = words.keys().flat_map(|word| word.chars()).collect();
    let mut within = BTreeSet::new();
    match kind {
        TokenizerKind::Bpe => alphabet.extend(ByteLevel::alphabet()),
        TokenizerKind::Wordpiece => {
            let inner = words.keys().flat_map(|word| word.chars().skip(1));
            within.extend(inner.map(|character| format!("{WITHIN}{character}")));
        }
        _ => (),
    }
    (alphabet, within)
}

/// Byte-pair encoding (Sennrich, Haddow and Birch 2016), of bytes or, for WordPiece, of characters with a
/// mark within words: as `tokenizers` does, WordPiece is trained by merging the most frequent pair, not the
/// likeliest.
fn merges(
    words: &Words,
    specials: &[String],
    (alphabet, within): (BTreeSet<char>, BTreeSet<String>),
    size: usize,
    minimum: u64,
    kind: TokenizerKind,
) -> tokenizers::Result<ModelWrapper> {
    // Listed first, so that their ids do not hang on the order of words.
    let first = specials.iter().chain(&within).map(|name| AddedToken::from(name, true)).collect();
    let builder = BpeTrainer::builder()
        .show_progress(false)
        .vocab_size(size)
        .min_frequency(minimum)
        .special_tokens(first)
        .initial_alphabet(alphabet.into_iter().collect());
    let unknown = Special::Unk.text().to_owned();
    let counts = words.iter().map(|(word, count)| (word.as_str().into(), *count)).collect();
    if kind == TokenizerKind::Bpe {
        let mut model = BPE::default();
        builder.build().do_train(&counts, &mut model)?;
        return Ok(model.into());
    }
    let mut model = BPE::builder().unk_token(unknown).build()?;
    builder.continuing_subword_prefix(WITHIN.to_owned()).build().do_train(&counts, &mut model)?;
    Ok(WordPiece::from_bpe(&model).into())
}

/// The unigram language model of Kudo 2018, 'Subword regularization'. Its sums depend on the number of
/// threads, so there is one.
fn unigram(words: Words, specials: &[String], size: usize) -> tokenizers::Result<ModelWrapper> {
    let trainer = UnigramTrainer::builder()
        .show_progress(false)
        .vocab_size(u32::try_from(size)?)
        .special_tokens(specials.iter().map(|name| AddedToken::from(name, true)).collect())
        .unk_token(Some(Special::Unk.text().to_owned()))
        .build()?;
    let words = words.into_iter().map(|(word, count)| (word, u32::try_from(count).unwrap_or(u32::MAX)));
    let words: Vec<(String, u32)> = words.collect();
    let mut model = Unigram::default();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    pool.install(|| trainer.do_train(words, &mut model))?;
    Ok(in_order(&model, specials.len())?.into())
}

/// The model with its rare characters in order. The trainer gives the characters that it lost on the way the
/// lowest scores, each a step above the last, in the order of a hash map; here the order is theirs.
fn in_order(model: &Unigram, specials: usize) -> tokenizers::Result<Unigram> {
    let mut pieces: Vec<(String, f64)> = model.iter().cloned().collect();
    let tail = pieces.get_mut(specials..).unwrap_or_default();
    let single = |piece: &str| piece.chars().nth(1).is_none();
    let lowest = tail.iter().map(|(_, score)| *score).fold(f64::INFINITY, f64::min);
    let count = tail.iter().filter(|(piece, _)| single(piece)).count();
    let mut step = 0.0;
    let mut steps = HashSet::with_capacity(count);
    for _ in 0..count {
        steps.insert((lowest + step).to_bits());
        step += 0.0001;
    }
    let rare = |(piece, score): &(String, f64)| single(piece) && steps.contains(&score.to_bits());
    let mut characters: Vec<String> =
        tail.iter().filter(|p| rare(p)).map(|(piece, _)| piece.clone()).collect();
    let mut scores: Vec<f64> = tail.iter().filter(|p| rare(p)).map(|(_, score)| *score).collect();
    characters.sort();
    scores.sort_by(|a, b| b.total_cmp(a));
    let mut ordered: Vec<(String, f64)> = tail.iter().filter(|p| !rare(p)).cloned().collect();
    ordered.extend(characters.into_iter().zip(scores));
    ordered.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    pieces.truncate(specials);
    pieces.extend(ordered);
    Unigram::from(pieces, Some(1), false)
}

/// Has the post-processor put `<cls>` before and `<sep>` after each text, where there are both.
fn surround(tokenizer: &mut Cutter, specials: &[Special]) -> tokenizers::Result<()> {
    if !specials.contains(&Special::Cls) || !specials.contains(&Special::Sep) {
        return Ok(());
    }
    let named = |special: Special| {
        let name = special.text().to_owned();
        let id = tokenizer
            .token_to_id(&name)
            .ok_or_else(|| format!("the special token {name} was not learned"))?;
        Ok::<_, String>((name, id))
    };
    let names = vec![named(Special::Cls)?, named(Special::Sep)?];
    let template = TemplateProcessing::builder()
        .try_single("<cls> $A <sep>")?
        .try_pair("<cls> $A <sep> $B:1 <sep>:1")?
        .special_tokens(names)
        .build()?;
    tokenizer.with_post_processor(Some(template));
    Ok(())
}

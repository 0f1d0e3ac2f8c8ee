//! Sub-word tokenizers: those of the crate `tokenizers`, read from files or learned.

mod batch;
mod bert;
mod bounds;
mod distinct;
mod file;
#[cfg(test)]
mod tests;
mod train;

use crate::{Error, Special, TextConfig, TokenId, Vocab};
use assort_files::guarded;
use bounds::Cutter;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokenizers::{Encoding, PostProcessor, Token};

/// Stands for a text's tokens while the special ones around them are asked for.
const PLACE: u32 = u32::MAX;

/// A sub-word tokenizer, and the special tokens that it puts around a text.
///
/// Its own truncation and padding are left out: [`Truncation`](crate::Truncation) keeps the special tokens,
/// and batches are ragged. Dropout of merges is left out too, so that a text always has the same ids.
///
/// The crate panics on some files and on some texts; what it panics on is an error here.
#[derive(Clone)]
pub(crate) struct Subwords {
    tokenizer: Arc<Cutter>,
    /// The file that it was read from; none if it was learned.
    path: Option<PathBuf>,
    before: Vec<u32>,
    after: Vec<u32>,
}

impl Subwords {
    /// Reads a `tokenizer.json` or a BERT's `vocab.txt`, or the one of them that a folder holds.
    pub(crate) fn load(path: &Path) -> Result<(Self, Vocab), Error> {
        let path = file::find(path)?;
        let bytes = assort_files::read_plain(&path).map_err(Error::file("read", &path))?;
        let read = guarded(|| file::parse(&path, &bytes).and_then(Self::new));
        match read.unwrap_or_else(|panicked| Err(panicked.to_string())) {
            Ok((subwords, vocab)) => Ok((Self { path: Some(path), ..subwords }, vocab)),
            Err(problem) => Err(Error::TokenizerFile { path, problem }),
        }
    }

    /// Reads the text of a `tokenizer.json` that lies in this file.
    pub(crate) fn from_json(json: &str, path: &Path) -> Result<(Self, Vocab), String> {
        let read = || Cutter::from_bytes(json).map_err(|error| error.to_string()).and_then(Self::new);
        let (subwords, vocab) = guarded(read).unwrap_or_else(|panicked| Err(panicked.to_string()))?;
        Ok((Self { path: Some(path.to_owned()), ..subwords }, vocab))
    }

    /// Learns sub-words from texts.
    pub(crate) fn train<T: AsRef<str> + Sync>(
        texts: &[T],
        config: &TextConfig,
    ) -> Result<(Self, Vocab), Error> {
        let learn = || Self::new(train::train(texts, config)?).map_err(|problem| Error::Training { problem });
        guarded(learn).unwrap_or_else(|panicked| Err(Error::Training { problem: panicked.to_string() }))
    }

    /// The tokenizer with its vocabulary, or its fault.
    fn new(mut tokenizer: Cutter) -> Result<(Self, Vocab), String> {
        bounds::check(&tokenizer)?;
        tokenizer.with_truncation(None).map_err(|error| error.to_string())?;
        tokenizer.with_padding(None);
        // Names of special tokens are text like any other in a text.
        tokenizer.set_encode_special_tokens(true);
        if let tokenizers::ModelWrapper::BPE(model) = tokenizer.get_model()
            && model.dropout.is_some()
        {
            let mut model = model.clone();
            model.dropout = None;
            tokenizer.with_model(model);
        }
        let vocab = vocabulary(&tokenizer)?;
        let (before, after) = around(&tokenizer)?;
        if let Some(id) = before.iter().chain(&after).find(|id| **id as usize >= vocab.len()) {
            return Err(format!("its post-processor adds the id {id}, which is no token's"));
        }
        // A character that no vocabulary has: an unknown token that is missing is told now.
        let probe = tokenizer.encode_fast("a \u{10fffd} 0", false);
        probe.map_err(|error| format!("it cannot encode an unknown character ({error})"))?;
        Ok((Self { tokenizer: Arc::new(tokenizer), path: None, before, after }, vocab))
    }

    /// The number of special tokens before and after a text.
    pub(crate) fn around(&self) -> (usize, usize) {
        (self.before.len(), self.after.len())
    }

    /// Appends the ids of a whole text, special tokens included.
    pub(crate) fn encode_into(&self, text: &str, unknown: TokenId, ids: &mut Vec<u32>) -> Result<(), Error> {
        let encoding = self.guard(|| self.tokenizer.encode_fast(text, false))?;
        ids.extend_from_slice(&self.before);
        match encoding.ok() {
            Some(encoding) => ids.extend_from_slice(encoding.get_ids()),
            None => ids.push(unknown.0),
        }
        ids.extend_from_slice(&self.after);
        Ok(())
    }

    /// Hands each id of a whole text with its bytes to `each`. Special tokens have no bytes: they stand at
    /// the text's ends. A text that the tokenizer fails on, by an expression that gives up say, is one
    /// unknown token.
    pub(crate) fn each(
        &self,
        text: &str,
        unknown: TokenId,
        mut each: impl FnMut(u32, usize, usize) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let encoding = self.guard(|| self.tokenizer.encode(text, false))?;
        let (ids, offsets) = match encoding.ok() {
            Some(encoding) => (encoding.get_ids().to_vec(), encoding.get_offsets().to_vec()),
            None => (vec![unknown.0], vec![(0, text.len())]),
        };
        let before = self.before.iter().map(|id| (*id, (0, 0)));
        let after = self.after.iter().map(|id| (*id, (text.len(), text.len())));
        let mut all = before.chain(ids.into_iter().zip(offsets)).chain(after);
        // Breaking off ends the way, no more.
        let _ = all.try_for_each(|(id, (start, end))| each(id, start, end));
        Ok(())
    }

    /// Calls the tokenizer, whose panic is an error.
    fn guard<T>(&self, call: impl FnOnce() -> T) -> Result<T, Error> {
        guarded(call).map_err(|panicked| {
            let problem = panicked.to_string();
            match &self.path {
                Some(path) => Error::TokenizerFile { path: path.clone(), problem },
                None => Error::Cutting { problem },
            }
        })
    }

    /// The tokenizer as `tokenizer.json` holds it, in many lines or in one.
    pub(crate) fn to_json(&self, pretty: bool) -> Result<String, String> {
        self.tokenizer.to_string(pretty).map_err(|error| error.to_string())
    }
}

impl PartialEq for Subwords {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.tokenizer, &other.tokenizer) || self.to_json(false) == other.to_json(false)
    }
}

impl std::fmt::Debug for Subwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subwords").field("before", &self.before).field("after", &self.after).finish()
    }
}

/// The tokens by id. An id that no token has gets a name of its own.
fn vocabulary(tokenizer: &Cutter) -> Result<Vocab, String> {
    let known = tokenizer.get_vocab(true);
    if known.is_empty() {
        return Err("its vocabulary is empty".to_owned());
    }
    let end = known.values().max().map_or(0, |id| *id as usize + 1);
    if end > 2 * known.len() + 1024 {
        return Err(format!("its ids go up to {}, but it has {} tokens", end - 1, known.len()));
    }
    let mut tokens: Vec<Option<&str>> = vec![None; end];
    for (token, id) in &known {
        if let Some(other) = tokens[*id as usize].replace(token) {
            return Err(format!("'{other}' and '{token}' have the same id {id}"));
        }
    }
    let told = match tokenizer.get_model() {
        tokenizers::ModelWrapper::WordPiece(model) => Some(model.unk_token.as_str()),
        _ => None,
    };
    let id = |special: Special| {
        let told = told.filter(|_| special == Special::Unk).and_then(|name| known.get(name));
        let id = told.or_else(|| special.spellings().iter().find_map(|name| known.get(*name)));
        id.map(|id| (special, TokenId(*id)))
    };
    let specials = Special::ALL.into_iter().filter_map(id).collect();
    let gap = |(id, token): (usize, Option<&str>)| token.map_or_else(|| format!("<gap {id}>"), str::to_owned);
    Vocab::from_tokens(tokens.into_iter().enumerate().map(gap), specials)
        .ok_or_else(|| "a token of it is named as a gap between ids".to_owned())
}

/// The special tokens that the post-processor puts before and after one text.
fn around(tokenizer: &Cutter) -> Result<(Vec<u32>, Vec<u32>), String> {
    let Some(processor) = tokenizer.get_post_processor() else { return Ok((vec![], vec![])) };
    let place = Encoding::from_tokens(vec![Token::new(PLACE, "a".to_owned(), (0, 1))], 0);
    let processed = processor.process(place, None, true).map_err(|error| error.to_string())?;
    let ids = processed.get_ids();
    let mut parts = ids.split(|id| *id == PLACE);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(before), Some(after), None) => Ok((before.to_vec(), after.to_vec())),
        _ => Err("its post-processor does not put a text in one place".to_owned()),
    }
}

//! The files of sub-word tokenizers.

use super::bounds::Cutter;
use crate::Error;
use std::path::{Path, PathBuf};
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::processors::bert::BertProcessing;
use tokenizers::{AddedToken, NormalizerWrapper};

/// The special tokens of a BERT vocabulary.
const BERT: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/// The file itself, or a folder's `tokenizer.json` or else `vocab.txt`.
pub(super) fn find(path: &Path) -> Result<PathBuf, Error> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let mut names = ["tokenizer.json", "vocab.txt"].into_iter().map(|name| path.join(name));
    names.find(|path| path.exists()).ok_or_else(|| {
        let problem = "the folder holds neither tokenizer.json nor vocab.txt".to_owned();
        Error::TokenizerFile { path: path.to_owned(), problem }
    })
}

/// The tokenizer of a file's bytes, or their fault.
pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Cutter, String> {
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => Cutter::from_bytes(bytes).map_err(|error| format!("no tokenizer.json ({error})")),
        Some(_) => lowercases(path).and_then(|lowercase| wordpiece(bytes, lowercase)),
        None => Err("it is empty".to_owned()),
    }
}

/// Whether texts are put into lower case, which a BERT's vocabulary does not tell: what
/// `tokenizer_config.json` beside it says; without one they are.
fn lowercases(path: &Path) -> Result<bool, String> {
    let wrong = |error: &dyn std::fmt::Display| {
        format!("the tokenizer_config.json beside it cannot be read ({error})")
    };
    let config = match assort_files::read_plain(&path.with_file_name("tokenizer_config.json")) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(true),
        config => config.map_err(|error| wrong(&error))?,
    };
    let config: serde_json::Value = serde_json::from_slice(&config).map_err(|error| wrong(&error))?;
    Ok(config.get("do_lower_case").and_then(serde_json::Value::as_bool).unwrap_or(true))
}

/// The tokenizer of Devlin, Chang, Lee and Toutanova 2019, 'BERT', from its list of tokens, one a line.
fn wordpiece(bytes: &[u8], lowercase: bool) -> Result<Cutter, String> {
    let text = str::from_utf8(bytes).map_err(|_| "neither JSON nor a list of tokens in UTF-8".to_owned())?;
    if text.starts_with("<pad>\t0\n") {
        return Err(
            "the vocabulary of a tokenizer of words, which its model folder tells more about".to_owned()
        );
    }
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let place = |name: &str| lines.iter().position(|line| *line == name).map(|id| id as u32);
    let missing =
        |name: &str| format!("no tokenizer.json, and no BERT's vocab.txt either: {name} is missing");
    let id = |name: &str| place(name).ok_or_else(|| missing(name));
    let (cls, sep) = (id("[CLS]")?, id("[SEP]")?);
    id("[UNK]")?;
    let vocab = WordPiece::read_bytes(bytes).map_err(|error| error.to_string())?;
    let model = WordPiece::builder().vocab(vocab).build().map_err(|error| error.to_string())?;
    let mut tokenizer = Cutter::new(model.into());
    let normalizer = NormalizerWrapper::from(BertNormalizer::new(true, true, None, lowercase));
    tokenizer.with_normalizer(Some(normalizer)).map_err(|error| error.to_string())?;
    tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
    let around = BertProcessing::new(("[SEP]".to_owned(), sep), ("[CLS]".to_owned(), cls));
    tokenizer.with_post_processor(Some(around));
    tokenizer.with_decoder(Some(tokenizers::decoders::wordpiece::WordPiece::default()));
    let specials = BERT.into_iter().filter(|name| place(name).is_some());
    tokenizer
        .add_special_tokens(specials.map(|name| AddedToken::from(name, true)))
        .map_err(|error| error.to_string())?;
    Ok(tokenizer)
}

//! `assort tokenize`.

use std::path::Path;

use anyhow::{Result, bail};
use assort_pipeline::{Featurizer, ModelFolder};
use assort_report::terminal::block::{block, coloured_block};
use assort_report::terminal::tokens::{TokenLine, coloured, table};
use assort_text::{TextConfig, TokenId, Tokenizer, TokenizerKind};
use serde_json::json;

use crate::arguments::TokenizeArguments;
use crate::exit::Exit;
use crate::interrupt;
use crate::screen::print;

/// Shows how texts are cut.
pub fn run(arguments: &TokenizeArguments) -> Result<Exit> {
    interrupt::end_at_once()?;
    let tokenizer = load(&arguments.with)?;
    for (number, text) in arguments.text.iter().enumerate() {
        let tokens = token_lines(tokenizer.as_ref(), &arguments.with, text)?;
        if arguments.json {
            print(&format!("{}\n", json!({ "text": text, "tokens": tokens })))?;
            continue;
        }
        let between = if number > 0 { "\n" } else { "" };
        print(&format!(
            "{between}{}{}",
            coloured_block("text", &[coloured(text, &tokens)]),
            block("tokens", &table(text, &tokens))
        ))?;
    }
    Ok(Exit::Fine)
}

/// The tokenizer of a file or a model; `None` stands for the name of a kind that needs no file.
fn load(with: &Path) -> Result<Option<Tokenizer>> {
    if ModelFolder::is_one(with) {
        let folder = ModelFolder::at(with);
        let manifest = folder.read_manifest()?;
        let featurizer = Featurizer::load(&folder, &manifest.features, manifest.shape.vocabulary)?;
        let tokenizer = match &featurizer {
            Featurizer::Tokens(tokenizer, _) => Some(tokenizer),
            Featurizer::Ngrams(vectorizer) => vectorizer.subwords(),
            Featurizer::Lines(_) | Featurizer::Texts => None,
        };
        let Some(tokenizer) = tokenizer else {
            bail!(
                "{}: the model has no tokenizer but reads lines, n-grams or texts; `assort explain` shows \
                 its features",
                with.display()
            );
        };
        return Ok(Some(tokenizer.clone()));
    }
    if !with.exists() {
        if kind(with).is_some() {
            return Ok(None);
        }
        bail!(
            "{} does not exist: give a tokenizer.json, a vocab.txt, a folder, or words, english, whitespace \
             or characters",
            with.display()
        );
    }
    let config = TextConfig { tokenizer: TokenizerKind::Pretrained, ..TextConfig::default() };
    Ok(Some(Tokenizer::load(with, config)?))
}

/// A kind by its name.
fn kind(name: &Path) -> Option<TokenizerKind> {
    match name.to_str()? {
        "words" => Some(TokenizerKind::Words),
        "english" => Some(TokenizerKind::English),
        "whitespace" => Some(TokenizerKind::Whitespace),
        "characters" => Some(TokenizerKind::Characters),
        _ => None,
    }
}

fn token_lines(tokenizer: Option<&Tokenizer>, with: &Path, text: &str) -> Result<Vec<TokenLine>> {
    if let Some(tokenizer) = tokenizer {
        let encoding = tokenizer.encode(text)?;
        let token = |id: u32| tokenizer.vocab().token(TokenId(id)).unwrap_or_default().to_owned();
        let pairs = encoding.ids.into_iter().zip(encoding.offsets);
        return Ok(pairs
            .map(|(id, (start, end))| TokenLine { token: token(id), id: Some(id), start, end })
            .collect());
    }
    let tokenizer = kind(with).unwrap_or(TokenizerKind::Words);
    let bare = Tokenizer::fit::<&str>(&[], &TextConfig { tokenizer, ..TextConfig::default() })?;
    let tokens = bare.tokens(text)?.into_iter();
    Ok(tokens
        .map(|t| TokenLine { token: t.text.into_owned(), id: None, start: t.start, end: t.end })
        .collect())
}

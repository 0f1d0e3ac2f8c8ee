//! `assort tokenize`.

use std::path::Path;

use anyhow::{Result, bail};
use assort_pipeline::{Featurizer, ModelFolder};
use assort_text::{TextConfig, TokenId, Tokenizer, TokenizerKind};
use console::style;
use serde_json::json;

use crate::arguments::TokenizeArguments;
use crate::exit::Exit;
use crate::interrupt;
use crate::screen::print;
use assort_report::terminal::block::block;
use assort_report::terminal::table::{Lean, Table};

/// Backgrounds of tokens side by side, of the 256 colours that terminals have; black letters can be read on
/// each.
const GROUNDS: [u8; 4] = [153, 223, 151, 183];

/// A token, its id if the tokenizer knows ids, and the bytes of the text that it came from.
struct Piece {
    token: String,
    id: Option<u32>,
    start: usize,
    end: usize,
}

/// Shows how texts are cut.
pub fn run(arguments: &TokenizeArguments) -> Result<Exit> {
    interrupt::end_at_once()?;
    let tokenizer = load(&arguments.with)?;
    for (number, text) in arguments.text.iter().enumerate() {
        let pieces = pieces(tokenizer.as_ref(), &arguments.with, text)?;
        if arguments.json {
            let token = |piece: &Piece| {
                let Piece { token, id, start, end, .. } = piece;
                json!({ "token": token, "id": id, "start": start, "end": end })
            };
            let tokens: Vec<_> = pieces.iter().map(token).collect();
            print(&format!("{}\n", json!({"text": text, "tokens": tokens})))?;
            continue;
        }
        let between = if number > 0 { "\n" } else { "" };
        print(&format!(
            "{between}{}{}",
            block("text", &[coloured(text, &pieces)]),
            block("tokens", &table(text, &pieces))
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
            Featurizer::Texts => None,
        };
        let Some(tokenizer) = tokenizer else {
            bail!(
                "{}: the model reads no tokens but weighted n-grams or texts; `assort explain` shows its \
                 features",
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

fn pieces(tokenizer: Option<&Tokenizer>, with: &Path, text: &str) -> Result<Vec<Piece>> {
    if let Some(tokenizer) = tokenizer {
        let encoding = tokenizer.encode(text);
        let token = |id: u32| tokenizer.vocab().token(TokenId(id)).unwrap_or_default().to_owned();
        let pairs = encoding.ids.into_iter().zip(encoding.offsets);
        return Ok(pairs
            .map(|(id, (start, end))| Piece { token: token(id), id: Some(id), start, end })
            .collect());
    }
    let tokenizer = kind(with).unwrap_or(TokenizerKind::Words);
    let bare = Tokenizer::fit::<&str>(&[], &TextConfig { tokenizer, ..TextConfig::default() })?;
    let tokens = bare.tokens(text).into_iter();
    Ok(tokens.map(|t| Piece { token: t.text.into_owned(), id: None, start: t.start, end: t.end }).collect())
}

/// The text in one line, its tokens on coloured grounds or, where there are no colours, in brackets.
fn coloured(text: &str, pieces: &[Piece]) -> String {
    let (mut line, mut at) = (String::new(), 0);
    let next = pieces.iter().skip(1).map(Some).chain([None]);
    // The mark of a word's beginning has its first letter's bytes, and each byte of a character all of them.
    let covered = |piece: &Piece, next: Option<&Piece>| {
        next.is_some_and(|next| next.start < piece.end && piece.end <= next.end)
    };
    let tokens =
        pieces.iter().zip(next).filter(|(piece, next)| piece.start < piece.end && !covered(piece, *next));
    for ((piece, _), ground) in tokens.zip(GROUNDS.iter().cycle()) {
        line.push_str(&visible(text.get(at..piece.start).unwrap_or_default()));
        let token = visible(text.get(piece.start..piece.end).unwrap_or_default());
        let shown = match console::colors_enabled() {
            true => style(token).on_color256(*ground).color256(16).to_string(),
            false => format!("[{token}]"),
        };
        line.push_str(&shown);
        at = piece.end;
    }
    line + &visible(text.get(at..).unwrap_or_default())
}

fn table(text: &str, pieces: &[Piece]) -> Vec<String> {
    let header = [("token", Lean::Left), ("id", Lean::Right), ("bytes", Lean::Right), ("text", Lean::Left)];
    let mut table = Table::new(&header);
    for piece in pieces {
        let id = piece.id.map_or(String::new(), |id| id.to_string());
        let (bytes, own) = match piece.start < piece.end {
            true => (
                format!("{}..{}", piece.start, piece.end),
                visible(text.get(piece.start..piece.end).unwrap_or_default()),
            ),
            false => (String::new(), String::new()),
        };
        table.row([visible(&piece.token), id, bytes, own]);
    }
    table.lines()
}

/// Line breaks and other control characters as marks that take one column.
fn visible(text: &str) -> String {
    let mark = |character: char| match character {
        '\n' => '⏎',
        '\t' => '⇥',
        other if other.is_control() => '·',
        other => other,
    };
    text.chars().map(mark).collect()
}

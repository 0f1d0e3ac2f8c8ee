//! The tokenizer of a BERT from its `vocab.txt` and the files beside it.
//!
//! A text gets the ids that Hugging Face's `AutoTokenizer` gives it, but for two things: where a text holds
//! `[SEP]` or another name of the special tokens around texts, that is words as anywhere; and the words of
//! `never_split` stay whole, as with the slow tokenizers that know this list.

mod settings;

use super::bounds::Cutter;
use settings::Settings;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::processors::bert::BertProcessing;
use tokenizers::{AddedToken, NormalizerWrapper};

/// The tokenizer of Devlin, Chang, Lee and Toutanova 2019, 'BERT', from the content of its list of tokens,
/// one a line, and from what lies beside that file.
pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<Cutter, String> {
    let text = str::from_utf8(bytes).map_err(|_| "neither JSON nor a list of tokens in UTF-8".to_owned())?;
    if text.starts_with("<pad>\t0\n") {
        return Err(
            "the vocabulary of a tokenizer of words, which its model folder tells more about".to_owned()
        );
    }
    let lines: Vec<&str> = text.lines().collect();
    let settings = Settings::read(path)?;
    // Of equal lines the last counts, and a blank one is no token.
    let mut ids: HashMap<&str, u32> = lines.iter().copied().zip(0..).collect();
    ids.remove("");
    let added = added(&settings, &ids, lines.len() as u32)?;
    let id = |name: &str| {
        let of_added = || added.iter().find(|(_, token)| token.content == name).map(|(id, _)| *id);
        ids.get(name)
            .copied()
            .or_else(of_added)
            .ok_or_else(|| format!("no tokenizer.json, and no BERT's vocab.txt either: {name} is missing"))
    };
    let [unknown, first, last, ..] = &settings.roles;
    let (first, last) = ((first.clone(), id(first)?), (last.clone(), id(last)?));
    id(unknown)?;

    let whole = lines.len() - lines.iter().rev().take_while(|line| line.is_empty()).count();
    // No word ends in a blank, so such lines are no tokens either.
    let name = |(line, id): (&&str, u32)| match ids.get(line) == Some(&id) && line.trim_end() == *line {
        true => format!("{line}\n"),
        false => format!("{}\n", gap(id)),
    };
    let listed: String = lines[..whole].iter().zip(0..).map(name).collect();
    let vocab = WordPiece::read_bytes(listed.as_bytes()).map_err(|error| error.to_string())?;
    let model = WordPiece::builder().vocab(vocab).unk_token(unknown.clone()).build();
    let mut tokenizer = Cutter::new(model.map_err(|error| error.to_string())?.into());
    tokenizer
        .with_normalizer(Some(NormalizerWrapper::from(settings.normalizer)))
        .map_err(|error| error.to_string())?;
    tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
    tokenizer.with_post_processor(Some(BertProcessing::new(last, first)));
    tokenizer.with_decoder(Some(tokenizers::decoders::wordpiece::WordPiece::default()));
    // Tokens beyond the vocabulary are numbered in their order, without gaps.
    let end = added.keys().next_back().map_or(0, |last| last + 1);
    let gaps = (whole as u32..end).map(|id| (id, AddedToken::from(gap(id), true)));
    let known = settings.roles.iter().filter_map(|name| Some((*ids.get(name.as_str())?, name)));
    let mut all: BTreeMap<u32, AddedToken> =
        gaps.chain(known.map(|(id, name)| (id, AddedToken::from(name, true)))).collect();
    all.extend(added);
    tokenizer.add_tokens(all.values().cloned()).map_err(|error| error.to_string())?;
    match all.iter().find(|(id, token)| tokenizer.token_to_id(&token.content) != Some(**id)) {
        Some((id, token)) => {
            let name = &token.content;
            Err(format!("the files beside it give '{name}' the id {id}, which another token has"))
        }
        None => Ok(tokenizer),
    }
}

/// The tokens that are looked for in a text before it is cut, by id; `end` is the number of lines, and so the
/// first id that is free.
fn added(
    settings: &Settings,
    ids: &HashMap<&str, u32>,
    end: u32,
) -> Result<BTreeMap<u32, AddedToken>, String> {
    let mut added = settings.added.clone();
    if let Some((last, token)) = added.last_key_value()
        && *last > 2 * end + 1024
    {
        let name = &token.content;
        return Err(format!("the files beside it give '{name}' the id {last}, but it has {end} lines"));
    }
    for token in added.values_mut() {
        // Special tokens are not looked for.
        token.special = settings.roles.contains(&token.content);
    }
    let has =
        |added: &BTreeMap<u32, AddedToken>, name: &str| added.values().any(|token| token.content == name);
    let mut new: Vec<AddedToken> = Vec::new();
    for token in &settings.additional {
        match ids.get(token.content.as_str()) {
            Some(id) => drop(added.entry(*id).or_insert_with(|| token.clone())),
            None if has(&added, &token.content) => (),
            None => new.push(token.clone()),
        }
    }
    if !new.is_empty() {
        // Padding and mask come first, if the vocabulary lacks them.
        let [.., padding, mask] = &settings.roles;
        let lacking = [padding, mask].into_iter();
        let lacking = lacking.filter(|name| !ids.contains_key(name.as_str()) && !has(&added, name));
        let next = end.max(added.last_key_value().map_or(0, |(last, _)| last + 1));
        let lacking: Vec<_> = lacking.map(|name| AddedToken::from(name, true)).collect();
        added.extend((next..).zip(lacking.into_iter().chain(new)));
    }
    // They are compared with words in lower case, where texts are put into it.
    let lowercase = settings.normalizer.lowercase;
    for word in settings.never_split.iter().filter(|word| !lowercase || word.to_lowercase() == **word) {
        if let Some(id) = ids.get(word.as_str()) {
            let whole = AddedToken::from(word, false).single_word(true).normalized(lowercase);
            added.entry(*id).or_insert(whole);
        }
    }
    Ok(added)
}

/// The name of an id that no token has. Words have no blank, so none is taken for it.
fn gap(id: u32) -> String {
    format!("<gap {id}>")
}

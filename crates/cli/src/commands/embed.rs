//! `assort embed`.

use anyhow::{Result, bail};
use assort_pipeline::{Embedder, TextVectors, TokenVectors};
use assort_report::terminal::block::block;
use assort_report::terminal::vectors::{cosines, places, tokens};
use assort_report::text::shortened;
use serde_json::json;

use super::checkpoint;
use crate::arguments::{EmbedArguments, Pool};
use crate::exit::{Exit, Midway};
use crate::interrupt;
use crate::screen::{print, print_words, width};

/// Embeds.
pub fn run(arguments: &EmbedArguments) -> Result<Exit> {
    interrupt::end_at_once()?;
    super::prepare(&arguments.machine)?;
    let found = checkpoint::find(&arguments.checkpoint)?;
    let embedder = Embedder::load(&found.folder, &arguments.machine.device.open()?)?;
    let vectors: Vec<TextVectors> = arguments
        .text
        .iter()
        .map(|text| embedder.embed(text).map_err(Midway::new))
        .collect::<Result<_, _>>()?;
    let texts: Vec<(&str, &TextVectors)> = arguments.text.iter().map(String::as_str).zip(&vectors).collect();
    if arguments.json {
        for (text, vectors) in texts {
            let line =
                json!({ "text": text, "tokens": vectors.tokens, "mean": vectors.mean, "cls": vectors.cls });
            print(&format!("{line}\n"))?;
        }
        return Ok(Exit::Fine);
    }
    match &arguments.word {
        Some(word) => print_words(&block(word, &places(&occurrences(word, &texts)?)))?,
        None => {
            for (text, vectors) in &texts {
                print(&format!("{}\n", shortened(text, width())))?;
                print(&block("tokens", &tokens(vectors)))?;
            }
        }
    }
    if texts.len() > 1 {
        let pooled = texts.iter().map(|(text, vectors)| match arguments.pool {
            Pool::Mean => (*text, vectors.mean.as_slice()),
            Pool::Cls => (*text, vectors.cls.as_slice()),
        });
        print(&block("cosines", &cosines(&pooled.collect::<Vec<_>>())))?;
    }
    Ok(Exit::Fine)
}

/// Every place where the token stands, with the text around it.
fn occurrences<'t>(
    word: &str,
    texts: &[(&'t str, &'t TextVectors)],
) -> Result<Vec<(&'t str, &'t TokenVectors)>> {
    let all = texts.iter().flat_map(|(text, vectors)| vectors.tokens.iter().map(move |token| (*text, token)));
    let found: Vec<_> = all.filter(|(_, token)| token.token == word).collect();
    if found.len() < 2 {
        bail!("'{word}' is a token of the texts {} times: give texts with at least two", found.len());
    }
    Ok(found)
}

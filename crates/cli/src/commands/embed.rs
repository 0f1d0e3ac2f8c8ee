//! `assort embed`.

use anyhow::{Result, bail};
use assort_pipeline::{Embedder, TextVectors, TokenVectors, cosine};
use serde_json::json;

use super::checkpoint;
use crate::arguments::{EmbedArguments, Pool};
use crate::exit::{Exit, Midway};
use crate::interrupt;
use crate::screen::{print, width};
use assort_report::numbers::figure;
use assort_report::terminal::block::block;
use assort_report::terminal::table::{Lean, Table};
use assort_report::text::shortened;

/// So many numbers of a vector are shown.
const SHOWN: usize = 5;

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
        Some(word) => print(&block(word, &places(word, &texts)?))?,
        None => {
            for (text, vectors) in &texts {
                print(&format!("{}\n", shortened(text, width())))?;
                print(&block("tokens", &tokens(vectors)))?;
            }
        }
    }
    if texts.len() > 1 {
        let pool = |vectors: &TextVectors| match arguments.pool {
            Pool::Mean => vectors.mean.clone(),
            Pool::Cls => vectors.cls.clone(),
        };
        let pooled: Vec<Vec<f32>> = vectors.iter().map(pool).collect();
        let names: Vec<String> = arguments.text.iter().map(|text| shortened(text, 40)).collect();
        print(&block("cosines", &cosines(&names, &pooled)))?;
    }
    Ok(Exit::Fine)
}

/// Each token with the beginnings of its two vectors.
fn tokens(vectors: &TextVectors) -> Vec<String> {
    let start = |vector: &[f32]| {
        let shown: Vec<String> = vector.iter().take(SHOWN).map(|value| format!("{value:7.3}")).collect();
        format!("{} …", shown.join(" "))
    };
    let header = [("token", Lean::Left), ("static", Lean::Left), ("contextual", Lean::Left)];
    let mut table = Table::new(&header);
    for token in &vectors.tokens {
        table.row([token.token.clone(), start(&token.fixed), start(&token.contextual)]);
    }
    table.lines()
}

/// Every pair of places where the token stands, with the cosines of its static and of its contextual vectors.
fn places(word: &str, texts: &[(&str, &TextVectors)]) -> Result<Vec<String>> {
    let places: Vec<(String, &TokenVectors)> = texts
        .iter()
        .flat_map(|(text, vectors)| {
            let found = vectors.tokens.iter().filter(|token| token.token == word);
            found.map(|token| (shortened(text, 40), token))
        })
        .collect();
    if places.len() < 2 {
        bail!("'{word}' is a token of the texts {} times: give texts with at least two", places.len());
    }
    let header = [("", Lean::Left), ("", Lean::Left), ("static", Lean::Right), ("contextual", Lean::Right)];
    let mut table = Table::new(&header);
    for (number, (one, a)) in places.iter().enumerate() {
        for (other, b) in &places[number + 1..] {
            let contextual = figure(cosine(&a.contextual, &b.contextual));
            table.row([one.clone(), other.clone(), figure(cosine(&a.fixed, &b.fixed)), contextual]);
        }
    }
    Ok(table.lines())
}

/// Each text with each other.
fn cosines(names: &[String], vectors: &[Vec<f32>]) -> Vec<String> {
    let mut table = Table::plain(&[Lean::Left, Lean::Left, Lean::Right]);
    for (number, (one, a)) in names.iter().zip(vectors).enumerate() {
        for (other, b) in names.iter().zip(vectors).skip(number + 1) {
            table.row([one.clone(), other.clone(), figure(cosine(a, b))]);
        }
    }
    table.lines()
}

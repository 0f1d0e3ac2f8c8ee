//! `assort tokenizer`.

use std::time::Instant;

use anyhow::Result;
use assort_datasets::read_texts;
use assort_report::numbers::{counted, grouped, seconds};
use assort_report::terminal::block::block;
use assort_text::{TextConfig, Tokenizer, VocabConfig};
use serde_json::json;

use super::sink;
use crate::arguments::{TokenizerArguments, TokenizerCommand, TokenizerTrainArguments};
use crate::exit::{Exit, Midway};
use crate::interrupt;
use crate::screen::{print, print_words};

/// Does what is asked for.
pub fn run(arguments: &TokenizerArguments) -> Result<Exit> {
    match &arguments.command {
        TokenizerCommand::Train(arguments) => train(arguments),
    }
}

fn train(arguments: &TokenizerTrainArguments) -> Result<Exit> {
    interrupt::end_at_once()?;
    super::start_threads(arguments.threads)?;
    sink::check(&arguments.out, arguments.overwrite, Some(&arguments.data))?;
    let (texts, _) = read_texts(&arguments.data, &arguments.options())?;
    let texts = texts.texts.slices();
    let config = TextConfig {
        tokenizer: arguments.kind,
        lowercase: arguments.lowercase,
        vocabulary: VocabConfig {
            size_limit: Some(arguments.size),
            minimum_count: arguments.minimum_count,
            specials: arguments.specials.clone(),
        },
        ..TextConfig::default()
    };
    let clock = Instant::now();
    let tokenizer = Tokenizer::fit(&texts, &config)?;
    let elapsed = clock.elapsed().as_secs_f64();
    let rows = tokenizer.encode_batch(&texts)?;
    tokenizer.save(&arguments.out).map_err(Midway::new)?;
    let (vocabulary, tokens) = (tokenizer.vocab().len(), rows.tokens());
    let out = arguments.out.display().to_string();
    if arguments.json {
        let kind = config.tokenizer;
        let told = json!({"kind": kind, "texts": texts.len(), "vocabulary": vocabulary, "tokens": tokens,
            "seconds": elapsed, "out": out});
        print(&format!("{told}\n"))?;
        return Ok(Exit::Fine);
    }
    let read = vec![format!("{}: {}", arguments.data.display(), counted(texts.len(), "text"))];
    let learned = vec![
        format!("{} in {}", counted(vocabulary, "token"), seconds(elapsed)),
        format!("the texts are {} long with them", counted(tokens, "token")),
        format!("the last ones: {}", last(&tokenizer).join(" ")),
    ];
    let short = if vocabulary < arguments.size {
        vec![format!("{} tokens were asked for: no more pieces are frequent enough", grouped(arguments.size))]
    } else {
        vec![]
    };
    let blocks =
        [block("read", &read), block("learned", &learned), block("", &short), block("saved", &[out])];
    print_words(&blocks.concat())?;
    Ok(Exit::Fine)
}

/// Some of the tokens with the highest ids.
fn last(tokenizer: &Tokenizer) -> Vec<String> {
    let vocab = tokenizer.vocab();
    let first = vocab.len().saturating_sub(10).max(vocab.specials().len());
    vocab.iter().skip(first).map(|(token, _)| token.to_owned()).collect()
}

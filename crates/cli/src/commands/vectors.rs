//! `assort vectors`.

use std::borrow::Cow;
use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail};
use assort_datasets::{ReadOptions, read_texts};
use assort_pipeline::ModelFolder;
use assort_random::Seed;
use assort_report::numbers::{counted, grouped, seconds};
use assort_report::terminal::block::block;
use assort_report::terminal::vectors::neighbours;
use assort_text::{TextConfig, Tokenizer, VocabConfig};
use assort_vectors::{CacheConfig, Neighbour, Neighbours, Opened, SkipGram, WordVectors, analogy, cosine};
use serde_json::json;

use super::caches::vectors_cache;
use super::checkpoint::vectors_on_hub;
use super::sink;
use crate::arguments::{VectorsArguments, VectorsQuery, VectorsTrainArguments};
use crate::exit::{Exit, Midway, note, warn};
use crate::interrupt;
use crate::screen::{print, print_words};

/// Words of like spelling that are offered for one that is not there.
const OFFERED: usize = 3;

/// Answers a question, or learns vectors.
pub fn run(arguments: &VectorsArguments) -> Result<Exit> {
    interrupt::end_at_once()?;
    match &arguments.query {
        VectorsQuery::Train(how) => train(&arguments.source, how),
        query => answer(arguments, query),
    }
}

fn answer(arguments: &VectorsArguments, query: &VectorsQuery) -> Result<Exit> {
    let vectors = open(&arguments.source)?;
    let find = |word: &str| look_up(&vectors, word, &arguments.source);
    let (mut asked, point, without) = match query {
        VectorsQuery::Train(_) => return Ok(Exit::Fine),
        VectorsQuery::Similarity { a, b } => {
            let ((_, first), (_, second)) = (find(a)?, find(b)?);
            let cosine = cosine(&first, &second);
            let text = match arguments.json {
                true => json!({ "words": [a, b], "cosine": cosine }).to_string(),
                false => cosine.map_or_else(
                    || "undefined: one of the vectors is zero".into(),
                    |cosine| format!("{cosine:.4}"),
                ),
            };
            print(&format!("{text}\n"))?;
            return Ok(Exit::Fine);
        }
        VectorsQuery::Nearest { word } => {
            let (row, vector) = find(word)?;
            (json!({ "nearest": word }), vector.into_owned(), Vec::from_iter(row))
        }
        VectorsQuery::Analogy { a, b, c } => {
            let [first, second, third] = [find(a)?, find(b)?, find(c)?];
            let point = analogy(&first.1, &second.1, &third.1);
            (
                json!({ "analogy": [a, b, c] }),
                point,
                [first.0, second.0, third.0].into_iter().flatten().collect(),
            )
        }
    };
    let found = Neighbours::new(&vectors).nearest(&point, arguments.count, &without);
    let word = |found: &Neighbour| vectors.words().word(found.row).unwrap_or_default();
    let text = if arguments.json {
        let line = |found: &Neighbour| json!({ "word": word(found), "cosine": found.cosine });
        asked["words"] = found.iter().map(line).collect();
        format!("{asked}\n")
    } else if found.is_empty() {
        "undefined: the vector is zero, and so near nothing\n".to_owned()
    } else {
        let lines = neighbours(found.iter().map(|found| (word(found), found.cosine)));
        lines.into_iter().map(|line| line + "\n").collect()
    };
    print_words(&text)?;
    Ok(Exit::Fine)
}

/// Learns vectors and writes them.
fn train(out: &Path, arguments: &VectorsTrainArguments) -> Result<Exit> {
    super::start_threads(None)?;
    let mut all = Vec::new();
    for path in &arguments.data {
        sink::check(out, arguments.overwrite, Some(path))?;
        let options = ReadOptions { text: arguments.text.clone(), ..ReadOptions::default() };
        all.push(read_texts(path, &options)?.0);
    }
    let texts: Vec<&str> = all.iter().flat_map(|texts| texts.texts.iter()).collect();
    let vocabulary = VocabConfig { minimum_count: arguments.minimum_count, ..VocabConfig::default() };
    let config = TextConfig { tokenizer: arguments.tokenizer, vocabulary, ..TextConfig::default() };
    let (tokenizer, rows) = Tokenizer::fit_encode(&texts, &config)?;
    let SkipGram { window, negatives, learning_rate, frequent, .. } = SkipGram::default();
    let (width, epochs) = (arguments.width, arguments.epochs);
    let skip_gram = SkipGram { width, epochs, window, negatives, learning_rate, frequent };
    let clock = Instant::now();
    let told =
        |epoch| note(&format!("epoch {epoch} of {epochs}, {}", seconds(clock.elapsed().as_secs_f64())));
    let vectors = skip_gram.train(tokenizer.vocab(), &rows, Seed::new(arguments.seed), told)?;
    vectors.save_text(out).map_err(Midway::new)?;
    let (words, texts) = (counted(vectors.len(), "word"), counted(texts.len(), "text"));
    let tokens = counted(rows.tokens(), "token");
    print_words(&block(
        "saved",
        &[format!("{}: {words} of {width} numbers, from {texts} of {tokens}", out.display())],
    ))?;
    Ok(Exit::Fine)
}

/// The vectors of a file, of a name on the hub or of a model folder; what the user should know is told on the
/// way.
pub fn open(source: &Path) -> Result<WordVectors> {
    if source.is_dir() {
        return Ok(ModelFolder::at(source).word_vectors()?);
    }
    let fetched = vectors_on_hub(source)?;
    let source = fetched.as_deref().unwrap_or(source);
    let cache = CacheConfig { fallback: vectors_cache(), ..CacheConfig::default() };
    let (vectors, report, opened) = WordVectors::open(source, Some(&cache))?;
    report.cautions(source, vectors.len()).iter().for_each(|caution| warn(caution));
    if let Opened::Copied(copy) = opened {
        note(&format!("binary copy for the next time: {}", copy.display()));
    }
    Ok(vectors)
}

/// The row of a word, if it has one, and its vector.
fn look_up<'v>(vectors: &'v WordVectors, word: &str, source: &Path) -> Result<(Option<u32>, Cow<'v, [f32]>)> {
    if let Some(vector) = vectors.vector_or_ngrams(word) {
        return Ok((vectors.words().find(word), vector));
    }
    let alike: Vec<String> =
        vectors.similar_spellings(word, OFFERED).iter().map(|known| format!("'{known}'")).collect();
    let hint = match alike.as_slice() {
        [] => "and none is spelled like it".to_owned(),
        [one] => format!("did you mean {one}?"),
        [first @ .., last] => format!("did you mean {} or {last}?", first.join(", ")),
    };
    bail!("'{word}' is none of the {} words of {}: {hint}", grouped(vectors.len()), source.display())
}

//! Tokenizing and counting training texts in one pass.
//!
//! Texts are cut into chunks; each chunk counts its own words and keeps its tokens as numbers of its own word
//! list. The lists are then merged. Sums and the order of the vocabulary do not depend on how the texts were
//! cut, so neither do the ids.

use crate::analyzer::Analyzer;
use crate::words::WordSet;
use crate::{Error, TextConfig, TokenRows, Vocab};
use rayon::prelude::*;
use std::ops::ControlFlow;

/// Whether the tokens themselves are wanted, or their counts alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    Keep,
    Forget,
}

/// Texts a task, so that there are few, as each holds the frequent words again, and several a thread, as
/// texts differ in length.
pub(crate) fn part_size(texts: usize) -> usize {
    texts.div_ceil(4 * rayon::current_num_threads()).max(64)
}

#[derive(Default)]
struct Chunk {
    words: WordSet,
    counts: Vec<u64>,
    ids: Vec<u32>,
    lengths: Vec<u32>,
}

/// The vocabulary of the texts, and their token ids if wanted (truncated as the configuration says; the
/// vocabulary counts whole texts).
pub(crate) fn count<T: AsRef<str> + Sync>(
    texts: &[T],
    config: &TextConfig,
    rows: Rows,
) -> Result<(Vocab, TokenRows), Error> {
    config.check()?;
    let mut chunks: Vec<Chunk> =
        texts.par_chunks(part_size(texts.len())).map(|texts| count_chunk(texts, config, rows)).collect();

    let mut words = WordSet::default();
    let mut counts: Vec<u64> = Vec::new();
    let numbers: Vec<Vec<u32>> = (chunks.iter())
        .map(|chunk| {
            let numbers = words.merge(&chunk.words);
            counts.resize(words.len(), 0);
            for (number, count) in numbers.iter().zip(&chunk.counts) {
                if let Some(sum) = counts.get_mut(*number as usize) {
                    *sum += count;
                }
            }
            numbers
        })
        .collect();
    let (vocab, ids) = Vocab::rank(&words, &counts, &config.vocabulary)?;

    chunks.par_iter_mut().zip(&numbers).for_each(|(chunk, numbers)| {
        let ids: Vec<u32> = numbers.iter().map(|number| ids[*number as usize]).collect();
        for id in &mut chunk.ids {
            *id = ids[*id as usize];
        }
    });
    let rows = chunks.into_iter().map(|chunk| (chunk.ids, chunk.lengths)).collect();
    Ok((vocab, TokenRows::concatenate(rows)?))
}

fn count_chunk<T: AsRef<str>>(texts: &[T], config: &TextConfig, rows: Rows) -> Chunk {
    let mut chunk = Chunk::default();
    let mut analyzer = Analyzer::new(config);
    for text in texts {
        let from = chunk.ids.len();
        analyzer.tokens(text.as_ref(), |token, _, _| {
            let number = chunk.words.insert(token);
            match chunk.counts.get_mut(number as usize) {
                Some(count) => *count += 1,
                None => chunk.counts.push(1),
            }
            if rows == Rows::Keep {
                chunk.ids.push(number);
            }
            ControlFlow::Continue(())
        });
        if let Some(longest) = config.longest {
            config.truncation.apply(&mut chunk.ids, from, longest);
        }
        if rows == Rows::Keep {
            chunk.lengths.push((chunk.ids.len() - from) as u32);
        }
    }
    chunk
}

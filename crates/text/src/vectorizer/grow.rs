//! Counting the n-grams of a training corpus, length by length.
//!
//! An n-gram occurs in no more texts than its first or its last n - 1 symbols do, so only those are counted
//! whose both parts are frequent enough (Agrawal and Srikant 1994, 'Fast algorithms for mining association
//! rules'). Each length takes three steps, batch by batch: the tasks of phase one walk their texts and drop
//! each key into one of 64 shards; those of phase two count one shard each, in a table that stays in the
//! cache; those of phase three walk the texts again and take the keys' numbers from the shards, in the order
//! in which they went in. Nothing is locked and nothing is allocated for an n-gram. Sums do not depend on the
//! order, and the nodes are sorted by what they are, so the result is the same for any number of threads.
//!
//! PERF: `cargo run --release -p assort-text --example vectorize -- imdb/train.csv 3` (17,501 lines) in
//! seconds, one thread, beside scikit-learn's TfidfVectorizer with the same tokens, which finds the same
//! features; both while other work kept the machine busy:
//!
//! | words  | features | fit and transform | scikit-learn | transform | scikit-learn |
//! | ------ | -------- | ----------------- | ------------ | --------- | ------------ |
//! | 1      |   38,835 |              0.54 |          3.4 |      0.47 |          3.3 |
//! | 1 to 2 |  345,788 |              1.19 |         12.1 |      0.81 |          9.7 |
//! | 1 to 3 |  780,087 |              1.84 |         22.6 |      1.28 |         12.0 |

use super::grams::{GAP, Grams, hash};
use super::shard::Shard;
use super::symbols::{DOCUMENTS, Sequences};
use crate::Error;
use rayon::prelude::*;

/// Positions that are spread over the shards before these are counted: bounds the memory.
const BATCH: usize = if cfg!(test) { 1 << 10 } else { 1 << 20 };
const SHARD_BITS: u32 = 6;
const SHARDS: usize = 1 << SHARD_BITS;

/// The n-grams of one length in each text, [`DOCUMENTS`] texts a part.
pub(crate) type LevelRows = Vec<PartRows>;

/// Nodes of the texts of one part, ascending and unique within a text, and how often each occurs there.
#[derive(Default)]
pub(crate) struct PartRows {
    pub sizes: Vec<u32>,
    pub nodes: Vec<u32>,
    pub counts: Vec<u32>,
}

/// The outcome of growing: the tree, how often each node occurs, and the texts' nodes, length by length.
pub(crate) struct Grown {
    pub grams: Grams,
    pub counts: Vec<u64>,
    pub rows: Vec<LevelRows>,
}

/// Counts the n-grams up to a length. `wanted` says whether nodes of a length may become features.
pub(crate) fn grow(
    documents: Vec<u32>,
    mut counts: Vec<u64>,
    sequences: &Sequences,
    longest: usize,
    minimum: u32,
    wanted: impl Fn(&Grams, usize, u32) -> bool + Sync,
) -> Result<Grown, Error> {
    let mut grams = Grams::new(documents);
    let mut rows = vec![level_rows(sequences, &sequences.symbols, 1, |node| wanted(&grams, 1, node))];
    let mut nodes = Vec::new();
    for length in 2..=longest {
        let prefixes = if length == 2 { &sequences.symbols } else { &nodes };
        let (found, next) = count_level(sequences, prefixes, length, grams.len(), minimum)?;
        counts.extend(found.iter().map(|gram| gram.count));
        grams.push_level(found.iter().map(|gram| (gram.key, gram.documents)));
        nodes = next;
        rows.push(level_rows(sequences, &nodes, length, |node| wanted(&grams, length, node)));
    }
    Ok(Grown { grams, counts, rows })
}

struct Gram {
    key: (u32, u32),
    documents: u32,
    count: u64,
}

/// The keys of one part of the texts, shard by shard.
struct Streams {
    keys: Vec<Vec<(u32, u32)>>,
    texts: Vec<Vec<u32>>,
}

/// The n-grams of a length that are frequent enough, numbered from `base`, and the node at each position.
fn count_level(
    sequences: &Sequences,
    prefixes: &[u32],
    length: usize,
    base: usize,
    minimum: u32,
) -> Result<(Vec<Gram>, Vec<u32>), Error> {
    let mut shards: Vec<Shard> = (0..SHARDS).map(|_| Shard::default()).collect();
    let mut next = vec![GAP; sequences.symbols.len()];
    let texts = sequences.lengths.len();
    let (mut text, mut rest) = (0, next.as_mut_slice());
    while text < texts {
        // The texts of this batch, part by part, each with its own piece of `next`.
        let (mut parts, mut positions) = (Vec::new(), 0);
        while text < texts && (positions < BATCH || parts.is_empty()) {
            let until = (text + DOCUMENTS).min(texts);
            let size = sequences.offsets[until] - sequences.offsets[text];
            let (piece, further) = rest.split_at_mut(size);
            rest = further;
            parts.push((text..until, piece));
            positions += size;
            text = until;
        }
        count_batch(sequences, prefixes, length, &mut shards, &mut parts);
    }

    let most = (GAP >> SHARD_BITS) as usize;
    let found: usize = shards.iter().map(|shard| shard.entries.len()).sum();
    if shards.iter().any(|shard| shard.entries.len() >= most) || base + found >= GAP as usize {
        return Err(Error::TooManyFeatures { found: base + found });
    }
    let mut ranked: Vec<(Gram, u32)> = Vec::new();
    for (shard, index) in shards.iter_mut().zip(0u32..) {
        shard.slots = Vec::new();
        let entries = shard.entries.iter().zip(0u32..).filter(|(entry, _)| entry.documents >= minimum);
        ranked.extend(entries.map(|(entry, number)| {
            let gram = Gram { key: entry.key, documents: entry.documents, count: entry.count };
            (gram, number << SHARD_BITS | index)
        }));
    }
    ranked.par_sort_unstable_by(|(a, _), (b, _)| {
        b.documents.cmp(&a.documents).then(b.count.cmp(&a.count)).then(a.key.cmp(&b.key))
    });
    let mut nodes: Vec<Vec<u32>> = shards.into_iter().map(|shard| vec![GAP; shard.entries.len()]).collect();
    for ((_, code), node) in ranked.iter().zip(base as u32..) {
        nodes[*code as usize % SHARDS][(*code >> SHARD_BITS) as usize] = node;
    }
    next.par_chunks_mut(1 << 16).for_each(|chunk| {
        for code in chunk.iter_mut().filter(|code| **code != GAP) {
            *code = nodes[*code as usize % SHARDS][(*code >> SHARD_BITS) as usize];
        }
    });
    Ok((ranked.into_iter().map(|(gram, _)| gram).collect(), next))
}

type Part<'n> = (std::ops::Range<usize>, &'n mut [u32]);

/// Counts the keys of some parts and leaves each key's code, number and shard, at its position.
fn count_batch(
    sequences: &Sequences,
    prefixes: &[u32],
    length: usize,
    shards: &mut [Shard],
    parts: &mut [Part],
) {
    let streams: Vec<Streams> = (parts.par_iter())
        .map(|(texts, piece)| {
            let room = piece.len() / SHARDS * 5 / 4;
            let mut streams = Streams {
                keys: (0..SHARDS).map(|_| Vec::with_capacity(room)).collect(),
                texts: (0..SHARDS).map(|_| Vec::with_capacity(room)).collect(),
            };
            each_key(sequences, prefixes, length, texts.clone(), |_, key, text| {
                let shard = shard_of(key);
                streams.keys[shard].push(key);
                streams.texts[shard].push(text);
            });
            streams
        })
        .collect();

    let numbers: Vec<Vec<u32>> = (shards.par_iter_mut().enumerate())
        .map(|(index, shard)| {
            let mut numbers = Vec::with_capacity(streams.iter().map(|part| part.keys[index].len()).sum());
            for part in &streams {
                let keys = part.keys[index].iter().zip(&part.texts[index]);
                numbers.extend(keys.map(|(key, text)| shard.add(*key, *text)));
            }
            numbers
        })
        .collect();

    let mut starts: Vec<Vec<usize>> = Vec::with_capacity(streams.len());
    let mut at = vec![0; SHARDS];
    for part in &streams {
        starts.push(at.clone());
        at.iter_mut().zip(&part.keys).for_each(|(at, keys)| *at += keys.len());
    }
    parts.par_iter_mut().zip(starts).for_each(|((texts, piece), mut at)| {
        let from = sequences.offsets[texts.start];
        each_key(sequences, prefixes, length, texts.clone(), |position, key, _| {
            let shard = shard_of(key);
            let number = numbers[shard][at[shard]];
            at[shard] += 1;
            piece[position - from] = number << SHARD_BITS | shard as u32;
        });
    });
}

#[inline(always)]
fn shard_of((prefix, symbol): (u32, u32)) -> usize {
    (hash(prefix, symbol) >> (64 - SHARD_BITS)) as usize
}

/// Hands the position, key and text of each n-gram whose both parts are known to `each`.
#[inline(always)]
fn each_key(
    sequences: &Sequences,
    prefixes: &[u32],
    length: usize,
    texts: std::ops::Range<usize>,
    mut each: impl FnMut(usize, (u32, u32), u32),
) {
    for text in texts {
        let (start, end) = (sequences.offsets[text], sequences.offsets[text + 1]);
        let Some(last) = (end + 1).checked_sub(start + length).filter(|count| *count > 0) else { continue };
        for position in start..start + last {
            let prefix = prefixes[position];
            if prefix != GAP && prefixes[position + 1] != GAP {
                each(position, (prefix, sequences.symbols[position + length - 1]), text as u32);
            }
        }
    }
}

/// The wanted nodes of each text, sorted and counted.
fn level_rows(
    sequences: &Sequences,
    nodes: &[u32],
    length: usize,
    wanted: impl Fn(u32) -> bool + Sync,
) -> LevelRows {
    let texts = sequences.lengths.len();
    (0..texts.div_ceil(DOCUMENTS))
        .into_par_iter()
        .map(|part| {
            let mut rows = PartRows::default();
            let mut own = Vec::new();
            for text in part * DOCUMENTS..((part + 1) * DOCUMENTS).min(texts) {
                let (start, end) = (sequences.offsets[text], sequences.offsets[text + 1]);
                let end = (end + 1).saturating_sub(length).max(start);
                own.clear();
                own.extend(nodes[start..end].iter().filter(|node| **node != GAP && wanted(**node)));
                let from = rows.nodes.len();
                tally(&mut own, |node, count| {
                    rows.nodes.push(node);
                    rows.counts.push(count);
                });
                rows.sizes.push((rows.nodes.len() - from) as u32);
            }
            rows.nodes.shrink_to_fit();
            rows.counts.shrink_to_fit();
            rows
        })
        .collect()
}

/// Sorts numbers and hands each with how often it occurs to `each`.
#[inline]
pub(crate) fn tally(numbers: &mut [u32], mut each: impl FnMut(u32, u32)) {
    numbers.sort_unstable();
    for run in numbers.chunk_by(|a, b| a == b) {
        if let Some(number) = run.first() {
            each(*number, run.len() as u32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_random::Seed;
    use std::collections::BTreeMap;

    /// Over several batches, against a map of strings of symbols.
    #[test]
    fn agrees_with_a_map() {
        let mut generator = Seed::new(3).generator();
        let texts: Vec<Vec<u32>> = (0..2_000)
            .map(|_| {
                let length = generator.below(12);
                (0..length)
                    .map(|_| if generator.below(9) == 0 { GAP } else { generator.below(12) as u32 })
                    .collect()
            })
            .collect();
        let mut offsets = vec![0];
        texts.iter().for_each(|text| offsets.push(offsets[offsets.len() - 1] + text.len()));
        let lengths = texts.iter().map(|text| text.len() as u32).collect();
        let sequences = Sequences { symbols: texts.concat(), offsets, lengths };
        assert!(sequences.symbols.len() > 5 * BATCH);
        for minimum in [1, 4, 40] {
            let grown = grow(vec![2_000; 12], vec![0; 12], &sequences, 4, minimum, |_, _, _| true).unwrap();
            for length in 2..=4 {
                let mut expect: BTreeMap<&[u32], (u32, u64)> = BTreeMap::new();
                for (index, text) in texts.iter().enumerate() {
                    for gram in text.windows(length).filter(|gram| !gram.contains(&GAP)) {
                        let first = texts[index].windows(length).position(|other| other == gram);
                        let entry = expect.entry(gram).or_default();
                        entry.0 += u32::from(first.is_some_and(|at| std::ptr::eq(&text[at], &gram[0])));
                        entry.1 += 1;
                    }
                }
                expect.retain(|_, (documents, _)| *documents >= minimum);
                let level = grown.grams.level(length);
                assert_eq!(level.len(), expect.len());
                for node in level {
                    let (documents, count) = expect[grown.grams.spell(node).as_slice()];
                    assert_eq!(
                        (grown.grams.documents(node), grown.counts[node as usize]),
                        (documents, count)
                    );
                }
            }
        }
    }
}

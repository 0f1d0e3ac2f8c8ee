//! From texts to sparse rows of n-gram features.

mod alphabet;
mod config;
mod explain;
mod file;
mod grams;
mod grow;
mod keep;
mod shard;
mod symbols;
mod unit;
mod weigh;

pub use config::{
    CharacterBounds, InverseDocumentFrequency, NgramRange, Norm, TermFrequency, Units, VectorizerConfig,
    Weighting,
};
pub use explain::Occurrence;

use crate::{Error, SparseRows, Tokenizer};
use grams::GAP;
use grow::{LevelRows, tally};
use rayon::prelude::*;
use symbols::{Counted, DOCUMENTS};
use unit::{Scratch, Unit};
use weigh::{Row, Weigher};

/// Turns texts into rows of counts, ones or TF-IDF weights of word and character n-grams.
///
/// The features are those of the training texts that occur in enough of them. Their columns: words before
/// characters, short n-grams before long ones, and then by falling document frequency, so that columns that
/// are used together lie together. An n-gram's key is exact: two n-grams never share a column.
///
/// ```
/// use assort_text::{NgramRange, Norm, Vectorizer, VectorizerConfig, Weighting};
///
/// let config = VectorizerConfig {
///     words: NgramRange { shortest: 1, longest: 2 },
///     minimum_documents: 1,
///     weighting: Weighting::Counts,
///     norm: Norm::None,
///     ..VectorizerConfig::default()
/// };
/// let (vectorizer, rows) = Vectorizer::fit_transform(&["I love my dog", "I love my cat"], &config)?;
/// assert_eq!((rows.rows(), rows.width()), (2, 9));
/// let column = vectorizer.column("my dog").unwrap();
/// assert_eq!(vectorizer.document_frequency(column), Some(1));
/// let rows = vectorizer.transform(&["my dog, my dog"])?;
/// assert!(rows.row(0).unwrap().0.contains(&column));
/// # Ok::<(), assort_text::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Vectorizer {
    config: VectorizerConfig,
    /// The number of training texts.
    documents: usize,
    /// The tokenizer of sub-words, where n-grams are made of those.
    subwords: Option<Tokenizer>,
    units: Vec<Unit>,
    /// The node of each column: the unit's index and the node.
    features: Vec<(u8, u32)>,
    weigher: Weigher,
}

impl Vectorizer {
    /// Finds the features of the training texts and gives these texts' rows.
    ///
    /// # Errors
    /// [`Error::Setting`] as [`VectorizerConfig::check`]; as [`Tokenizer::fit`] for sub-words;
    /// [`Error::NoFeatures`] if nothing occurs in enough of the texts; [`Error::TooManyFeatures`] if 32-bit
    /// numbers do not tell the n-grams apart.
    pub fn fit_transform<T: AsRef<str> + Sync>(
        texts: &[T],
        config: &VectorizerConfig,
    ) -> Result<(Self, SparseRows), Error> {
        config.check()?;
        let (mut units, mut counts, mut levels, mut lengths) = (vec![], vec![], vec![], vec![]);
        let mut add = |counted: Counted, longest: usize| -> Result<(), Error> {
            let Counted { alphabet, documents, counts: own, sequences } = counted;
            let grown = grow::grow(
                documents,
                own,
                &sequences,
                longest,
                config.minimum_documents,
                |grams, length, node| alphabet.may_be_feature(grams, config, length, node),
            )?;
            units.push(Unit::new(alphabet, grown.grams, config));
            counts.push(grown.counts);
            levels.push(grown.rows);
            lengths.push(sequences.lengths);
            Ok(())
        };
        let mut subwords = None;
        if config.units != Units::Characters {
            let cut = match config.tokenizer.is_subwords() {
                true => Some(Tokenizer::fit_encode(texts, &config.text())?),
                false => None,
            };
            let cut_texts = cut.as_ref().map(|(tokenizer, rows)| (tokenizer, rows));
            add(symbols::count_words(texts, config, cut_texts), config.words.longest)?;
            // The vectorizer holds what is in the tokenizer's file from here on.
            subwords = cut.map(|(tokenizer, _)| tokenizer.without_file());
        }
        if config.units != Units::Words {
            add(symbols::count_characters(texts, config), config.characters.longest)?;
        }
        choose(&mut units, &counts, texts.len(), config);
        drop(counts);
        let config = VectorizerConfig { tokenizer_file: None, ..config.clone() };
        let vectorizer = Self::assemble(config, subwords, texts.len(), units);
        if vectorizer.features.is_empty() {
            let minimum = vectorizer.config.minimum_documents;
            return Err(Error::NoFeatures { documents: texts.len(), minimum });
        }
        let rows = vectorizer.rows_of_levels(levels, &lengths, texts.len());
        Ok((vectorizer, rows))
    }

    /// Numbers the columns of units whose nodes are marked, and weighs them.
    fn assemble(
        config: VectorizerConfig,
        subwords: Option<Tokenizer>,
        documents: usize,
        mut units: Vec<Unit>,
    ) -> Self {
        let mut features = Vec::new();
        for (unit, index) in units.iter_mut().zip(0u8..) {
            for (column, node) in unit.columns.iter_mut().zip(0u32..).filter(|(column, _)| **column != GAP) {
                *column = features.len() as u32;
                features.push((index, node));
            }
        }
        let frequencies = (features.iter())
            .map(|(unit, node)| units.get(usize::from(*unit)).map_or(1, |unit| unit.grams.documents(*node)));
        let weigher = Weigher::new(&config, documents, frequencies);
        Self { config, documents, subwords, units, features, weigher }
    }

    /// The training texts' rows from those that growing kept.
    fn rows_of_levels(&self, levels: Vec<Vec<LevelRows>>, lengths: &[Vec<u32>], texts: usize) -> SparseRows {
        let mut levels: Vec<Vec<_>> =
            levels.into_iter().map(|unit| unit.into_iter().map(Vec::into_iter).collect()).collect();
        // By part of the texts, then by unit and length.
        let parts: Vec<Vec<Vec<grow::PartRows>>> = (0..texts.div_ceil(DOCUMENTS))
            .map(|_| {
                levels.iter_mut().map(|unit| unit.iter_mut().filter_map(Iterator::next).collect()).collect()
            })
            .collect();
        let pieces = (parts.into_par_iter().enumerate())
            .map(|(part, units)| {
                let mut row = Row::default();
                let mut at: Vec<Vec<usize>> = units.iter().map(|levels| vec![0; levels.len()]).collect();
                let first = part * DOCUMENTS;
                for text in first..(first + DOCUMENTS).min(texts) {
                    for (index, (levels, at)) in units.iter().zip(&mut at).enumerate() {
                        let length = lengths[index].get(text).copied().unwrap_or(0);
                        for (level, at) in levels.iter().zip(at) {
                            let until = *at + level.sizes[text - first] as usize;
                            let nodes = level.nodes[*at..until].iter().zip(&level.counts[*at..until]);
                            for (node, count) in nodes {
                                let column = self.units[index].columns[*node as usize];
                                if column != GAP {
                                    self.weigher.push(&mut row, column, *count, length);
                                }
                            }
                            *at = until;
                        }
                    }
                    self.weigher.end(&mut row);
                }
                row
            })
            .collect();
        weigh::join(pieces, self.width())
    }

    /// The rows of texts, in parallel, without features that no training text held.
    ///
    /// # Errors
    /// As [`Tokenizer::encode_batch`].
    pub fn transform<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Result<SparseRows, Error> {
        const CHUNK: usize = DOCUMENTS / 4;
        let text_config = self.config.text();
        let cut = match &self.subwords {
            Some(tokenizer) => Some((tokenizer, tokenizer.encode_batch(texts)?)),
            None => None,
        };
        let pieces = (texts.par_chunks(CHUNK).enumerate())
            .map(|(chunk, texts)| {
                let mut row = Row::default();
                let mut scratch = Scratch::default();
                let cut = cut.as_ref().map(|(tokenizer, rows)| (*tokenizer, rows));
                let mut analyzer = symbols::WordAnalyzer::new(&text_config, self.config.shortest_token, cut);
                for (number, text) in (chunk * CHUNK..).zip(texts) {
                    for unit in &self.units {
                        let text = (number, text.as_ref());
                        let length = unit.symbols(text, &self.config, &mut analyzer, &mut scratch);
                        unit.each_level(&mut scratch, |columns, _, _| {
                            tally(columns, |column, count| {
                                self.weigher.push(&mut row, column, count, length);
                            });
                        });
                    }
                    self.weigher.end(&mut row);
                }
                row
            })
            .collect();
        Ok(weigh::join(pieces, self.width()))
    }

    /// The settings.
    pub fn config(&self) -> &VectorizerConfig {
        &self.config
    }

    /// The tokenizer of sub-words, where the n-grams are made of those.
    pub fn subwords(&self) -> Option<&Tokenizer> {
        self.subwords.as_ref()
    }

    /// The number of features, which is that of columns.
    pub fn width(&self) -> usize {
        self.features.len()
    }

    /// A column's n-gram: words joined by spaces, or characters.
    pub fn feature(&self, column: u32) -> Option<String> {
        let (unit, node) = *self.features.get(column as usize)?;
        Some(self.units.get(usize::from(unit))?.spell(node))
    }

    /// In how many training texts a column's n-gram occurs.
    pub fn document_frequency(&self, column: u32) -> Option<u32> {
        let (unit, node) = *self.features.get(column as usize)?;
        Some(self.units.get(usize::from(unit))?.grams.documents(node))
    }

    /// The weight of a single occurrence before the row's norm, or `None` beyond the last column.
    pub fn weight(&self, column: u32) -> Option<f32> {
        self.weigher.factor(column)
    }

    /// The column of an n-gram as [`Vectorizer::feature`] writes it, that of words first where characters
    /// spell the same. Words are looked up as they are: in lower case, if the settings say so.
    pub fn column(&self, feature: &str) -> Option<u32> {
        self.units.iter().find_map(|unit| unit.column(feature))
    }
}

/// Takes the mark from nodes that occur in too large a share of the texts, and from all but the most frequent
/// where there is a limit.
fn choose(units: &mut [Unit], counts: &[Vec<u64>], documents: usize, config: &VectorizerConfig) {
    let most = config.maximum_share * documents as f64;
    for unit in units.iter_mut() {
        for (column, node) in unit.columns.iter_mut().zip(0u32..) {
            if f64::from(unit.grams.documents(node)) > most {
                *column = GAP;
            }
        }
    }
    let Some(limit) = config.feature_limit else { return };
    let mut marked: Vec<(u64, usize, usize)> = Vec::new();
    for (index, (unit, counts)) in units.iter().zip(counts).enumerate() {
        let nodes = unit.columns.iter().zip(counts).enumerate().filter(|(_, (column, _))| **column != GAP);
        marked.extend(nodes.map(|(node, (_, count))| (*count, index, node)));
    }
    marked.par_sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    for (_, index, node) in marked.into_iter().skip(limit) {
        units[index].columns[node] = GAP;
    }
}

//! Classifiers of fastText (Joulin, Grave, Bojanowski and Mikolov 2017, 'Bag of tricks for efficient text
//! classification').

use std::io::{self, Write};
use std::path::Path;

use super::head::{Head, MAGIC, SUPERVISED, TORN, VERSION};
use super::{is_fasttext, matrix};
use crate::Error;
use crate::binary::Reader;
use crate::source::Source;

/// How scores become probabilities; its number in the file is the variant's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FasttextLoss {
    /// A path through a tree of the labels, by their counts.
    Tree = 1,
    /// Negative sampling, which answers each label by itself.
    Negatives = 2,
    /// One softmax.
    Softmax = 3,
    /// Each label by itself.
    Independent = 4,
}

/// A classifier: the mean of the rows (D) of a line's words and n-grams, times a row for each label.
#[derive(Clone, Debug, PartialEq)]
pub struct FasttextModel {
    /// How scores become probabilities.
    pub loss: FasttextLoss,
    /// D.
    pub width: usize,
    /// The most words of an n-gram.
    pub word_ngrams: usize,
    /// Least and most characters of a sub-word; none at 0.
    pub characters: (usize, usize),
    /// Buckets of n-grams.
    pub buckets: u32,
    /// Words with their counts, in the order of their rows.
    pub words: Vec<(String, u64)>,
    /// The buckets that have a row, in the order of their rows behind the words; `None` where all have one.
    pub kept: Option<Vec<u32>>,
    /// Labels as they stand in files, with their counts.
    pub labels: Vec<(String, u64)>,
    /// The rows of words, then those of buckets, if there are n-grams.
    pub input: Vec<f32>,
    /// A row for each label; of a tree, for each node of its inside, and one more.
    pub output: Vec<f32>,
}

impl FasttextModel {
    /// Whether lines have n-grams, of words or characters.
    pub fn has_ngrams(&self) -> bool {
        self.buckets > 0 && (self.word_ngrams > 1 || self.characters.1 > 0)
    }

    /// Reads a `.bin` or `.ftz` that `fasttext supervised` or `fasttext quantize` wrote. Quantized matrices
    /// become whole ones. A word that is no UTF-8 can stand in no text: its row is left out.
    ///
    /// # Errors
    /// [`Error::Kind`] for a file that is no classifier of fastText, or torn; [`Error::Word`] names the word
    /// where it ends; [`Error::File`] if it cannot be read.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let source = Source::open(path)?;
        let is_one = is_fasttext(&source.sample);
        let mut reader = Reader::new(source);
        if !is_one {
            return Err(reader.kind("no model of fastText: name the .bin or .ftz that it saved"));
        }
        let head = Head::read(&mut reader)?;
        if head.model != SUPERVISED {
            return Err(reader.kind("word vectors of fastText, which sort nothing: name a supervised model"));
        }
        let losses =
            [FasttextLoss::Tree, FasttextLoss::Negatives, FasttextLoss::Softmax, FasttextLoss::Independent];
        let loss = losses.into_iter().find(|loss| *loss as i32 == head.loss);
        let loss = loss.ok_or_else(|| reader.kind(TORN))?;
        let length = |value: i32| usize::try_from(value).unwrap_or(0);
        let mut model = Self {
            loss,
            width: head.width,
            word_ngrams: length(head.word_ngrams),
            characters: (length(head.characters.0), length(head.characters.1)),
            buckets: head.buckets,
            words: Vec::new(),
            kept: None,
            labels: Vec::new(),
            input: Vec::new(),
            output: Vec::new(),
        };
        let buckets = match &head.kept {
            _ if !model.has_ngrams() => 0,
            Some(kept) => kept.len(),
            None => head.buckets as usize,
        };
        model.kept = kept(&head).map_err(|()| reader.kind(TORN))?;
        let is_quantized = reader.bytes::<1>()? != [0];
        if head.kept.is_some() && !is_quantized {
            return Err(
                reader.kind("its dictionary is pruned but its vectors are not quantized: fetch it again")
            );
        }
        let rows = head.words.len() + buckets;
        model.input = matrix::read(&mut reader, is_quantized, rows, head.width)?;
        let is_quantized = reader.bytes::<1>()? != [0] && is_quantized;
        model.output = matrix::read(&mut reader, is_quantized, head.labels.len(), head.width)?;
        model.take_words(head.words);
        for (number, (label, count)) in (1..).zip(head.labels) {
            reader.word = model.words.len() + number;
            let label = String::from_utf8(label);
            let label = label.map_err(|_| reader.fault("a label that is no UTF-8: name it anew"))?;
            model.labels.push((label, count.max(0) as u64));
        }
        Ok(model)
    }

    /// Takes the words that are UTF-8, and moves their rows together.
    fn take_words(&mut self, words: Vec<(Vec<u8>, i64)>) {
        let (width, all) = (self.width, words.len());
        for (row, (word, count)) in words.into_iter().enumerate() {
            if let Ok(word) = String::from_utf8(word) {
                self.input.copy_within(row * width..(row + 1) * width, self.words.len() * width);
                self.words.push((word, count.max(0) as u64));
            }
        }
        self.input.drain(self.words.len() * width..all * width);
    }

    /// Writes a `.bin` that fastText loads. Its settings of training, which predict nothing, are 0.
    ///
    /// # Errors
    /// If the numbers do not make up the matrices, the buckets are not all kept, a size does not fit its
    /// place in the file, or the writer fails.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what.to_owned());
        let small = |size: usize| i32::try_from(size).map_err(|_| wrong("a size above 2^31 - 1"));
        let rows = self.words.len() + if self.has_ngrams() { self.buckets as usize } else { 0 };
        let is_whole = self.input.len() == rows * self.width
            && self.output.len() == self.labels.len() * self.width
            && (self.kept.is_none() || !self.has_ngrams());
        if !is_whole {
            return Err(wrong("matrices that are not whole"));
        }
        let (shortest, longest) = self.characters;
        let buckets = if self.has_ngrams() { small(self.buckets as usize)? } else { 0 };
        integers(out, &[MAGIC, VERSION, small(self.width)?, 0, 0, 0, 0, small(self.word_ngrams)?])?;
        let characters = [small(shortest)?, small(longest)?];
        integers(out, &[self.loss as i32, SUPERVISED, buckets, characters[0], characters[1], 0])?;
        out.write_all(&0f64.to_le_bytes())?;
        let (words, labels) = (small(self.words.len())?, small(self.labels.len())?);
        integers(out, &[words.checked_add(labels).ok_or_else(|| wrong("too many words"))?, words, labels])?;
        let tokens: u64 = self.words.iter().map(|(_, count)| count).sum();
        out.write_all(&tokens.to_le_bytes())?;
        out.write_all(&(-1i64).to_le_bytes())?;
        let labels = self.labels.iter().map(|entry| (entry, 1));
        for ((text, count), kind) in self.words.iter().map(|entry| (entry, 0)).chain(labels) {
            if text.contains('\0') {
                return Err(wrong("a word or label with a zero byte"));
            }
            out.write_all(text.as_bytes())?;
            out.write_all(&[0])?;
            out.write_all(&count.to_le_bytes())?;
            out.write_all(&[kind])?;
        }
        for (values, rows) in [(&self.input, rows), (&self.output, self.labels.len())] {
            // Not quantized.
            out.write_all(&[0])?;
            out.write_all(&(rows as i64).to_le_bytes())?;
            out.write_all(&(self.width as i64).to_le_bytes())?;
            values.iter().try_for_each(|value| out.write_all(&value.to_le_bytes()))?;
        }
        Ok(())
    }
}

fn integers(out: &mut impl Write, values: &[i32]) -> io::Result<()> {
    values.iter().try_for_each(|value| out.write_all(&value.to_le_bytes()))
}

/// The kept buckets in the order of their rows, which are all there.
fn kept(head: &Head) -> Result<Option<Vec<u32>>, ()> {
    let Some(pairs) = &head.kept else { return Ok(None) };
    let mut kept = vec![None; pairs.len()];
    for (bucket, row) in pairs {
        let bucket = u32::try_from(*bucket).ok().filter(|bucket| *bucket < head.buckets).ok_or(())?;
        let place = usize::try_from(*row).ok().and_then(|row| kept.get_mut(row)).ok_or(())?;
        if place.replace(bucket).is_some() {
            return Err(());
        }
    }
    Ok(kept.into_iter().collect())
}

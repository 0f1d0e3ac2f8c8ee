use std::path::{Path, PathBuf};

use assort_files::Digest;

use crate::{Error, LabelId, Labels, Result, Texts};

/// A labelled corpus in memory: a text, a label and a source row for each of its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    texts: Texts,
    labels: Vec<LabelId>,
    names: Labels,
    rows: Vec<u64>,
    source: PathBuf,
}

impl Dataset {
    /// A data set of its columns.
    ///
    /// `rows` are the rows of the source, from 1; `source` is the file or folder, or any name for messages.
    ///
    /// # Errors
    /// [`Error::Length`] if the columns differ in length, [`Error::OutOfRange`] if a label is not among
    /// `names`.
    pub fn new(
        texts: Texts,
        labels: Vec<LabelId>,
        names: Labels,
        rows: Vec<u64>,
        source: impl Into<PathBuf>,
    ) -> Result<Self> {
        for (what, found) in
            [("labels of a data set", labels.len()), ("row numbers of a data set", rows.len())]
        {
            if found != texts.len() {
                return Err(Error::Length { what: what.into(), expected: texts.len(), found });
            }
        }
        if let Some(label) = labels.iter().find(|label| label.index() >= names.len()) {
            return Err(Error::OutOfRange { index: label.0.into(), rows: names.len() as u64 });
        }
        Ok(Self { texts, labels, names, rows, source: source.into() })
    }

    /// A data set of pairs of text and label name, its rows numbered from 1.
    ///
    /// ```
    /// let pairs = [("ripe plum", "fruit"), ("raw leek", "vegetable")];
    /// let data = assort_datasets::Dataset::from_pairs(pairs, "kitchen");
    /// assert_eq!(data.len(), 2);
    /// assert_eq!(data.label_name(1), Some("vegetable"));
    /// ```
    pub fn from_pairs<'p>(
        pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
        source: impl Into<PathBuf>,
    ) -> Self {
        let mut texts = Texts::new();
        let mut interner = crate::labels::Interner::default();
        let mut ids = Vec::new();
        for (text, label) in pairs {
            texts.push(text);
            ids.push(interner.count(label));
        }
        let names = interner.finish(&mut ids);
        let rows = (1..=ids.len() as u64).collect();
        Self { texts, labels: ids.into_iter().map(LabelId).collect(), names, rows, source: source.into() }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The texts, one a row.
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// The labels, one a row.
    pub fn labels(&self) -> &[LabelId] {
        &self.labels
    }

    /// The names of the labels. Some may have no row here, after [`Dataset::select`] or
    /// [`Dataset::with_labels`].
    pub fn names(&self) -> &Labels {
        &self.names
    }

    /// For each row its number in the source, from 1.
    pub fn rows(&self) -> &[u64] {
        &self.rows
    }

    /// The file or folder that was read.
    pub fn source(&self) -> &Path {
        &self.source
    }

    /// The text at `index`, from 0.
    pub fn text(&self, index: usize) -> Option<&str> {
        self.texts.get(index)
    }

    /// The label at `index`, from 0.
    pub fn label(&self, index: usize) -> Option<LabelId> {
        self.labels.get(index).copied()
    }

    /// The name of the label at `index`, from 0.
    pub fn label_name(&self, index: usize) -> Option<&str> {
        self.names.name(self.label(index)?)
    }

    /// Rows of each label, in the order of the labels.
    pub fn counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.names.len()];
        for label in &self.labels {
            counts[label.index()] += 1;
        }
        counts
    }

    /// The rows at these indices, from 0, in this order; repeats are allowed. The label names stay.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if an index is not a row.
    pub fn select(&self, indices: &[u32]) -> Result<Self> {
        if let Some(&index) = indices.iter().find(|&&index| index as usize >= self.len()) {
            return Err(Error::OutOfRange { index: index.into(), rows: self.len() as u64 });
        }
        let selected = || indices.iter().map(|&index| self.texts.get(index as usize).unwrap_or_default());
        let mut texts = Texts::with_capacity(indices.len(), selected().map(str::len).sum());
        texts.extend(selected());
        let labels = indices.iter().map(|&index| self.labels[index as usize]).collect();
        let rows = indices.iter().map(|&index| self.rows[index as usize]).collect();
        Ok(Self { texts, labels, names: self.names.clone(), rows, source: self.source.clone() })
    }

    /// The same rows with other texts, one for each.
    pub(crate) fn with_texts(self, texts: Texts) -> Result<Self> {
        Self::new(texts, self.labels, self.names, self.rows, self.source)
    }

    /// These rows and behind them those of another data set, which must number its labels alike.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if one of its labels is none of these.
    pub fn joined(&self, other: &Self) -> Result<Self> {
        let mut texts = self.texts.clone();
        texts.extend(other.texts.iter());
        let labels = [self.labels.as_slice(), &other.labels].concat();
        let rows = [self.rows.as_slice(), &other.rows].concat();
        Self::new(texts, labels, self.names.clone(), rows, self.source.clone())
    }

    /// The same rows with the numbers of `names`, usually those of the training rows.
    ///
    /// # Errors
    /// [`Error::UnknownLabel`] names the first row whose label is not among `names`.
    pub fn with_labels(self, names: &Labels) -> Result<Self> {
        let places: Vec<Option<LabelId>> = self.names.iter().map(|(_, name)| names.id(name)).collect();
        let mut labels = Vec::with_capacity(self.labels.len());
        for (label, &row) in self.labels.iter().zip(&self.rows) {
            match places.get(label.index()).copied().flatten() {
                Some(place) => labels.push(place),
                None => {
                    let name = self.names.name(*label).unwrap_or_default();
                    return Err(Error::UnknownLabel {
                        path: self.source.clone(),
                        row,
                        label: name.to_owned(),
                        nearest: names.nearest(name).map(str::to_owned),
                        known: names.names().to_vec(),
                    });
                }
            }
        }
        Ok(Self { labels, names: names.clone(), ..self })
    }

    /// Checks that a classifier can be trained on these rows: there are rows, and of at least two labels.
    ///
    /// # Errors
    /// [`Error::Empty`] and [`Error::OneLabel`].
    pub fn check_trainable(&self) -> Result<()> {
        let counts = self.counts();
        let mut present = counts.iter().enumerate().filter(|(_, count)| **count > 0);
        match (present.next(), present.next()) {
            (None, _) => Err(Error::Empty(self.source.clone())),
            (Some((index, &rows)), None) => Err(Error::OneLabel {
                path: self.source.clone(),
                label: self.names.name(LabelId(index as u32)).unwrap_or_default().to_owned(),
                rows,
            }),
            _ => Ok(()),
        }
    }

    /// SHA-256 in hexadecimal digits of the texts and label names in their order, whatever file they came
    /// from.
    pub fn digest(&self) -> String {
        let mut hash = Digest::new();
        hash.update(b"assort dataset 1\n");
        let mut add = |part: &str| {
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        };
        for (text, label) in self.texts.iter().zip(&self.labels) {
            add(text);
            add(self.names.name(*label).unwrap_or_default());
        }
        hash.finish()
    }
}

use std::path::{Path, PathBuf};

use assort_files::Digest;
use assort_rows::{Task, TokenRows};

use crate::{Error, LabelId, Labels, Result, RowLabels, Texts};

/// A labelled corpus in memory: a text, its labels and a source row for each of its rows.
///
/// Either each row has one label or each has any number of them: its [`Task`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    texts: Texts,
    labels: RowLabels,
    names: Labels,
    rows: Vec<u64>,
    source: PathBuf,
    /// For each row the group that no division tears apart, if there are groups.
    groups: Option<Vec<u32>>,
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
        labels: impl Into<RowLabels>,
        names: Labels,
        rows: Vec<u64>,
        source: impl Into<PathBuf>,
    ) -> Result<Self> {
        let labels = labels.into();
        for (what, found) in
            [("labels of a data set", labels.len()), ("row numbers of a data set", rows.len())]
        {
            if found != texts.len() {
                return Err(Error::Length { what: what.into(), expected: texts.len(), found });
            }
        }
        if let Some(label) = labels.ids().find(|label| label.index() >= names.len()) {
            return Err(Error::OutOfRange { index: label.0.into(), rows: names.len() as u64 });
        }
        Ok(Self { texts, labels, names, rows, source: source.into(), groups: None })
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
        let labels = RowLabels::One(ids.into_iter().map(LabelId).collect());
        Self { texts, labels, names, rows, source: source.into(), groups: None }
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

    /// How many labels a row has.
    pub fn task(&self) -> Task {
        self.labels.task()
    }

    /// The labels of all rows.
    pub fn row_labels(&self) -> &RowLabels {
        &self.labels
    }

    /// The labels, one a row.
    ///
    /// # Errors
    /// [`Error::LabelSets`] if rows have any number of them.
    pub fn labels(&self) -> Result<&[LabelId]> {
        match &self.labels {
            RowLabels::One(labels) => Ok(labels),
            RowLabels::Any(_) => Err(Error::LabelSets(self.source.clone())),
        }
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

    /// The labels of the row at `index`, from 0, in the order of their numbers.
    pub fn labels_of(&self, index: usize) -> impl Iterator<Item = LabelId> + '_ {
        self.labels.of(index)
    }

    /// The names of the labels of the row at `index`, from 0, parted by commas.
    ///
    /// ```
    /// let data = assort_datasets::Dataset::from_pairs([("ripe plum", "fruit")], "kitchen");
    /// assert_eq!(data.label_text(0), "fruit");
    /// ```
    pub fn label_text(&self, index: usize) -> String {
        let names: Vec<&str> = self.labels_of(index).filter_map(|label| self.names.name(label)).collect();
        names.join(", ")
    }

    /// The name of the label at `index`, from 0, where a row has one.
    pub fn label_name(&self, index: usize) -> Option<&str> {
        match self.task() {
            Task::OneOf => self.names.name(self.labels_of(index).next()?),
            Task::AnyOf => None,
        }
    }

    /// Rows of each label, in the order of the labels.
    pub fn counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.names.len()];
        for label in self.labels.ids() {
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
        let labels = self.labels.select(indices);
        let rows = indices.iter().map(|&index| self.rows[index as usize]).collect();
        let group = |groups: &Vec<u32>| {
            indices.iter().filter_map(|&index| groups.get(index as usize).copied()).collect()
        };
        let groups = self.groups.as_ref().map(group);
        Ok(Self { texts, labels, names: self.names.clone(), rows, source: self.source.clone(), groups })
    }

    /// The same rows with a group each: [`Dataset::split`] and its like leave groups whole.
    ///
    /// # Errors
    /// [`Error::Length`] if there is not one for each row.
    pub fn with_groups(self, groups: Vec<u32>) -> Result<Self> {
        if groups.len() != self.len() {
            let (what, expected) = ("groups of a data set".into(), self.len());
            return Err(Error::Length { what, expected, found: groups.len() });
        }
        Ok(Self { groups: Some(groups), ..self })
    }

    /// The group of each row, if there are groups.
    pub fn groups(&self) -> Option<&[u32]> {
        self.groups.as_deref()
    }

    /// The same rows with other texts, one for each.
    pub(crate) fn with_texts(self, texts: Texts) -> Result<Self> {
        let groups = self.groups;
        Ok(Self { groups, ..Self::new(texts, self.labels, self.names, self.rows, self.source)? })
    }

    /// These rows and behind them those of another data set, which must number its labels alike.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if one of its labels is none of these; [`Error::LabelSets`] if rows of one of
    /// the two have one label and rows of the other any number.
    pub fn joined(&self, other: &Self) -> Result<Self> {
        let mut texts = self.texts.clone();
        texts.extend(other.texts.iter());
        let labels = match (&self.labels, &other.labels) {
            (RowLabels::Any(sets), RowLabels::Any(others)) => {
                RowLabels::Any(TokenRows::from_rows(sets.iter().chain(others.iter())))
            }
            _ => RowLabels::One([self.labels()?, other.labels()?].concat()),
        };
        let rows = [self.rows.as_slice(), &other.rows].concat();
        Self::new(texts, labels, self.names.clone(), rows, self.source.clone())
    }

    /// The same rows with the numbers of `names`, usually those of the training rows.
    ///
    /// # Errors
    /// [`Error::UnknownLabel`] names the first row whose label is not among `names`.
    pub fn with_labels(self, names: &Labels) -> Result<Self> {
        let places: Vec<Option<LabelId>> = self.names.iter().map(|(_, name)| names.id(name)).collect();
        let place = |label: LabelId| places.get(label.index()).copied().flatten();
        match self.labels.renumbered(place) {
            Ok(labels) => Ok(Self { labels, names: names.clone(), ..self }),
            Err((index, label)) => {
                let name = self.names.name(label).unwrap_or_default();
                Err(Error::UnknownLabel {
                    path: self.source.clone(),
                    row: self.rows.get(index).copied().unwrap_or_default(),
                    label: name.to_owned(),
                    nearest: names.nearest(name).map(str::to_owned),
                    known: names.names().to_vec(),
                })
            }
        }
    }

    /// The same rows with these labels alone, of rows that have any number of them.
    ///
    /// # Errors
    /// [`Error::UnknownLabel`] if each row has one, and one of them is none of these.
    pub fn with_label_names(&self, names: &Labels) -> Result<Self> {
        let RowLabels::Any(sets) = &self.labels else { return self.clone().with_labels(names) };
        let known = |label: &u32| Some(names.id(self.names.name(LabelId(*label))?)?.0);
        let mut kept = TokenRows::default();
        for set in sets.iter() {
            let mut own: Vec<u32> = set.iter().filter_map(known).collect();
            own.sort_unstable();
            kept.push(&own);
        }
        Ok(Self { labels: RowLabels::Any(kept), names: names.clone(), ..self.clone() })
    }

    /// The same rows as rows of this task: of rows with one label each has a set of that one.
    ///
    /// # Errors
    /// [`Error::LabelSets`] if rows with any number of labels are to have one.
    pub fn with_task(self, task: Task) -> Result<Self> {
        match (self.task(), task) {
            (Task::OneOf, Task::AnyOf) => {
                let sets = self.labels.ids().map(|label| [label.0]);
                Ok(Self { labels: RowLabels::Any(TokenRows::from_rows(sets)), ..self })
            }
            (Task::AnyOf, Task::OneOf) => Err(Error::LabelSets(self.source)),
            _ => Ok(self),
        }
    }

    /// Checks that a classifier can be trained on these rows: there are rows, and of at least two labels, or
    /// where a row has any number of them, a label that some have and others do not.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::OneLabel`] and [`Error::SameSets`].
    pub fn check_trainable(&self) -> Result<()> {
        let counts = self.counts();
        if self.task() == Task::AnyOf {
            let rows = self.len() as u64;
            return match (rows, counts.iter().any(|count| (1..rows).contains(count))) {
                (0, _) => Err(Error::Empty(self.source.clone())),
                (_, false) => Err(Error::SameSets { path: self.source.clone(), rows }),
                _ => Ok(()),
            };
        }
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
        let is_any = self.task() == Task::AnyOf;
        hash.update(if is_any { b"assort label sets 1\n" } else { b"assort dataset 1\n" });
        let add = |part: &str, hash: &mut Digest| {
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        };
        for (index, text) in self.texts.iter().enumerate() {
            add(text, &mut hash);
            if is_any {
                hash.update(&(self.labels_of(index).count() as u64).to_le_bytes());
            }
            for label in self.labels_of(index) {
                add(self.names.name(label).unwrap_or_default(), &mut hash);
            }
        }
        hash.finish()
    }
}

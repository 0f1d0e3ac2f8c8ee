//! Gathers rows into the arena and counts what is left out.

use std::collections::{BTreeMap, HashSet};

use unicode_normalization_alignments::UnicodeNormalization;

use crate::columns::Chosen;
use crate::invisible::{is_invisible, trimmed};
use crate::labels::Interner;
use crate::names::quoted;
use crate::request::{Need, Request};
use crate::{Choice, Dataset, Error, Format, LabelId, Labels, Note, ReadReport, Result, Texts};

/// The number of a row without a label.
const NO_LABEL: u32 = u32::MAX;

/// Takes rows one by one and becomes a data set.
pub(crate) struct Collector<'r> {
    request: &'r Request<'r>,
    texts: Texts,
    ids: Vec<u32>,
    rows: Vec<u64>,
    interner: Interner,
    /// The labels whose rows are kept; all if there is none.
    keep: HashSet<&'r str>,
    /// For each provisional label: whether its rows are kept.
    kept: Vec<bool>,
    numbers_only: bool,
    /// The text of a row, joined of several columns.
    joined: String,
    pub(crate) report: ReadReport,
}

impl<'r> Collector<'r> {
    pub(crate) fn new(request: &'r Request<'r>, format: Format) -> Self {
        Self {
            request,
            texts: Texts::new(),
            ids: Vec::new(),
            rows: Vec::new(),
            interner: Interner::default(),
            keep: request.options.keep.iter().map(String::as_str).collect(),
            kept: Vec::new(),
            numbers_only: true,
            joined: String::new(),
            report: ReadReport {
                format,
                columns: Vec::new(),
                text: None,
                label: None,
                rows: 0,
                kept: 0,
                without_label: 0,
                without_text: 0,
                not_kept: 0,
                rare: 0,
                incomplete_rows: Vec::new(),
                labels: Vec::new(),
                notes: Vec::new(),
            },
        }
    }

    /// Makes room for texts of together so many bytes.
    pub(crate) fn reserve(&mut self, rows: usize, bytes: usize) {
        self.texts = Texts::with_capacity(rows, bytes);
        self.ids.reserve(rows);
        self.rows.reserve(rows);
    }

    pub(crate) fn columns(&mut self, chosen: Chosen) {
        self.report.columns = chosen.names;
        self.report.text = Some(chosen.text_column);
        self.report.label = chosen.label_column;
    }

    pub(crate) fn note(&mut self, note: Note) {
        self.report.notes.push(note);
    }

    /// Whether any row has a label.
    pub(crate) fn has_labels(&self) -> bool {
        self.ids.iter().any(|id| *id != NO_LABEL)
    }

    /// Whether a row before had this label.
    pub(crate) fn has_label(&self, name: &str) -> bool {
        self.interner.knows(trimmed(name))
    }

    /// Adds the next row of the file; its texts are joined by blanks.
    pub(crate) fn add<'t>(&mut self, texts: impl IntoIterator<Item = Option<&'t str>>, label: Option<&str>) {
        let mut texts = texts.into_iter().flatten().filter(|text| !text.trim().is_empty());
        match (texts.next(), texts.next()) {
            (text, None) => self.add_row(text, label),
            (first, Some(second)) => {
                let mut joined = std::mem::take(&mut self.joined);
                joined.clear();
                joined.push_str(first.unwrap_or_default());
                for text in std::iter::once(second).chain(texts) {
                    joined.push(' ');
                    joined.push_str(text);
                }
                self.add_row(Some(&joined), label);
                self.joined = joined;
            }
        }
    }

    fn add_row(&mut self, text: Option<&str>, label: Option<&str>) {
        self.report.rows += 1;
        let label = label.map(trimmed).filter(|label| !label.is_empty());
        let id = label.map(|label| self.label(label));
        let (text, id) = match (self.request.need, text, id) {
            (Need::Labelled, _, None) => {
                self.report.without_label += 1;
                return self.incomplete();
            }
            (_, None, _) => {
                self.report.without_text += 1;
                return self.incomplete();
            }
            (Need::Labelled, Some(_), Some(id)) if self.kept.get(id as usize) != Some(&true) => {
                self.report.not_kept += 1;
                return;
            }
            (_, Some(text), id) => (text, id.unwrap_or(NO_LABEL)),
        };
        self.numbers_only = self.numbers_only && text.trim().parse::<f64>().is_ok();
        self.texts.push(text);
        self.ids.push(id);
        self.rows.push(self.report.rows);
        self.report.kept += 1;
    }

    fn label(&mut self, name: &str) -> u32 {
        let id = self.interner.count(name);
        if id as usize == self.kept.len() {
            self.kept.push(self.keep.is_empty() || self.keep.contains(name));
        }
        id
    }

    fn incomplete(&mut self) {
        const SHOWN: usize = 5;
        if self.report.incomplete_rows.len() < SHOWN {
            self.report.incomplete_rows.push(self.report.rows);
        }
    }

    /// The checks that hold for every format.
    fn check(&mut self) -> Result<()> {
        let path = self.request.path;
        self.report.labels = self.interner.counted();
        if self.request.need == Need::Labelled {
            let known = || self.report.labels.iter().map(|(name, _)| name.as_str());
            for label in &self.request.options.keep {
                if !self.report.labels.is_empty() && !self.interner.knows(label) {
                    return Err(Error::KeepUnknown {
                        path: path.to_path_buf(),
                        label: label.clone(),
                        nearest: crate::nearest(label, known()).map(str::to_owned),
                        known: known().map(str::to_owned).collect(),
                    });
                }
            }
        }
        if self.texts.is_empty() {
            return Err(Error::NoRows {
                path: path.to_path_buf(),
                needed: match self.request.need {
                    Need::Labelled => "a text and a label",
                    Need::Texts => "a text",
                },
                rows: self.report.rows,
                without_text: self.report.without_text,
                without_label: self.report.without_label,
            });
        }
        if let (true, Some(column)) = (self.numbers_only, &self.report.text)
            && column.choice != Choice::Named
        {
            return Err(Error::NumericText { path: path.to_path_buf(), column: column.name.clone() });
        }
        if let (Some(column), [_, _, _, ..]) = (&self.report.label, self.report.labels.as_slice())
            && column.choice == Choice::Inferred
            && self.report.labels.len() as u64 + self.report.without_label == self.report.rows
        {
            return Err(Error::UnclearColumn {
                path: path.into(),
                role: crate::ColumnRole::Label,
                reason: format!("every row has another value in {}", quoted(&column.name)),
                candidates: Vec::new(),
                columns: self.report.columns.clone(),
            });
        }
        Ok(())
    }

    pub(crate) fn dataset(mut self) -> Result<(Dataset, ReadReport)> {
        self.check()?;
        self.drop_rare()?;
        self.texts.shrink();
        let names = self.interner.finish(&mut self.ids);
        self.report.notes.extend(similar(&names));
        let labels = self.ids.into_iter().map(LabelId).collect();
        Ok((Dataset::new(self.texts, labels, names, self.rows, self.request.path)?, self.report))
    }

    /// Leaves out the rows of labels that have fewer than the wanted number of them.
    fn drop_rare(&mut self) -> Result<()> {
        let at_least = self.request.options.at_least;
        let mut counts = vec![0_u64; self.kept.len()];
        self.ids.iter().for_each(|&id| counts[id as usize] += 1);
        let stays: Vec<bool> = self.ids.iter().map(|&id| counts[id as usize] >= at_least).collect();
        if stays.iter().all(|stays| *stays) {
            return Ok(());
        }
        let rows = self.ids.len();
        if !stays.contains(&true) {
            return Err(Error::AllRare { path: self.request.path.into(), at_least, rows: rows as u64 });
        }
        fn keep<T: Copy>(values: &[T], stays: &[bool]) -> Vec<T> {
            values.iter().zip(stays).filter(|(_, stays)| **stays).map(|(value, _)| *value).collect()
        }
        let kept = self.texts.iter().zip(&stays).filter(|(_, stays)| **stays).map(|(text, _)| text);
        self.texts = kept.collect();
        self.ids = keep(&self.ids, &stays);
        self.rows = keep(&self.rows, &stays);
        self.report.rare = (rows - self.ids.len()) as u64;
        self.report.kept -= self.report.rare;
        Ok(())
    }

    pub(crate) fn unlabelled(mut self) -> Result<(UnlabelledTexts, ReadReport)> {
        self.check()?;
        self.texts.shrink();
        let labels = (self.report.label.is_some() || !self.report.labels.is_empty()).then(|| {
            let names = self.interner.finish(&mut self.ids);
            let labels = self.ids.iter().map(|&id| (id != NO_LABEL).then_some(LabelId(id)));
            KnownLabels { labels: labels.collect(), names }
        });
        let source = self.request.path.into();
        Ok((UnlabelledTexts { texts: self.texts, rows: self.rows, labels, source }, self.report))
    }
}

/// Groups of labels that are one if letter case, white space and Unicode form do not count: the first few,
/// and how many more there are.
fn similar(labels: &Labels) -> Vec<Note> {
    const SHOWN: usize = 5;
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, name) in labels.iter() {
        let seen = name.chars().filter(|character| character.is_whitespace() || !is_invisible(*character));
        let seen: String = seen.collect();
        let folded: String = seen.nfkc().map(|(character, _)| character).collect();
        let words: Vec<&str> = folded.split_whitespace().collect();
        groups.entry(words.join(" ").to_lowercase()).or_default().push(name.to_owned());
    }
    let mut several: Vec<_> = groups.into_values().filter(|names| names.len() > 1).collect();
    let others = several.len().saturating_sub(SHOWN) as u64;
    several.truncate(SHOWN);
    let last = several.len().saturating_sub(1);
    let note = |(index, names)| Note::SimilarLabels { names, others: if index == last { others } else { 0 } };
    several.into_iter().enumerate().map(note).collect()
}

/// Texts to predict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnlabelledTexts {
    /// The texts, none of them empty.
    pub texts: Texts,
    /// For each text its row in the file, from 1. Blank lines count only in files of plain lines.
    pub rows: Vec<u64>,
    /// The labels, if the file has a label column without doubt.
    pub labels: Option<KnownLabels>,
    /// The file that was read.
    pub source: std::path::PathBuf,
}

/// Labels that came with texts to predict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownLabels {
    /// For each text its label, where it has one.
    pub labels: Vec<Option<LabelId>>,
    /// The names of the labels.
    pub names: Labels,
}

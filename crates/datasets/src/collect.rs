//! Gathers rows into the arena and counts what is left out.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use unicode_normalization_alignments::UnicodeNormalization;

use assort_rows::{Task, TokenRows};

use crate::columns::Chosen;
use crate::invisible::{is_invisible, trimmed};
use crate::labels::Interner;
use crate::names::quoted;
use crate::request::{Need, Request};
use crate::{Choice, Dataset, Error, Format, LabelId, Labels, Note, ReadReport, Result, RowLabels, Texts};

/// The number of a row without a label.
const NO_LABEL: u32 = u32::MAX;

/// Takes rows one by one and becomes a data set.
pub(crate) struct Collector<'r> {
    request: &'r Request<'r>,
    task: Task,
    texts: Texts,
    /// The provisional labels of all rows, row after row.
    ids: Vec<u32>,
    /// Where the labels of each row end, where it may have any number of them.
    ends: Vec<usize>,
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
            task: request.options.task(),
            texts: Texts::new(),
            ids: Vec::new(),
            ends: Vec::new(),
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
                several: 0,
                without_any: 0,
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

    /// Whether a row before had this label, or one of the labels of this cell.
    pub(crate) fn has_label(&self, cell: &str) -> bool {
        self.labels_in(cell).any(|name| self.interner.knows(name))
    }

    /// The labels of a cell, trimmed.
    fn labels_in<'l>(&self, cell: &'l str) -> impl Iterator<Item = &'l str> + use<'l, 'r> {
        let separator = self.request.options.label_separator.as_deref();
        let (whole, parts) = match separator {
            Some(separator) => (None, Some(cell.split(separator))),
            None => (Some(cell), None),
        };
        whole.into_iter().chain(parts.into_iter().flatten()).map(trimmed).filter(|name| !name.is_empty())
    }

    /// Adds the next row of the file; its texts are joined by blanks.
    pub(crate) fn add<'t>(&mut self, texts: impl IntoIterator<Item = Option<&'t str>>, label: Option<&str>) {
        match self.task {
            Task::OneOf => self.with_text(texts, |this, text| this.add_row(text, label)),
            Task::AnyOf => {
                let labels = label.map(|cell| self.labels_in(cell).collect::<Vec<_>>());
                self.with_text(texts, |this, text| this.add_set(text, labels.as_deref()));
            }
        }
    }

    /// Adds the next row of the file, with any number of labels.
    ///
    /// # Errors
    /// [`Error::SeveralLabels`] where each row has one; `line` is its line, if it has one.
    pub(crate) fn add_several<'t, L: AsRef<str>>(
        &mut self,
        texts: impl IntoIterator<Item = Option<&'t str>>,
        labels: &[L],
        line: Option<u64>,
    ) -> Result<()> {
        if self.task == Task::OneOf {
            let labels = labels.iter().map(|label| label.as_ref().to_owned()).collect();
            let row = self.report.rows + 1;
            return Err(Error::SeveralLabels { path: self.request.path.into(), row, line, labels });
        }
        let labels: Vec<&str> =
            labels.iter().map(|label| trimmed(label.as_ref())).filter(|label| !label.is_empty()).collect();
        self.with_text(texts, |this, text| this.add_set(text, Some(&labels)));
        Ok(())
    }

    /// Adds the next row of the file, which has the labels whose columns say yes.
    ///
    /// # Errors
    /// [`Error::NoFlag`] where a column says neither yes nor no.
    pub(crate) fn add_flags<'t>(
        &mut self,
        texts: impl IntoIterator<Item = Option<&'t str>>,
        flags: &[(&str, Option<&str>)],
    ) -> Result<()> {
        let mut labels = Vec::new();
        for &(name, value) in flags {
            match value.map(|value| trimmed(value).to_ascii_lowercase()).as_deref() {
                Some("1" | "1.0" | "true" | "yes") => labels.push(name),
                None | Some("" | "0" | "0.0" | "false" | "no") => {}
                Some(_) => {
                    return Err(Error::NoFlag {
                        path: self.request.path.into(),
                        row: self.report.rows + 1,
                        column: name.into(),
                        value: value.unwrap_or_default().into(),
                    });
                }
            }
        }
        self.with_text(texts, |this, text| this.add_set(text, Some(&labels)));
        Ok(())
    }

    /// Joins the texts of a row by blanks.
    fn with_text<'t>(
        &mut self,
        texts: impl IntoIterator<Item = Option<&'t str>>,
        add: impl FnOnce(&mut Self, Option<&str>),
    ) {
        let mut texts = texts.into_iter().flatten().filter(|text| !text.trim().is_empty());
        match (texts.next(), texts.next()) {
            (text, None) => add(self, text),
            (first, Some(second)) => {
                let mut joined = std::mem::take(&mut self.joined);
                joined.clear();
                joined.push_str(first.unwrap_or_default());
                for text in std::iter::once(second).chain(texts) {
                    joined.push(' ');
                    joined.push_str(text);
                }
                add(self, Some(&joined));
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
        self.ids.push(id);
        self.keep_row(text);
    }

    /// Adds a row with these labels, which may be none; `None` where it does not say.
    fn add_set(&mut self, text: Option<&str>, labels: Option<&[&str]>) {
        self.report.rows += 1;
        let start = self.ids.len();
        let mut seen: Vec<&str> = Vec::new();
        for &name in labels.unwrap_or_default() {
            if !seen.contains(&name) {
                seen.push(name);
                let id = self.label(name);
                self.ids.push(id);
            }
        }
        let text = match (self.request.need, text, labels) {
            (Need::Labelled, _, None) => {
                self.report.without_label += 1;
                return self.incomplete();
            }
            (_, None, _) => {
                self.report.without_text += 1;
                self.ids.truncate(start);
                return self.incomplete();
            }
            (_, Some(text), _) => text,
        };
        if self.request.need == Need::Labelled {
            let own = self.ids.split_off(start);
            self.ids.extend(own.iter().filter(|id| self.kept.get(**id as usize) == Some(&true)));
            if self.ids.len() == start && !own.is_empty() {
                self.report.not_kept += 1;
                return;
            }
        }
        self.report.several += u64::from(self.ids.len() - start > 1);
        self.report.without_any += u64::from(self.ids.len() == start);
        self.ends.push(self.ids.len());
        self.keep_row(text);
    }

    fn keep_row(&mut self, text: &str) {
        self.numbers_only = self.numbers_only && text.trim().parse::<f64>().is_ok();
        self.texts.push(text);
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
            && self.task == Task::OneOf
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
        if let (0, Some(separator)) = (self.report.several, &self.request.options.label_separator) {
            self.report.notes.push(Note::NoSeparator { separator: separator.clone() });
        }
        let names = self.interner.finish(&mut self.ids);
        self.report.notes.extend(similar(&names));
        let labels = match self.task {
            Task::OneOf => RowLabels::One(self.ids.into_iter().map(LabelId).collect()),
            Task::AnyOf => {
                let mut sets = TokenRows::default();
                for set in row_parts(&self.ends) {
                    let mut set = self.ids.get(set).unwrap_or_default().to_vec();
                    set.sort_unstable();
                    sets.push(&set);
                }
                RowLabels::Any(sets)
            }
        };
        Ok((Dataset::new(self.texts, labels, names, self.rows, self.request.path)?, self.report))
    }

    /// Leaves out labels that have fewer than the wanted number of rows, and the rows that then have none.
    fn drop_rare(&mut self) -> Result<()> {
        let at_least = self.request.options.at_least;
        let mut counts = vec![0_u64; self.kept.len()];
        self.ids.iter().for_each(|&id| counts[id as usize] += 1);
        let is_frequent = |id: &u32| counts[*id as usize] >= at_least;
        let parts: Vec<Range<usize>> = match self.task {
            Task::OneOf => (0..self.ids.len()).map(|row| row..row + 1).collect(),
            Task::AnyOf => row_parts(&self.ends).collect(),
        };
        let own = |part: &Range<usize>| self.ids.get(part.clone()).unwrap_or_default();
        let stays: Vec<bool> =
            parts.iter().map(|part| part.is_empty() || own(part).iter().any(is_frequent)).collect();
        if self.ids.iter().all(is_frequent) {
            return Ok(());
        }
        let rows = stays.len();
        if !stays.contains(&true) || !self.ids.iter().any(is_frequent) {
            return Err(Error::AllRare { path: self.request.path.into(), at_least, rows: rows as u64 });
        }
        let (mut ids, mut ends) = (Vec::new(), Vec::new());
        let (mut several, mut without_any) = (0, 0);
        for (part, _) in parts.iter().zip(&stays).filter(|(_, stays)| **stays) {
            let before = ids.len();
            ids.extend(own(part).iter().filter(|id| is_frequent(id)));
            several += u64::from(ids.len() - before > 1);
            without_any += u64::from(ids.len() == before);
            ends.push(ids.len());
        }
        let kept = self.texts.iter().zip(&stays).filter(|(_, stays)| **stays).map(|(text, _)| text);
        self.texts = kept.collect();
        let mut stays = stays.iter();
        self.rows.retain(|_| stays.next() == Some(&true));
        self.ids = ids;
        if self.task == Task::AnyOf {
            (self.ends, self.report.several, self.report.without_any) = (ends, several, without_any);
        }
        self.report.rare = (rows - self.rows.len()) as u64;
        self.report.kept -= self.report.rare;
        Ok(())
    }

    pub(crate) fn unlabelled(mut self) -> Result<(UnlabelledTexts, ReadReport)> {
        self.check()?;
        self.texts.shrink();
        let has_labels = self.report.label.is_some() || !self.report.labels.is_empty();
        let labels = (has_labels && self.task == Task::OneOf).then(|| {
            let names = self.interner.finish(&mut self.ids);
            let labels = self.ids.iter().map(|&id| (id != NO_LABEL).then_some(LabelId(id)));
            KnownLabels { labels: labels.collect(), names }
        });
        let source = self.request.path.into();
        Ok((UnlabelledTexts { texts: self.texts, rows: self.rows, labels, source }, self.report))
    }
}

/// The labels of each row, by where they end.
fn row_parts(ends: &[usize]) -> impl Iterator<Item = Range<usize>> + '_ {
    std::iter::once(0).chain(ends.iter().copied()).zip(ends).map(|(start, end)| start..*end)
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
    /// The labels, if the file has a label column without doubt, and one label a row.
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

//! Gathers rows into the arena and counts what is left out.

mod flush;
mod similar;

use std::collections::HashSet;
use std::ops::Range;

use assort_rows::{Task, TokenRows};

use crate::carried::Carried;
use crate::columns::Chosen;
use crate::invisible::trimmed;
use crate::labels::Interner;
use crate::names::quoted;
use crate::request::{Need, Request};
use crate::{
    Block, Choice, Column, Dataset, Error, Format, KnownLabels, LabelId, Note, ReadReport, Result, RowLabels,
    Texts, UnlabelledTexts,
};
use similar::similar;

/// The number of a row without a label.
const NO_LABEL: u32 = u32::MAX;

/// Different labels of rows that go on in blocks; what further ones are called is not remembered.
const REMEMBERED: usize = 1 << 16;

/// Where blocks of rows go; false where nobody takes more.
pub(crate) type Sink<'r> = dyn FnMut(Block) -> bool + 'r;

/// Takes rows one by one and becomes a data set, or hands them on in blocks.
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
    /// The cells of other columns, for each row that is kept.
    pub(crate) carried: Carried,
    /// Takes blocks of rows, where not all of them are held.
    sink: Option<Box<Sink<'r>>>,
    /// Whether a block was handed on.
    has_flushed: bool,
    /// Whether nobody takes more rows.
    pub(crate) is_stopped: bool,
    /// Bytes of the file that the rows so far are made of.
    pub(crate) bytes: u64,
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
            carried: Carried::default(),
            sink: None,
            has_flushed: false,
            is_stopped: false,
            bytes: 0,
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

    pub(crate) fn columns(&mut self, chosen: &Chosen) {
        self.report.columns = chosen.names.clone();
        self.report.text = Some(chosen.text_column.clone());
        self.report.label = chosen.label_column.clone();
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

    /// Adds the next row of the file; its texts are joined by blanks. Whether it is kept.
    pub(crate) fn add<'t>(
        &mut self,
        texts: impl IntoIterator<Item = Option<&'t str>>,
        label: Option<&str>,
    ) -> bool {
        match self.task {
            Task::OneOf => self.with_text(texts, |this, text| this.add_row(text, label)),
            Task::AnyOf => {
                let labels = label.map(|cell| self.labels_in(cell).collect::<Vec<_>>());
                self.with_text(texts, |this, text| this.add_set(text, labels.as_deref()))
            }
        }
    }

    /// Adds the next row of the file, with any number of labels. Whether it is kept.
    ///
    /// # Errors
    /// [`Error::SeveralLabels`] where each row has one; `line` is its line, if it has one.
    pub(crate) fn add_several<'t, L: AsRef<str>>(
        &mut self,
        texts: impl IntoIterator<Item = Option<&'t str>>,
        labels: &[L],
        line: Option<u64>,
    ) -> Result<bool> {
        if self.task == Task::OneOf {
            let labels = labels.iter().map(|label| label.as_ref().to_owned()).collect();
            let row = self.report.rows + 1;
            return Err(Error::SeveralLabels { path: self.request.path.into(), row, line, labels });
        }
        let labels: Vec<&str> =
            labels.iter().map(|label| trimmed(label.as_ref())).filter(|label| !label.is_empty()).collect();
        Ok(self.with_text(texts, |this, text| this.add_set(text, Some(&labels))))
    }

    /// Adds the next row of the file, which has the labels whose columns say yes. Whether it is kept.
    ///
    /// # Errors
    /// [`Error::NoFlag`] where a column says neither yes nor no.
    pub(crate) fn add_flags<'t>(
        &mut self,
        texts: impl IntoIterator<Item = Option<&'t str>>,
        flags: &[(&str, Option<&str>)],
    ) -> Result<bool> {
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
        Ok(self.with_text(texts, |this, text| this.add_set(text, Some(&labels))))
    }

    /// Joins the texts of a row by blanks.
    fn with_text<'t>(
        &mut self,
        texts: impl IntoIterator<Item = Option<&'t str>>,
        add: impl FnOnce(&mut Self, Option<&str>) -> bool,
    ) -> bool {
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
                let is_kept = add(self, Some(&joined));
                self.joined = joined;
                is_kept
            }
        }
    }

    fn add_row(&mut self, text: Option<&str>, label: Option<&str>) -> bool {
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
                return false;
            }
            (_, Some(text), id) => (text, id.unwrap_or(NO_LABEL)),
        };
        self.ids.push(id);
        self.keep_row(text)
    }

    /// Adds a row with these labels, which may be none; `None` where it does not say.
    fn add_set(&mut self, text: Option<&str>, labels: Option<&[&str]>) -> bool {
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
                return false;
            }
        }
        self.report.several += u64::from(self.ids.len() - start > 1);
        self.report.without_any += u64::from(self.ids.len() == start);
        self.ends.push(self.ids.len());
        self.keep_row(text)
    }

    fn keep_row(&mut self, text: &str) -> bool {
        self.numbers_only = self.numbers_only && text.trim().parse::<f64>().is_ok();
        self.texts.push(text);
        self.rows.push(self.report.rows);
        self.report.kept += 1;
        true
    }

    fn label(&mut self, name: &str) -> u32 {
        if self.sink.is_some() && self.kept.len() >= REMEMBERED && !self.interner.knows(name) {
            return NO_LABEL;
        }
        let id = self.interner.count(name);
        if id as usize == self.kept.len() {
            self.kept.push(self.keep.is_empty() || self.keep.contains(name));
        }
        id
    }

    /// Counts a row that is not kept.
    fn incomplete(&mut self) -> bool {
        const SHOWN: usize = 5;
        if self.report.incomplete_rows.len() < SHOWN {
            self.report.incomplete_rows.push(self.report.rows);
        }
        false
    }

    /// Refuses a column of numbers that was guessed to be the text.
    fn check_words(&self) -> Result<()> {
        match &self.report.text {
            Some(column) if self.numbers_only && column.choice != Choice::Named => {
                Err(Error::NumericText { path: self.request.path.into(), column: column.name.clone() })
            }
            _ => Ok(()),
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
        if self.report.kept == 0 {
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
        self.check_words()?;
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

    pub(crate) fn dataset(mut self) -> Result<(Dataset, Vec<Column>, ReadReport)> {
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
        let data = Dataset::new(self.texts, labels, names, self.rows, self.request.path)?;
        Ok((data, self.carried.take(), self.report))
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
        self.carried.retain(&stays);
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

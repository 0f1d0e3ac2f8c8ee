//! Tables with aligned columns.

use std::borrow::Cow;

use console::{Alignment, measure_text_width, pad_str, truncate_str};

/// The columns between two cells.
const GAP: usize = 2;

/// The columns that a name keeps, however narrow the terminal is.
pub const NAME: usize = 8;

/// The side that a column's cells lean to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lean {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Rows of cells. Columns are as wide as their widest cell and two spaces apart.
#[derive(Clone, Debug, Default)]
pub struct Table {
    leans: Vec<Lean>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without a header.
    pub fn plain(leans: &[Lean]) -> Self {
        Self { leans: leans.to_vec(), rows: Vec::new() }
    }

    /// A table with a header.
    pub fn new(header: &[(&str, Lean)]) -> Self {
        let mut table = Self::plain(&header.iter().map(|(_, lean)| *lean).collect::<Vec<_>>());
        table.row(header.iter().map(|(name, _)| (*name).to_owned()));
        table
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The lines, without white space at their ends.
    pub fn lines(&self) -> Vec<String> {
        self.lines_within(None)
    }

    /// The lines of at most so many columns, as far as names can be cut for it: of those that lean to the
    /// left the widest loses letters, down to [`NAME`].
    pub fn lines_within(&self, room: Option<usize>) -> Vec<String> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let cells = |column: usize| self.rows.iter().filter_map(move |row| row.get(column));
        let mut widths: Vec<usize> = (0..columns)
            .map(|column| cells(column).map(|cell| measure_text_width(cell)).max().unwrap_or_default())
            .collect();
        let Some(room) = room else {
            return self.rows.iter().map(|row| aligned(row, &widths, &self.leans)).collect();
        };
        let is_name = |column: &usize| self.leans.get(*column) == Some(&Lean::Left);
        let all = widths.iter().sum::<usize>() + GAP * columns.saturating_sub(1);
        for _ in room..all {
            let widest = (0..columns).filter(is_name).max_by_key(|column| widths.get(*column));
            match widest.and_then(|column| widths.get_mut(column)) {
                Some(width) if *width > NAME => *width -= 1,
                _ => break,
            }
        }
        let cut = |row: &Vec<String>| -> Vec<String> {
            let cells = row.iter().zip(&widths).map(|(cell, width)| truncate_str(cell, *width, "…"));
            cells.map(Cow::into_owned).collect()
        };
        self.rows.iter().map(|row| aligned(&cut(row), &widths, &self.leans)).collect()
    }
}

/// One line of cells, padded to these widths.
pub fn aligned(cells: &[String], widths: &[usize], leans: &[Lean]) -> String {
    let leans = leans.iter().chain(std::iter::repeat(&Lean::Right));
    let padded = cells.iter().zip(widths).zip(leans).map(|((cell, &width), lean)| {
        let side = if *lean == Lean::Left { Alignment::Left } else { Alignment::Right };
        pad_str(cell, width, side, None)
    });
    padded.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let mut table = Table::new(&[("label", Lean::Left), ("rows", Lean::Right), ("", Lean::Left)]);
        table.row(["fruit".into(), "12".into(), "x".into()]);
        table.row([]);
        table.row(["日本".into(), "1,200".into()]);
        assert_eq!(table.lines(), ["label   rows", "fruit     12  x", "", "日本   1,200"]);
        assert!(Table::default().lines().is_empty());
    }

    #[test]
    fn names_make_room_for_numbers() {
        let mut table = Table::new(&[("label", Lean::Left), ("rows", Lean::Right)]);
        table.row(["a long name of a label".into(), "1,200".into()]);
        assert_eq!(table.lines_within(Some(20)), ["label           rows", "a long name …  1,200"]);
        assert_eq!(table.lines_within(Some(3)), ["label      rows", "a long …  1,200"]);
        assert_eq!(table.lines_within(Some(80)), table.lines());
    }
}

use crate::colour::{QUIET, UNDEFINED, WHITE, share, text_on};
use crate::font::{Weight, width};
use crate::frame::{self, Key, MARGIN};
use crate::numbers::{grouped, percent};
use crate::picture::{Anchor, Picture, Rect, Stroke, Text, Turn, WIDTH};
use crate::words::{self, SMALL, fit_names, shorten, widest};
use crate::{Error, Result};

/// The most labels that one matrix shows.
const MOST_LABELS: usize = 500;
/// With more labels than this, cells have a colour but no numbers.
const MOST_WITH_NUMBERS: usize = 30;

/// A confusion matrix: a row for each true label, a column for each predicted one.
///
/// A cell holds its count and the share of its row, and its blue darkens with the share.
/// The picture grows with the labels; over 30 of them the cells show the colour alone.
/// A row without counts has no shares: it is grey.
#[derive(Clone, Debug, PartialEq)]
pub struct Heatmap {
    /// The title above the picture.
    pub title: String,
    /// The names of rows and columns.
    pub labels: Vec<String>,
    /// `counts[row][column]`, as many rows and columns as labels.
    pub counts: Vec<Vec<u64>>,
    /// The name of the vertical axis.
    pub row_name: String,
    /// The name of the horizontal axis.
    pub column_name: String,
}

impl Default for Heatmap {
    fn default() -> Heatmap {
        Heatmap {
            title: String::new(),
            labels: Vec::new(),
            counts: Vec::new(),
            row_name: "true label".to_string(),
            column_name: "predicted label".to_string(),
        }
    }
}

/// Sizes that follow from the labels, in pixels.
struct Layout {
    cell: (f64, f64),
    rows: Vec<String>,
    columns: Vec<String>,
    turn: Turn,
    size: f64,
    left: f64,
    width: f64,
}

impl Heatmap {
    fn check(&self) -> Result<()> {
        let expected = self.labels.len();
        let unequal = |what: String, found: usize| Error::Length { what, expected, found };
        if self.counts.len() != expected {
            return Err(unequal("rows of the matrix".to_string(), self.counts.len()));
        }
        for (row, counts) in self.counts.iter().enumerate() {
            if counts.len() != expected {
                return Err(unequal(format!("columns of row {row} of the matrix"), counts.len()));
            }
        }
        if expected > MOST_LABELS {
            return Err(Error::TooManyNames { found: expected, limit: MOST_LABELS });
        }
        Ok(())
    }

    /// The widest count or share in a cell, in pixels.
    fn widest_number(&self) -> f64 {
        let in_row = |counts: &Vec<u64>| {
            let total = total(counts);
            let most = counts.iter().copied().max().unwrap_or(0);
            let count = width(&grouped(most as f64, 0), 12.0, Weight::Regular);
            let words = counts.iter().map(|count| percent(*count as f64 / total.max(1) as f64));
            words.map(|words| width(&words, SMALL, Weight::Regular)).fold(count, f64::max)
        };
        self.counts.iter().map(in_row).fold(0.0, f64::max)
    }

    fn layout(&self) -> Layout {
        let count = self.labels.len().max(1) as f64;
        let size = if self.labels.len() <= 13 { 12.0 } else { SMALL };
        let rows = fit_names(&self.labels, size, 230.0);
        let left = MARGIN + 22.0 + widest(&rows, size, Weight::Regular) + 10.0;
        let has_numbers = self.labels.len() <= MOST_WITH_NUMBERS;
        let least = if has_numbers { self.widest_number() + 9.0 } else { 14.0 };
        let most = least.max(170.0);
        let across = ((WIDTH - 2.0 * MARGIN - left) / count).clamp(least, most).floor();
        let down = if has_numbers { across.clamp(38.0, 88.0) } else { across };
        let columns = fit_names(&self.labels, size, across - 8.0);
        let fits = columns.iter().zip(&self.labels).all(|(short, label)| *short == words::name(label));
        let (columns, turn) = match fits {
            true => (columns, Turn::Level),
            false => (fit_names(&self.labels, size, 200.0), Turn::Upward),
        };
        let width = (left + across * count + MARGIN).max(WIDTH).ceil();
        Layout { cell: (across, down), rows, columns, turn, size, left, width }
    }

    /// Where in the picture each cell with rows lies: its row and column, its left upper corner in pixels
    /// from the left and from the top, and its width and height.
    ///
    /// # Errors
    /// As the picture's own.
    pub fn places(&self) -> Result<Vec<(usize, usize, [f64; 4])>> {
        let (_, area) = self.laid_out()?;
        let count = self.labels.len().max(1) as f64;
        let (across, down) = (area.width / count, area.height / count);
        let place = |row: usize, column: usize| {
            [area.x + column as f64 * across, area.y + row as f64 * down, across, down]
        };
        let cells = self.counts.iter().enumerate().flat_map(|(row, counts)| {
            let filled = counts.iter().enumerate().filter(|(_, count)| **count > 0);
            filled.map(move |(column, _)| (row, column, place(row, column)))
        });
        Ok(cells.collect())
    }

    pub(crate) fn picture(&self) -> Result<Picture> {
        Ok(self.laid_out()?.0)
    }

    /// The picture, and the area of its cells.
    fn laid_out(&self) -> Result<(Picture, Rect)> {
        self.check()?;
        let layout = self.layout();
        let mut picture = Picture::new(layout.width, &self.title);
        let top = frame::header(&mut picture, &self.title, Key::Bar, &[]) + 6.0;
        if self.labels.is_empty() {
            frame::nothing(&mut picture, top, "no labels to show", &[]);
            return Ok((picture, Rect { x: 0.0, y: top, width: 0.0, height: 0.0 }));
        }
        let count = self.labels.len() as f64;
        let (across, down) = layout.cell;
        let top = draw_scale(&mut picture, top);
        let area = Rect { x: layout.left, y: top, width: across * count, height: down * count };
        picture.fill(area, share(0.0));
        let mut is_any_empty = false;
        for (row, counts) in self.counts.iter().enumerate() {
            let total = total(counts);
            let strip = Rect { y: area.y + row as f64 * down, height: down, ..area };
            is_any_empty |= total == 0;
            self.draw_row(&mut picture, counts, total, strip, across);
        }
        draw_grid(&mut picture, area, layout.cell);
        let bottom = self.draw_names(&mut picture, &layout, area);
        let mut notes = Vec::new();
        if self.labels.len() <= MOST_WITH_NUMBERS {
            let cell = "Each cell: number of rows, and their share of the rows with that true label.";
            notes.push(cell.to_string());
        }
        if is_any_empty {
            notes.push("Grey: no row has this true label, so there is no share.".to_string());
        }
        frame::finish(&mut picture, bottom, &notes);
        Ok((picture, area))
    }

    fn draw_row(&self, picture: &mut Picture, counts: &[u64], total: u128, strip: Rect, across: f64) {
        if total == 0 {
            picture.fill(strip, UNDEFINED);
            return;
        }
        for (column, count) in counts.iter().enumerate() {
            let part = *count as f64 / total as f64;
            let cell = Rect { x: strip.x + column as f64 * across, width: across, ..strip };
            let fill = share(part);
            if *count > 0 {
                picture.fill(cell, fill);
            }
            if counts.len() > MOST_WITH_NUMBERS {
                continue;
            }
            let (x, y) = (cell.x + cell.width / 2.0, cell.y + cell.height / 2.0);
            if *count == 0 {
                picture.text(Text::quiet("0", (x, y), SMALL, Anchor::Middle));
                continue;
            }
            let colour = text_on(fill);
            let number = Text::ink(grouped(*count as f64, 0), (x, y - 7.5), 12.0, Anchor::Middle);
            picture.text(Text { colour, weight: Weight::Regular, ..number });
            picture.text(Text { colour, ..Text::ink(percent(part), (x, y + 8.0), SMALL, Anchor::Middle) });
        }
    }

    /// Writes the names at both axes. Returns where the next thing may begin.
    fn draw_names(&self, picture: &mut Picture, layout: &Layout, area: Rect) -> f64 {
        let (across, down) = layout.cell;
        for (row, name) in layout.rows.iter().enumerate() {
            let at = (area.x - 8.0, area.y + (row as f64 + 0.5) * down);
            picture.text(Text::ink(name.clone(), at, layout.size, Anchor::End));
        }
        for (column, name) in layout.columns.iter().enumerate() {
            let x = area.x + (column as f64 + 0.5) * across;
            let text = match layout.turn {
                Turn::Level => {
                    Text::ink(name.clone(), (x, area.bottom() + 14.0), layout.size, Anchor::Middle)
                }
                Turn::Upward => {
                    let text = Text::ink(name.clone(), (x, area.bottom() + 8.0), layout.size, Anchor::End);
                    Text { turn: Turn::Upward, ..text }
                }
            };
            picture.text(text);
        }
        let names = match layout.turn {
            Turn::Level => 24.0,
            Turn::Upward => widest(&layout.columns, layout.size, Weight::Regular) + 14.0,
        };
        let axis = |name: &str, room: f64| shorten(&words::clean(name), 12.0, Weight::Regular, room);
        let below = area.bottom() + names + 10.0;
        let across_name = axis(&self.column_name, area.width.max(150.0));
        let middle = area.x + area.width / 2.0;
        picture.text(Text::quiet(across_name, (middle, below), 12.0, Anchor::Middle));
        let down_name = axis(&self.row_name, area.height.max(60.0));
        let text = Text::quiet(down_name, (MARGIN + 6.0, area.y + area.height / 2.0), 12.0, Anchor::Middle);
        picture.text(Text { turn: Turn::Upward, ..text });
        below + 8.0
    }
}

/// The sum of a row, which may not fit 64 bits.
fn total(counts: &[u64]) -> u128 {
    counts.iter().map(|count| u128::from(*count)).sum()
}

/// White lines between the cells.
fn draw_grid(picture: &mut Picture, area: Rect, (across, down): (f64, f64)) {
    let mut x = area.x + across;
    while x < area.right() - 0.5 {
        picture.line(vec![(x, area.y), (x, area.bottom())], Stroke::thin(WHITE));
        x += across;
    }
    let mut y = area.y + down;
    while y < area.bottom() - 0.5 {
        picture.line(vec![(area.x, y), (area.right(), y)], Stroke::thin(WHITE));
        y += down;
    }
}

/// The colours of the shares from 0 to 100 %, above the matrix, where no window cuts them off. Returns where
/// the matrix may begin.
fn draw_scale(picture: &mut Picture, top: f64) -> f64 {
    const STEPS: usize = 50;
    let name = "share of row";
    picture.text(Text::quiet(name, (MARGIN, top + 6.0), SMALL, Anchor::Start));
    let left = MARGIN + width(name, SMALL, Weight::Regular) + 14.0;
    let bar = Rect { x: left, y: top, width: 200.0, height: 12.0 };
    let place = |part: f64| bar.x + bar.width * part;
    for step in 0..STEPS {
        let (start, end) = (place(step as f64 / STEPS as f64), place((step + 1) as f64 / STEPS as f64));
        picture.fill(Rect { x: start, width: end - start, ..bar }, share((step as f64 + 0.5) / STEPS as f64));
    }
    for part in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let x = place(part);
        picture.line(vec![(x, bar.bottom()), (x, bar.bottom() + 4.0)], Stroke::thin(QUIET));
        picture.text(Text::quiet(percent(part), (x, bar.bottom() + 12.0), SMALL, Anchor::Middle));
    }
    bar.bottom() + 32.0
}

use crate::axis::{Axis, AxisRange, extent, horizontal};
use crate::frame::{self, Key, MARGIN};
use crate::marks::{Mark, Marks};
use crate::numbers::{NumberFormat, Step, Steps, grouped, is_drawable, value};
use crate::picture::{Picture, Rect, WIDTH};
use crate::{Result, colour};

/// How many values fall where: the lengths of texts, with their percentiles marked.
///
/// Bins have round borders. Where all values are whole numbers, so are the borders.
/// A long thin tail (the last 0.5 % stretching the picture to over twice its width) is cut off, and the
/// picture says how much.
///
/// ```
/// use assort_plot::{Histogram, percentile_marks};
///
/// let lengths = vec![3.0, 4.0, 4.0, 5.0, 9.0];
/// let histogram = Histogram {
///     title: "Length of texts".into(),
///     x_name: "tokens".into(),
///     marks: percentile_marks(&lengths, &[50.0, 95.0]),
///     values: lengths,
///     ..Histogram::default()
/// };
/// assert!(histogram.svg()?.contains("50 %: 4"));
/// # Ok::<(), assort_plot::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// The title above the picture.
    pub title: String,
    /// The measure, with its unit.
    pub x_name: String,
    /// The counted things.
    pub y_name: String,
    /// The values in any order; those that are not finite are left out, and the picture says so.
    pub values: Vec<f64>,
    /// Vertical lines with words.
    pub marks: Vec<Mark>,
}

/// Marks at percentiles (0 to 100) of `values`: the smallest value that at least so many per cent of the
/// values do not exceed (nearest rank). Empty if no value is finite.
pub fn percentile_marks(values: &[f64], percentiles: &[f64]) -> Vec<Mark> {
    let sorted = sorted(values);
    let mark = |percentile: &f64| {
        let at = nearest_rank(&sorted, *percentile)?;
        Some(Mark { name: format!("{} %: {}", value(*percentile), value(at)), at })
    };
    percentiles.iter().filter_map(mark).collect()
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| is_drawable(*value)).collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

fn nearest_rank(sorted: &[f64], percentile: f64) -> Option<f64> {
    let rank = (percentile / 100.0 * sorted.len() as f64 - 1e-9).ceil() as usize;
    sorted.get(rank.clamp(1, sorted.len().max(1)) - 1).copied()
}

/// Equal bins: the lower border of the first, their width, and the counts.
struct Bins {
    start: f64,
    width: f64,
    counts: Vec<u64>,
}

impl Bins {
    fn new(sorted: &[f64], low: f64, high: f64, steps: Steps) -> Bins {
        const WANTED: f64 = 40.0;
        let span = if crate::axis::is_span(low, high) { high - low } else { low.abs().max(1.0) };
        let width = Step::new(span, WANTED, steps).size;
        // Bins of one whole number stand in the middle over it.
        let shift = if steps == Steps::Whole && width == 1.0 { 0.5 } else { 0.0 };
        let start = (low / width).floor() * width - shift;
        let count = ((high - start) / width).floor().clamp(0.0, 200.0) as usize + 1;
        let mut counts = vec![0; count];
        for value in sorted {
            let bin = ((value - start) / width).floor().max(0.0) as usize;
            if let Some(count) = counts.get_mut(bin) {
                *count += 1;
            }
        }
        Bins { start, width, counts }
    }

    fn end(&self) -> f64 {
        self.start + self.width * self.counts.len() as f64
    }
}

impl Histogram {
    pub(crate) fn picture(&self) -> Result<Picture> {
        let mut picture = Picture::new(WIDTH, &self.title);
        let top = frame::header(&mut picture, &self.title, Key::Bar, &[]);
        let (name_end, top) = frame::vertical_name(&mut picture, &self.y_name, top);
        let sorted = sorted(&self.values);
        let steps = if sorted.iter().all(|value| value.fract() == 0.0) { Steps::Whole } else { Steps::Any };
        let (low, high) = self.range(&sorted);
        let bins = Bins::new(&sorted, low, high, steps);
        if sorted.is_empty() {
            frame::nothing(&mut picture, top, "nothing to count", &self.notes(&sorted, &bins));
            return Ok(picture);
        }

        let tallest = bins.counts.iter().copied().max().unwrap_or(0) as f64;
        let y_axis = Axis::new([tallest], AxisRange::FromZero, Steps::Whole, NumberFormat::Number)?;
        let left = MARGIN + frame::tick_room(&y_axis);
        let right = WIDTH - MARGIN - 6.0;
        // A few bins do not fill the picture.
        let spare = (7.0 - bins.counts.len() as f64).max(0.0) / 2.0 * bins.width;
        let x_axis =
            horizontal([bins.start - spare, bins.end() + spare], steps, NumberFormat::Number, right - left);
        let place = |x: f64| x_axis.place(x, left + 6.0, right - 6.0);
        let is_shown = |mark: &&Mark| is_drawable(mark.at);
        let marks = self.marks.iter().filter(is_shown).map(|mark| (place(mark.at), mark.name.clone()));
        let marks = Marks::new(marks.collect(), right);
        let area = Rect { x: left, y: marks.chart_top(name_end, top), width: right - left, height: 240.0 };
        frame::vertical_axis(&mut picture, &y_axis, area);
        for (index, count) in bins.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let from = place(bins.start + index as f64 * bins.width);
            let to = place(bins.start + (index + 1) as f64 * bins.width);
            let y = y_axis.place(*count as f64, area.bottom(), area.y).min(area.bottom() - 1.0);
            let gap = if to - from > 4.0 { 1.0 } else { 0.0 };
            let bar = Rect { x: from, y, width: to - from - gap, height: area.bottom() - y };
            picture.fill(bar, colour::series(0));
        }
        let bottom = frame::horizontal_axis(&mut picture, &x_axis, area, place, &self.x_name);
        marks.draw(&mut picture, area);
        frame::finish(&mut picture, bottom, &self.notes(&sorted, &bins));
        Ok(picture)
    }

    /// The values that the picture spans: all, or all but the last 0.5 % if they stretch it to over twice.
    fn range(&self, sorted: &[f64]) -> (f64, f64) {
        let marks = self.marks.iter().map(|mark| mark.at);
        let (Some(low), Some(high)) = (sorted.first().copied(), sorted.last().copied()) else {
            return (0.0, 1.0);
        };
        let cut = nearest_rank(sorted, 99.5).unwrap_or(high);
        let is_long = sorted.len() >= 50 && high - low > 2.0 * (cut - low) && cut > low;
        let high = if is_long { cut } else { high };
        extent(marks.chain([low, high])).unwrap_or((low, high))
    }

    fn notes(&self, sorted: &[f64], bins: &Bins) -> Vec<String> {
        let mut notes = Vec::new();
        let beyond = sorted.len() as u64 - bins.counts.iter().sum::<u64>();
        if let (Some(last), true) = (sorted.last(), beyond > 0) {
            let (beyond, of) = (grouped(beyond as f64, 0), grouped(sorted.len() as f64, 0));
            notes.push(format!(
                "Not shown: {beyond} of {of} values from {} on; the largest is {}.",
                value((bins.end() * 2.0).ceil() / 2.0),
                value(*last)
            ));
        }
        match self.values.len() - sorted.len() {
            0 => {}
            1 => notes.push("1 value is not a finite number and is left out.".to_string()),
            lost => notes.push(format!("{lost} values are not finite numbers and are left out.")),
        }
        notes
    }
}

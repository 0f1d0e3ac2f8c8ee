//! Vertical lines with words above the chart: the best epoch, percentiles.

use crate::font::{Weight, width};
use crate::picture::{Anchor, Picture, Rect, Text};
use crate::series;
use crate::words::{self, SMALL, shorten};

/// A place on the horizontal axis that deserves a line and words: the best epoch, a percentile.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// The words.
    pub name: String,
    /// The place, in the axis' unit.
    pub at: f64,
}

/// Words beside the upper end of a line, like a flag at its pole.
struct Flag {
    pole: f64,
    start: f64,
    end: f64,
    row: usize,
    words: String,
}

impl Flag {
    fn flies_left(&self) -> bool {
        self.end <= self.pole
    }
}

/// Flags in rows, counted from below: no words touch other words or another's pole.
pub(crate) struct Marks {
    flags: Vec<Flag>,
    rows: usize,
}

const ROW: f64 = 16.0;
const GAP: f64 = 5.0;

impl Marks {
    /// `marks`: places in pixels with their words; `right`: where the words must end.
    pub(crate) fn new(mut marks: Vec<(f64, String)>, right: f64) -> Marks {
        marks.sort_by(|one, other| one.0.total_cmp(&other.0));
        // Those at the same place share a pole.
        let mut merged: Vec<(f64, String)> = Vec::new();
        for (pole, words) in marks {
            let words = words::name(&words);
            match merged.last_mut() {
                Some((last, all)) if pole - *last < 2.0 => *all = format!("{all}   {words}"),
                _ => merged.push((pole, words)),
            }
        }
        let mut flags: Vec<Flag> = Vec::new();
        let mut last_left: Option<f64> = None;
        for (pole, words) in merged.into_iter().rev() {
            let words = shorten(&words, SMALL, Weight::Regular, right / 2.0 - GAP);
            let length = width(&words, SMALL, Weight::Regular) + GAP;
            let is_left = pole + length > right || last_left.is_some_and(|left| pole + length + GAP > left);
            let (start, end) = match is_left {
                true => (pole - length, pole - GAP),
                false => (pole + GAP, pole + length),
            };
            if is_left {
                last_left = Some(pole);
            }
            flags.push(Flag { pole, start, end, row: 0, words });
        }
        let (left, right): (Vec<Flag>, Vec<Flag>) = flags.into_iter().partition(Flag::flies_left);
        let mut placed: Vec<Flag> = Vec::new();
        // To the right: from the last to the first, each above the poles that it would hide.
        // To the left: from the first to the last, likewise.
        for mut flag in right.into_iter().chain(left.into_iter().rev()) {
            let is_near = |other: &&Flag| {
                other.pole.max(other.end) + GAP > flag.start && other.pole.min(other.start) < flag.end + GAP
            };
            flag.row = placed.iter().filter(is_near).map(|other| other.row + 1).max().unwrap_or(0);
            placed.push(flag);
        }
        let rows = placed.iter().map(|flag| flag.row + 1).max().unwrap_or(0);
        Marks { flags: placed, rows }
    }

    /// Where the chart begins if `top` is the first free line and words before it end at `name_end`.
    pub(crate) fn chart_top(&self, name_end: f64, top: f64) -> f64 {
        let is_beside = |flag: &Flag| flag.start.min(flag.pole) > name_end + 16.0;
        let highest = self.flags.iter().filter(|flag| flag.row + 1 == self.rows);
        let shared =
            if self.rows > 0 && name_end > 0.0 && highest.into_iter().all(is_beside) { 17.0 } else { 0.0 };
        top + self.rows as f64 * ROW + 6.0 - shared
    }

    /// Draws the lines over `area` and the words above it.
    pub(crate) fn draw(&self, picture: &mut Picture, area: Rect) {
        for Flag { pole, start, row, words, .. } in &self.flags {
            let middle = area.y - 11.0 - *row as f64 * ROW;
            picture.line(vec![(*pole, middle - 5.0), (*pole, area.bottom())], series::mark_stroke());
            picture.text(Text::ink(words.clone(), (*start, middle), SMALL, Anchor::Start));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `places`: pixels of marks with words about 60 pixels long, in 700 pixels.
    fn check(places: &[f64], rows: usize) {
        let marks =
            Marks::new(places.iter().map(|place| (*place, "95 %: 1,234".to_string())).collect(), 700.0);
        assert_eq!(marks.rows, rows, "{places:?}");
        for (index, one) in marks.flags.iter().enumerate() {
            assert!(one.start >= 0.0 && one.end <= 700.0, "{places:?}");
            for other in marks.flags.iter().take(index) {
                let hides = |flag: &Flag, pole: &Flag| {
                    pole.row >= flag.row && flag.start < pole.pole && pole.pole < flag.end
                };
                let covers = one.row == other.row && one.start < other.end && other.start < one.end;
                assert!(!hides(one, other) && !hides(other, one) && !covers, "{places:?}");
            }
        }
    }

    #[test]
    fn words_of_marks_never_meet() {
        check(&[], 0);
        check(&[300.0], 1);
        check(&[690.0], 1);
        check(&[100.0, 300.0, 500.0], 1);
        check(&[100.0, 120.0, 140.0], 3);
        check(&[300.0, 300.5, 301.0], 1);
        check(&[640.0, 660.0, 680.0, 699.0], 4);
        check(&[100.0, 110.0, 600.0, 650.0, 690.0], 3);
    }
}

//! Parts that all charts share: title, legend, marks, axes and notes.

use crate::axis::Axis;
use crate::colour::{GRID, RULE};
use crate::font::{Weight, width};
use crate::picture::{Anchor, Picture, Point, Rect, Stroke, Text};
use crate::series;
use crate::words::{self, SMALL, shorten, wrap};

/// The margin on the left and on the right.
pub(crate) const MARGIN: f64 = 24.0;
const TITLE: f64 = 16.0;

/// The sample before a name in the legend.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Key {
    Line,
    Bar,
    Marker,
}

/// Writes title and legend. Returns where the next thing may begin.
pub(crate) fn header(picture: &mut Picture, title: &str, key: Key, names: &[String]) -> f64 {
    let room = picture.width - 2.0 * MARGIN;
    let mut y = 20.0;
    for line in wrap(title, TITLE, Weight::Bold, room, 3) {
        let text = Text::ink(line, (MARGIN, y + TITLE * 0.4), TITLE, Anchor::Start);
        picture.text(Text { weight: Weight::Bold, ..text });
        y += TITLE * 1.35;
    }
    y += 6.0;
    if names.is_empty() {
        return y;
    }
    let mut x = MARGIN;
    let sample = match key {
        Key::Line => 30.0,
        Key::Bar => 16.0,
        Key::Marker => 10.0,
    };
    for (index, name) in names.iter().enumerate() {
        let name = shorten(&words::name(name), 12.0, Weight::Regular, 220.0);
        let needed = sample + 7.0 + width(&name, 12.0, Weight::Regular);
        if x > MARGIN && x + needed > picture.width - MARGIN {
            (x, y) = (MARGIN, y + 20.0);
        }
        let middle = y + 8.0;
        match key {
            Key::Line => {
                picture.line(vec![(x + 1.0, middle), (x + sample - 1.0, middle)], series::stroke(index));
                series::marker(picture, index, (x + sample / 2.0, middle));
            }
            Key::Marker => series::marker(picture, index, (x + sample / 2.0, middle)),
            Key::Bar => {
                let area = Rect { x, y: middle - 6.0, width: sample, height: 12.0 };
                series::bar(picture, index, area);
            }
        }
        picture.text(Text::ink(name, (x + sample + 7.0, middle), 12.0, Anchor::Start));
        x += needed + 22.0;
    }
    y + 26.0
}

/// Writes notes under the picture and sets its height.
pub(crate) fn finish(picture: &mut Picture, mut y: f64, notes: &[String]) {
    for note in notes {
        for line in wrap(note, SMALL, Weight::Regular, picture.width - 2.0 * MARGIN, 3) {
            y += 16.0;
            picture.text(Text::quiet(line, (MARGIN, y), SMALL, Anchor::Start));
        }
    }
    picture.height = (y + 18.0).ceil();
}

/// Writes words instead of a chart that has nothing to show, and finishes the picture.
pub(crate) fn nothing(picture: &mut Picture, top: f64, words: &str, notes: &[String]) {
    let middle = (picture.width / 2.0, top + 40.0);
    picture.text(Text::quiet(words, middle, 13.0, Anchor::Middle));
    finish(picture, top + 80.0, notes);
}

/// The room that the words of a vertical axis need.
pub(crate) fn tick_room(axis: &Axis) -> f64 {
    let widths = axis.ticks.iter().map(|(_, words)| width(words, SMALL, Weight::Regular));
    widths.fold(0.0, f64::max) + 9.0
}

/// Draws grid lines with their numbers, and the base line.
pub(crate) fn vertical_axis(picture: &mut Picture, axis: &Axis, area: Rect) {
    for (value, words) in &axis.ticks {
        let y = axis.place(*value, area.bottom(), area.y);
        picture.line(vec![(area.x, y), (area.right(), y)], Stroke::thin(GRID));
        picture.text(Text::quiet(words.clone(), (area.x - 9.0, y), SMALL, Anchor::End));
    }
}

/// Draws the base line with ticks and numbers, and the axis' name. Returns where the next thing may begin.
pub(crate) fn horizontal_axis(
    picture: &mut Picture,
    axis: &Axis,
    area: Rect,
    place: impl Fn(f64) -> f64,
    name: &str,
) -> f64 {
    let base = area.bottom();
    picture.line(vec![(area.x, base), (area.right(), base)], Stroke::thin(RULE));
    for (value, words) in &axis.ticks {
        let x = place(*value);
        picture.line(vec![(x, base), (x, base + 4.0)], Stroke::thin(RULE));
        picture.text(Text::quiet(words.clone(), (x, base + 14.0), SMALL, Anchor::Middle));
    }
    let name = shorten(&words::clean(name), 12.0, Weight::Regular, area.width);
    let middle: Point = (area.x + area.width / 2.0, base + 34.0);
    let has_name = !name.is_empty();
    picture.text(Text::quiet(name, middle, 12.0, Anchor::Middle));
    base + if has_name { 40.0 } else { 20.0 }
}

/// The name of the vertical axis, above it. Returns its right end and where the next thing may begin.
pub(crate) fn vertical_name(picture: &mut Picture, name: &str, y: f64) -> (f64, f64) {
    let name = shorten(&words::clean(name), 12.0, Weight::Regular, picture.width - 2.0 * MARGIN);
    if name.is_empty() {
        return (0.0, y);
    }
    let end = MARGIN + width(&name, 12.0, Weight::Regular);
    picture.text(Text::quiet(name, (MARGIN, y + 7.0), 12.0, Anchor::Start));
    (end, y + 22.0)
}

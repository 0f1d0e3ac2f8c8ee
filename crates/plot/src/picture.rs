//! A picture as a list of shapes in pixels: charts write it, `render` draws it.

use crate::colour::{Colour, INK, QUIET};
use crate::font::Weight;

/// The usual width of a picture, in pixels.
pub(crate) const WIDTH: f64 = 760.0;

/// A point in pixels, from the left and from the top.
pub(crate) type Point = (f64, f64);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    pub(crate) fn right(&self) -> f64 {
        self.x + self.width
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.height
    }
}

/// Lengths of strokes and gaps in turn, in pixels; empty for a whole line.
pub(crate) type Dash = &'static [f64];

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stroke {
    pub colour: Colour,
    pub width: f64,
    pub dash: Dash,
}

impl Stroke {
    pub(crate) fn thin(colour: Colour) -> Stroke {
        Stroke { colour, width: 1.0, dash: &[] }
    }
}

/// Which part of a text stands at its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text runs: to the right, or upward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Level,
    Upward,
}

/// One line of text; across its direction the point is the middle of its capitals.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Text {
    pub text: String,
    pub at: Point,
    pub size: f64,
    pub weight: Weight,
    pub colour: Colour,
    pub anchor: Anchor,
    pub turn: Turn,
}

impl Text {
    /// Text for names and values.
    pub(crate) fn ink(text: impl Into<String>, at: Point, size: f64, anchor: Anchor) -> Text {
        let (weight, colour, turn) = (Weight::Regular, INK, Turn::Level);
        Text { text: text.into(), at, size, weight, colour, anchor, turn }
    }

    /// Text for axes and notes.
    pub(crate) fn quiet(text: impl Into<String>, at: Point, size: f64, anchor: Anchor) -> Text {
        Text { colour: QUIET, ..Text::ink(text, at, size, anchor) }
    }

    /// The rectangle that the text fills, from capitals' top to the descenders' foot.
    pub(crate) fn bounds(&self) -> Rect {
        let length = crate::font::width(&self.text, self.size, self.weight);
        let before = match self.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => length / 2.0,
            Anchor::End => length,
        };
        let (above, height) = (self.size * 0.4, self.size);
        let (x, y) = self.at;
        match self.turn {
            Turn::Level => Rect { x: x - before, y: y - above, width: length, height },
            Turn::Upward => Rect { x: x - above, y: y + before - length, width: height, height: length },
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Line {
        points: Vec<Point>,
        stroke: Stroke,
    },
    Box {
        area: Rect,
        fill: Colour,
    },
    /// Convex.
    Polygon {
        points: Vec<Point>,
        fill: Colour,
    },
    Disc {
        centre: Point,
        radius: f64,
        fill: Colour,
    },
    Text(Text),
}

#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub width: f64,
    pub height: f64,
    /// The title, for those who hear the picture.
    pub title: String,
    pub shapes: Vec<Shape>,
}

impl Picture {
    pub(crate) fn new(width: f64, title: &str) -> Picture {
        let title = crate::words::clean(title);
        Picture { width, height: 0.0, title, shapes: Vec::new() }
    }

    pub(crate) fn line(&mut self, points: Vec<Point>, stroke: Stroke) {
        self.shapes.push(Shape::Line { points, stroke });
    }

    pub(crate) fn fill(&mut self, area: Rect, fill: Colour) {
        self.shapes.push(Shape::Box { area, fill });
    }

    pub(crate) fn text(&mut self, text: Text) {
        if !text.text.is_empty() {
            self.shapes.push(Shape::Text(text));
        }
    }
}

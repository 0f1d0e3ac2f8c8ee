//! The styles that backends of plotters ask for.

use plotters_backend::text_anchor::{HPos, Pos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, FontFamily, FontStyle, FontTransform,
};

use crate::font::{self, BASELINE, FAMILY, HALF_CAPITAL, Weight};
use crate::picture::{Anchor, Point, Text, Turn};
use crate::{Error, Result};

pub(crate) struct LineStyle {
    pub colour: BackendColor,
    pub width: u32,
}

impl BackendStyle for LineStyle {
    fn color(&self) -> BackendColor {
        self.colour
    }

    fn stroke_width(&self) -> u32 {
        self.width
    }
}

/// A text of a picture for a backend: SVG asks for the attributes, a bitmap lets it draw itself.
pub(crate) struct TextStyle<'t> {
    text: &'t Text,
    /// One em in units of the backend.
    em: f64,
}

impl<'t> TextStyle<'t> {
    pub(crate) fn new(text: &'t Text, units: f64) -> TextStyle<'t> {
        TextStyle { text, em: text.size * units }
    }

    /// The top of the line, in pixels, when the middle of its capitals is at `point`.
    pub(crate) fn corner(&self, (x, y): Point) -> Point {
        let above = (BASELINE - HALF_CAPITAL) * self.text.size;
        match self.text.turn {
            Turn::Level => (x, y - above),
            Turn::Upward => (x - above, y),
        }
    }
}

impl BackendTextStyle for TextStyle<'_> {
    type FontError = Error;

    fn color(&self) -> BackendColor {
        let colour = self.text.colour;
        BackendColor { alpha: 1.0, rgb: (colour.0, colour.1, colour.2) }
    }

    /// The SVG backend divides by 1.24 to get the em; the neighbour that gives it back exactly.
    fn size(&self) -> f64 {
        let size = self.em * 1.24;
        let exact = [size, size.next_up(), size.next_down()].into_iter().find(|size| size / 1.24 == self.em);
        exact.unwrap_or(size)
    }

    fn transform(&self) -> FontTransform {
        match self.text.turn {
            Turn::Level => FontTransform::None,
            Turn::Upward => FontTransform::Rotate270,
        }
    }

    fn style(&self) -> FontStyle {
        match self.text.weight {
            Weight::Regular => FontStyle::Normal,
            Weight::Bold => FontStyle::Bold,
        }
    }

    fn anchor(&self) -> Pos {
        let horizontal = match self.text.anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        Pos::new(horizontal, VPos::Top)
    }

    fn family(&self) -> FontFamily<'_> {
        FontFamily::Name(FAMILY)
    }

    fn layout_box(&self, text: &str) -> Result<(BackendCoord, BackendCoord)> {
        let width = font::width(text, self.em, self.text.weight);
        Ok(((0, 0), (width.round() as i32, self.em.round() as i32)))
    }

    fn draw<E, DrawFunc: FnMut(i32, i32, BackendColor) -> std::result::Result<(), E>>(
        &self,
        text: &str,
        (x, y): BackendCoord,
        mut draw: DrawFunc,
    ) -> Result<std::result::Result<(), E>> {
        let colour = self.color();
        font::rasterize(text, self.em, self.text.weight, |right, down, coverage| {
            let alpha = f64::from(coverage);
            draw(x + right, y + down, BackendColor { alpha, ..colour })
        })
    }
}

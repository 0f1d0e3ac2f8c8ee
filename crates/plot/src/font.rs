//! The built-in font: DejaVu Sans, from the crate `dejavu`, so that no system library is asked.

use std::sync::OnceLock;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};

use crate::{Error, Result};

/// Fonts for the SVG. Verdana has nearly DejaVu's widths; the others are narrower.
pub(crate) const FAMILY: &str = "DejaVu Sans, Verdana, Geneva, sans-serif";
/// The baseline lies this far below the top of a line, in ems, as in plotters' SVG backend.
pub(crate) const BASELINE: f64 = 0.76;
/// Half the height of a capital, in ems.
pub(crate) const HALF_CAPITAL: f64 = 0.3645;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

fn font(weight: Weight) -> Result<&'static FontRef<'static>> {
    static REGULAR: OnceLock<std::result::Result<FontRef<'static>, String>> = OnceLock::new();
    static BOLD: OnceLock<std::result::Result<FontRef<'static>, String>> = OnceLock::new();
    let (cell, bytes): (_, fn() -> &'static [u8]) = match weight {
        Weight::Regular => (&REGULAR, dejavu::sans::regular),
        Weight::Bold => (&BOLD, dejavu::sans::bold),
    };
    cell.get_or_init(|| FontRef::try_from_slice(bytes()).map_err(|error| error.to_string()))
        .as_ref()
        .map_err(|error| Error::Font(error.clone()))
}

/// The scale at which one em is `size` pixels.
fn scale(font: &FontRef<'static>, size: f64) -> PxScale {
    let em = font.units_per_em().unwrap_or(2048.0);
    PxScale::from(size as f32 * font.height_unscaled() / em)
}

/// Joiners, variation selectors and direction marks: they have no picture of their own.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// The letters of right-to-left scripts.
fn is_leftward(letter: &char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// The letters from left to right: runs of right-to-left scripts are turned around.
fn visual_order(text: &str) -> Vec<char> {
    let mut letters: Vec<char> = text.chars().filter(|letter| !is_invisible(*letter)).collect();
    let mut from = 0;
    while let Some(start) = letters.iter().skip(from).position(is_leftward).map(|found| found + from) {
        let rest = letters.iter().skip(start);
        let run = rest.take_while(|letter| is_leftward(letter) || !letter.is_alphanumeric());
        let length =
            run.enumerate().filter(|(_, letter)| is_leftward(letter)).last().map_or(1, |(at, _)| at + 1);
        if let Some(run) = letters.get_mut(start..start + length) {
            run.reverse();
        }
        from = start + length;
    }
    letters
}

/// The width of `text` in pixels where one em is `size` pixels.
pub(crate) fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let Ok(font) = font(weight) else { return text.chars().count() as f64 * size * 0.6 };
    let scaled = font.as_scaled(scale(font, size));
    let mut end = 0f32;
    let mut previous = None;
    for letter in visual_order(text) {
        let id = scaled.glyph_id(letter);
        end += previous.map_or(0.0, |previous| scaled.kern(previous, id)) + scaled.h_advance(id);
        previous = Some(id);
    }
    f64::from(end)
}

/// Draws one line of `text`: `pixel(x, y, coverage)` from the line's left top corner, coverage from 0 to 1.
///
/// There is no shaping: Arabic letters stand in their order, but unjoined. A browser joins those of the SVG.
///
/// # Errors
/// [`Error::Font`] if the built-in font cannot be read; whatever `pixel` returns.
pub(crate) fn rasterize<E>(
    text: &str,
    size: f64,
    weight: Weight,
    mut pixel: impl FnMut(i32, i32, f32) -> std::result::Result<(), E>,
) -> Result<std::result::Result<(), E>> {
    let font = font(weight)?;
    let scale = scale(font, size);
    let scaled = font.as_scaled(scale);
    let mut pen = 0f32;
    let mut previous = None;
    let mut outcome = Ok(());
    for letter in visual_order(text) {
        let id = scaled.glyph_id(letter);
        pen += previous.map_or(0.0, |previous| scaled.kern(previous, id));
        previous = Some(id);
        let glyph = id.with_scale_and_position(scale, point(pen, (size * BASELINE) as f32));
        pen += scaled.h_advance(id);
        let Some(outline) = font.outline_glyph(glyph) else { continue };
        let bounds = outline.px_bounds();
        let (left, top) = (bounds.min.x as i32, bounds.min.y as i32);
        outline.draw(|x, y, coverage| {
            if outcome.is_ok() && coverage > 0.0 {
                outcome = pixel(left + x as i32, top + y as i32, coverage.min(1.0));
            }
        });
    }
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_em_dash_is_an_em_wide() {
        assert!((width("—", 100.0, Weight::Regular) - 100.0).abs() < 0.1);
        assert!(width("bold", 12.0, Weight::Bold) > width("bold", 12.0, Weight::Regular));
        assert_eq!(width("", 12.0, Weight::Regular), 0.0);
    }

    #[test]
    fn arabic_and_hebrew_run_to_the_left() {
        let check = |input: &str, expect: &str| {
            assert_eq!(visual_order(input), expect.chars().collect::<Vec<_>>());
        };
        check("joy", "joy");
        check("אבג", "גבא");
        check("joy אב גד!", "joy דג בא!");
        check("אב and גד", "בא and דג");
        check("a\u{200d}b", "ab");
        check("", "");
    }

    #[test]
    fn capitals_stand_on_the_baseline() {
        let (mut top, mut bottom) = (i32::MAX, i32::MIN);
        let drawn = rasterize("H", 100.0, Weight::Regular, |_, y, coverage| {
            if coverage > 0.9 {
                (top, bottom) = (top.min(y), bottom.max(y));
            }
            Ok::<(), ()>(())
        });
        assert!(drawn.unwrap().is_ok());
        assert_eq!((top, bottom), (3, 75));
    }
}

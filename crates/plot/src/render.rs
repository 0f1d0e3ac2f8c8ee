//! Draws a [`Picture`] on any backend of plotters: one function for SVG and PNG.

use plotters_backend::{BackendColor, DrawingBackend, DrawingErrorKind};
use plotters_svg::SVGBackend;

use crate::bitmap::Bitmap;
use crate::colour::{Colour, WHITE};
use crate::font::BASELINE;
use crate::picture::{Picture, Point, Shape};
use crate::style::{LineStyle, TextStyle};
use crate::{Bars, Error, Heatmap, Histogram, LineChart, Result, Scatter};

/// Backends count in whole units. A picture's pixel is four of them, so that curves stay smooth.
const UNITS: f64 = 4.0;
/// The most pixels that a bitmap is drawn with before it is made smaller.
const MOST_PIXELS: f64 = 100e6;

/// The forms that a chart is drawn in.
macro_rules! forms {
    ($($chart:ty),*) => {$(
        impl $chart {
            /// The picture as an `<svg>` element, ready to stand in HTML; same input, same bytes.
            ///
            /// # Errors
            /// [`Error`] if the values are not as many as their names, or are too many, or if a range is
            /// none.
            pub fn svg(&self) -> Result<String> {
                svg(&self.picture()?)
            }

            /// The picture as a PNG, two device pixels to a pixel (one for a very large picture).
            ///
            /// # Errors
            /// As for the SVG.
            pub fn png(&self) -> Result<Vec<u8>> {
                png(&self.picture()?)
            }
        }
    )*};
}

forms!(Bars, Heatmap, Histogram, LineChart, Scatter);

/// Draws every shape, `units` of the backend to a pixel of the picture.
fn draw<B: DrawingBackend>(picture: &Picture, backend: &mut B, units: f64) -> Result<()> {
    let failed = |error: DrawingErrorKind<B::ErrorType>| Error::Drawing(error.to_string());
    let at = |(x, y): Point| ((x * units).round() as i32, (y * units).round() as i32);
    backend.ensure_prepared().map_err(failed)?;
    let end = at((picture.width, picture.height));
    backend.draw_rect((0, 0), end, &colour(WHITE), true).map_err(failed)?;
    for shape in &picture.shapes {
        match shape {
            Shape::Line { points, stroke } => {
                let width = (stroke.width * units).round().max(1.0) as u32;
                let style = LineStyle { colour: colour(stroke.colour), width };
                for part in crate::stroke::strokes(points, stroke.dash) {
                    backend.draw_path(part.into_iter().map(at), &style).map_err(failed)?;
                }
            }
            Shape::Box { area, fill } => {
                let (start, end) = (at((area.x, area.y)), at((area.right(), area.bottom())));
                if end.0 > start.0 && end.1 > start.1 {
                    backend.draw_rect(start, end, &colour(*fill), true).map_err(failed)?;
                }
            }
            Shape::Polygon { points, fill } => {
                backend.fill_polygon(points.iter().copied().map(at), &colour(*fill)).map_err(failed)?;
            }
            Shape::Disc { centre, radius, fill } => {
                let radius = (radius * units).round() as u32;
                backend.draw_circle(at(*centre), radius, &colour(*fill), true).map_err(failed)?;
            }
            Shape::Text(text) => {
                let style = TextStyle::new(text, units);
                backend.draw_text(&text.text, &style, at(style.corner(text.at))).map_err(failed)?;
            }
        }
    }
    backend.present().map_err(failed)
}

fn colour(Colour(red, green, blue): Colour) -> BackendColor {
    BackendColor { alpha: 1.0, rgb: (red, green, blue) }
}

/// The picture as one `<svg>` element, without an XML header: ready to stand in HTML.
fn svg(picture: &Picture) -> Result<String> {
    let (width, height) = (picture.width.ceil(), picture.height.ceil());
    let size = ((width * UNITS) as u32, (height * UNITS) as u32);
    let mut text = String::new();
    {
        let mut backend = SVGBackend::with_string(&mut text, size);
        draw(picture, &mut backend, UNITS)?;
    }
    // plotters gives the element the size of its view box, and lines pointed corners.
    let body = text.split_once('>').map_or("", |(_, body)| body);
    let title = escape(&picture.title);
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{title}\" \
         stroke-linejoin=\"round\" stroke-linecap=\"round\">{}",
        size.0,
        size.1,
        with_baselines(body)
    ))
}

/// Puts the way from a line's top to its baseline into `y`: plotters writes it as `dy`, which parts the first
/// letter of right-to-left scripts from the others.
fn with_baselines(body: &str) -> String {
    let mut parts = body.split("\" dy=\"0.76em\"");
    let mut out = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let start = out.rfind('"').map_or(0, |quote| quote + 1);
        let y = out.get(start..).and_then(|number| number.parse::<f64>().ok());
        let size = part.split_once("font-size=\"").and_then(|(_, rest)| rest.split_once('"'));
        let size = size.and_then(|(number, _)| number.parse::<f64>().ok());
        match (y, size) {
            (Some(y), Some(size)) => {
                out.truncate(start);
                out.push_str(&format!("{}\"", (y + size * BASELINE).round()));
            }
            _ => out.push_str("\" dy=\"0.76em\""),
        }
        out.push_str(part);
    }
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The picture as a PNG with two device pixels to a pixel; drawn twice as large again and averaged.
fn png(picture: &Picture) -> Result<Vec<u8>> {
    let (width, height) = (picture.width.ceil(), picture.height.ceil());
    let fits = |units: f64| width * height * units * units <= MOST_PIXELS;
    let (device, fine) = match () {
        () if fits(4.0) => (2, 2),
        () if fits(2.0) => (2, 1),
        () => (1, 1),
    };
    let (width, height) = (width as u32 * device, height as u32 * device);
    let drawn = (width * fine, height * fine);
    let mut pixels = vec![255; drawn.0 as usize * drawn.1 as usize * 3];
    {
        let mut backend = Bitmap::new(&mut pixels, drawn);
        draw(picture, &mut backend, f64::from(device * fine))?;
    }
    let pixels = if fine == 2 { halve(&pixels, drawn.0 as usize) } else { pixels };

    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(bytes)
}

/// Averages two by two pixels of red, green and blue.
fn halve(pixels: &[u8], width: usize) -> Vec<u8> {
    let row = width * 3;
    let mut out = Vec::with_capacity(pixels.len() / 4);
    for two_rows in pixels.chunks_exact(row * 2) {
        let (upper, lower) = two_rows.split_at(row);
        for (above, below) in upper.chunks_exact(6).zip(lower.chunks_exact(6)) {
            if let ([a, b, c, d, e, f], [g, h, i, j, k, l]) = (above, below) {
                let mean = |w: &u8, x: &u8, y: &u8, z: &u8| {
                    ((u16::from(*w) + u16::from(*x) + u16::from(*y) + u16::from(*z) + 2) / 4) as u8
                };
                out.extend([mean(a, d, g, j), mean(b, e, h, k), mean(c, f, i, l)]);
            }
        }
    }
    out
}

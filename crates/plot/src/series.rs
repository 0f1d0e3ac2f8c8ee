//! How series differ: by colour, and in black and white by dash, marker and pattern.

use crate::colour::{QUIET, series, tint};
use crate::picture::{Dash, Picture, Point, Rect, Shape, Stroke};

/// How many groups differ by colour and marker together.
pub(crate) const DIFFERENT: usize = 35;

const DASHES: [Dash; 4] = [&[], &[7.0, 4.5], &[1.0, 4.5], &[9.0, 4.5, 1.0, 4.5]];

/// The line of the series at `index`.
pub(crate) fn stroke(index: usize) -> Stroke {
    let dash = DASHES.get(index % DASHES.len()).copied().unwrap_or_default();
    Stroke { colour: series(index), width: 2.0, dash }
}

/// The marker of the series at `index`: disc, square, triangle, diamond or hanging triangle.
pub(crate) fn marker(picture: &mut Picture, index: usize, place: Point) {
    sized_marker(picture, index, place, 1.0);
}

/// The same, larger or smaller.
pub(crate) fn sized_marker(picture: &mut Picture, index: usize, (x, y): Point, size: f64) {
    let fill = series(index);
    let polygon = |corners: &[Point], radius: f64| {
        let radius = radius * size;
        let points = corners.iter().map(|(right, down)| (x + right * radius, y + down * radius)).collect();
        Shape::Polygon { points, fill }
    };
    let shape = match index % 5 {
        0 => Shape::Disc { centre: (x, y), radius: 3.75 * size, fill },
        1 => polygon(&[(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)], 3.5),
        2 => polygon(&[(0.0, -1.1), (1.0, 0.8), (-1.0, 0.8)], 4.75),
        3 => polygon(&[(0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)], 5.0),
        _ => polygon(&[(0.0, 1.1), (1.0, -0.8), (-1.0, -0.8)], 4.75),
    };
    picture.shapes.push(shape);
}

/// A bar of the group at `index`: whole, hatched, pale or hatched the other way.
pub(crate) fn bar(picture: &mut Picture, index: usize, area: Rect) {
    let colour = series(index);
    let pattern = index % 4;
    picture.fill(area, colour);
    let inside =
        Rect { x: area.x + 1.0, y: area.y + 1.0, width: area.width - 2.0, height: area.height - 2.0 };
    if pattern == 0 || inside.width <= 0.0 || inside.height <= 0.0 {
        return;
    }
    picture.fill(inside, tint(colour, if pattern == 2 { 0.35 } else { 0.12 }));
    if pattern == 2 {
        return;
    }
    // Lines at 45 degrees, every five pixels, within the border.
    let mut start = inside.x - inside.height;
    while start < inside.right() {
        let left = (start.max(inside.x), start + inside.height);
        let right = left.1.min(inside.right());
        if right - left.0 > 0.5 {
            let (near, far) = (left.0 - start, right - start);
            let (first, last) = match pattern {
                1 => (inside.bottom() - near, inside.bottom() - far),
                _ => (inside.y + near, inside.y + far),
            };
            picture
                .line(vec![(left.0, first), (right, last)], Stroke { width: 1.25, ..Stroke::thin(colour) });
        }
        start += 5.0;
    }
}

/// The line of a mark: a percentile, the best epoch.
pub(crate) fn mark_stroke() -> Stroke {
    Stroke { colour: QUIET, width: 1.25, dash: &[4.0, 3.5] }
}

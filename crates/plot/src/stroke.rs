//! Cuts a line into dashes, and a line at the borders of an area.

use crate::picture::{Point, Rect};

/// The pieces of the line through `points` that are drawn: the line itself, or its dashes.
///
/// `dash` holds lengths of strokes and gaps in turn. A dash bends where the line does.
pub(crate) fn strokes(points: &[Point], dash: &[f64]) -> Vec<Vec<Point>> {
    if points.len() < 2 {
        return Vec::new();
    }
    let period: f64 = dash.iter().sum();
    if dash.is_empty() || period < 1.0 || dash.iter().any(|length| *length <= 0.0) {
        return vec![points.to_vec()];
    }
    let mut pieces = Vec::new();
    let mut lengths = dash.iter().copied().cycle();
    let mut left = lengths.next().unwrap_or(period);
    let mut is_stroke = true;
    let mut piece: Vec<Point> = points.first().copied().into_iter().collect();
    for pair in points.windows(2) {
        let &[mut from, to] = pair else { continue };
        loop {
            let length = (to.0 - from.0).hypot(to.1 - from.1);
            if length.is_nan() || length <= left {
                left -= if length.is_nan() { 0.0 } else { length };
                if is_stroke {
                    piece.push(to);
                }
                break;
            }
            let part = left / length;
            from = (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
            if is_stroke {
                piece.push(from);
                pieces.push(std::mem::take(&mut piece));
            } else {
                piece = vec![from];
            }
            is_stroke = !is_stroke;
            left = lengths.next().unwrap_or(period);
        }
    }
    if is_stroke && piece.len() > 1 {
        pieces.push(piece);
    }
    pieces
}

/// The part of the straight line between two points inside `area`, after Liang and Barsky (1984).
pub(crate) fn clip(from: Point, to: Point, area: Rect) -> Option<(Point, Point)> {
    let (along, down) = (to.0 - from.0, to.1 - from.1);
    let (mut enter, mut leave) = (0f64, 1f64);
    let borders = [
        (-along, from.0 - area.x),
        (along, area.right() - from.0),
        (-down, from.1 - area.y),
        (down, area.bottom() - from.1),
    ];
    for (toward, room) in borders {
        if toward == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if toward < 0.0 {
            enter = enter.max(room / toward);
        } else {
            leave = leave.min(room / toward);
        }
    }
    let at = |part: f64| (from.0 + along * part, from.1 + down * part);
    (enter <= leave).then(|| (at(enter), at(leave)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dashed_line_bends_at_its_corner() {
        let line = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)];
        let pieces = strokes(&line, &[6.0, 2.0]);
        let expect = [
            vec![(0.0, 0.0), (6.0, 0.0)],
            vec![(8.0, 0.0), (10.0, 0.0), (10.0, 4.0)],
            vec![(10.0, 6.0), (10.0, 10.0)],
        ];
        assert_eq!(pieces, expect);
    }

    #[test]
    fn lines_without_length_or_dashes_end() {
        assert_eq!(strokes(&[(1.0, 1.0)], &[]).len(), 0);
        assert_eq!(strokes(&[(1.0, 1.0), (2.0, 2.0)], &[]).len(), 1);
        assert_eq!(strokes(&[(1.0, 1.0), (2.0, 2.0)], &[0.0, 0.0]).len(), 1);
        assert_eq!(strokes(&[(1.0, 1.0), (f64::NAN, 2.0)], &[2.0, 2.0]).len(), 1);
    }

    fn check(from: Point, to: Point, expect: Option<(Point, Point)>) {
        let area = Rect { x: 0.0, y: 0.0, width: 10.0, height: 10.0 };
        assert_eq!(clip(from, to, area), expect);
    }

    #[test]
    fn lines_end_at_the_border() {
        check((1.0, 1.0), (9.0, 9.0), Some(((1.0, 1.0), (9.0, 9.0))));
        check((-5.0, 5.0), (15.0, 5.0), Some(((0.0, 5.0), (10.0, 5.0))));
        check((5.0, 20.0), (5.0, 5.0), Some(((5.0, 10.0), (5.0, 5.0))));
        check((-5.0, -1.0), (15.0, -1.0), None);
        check((20.0, 0.0), (30.0, 10.0), None);
    }
}

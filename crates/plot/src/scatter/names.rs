//! Names beside points, so that none covers another or a marker.

use std::collections::HashMap;

use super::{MARKER, ScatterPoint};
use crate::colour::RULE;
use crate::font::Weight;
use crate::picture::{Anchor, Picture, Point, Rect, Stroke, Text};
use crate::words::{self, SMALL, shorten};

/// Rectangles that are taken, by the cells of a grid that they touch.
#[derive(Default)]
struct Taken(HashMap<(i32, i32), Vec<Rect>>);

impl Taken {
    const CELL: f64 = 40.0;

    fn cells(area: Rect) -> impl Iterator<Item = (i32, i32)> {
        let cell = |at: f64| (at / Self::CELL).floor() as i32;
        let down = cell(area.y)..=cell(area.bottom());
        (cell(area.x)..=cell(area.right())).flat_map(move |x| down.clone().map(move |y| (x, y)))
    }

    fn add(&mut self, area: Rect) {
        Self::cells(area).for_each(|cell| self.0.entry(cell).or_default().push(area));
    }

    fn is_free(&self, area: Rect) -> bool {
        let meets = |other: &Rect| {
            area.x < other.right()
                && other.x < area.right()
                && area.y < other.bottom()
                && other.y < area.bottom()
        };
        Self::cells(area).all(|cell| self.0.get(&cell).is_none_or(|taken| !taken.iter().any(meets)))
    }
}

/// With at most so many points a name may stand away from its point, at the end of a line.
const FEW: usize = 300;

/// Where a name may stand: to the right of its point and down, and which part of it.
fn ways(size: f64, is_few: bool) -> Vec<(f64, f64, Anchor)> {
    let marker = MARKER * size;
    let (near, far, line) = (marker + 2.0, marker + 3.0, SMALL * 0.5 + marker + 2.0);
    let mut ways = vec![
        (near, 0.0, Anchor::Start),
        (-near, 0.0, Anchor::End),
        (0.0, -line, Anchor::Middle),
        (0.0, line + 1.0, Anchor::Middle),
        (far, -line * 0.8, Anchor::Start),
        (far, line * 0.9, Anchor::Start),
        (-far, -line * 0.8, Anchor::End),
        (-far, line * 0.9, Anchor::End),
    ];
    if is_few {
        for radius in [24.0, 36.0, 50.0] {
            for (right, down) in [(0.8, -0.6), (-0.8, -0.6), (0.8, 0.6), (-0.8, 0.6), (1.0, 0.0), (-1.0, 0.0)]
            {
                let anchor = if right > 0.0 { Anchor::Start } else { Anchor::End };
                ways.push((right * radius, down * radius, anchor));
            }
        }
    }
    ways
}

/// Where the line to a name ends.
fn leader_end(text: &Text) -> Point {
    let bounds = text.bounds();
    (if text.anchor == Anchor::Start { bounds.x - 2.0 } else { bounds.right() + 2.0 }, text.at.1)
}

/// The line from a point to its name, in small steps from the marker on; none to a name beside its point.
fn leader((x, y): Point, text: &Text, half: f64) -> impl Iterator<Item = Rect> {
    const NEAR: f64 = 20.0;
    const STEP: f64 = 3.0;
    let end = leader_end(text);
    let (right, down) = (end.0 - x, end.1 - y);
    let length = right.hypot(down);
    let is_far = (text.at.0 - x).hypot(text.at.1 - y) > NEAR;
    let steps = if is_far { (length / STEP) as usize } else { 0 };
    let start = half * std::f64::consts::SQRT_2 + 1.0;
    (0..steps).map(move |step| start + step as f64 * STEP).take_while(move |at| *at < length).map(move |at| {
        let share = at / length;
        Rect { x: x + right * share - 0.5, y: y + down * share - 0.5, width: 1.0, height: 1.0 }
    })
}

/// Writes the names that have room beside their points, the first points first; how many have none.
pub(super) fn write(
    picture: &mut Picture,
    places: &[(Point, usize, &ScatterPoint)],
    area: Rect,
    size: f64,
) -> usize {
    let half = MARKER * size;
    let mut taken = Taken::default();
    for ((x, y), ..) in places {
        taken.add(Rect { x: x - half, y: y - half, width: 2.0 * half, height: 2.0 * half });
    }
    let ways = ways(size, places.len() <= FEW);
    let inner = Rect { x: area.x + 2.0, y: area.y + 1.0, width: area.width - 4.0, height: area.height - 2.0 };
    let mut left_out = 0;
    for (place, _, point) in places {
        let name = shorten(&words::clean(&point.name), SMALL, Weight::Regular, 160.0);
        if name.is_empty() {
            continue;
        }
        let text = |(right, down, anchor): &(f64, f64, Anchor)| {
            Text::ink(name.clone(), (place.0 + right, place.1 + down), SMALL, *anchor)
        };
        let fits = |text: &Text| {
            let bounds = text.bounds();
            let is_inside = bounds.x > inner.x
                && bounds.right() < inner.right()
                && bounds.y > inner.y
                && bounds.bottom() < inner.bottom();
            let is_crossing = || leader(*place, text, half).any(|step| !taken.is_free(step));
            is_inside && taken.is_free(bounds) && !is_crossing()
        };
        let Some(text) = ways.iter().map(text).find(fits) else {
            left_out += 1;
            continue;
        };
        // A little room around it.
        let Rect { x, y, width, height } = text.bounds();
        taken.add(Rect { x: x - 2.0, y: y - 1.0, width: width + 4.0, height: height + 2.0 });
        let steps: Vec<Rect> = leader(*place, &text, half).collect();
        if !steps.is_empty() {
            steps.into_iter().for_each(|step| taken.add(step));
            picture.line(vec![*place, leader_end(&text)], Stroke::thin(RULE));
        }
        picture.text(text);
    }
    left_out
}

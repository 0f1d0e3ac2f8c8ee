//! Names of many groups above their middles, where a legend would be long and markers would repeat.

use super::ScatterPoint;
use crate::colour::{INK, WHITE};
use crate::font::Weight;
use crate::picture::{Anchor, Picture, Point, Rect, Text};
use crate::words::{self, SMALL, shorten};

/// With more named groups than this their names stand above their middles.
pub(super) const FEW: usize = 7;

/// Room that a name may move up or down, in lines.
const LINES: i32 = 6;

/// Above a group's middle: the median of its places across, and over the uppermost tenth, which strays do not
/// move and where a name covers few of its points.
fn above(mut places: Vec<Point>) -> Option<Point> {
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    let x = places.get(places.len() / 2)?.0;
    places.sort_by(|a, b| a.1.total_cmp(&b.1));
    Some((x, places.get(places.len() / 10)?.1 - SMALL))
}

/// Writes each group's name above its points, the largest group first; one that has no room there
/// moves up or down. Returns how many are left out.
pub(super) fn write(
    picture: &mut Picture,
    places: &[(Point, usize, &ScatterPoint)],
    names: &[String],
    area: Rect,
) -> usize {
    let mut groups: Vec<Vec<Point>> = vec![Vec::new(); names.len()];
    for (place, group, _) in places {
        if let Some(group) = groups.get_mut(*group) {
            group.push(*place);
        }
    }
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_key(|&group| std::cmp::Reverse(groups.get(group).map(Vec::len)));
    let (mut taken, mut left_out) = (Vec::<Rect>::new(), 0);
    for group in order {
        let Some((name, (x, y))) = names.get(group).zip(groups.get(group).cloned().and_then(above)) else {
            continue;
        };
        let name = shorten(&words::name(name), SMALL, Weight::Bold, 180.0);
        let text = |line: i32| {
            let at = (x, y + f64::from(line) * (SMALL + 4.0));
            Text { weight: Weight::Bold, colour: INK, ..Text::ink(name.clone(), at, SMALL, Anchor::Middle) }
        };
        let within = |text: Text| {
            let bounds = text.bounds();
            let right = (area.x + 3.0 - bounds.x).max(0.0) - (bounds.right() - area.right() + 3.0).max(0.0);
            Text { at: (text.at.0 + right, text.at.1), ..text }
        };
        let is_free = |text: &Text| {
            let bounds = ground(text);
            let is_inside = bounds.y >= area.y && bounds.bottom() <= area.bottom();
            is_inside && !taken.iter().any(|other: &Rect| meet(&bounds, other))
        };
        let lines = (0..=LINES).flat_map(|line| [-line, line]);
        match lines.map(|line| within(text(line))).find(is_free) {
            Some(text) => {
                taken.push(ground(&text));
                picture.fill(ground(&text), WHITE);
                picture.text(text);
            }
            None => left_out += 1,
        }
    }
    left_out
}

/// The ground of a name, which covers the points below it.
fn ground(text: &Text) -> Rect {
    let Rect { x, y, width, height } = text.bounds();
    Rect { x: x - 3.0, y: y - 2.0, width: width + 6.0, height: height + 4.0 }
}

fn meet(one: &Rect, other: &Rect) -> bool {
    one.x < other.right() && other.x < one.right() && one.y < other.bottom() && other.y < one.bottom()
}

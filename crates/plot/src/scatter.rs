use crate::colour::GRID;
use crate::font::Weight;
use crate::frame::{self, Key, MARGIN};
use crate::numbers::{grouped, is_drawable};
use crate::picture::{Anchor, Picture, Point, Rect, Stroke, Text, WIDTH};
use crate::words::{self, shorten};
use crate::{Result, series};

mod centres;
mod names;

/// One point of a [`Scatter`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScatterPoint {
    /// To the right.
    pub x: f64,
    /// Upward.
    pub y: f64,
    /// A name that is written beside the point where there is room; may be empty.
    pub name: String,
    /// The text that the point stands for, for who shows it beside the picture; it is not drawn.
    pub text: String,
}

/// Points that belong together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScatterGroup {
    /// The name in the legend; may be empty.
    pub name: String,
    /// Its points.
    pub points: Vec<ScatterPoint>,
}

/// Points in the plane, in groups: a map of words or texts.
///
/// Groups differ by colour and marker, and more than seven of them, whose points have no names, have theirs
/// above them in place of a legend. Both axes have one scale and no numbers, as distances alone mean
/// something. A name that would cover another one or a marker is left out, and the picture says how many are.
///
/// ```
/// use assort_plot::{Scatter, ScatterGroup, ScatterPoint};
///
/// let point = |x, y, name: &str| ScatterPoint { x, y, name: name.into(), ..ScatterPoint::default() };
/// let fruit = vec![point(0.0, 0.1, "plum"), point(0.2, 0.0, "pear")];
/// let map = Scatter {
///     title: "Words".into(),
///     groups: vec![
///         ScatterGroup { name: "fruit".into(), points: fruit },
///         ScatterGroup { name: "animals".into(), points: vec![point(3.0, 2.0, "dog")] },
///     ],
///     ..Scatter::default()
/// };
/// assert!(map.svg()?.contains("plum"));
/// # Ok::<(), assort_plot::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scatter {
    /// The title above the picture.
    pub title: String,
    /// The name of the horizontal axis; may be empty.
    pub x_name: String,
    /// The name of the vertical axis; may be empty.
    pub y_name: String,
    /// The groups, in the order of the legend; there is none if no group has a name.
    pub groups: Vec<ScatterGroup>,
    /// Sentences under the picture.
    pub notes: Vec<String>,
}

/// From the border to the outermost points.
const CLEARANCE: f64 = 26.0;
/// The height of the area with the points, at least and at most.
const HEIGHTS: (f64, f64) = (260.0, 640.0);
/// Half of the square that a marker of full size takes.
const MARKER: f64 = 5.0;

impl Scatter {
    /// Where in the picture each point lies that is drawn, in pixels from the left and from the top, and its
    /// group.
    pub fn places(&self) -> Vec<((f64, f64), usize, &ScatterPoint)> {
        self.laid_out().1
    }

    pub(crate) fn picture(&self) -> Result<Picture> {
        Ok(self.laid_out().0)
    }

    /// The picture, and where in it each point lies that is drawn, with its group.
    fn laid_out(&self) -> (Picture, Vec<(Point, usize, &ScatterPoint)>) {
        let mut picture = Picture::new(WIDTH, &self.title);
        let mut names: Vec<String> = self.groups.iter().map(|group| group.name.clone()).collect();
        if names.iter().all(String::is_empty) {
            names.clear();
        }
        let has_names = |group: &ScatterGroup| group.points.iter().any(|point| !point.name.is_empty());
        let is_few = names.len() <= centres::FEW || self.groups.iter().any(has_names);
        let legend = if is_few { names.as_slice() } else { &[] };
        let top = frame::header(&mut picture, &self.title, Key::Marker, legend);
        let (_, top) = frame::vertical_name(&mut picture, &self.y_name, top);
        let groups = self.groups.iter().enumerate();
        let all = groups.flat_map(|(group, all)| all.points.iter().map(move |point| (group, point)));
        let drawn: Vec<(usize, &ScatterPoint)> =
            all.clone().filter(|(_, point)| is_drawable(point.x) && is_drawable(point.y)).collect();
        let lost = all.count() - drawn.len();
        let mut notes = self.notes.clone();
        if lost > 0 {
            notes.push(format!("{lost} of the points are not finite numbers and are left out."));
        }
        if drawn.is_empty() {
            frame::nothing(&mut picture, top, "no points to draw", &notes);
            return (picture, Vec::new());
        }
        let scale = Scale::new(&drawn, top);
        let area = scale.area;
        let (left, top, right, bottom) = (area.x, area.y, area.right(), area.bottom());
        let border = vec![(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
        picture.line(border, Stroke::thin(GRID));
        let places: Vec<(Point, usize, &ScatterPoint)> =
            drawn.iter().map(|(group, point)| (scale.place(point.x, point.y), *group, *point)).collect();
        let size = marker_size(places.len());
        let left_out = names::write(&mut picture, &places, area, size);
        if left_out > 0 {
            let count = |number: usize| grouped(number as f64, 0);
            notes.push(format!("{} of {} names have no room.", count(left_out), count(places.len())));
        }
        // Over the lines to their names.
        for (place, group, _) in &places {
            series::sized_marker(&mut picture, *group, *place, size);
        }
        if !is_few {
            let left_out = centres::write(&mut picture, &places, &names, area);
            notes.push("Names stand above their groups.".into());
            if left_out > 0 {
                notes.push(format!("{left_out} of {} names of groups have no room.", names.len()));
            }
            if names.len() > series::DIFFERENT {
                notes.push(format!("Markers repeat after {} groups.", series::DIFFERENT));
            }
        }
        let mut bottom = area.bottom();
        if !self.x_name.is_empty() {
            let name = shorten(&words::clean(&self.x_name), 12.0, Weight::Regular, area.width);
            let middle = (area.x + area.width / 2.0, bottom + 18.0);
            picture.text(Text::quiet(name, middle, 12.0, Anchor::Middle));
            bottom += 24.0;
        }
        frame::finish(&mut picture, bottom + 4.0, &notes);
        (picture, places)
    }
}

/// One scale for both axes, so that the points fill the area.
struct Scale {
    area: Rect,
    middle: Point,
    /// Pixels a unit.
    size: f64,
}

impl Scale {
    fn new(points: &[(usize, &ScatterPoint)], top: f64) -> Self {
        let bounds = |value: fn(&ScatterPoint) -> f64| {
            let values = points.iter().map(|(_, point)| value(point));
            let low = values.clone().fold(f64::INFINITY, f64::min);
            (low, values.fold(f64::NEG_INFINITY, f64::max) - low)
        };
        let ((left, across), (low, up)) = (bounds(|point| point.x), bounds(|point| point.y));
        let room = WIDTH - 2.0 * MARGIN - 2.0 * CLEARANCE;
        let least = |room: f64, span: f64| if span > 0.0 { room / span } else { f64::INFINITY };
        let size = least(room, across).min(least(HEIGHTS.1 - 2.0 * CLEARANCE, up));
        // All points in one place.
        let size = if size.is_finite() { size } else { 0.0 };
        let height = (up * size + 2.0 * CLEARANCE).max(HEIGHTS.0);
        let area = Rect { x: MARGIN, y: top, width: WIDTH - 2.0 * MARGIN, height };
        Self { area, middle: (left + across / 2.0, low + up / 2.0), size }
    }

    fn place(&self, x: f64, y: f64) -> Point {
        let centre = (self.area.x + self.area.width / 2.0, self.area.y + self.area.height / 2.0);
        (centre.0 + (x - self.middle.0) * self.size, centre.1 - (y - self.middle.1) * self.size)
    }
}

/// How large markers are drawn: small ones where there are many points.
fn marker_size(points: usize) -> f64 {
    match points {
        0..=400 => 1.0,
        401..=1500 => 0.75,
        _ => 0.5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Shape;

    fn grid(count: usize, step: f64) -> Scatter {
        let point = |number: usize| ScatterPoint {
            x: (number % 10) as f64 * step,
            y: (number / 10) as f64 * step,
            name: format!("name {number}"),
            text: String::new(),
        };
        let half = |range: std::ops::Range<usize>| range.map(point).collect();
        let groups = vec![
            ScatterGroup { name: "one".into(), points: half(0..count / 2) },
            ScatterGroup { name: "two".into(), points: half(count / 2..count) },
        ];
        Scatter { title: "a map".into(), groups, ..Scatter::default() }
    }

    fn texts(map: &Scatter) -> Vec<String> {
        let shapes = map.picture().unwrap().shapes;
        shapes
            .into_iter()
            .filter_map(|shape| if let Shape::Text(text) = shape { Some(text.text) } else { None })
            .collect()
    }

    #[test]
    fn names_that_have_room_are_written() {
        let texts = texts(&grid(40, 1.0));
        for name in ["a map", "one", "two", "name 0", "name 39"] {
            assert!(texts.contains(&name.to_owned()), "{name} is not among {texts:?}");
        }
        assert!(!texts.iter().any(|text| text.contains("no room")));
    }

    #[test]
    fn names_without_room_are_counted() {
        let mut map = grid(200, 1.0);
        map.groups[0].points.iter_mut().for_each(|point| (point.x, point.y) = (0.0, 0.0));
        let texts = texts(&map);
        let written = texts.iter().filter(|text| text.starts_with("name")).count();
        assert!(texts.contains(&format!("{} of 200 names have no room.", 200 - written)), "{texts:?}");
        assert!((20..200).contains(&written), "{written}");
    }

    #[test]
    fn names_of_many_groups_stand_above_them() {
        let group = |number: usize| ScatterGroup {
            name: format!("group {number}"),
            points: (0..9)
                .map(|point| ScatterPoint {
                    x: (number % 8) as f64 * 10.0 + f64::from(point % 3),
                    y: (number / 8) as f64 * 10.0 + f64::from(point / 3),
                    ..ScatterPoint::default()
                })
                .collect(),
        };
        let map = |groups: usize| Scatter { groups: (0..groups).map(group).collect(), ..Scatter::default() };
        let notes = |map: &Scatter| texts(map).into_iter().filter(|text| text.ends_with('.')).collect();
        let found: Vec<String> = notes(&map(7));
        assert!(found.is_empty(), "{found:?}");
        let found: Vec<String> = notes(&map(35));
        assert_eq!(found, ["Names stand above their groups."]);
        assert!(notes(&map(36)).contains(&"Markers repeat after 35 groups.".to_owned()));
        let names = texts(&map(36)).into_iter().filter(|text| text.starts_with("group")).count();
        assert_eq!(names, 36, "each has room");
        // All in one place: as many as fit, the others are counted.
        let mut heap = map(40);
        let points = heap.groups.iter_mut().flat_map(|group| &mut group.points);
        points.for_each(|point| (point.x, point.y) = (0.0, 0.0));
        let names = texts(&heap).into_iter().filter(|text| text.starts_with("group")).count();
        assert!(notes(&heap).contains(&format!("{} of 40 names of groups have no room.", 40 - names)));
    }

    #[test]
    fn points_keep_their_proportions() {
        let mut map = grid(30, 2.0);
        map.groups[0].points[0].x = f64::NAN;
        let (_, places) = map.laid_out();
        assert_eq!(places.len(), 29);
        let (first, right, up) = (places[0].0, places[1].0, places[10].0);
        assert!((right.0 - first.0 - (first.1 - up.1)).abs() < 1e-9 && right.0 > first.0);
        assert!(texts(&map).contains(&"1 of the points are not finite numbers and are left out.".to_owned()));
    }
}

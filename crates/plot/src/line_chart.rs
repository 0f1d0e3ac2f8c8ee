use crate::axis::{Axis, AxisRange, horizontal};
use crate::frame::{self, Key, MARGIN};
use crate::marks::{Mark, Marks};
use crate::numbers::{NumberFormat, Steps, is_drawable};
use crate::picture::{Picture, Point, Rect, WIDTH};
use crate::stroke::clip;
use crate::{Result, series};

/// One line of a [`LineChart`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// The name in the legend.
    pub name: String,
    /// The points (x, y) in the order in which they are joined. A point that is not finite leaves a gap.
    pub points: Vec<(f64, f64)>,
}

impl Series {
    /// Values at x = 1, 2, 3 …, as one has them after each epoch.
    pub fn by_epoch(name: impl Into<String>, values: &[f64]) -> Series {
        let points = values.iter().enumerate().map(|(index, value)| (index as f64 + 1.0, *value)).collect();
        Series { name: name.into(), points }
    }
}

/// Lines over a common axis: the loss of training and validation by epoch, say.
///
/// Lines differ by colour, dash and marker. Where all x are whole numbers, so are the ticks.
/// Points that are not finite are left out, and the picture says so.
///
/// ```
/// use assort_plot::{LineChart, Series};
///
/// let chart = LineChart {
///     title: "Loss".into(),
///     x_name: "epoch".into(),
///     series: vec![Series::by_epoch("training", &[1.1, 0.8]), Series::by_epoch("validation", &[1.2, 1.0])],
///     ..LineChart::default()
/// };
/// assert!(chart.svg()?.contains("validation"));
/// # Ok::<(), assort_plot::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineChart {
    /// The title above the picture.
    pub title: String,
    /// The name of the horizontal axis; may be empty.
    pub x_name: String,
    /// The name of the vertical axis; may be empty.
    pub y_name: String,
    /// The lines, in the order of the legend.
    pub series: Vec<Series>,
    /// A vertical line with words, for the best epoch.
    pub best: Option<Mark>,
    /// How the numbers of the horizontal axis are written.
    pub x_format: NumberFormat,
    /// The range of the vertical axis.
    pub y_range: AxisRange,
    /// How the numbers of the vertical axis are written.
    pub y_format: NumberFormat,
}

impl LineChart {
    fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        self.series.iter().flat_map(|series| series.points.iter().copied())
    }

    pub(crate) fn picture(&self) -> Result<Picture> {
        let mut picture = Picture::new(WIDTH, &self.title);
        let names: Vec<String> = self.series.iter().map(|series| series.name.clone()).collect();
        let top = frame::header(&mut picture, &self.title, Key::Line, &names);
        let (name_end, top) = frame::vertical_name(&mut picture, &self.y_name, top);

        let drawn = || self.points().filter(|(x, y)| is_drawable(*x) && is_drawable(*y));
        let y_axis = Axis::new(drawn().map(|(_, y)| y), self.y_range, Steps::Any, self.y_format)?;
        if drawn().next().is_none() {
            frame::nothing(&mut picture, top, "nothing to draw yet", &notes(self.points().count()));
            return Ok(picture);
        }
        let left = MARGIN + frame::tick_room(&y_axis);
        let right = WIDTH - MARGIN - 6.0;
        let is_whole = self.x_format == NumberFormat::PowerOfTen || drawn().all(|(x, _)| x.fract() == 0.0);
        let steps = if is_whole { Steps::Whole } else { Steps::Any };
        let best = self.best.iter().filter(|mark| is_drawable(mark.at));
        let x_values = drawn().map(|(x, _)| x).chain(best.clone().map(|mark| mark.at));
        let x_axis = horizontal(x_values, steps, self.x_format, right - left);
        // The outermost markers stay clear of the border.
        let place_x = |x: f64| x_axis.place(x, left + 12.0, right - 12.0);

        let marks = Marks::new(best.map(|mark| (place_x(mark.at), mark.name.clone())).collect(), right);
        let area = Rect { x: left, y: marks.chart_top(name_end, top), width: right - left, height: 290.0 };
        frame::vertical_axis(&mut picture, &y_axis, area);
        let bottom = frame::horizontal_axis(&mut picture, &x_axis, area, place_x, &self.x_name);
        marks.draw(&mut picture, area);
        let place = |(x, y): Point| (place_x(x), y_axis.place(y, area.bottom(), area.y));
        for (index, series) in self.series.iter().enumerate() {
            draw_series(&mut picture, index, &series.points, area, &place);
        }
        frame::finish(&mut picture, bottom, &notes(self.points().count() - drawn().count()));
        Ok(picture)
    }
}

/// Notes on points that are not drawn.
fn notes(lost: usize) -> Vec<String> {
    match lost {
        0 => Vec::new(),
        1 => vec!["1 point is not a finite number and is left out.".to_string()],
        lost => vec![format!("{lost} points are not finite numbers and are left out.")],
    }
}

/// Draws the lines between neighbours that are both finite, then the markers.
fn draw_series(
    picture: &mut Picture,
    index: usize,
    points: &[Point],
    area: Rect,
    place: &dyn Fn(Point) -> Point,
) {
    let is_finite = |point: &&Point| is_drawable(point.0) && is_drawable(point.1);
    let mut line: Vec<Point> = Vec::new();
    let mut finish = |line: &mut Vec<Point>| {
        if line.len() > 1 {
            picture.line(std::mem::take(line), series::stroke(index));
        }
        line.clear();
    };
    for pair in points.windows(2) {
        let part = match pair {
            [from, to] if is_finite(&from) && is_finite(&to) => clip(place(*from), place(*to), area),
            _ => None,
        };
        match part {
            Some((from, to)) => {
                if line.last() != Some(&from) {
                    finish(&mut line);
                    line.push(from);
                }
                line.push(to);
            }
            None => finish(&mut line),
        }
    }
    finish(&mut line);
    // On a long line only some points get a marker, at different places for each series.
    let every = points.len().div_ceil(30).max(1);
    let few = |(number, _): &(usize, &Point)| number % every == (index * every / 3) % every;
    for (_, point) in points.iter().enumerate().filter(few) {
        let (x, y) = place(*point);
        if is_finite(&point) && y >= area.y - 0.5 && y <= area.bottom() + 0.5 {
            series::marker(picture, index, (x, y));
        }
    }
}

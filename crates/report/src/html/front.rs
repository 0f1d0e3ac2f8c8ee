//! Quality against price as a chart, with the front: those than which none is both as good and cheaper.

use assort_metrics::{FigureKind, Scale};
use assort_plot::{LineChart, NumberFormat, Series};

/// More points than this share one colour: a legend of all would hide the chart.
const NAMED: usize = 20;

/// One training.
pub struct Point {
    pub name: String,
    pub price: f64,
    /// The figure; `None` if it failed.
    pub value: Option<f64>,
}

/// The name of the front among the series.
pub const FRONT: &str = "the front";

/// The chart: the figure upwards, the price to the right, by its logarithm where prices are ten times as high
/// as others.
pub fn chart(title: &str, price: &str, points: &[Point], by: &FigureKind) -> LineChart {
    let least = points.iter().map(|point| point.price).fold(f64::INFINITY, f64::min).max(1e-6);
    let is_wide = points.iter().any(|point| point.price >= 10.0 * least);
    let across = |price: f64| if is_wide { price.max(1e-6).log10() } else { price };
    let place = |point: &Point| Some((across(point.price), point.value?));
    let mut drawn: Vec<(&Point, (f64, f64))> =
        points.iter().filter_map(|point| Some((point, place(point)?))).collect();
    let single: Vec<Series> = match drawn.len() <= NAMED {
        true => drawn
            .iter()
            .map(|(point, place)| Series { name: point.name.clone(), points: vec![*place] })
            .collect(),
        false => Vec::new(),
    };
    drawn.sort_by(|(_, a), (_, b)| a.0.total_cmp(&b.0).then(by.cost(a.1).total_cmp(&by.cost(b.1))));
    let mut best = f64::INFINITY;
    drawn.retain(|(_, (_, value))| {
        let is_better = by.cost(*value) < best;
        best = best.min(by.cost(*value));
        is_better
    });
    let front = Series { name: FRONT.into(), points: drawn.into_iter().map(|(_, place)| place).collect() };
    LineChart {
        title: format!("{} {title}", crate::words::capital(by.title)),
        x_name: price.into(),
        x_format: if is_wide { NumberFormat::PowerOfTen } else { NumberFormat::Number },
        y_name: by.title.into(),
        y_format: if by.scale == Scale::Share { NumberFormat::Percent } else { NumberFormat::Number },
        series: [front].into_iter().chain(single).collect(),
        ..LineChart::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_metrics::figures::{ACCURACY, LOSS};

    #[test]
    fn the_front_holds_no_loser() {
        let point = |price, value| Point { name: String::new(), price, value };
        let points =
            [point(100.0, Some(0.9)), point(1.0, Some(0.8)), point(10.0, Some(0.7)), point(1.0, None)];
        let front = |by| chart("", "", &points, by).series.swap_remove(0).points;
        assert_eq!(front(&ACCURACY), [(0.0, 0.8), (2.0, 0.9)]);
        assert_eq!(front(&LOSS), [(0.0, 0.8), (1.0, 0.7)]);
        assert_eq!(chart("", "", &points, &ACCURACY).series.len(), 4);
        let near = [point(2.0, Some(0.5)), point(3.0, Some(0.7))];
        let linear = chart("", "", &near, &ACCURACY);
        assert_eq!((linear.x_format, &linear.series[0].points[1]), (NumberFormat::Number, &(3.0, 0.7)));
    }
}

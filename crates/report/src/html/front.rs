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

/// The chart: the figure upwards, the logarithm of the price to the right.
pub fn chart(title: &str, price: &str, points: &[Point], by: &FigureKind) -> LineChart {
    let place = |point: &Point| Some((point.price.max(1e-6).log10(), point.value?));
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
    let front =
        Series { name: "the front".into(), points: drawn.into_iter().map(|(_, place)| place).collect() };
    LineChart {
        title: format!("{} {title}", crate::words::capital(by.title)),
        x_name: price.into(),
        x_format: NumberFormat::PowerOfTen,
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
    }
}

//! No word covers another, none leaves its picture, none is too small: for all charts and many labels.

use crate::picture::{Picture, Rect, Shape, Text};
use crate::words::SMALL;
use crate::{
    BarGroup, BarValue, Bars, Heatmap, Histogram, LineChart, Mark, Result, Scatter, ScatterGroup,
    ScatterPoint, Series, percentile_marks,
};

fn as_text(shape: &Shape) -> Option<&Text> {
    if let Shape::Text(text) = shape { Some(text) } else { None }
}

fn texts(picture: &Picture) -> Vec<&Text> {
    picture.shapes.iter().filter_map(as_text).collect()
}

fn meet(one: Rect, other: Rect) -> bool {
    const SLACK: f64 = 0.5;
    one.x + SLACK < other.right()
        && other.x + SLACK < one.right()
        && one.y + SLACK < other.bottom()
        && other.y + SLACK < one.bottom()
}

fn check(what: &str, picture: Result<Picture>) {
    let picture = picture.unwrap();
    let texts = texts(&picture);
    let bounds: Vec<Rect> = texts.iter().map(|text| text.bounds()).collect();
    for (index, (text, area)) in texts.iter().zip(&bounds).enumerate() {
        assert!(text.size >= SMALL, "{what}: {:?} has {} pixels", text.text, text.size);
        let is_inside = area.x >= 0.0
            && area.y >= 0.0
            && area.right() <= picture.width
            && area.bottom() <= picture.height;
        assert!(is_inside, "{what}: {:?} leaves the picture", text.text);
        for (other, place) in texts.iter().zip(&bounds).take(index) {
            assert!(!meet(*area, *place), "{what}: {:?} covers {:?}", text.text, other.text);
        }
    }
}

fn names(count: usize, length: usize) -> Vec<String> {
    (0..count).map(|index| format!("{}{index}", "name_of_a_label_".repeat(length))).collect()
}

#[test]
fn matrices_of_all_sizes() {
    for count in [0, 1, 2, 3, 13, 30, 31, 77] {
        for length in [0, 1, 9] {
            for most in [0, 1, 7, 123_456_789] {
                let matrix = Heatmap {
                    title: "a title that is rather long ".repeat(length),
                    labels: names(count, length),
                    counts: vec![vec![most; count]; count],
                    ..Heatmap::default()
                };
                check(&format!("{count} labels, length {length}, counts {most}"), matrix.picture());
            }
        }
    }
}

#[test]
fn bars_of_all_kinds() {
    for count in [0, 1, 2, 13, 77] {
        for groups in [0, 1, 3, 5] {
            for value in [BarValue::Number, BarValue::CountAndShare, BarValue::Percent] {
                let values = (0..count).map(|index| Some((index as f64 - 1.0) * 1234.5678)).collect();
                let group = BarGroup { name: "a name of a group".into(), values };
                let bars = Bars {
                    title: "bars".into(),
                    value_name: "values".into(),
                    names: names(count, groups),
                    groups: vec![group; groups],
                    value,
                };
                check(&format!("{count} names, {groups} groups, {value:?}"), bars.picture());
            }
        }
    }
}

#[test]
fn lines_of_all_kinds() {
    let odd = [f64::NAN, f64::INFINITY, f64::MAX, f64::MIN, -0.0, 1e-300, 0.1 + 0.2];
    for epochs in [0, 1, 2, 7, 100, 1000] {
        for scale in odd.iter().chain(&[0.0, 1.0, 1e-12, 1e12, -5.0, 1e99]) {
            let values: Vec<f64> = (0..epochs).map(|epoch| scale * f64::from(epoch)).collect();
            let chart = LineChart {
                title: "lines".into(),
                x_name: "epoch".into(),
                y_name: "loss".into(),
                series: (0..9).map(|index| Series::by_epoch(format!("series {index}"), &values)).collect(),
                best: Some(Mark { name: "best: epoch 1, and words of some length".into(), at: 1.0 }),
                ..LineChart::default()
            };
            check(&format!("{epochs} epochs, scale {scale}"), chart.picture());
        }
    }
    let places = LineChart {
        series: vec![Series { name: "x".into(), points: vec![(-1e99, 1.0), (1e99, 2.0)] }],
        ..LineChart::default()
    };
    check("far", places.picture());
}

#[test]
fn histograms_of_all_kinds() {
    let spread: Vec<f64> = (0..1000).map(|index| f64::from(index * index) / 100.0).collect();
    let tail = [vec![5.0; 500], vec![1e9]].concat();
    let cases =
        [vec![], vec![f64::NAN], vec![0.0], vec![7.0; 300], vec![-3.5, 1e6], spread, tail, vec![-1e99, 1e99]];
    for values in cases {
        let marks = percentile_marks(&values, &[0.0, 50.0, 90.0, 95.0, 99.0, 100.0]);
        let histogram = Histogram {
            title: "lengths".into(),
            x_name: "tokens".into(),
            y_name: "texts".into(),
            values: values.clone(),
            marks,
        };
        check(&format!("{} values", values.len()), histogram.picture());
    }
}

#[test]
fn maps_of_all_kinds() {
    for groups in [0, 1, 2, 9, 40] {
        for count in [0, 1, 2, 30, 300] {
            for scale in [0.0, 1e-9, 1.0, 1e90, f64::NAN] {
                let points = (0..count).map(|index| ScatterPoint {
                    x: f64::from(index * index % 97) * scale,
                    y: f64::from(index * 31 % 89) * scale,
                    name: format!("word {index}"),
                    text: String::new(),
                });
                let points: Vec<ScatterPoint> = points.collect();
                let map = Scatter {
                    title: "a map ".repeat(groups),
                    x_name: "first axis".into(),
                    y_name: "second axis".into(),
                    groups: names(groups, 1)
                        .into_iter()
                        .map(|name| ScatterGroup { name, points: points.clone() })
                        .collect(),
                    notes: vec!["a note".into()],
                };
                check(&format!("{groups} groups of {count} points, scale {scale}"), map.picture());
            }
        }
    }
}

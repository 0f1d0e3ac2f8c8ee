//! Against SciPy and scikit-learn: `fixtures/calibration/golden.json`, made by
//! `fixtures/calibration/make.py`.

use super::*;
use serde_json::Value;

fn table<T: serde::de::DeserializeOwned>(value: &Value) -> Array2<T> {
    let rows: Vec<Vec<T>> = serde_json::from_value(value.clone()).unwrap();
    let shape = (rows.len(), rows[0].len());
    Array2::from_shape_vec(shape, rows.into_iter().flatten().collect()).unwrap()
}

/// The cases with their probabilities and truth.
fn golden() -> Vec<(Value, Array2<f64>, Array2<bool>)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/calibration/golden.json");
    let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    cases
        .into_iter()
        .map(|case| (case.clone(), table(&case["probabilities"]), table(&case["truth"])))
        .collect()
}

fn labels(truth: &Array2<bool>) -> Vec<u32> {
    truth.rows().into_iter().map(|row| row.iter().position(|holds| *holds).unwrap_or(0) as u32).collect()
}

#[test]
fn fits_equal_golden() {
    for (case, probabilities, truth) in golden() {
        let own = labels(&truth);
        let (truth, task) = match case["sets"].as_bool() {
            Some(true) => (TrueLabels::Any(truth.view()), Task::AnyOf),
            _ => (TrueLabels::One(&own), Task::OneOf),
        };
        for kind in CalibrationKind::ALL {
            let found = kind.fit(probabilities.view(), truth);
            assert!(found.kind() == kind && found.fits(probabilities.ncols()));
            let calibrated = found.apply(probabilities.view(), task);
            let expect: Array2<f64> = table(&case["calibrated"][kind.name()]);
            for (found, expect) in calibrated.iter().zip(&expect) {
                assert!(
                    (found - expect).abs() < 1e-5,
                    "{} {kind:?}: {found}, expected {expect}",
                    case["name"]
                );
            }
            let before = truth.log_loss(probabilities.view()).unwrap().unwrap();
            assert!(
                truth.log_loss(calibrated.view()).unwrap().unwrap() < before,
                "{} {kind:?}",
                case["name"]
            );
            let json = serde_json::to_string(&found).unwrap();
            assert_eq!(serde_json::from_str::<Calibration>(&json).unwrap(), found);
        }
        let Calibration::Temperature { scale } =
            CalibrationKind::Temperature.fit(probabilities.view(), truth)
        else {
            panic!("another kind")
        };
        assert!((scale - case["temperature"].as_f64().unwrap()).abs() < 1e-6);
    }
}

/// A temperature moves no answer, and probabilities stay probabilities.
#[test]
fn temperatures_keep_the_order() {
    let (_, probabilities, _) = golden().remove(0);
    let calibrated = Calibration::Temperature { scale: 0.3 }.apply(probabilities.view(), Task::OneOf);
    for (before, after) in probabilities.rows().into_iter().zip(calibrated.rows()) {
        assert!((after.sum() - 1.0).abs() < 1e-12);
        let best = |row: ndarray::ArrayView1<f64>| (0..3).max_by(|&a, &b| row[a].total_cmp(&row[b]));
        assert_eq!(best(before), best(after));
    }
}

#[test]
fn edges() {
    let certain = ndarray::array![[1.0, 0.0], [0.0, 1.0]];
    for kind in CalibrationKind::ALL {
        let found = kind.fit(certain.view(), TrueLabels::One(&[0, 0]));
        let calibrated = found.apply(certain.view(), Task::OneOf);
        assert!(calibrated.iter().all(|p| (0.0..=1.0).contains(p)), "{kind:?}: {calibrated}");
        assert!(found.fits(2) && (kind == CalibrationKind::Temperature || !found.fits(3)));
    }
    assert!(!Calibration::Temperature { scale: f64::NAN }.fits(2));
    assert!(!Calibration::Vector { scales: vec![1.0], shifts: vec![] }.fits(1));
}

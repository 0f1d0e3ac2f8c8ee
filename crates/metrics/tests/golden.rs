//! Equality with scikit-learn, SciPy and cleanlab: `fixtures/metrics/golden.json`, made by
//! `fixtures/metrics/make.py`.

#![allow(clippy::unwrap_used, reason = "a test helper may fail loudly")]

use assort_metrics::figures::LOSS;
use assort_metrics::{
    Average, ClassificationReport, ConfusionMatrix, Evidence, FigureKind, FigureSet, McNemar, McNemarMethod,
    SetEvidence, UndefinedRule, label_errors, log_loss, predicted_labels, top_k_accuracy, wilson,
};
use ndarray::Array2;
use serde_json::Value;

fn golden(name: &str) -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/metrics/golden.json");
    let value: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = value[name].as_array().unwrap().clone();
    assert!(cases.len() >= 5);
    cases
}

fn list<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn check(what: &str, found: Option<f64>, expect: Option<f64>) {
    let equal = match (found, expect) {
        (Some(found), Some(expect)) => (found - expect).abs() <= 1e-12 * expect.abs().max(1e-300),
        (None, None) => true,
        _ => false,
    };
    assert!(equal, "{what}: {found:?}, expected {expect:?}");
}

fn check_average(what: &str, average: &Average, expect: &Value) {
    let expect: [Option<f64>; 3] = list(expect);
    check(&format!("{what} precision"), average.precision, expect[0]);
    check(&format!("{what} recall"), average.recall, expect[1]);
    check(&format!("{what} f1"), average.f1, expect[2]);
}

#[test]
fn reports() {
    for case in golden("reports") {
        let name = case["name"].as_str().unwrap();
        let classes = list(&case["classes"]);
        let (truth, predicted): (Vec<u32>, Vec<u32>) = (list(&case["truth"]), list(&case["predicted"]));
        let matrix = ConfusionMatrix::from_labels(&truth, &predicted, classes).unwrap();
        assert_eq!(serde_json::to_value(&matrix).unwrap(), case["confusion"], "{name}");
        let names: Vec<String> = (0..classes).map(|class| format!("label {class}")).collect();
        for (rule, key) in [(UndefinedRule::AsZero, "as-zero"), (UndefinedRule::LeftOut, "left-out")] {
            let report = ClassificationReport::new(&matrix, &names, rule).unwrap();
            check(name, report.accuracy, case["figures"]["accuracy"].as_f64());
            assert_eq!(report.rows, truth.len() as u64);
            let labels: Vec<[Option<f64>; 3]> = list(&case["labels"]);
            let support: Vec<u64> = list(&case["support"]);
            assert_eq!(report.labels.len(), labels.len());
            for ((label, expect), support) in report.labels.iter().zip(&labels).zip(support) {
                let what = format!("{name}, {}", label.label);
                check(&what, label.precision, expect[0]);
                check(&what, label.recall, expect[1]);
                check(&what, label.f1, expect[2]);
                assert_eq!(label.support, support);
            }
            check_average(&format!("{name}, macro"), &report.macro_average, &case["macro"][key]);
            check_average(&format!("{name}, weighted"), &report.weighted_average, &case["weighted"][key]);
            check(name, matrix.macro_f1(rule), report.macro_average.f1);
            let undefined = labels.iter().filter(|label| label[0].is_none()).count();
            assert_eq!(report.macro_average.undefined.precision, undefined);
        }
    }
}

#[test]
fn figures() {
    for case in golden("reports") {
        let name = case["name"].as_str().unwrap();
        let (truth, predicted): (Vec<u32>, Vec<u32>) = (list(&case["truth"]), list(&case["predicted"]));
        let evidence = Evidence::from_labels(&truth, predicted, list(&case["classes"])).unwrap();
        // The loss reads probabilities; it has goldens of its own.
        for figure in FigureSet::new(&evidence).unwrap().iter().filter(|figure| figure.kind != &LOSS) {
            let expect = &case["figures"][figure.kind.name];
            assert!(
                case["figures"].as_object().unwrap().contains_key(figure.kind.name),
                "no golden of {:?}",
                figure.kind
            );
            check(&format!("{name}, {:?}", figure.kind), figure.value, expect.as_f64());
        }
    }
}

#[test]
fn sets() {
    for case in golden("sets") {
        let probabilities: Vec<Vec<f64>> = list(&case["probabilities"]);
        let truth: Vec<Vec<bool>> = list(&case["truth"]);
        let shape = (truth.len(), truth[0].len());
        let truth = Array2::from_shape_vec(shape, truth.concat()).unwrap();
        let probabilities = Array2::from_shape_vec(shape, probabilities.concat()).unwrap();
        let thresholds: Vec<f64> = list(&case["thresholds"]);
        let evidence = SetEvidence::new(truth.view(), probabilities.view(), &thresholds).unwrap();
        for figure in &FigureSet::new(&evidence).unwrap() {
            let expect = &case["figures"];
            assert!(
                expect.as_object().unwrap().contains_key(figure.kind.name),
                "no golden of {:?}",
                figure.kind
            );
            check(&format!("{:?}", figure.kind), figure.value, expect[figure.kind.name].as_f64());
        }
    }
}

#[test]
fn wrong_labels() {
    for case in golden("label_errors") {
        let rows: Vec<Vec<f64>> = list(&case["probabilities"]);
        let labels: Vec<u32> = list(&case["labels"]);
        let all = Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap();
        let found = label_errors(&labels, all.view()).unwrap();
        let issues: Vec<bool> = list(&case["issues"]);
        assert_eq!(found.suspects.iter().map(Option::is_some).collect::<Vec<_>>(), issues);
        let joint: Vec<Vec<u64>> = list(&case["joint"]);
        assert_eq!(found.joint.iter().copied().collect::<Vec<_>>(), joint.concat());
        let quality: Vec<f64> = list(&case["quality"]);
        assert_eq!(found.quality, quality);
    }
}

#[test]
fn losses() {
    for case in golden("losses") {
        let rows: Vec<Vec<f64>> = list(&case["probabilities"]);
        let truth: Vec<u32> = list(&case["truth"]);
        let columns = rows[0].len();
        let scores = Array2::from_shape_vec((rows.len(), columns), rows.concat()).unwrap();
        check("log loss", log_loss(scores.view(), &truth).unwrap(), case["log_loss"].as_f64());
        for (k, expect) in case["top"].as_object().unwrap() {
            let found = top_k_accuracy(scores.view(), &truth, k.parse().unwrap()).unwrap();
            check(&format!("top {k}"), found, expect.as_f64());
        }
        let predicted = predicted_labels(scores.view()).unwrap();
        let evidence = Evidence::new(&truth, scores.view()).unwrap();
        for (name, expect) in case["figures"].as_object().unwrap() {
            let kind = FigureKind::named(name).unwrap();
            check(name, kind.measure(&evidence).unwrap().value, expect.as_f64());
        }
        let matrix = ConfusionMatrix::from_labels(&truth, &predicted, columns).unwrap();
        check("accuracy", matrix.accuracy(), case["top"]["1"].as_f64());
        // The same numbers as f32, columns first in memory.
        let narrow = scores.t().mapv(|score| score as f32);
        let found = log_loss(narrow.t(), &truth).unwrap().unwrap();
        let clipped = rows.iter().zip(&truth).any(|(row, label)| row[*label as usize] < 1e-6);
        assert!(clipped || (found - case["log_loss"].as_f64().unwrap()).abs() < 1e-5);
    }
}

#[test]
fn wilson_intervals() {
    for case in golden("wilson") {
        let (successes, trials, confidence, low, high): (u64, u64, f64, f64, f64) = list(&case);
        let interval = wilson(successes, trials, confidence).unwrap().unwrap();
        check(&format!("{successes} of {trials}, low"), Some(interval.low), Some(low));
        check(&format!("{successes} of {trials}, high"), Some(interval.high), Some(high));
    }
}

#[test]
fn mcnemar() {
    for case in golden("mcnemar") {
        let (first, second, statistic, p_value): (u64, u64, Option<f64>, f64) = list(&case);
        let test = McNemar::from_counts(first, second);
        check(&format!("{first} {second} statistic"), test.statistic, statistic);
        check(&format!("{first} {second} p"), Some(test.p_value), Some(p_value));
        assert_eq!(test.method == McNemarMethod::Exact, statistic.is_none());
        assert_eq!(McNemar::from_counts(second, first).p_value, test.p_value);
    }
}

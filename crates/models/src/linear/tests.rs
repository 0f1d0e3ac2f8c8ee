//! The fit as a whole: against scikit-learn, against finite differences, and against itself.

use super::loss::Loss;
use super::matrix::{Design, Matrix};
use super::problem::{Buffers, Direction, Point, Problem, Weights};
use super::sparse::Sparse;
use super::{
    ClassWeights, Error, InversePenalty, Labels, LinearConfig, LinearModel, Multiclass, Path, Scaling,
    Stopped, fit,
};
use assort_rows::{DenseRows, SparseRows, TokenRows};
use serde_json::Value;

/// The general settings with a penalty that need not be chosen.
fn plain() -> LinearConfig {
    LinearConfig { inverse_penalty: InversePenalty::Fixed(1.0), ..LinearConfig::default() }
}

fn sparse(dense: &[Vec<f32>]) -> SparseRows {
    let (mut offsets, mut columns, mut values) = (vec![0], vec![], vec![]);
    for row in dense {
        for (column, value) in row.iter().enumerate().filter(|(_, value)| **value != 0.0) {
            columns.push(column as u32);
            values.push(*value);
        }
        offsets.push(columns.len());
    }
    SparseRows::new(offsets, columns, values, dense.first().map_or(0, Vec::len)).unwrap()
}

/// Rows in which feature j is common as 1 / j; a row's label is mostly its largest margin.
fn made(rows: usize, width: usize, classes: usize) -> (SparseRows, Vec<u32>) {
    let mut state = 9u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 24) as f32
    };
    let dense: Vec<Vec<f32>> = (0..rows)
        .map(|_| (0..width).map(|j| if next() < 2.0 / (2.0 + j as f32) { next() } else { 0.0 }).collect())
        .collect();
    let labels = (dense.iter())
        .map(|row| {
            let margin = |class: usize| -> f32 {
                row.iter().enumerate().map(|(j, value)| value * ((j * 7 + class * 5) % 11) as f32).sum()
            };
            let margins: Vec<f32> = (0..classes).map(|class| margin(class) + 4.0 * next()).collect();
            (0..classes).fold(0, |best, class| if margins[class] > margins[best] { class } else { best })
                as u32
        })
        .collect();
    (sparse(&dense), labels)
}

/// `fixtures/linear/fit.json`, made by `fixtures/linear/fit.py` with scikit-learn.
#[test]
fn optimum_equals_golden() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/linear/fit.json");
    let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(cases.len(), 10);
    for case in cases {
        let name = &case["name"];
        let table = |name: &str| -> Vec<Vec<f32>> { serde_json::from_value(case[name].clone()).unwrap() };
        let config: LinearConfig = serde_json::from_value(case["config"].clone()).unwrap();
        let intercepts: Vec<f32> = serde_json::from_value(case["intercepts"].clone()).unwrap();
        let x = table("x");
        let classes = case["classes"].as_u64().unwrap() as usize;
        let y = case["y"].clone();
        let model = if config.multiclass == Multiclass::Independent {
            let sets: Vec<Vec<u32>> = serde_json::from_value(y).unwrap();
            fit(&sparse(&x), &TokenRows::from_rows(sets), classes, &config).unwrap()
        } else {
            let labels: Vec<u32> = serde_json::from_value(y).unwrap();
            fit(&sparse(&x), &labels, classes, &config).unwrap()
        };
        let probabilities = model.probabilities(&model.scores(&sparse(&x[..10])).unwrap());
        let check = |what: &str, found: &[f32], expect: &[f32]| {
            assert_eq!(found.len(), expect.len(), "{name} {what}");
            for (found, expect) in found.iter().zip(expect) {
                assert!((found - expect).abs() < 1e-4, "{name} {what}: {found}, expected {expect}");
            }
        };
        check("coefficients", model.coefficients(), &table("coefficients").concat());
        check("intercepts", model.intercepts(), &intercepts);
        check("probabilities", &probabilities, &table("probabilities").concat());
        assert!(model.convergence().iter().all(|ending| ending.stopped == Stopped::Converged), "{name}");
    }
}

/// f at a point, whose margins are computed anew.
fn objective(problem: &Problem, coefficients: &[f64], intercepts: &[f64]) -> (f64, Vec<f64>) {
    let lanes = problem.lanes;
    let mut margins = Vec::new();
    let Matrix::Sparse(sparse) = problem.matrix else { unreachable!("rows of these tests are sparse") };
    for (columns, values) in sparse.rows.iter() {
        for (lane, intercept) in intercepts.iter().enumerate() {
            let entries = columns.iter().zip(values).map(|(column, value)| {
                let at = *column as usize * lanes + lane;
                f64::from(*value)
                    * f64::from(problem.factors.as_ref().map_or(1.0, |all| all[at]))
                    * coefficients[at]
            });
            margins.push(intercept + entries.sum::<f64>());
        }
    }
    let penalty: f64 = coefficients.iter().map(|value| 0.5 * value * value).sum();
    (penalty + problem.loss_along(&margins, &margins, 0.0), margins)
}

fn check_derivatives(loss: Loss, lanes: usize, factors: Option<Vec<f32>>) {
    let (rows, labels) = made(40, 6, 3);
    let matrix = Matrix::new(Design::from(&rows));
    let sets = TokenRows::from_rows(labels.iter().map(|label| (0..*label).collect::<Vec<_>>()));
    let (labels, weights) = match loss {
        Loss::Independent => (Labels::Any(&sets), Weights::ByLane(vec![[0.5, 2.0], [1.0, 0.25], [3.0, 1.0]])),
        _ => (Labels::One(&labels), Weights::ByLabel(vec![0.5, 2.0, 1.0])),
    };
    let problem = Problem { matrix: &matrix, labels, weights, loss, lanes, factors, intercept: true };
    let size = problem.size();
    let coefficients: Vec<f64> = (0..size).map(|at| (at % 5) as f64 * 0.3 - 0.5).collect();
    let intercepts: Vec<f64> = (0..lanes).map(|lane| 0.2 * lane as f64 - 0.1).collect();
    let at = |coefficients: Vec<f64>, intercepts: Vec<f64>| {
        let (_, margins) = objective(&problem, &coefficients, &intercepts);
        let point = Point { coefficients, intercepts, margins };
        let (probabilities, gradient, squared) = problem.gradient(&point);
        let all: Vec<f64> =
            gradient.coefficients.iter().map(|value| f64::from(*value)).chain(gradient.intercepts).collect();
        assert!((squared - all.iter().map(|value| value * value).sum::<f64>()).abs() < 1e-4 * squared);
        (probabilities, all)
    };
    let (probabilities, gradient) = at(coefficients.clone(), intercepts.clone());
    let inverse = problem.inverse_diagonal(&probabilities);
    let step = 1e-4;
    for index in 0..size + lanes {
        let moved = |by: f64| {
            let (mut coefficients, mut intercepts) = (coefficients.clone(), intercepts.clone());
            match index.checked_sub(size) {
                None => coefficients[index] += by,
                Some(lane) => intercepts[lane] += by,
            }
            (coefficients, intercepts)
        };
        let (up, down) = (moved(step), moved(-step));
        let slope =
            (objective(&problem, &up.0, &up.1).0 - objective(&problem, &down.0, &down.1).0) / (2.0 * step);
        assert!((slope - gradient[index]).abs() < 1e-4 * slope.abs().max(1.0), "{index}: {slope}");

        let mut direction = Direction::zero(size, lanes);
        match index.checked_sub(size) {
            None => direction.coefficients[index] = 1.0,
            Some(lane) => direction.intercepts[lane] = 1.0,
        }
        let mut product = Direction::zero(size, lanes);
        let curvature =
            problem.hessian_product(&probabilities, &direction, &mut Buffers::new(&problem), &mut product);
        let found: Vec<f64> =
            product.coefficients.iter().map(|value| f64::from(*value)).chain(product.intercepts).collect();
        assert!((curvature - found[index]).abs() < 1e-5 * curvature);
        // The gradient is rounded to 32 bits: a wider step.
        let wide = 1e-2;
        let (up, down) = (moved(wide), moved(-wide));
        let (up, down) = (at(up.0, up.1).1, at(down.0, down.1).1);
        for (other, found) in found.iter().enumerate() {
            let expect = (up[other] - down[other]) / (2.0 * wide);
            assert!(
                (found - expect).abs() < 2e-3 * expect.abs().max(1.0),
                "{index} {other}: {found} {expect}"
            );
        }
        let own = match index.checked_sub(size) {
            None => f64::from(inverse.coefficients[index]),
            Some(lane) => inverse.intercepts[lane],
        };
        assert!((own * curvature - 1.0).abs() < 1e-4, "{index}: {own} {curvature}");
    }
}

#[test]
fn derivatives_by_finite_differences() {
    let factors = |size: usize| Some((0..size).map(|at| (at % 3) as f32 * 0.7 - 0.4).collect());
    check_derivatives(Loss::Logistic { positive: 1 }, 1, None);
    check_derivatives(Loss::Logistic { positive: 2 }, 1, factors(6));
    check_derivatives(Loss::Softmax, 3, None);
    check_derivatives(Loss::Softmax, 3, factors(18));
    check_derivatives(Loss::Independent, 3, None);
    check_derivatives(Loss::Independent, 3, factors(18));
}

#[test]
fn threads_leave_no_trace() {
    let (rows, labels) = made(3_000, 60, 3);
    for multiclass in [Multiclass::Softmax, Multiclass::OneVsRest] {
        let config = LinearConfig { multiclass, scaling: Scaling::NaiveBayes, ..plain() };
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| fit(&rows, &labels, 3, &config).unwrap())
        };
        let model = run(1);
        assert_eq!(run(2), model);
        assert_eq!(run(5), model);
        let scores = model.scores(&rows).unwrap();
        let right = (scores.chunks(3).zip(&labels))
            .filter(|(scores, label)| scores.iter().all(|score| *score <= scores[**label as usize]));
        assert!(right.count() > 2_000);
    }
}

/// One solver: rows come to the same optimum in either form, and dense ones on any number of threads.
#[test]
fn dense_rows_are_fitted_as_sparse_ones() {
    for classes in [2, 5] {
        let (rows, labels) = made(5_000, 30, classes);
        let mut values = vec![0.0; rows.rows() * rows.width()];
        for (line, (columns, own)) in values.chunks_exact_mut(30).zip(rows.iter()) {
            columns.iter().zip(own).for_each(|(column, value)| line[*column as usize] = *value);
        }
        let dense = DenseRows::new(values, 30).unwrap();
        let config = LinearConfig { tolerance: 1e-6, ..plain() };
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| fit(&dense, &labels, classes, &config).unwrap())
        };
        let (model, expect) = (run(1), fit(&rows, &labels, classes, &config).unwrap());
        assert_eq!(run(2), model);
        assert_eq!(run(3), model);
        for (found, expect) in model.coefficients().iter().zip(expect.coefficients()) {
            assert!((found - expect).abs() < 1e-3, "{classes} classes: {found} {expect}");
        }
        let (found, expect) = (model.scores(&dense).unwrap(), model.scores(&rows).unwrap());
        assert!(found.iter().zip(&expect).all(|(a, b)| (a - b).abs() < 1e-4));
        let config = LinearConfig { scaling: Scaling::NaiveBayes, ..plain() };
        let refused = fit(&dense, &labels, classes, &config).unwrap_err().to_string();
        assert!(refused.starts_with("scaling is naive-bayes"), "{refused}");
    }
    let dense = DenseRows::new(vec![1.0, 2.0, 3.0, f32::NAN], 2).unwrap();
    let refused = fit(&dense, &[0, 1], 2, &plain()).unwrap_err();
    assert!(matches!(refused, Error::NotFinite { row: 1, column: 1, .. }), "{refused}");
}

/// The ratios by hand: 2 and 1 rows of class 1 have the features, 1 and 0 of class 0, and 0 and 1 of class 2.
#[test]
fn log_count_ratios() {
    let rows = sparse(&[vec![1., 1.], vec![2., 0.], vec![-1., 0.], vec![0., 0.1]]);
    let labels = Labels::One(&[1, 1, 0, 2]);
    let ratios = super::naive_bayes::ratios(&Sparse::new(&rows), labels, &[1, 0], 0.5);
    let ratio = |p: f32, p_all: f32, q: f32, q_all: f32| ((p / p_all) / (q / q_all)).ln();
    let expect =
        [ratio(2.5, 4., 1.5, 3.), ratio(1.5, 2., 2.5, 5.), ratio(1.5, 4., 1.5, 3.), ratio(0.5, 2., 2.5, 5.)];
    assert_eq!(ratios.len(), 4);
    for (found, expect) in ratios.iter().zip(expect) {
        assert!((found - expect).abs() < 1e-6, "{ratios:?} {expect}");
    }
}

/// The label of a few rows is fitted as well as those of many: each fit alone gives the same.
#[test]
fn labels_by_themselves_are_fitted_as_each_alone() {
    let (rows, labels) = made(2_000, 40, 5);
    let sets = |of: &dyn Fn(usize, u32) -> Vec<u32>| {
        TokenRows::from_rows(labels.iter().enumerate().map(|(row, label)| of(row, *label)))
    };
    // The last one has 12 rows, beside 1,000 of the first.
    let has = |row: usize, label: u32, lane: u32| match lane {
        0 => row.is_multiple_of(2),
        1 => label == 1,
        _ => label == 2 && row.is_multiple_of(40),
    };
    let all = sets(&|row, label| (0..3).filter(|lane| has(row, label, *lane)).collect());
    let model = fit(&rows, &all, 3, &plain()).unwrap();
    let scores = model.scores(&rows).unwrap();
    for lane in 0..3 {
        let own = sets(&|row, label| if has(row, label, lane) { vec![0] } else { vec![] });
        let alone = LinearConfig { tolerance: 1e-6, ..plain() };
        let expect = fit(&rows, &own, 1, &alone).unwrap().scores(&rows).unwrap();
        for (found, expect) in scores.chunks(3).zip(expect) {
            assert!((found[lane as usize] - expect).abs() < 0.02, "{lane}: {found:?} {expect}");
        }
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    assert_eq!(pool.install(|| fit(&rows, &all, 3, &plain()).unwrap()), model);
}

#[test]
fn contributions_sum_to_the_scores() {
    let (rows, labels) = made(200, 12, 4);
    for classes in [2, 4] {
        let labels: Vec<u32> = labels.iter().map(|label| label % classes).collect();
        let model = fit(&rows, &labels, classes as usize, &plain()).unwrap();
        let scores = model.scores(&rows).unwrap();
        for ((columns, values), scores) in rows.iter().zip(scores.chunks(classes as usize)) {
            let mut sums = model.base();
            for one in model.contributions(columns, values).unwrap() {
                sums.iter_mut().zip(&one.scores).for_each(|(sum, score)| *sum += score);
            }
            assert!(sums.iter().zip(scores).all(|(sum, score)| (sum - score).abs() < 1e-5));
        }
        let parts = (model.coefficients().to_vec(), model.intercepts().to_vec());
        let again = LinearModel::new(classes as usize, Multiclass::Softmax, parts.0, parts.1).unwrap();
        assert_eq!(again.scores(&rows).unwrap(), scores);
    }
}

#[test]
fn probabilities_of_far_scores() {
    let model = |multiclass| LinearModel::new(3, multiclass, vec![1.0; 3], vec![0.0; 3]).unwrap();
    let check = |multiclass, scores: [f32; 3], expect: [f32; 3]| {
        let found = model(multiclass).probabilities(&scores);
        assert!(found.iter().zip(expect).all(|(a, b)| (a - b).abs() < 1e-6), "{scores:?}: {found:?}");
    };
    check(Multiclass::Softmax, [900., 900., -900.], [0.5, 0.5, 0.]);
    check(Multiclass::OneVsRest, [0., 0., 0.], [1. / 3., 1. / 3., 1. / 3.]);
    check(Multiclass::OneVsRest, [900., 900., -900.], [0.5, 0.5, 0.]);
    check(Multiclass::OneVsRest, [-900., -900., -900.], [1. / 3., 1. / 3., 1. / 3.]);
    check(Multiclass::OneVsRest, [-300., -301., -900.], [0.731_058_6, 0.268_941_4, 0.]);
}

fn check_error(rows: &SparseRows, labels: &[u32], classes: usize, config: &LinearConfig, expect: &str) {
    let message = fit(rows, labels, classes, config).unwrap_err().to_string();
    assert!(message.contains(expect), "{message}");
}

#[test]
fn bad_input() {
    let rows = sparse(&[vec![1., 0.], vec![0., -1.], vec![0., 0.]]);
    let config = plain();
    check_error(&rows, &[0, 1], 2, &config, "3 rows have 2 labels");
    check_error(&rows, &[0, 1, 2], 2, &config, "row 2 has label 2, but there are 2 classes");
    check_error(&rows, &[0, 0, 2], 3, &config, "label 1 has no training row");
    check_error(&rows, &[0, 0, 0], 1, &config, "at least 2 labels, found 1");
    check_error(&sparse(&[vec![], vec![]]), &[0, 1], 2, &config, "no features");
    check_error(&sparse(&[]), &[], 2, &config, "no features");
    let with = |change: fn(&mut LinearConfig)| {
        let mut config = plain();
        change(&mut config);
        config
    };
    check_error(
        &rows,
        &[0, 1, 1],
        2,
        &with(|c| c.inverse_penalty = InversePenalty::Fixed(0.0)),
        "inverse_penalty is 0",
    );
    check_error(&rows, &[0, 1, 1], 2, &with(|c| c.tolerance = f64::NAN), "tolerance is NaN");
    check_error(&rows, &[0, 1, 1], 2, &with(|c| c.smoothing = -1.0), "smoothing is -1");
    check_error(&rows, &[0, 1, 1], 2, &with(|c| c.iteration_limit = 0), "iteration_limit is 0");
    let huge = sparse(&[vec![3e38, 1.], vec![-3e38, 3e38], vec![1., 1.]]);
    check_error(
        &huge,
        &[0, 1, 1],
        2,
        &with(|c| c.inverse_penalty = InversePenalty::Fixed(1e30)),
        "left the range of numbers",
    );

    let model = fit(&rows, &[0, 1, 1], 2, &with(|c| c.class_weights = ClassWeights::Balanced)).unwrap();
    assert_eq!(
        model.scores(&sparse(&[])).unwrap_err().to_string().split(':').next(),
        Some("expected 2 features, found 0")
    );
    assert!(model.contributions(&[2], &[1.0]).is_err());
    let new = |classes, coefficients: &[f32], intercepts: &[f32]| {
        LinearModel::new(classes, Multiclass::Softmax, coefficients.to_vec(), intercepts.to_vec()).err()
    };
    assert_eq!(new(1, &[1.], &[1.]), Some(Error::Classes { found: 1 }));
    assert_eq!(new(2, &[], &[1.]), Some(Error::NoFeatures));
    assert_eq!(new(2, &[1.], &[]), Some(Error::Size { what: "intercepts", expected: 1, found: 0 }));
    assert!(new(3, &[1.; 4], &[0.; 3]).is_some() && new(3, &[1.; 6], &[0.; 3]).is_none());
    assert!(new(2, &[f32::NAN], &[0.]).is_some());
}

#[test]
fn settings_as_people_write_them() {
    let config: LinearConfig =
        serde_json::from_str(r#"{"multiclass": "one-vs-rest", "scaling": "naive-bayes"}"#).unwrap();
    assert_eq!((config.multiclass, config.scaling), (Multiclass::OneVsRest, Scaling::NaiveBayes));
    let error = serde_json::from_str::<LinearConfig>(r#"{"C": 1}"#).unwrap_err().to_string();
    assert!(error.contains("unknown field `C`"), "{error}");
}

#[test]
fn penalties_as_people_write_them() {
    let read = |text: &str| {
        let config: Result<LinearConfig, _> =
            serde_json::from_str(&format!("{{\"inverse_penalty\": {text}}}"));
        config.map(|config| config.inverse_penalty).map_err(|error| error.to_string())
    };
    assert_eq!(read("\"auto\""), Ok(InversePenalty::Auto));
    assert_eq!([read("3"), read("3.0")], [Ok(InversePenalty::Fixed(3.0)), Ok(InversePenalty::Fixed(3.0))]);
    assert!(read("\"best\"").is_err_and(|error| error.contains("expected a number or auto")));
    let written =
        [InversePenalty::Auto, InversePenalty::Fixed(0.5)].map(|it| serde_json::to_string(&it).unwrap());
    assert_eq!(written, ["\"auto\"", "0.5"]);
}

#[test]
fn a_path_of_penalties_gives_what_each_fit_alone_gives() {
    let (rows, labels) = made(600, 40, 3);
    for (classes, multiclass) in
        [(3, Multiclass::Softmax), (3, Multiclass::OneVsRest), (2, Multiclass::Softmax)]
    {
        let labels: Vec<u32> = labels.iter().map(|label| label % classes).collect();
        let config = LinearConfig { multiclass, scaling: Scaling::NaiveBayes, tolerance: 1e-6, ..plain() };
        let mut path = Path::new(&rows, &labels, classes as usize, &config).unwrap();
        for penalty in [1.0, 2.0, 4.0, 8.0] {
            let found = path.fit(penalty).unwrap();
            let config = LinearConfig { inverse_penalty: InversePenalty::Fixed(penalty), ..config.clone() };
            let alone = fit(&rows, &labels, classes as usize, &config).unwrap();
            for (found, alone) in found.coefficients().iter().zip(alone.coefficients()) {
                assert!((found - alone).abs() < 1e-3, "{multiclass:?}, {penalty}: {found}, alone {alone}");
            }
            assert!(found.convergence().iter().all(|ending| ending.stopped != Stopped::IterationLimit));
        }
        assert!(path.fit(f64::NAN).is_err());
    }
    let error = fit(&rows, &labels, 3, &LinearConfig::default()).unwrap_err().to_string();
    assert!(error.starts_with("inverse_penalty is auto: it is chosen on other rows"), "{error}");
}

#[test]
fn limit_of_iterations() {
    let (rows, labels) = made(300, 12, 3);
    let config = LinearConfig { iteration_limit: 1, tolerance: 1e-7, ..plain() };
    let model = fit(&rows, &labels, 3, &config).unwrap();
    assert_eq!(
        (model.convergence()[0].iterations, model.convergence()[0].stopped),
        (1, Stopped::IterationLimit)
    );
}

#[test]
fn limit_of_precision() {
    let (rows, labels) = made(300, 12, 3);
    let config = LinearConfig { tolerance: 1e-30, ..plain() };
    let ending = fit(&rows, &labels, 3, &config).unwrap().convergence()[0];
    assert_eq!(ending.stopped, Stopped::PrecisionLimit);
    assert!(ending.iterations < 50 && ending.gradient_share < 1e-6, "{ending:?}");
}

use super::*;

#[track_caller]
fn check(m: usize, k: usize, n: usize) {
    let left: Vec<f32> = (0..m * k).map(|i| (i as f32 * 0.3).sin()).collect();
    let right: Vec<f32> = (0..k * n).map(|i| (i as f32 * 0.7).cos()).collect();
    let by_columns: Vec<f32> = (0..n * k).map(|i| right[i % k * n + i / k]).collect();
    let expect: Vec<f64> = (0..m * n)
        .map(|i| (0..k).map(|j| f64::from(left[i / n * k + j]) * f64::from(right[j * n + i % n])).sum())
        .collect();
    let columns: Vec<f32> = (0..k * m).map(|i| left[i % m * k + i / m]).collect();
    let lefts = [Matrix::new(&left, m, k), Matrix::new(&columns, k, m).transposed()];
    let rights = [Matrix::new(&right, k, n), Matrix::new(&by_columns, n, k).transposed()];
    for (left, right) in lefts.into_iter().flat_map(|left| rights.map(|right| (left, right))) {
        let mut present = vec![3.0; m * n];
        let product = Matmul::new(left, right);
        product.add_to(&mut present);
        let mut over = vec![f32::NAN; m * n];
        product.on_one_thread().write(&mut over);
        let bias = vec![2.0; n];
        for (out, shift) in
            [(product.run(), 0.0), (product.with_bias(Some(&bias)).run(), 2.0), (present, 3.0), (over, 0.0)]
        {
            assert_eq!(out.len(), m * n);
            for (found, expect) in out.iter().zip(&expect) {
                let close = (f64::from(*found) - expect - shift).abs() < 1e-5 * (k as f64 + 1.0);
                assert!(close, "{m} {k} {n}: {found}, expected {expect} + {shift}");
            }
        }
    }
}

#[test]
fn products_of_many_shapes() {
    for (m, k, n) in
        [(1, 1, 1), (3, 5, 2), (32, 64, 3), (1, 100, 7), (7, 3, 1), (0, 3, 2), (2, 0, 3), (2, 3, 0)]
    {
        check(m, k, n);
    }
    check(65, 130, 90);
    check(FEW / 8 - 1, 3, 19);
    check(FEW / 8, 3, 19);
    check(FEW, 5, 33);
    check(FEW + 1, 5, 33);
    // Large enough for panels: full ones, and such that are not.
    check(128, 256, 128);
    check(97, 301, 150);
    check(500, 200, 45);
}

/// Large enough for several threads.
#[test]
fn bits_do_not_depend_on_threads() {
    let (m, k, n) = (200, 700, 150); // 21 million multiplications
    let left: Vec<f32> = (0..m * k).map(|i| (i as f32 * 0.3).sin()).collect();
    let right: Vec<f32> = (0..k * n).map(|i| (i as f32 * 0.7).cos()).collect();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let (left, right) = (Matrix::new(&left, m, k), Matrix::new(&right, n, k).transposed());
        pool.install(|| Matmul::new(left, right).run())
    };
    for threads in [2, 3, 8] {
        assert!(run(threads) == run(1), "{threads} threads");
    }
}

#[test]
fn column_sums_of_no_rows_are_zero() {
    assert_eq!(column_sums(&[1., 2., 3., 4., 5., 6.], 3), [5., 7., 9.]);
    assert_eq!(column_sums(&[], 2), [0., 0.]);
    assert!(column_sums(&[], 0).is_empty());
}

#[test]
fn a_single_row_or_column_is_computed_as_one_of_two() {
    for (columns, depth) in [(1, 5), (1, 130), (2, 1), (3, 4), (2, 128), (64, 100), (5, 400)] {
        let left: Vec<f32> = (0..2 * depth).map(|i| (i as f32 * 0.3).sin()).collect();
        let right: Vec<f32> = (0..depth * columns).map(|i| (i as f32 * 0.7).cos()).collect();
        for right in [Matrix::new(&right, depth, columns), Matrix::new(&right, columns, depth).transposed()] {
            let product =
                |rows: usize| Matmul::new(Matrix::new(&left[..rows * depth], rows, depth), right).run();
            assert_eq!(product(1), product(2)[..columns], "{columns} columns, {depth} deep");
        }
    }
}

use super::*;

fn numbers(count: usize, seed: f32) -> Vec<f32> {
    (0..count).map(|i| (i as f32 * seed).sin()).collect()
}

/// At every level, both ways of packing, with steps that are longer than the rows, few zeros and about a
/// half.
#[track_caller]
fn check(rows: usize, depth: usize, columns: usize) {
    let right = numbers(depth * columns, 0.7);
    let mut a = numbers(rows * (depth + 3), 0.3);
    compare(rows, depth, columns, (Zeros::Few, &a), &right);
    // Of two rows both, the first, the second or none have a value, in no order.
    a.iter_mut().enumerate().filter(|(i, _)| i * i / 3 % 2 == 0).for_each(|(_, value)| *value = 0.0);
    compare(rows, depth, columns, (Zeros::Many, &a), &right);
}

#[track_caller]
fn compare(rows: usize, depth: usize, columns: usize, (zeros, a): (Zeros, &[f32]), right: &[f32]) {
    let columns_first: Vec<f32> =
        (0..columns * depth).map(|i| right[i % depth * columns + i / depth]).collect();
    let packed = Packed::new(Rows { values: right, step: columns }, depth, columns);
    let same = Packed::transposed(Rows { values: &columns_first, step: depth }, depth, columns);
    assert_eq!(packed.lines, same.lines);
    for level in Level::available() {
        let step = columns + 2;
        let mut out = vec![2f32; rows * step];
        let packed = Packed { level, ..packed.clone() };
        let left = Left { rows: Rows { values: a, step: depth + 3 }, count: rows, zeros };
        packed.multiply(left, &mut out, step);
        // The other way, into room that is not written yet but for what lies between the rows.
        let mut room: Vec<Blank> = vec![Blank::new(2.0); rows * step];
        for row in room.chunks_mut(step) {
            row[..columns].fill(Blank::uninit());
        }
        packed.multiply_from(left, &vec![2.0; columns], &mut room, step);
        // SAFETY: all columns of all rows are written, and the rest was.
        assert_eq!(unsafe { crate::cpu::written(room) }, out);
        for (i, found) in out.iter().enumerate() {
            let (row, column) = (i / step, i % step);
            let product =
                |k: usize| f64::from(a[row * (depth + 3) + k]) * f64::from(right[k * columns + column]);
            let expect = if column < columns { 2.0 + (0..depth).map(product).sum::<f64>() } else { 2.0 };
            let close = (f64::from(*found) - expect).abs() < 1e-6 * (depth as f64 + 2.0);
            assert!(close, "{level:?}, {rows} x {depth} x {columns}: {found}, expected {expect}");
        }
    }
}

#[test]
fn products_of_many_shapes() {
    for rows in 0..15 {
        check(rows, 5, 64);
    }
    for (rows, depth, columns) in [
        (1, 1, 1),
        (7, 3, 63),
        (13, 9, 65),
        (33, 100, 200),
        (5, 0, 3),
        (3, 4, 0),
        (2, 70, 128),
        (3, 48, 128),
        (259, 97, 256),
    ] {
        check(rows, depth, columns);
    }
}

/// NaN is not taken for zero, and places that no row has are not read.
#[cfg(target_arch = "x86_64")]
#[test]
fn only_zeros_are_skipped() {
    for level in Level::available().into_iter().filter(|level| level.is_avx512()) {
        let mut right = vec![1f32; 3 * 128];
        right[128..256].fill(f32::INFINITY);
        let packed = Packed::new(Rows { values: &right, step: 128 }, 3, 128);
        let a = [1.0, 0.0, 2.0, 0.0, -0.0, f32::NAN];
        let mut out = vec![1f32; 2 * 128];
        let left = Left { rows: Rows { values: &a, step: 3 }, count: 2, zeros: Zeros::Many };
        Packed { level, ..packed }.multiply(left, &mut out, 128);
        assert!(
            out[..128].iter().all(|&value| value == 4.0) && out[128..].iter().all(|value| value.is_nan())
        );
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn a_row_is_the_same_among_any_others() {
    let (a, right) = (numbers(20 * 90, 0.3), numbers(90 * 70, 0.7));
    // `gemm` has ways of its own for few rows.
    for level in Level::available().into_iter().filter(|level| level.is_avx512()) {
        let packed = Packed { level, ..Packed::new(Rows { values: &right, step: 70 }, 90, 70) };
        let run = |first: usize, count: usize| {
            let mut out = vec![0f32; count * 70];
            let rows = Rows { values: &a[first * 90..], step: 90 };
            packed.multiply(Left { rows, count, zeros: Zeros::Few }, &mut out, 70);
            out
        };
        let all = run(0, 20);
        for (first, count) in [(0, 1), (3, 2), (7, 13), (19, 1)] {
            assert!(run(first, count) == all[first * 70..][..count * 70], "{level:?}, {first}, {count}");
        }
    }
}

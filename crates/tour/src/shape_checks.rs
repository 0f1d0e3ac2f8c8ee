//! Whether tensors fit together, said so that the next step is plain.
//!
//! candle refuses what does not fit too; its messages name the operation and the shapes. These also say which
//! sizes differ and what would mend it.

use assort_tensor::device_name;
use candle_core::Tensor;

/// The result of a check, or what would mend it.
type Result<T = ()> = std::result::Result<T, String>;

/// Checks that `left · right` exists: (…, M, N) by (…, N, P), with the same sizes in front.
///
/// # Errors
/// Names the sizes that differ, and the transpose if that fits.
pub fn check_product(left: &Tensor, right: &Tensor) -> Result {
    check_same_device(left, right)?;
    let (a, b) = (left.dims(), right.dims());
    let what = format!("cannot multiply {} by {}", shape(a), shape(b));
    let ([front_a @ .., m, n], [front_b @ .., n_again, p]) = (a, b) else {
        let why =
            "each needs two sizes at least; unsqueeze(0) makes a row of a vector, unsqueeze(1) a column";
        return Err(format!("{what}: {why}"));
    };
    if front_a != front_b {
        let why = "the sizes before the last two must be the same; broadcast_matmul repeats them";
        return Err(format!("{what}: {why}"));
    }
    if n != n_again {
        let mend = match (n == p, n_again == m) {
            (true, _) => "; the right one transposed would fit",
            (false, true) => "; the left one transposed would fit",
            _ => "",
        };
        return Err(format!("{what}: {n} columns meet {n_again} rows{mend}"));
    }
    Ok(())
}

/// The shape that two tensors broadcast to: sizes are compared from the right, and 1 stretches to the
/// other's.
///
/// # Errors
/// Names the first sizes that differ, and what to unsqueeze if that mends it.
pub fn check_broadcast(left: &Tensor, right: &Tensor) -> Result<Vec<usize>> {
    check_same_device(left, right)?;
    let (a, b) = (left.dims(), right.dims());
    let rank = a.len().max(b.len());
    let size = |dims: &[usize], from_right: usize| {
        dims.len().checked_sub(from_right + 1).and_then(|at| dims.get(at)).copied().unwrap_or(1)
    };
    let mut common = vec![0; rank];
    for (from_right, place) in common.iter_mut().rev().enumerate() {
        *place = match (size(a, from_right), size(b, from_right)) {
            (x, y) if x == y || y == 1 => x,
            (1, y) => y,
            (x, y) => {
                let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
                let is_column =
                    short.len() == 1 && long.len() > 1 && short.first() == long.get(long.len() - 2);
                let mend = if is_column { "; unsqueeze(1) makes the shorter one a column" } else { "" };
                return Err(format!(
                    "cannot broadcast {} with {}: counted from the right, size {x} meets {y}{mend}",
                    shape(a),
                    shape(b)
                ));
            }
        };
    }
    Ok(common)
}

/// Checks that a tensor's values fill another shape.
///
/// # Errors
/// Names both counts.
pub fn check_reshape(tensor: &Tensor, dims: &[usize]) -> Result {
    let (has, wants) = (tensor.elem_count(), dims.iter().product::<usize>());
    if has == wants {
        return Ok(());
    }
    let (from, to) = (shape(tensor.dims()), shape(dims));
    Err(format!("cannot reshape {from} to {to}: {has} values do not fill {wants} places"))
}

/// Checks that tensors join along a dimension: all their other sizes are the same.
///
/// # Errors
/// Names the first tensor that does not fit and where.
pub fn check_cat(tensors: &[&Tensor], dim: usize) -> Result {
    let Some((first, others)) = tensors.split_first() else {
        return Err("cannot join no tensors: give one at least".into());
    };
    for other in others {
        check_same_device(first, other)?;
        let (a, b) = (first.dims(), other.dims());
        let fail = |why: String| {
            let what = format!("cannot join {} and {} along dimension {dim}", shape(a), shape(b));
            Err(format!("{what}: {why}"))
        };
        if a.len() != b.len() || dim >= a.len() {
            return fail(format!("they have {} and {} dimensions", a.len(), b.len()));
        }
        if let Some(at) = (0..a.len()).find(|&at| at != dim && a[at] != b[at]) {
            return fail(format!("their sizes at dimension {at} are {} and {}", a[at], b[at]));
        }
    }
    Ok(())
}

/// Checks that two tensors lie on one device.
///
/// # Errors
/// Names both.
pub fn check_same_device(left: &Tensor, right: &Tensor) -> Result {
    if left.device().same_device(right.device()) {
        return Ok(());
    }
    let (a, b) = (device_name(left.device()), device_name(right.device()));
    Err(format!("one tensor is on {a}, the other on {b}: move one with to_device"))
}

/// A shape as it is spoken: (2, 3).
fn shape(dims: &[usize]) -> String {
    let sizes: Vec<String> = dims.iter().map(ToString::to_string).collect();
    format!("({})", sizes.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{DType, Device};

    fn zeros(shape: &[usize]) -> Tensor {
        Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap()
    }

    /// Compares the message of a check, and whether candle agrees.
    #[track_caller]
    fn product(left: &[usize], right: &[usize], expect: &str) {
        let (a, b) = (zeros(left), zeros(right));
        let found = check_product(&a, &b).err().unwrap_or_default();
        assert!(found.contains(expect) && found.is_empty() == expect.is_empty(), "{found}");
        assert_eq!(a.matmul(&b).is_ok(), expect.is_empty(), "candle differs on {left:?} and {right:?}");
    }

    #[track_caller]
    fn broadcast(left: &[usize], right: &[usize], expect: std::result::Result<&[usize], &str>) {
        let (a, b) = (zeros(left), zeros(right));
        let candles = a.broadcast_add(&b).ok().map(|sum| sum.dims().to_vec());
        match (check_broadcast(&a, &b), expect) {
            (Ok(found), Ok(expect)) => {
                assert_eq!((found.as_slice(), candles.as_deref()), (expect, Some(expect)))
            }
            (Err(found), Err(expect)) => {
                assert!(found.contains(expect) && candles.is_none(), "{found}");
            }
            (found, _) => panic!("{found:?}, expected {expect:?}"),
        }
    }

    #[test]
    fn products() {
        product(&[2, 3], &[3, 4], "");
        product(&[5, 2, 3], &[5, 3, 4], "");
        product(
            &[2, 3],
            &[2, 3],
            "cannot multiply (2, 3) by (2, 3): 3 columns meet 2 rows; the right one transposed",
        );
        product(&[3, 2], &[3, 4], "2 columns meet 3 rows; the left one transposed would fit");
        product(&[2, 3], &[4, 5], "3 columns meet 4 rows");
        product(&[2, 3], &[3], "cannot multiply (2, 3) by (3): each needs two sizes");
        product(&[5, 2, 3], &[4, 3, 2], "sizes before the last two");
    }

    #[test]
    fn reshapes_and_joins() {
        let reshape = |dims: &[usize], expect: &str| {
            let tensor = zeros(&[2, 3]);
            let found = check_reshape(&tensor, dims).err().unwrap_or_default();
            assert_eq!((found.as_str(), tensor.reshape(dims).is_ok()), (expect, expect.is_empty()));
        };
        reshape(&[3, 2], "");
        reshape(&[4, 2], "cannot reshape (2, 3) to (4, 2): 6 values do not fill 8 places");
        let join = |shapes: &[&[usize]], dim: usize, expect: &str| {
            let tensors: Vec<Tensor> = shapes.iter().map(|shape| zeros(shape)).collect();
            let tensors: Vec<&Tensor> = tensors.iter().collect();
            let found = check_cat(&tensors, dim).err().unwrap_or_default();
            assert!(found.contains(expect) && found.is_empty() == expect.is_empty(), "{found}");
            assert_eq!(Tensor::cat(&tensors, dim).is_ok(), expect.is_empty(), "candle differs on {shapes:?}");
        };
        join(&[&[2, 3], &[4, 3]], 0, "");
        join(&[&[2, 3], &[2, 6]], 0, "along dimension 0: their sizes at dimension 1 are 3 and 6");
        join(&[&[2, 3], &[2]], 0, "they have 2 and 1 dimensions");
        join(&[&[2, 3], &[2, 3]], 2, "dimensions");
        join(&[], 0, "give one at least");
    }

    #[test]
    fn broadcasts() {
        broadcast(&[2, 3], &[3], Ok(&[2, 3]));
        broadcast(&[4, 1], &[3], Ok(&[4, 3]));
        broadcast(&[], &[2, 2], Ok(&[2, 2]));
        broadcast(&[5, 1, 4], &[3, 1], Ok(&[5, 3, 4]));
        broadcast(&[2, 3], &[2], Err("size 3 meets 2; unsqueeze(1) makes the shorter one a column"));
        broadcast(
            &[2, 3],
            &[4],
            Err("cannot broadcast (2, 3) with (4): counted from the right, size 3 meets 4"),
        );
    }
}

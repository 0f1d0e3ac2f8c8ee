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
                let mend = match is_column {
                    true => "unsqueeze(1) makes the shorter one a column",
                    false => "only 1 stretches: cut or fill up one of them",
                };
                return Err(format!(
                    "cannot broadcast {} with {}: counted from the right, size {x} meets {y}; {mend}",
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
    let rest = dims.iter().skip(1).product::<usize>();
    let fits = rest > 0 && has.is_multiple_of(rest);
    let first = if fits { format!("; a first size of {} would do", has / rest) } else { String::new() };
    Err(format!("cannot reshape {from} to {to}: {has} values do not fill {wants} places{first}"))
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
            let rest = (0..a.len()).filter(|&other| a[other] != b[other]).count();
            let mend = if rest == 1 { format!("; along dimension {at} they join") } else { String::new() };
            return fail(format!("their sizes at dimension {at} are {} and {}{mend}", a[at], b[at]));
        }
    }
    Ok(())
}

/// Checks that a tensor has a dimension.
///
/// # Errors
/// Names those that it has.
pub fn check_dimension(tensor: &Tensor, dim: usize) -> Result {
    let rank = tensor.rank();
    if dim < rank {
        return Ok(());
    }
    let has = match rank {
        0 => "is a single number and has none".to_owned(),
        1 => "has dimension 0 alone".to_owned(),
        _ => format!("has the dimensions 0 to {}", rank - 1),
    };
    Err(format!("there is no dimension {dim}: the shape {} {has}", shape(tensor.dims())))
}

/// Checks that `left + right` exists as candle's plain operators want it: one device, one type, one shape.
///
/// # Errors
/// Names what differs, and the call that mends it.
pub fn check_same(left: &Tensor, right: &Tensor) -> Result {
    check_same_device(left, right)?;
    let (a, b) = (left.dtype().as_str(), right.dtype().as_str());
    if a != b {
        return Err(format!("one tensor is of {a}, the other of {b}: change one with to_dtype"));
    }
    if left.dims() == right.dims() {
        return Ok(());
    }
    let (a, b) = (shape(left.dims()), shape(right.dims()));
    let mend = check_broadcast(left, right).map(|_| "broadcast_add and its like stretch one of them");
    let mend = mend.unwrap_or("they do not broadcast either");
    Err(format!("a plain + wants equal shapes, not {a} and {b}: {mend}"))
}

/// Checks that two tensors lie on one device.
///
/// # Errors
/// Names both.
pub fn check_same_device(left: &Tensor, right: &Tensor) -> Result {
    if left.device().same_device(right.device()) {
        return Ok(());
    }
    Err(on_two_devices(&device_name(left.device()), &device_name(right.device())))
}

/// The message about tensors on two devices of these names.
pub fn on_two_devices(left: &str, right: &str) -> String {
    format!("one tensor is on {left}, the other on {right}: move one with to_device")
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
        reshape(&[4, 4], "cannot reshape (2, 3) to (4, 4): 6 values do not fill 16 places");
        reshape(
            &[4, 3],
            "cannot reshape (2, 3) to (4, 3): 6 values do not fill 12 places; a first size of 2 would do",
        );
        let join = |shapes: &[&[usize]], dim: usize, expect: &str| {
            let tensors: Vec<Tensor> = shapes.iter().map(|shape| zeros(shape)).collect();
            let tensors: Vec<&Tensor> = tensors.iter().collect();
            let found = check_cat(&tensors, dim).err().unwrap_or_default();
            assert!(found.contains(expect) && found.is_empty() == expect.is_empty(), "{found}");
            assert_eq!(Tensor::cat(&tensors, dim).is_ok(), expect.is_empty(), "candle differs on {shapes:?}");
        };
        join(&[&[2, 3], &[4, 3]], 0, "");
        join(&[&[2, 3], &[2, 6]], 0, "at dimension 1 are 3 and 6; along dimension 1 they join");
        join(&[&[2, 3], &[2]], 0, "they have 2 and 1 dimensions");
        join(&[&[2, 3], &[2, 3]], 2, "dimensions");
        join(&[], 0, "give one at least");
    }

    #[test]
    fn dimensions_and_plain_sums() {
        let dimension = |dims: &[usize], dim: usize, expect: &str| {
            let found = check_dimension(&zeros(dims), dim).err().unwrap_or_default();
            assert_eq!(found, expect);
            assert_eq!(zeros(dims).sum(dim).is_ok(), expect.is_empty(), "candle differs on {dims:?}");
        };
        dimension(&[2, 3], 1, "");
        dimension(&[2, 3], 2, "there is no dimension 2: the shape (2, 3) has the dimensions 0 to 1");
        dimension(&[2], 1, "there is no dimension 1: the shape (2) has dimension 0 alone");
        dimension(&[], 0, "there is no dimension 0: the shape () is a single number and has none");
        let plain = |left: &Tensor, right: &Tensor, expect: &str| {
            let found = check_same(left, right).err().unwrap_or_default();
            assert!(found.contains(expect) && found.is_empty() == expect.is_empty(), "{found}");
            assert_eq!((left + right).is_ok(), expect.is_empty());
        };
        plain(&zeros(&[2, 3]), &zeros(&[2, 3]), "");
        plain(&zeros(&[2, 3]), &zeros(&[3]), "not (2, 3) and (3): broadcast_add");
        plain(&zeros(&[2, 3]), &zeros(&[4]), "they do not broadcast either");
        let whole = zeros(&[3]).to_dtype(DType::U32).unwrap();
        plain(&zeros(&[3]), &whole, "one tensor is of f32, the other of u32: change one with to_dtype");
        assert!(check_same_device(&zeros(&[1]), &whole).is_ok());
        let two = "one tensor is on cpu, the other on cuda:0: move one with to_device";
        assert_eq!(on_two_devices("cpu", "cuda:0"), two);
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
            Err("cannot broadcast (2, 3) with (4): counted from the right, size 3 meets 4; only 1 stretches"),
        );
    }
}

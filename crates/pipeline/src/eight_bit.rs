//! Tables of numbers of 8 bits.
//!
//! A table NAME (V, D) stands in a file as `NAME.codes` (V, D), a byte each, and `NAME.scales` (D): a number
//! is `(code - 128) · scale` of its column, whose largest number has the code 1 or 255.

use std::collections::HashMap;

use assort_models::Shapes;
use candle_core::{DType, Device, Tensor, Var};

const CODES: &str = ".codes";
const SCALES: &str = ".scales";
const ZERO: f32 = 128.0;
const MOST: f32 = 127.0;

type Result<T> = candle_core::Result<T>;

/// The tensors with these tables in 8 bits.
pub fn encode(tensors: Vec<(String, Tensor)>, tables: &[&str]) -> Result<Vec<(String, Tensor)>> {
    let mut encoded = Vec::new();
    for (name, tensor) in tensors {
        if !tables.contains(&name.as_str()) {
            encoded.push((name, tensor));
            continue;
        }
        let (rows, columns) = tensor.dims2()?;
        let values: Vec<f32> =
            tensor.to_device(&Device::Cpu)?.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?;
        let mut scales = vec![0f32; columns];
        for row in values.chunks_exact(columns.max(1)) {
            scales.iter_mut().zip(row).for_each(|(most, value)| *most = most.max(value.abs()));
        }
        scales.iter_mut().for_each(|scale| *scale /= MOST);
        let code = |(value, scale): (&f32, &f32)| {
            let steps = if *scale > 0.0 { (value / scale).round().clamp(-MOST, MOST) } else { 0.0 };
            (steps + ZERO) as u8
        };
        let codes = values.chunks_exact(columns.max(1)).flat_map(|row| row.iter().zip(&scales).map(code));
        let codes = Tensor::from_vec(codes.collect::<Vec<u8>>(), (rows, columns), &Device::Cpu)?;
        encoded.push((name.clone() + CODES, codes));
        encoded.push((name + SCALES, Tensor::from_vec(scales, columns, &Device::Cpu)?));
    }
    Ok(encoded)
}

/// The tensors as models have them, tables of 8 bits among them as numbers of 32.
pub fn decode(mut tensors: HashMap<String, Tensor>) -> Result<HashMap<String, Tensor>> {
    let tables: Vec<String> =
        tensors.keys().filter_map(|name| name.strip_suffix(CODES)).map(str::to_owned).collect();
    for name in tables {
        let pair = (tensors.remove(&format!("{name}{CODES}")), tensors.remove(&format!("{name}{SCALES}")));
        let (Some(codes), Some(scales)) = pair else {
            return Err(candle_core::Error::Msg(format!("{name} has codes, but no scales")));
        };
        let (rows, columns) = codes.dims2()?;
        let scales: Vec<f32> = scales.to_vec1()?;
        if scales.len() != columns {
            return Err(candle_core::Error::Msg(format!(
                "{name} has {columns} columns, but not as many scales"
            )));
        }
        let codes: Vec<u8> = codes.flatten_all()?.to_vec1()?;
        let rows_of = codes.chunks_exact(columns.max(1));
        let values = rows_of
            .flat_map(|row| row.iter().zip(&scales).map(|(code, scale)| (f32::from(*code) - ZERO) * scale));
        let table = Var::from_vec(values.collect(), (rows, columns), &Device::Cpu)?;
        tensors.insert(name, table.into_inner());
    }
    Ok(tensors)
}

/// The shapes of what [`decode`] gives.
pub fn shapes(mut stored: Shapes) -> Shapes {
    let tables: Vec<String> =
        stored.keys().filter_map(|name| name.strip_suffix(CODES)).map(str::to_owned).collect();
    for name in tables {
        stored.remove(&format!("{name}{SCALES}"));
        if let Some(shape) = stored.remove(&format!("{name}{CODES}")) {
            stored.insert(name, shape);
        }
    }
    stored
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(values: &[f32], rows: usize) -> Tensor {
        Tensor::from_slice(values, (rows, values.len() / rows), &Device::Cpu).unwrap()
    }

    #[test]
    fn there_and_back() {
        let table = tensor(&[1.0, -200.0, 0.5, 0.0, -0.25, 100.0], 3);
        let other = tensor(&[1.5], 1);
        let all = vec![("a".to_owned(), table.clone()), ("b".to_owned(), other)];
        let encoded: HashMap<_, _> = encode(all, &["a", "c"]).unwrap().into_iter().collect();
        assert_eq!(encoded.len(), 3);
        let stored = encoded.iter().map(|(name, tensor)| (name.clone(), tensor.dims().to_vec())).collect();
        assert_eq!(shapes(stored), [("a".to_owned(), vec![3, 2]), ("b".to_owned(), vec![1, 1])].into());
        let decoded = decode(encoded).unwrap();
        let found: Vec<Vec<f32>> = decoded["a"].to_vec2().unwrap();
        for (found, expect) in found.iter().zip(table.to_vec2::<f32>().unwrap()) {
            for ((found, expect), step) in found.iter().zip(expect).zip([1.0 / 127.0, 200.0 / 127.0]) {
                assert!((found - expect).abs() <= step / 2.0 + 1e-6, "{found} {expect}");
            }
        }
        // The largest of a column, and zero, are exact.
        assert_eq!((found[0][0], found[0][1], found[1][1]), (1.0, -200.0, 0.0));
        assert!(encode(vec![("a".into(), tensor(&[0.0; 4], 2))], &["a"]).is_ok());
    }

    #[test]
    fn torn_pairs_are_refused() {
        let codes = Tensor::zeros((2, 3), DType::U8, &Device::Cpu).unwrap();
        let pair = |scales: usize| {
            let scales = Tensor::zeros(scales, DType::F32, &Device::Cpu).unwrap();
            decode(HashMap::from([("a.codes".into(), codes.clone()), ("a.scales".into(), scales)]))
        };
        assert!(pair(3).is_ok() && pair(2).is_err());
        assert!(decode(HashMap::from([("a.codes".into(), codes.clone())])).is_err());
        assert!(decode(HashMap::from([("a.codes".into(), tensor(&[1.0], 1))])).is_err());
    }
}

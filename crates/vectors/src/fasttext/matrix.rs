//! The matrices of a model of fastText, whole or quantized by products (Jégou, Douze and Schmid 2011,
//! 'Product quantization for nearest neighbor search'; Joulin and others 2016, 'FastText.zip').
//!
//! A quantized row is cut into pieces of `dsub` columns, the last one perhaps shorter. Each piece is one of
//! 256 centroids of its place, by a byte. With norms, another byte chooses the number by which the row is
//! multiplied.

use super::head::{TORN, integers};
use crate::Error;
use crate::binary::Reader;

/// Centroids of a place.
const CENTROIDS: usize = 256;

/// Reads a matrix of at least so many rows of `width` numbers, and gives these rows.
pub fn read(reader: &mut Reader, is_quantized: bool, rows: usize, width: usize) -> Result<Vec<f32>, Error> {
    let has_norms = is_quantized && reader.bytes::<1>()? != [0];
    let [found, columns] = [reader.bytes()?, reader.bytes()?].map(i64::from_le_bytes);
    let found = usize::try_from(found).ok().filter(|found| *found >= rows && columns == width as i64);
    let (found, numbers) = found.zip(rows.checked_mul(width)).ok_or_else(|| reader.kind(TORN))?;
    if !is_quantized {
        let mut values = Vec::new();
        reader.floats(numbers, &mut values)?;
        reader.skip((found - rows).saturating_mul(width).saturating_mul(size_of::<f32>()))?;
        return Ok(values);
    }
    let [size] = integers(reader)?;
    let places = usize::try_from(size).ok().filter(|size| found > 0 && size % found == 0);
    let places = places.ok_or_else(|| reader.kind(TORN))? / found.max(1);
    let codes = reader.many(found * places)?;
    let quantizer = Quantizer::read(reader, (width, places))?;
    let mut values = quantizer.rows(&codes, rows);
    if has_norms {
        let codes = reader.many(found)?;
        let norms = Quantizer::read(reader, (1, 1))?.rows(&codes, rows);
        for (row, norm) in values.chunks_exact_mut(width).zip(norms) {
            row.iter_mut().for_each(|value| *value *= norm);
        }
    }
    Ok(values)
}

/// The centroids of all places.
struct Quantizer {
    width: usize,
    places: usize,
    /// Columns of a piece, and of the last one.
    columns: (usize, usize),
    centroids: Vec<f32>,
}

impl Quantizer {
    fn read(reader: &mut Reader, (width, places): (usize, usize)) -> Result<Self, Error> {
        let sizes: [i32; 4] = integers(reader)?;
        let [found, pieces, piece, last] = sizes.map(|size| usize::try_from(size).unwrap_or(0));
        let is_cut = (1..=piece).contains(&last) && pieces == places && places > 0;
        if found != width
            || !is_cut
            || (places - 1).checked_mul(piece).and_then(|all| all.checked_add(last)) != Some(width)
        {
            return Err(reader.kind(TORN));
        }
        let mut centroids = Vec::new();
        reader.floats(width * CENTROIDS, &mut centroids)?;
        Ok(Self { width, places, columns: (piece, last), centroids })
    }

    /// The first rows (rows, width) that the codes say.
    fn rows(&self, codes: &[u8], rows: usize) -> Vec<f32> {
        let mut values = Vec::with_capacity(rows * self.width);
        for row in codes.chunks_exact(self.places).take(rows) {
            for (place, code) in row.iter().enumerate() {
                let size = if place + 1 == self.places { self.columns.1 } else { self.columns.0 };
                let start = place * CENTROIDS * self.columns.0 + usize::from(*code) * size;
                values.extend_from_slice(self.centroids.get(start..start + size).unwrap_or_default());
            }
        }
        values
    }
}

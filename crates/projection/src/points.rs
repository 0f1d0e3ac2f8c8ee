//! Points of many dimensions, and in the plane.

use rayon::prelude::*;

use crate::Error;

/// Points (N, D) of finite numbers, row by row.
#[derive(Clone, Copy, Debug)]
pub struct Points<'p> {
    values: &'p [f32],
    width: usize,
}

impl<'p> Points<'p> {
    /// Points of `width` dimensions, three or more.
    ///
    /// # Errors
    /// If the numbers cannot be divided so, are not all finite, or make fewer than three points.
    pub fn new(values: &'p [f32], width: usize) -> Result<Self, Error> {
        if width == 0 || !values.len().is_multiple_of(width) {
            return Err(Error::Shape { values: values.len(), width });
        }
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            return Err(Error::NotFinite { point: at / width + 1 });
        }
        match values.len() / width {
            found @ 0..3 => Err(Error::TooFew { found }),
            _ => Ok(Self { values, width }),
        }
    }

    /// N, their number.
    pub fn len(&self) -> usize {
        self.values.len() / self.width
    }

    /// Never.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// D, their dimensions.
    pub fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn rows(&self) -> impl ExactSizeIterator<Item = &'p [f32]> + Clone {
        self.values.chunks_exact(self.width)
    }

    /// All points around their mean, row by row, in double precision.
    pub(crate) fn centred(&self) -> Vec<f64> {
        let mut mean = vec![0.0; self.width];
        for row in self.rows() {
            mean.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value));
        }
        mean.iter_mut().for_each(|sum| *sum /= self.len() as f64);
        let mut centred = vec![0.0; self.values.len()];
        let rows = centred.par_chunks_exact_mut(self.width).zip(self.values.par_chunks_exact(self.width));
        rows.for_each(|(out, row)| {
            for ((out, value), mean) in out.iter_mut().zip(row).zip(&mean) {
                *out = f64::from(*value) - mean;
            }
        });
        centred
    }
}

/// Points in the plane.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    /// One for each point, in their order.
    pub points: Vec<[f64; 2]>,
    /// The share of the variance that each axis shows; `None` where axes have no meaning.
    pub explained: Option<[f64; 2]>,
}

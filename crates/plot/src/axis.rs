//! Chooses the range of an axis and places values on it.

use crate::numbers::{NumberFormat, Step, Steps, is_drawable};
use crate::{Error, Result};

/// Which values an axis spans.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum AxisRange {
    /// Round numbers around the data; from zero where the data come near it.
    #[default]
    Fitted,
    /// Round numbers around the data and zero.
    FromZero,
    /// These two, whatever the data; lines end at the border.
    Fixed {
        /// The lower end.
        low: f64,
        /// The upper end, above `low`.
        high: f64,
    },
}

/// A smaller span has no place for ticks between its ends.
const TINY: f64 = 1e-90;

#[derive(Clone, Debug)]
pub(crate) struct Axis {
    pub low: f64,
    pub high: f64,
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// An axis for `values`; without any, from 0 to 1.
    ///
    /// # Errors
    /// [`Error::Range`] if a fixed range is not two finite numbers in order.
    pub(crate) fn new(
        values: impl IntoIterator<Item = f64>,
        range: AxisRange,
        steps: Steps,
        format: NumberFormat,
    ) -> Result<Axis> {
        const WANTED: f64 = 6.0;
        if let AxisRange::Fixed { low, high } = range {
            let is_wide = is_drawable(low) && is_drawable(high) && is_span(low, high) && low < high;
            if !is_wide {
                return Err(Error::Range { low, high });
            }
            let ticks = Step::new(high - low, WANTED, steps).ticks(low, high, format);
            return Ok(Axis { low, high, ticks });
        }
        let (mut low, mut high) = extent(values).unwrap_or((0.0, 1.0));
        let is_near_zero = low.abs().min(high.abs()) <= 0.4 * low.abs().max(high.abs());
        if range == AxisRange::FromZero || is_near_zero || !is_span(low, high) {
            (low, high) = (low.min(0.0), high.max(0.0));
        }
        if high - low < TINY {
            high = low + 1.0;
        }
        let step = Step::new(high - low, WANTED, steps);
        let low = (low / step.size + 1e-9).floor() * step.size;
        let high = (high / step.size - 1e-9).ceil() * step.size;
        Ok(Axis { low, high, ticks: step.ticks(low, high, format) })
    }

    /// The place of `value` between the pixels `start` and `end`.
    pub(crate) fn place(&self, value: f64, start: f64, end: f64) -> f64 {
        start + (value - self.low) / (self.high - self.low) * (end - start)
    }
}

/// The least and the greatest value that can be drawn.
pub(crate) fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|value| is_drawable(*value)).fold(None, |extent, value| match extent {
        None => Some((value, value)),
        Some((low, high)) => Some((f64::min(low, value), f64::max(high, value))),
    })
}

/// Whether two values are far enough apart to put ticks between them.
pub(crate) fn is_span(low: f64, high: f64) -> bool {
    high - low > 1e-9 * low.abs().max(high.abs()) && high - low > TINY
}

/// A horizontal axis from the least to the greatest value, with room for its words.
pub(crate) fn horizontal(
    values: impl IntoIterator<Item = f64>,
    steps: Steps,
    format: NumberFormat,
    room: f64,
) -> Axis {
    use crate::font::{Weight, width};
    let (mut low, mut high) = extent(values).unwrap_or((0.0, 1.0));
    if !is_span(low, high) {
        let half = if low == 0.0 { 0.5 } else { (low.abs() * 0.1).max(0.5) };
        (low, high) = (low - half, high + half);
    }
    let mut ticks = Vec::new();
    for wanted in [14.0, 10.0, 7.0, 5.0, 3.0, 2.0, 1.0] {
        ticks = Step::new(high - low, wanted, steps).ticks(low, high, format);
        let needed: f64 =
            ticks.iter().map(|(_, words)| width(words, crate::words::SMALL, Weight::Regular) + 14.0).sum();
        if needed <= room {
            break;
        }
    }
    Axis { low, high, ticks }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f64], range: AxisRange, expect: Option<(f64, f64)>) {
        let axis = Axis::new(values.iter().copied(), range, Steps::Any, NumberFormat::Number);
        let ends = axis.ok().map(|axis| (axis.low, axis.high));
        let near = match (ends, expect) {
            (Some(ends), Some(expect)) => (ends.0 - expect.0).abs() + (ends.1 - expect.1).abs() < 1e-9,
            (ends, expect) => ends == expect,
        };
        assert!(near, "{values:?} {range:?}: found {ends:?}, expected {expect:?}");
    }

    #[test]
    fn ranges_are_round_and_hold_the_data() {
        check(&[0.91, 0.52, 0.13], AxisRange::Fitted, Some((0.0, 1.0)));
        check(&[0.91, 0.95], AxisRange::Fitted, Some((0.91, 0.95)));
        check(&[0.913, 0.951], AxisRange::Fitted, Some((0.91, 0.96)));
        check(&[0.91, 0.95], AxisRange::FromZero, Some((0.0, 1.0)));
        check(&[-3.0, -1.0], AxisRange::Fitted, Some((-3.0, 0.0)));
        check(&[5.0, 5.0], AxisRange::Fitted, Some((0.0, 5.0)));
        check(&[0.0], AxisRange::Fitted, Some((0.0, 1.0)));
        check(&[], AxisRange::Fitted, Some((0.0, 1.0)));
        check(&[f64::NAN, f64::INFINITY, 0.5, 1.0], AxisRange::Fitted, Some((0.5, 1.0)));
        check(&[1.0, 1.0 + f64::EPSILON], AxisRange::Fitted, Some((0.0, 1.0)));
    }

    #[test]
    fn fixed_ranges_are_checked() {
        let fixed = |low, high| AxisRange::Fixed { low, high };
        check(&[7.0], fixed(0.0, 1.0), Some((0.0, 1.0)));
        check(&[], fixed(1.0, 1.0), None);
        check(&[], fixed(1.0, 0.0), None);
        check(&[], fixed(0.0, f64::INFINITY), None);
        check(&[], fixed(f64::NAN, 1.0), None);
    }
}

//! The two forms of charts: SVG and PNG.

use crate::render::{png, svg};
use crate::{Bars, Heatmap, Histogram, LineChart, Result, Scatter};

macro_rules! forms {
    ($($chart:ty)*) => {
        $(impl $chart {
            /// The picture as an `<svg>` element, ready to stand in HTML; same input, same bytes.
            ///
            /// # Errors
            /// [`Error::Length`](crate::Error::Length) if a list does not have one entry for each name,
            /// [`Error::TooManyNames`](crate::Error::TooManyNames), and [`Error::Range`](crate::Error::Range)
            /// for a fixed range that is not two finite numbers in order.
            pub fn svg(&self) -> Result<String> {
                svg(&self.picture()?)
            }

            /// The picture as a PNG, two device pixels to a pixel (one for a very large picture).
            ///
            /// # Errors
            /// As for `svg`.
            pub fn png(&self) -> Result<Vec<u8>> {
                png(&self.picture()?)
            }
        })*
    };
}

forms!(Bars Heatmap Histogram LineChart Scatter);

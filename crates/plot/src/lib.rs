//! Draws curves, matrices, bars and maps as SVG and PNG.
//!
//! [`LineChart`], [`Heatmap`], [`Bars`], [`Histogram`] and [`Scatter`] are plain values: fill in the fields,
//! then ask for [`svg`](LineChart::svg) or [`png`](LineChart::png). Each chart first becomes a list of shapes
//! in pixels, and one function draws that list on any backend of plotters. So both files show the same
//! picture, and a test can ask whether two words overlap. The price is a layout of our own, which knows just
//! these charts.
//!
//! The font, DejaVu Sans, comes with a crate: no system library is needed. An SVG names it first and asks
//! for Verdana, nearly as wide, where it is missing. Words have at least 11 pixels; a picture grows with its
//! names. Series differ by colour (Okabe and Ito's palette) and by dash, marker or pattern.
//!
//! Nothing is printed or written to disk. Same input, same bytes.
//!
#![doc = include_str!("../README.md")]

mod axis;
mod bars;
mod bitmap;
mod colour;
mod error;
mod font;
mod forms;
mod frame;
mod heatmap;
mod histogram;
mod line_chart;
mod marks;
mod numbers;
mod picture;
mod render;
mod scatter;
mod series;
mod stroke;
mod style;
#[cfg(test)]
mod tests;
mod words;

pub use axis::AxisRange;
pub use bars::{BarGroup, BarValue, Bars};
pub use error::{Error, Result};
pub use heatmap::Heatmap;
pub use histogram::{Histogram, percentile_marks};
pub use line_chart::{LineChart, Series};
pub use marks::Mark;
pub use numbers::NumberFormat;
pub use scatter::{Scatter, ScatterGroup, ScatterPoint};

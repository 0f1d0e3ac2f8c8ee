//! The error of this crate.

/// Points that cannot be laid out, and settings outside their ranges.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Numbers that make no points.
    #[error("{values} numbers make no points of {width} dimensions")]
    Shape {
        /// How many there are.
        values: usize,
        /// The dimensions of a point.
        width: usize,
    },
    /// A number that is infinite or none.
    #[error("point {point} has a coordinate that is no finite number")]
    NotFinite {
        /// The point, counted from 1.
        point: usize,
    },
    /// Too few points to lay out.
    #[error("{found} points make no map: give at least 3")]
    TooFew {
        /// How many there are.
        found: usize,
    },
    /// A perplexity that the points cannot have.
    #[error(
        "perplexity = {perplexity} needs more than {least} points, and there are {found}: {}",
        advice(*.found)
    )]
    Perplexity {
        /// The perplexity.
        perplexity: f64,
        /// So many points are too few.
        least: usize,
        /// How many points there are.
        found: usize,
    },
    /// A setting outside its range.
    #[error("{parameter} = {found}: {expected}")]
    Setting {
        /// The setting.
        parameter: &'static str,
        /// Its value.
        found: String,
        /// Its range.
        expected: &'static str,
    },
}

fn advice(points: usize) -> String {
    match points {
        0..=4 => "give more points, or lay them out by PCA".into(),
        _ => format!("choose at most {}, or give more points", (points - 2) / 3 + 1),
    }
}

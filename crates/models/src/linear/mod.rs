//! Logistic regression on sparse or dense rows: [`fit`] gives a [`LinearModel`], which scores rows and says
//! what each feature adds to a score.
//!
//! The solver is Newton's method with products of the Hessian alone, in place of the quasi-Newton methods
//! that are usual: on sparse text a product costs two short passes, and a few dozen of them reach the optimum
//! to many digits. Sums are made in a fixed order, so the same rows give the same bits on any number of
//! threads. The price is a second copy of sparse rows, by columns, while it fits.
//!
//! ```
//! use assort_models::linear::{InversePenalty, LinearConfig, fit};
//! use assort_rows::SparseRows;
//!
//! // Two features, "good" and "bad", and a text with each of them alone.
//! let rows = SparseRows::new(vec![0, 1, 2], vec![0, 1], vec![1.0, 1.0], 2)?;
//! let config = LinearConfig { inverse_penalty: InversePenalty::Fixed(1.0), ..LinearConfig::default() };
//! let model = fit(&rows, &[1, 0], 2, &config)?;
//! let scores = model.scores(&SparseRows::new(vec![0, 1], vec![0], vec![1.0], 2)?)?;
//! assert!(scores[1] > scores[0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod config;
mod dense;
mod error;
mod explain;
mod fit;
mod labels;
mod loss;
mod matrix;
mod model;
mod naive_bayes;
mod newton;
mod predictor;
mod problem;
mod sparse;
mod standard;
mod sum;
#[cfg(test)]
mod tests;

pub use assort_rows::ClassWeights;
pub use config::{Intercept, InversePenalty, LinearConfig, Multiclass, Refit, Scaling};
pub use error::Error;
pub use fit::{Path, fit, fit_bytes};
pub use labels::Labels;
pub use matrix::Design;
pub use model::{Contribution, LinearModel};
pub use newton::{Convergence, Stopped};
pub use standard::{Standard, StandardScale};

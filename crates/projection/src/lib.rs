//! Lays points of many dimensions in the plane: [`Points`] go in, a [`Plane`] comes out.
//!
//! [`pca`] shows the two directions in which the points differ most; distances far and near keep their
//! meaning. [`tsne`] keeps neighbours together and lets go of the rest, so that groups come apart.
//!
//! Both are of this crate's own making. The crates that do t-SNE add up forces in whatever order their
//! threads finish, and it takes no more than a last bit to turn a map around; here every sum has a fixed
//! order, so that a seed gives the same map, bit for bit, for any number of threads. The price is a gradient
//! by trees of points (Barnes and Hut) where others interpolate on a grid, which wins from tens of thousands
//! of points on. UMAP is not here for the same reason: the crate that keeps up with it draws from the
//! threads' own generators and lets them write over each other, and the others need a BLAS or a graphics
//! card.
//!
#![doc = include_str!("../README.md")]

mod affinity;
mod eigen;
mod error;
mod pca;
mod points;
mod tree;
mod tsne;

pub use error::Error;
pub use pca::pca;
pub use points::{Plane, Points};
pub use tsne::{TsneConfig, tsne};

//! [`Attribution`] says what each piece of a text adds to a model's logits. Models that are
//! [`Explainable`](assort_classifier::Explainable) say it of their inputs; here each input finds its way back
//! to the bytes it came from, and what comes from the same bytes is added up. Nothing is lost: pieces and
//! rest sum to the logits.
//!
//! Networks whose logits are no sums become explainable by an estimate: [`IntegratedGradients`] or
//! [`Occlusion`] on their embeddings. What the estimate leaves over is told as its gap. Whether an
//! attribution finds what the model goes by, of whatever kind it is, says [`deletion`]: taking out the words
//! that it names must hurt more than taking out others.
//!
//! An n-gram stays a piece of its own, because what "not good" adds is the doing of neither word. Only to
//! colour a text, where every letter needs one number, is a piece shared equally among the words that it
//! covers ([`Attribution::words`]); the sum stays the same.
//!
#![doc = include_str!("../README.md")]

mod attribution;
mod deletion;
mod error;
mod integrated;
mod method;
mod occlusion;
mod piece;
mod ranked;
mod row;
mod sources;
mod words;

pub use attribution::Attribution;
pub use deletion::{Deletion, deletion};
pub use error::{Error, Result};
pub use integrated::IntegratedGradients;
pub use method::Method;
pub use occlusion::Occlusion;
pub use piece::Piece;
pub use ranked::Ranked;
pub use sources::{attribute_lines, attribute_ngrams, attribute_text, attribute_tokens};
pub use words::Word;

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
//! ```
//! use assort_classifier::{Contributions, Explainable, Inputs, Parts, Predictor, Result};
//! use assort_explain::attribute_tokens;
//! use assort_text::{TextConfig, Tokenizer};
//!
//! /// Adds each token's id to the first of two logits.
//! struct Sum;
//!
//! impl Explainable for Sum {
//!     fn contributions(&self, inputs: &Inputs) -> Result<Vec<Contributions>> {
//!         let row = |ids: &[u32]| {
//!             let mut found = Contributions::new(Parts::Inputs, vec![0.5, 0.0]);
//!             ids.iter().for_each(|id| found.push([f64::from(*id)]));
//!             found
//!         };
//!         Ok(inputs.ragged()?.iter().map(row).collect())
//!     }
//! }
//! # impl Predictor for Sum {
//! #     fn classes(&self) -> usize {
//! #         2
//! #     }
//! #     fn predict(&self, _: &Inputs) -> Result<assort_classifier::Logits> {
//! #         Err(assort_classifier::Error::Op("nobody asks".into()))
//! #     }
//! # }
//!
//! let tokenizer = Tokenizer::fit(&["naïve café", "café"], &TextConfig::default())?;
//! let attribution = attribute_tokens(&Sum, &tokenizer, None, "Café naïve")?;
//! let piece = &attribution.pieces()[1];
//! assert_eq!((attribution.piece_text(piece), &piece.contributions[..]), ("naïve".into(), &[3.0, 0.0][..]));
//! assert_eq!(attribution.logits(), [5.5, 0.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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

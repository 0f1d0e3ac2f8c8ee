//! Regular expressions for each label: [`Rules`] reads them from a TOML file, scores texts and says which
//! expressions matched where. Nothing is learned, so it takes no rows and every answer has its reason; the
//! price is that somebody writes the rules, and that what they do not foresee gets the default label.
//!
//! ```toml
//! default = "neutral"        # where nothing matches
//! ties = "first"             # of equal scores the first label of this file; or "default"
//! case = "insensitive"       # or "sensitive"
//!
//! [labels.worry]
//! patterns = ['\bsick\b', { pattern = 'miss(ed|ing)? (you|him|her)', weight = 2.0 }]
//!
//! [labels.happiness]
//! patterns = ['\bhappy\b']
//! ```
//!
//! `ties` and `case` may be left out and mean what stands here; a weight that is left out is 1. The
//! expressions are those of the crate `regex`: a search takes time linear in the text, whatever the
//! expression. Its classes `\w`, `\d` and `\s` and the switch of case know Unicode. Single quotes spare the
//! doubled backslashes.
//!
//! # Scores
//! A label's score is the sum of the weights of its expressions that match the text; one that matches twice
//! counts once. The label with the highest score wins. Scores are equal within a billionth of the highest, so
//! that 0.1 + 0.2 ties with 0.3. Where nothing matches, the default label wins.
//!
//! Where a row has any number of labels, each whose score is ½ or more holds. Where none does, it is the
//! default label, if the file names one.
//!
//! # Probabilities
//! Rules know no probability. What stands for it is the softmax of the scores, so a weight is what one match
//! adds to the logit, as in a log-linear model whose coefficients somebody has set by hand. Where scores do
//! not decide (a tie, or no match), the winner's logit is the highest score plus ½: it always has the highest
//! probability. They order the answers by how much speaks for them; with other weights they would be others,
//! so their log loss measures the choice of weights as much as the rules.
//!
//! ```
//! use std::path::Path;
//! use assort_classifier::Task;
//! use assort_models::rules::Rules;
//!
//! let file = "default = 'calm'\n[labels.worry]\npatterns = ['\\bsick\\b', 'hospitals?']\n";
//! let rules = Rules::parse(file, Path::new("rules.toml"), &["calm".into(), "worry".into()], Task::OneOf)?;
//! let answer = rules.answer("Sick, in hospital");
//! assert_eq!((answer.label, answer.scores), (1, vec![0.0, 2.0]));
//! assert_eq!(rules.matches("Sick, in hospital")[1].ranges, [9..17]);
//! # Ok::<(), assort_models::rules::Error>(())
//! ```

mod config;
mod error;
mod explain;
mod file;
mod model;
mod places;
#[cfg(test)]
mod tests;

pub use config::{Case, RulesConfig, Ties};
pub use error::{Error, Place};
pub use model::{Answer, Match, Rules};

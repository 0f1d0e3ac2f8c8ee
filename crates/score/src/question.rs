use assort_datasets::Carry;

use crate::Condition;

/// Which labels answer a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AnswerKind {
    /// So many, the answer first.
    #[default]
    Best,
    /// The same, but none where the model's thresholds or costs say that no answer is better.
    Sure,
    /// The set that holds the true label as often as the model promises.
    Set,
}

impl AnswerKind {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Best => "best",
            Self::Sure => "sure",
            Self::Set => "set",
        }
    }
}

/// What is asked of each text, and what is kept of the answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Labels for each text, the most probable ones.
    pub top: usize,
    /// Which labels answer a text.
    pub kind: AnswerKind,
    /// The rows that are kept; all if there is no condition.
    pub condition: Option<Condition>,
    /// The columns of the file that stay beside the answers.
    pub carry: Carry,
}

use assort_datasets::Carry;

use crate::Condition;

/// What is asked of each text, and what is kept of the answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Labels for each text, the most probable ones.
    pub top: usize,
    /// The rows that are kept; all if there is no condition.
    pub condition: Option<Condition>,
    /// The columns of the file that stay beside the answers.
    pub carry: Carry,
}

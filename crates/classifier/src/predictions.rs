//! Decisions on rows, in the form of the task.

use assort_metrics::{THRESHOLD, predicted_labels, predicted_sets};
use assort_rows::Task;
use ndarray::{Array2, ArrayView2};

use crate::Result;

/// Decisions on B rows, in the form that the task has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Predictions {
    /// One label a row (B).
    Labels(Vec<u32>),
    /// Whether each label holds (B, K).
    Sets(Array2<bool>),
}

impl Predictions {
    /// Decides by probabilities (B, K): for the most probable label of each row, the first of equals, or for
    /// all labels whose probability is [`THRESHOLD`] or more.
    ///
    /// # Errors
    /// If a probability is no number from 0 to 1, or there are rows and no labels.
    pub fn new(task: Task, probabilities: ArrayView2<f64>) -> Result<Self> {
        Ok(match task {
            Task::OneOf => Self::Labels(predicted_labels(probabilities)?),
            Task::AnyOf => {
                Self::Sets(predicted_sets(probabilities, &vec![THRESHOLD; probabilities.ncols()])?)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn the_task_decides() -> Result<()> {
        let probabilities = array![[0.5, 0.5, 0.4], [0.1, 0.2, 0.7], [0.1, 0.2, 0.3]];
        let found = Predictions::new(Task::OneOf, probabilities.view())?;
        assert_eq!(found, Predictions::Labels(vec![0, 2, 2]));
        let sets = array![[true, true, false], [false, false, true], [false, false, false]];
        assert_eq!(Predictions::new(Task::AnyOf, probabilities.view())?, Predictions::Sets(sets));
        assert!(Predictions::new(Task::AnyOf, array![[1.5]].view()).is_err());
        Ok(())
    }
}

//! The labels of rows, in the form that the task has.

use assort_rows::{Task, TokenRows};

use crate::LabelId;

/// The labels of rows: one each, or any number of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowLabels {
    /// One label a row.
    One(Vec<LabelId>),
    /// Any number of labels a row, none too, ascending and without repeats.
    Any(TokenRows),
}

impl From<Vec<LabelId>> for RowLabels {
    fn from(labels: Vec<LabelId>) -> Self {
        Self::One(labels)
    }
}

impl RowLabels {
    /// How many labels a row has.
    pub fn task(&self) -> Task {
        match self {
            Self::One(_) => Task::OneOf,
            Self::Any(_) => Task::AnyOf,
        }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::One(labels) => labels.len(),
            Self::Any(sets) => sets.rows(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The labels of all rows, row after row.
    pub fn ids(&self) -> impl Iterator<Item = LabelId> + '_ {
        let (one, any) = match self {
            Self::One(labels) => (labels.as_slice(), [].as_slice()),
            Self::Any(sets) => ([].as_slice(), sets.ids()),
        };
        one.iter().copied().chain(any.iter().copied().map(LabelId))
    }

    /// The labels of the row at `index`, from 0; none where there is no such row.
    pub fn of(&self, index: usize) -> impl Iterator<Item = LabelId> + '_ {
        let (one, any) = match self {
            Self::One(labels) => (labels.get(index), [].as_slice()),
            Self::Any(sets) if index < sets.rows() => (None, sets.row(index)),
            Self::Any(_) => (None, [].as_slice()),
        };
        one.into_iter().copied().chain(any.iter().copied().map(LabelId))
    }

    /// Those of the rows at these indices, which exist.
    pub(crate) fn select(&self, indices: &[u32]) -> Self {
        match self {
            Self::One(labels) => Self::One(indices.iter().map(|&index| labels[index as usize]).collect()),
            Self::Any(sets) => Self::Any(sets.select(indices)),
        }
    }

    /// The same with other numbers; the first row, and a label of it, that has none.
    pub(crate) fn renumbered(
        &self,
        place: impl Fn(LabelId) -> Option<LabelId>,
    ) -> Result<Self, (usize, LabelId)> {
        Ok(match self {
            Self::One(labels) => {
                let numbers = labels.iter().enumerate().map(|(row, &label)| place(label).ok_or((row, label)));
                Self::One(numbers.collect::<Result<_, _>>()?)
            }
            Self::Any(sets) => {
                let mut renumbered = TokenRows::default();
                for (row, set) in sets.iter().enumerate() {
                    let numbers = set.iter().map(|&id| place(LabelId(id)).ok_or((row, LabelId(id))));
                    let mut numbers =
                        numbers.map(|found| found.map(|label| label.0)).collect::<Result<Vec<_>, _>>()?;
                    numbers.sort_unstable();
                    renumbered.push(&numbers);
                }
                Self::Any(renumbered)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms() {
        let one = RowLabels::One(vec![LabelId(2), LabelId(0)]);
        let any = RowLabels::Any(TokenRows::from_rows([&[0, 2][..], &[], &[1]]));
        let of = |labels: &RowLabels, row| labels.of(row).map(|label| label.0).collect::<Vec<_>>();
        assert_eq!((of(&one, 0), of(&one, 1), of(&one, 2)), (vec![2], vec![0], vec![]));
        assert_eq!(
            (of(&any, 0), of(&any, 1), of(&any, 2), of(&any, 3)),
            (vec![0, 2], vec![], vec![1], vec![])
        );
        assert_eq!((one.len(), any.len(), any.ids().count()), (2, 3, 3));
        let swapped = any.renumbered(|label| Some(LabelId(2 - label.0)));
        assert_eq!(swapped, Ok(RowLabels::Any(TokenRows::from_rows([&[0, 2][..], &[], &[1]]))));
        let lacking = any.renumbered(|label| (label.0 != 1).then_some(label));
        assert_eq!(lacking, Err((2, LabelId(1))));
        assert_eq!(any.select(&[2, 0]), RowLabels::Any(TokenRows::from_rows([&[1][..], &[0, 2]])));
    }
}

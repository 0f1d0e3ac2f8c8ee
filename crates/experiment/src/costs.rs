//! A table of what answers cost.

use std::collections::BTreeMap;
use std::path::Path;

use assort_classifier::Costs;

use crate::{Error, Result};

/// What stands for no answer.
const NONE: &str = "none";

/// Reads what answers cost from a TOML file: a table of each true label, with the costs of answers by label
/// and of no answer as `none`. What is not named costs nothing where the answer is right, 1 where it is
/// wrong, and as much as the dearest answer where there is none and another label names `none`.
///
/// ```toml
/// [spam]
/// ham = 1
/// [ham]
/// spam = 10
/// none = 0.5
/// ```
///
/// # Errors
/// If the file cannot be read or is no such table, names a label that the model has not, or a number is not
/// finite.
pub fn read_costs(path: &Path, labels: &[String]) -> Result<Costs> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::io(path, error))?;
    let fail = |reason: String| Error::Request(format!("{}: {reason}", path.display()));
    let table: BTreeMap<String, BTreeMap<String, f64>> =
        toml::from_str(&text).map_err(|error| fail(error.to_string().trim_end().replace('\n', " ")))?;
    let place = |name: &str| labels.iter().position(|label| label == name);
    let unknown = |name: &str| {
        fail(format!("the model has no label '{name}': name one of its labels, or {NONE} for no answer"))
    };
    let mut answers: Vec<Vec<f64>> = (0..labels.len())
        .map(|truth| (0..labels.len()).map(|answer| f64::from(u8::from(answer != truth))).collect())
        .collect();
    let mut none: Vec<Option<f64>> = vec![None; labels.len()];
    for (truth, costs) in &table {
        let own = place(truth).ok_or_else(|| unknown(truth))?;
        for (answer, cost) in costs {
            if !cost.is_finite() {
                return Err(fail(format!("the cost of '{answer}' for '{truth}' is {cost}: write a number")));
            }
            let cell = match place(answer) {
                Some(answer) => answers.get_mut(own).and_then(|costs| costs.get_mut(answer)),
                None if answer == NONE => none.get_mut(own).map(|cell| cell.get_or_insert(0.0)),
                None => return Err(unknown(answer)),
            };
            if let Some(cell) = cell {
                *cell = *cost;
            }
        }
    }
    let dearest = |costs: &Vec<f64>| costs.iter().copied().fold(0.0, f64::max);
    let none = match none.iter().any(Option::is_some) {
        true => none.iter().zip(&answers).map(|(own, costs)| own.unwrap_or(dearest(costs))).collect(),
        false => Vec::new(),
    };
    Ok(Costs { answers, none })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Costs> {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("costs.toml");
        std::fs::write(&path, text).unwrap();
        read_costs(&path, &["ham".into(), "spam".into()])
    }

    #[test]
    fn costs_and_their_defaults() {
        let costs = read("[ham]\nspam = 10\nnone = 0.5\n").unwrap();
        assert_eq!(costs.answers, [[0.0, 10.0], [1.0, 0.0]]);
        assert_eq!(costs.none, [0.5, 1.0]);
        assert_eq!(read("").unwrap().none, [0.0; 0]);
    }

    #[test]
    fn bad_input() {
        let check = |text: &str, expect: &str| {
            let message = read(text).unwrap_err().to_string();
            assert!(message.contains("costs.toml: ") && message.contains(expect), "{message}");
            assert!(!message.contains('\n'), "{message}");
        };
        check("[eggs]\nspam = 1", "no label 'eggs'");
        check("[ham]\neggs = 1", "no label 'eggs'");
        check("[ham]\nspam = nan", "the cost of 'spam' for 'ham' is NaN");
        check("[ham]\nspam = \"dear\"", "expected f64");
        check("[ham\n", "");
    }
}

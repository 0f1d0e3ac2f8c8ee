//! Whether two classifiers differ on the same rows.

use crate::Error;
use crate::complementary_error::erfc;
use crate::confusion::check_lengths;
use serde::{Deserialize, Serialize};

/// McNemar's test (1947) of two classifiers that judged the same rows: among the rows that one alone got
/// right, are the two sides even?
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct McNemar {
    /// Rows that the first alone got right.
    pub first_alone: u64,
    /// Rows that the second alone got right.
    pub second_alone: u64,
    /// How the probability was computed.
    pub method: McNemarMethod,
    /// Chi squared with continuity correction; `None` for the exact test.
    pub statistic: Option<f64>,
    /// The two-sided probability of so uneven sides among equal classifiers.
    pub p_value: f64,
}

/// How a probability was computed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum McNemarMethod {
    /// The binomial distribution, for fewer than 25 rows that the two judge differently.
    Exact,
    /// (|b − c| − 1)² / (b + c) with one degree of freedom (Edwards 1948).
    ChiSquared,
}

/// From this many rows the chi-squared approximation is used.
const MANY: u64 = 25;

impl McNemar {
    /// The test from the two counts.
    pub fn from_counts(first_alone: u64, second_alone: u64) -> Self {
        let rows = first_alone.saturating_add(second_alone);
        if rows < MANY {
            let p_value = exact(first_alone.min(second_alone), rows);
            return Self {
                first_alone,
                second_alone,
                method: McNemarMethod::Exact,
                statistic: None,
                p_value,
            };
        }
        let distance = first_alone.abs_diff(second_alone).saturating_sub(1) as f64;
        let statistic = distance * distance / rows as f64;
        // The upper tail of chi squared with one degree of freedom.
        let p_value = erfc((statistic / 2.0).sqrt());
        let method = McNemarMethod::ChiSquared;
        Self { first_alone, second_alone, method, statistic: Some(statistic), p_value }
    }

    /// The test from true classes and both predictions.
    ///
    /// # Errors
    /// [`Error::Length`] if they differ in length.
    pub fn from_labels(truth: &[u32], first: &[u32], second: &[u32]) -> Result<Self, Error> {
        check_lengths("the first predictions", first.len(), truth.len())?;
        check_lengths("the second predictions", second.len(), truth.len())?;
        let (mut first_alone, mut second_alone) = (0, 0);
        for ((truth, first), second) in truth.iter().zip(first).zip(second) {
            match (first == truth, second == truth) {
                (true, false) => first_alone += 1,
                (false, true) => second_alone += 1,
                _ => (),
            }
        }
        Ok(Self::from_counts(first_alone, second_alone))
    }
}

/// Twice the lower tail of the binomial distribution with p = ½, at most 1. All sums are exact below 2⁵³.
fn exact(few: u64, rows: u64) -> f64 {
    let (mut choose, mut tail) = (1.0, 1.0);
    for k in 1..=few {
        choose = choose * (rows + 1 - k) as f64 / k as f64;
        tail += choose;
    }
    (2.0 * tail / 2f64.powi(rows as i32)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_compared_row_by_row() {
        let test = McNemar::from_labels(&[0, 1, 2, 0], &[0, 1, 1, 1], &[1, 1, 2, 2]).unwrap();
        assert_eq!((test.first_alone, test.second_alone, test.p_value), (1, 1, 1.0));
        assert!(McNemar::from_labels(&[0], &[0], &[]).is_err());
        assert!(McNemar::from_labels(&[0], &[], &[0]).is_err());
    }

    #[test]
    fn equal_sides_are_no_sign() {
        assert_eq!(McNemar::from_counts(0, 0).p_value, 1.0);
        assert_eq!(McNemar::from_counts(12, 12).p_value, 1.0);
        assert_eq!(McNemar::from_counts(500, 500).p_value, 1.0);
        assert_eq!(McNemar::from_counts(500, 501).p_value, 1.0);
    }
}

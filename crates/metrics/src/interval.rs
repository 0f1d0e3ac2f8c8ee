//! How far a number may be trusted.

use crate::Error;
use serde::{Deserialize, Serialize};

/// A two-sided confidence interval.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// The share of such intervals that hold the true value, 0.95 say.
    pub confidence: f64,
}

/// Wilson's interval of a share such as accuracy (Wilson 1927, without continuity correction); `None` without
/// trials. It stays within [0, 1] and is sound for few rows and for shares near 0 and 1.
///
/// # Errors
/// [`Error::Parameter`] if `confidence` is not between 0 and 1, or there are more successes than trials.
pub fn wilson(successes: u64, trials: u64, confidence: f64) -> Result<Option<Interval>, Error> {
    check_confidence(confidence)?;
    if successes > trials {
        let found = successes as f64;
        return Err(Error::Parameter { parameter: "successes", found, expected: "at most the trials" });
    }
    if trials == 0 {
        return Ok(None);
    }
    let z = assort_random::normal_quantile(0.5 + confidence / 2.0);
    let n = trials as f64;
    let p = successes as f64 / n;
    let scale = 1.0 / (1.0 + z * z / n);
    let centre = (p + z * z / (2.0 * n)) * scale;
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt() * scale;
    // At the ends the two terms cancel exactly; rounding must not leave a speck.
    let low = if successes == 0 { 0.0 } else { centre - half };
    let high = if successes == trials { 1.0 } else { centre + half };
    Ok(Some(Interval { low, high, confidence }))
}

pub(crate) fn check_confidence(confidence: f64) -> Result<(), Error> {
    if confidence > 0.0 && confidence < 1.0 {
        return Ok(());
    }
    Err(Error::Parameter { parameter: "confidence", found: confidence, expected: "between 0 and 1" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges() {
        assert_eq!(wilson(0, 0, 0.95), Ok(None));
        assert_eq!(wilson(0, 5, 0.95).unwrap().unwrap().low, 0.0);
        assert_eq!(wilson(5, 5, 0.95).unwrap().unwrap().high, 1.0);
        for confidence in [0.0, 1.0, -1.0, f64::NAN] {
            assert!(matches!(wilson(1, 2, confidence), Err(Error::Parameter { .. })));
        }
        assert!(wilson(3, 2, 0.95).unwrap_err().to_string().contains("successes is 3"));
    }
}

use crate::{Error, Result};

/// The shares of a split: training and test, or training, validation and test.
#[derive(Clone, Debug, PartialEq)]
pub struct Ratios(Vec<f64>);

/// How far the sum may be from 1.
const TOLERANCE: f64 = 1e-9;

impl Ratios {
    /// Checks two or three shares, each above 0, that add up to 1.
    ///
    /// # Errors
    /// [`Error::Ratios`], with the fault.
    pub fn new(shares: &[f64]) -> Result<Self> {
        let given = shares.iter().map(f64::to_string).collect::<Vec<_>>().join(",");
        Self::check(shares, &given)
    }

    /// Reads shares written with commas.
    ///
    /// ```
    /// use assort_datasets::Ratios;
    /// assert_eq!(Ratios::parse("0.7,0.15,0.15").unwrap().shares(), [0.7, 0.15, 0.15]);
    /// assert!(Ratios::parse("0.7,0.2").unwrap_err().to_string().contains("add up to 0.9"));
    /// ```
    ///
    /// # Errors
    /// [`Error::Ratios`], with the fault.
    pub fn parse(given: &str) -> Result<Self> {
        let shares = given.split(',').map(|share| {
            let number = share.trim().parse::<f64>();
            number.map_err(|_| error(given, format!("'{}' is not a number", share.trim())))
        });
        Self::check(&shares.collect::<Result<Vec<_>>>()?, given)
    }

    /// The shares in order.
    pub fn shares(&self) -> &[f64] {
        &self.0
    }

    fn check(shares: &[f64], given: &str) -> Result<Self> {
        if !(2..=3).contains(&shares.len()) {
            let kinds = "training,test or training,validation,test";
            return Err(error(given, format!("give {kinds}: two or three shares, not {}", shares.len())));
        }
        if let Some(share) = shares.iter().find(|share| !(**share > 0.0 && **share < 1.0)) {
            return Err(error(given, format!("each share must be above 0 and below 1, {share} is not")));
        }
        let sum: f64 = shares.iter().sum();
        if (sum - 1.0).abs() > TOLERANCE {
            // Rounded so that 0.1 + 0.2 does not read 0.30000000000000004.
            let sum = (sum * 1e9).round() / 1e9;
            return Err(error(given, format!("the shares add up to {sum}, they must add up to 1")));
        }
        Ok(Self(shares.to_vec()))
    }
}

fn error(given: &str, problem: String) -> Error {
    Error::Ratios { given: given.to_owned(), problem }
}

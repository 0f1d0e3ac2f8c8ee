//! What was tried to make probabilities mean what they say.

use assort_classifier::CalibrationKind;
use assort_metrics::{FigureSet, ReliabilityBin};
use serde::{Deserialize, Serialize};

use crate::numbers::{counted, figure};

/// What was tried to make probabilities mean what they say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationFigures {
    /// The kind that was kept; `None` where none did better.
    pub kept: Option<CalibrationKind>,
    /// The validation rows, of which each was judged by a calibration that it was not fitted to.
    pub rows: usize,
    /// Their mean log loss without calibration.
    pub loss: f64,
    /// Each kind that was tried.
    pub tried: Vec<CalibrationTried>,
    /// The figures of the rows that the report is of, without calibration; `None` where none was kept.
    pub before: Option<FigureSet>,
    /// How often answers came true there, without calibration.
    pub bins_before: Vec<ReliabilityBin>,
}

/// A kind that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationTried {
    /// The kind.
    pub kind: CalibrationKind,
    /// The mean log loss of validation rows that it was not fitted to.
    pub loss: f64,
}

impl CalibrationFigures {
    /// What was kept, and what it does to the loss, in words.
    pub fn words(&self) -> String {
        let rows = counted(self.rows, "validation row");
        let Some(kept) = self.kept else {
            return format!("none: nothing lowers the log loss of {rows} ({})", figure(self.loss));
        };
        let after = self.tried.iter().find(|tried| tried.kind == kept).map(|tried| tried.loss);
        let name = kept.name();
        match after {
            Some(after) => {
                format!(
                    "{name}: log loss {} to {} on {rows} held out in turns",
                    figure(self.loss),
                    figure(after)
                )
            }
            None => name.into(),
        }
    }
}

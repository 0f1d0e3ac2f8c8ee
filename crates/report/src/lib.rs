//! Turns the figures of a run into what people look at. [`Report`] holds everything that is told of a run, as
//! plain values; [`html::page`], [`markdown::card`] and [`pictures()`] render it, and [`terminal`] lays the
//! same figures out as lines. Whoever leads a run fills these types and knows nothing of their looks; nothing
//! here decides, computes a figure or prints. The price is that a figure passes through a value of its own
//! before it is shown.
//!
//! Pages are made with templates that escape by construction, numbers are written by one set of rules
//! ([`numbers`]), and texts of others lose what could act on whoever shows them ([`text`]).
//!
#![doc = include_str!("../README.md")]

mod auto;
mod calibration;
mod comparison;
mod confusion;
mod error;
mod evaluation;
mod explanation;
mod features;
mod figures;
pub mod html;
mod label_audit;
mod map;
pub mod markdown;
mod mean_deviation;
pub mod numbers;
mod order;
mod pictures;
mod ranking;
mod report;
#[cfg(test)]
mod sample;
mod search;
mod series;
mod slice;
mod strongest;
pub mod terminal;
pub mod text;
mod threshold;
mod words;

pub use auto::{AutoTable, AutoTrial, row_arguments};
pub use calibration::{CalibrationFigures, CalibrationTried};
pub use comparison::{Answer, Candidate, Comparison, Disagreement, Pair, Reasons};
pub use confusion::Confusion;
pub use error::{Error, Result};
pub use evaluation::{Answered, Evaluation, JudgedData, LabelPairs, Mistake};
pub use explanation::{Asked, Explanation, Side};
pub use features::{FeatureMatrix, LabelNgrams, MatrixRows};
pub use figures::{
    DataFigures, Metrics, ParameterFigures, ParameterLine, PredictFigures, SplitRows, TrainFigures,
    VectorFigures,
};
pub use label_audit::{LabelAudit, NearGroup, Suspect};
pub use map::{Map, MapLayout, MapPoint};
pub use mean_deviation::{FigureMeans, MeanDeviation};
pub use pictures::ranking::coverage_chart;
pub use pictures::{Picture, pictures};
pub use ranking::{LabelCurves, LabelRanking, Ranking};
pub use report::Report;
pub use search::{Rival, Search, Tried, TriedFeatures};
pub use series::{CrossValidation, FoldResult, Standing, Trial, words as combination_words};
pub use slice::Slice;
pub use strongest::StrongestNgrams;
pub use threshold::{AnsweredShare, DecisionFigures, LabelThreshold, SetFigures};

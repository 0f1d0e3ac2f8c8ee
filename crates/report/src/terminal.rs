//! Figures as lines of text: tables, bars and blocks with a title in the margin.

pub mod audit;
pub mod auto;
pub mod bars;
pub mod block;
pub mod coloured_words;
pub mod comparison;
pub mod evaluation;
pub mod explanation;
pub mod features;
pub mod models;
pub mod prediction;
pub mod reading;
pub mod reference;
pub mod series;
pub mod settings;
pub mod shrinking;
pub mod slices;
pub mod table;
pub mod threshold;
pub mod tokens;
pub mod training;
pub mod vectors;
pub mod wrap;

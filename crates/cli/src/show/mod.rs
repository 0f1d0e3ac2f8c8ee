//! Figures as words: tables, bars and numbers. Nothing here prints.

pub mod audit;
pub mod bars;
pub mod block;
pub mod comparison;
pub mod judgement;
pub mod numbers;
pub mod reading;
pub mod series;
pub mod settings;
pub mod table;

//! Columns of strings, which polars makes of CSV and of Parquet.

use polars_core::prelude::StringChunked;

use crate::collect::Collector;

/// Adds all rows of a column of texts and, where there is one, of labels.
pub(crate) fn add(collector: &mut Collector<'_>, texts: &StringChunked, labels: Option<&StringChunked>) {
    let bytes = texts.iter().map(|text| text.map_or(0, str::len)).sum();
    collector.reserve(texts.len(), bytes);
    match labels {
        Some(labels) => texts.iter().zip(labels.iter()).for_each(|(text, label)| collector.add(text, label)),
        None => texts.iter().for_each(|text| collector.add(text, None)),
    }
}

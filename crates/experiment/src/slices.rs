//! How good a model is on rows that have something in common.

use std::collections::HashMap;

use assort_datasets::{Column, Dataset};
use assort_metrics::{fisher_exact, holm, wilson};
use assort_pipeline::Pipeline;
use assort_report::Slice;
use ndarray::ArrayView2;

use crate::Result;
use crate::truth::Truth;

/// Parts of equally many rows that lengths are divided into.
const LENGTHS: usize = 4;
/// With fewer rows a slice says nothing.
const FEW: usize = 10;
/// Of a column with more values the most frequent ones are slices.
const MOST: usize = 100;

/// The slices of judged rows by the length of their texts and by columns of their file, the worst first, by
/// the probabilities (B, K) of [`evaluate_rows`](crate::evaluate_rows). Values with fewer than ten rows are
/// left out.
///
/// # Errors
/// If a probability is none.
pub fn slices(
    pipeline: &Pipeline,
    data: &Dataset,
    probabilities: ArrayView2<f64>,
    columns: &[Column],
) -> Result<Vec<Slice>> {
    let (truth, decided) =
        (Truth::new(data), pipeline.decision().predictions(pipeline.task(), probabilities)?);
    let right: Vec<bool> = truth.right(&decided);
    let mut slices = of_values("length", &lengths(data), &right)?;
    for column in columns {
        slices.extend(of_values(&column.name, &column.values.written(), &right)?);
    }
    let adjusted = holm(&slices.iter().map(|slice| slice.p_value).collect::<Vec<_>>());
    slices.iter_mut().zip(adjusted).for_each(|(slice, p_value)| slice.p_value = p_value);
    slices.sort_by(|a, b| a.accuracy.total_cmp(&b.accuracy).then(b.rows.cmp(&a.rows)));
    Ok(slices)
}

/// The rows of each value.
fn of_values(of: &str, values: &[String], right: &[bool]) -> Result<Vec<Slice>> {
    let mut counts: HashMap<&str, [u64; 2]> = HashMap::new();
    for (value, right) in values.iter().zip(right) {
        let [all, hits] = counts.entry(value).or_default();
        (*all, *hits) = (*all + 1, *hits + u64::from(*right));
    }
    let (rows, hits) = (right.len() as u64, right.iter().filter(|right| **right).count() as u64);
    let mut counts: Vec<(&str, [u64; 2])> = counts.into_iter().collect();
    counts.retain(|(_, [all, _])| *all >= FEW as u64 && *all < rows);
    counts.sort_by(|a, b| b.1[0].cmp(&a.1[0]).then(a.0.cmp(b.0)));
    counts.truncate(MOST);
    let slice = |(value, [all, own]): (&str, [u64; 2])| {
        Ok(Slice {
            of: of.into(),
            value: if value.is_empty() { "(none)".into() } else { value.into() },
            rows: all as usize,
            accuracy: own as f64 / all as f64,
            interval: wilson(own, all, 0.95)?,
            p_value: fisher_exact([[own, all - own], [hits - own, rows - all - (hits - own)]]),
        })
    };
    counts.into_iter().map(slice).collect()
}

/// For each row the part that its text's length lies in, in characters.
fn lengths(data: &Dataset) -> Vec<String> {
    let lengths: Vec<usize> = data.texts().iter().map(|text| text.chars().count()).collect();
    let mut sorted = lengths.clone();
    sorted.sort_unstable();
    // The largest length of each part, each once.
    let mut ends: Vec<usize> = (1..=LENGTHS)
        .filter_map(|part| sorted.get((sorted.len() * part / LENGTHS).checked_sub(1)?).copied())
        .collect();
    ends.dedup();
    let part = |length: &usize| {
        let at = ends.iter().position(|end| length <= end).unwrap_or_default();
        let start = at.checked_sub(1).and_then(|before| ends.get(before)).map_or(0, |before| before + 1);
        format!("{start} to {} characters", ends.get(at).copied().unwrap_or_default())
    };
    lengths.iter().map(part).collect()
}

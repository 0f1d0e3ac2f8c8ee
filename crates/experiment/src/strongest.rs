//! The n-grams that speak most for each label of a linear model.

use assort_models::Model;
use assort_pipeline::{Featurizer, Pipeline};
use assort_report::StrongestNgrams;

/// N-grams a label.
const NGRAMS: usize = 12;

/// They, by label; none of a model that is not linear on n-grams.
pub fn strongest(pipeline: &Pipeline) -> Vec<StrongestNgrams> {
    let (Model::Linear(model), Featurizer::Ngrams(vectorizer)) = (pipeline.model(), pipeline.featurizer())
    else {
        return Vec::new();
    };
    let vectors = model.vectors();
    let of_label = |(place, label): (usize, &String)| {
        // Two labels of which a row has one share a vector: below zero it speaks for the first.
        let sign = if vectors < model.classes() && place == 0 { -1.0 } else { 1.0 };
        let own = model.coefficients().iter().skip(place % vectors).step_by(vectors);
        let mut columns: Vec<(f64, u32)> = (0..)
            .zip(own)
            .map(|(column, weight)| {
                let factor = vectorizer.weight(column).unwrap_or(1.0);
                (sign * f64::from(*weight) * f64::from(factor), column)
            })
            .filter(|(weight, _)| *weight > 0.0)
            .collect();
        columns.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let named = columns.into_iter().take(NGRAMS);
        let ngrams = named.filter_map(|(weight, column)| Some((vectorizer.feature(column)?, weight)));
        StrongestNgrams { label: label.clone(), ngrams: ngrams.collect() }
    };
    pipeline.labels().iter().enumerate().map(of_label).collect()
}

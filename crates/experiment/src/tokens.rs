//! Rows as token ids.

use std::time::Instant;

use assort_classifier::Inputs;
use assort_pipeline::{FeatureConfig, Featurizer};
use assort_text::{Special, TokenId, Vocab};

use crate::context::Context;
use crate::prepare::Rows;
use crate::{Event, Result};

/// Learns the features from the training rows, and gives training and validation rows as inputs.
pub fn features(
    run: &mut Context,
    config: &FeatureConfig,
    rows: &Rows,
) -> Result<(Featurizer, Inputs, Inputs)> {
    let clock = Instant::now();
    let texts = rows.train.texts().slices();
    let (featurizer, train) = Featurizer::fit(&texts, config)?;
    let validation = featurizer.inputs(&rows.validation.texts().slices())?;
    if let (Featurizer::Tokens(tokenizer, _), Inputs::Ragged(ids), Inputs::Ragged(others)) =
        (&featurizer, &train, &validation)
    {
        let vocab = tokenizer.vocab();
        // Behind the vocabulary lie the buckets of n-grams.
        let known = |ids: &[u32]| ids.iter().filter(|&&id| (id as usize) < vocab.len()).count();
        let unk = vocab.special(Special::Unk);
        let unknown = others.ids().iter().filter(|&&id| Some(TokenId(id)) == unk).count();
        let tokens = known(others.ids());
        run.tell(&Event::Tokenized {
            vocabulary: vocab.len(),
            tokens: known(ids.ids()),
            most_common: most_common(vocab, ids.ids(), 10),
            unknown: (tokens > 0).then(|| unknown as f64 / tokens as f64),
            cut: tokenizer.count_cut(&texts)?,
            longest: tokenizer.config().longest,
            seconds: clock.elapsed().as_secs_f64(),
        });
    }
    Ok((featurizer, train, validation))
}

/// The `n` most frequent tokens of training ids with their counts, specials left out; of equals the first id.
fn most_common(vocab: &Vocab, ids: &[u32], n: usize) -> Vec<(String, u64)> {
    let mut counts = vec![0u64; vocab.len()];
    for &id in ids {
        // Behind the vocabulary lie the buckets of n-grams.
        if let Some(count) = counts.get_mut(id as usize) {
            *count += 1;
        }
    }
    let special = |id: u32| vocab.specials().iter().any(|(_, special)| special.0 == id);
    let mut ranked: Vec<(u64, u32)> =
        (counts.into_iter().zip(0u32..)).filter(|(count, id)| *count > 0 && !special(*id)).collect();
    ranked.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let named = |(count, id): (u64, u32)| Some((vocab.token(TokenId(id))?.to_owned(), count));
    ranked.into_iter().filter_map(named).take(n).collect()
}

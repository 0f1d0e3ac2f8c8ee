use assort_random::{Seed, permutation, shuffle};
use serde::{Deserialize, Serialize};

use crate::{Dataset, Result};

/// How training rows of unequally frequent labels are evened out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resampling {
    /// The rows as they are.
    #[default]
    None,
    /// Rows of rarer labels are repeated until each label has as many rows as the most frequent one.
    Oversample,
    /// As with oversampling, but the repeats have their texts altered: [`Dataset::synthesize`].
    Synthesize,
    /// Rows of frequent labels are left out until each label has as many rows as the rarest one.
    Undersample,
}

impl Dataset {
    /// The row indices, from 0, of evened-out rows, shuffled by the seed unless they stay as they are.
    ///
    /// Oversampling repeats all rows of a label equally often, then draws the remainder without replacement.
    /// Undersampling draws without replacement. Labels without rows stay without.
    ///
    /// # Errors
    /// [`Error::LabelSets`](crate::Error::LabelSets) if rows are to be evened out that have any number of
    /// labels.
    pub fn resample(&self, resampling: Resampling, seed: Seed) -> Result<Vec<u32>> {
        if resampling != Resampling::None {
            self.labels()?;
        }
        let by_label = self.rows_by_label();
        let counts = || by_label.iter().map(Vec::len).filter(|&count| count > 0);
        let wanted = match resampling {
            Resampling::None => return Ok((0..self.len() as u32).collect()),
            Resampling::Oversample | Resampling::Synthesize => counts().max(),
            Resampling::Undersample => counts().min(),
        };
        let seed = seed.stream("resample");
        let mut rows = Vec::new();
        for (label, own) in by_label.iter().enumerate().filter(|(_, own)| !own.is_empty()) {
            let order = permutation(own.len(), &mut seed.at(label as u64).generator());
            let drawn = order.iter().filter_map(|&place| own.get(place as usize).copied());
            rows.extend(drawn.cycle().take(wanted.unwrap_or_default()));
        }
        shuffle(&mut rows, &mut seed.generator());
        Ok(rows)
    }
}

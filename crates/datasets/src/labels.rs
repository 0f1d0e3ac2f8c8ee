use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// The number of a label among [`Labels`], from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LabelId(pub u32);

impl LabelId {
    /// The number as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The names of the labels (K classes), sorted bytewise, so that the numbers do not depend on the order of
/// rows.
///
/// Serialized as a list of names.
///
/// ```
/// use assort_datasets::{LabelId, Labels};
/// let labels = Labels::new(["pos", "neg", "pos"]);
/// assert_eq!(labels.len(), 2);
/// assert_eq!(labels.id("pos"), Some(LabelId(1)));
/// assert_eq!(labels.name(LabelId(0)), Some("neg"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct Labels {
    names: Vec<String>,
}

impl Labels {
    /// The labels with these names; repeated names count once.
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        let mut names: Vec<String> = names.into_iter().map(Into::into).collect();
        names.sort_unstable();
        names.dedup();
        Self { names }
    }

    /// How many labels there are (K).
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are no labels.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The label with this name.
    pub fn id(&self, name: &str) -> Option<LabelId> {
        self.names.binary_search_by(|known| known.as_str().cmp(name)).ok().map(|index| LabelId(index as u32))
    }

    /// The name of a label.
    pub fn name(&self, id: LabelId) -> Option<&str> {
        self.names.get(id.index()).map(String::as_str)
    }

    /// The names in the order of their ids.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Labels and names in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (LabelId, &str)> {
        self.names.iter().enumerate().map(|(index, name)| (LabelId(index as u32), name.as_str()))
    }

    /// The name most like `name`, for an error message.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        crate::nearest(name, self.names.iter().map(String::as_str))
    }
}

impl From<Vec<String>> for Labels {
    fn from(names: Vec<String>) -> Self {
        Self::new(names)
    }
}

impl From<Labels> for Vec<String> {
    fn from(labels: Labels) -> Self {
        labels.names
    }
}

/// Gives names a number by first appearance and counts them; sorted at the end.
#[derive(Default)]
pub(crate) struct Interner {
    ids: HashMap<String, u32>,
    counts: Vec<u64>,
}

impl Interner {
    /// The provisional number of a name, counted once more.
    pub(crate) fn count(&mut self, name: &str) -> u32 {
        let id = match self.ids.get(name) {
            Some(&id) => id,
            None => {
                let id = self.counts.len() as u32;
                self.ids.insert(name.to_owned(), id);
                self.counts.push(0);
                id
            }
        };
        self.counts[id as usize] += 1;
        id
    }

    /// Whether the name has a number.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.ids.contains_key(name)
    }

    /// All names with their rows, sorted by name.
    pub(crate) fn counted(&self) -> Vec<(String, u64)> {
        let mut counted: Vec<(String, u64)> =
            (self.ids.iter()).map(|(name, &id)| (name.clone(), self.counts[id as usize])).collect();
        counted.sort_unstable();
        counted
    }

    /// The final labels of the provisional numbers in `used`, which are replaced; others there stay.
    pub(crate) fn finish(self, used: &mut [u32]) -> Labels {
        let mut present = vec![false; self.counts.len()];
        for &id in used.iter() {
            if let Some(seen) = present.get_mut(id as usize) {
                *seen = true;
            }
        }
        let names = self.ids.iter().filter(|&(_, &id)| present[id as usize]).map(|(name, _)| name);
        let labels = Labels::new(names);
        let mut finals = vec![0; present.len()];
        for (name, &id) in &self.ids {
            finals[id as usize] = labels.id(name).map_or(0, |label| label.0);
        }
        for id in used {
            *id = finals.get(*id as usize).copied().unwrap_or(*id);
        }
        labels
    }
}

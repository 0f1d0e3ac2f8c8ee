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

/// The names of the labels (K classes), sorted, so that the numbers do not depend on the order of rows: as
/// numbers where all are numbers (`9` before `10`), else bytewise.
///
/// Serialized as a list of names, which is read in the order that it has.
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
    /// The numbers in the bytewise order of their names.
    by_name: Vec<u32>,
}

impl Labels {
    /// The labels with these names; repeated names count once.
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        let mut names: Vec<String> = names.into_iter().map(Into::into).collect();
        names.sort_unstable();
        names.dedup();
        sort_numbers(&mut names, |name| name);
        Self::in_order(names)
    }

    /// The labels with these names in this order, as those of a model that stands; a name that is repeated
    /// means the first of its numbers.
    pub fn in_order(names: Vec<String>) -> Self {
        let mut by_name: Vec<u32> = (0..names.len() as u32).collect();
        by_name.sort_by_key(|number| names.get(*number as usize));
        Self { names, by_name }
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
        let name_of = |number: &u32| self.names.get(*number as usize).map(String::as_str);
        let at = self.by_name.partition_point(|number| name_of(number) < Some(name));
        self.by_name.get(at).filter(|number| name_of(number) == Some(name)).map(|number| LabelId(*number))
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
        Self::in_order(names)
    }
}

impl From<Labels> for Vec<String> {
    fn from(labels: Labels) -> Self {
        labels.names
    }
}

/// Sorts what has names by their numbers, if all names are numbers; of equal ones the order stays.
fn sort_numbers<T>(named: &mut [T], name: impl Fn(&T) -> &str) {
    let number = |one: &T| name(one).trim().parse().ok().filter(|number: &f64| number.is_finite());
    if named.iter().all(|one| number(one).is_some()) {
        named.sort_by(|a, b| number(a).unwrap_or_default().total_cmp(&number(b).unwrap_or_default()));
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
        sort_numbers(&mut counted, |(name, _)| name);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_sorted_as_numbers() {
        let check = |names: &[&str], expect: &[&str]| {
            let labels = Labels::new(names.iter().copied());
            assert_eq!(labels.names(), expect);
            for (id, name) in labels.iter() {
                assert_eq!(labels.id(name), Some(id), "{name}");
            }
            assert_eq!(labels.id("zzz"), None);
        };
        check(&["10", "9", "-1", "2.5"], &["-1", "2.5", "9", "10"]);
        check(&["10", "9", "nine"], &["10", "9", "nine"]);
        check(&["1", "01", "1.0"], &["01", "1", "1.0"]);
        check(&["nan", "2", "10"], &["10", "2", "nan"]);
        let mut interner = Interner::default();
        for name in ["10", "9", "9"] {
            interner.count(name);
        }
        assert_eq!(interner.counted(), [("9".into(), 2), ("10".into(), 1)]);
    }

    #[test]
    fn labels_of_a_model_keep_their_order() {
        let labels: Labels = serde_json::from_str(r#"["10", "9", "a"]"#).unwrap();
        assert_eq!(labels.names(), ["10", "9", "a"]);
        assert_eq!((labels.id("9"), labels.id("10")), (Some(LabelId(1)), Some(LabelId(0))));
        assert_eq!(serde_json::to_string(&labels).unwrap(), r#"["10","9","a"]"#);
    }
}

//! Lists of values for some hyper-parameters, and the combinations of them.

use std::collections::HashSet;

use assort_random::{Seed, permutation};
use serde_json::{Map, Value};

use assort_settings::{Checked, Settings, Source};

use crate::{Advice, Error, Result};

/// More combinations than anybody waits for.
const MOST: usize = 100_000;

/// The key of the architecture, which decides what the other keys are.
const MODEL: &str = "model";

/// For each of some hyper-parameters the values to try.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid(Vec<(String, Vec<String>)>);

/// The values of the swept hyper-parameters, and all settings with them.
pub type Combination = (Map<String, Value>, Checked);

impl Grid {
    /// Reads `key=value,value…`. A comma within brackets or quotes belongs to its value: `subwords=none,[3,
    /// 6]`.
    ///
    /// # Errors
    /// If a key has no values, is named twice or is `seed`, or a value is given twice or is empty.
    pub fn parse<S: AsRef<str>>(lists: &[S]) -> Result<Self> {
        let mut grid = Self::default();
        for list in lists.iter().map(AsRef::as_ref) {
            let (key, words) = list.split_once('=').unwrap_or((list, ""));
            let (key, values) = (key.trim(), split(words));
            let fail =
                |value: &str, reason: String| Err(assort_settings::Error::value(key, value, reason).into());
            if values.iter().any(String::is_empty) {
                return fail(words, format!("give values with commas between them, as in {key}=1,2"));
            }
            let mut seen = HashSet::new();
            if let Some(twice) = values.iter().find(|value| !seen.insert(*value)) {
                return fail(words, format!("{twice} is there twice"));
            }
            if grid.0.iter().any(|(known, _)| known == key) {
                return fail(words, "is in two lists: give all its values in one".into());
            }
            if key == "seed" {
                let reason = "seeds have a list of their own: each combination is tried with each";
                return Err(Error::unfit(format!("seed = {words}: {reason}"), Advice::ListSeeds));
            }
            grid.0.push((key.into(), values));
        }
        Ok(grid)
    }

    /// The keys in the order in which they were given.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    /// The number of combinations; 1 of an empty grid.
    ///
    /// # Errors
    /// If there are more than 100,000.
    pub fn size(&self) -> Result<usize> {
        let product = self.0.iter().try_fold(1usize, |size, (_, values)| size.checked_mul(values.len()));
        product.filter(|size| *size <= MOST).ok_or_else(|| {
            Error::Request(format!("the lists have more than {MOST} combinations: shorten them"))
        })
    }

    /// The combinations, the last key's values changing fastest; of `draws`, so many of them, drawn by the
    /// seed.
    ///
    /// # Errors
    /// If a key is unknown or a value does not fit it.
    pub fn combinations(
        &self,
        base: &Settings,
        draws: Option<usize>,
        seed: Seed,
    ) -> Result<Vec<Combination>> {
        let size = self.size()?;
        let mut chosen = permutation(size, &mut seed.stream("sweep").generator());
        chosen.truncate(draws.unwrap_or(size));
        chosen.sort_unstable();
        chosen.into_iter().map(|number| self.combination(base, number as usize)).collect()
    }

    fn combination(&self, base: &Settings, mut number: usize) -> Result<Combination> {
        let mut pairs = Vec::new();
        for (key, values) in self.0.iter().rev() {
            pairs.push((key.as_str(), values.get(number % values.len()).map_or("", String::as_str)));
            number /= values.len();
        }
        // Which settings there are depends on the model.
        let mut settings = match pairs.iter().find(|(key, _)| *key == MODEL) {
            Some((_, model)) => base.for_model(model)?,
            None => base.clone(),
        };
        for (key, word) in pairs.iter().filter(|(key, _)| *key != MODEL) {
            settings.assign(&format!("{key}={word}"), Source::Flag("over"))?;
        }
        let value = |key: &str| match key {
            MODEL => Some(settings.model().into()),
            _ => settings.get(key).map(|setting| setting.value.clone()),
        };
        let values = self.keys().filter_map(|key| Some((key.to_owned(), value(key)?))).collect();
        Ok((values, settings.resolve()?))
    }
}

/// Cuts at commas that stand outside brackets and quotes.
fn split(words: &str) -> Vec<String> {
    let (mut parts, mut depth, mut is_quoted) = (vec![String::new()], 0usize, false);
    for letter in words.chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            '[' if !is_quoted => depth += 1,
            ']' if !is_quoted => depth = depth.saturating_sub(1),
            ',' if !is_quoted && depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn combinations(lists: &[&str], draws: Option<usize>) -> Result<Vec<String>> {
        let base = Settings::defaults("bag")?;
        let all = Grid::parse(lists)?.combinations(&base, draws, Seed::new(3))?;
        Ok(all.iter().map(|(values, _)| Value::Object(values.clone()).to_string()).collect())
    }

    #[track_caller]
    fn refuse(lists: &[&str], expect: &str) {
        let message = combinations(lists, None).unwrap_err().to_string();
        assert!(message.contains(expect), "{message}");
    }

    #[test]
    fn every_combination_in_order() -> Result<()> {
        let found = combinations(&["hidden=0,32", "learning_rate=1e-3, 3e-3"], None)?;
        let expect = [
            r#"{"hidden":0,"learning_rate":0.001}"#,
            r#"{"hidden":0,"learning_rate":0.003}"#,
            r#"{"hidden":32,"learning_rate":0.001}"#,
            r#"{"hidden":32,"learning_rate":0.003}"#,
        ];
        assert_eq!(found, expect);
        assert_eq!(combinations(&["subwords=none,[3, 6]"], None)?.len(), 2);
        assert_eq!(combinations(&[], None)?, ["{}"]);
        Ok(())
    }

    #[test]
    fn drawn_ones_are_some_of_them() -> Result<()> {
        let lists = ["hidden=0,32,64", "epochs=1,2,3", "embedding=2,4"];
        let all = combinations(&lists, None)?;
        let some = combinations(&lists, Some(5))?;
        assert_eq!(some, combinations(&lists, Some(5))?);
        assert!(some.len() == 5 && some.iter().all(|one| all.contains(one)));
        assert!(some.windows(2).all(|pair| pair[0] != pair[1]));
        assert_eq!(combinations(&lists, Some(99))?, all);
        Ok(())
    }

    #[test]
    fn what_cannot_be_swept() {
        refuse(&["hiden=1,2"], "`hiden` is no setting: did you mean `hidden`?");
        refuse(&["hidden="], "hidden = : give values with commas");
        refuse(&["hidden"], "give values with commas");
        refuse(&["hidden=1,,2"], "give values with commas");
        refuse(&["hidden=1,x"], "hidden = x: give a whole number");
        refuse(&["hidden=1,1"], "hidden = 1,1: 1 is there twice");
        refuse(&["hidden=1", "hidden=2"], "hidden = 2: is in two lists");
        refuse(&["seed=1,2"], "a list of their own");
        let many: Vec<String> = (0..6)
            .map(|i| format!("k{i}={}", (0..10).map(|v| v.to_string()).collect::<Vec<_>>().join(",")))
            .collect();
        refuse(&many.iter().map(String::as_str).collect::<Vec<_>>(), "more than 100000 combinations");
    }
}

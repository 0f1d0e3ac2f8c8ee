//! Words spelled like one that is not there.

use rayon::prelude::*;
use strsim::osa_distance;

use crate::WordVectors;

impl WordVectors {
    /// Up to `count` words spelled most like this one, letter case aside: by the letters that must be
    /// changed, added, left out or exchanged with their neighbour (optimal string alignment), at most one to
    /// three by the word's length. Of words as like, the earlier ones come first, which in most files are the
    /// more frequent ones.
    pub fn similar_spellings(&self, word: &str, count: usize) -> Vec<&str> {
        let word = word.to_lowercase();
        let length = word.chars().count();
        let most = match length {
            0..=4 => 1,
            5..=8 => 2,
            _ => 3,
        };
        let score = |row: u32| {
            let known = self.words().word(row)?.to_lowercase();
            let is_near = known.chars().count().abs_diff(length) <= most;
            let distance = is_near.then(|| osa_distance(&word, &known))?;
            (distance <= most).then_some((distance, row))
        };
        let mut found: Vec<(usize, u32)> = (0..self.len() as u32).into_par_iter().filter_map(score).collect();
        found.sort_unstable();
        found.iter().take(count).filter_map(|(_, row)| self.words().word(*row)).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::WordVectors;

    #[test]
    fn the_nearest_first() {
        let words = ["queens", "King", "queen", "kingdom", "apple", "dog"];
        let vectors = WordVectors::new(words.iter().collect(), vec![1.0; 6]).unwrap();
        let check = |word: &str, expect: &[&str]| assert_eq!(vectors.similar_spellings(word, 2), expect);
        check("quene", &["queen", "queens"]);
        check("king", &["King"]);
        check("dgo", &["dog"]);
        check("", &[]);
        check("zzz", &[]);
    }
}

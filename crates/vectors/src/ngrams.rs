//! N-grams of characters that have vectors (Bojanowski, Grave, Joulin and Mikolov 2017, 'Enriching word
//! vectors with subword information'), as fastText finds them.
//!
//! A word's vector is the mean of its own row and the rows of its n-grams: pieces of `<word>` of so many
//! characters, each in the row `V + hash % buckets`. The hash is FNV-1a of 32 bits over the UTF-8 bytes, each
//! taken as a signed one, as that program does.

/// Which n-grams a word has, and where their rows are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ngrams {
    shortest: usize,
    longest: usize,
    buckets: u32,
}

impl Ngrams {
    /// N-grams of `shortest` to `longest` characters, in so many buckets; none of these is 0.
    pub fn new(shortest: usize, longest: usize, buckets: u32) -> Self {
        Self { shortest, longest, buckets }
    }

    /// The buckets of a word's n-grams, in their order.
    pub fn buckets(self, word: &str) -> Vec<usize> {
        let word = format!("<{word}>");
        let starts: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
        let mut buckets = Vec::new();
        let last = starts.len() - 1;
        for first in 0..last {
            for count in self.shortest..=self.longest.min(last - first) {
                let end = first + count;
                // A lone mark at the beginning or the end says nothing.
                if count == 1 && (first == 0 || end == last) {
                    continue;
                }
                let piece = word.as_bytes().get(starts[first]..starts[end]).unwrap_or_default();
                buckets.push((hash(piece) % self.buckets) as usize);
            }
        }
        buckets
    }

    /// How many rows they have.
    pub fn rows(self) -> usize {
        self.buckets as usize
    }
}

fn hash(bytes: &[u8]) -> u32 {
    let step = |hash: u32, byte: &u8| (hash ^ i32::from(byte.cast_signed()) as u32).wrapping_mul(16_777_619);
    bytes.iter().fold(2_166_136_261, step)
}

/// Makes the mean of a sum of `count` rows and these rows of a table.
pub fn mean(sum: &mut [f32], count: usize, picks: &[usize], table: &[f32]) {
    let width = sum.len();
    for &pick in picks {
        let row = table.get(pick * width..(pick + 1) * width).unwrap_or_default();
        for (sum, value) in sum.iter_mut().zip(row) {
            *sum += value;
        }
    }
    let share = (1.0 / (count + picks.len()) as f64) as f32;
    for sum in sum {
        *sum *= share;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_those_of_fasttext() {
        // `get_subwords` of a model with 23 buckets, n-grams of 2 to 4 characters and 13 words.
        let ngrams = Ngrams::new(2, 4, 23);
        let check = |word: &str, rows: &[usize]| {
            let buckets: Vec<usize> = ngrams.buckets(word).iter().map(|bucket| bucket + 13).collect();
            assert_eq!(buckets, rows, "{word}");
        };
        check("the", &[17, 16, 18, 30, 18, 13, 18, 27, 20]);
        check("straße", &[20, 31, 26, 23, 27, 17, 34, 16, 34, 29, 16, 31, 32, 19, 17, 24, 24, 20]);
        check("x", &[32, 30, 15]);
        assert_eq!(Ngrams::new(1, 1, 5).buckets("ab").len(), 2, "no lone marks");
    }

    #[test]
    fn means() {
        let mut row = [1.0, 2.0];
        mean(&mut row, 1, &[1], &[9.0, 9.0, 2.0, 5.0]);
        assert_eq!(row, [1.5, 3.5]);
    }
}

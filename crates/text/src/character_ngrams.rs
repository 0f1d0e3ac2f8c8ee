//! N-grams of characters by the rules of fastText (Bojanowski, Grave, Joulin and Mikolov 2017, 'Enriching
//! word vectors with subword information').
//!
//! They are pieces of `<word>` of so many characters, each in the bucket `hash % buckets`. The hash is FNV-1a
//! of 32 bits over the UTF-8 bytes, each taken as a signed one, as that program does.

/// Which n-grams of characters a word has, and their buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CharacterNgrams {
    shortest: usize,
    longest: usize,
    buckets: u32,
}

impl CharacterNgrams {
    /// Characters of an n-gram at most: with more, the n-grams of a long word would be countless.
    pub const LONGEST: usize = 64;

    /// N-grams of `shortest` to `longest` characters, in so many buckets. `None` if `longest` or `buckets` is
    /// 0, or `longest` is above [`CharacterNgrams::LONGEST`].
    pub fn new(shortest: usize, longest: usize, buckets: u32) -> Option<Self> {
        let is_fit = buckets > 0 && (1..=Self::LONGEST).contains(&longest);
        is_fit.then_some(Self { shortest: shortest.max(1), longest, buckets })
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

    /// How many buckets there are.
    pub fn rows(self) -> usize {
        self.buckets as usize
    }
}

/// The hash of a word or a piece of one.
pub(crate) fn hash(bytes: &[u8]) -> u32 {
    let step = |hash: u32, byte: &u8| (hash ^ i32::from(byte.cast_signed()) as u32).wrapping_mul(16_777_619);
    bytes.iter().fold(2_166_136_261, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_those_of_fasttext() {
        // `get_subwords` of a model with 23 buckets, n-grams of 2 to 4 characters and 13 words.
        let ngrams = CharacterNgrams::new(2, 4, 23).unwrap();
        let check = |word: &str, rows: &[usize]| {
            let buckets: Vec<usize> = ngrams.buckets(word).iter().map(|bucket| bucket + 13).collect();
            assert_eq!(buckets, rows, "{word}");
        };
        check("the", &[17, 16, 18, 30, 18, 13, 18, 27, 20]);
        check("straße", &[20, 31, 26, 23, 27, 17, 34, 16, 34, 29, 16, 31, 32, 19, 17, 24, 24, 20]);
        check("x", &[32, 30, 15]);
        let single = CharacterNgrams::new(0, 1, 5).unwrap();
        assert_eq!(single.buckets("ab").len(), 2, "no lone marks");
        for (longest, buckets) in [(0, 5), (3, 0), (65, 5)] {
            assert_eq!(CharacterNgrams::new(1, longest, buckets), None);
        }
    }
}

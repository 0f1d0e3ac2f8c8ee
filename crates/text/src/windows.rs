//! Long texts in several rows.

use std::ops::ControlFlow;

use rayon::prelude::*;

use crate::tokenizer::Encoder;
use crate::{Error, TokenRows, Tokenizer};

/// Texts that one task encodes.
const CHUNK: usize = 64;

impl Tokenizer {
    /// The ids of whole texts, each in as many rows as it takes, and the number of rows of each text. A row
    /// has at most the longest length, special tokens around it included; the rows of a text follow each
    /// other, but the last one reaches back so that it is as long as the others. An empty text is one row.
    ///
    /// # Errors
    /// As [`Tokenizer::encode_batch`].
    pub fn encode_windows<T: AsRef<str> + Sync>(
        &self,
        texts: &[T],
    ) -> Result<(TokenRows, Vec<usize>), Error> {
        let encode = |texts: &[T]| {
            let mut encoder = Encoder::new(self);
            let (mut ids, mut lengths, mut counts, mut whole) = (vec![], vec![], vec![], vec![]);
            for text in texts {
                whole.clear();
                encoder.tokens(text.as_ref(), |id, _, _, _| {
                    whole.push(id);
                    ControlFlow::Continue(())
                })?;
                let before = lengths.len();
                self.cut(&whole, &mut ids, &mut lengths);
                counts.push(lengths.len() - before);
            }
            Ok(((ids, lengths), counts))
        };
        let pieces = texts.par_chunks(CHUNK).map(encode).collect::<Result<Vec<_>, Error>>()?;
        let (pieces, counts): (Vec<_>, Vec<Vec<usize>>) = pieces.into_iter().unzip();
        Ok((TokenRows::concatenate(pieces)?, counts.concat()))
    }

    /// Cuts the ids of one text into windows.
    fn cut(&self, whole: &[u32], ids: &mut Vec<u32>, lengths: &mut Vec<u32>) {
        let (before, after) = self.around();
        let start = before.min(whole.len());
        let end = whole.len().saturating_sub(after).max(start);
        let (head, middle, tail) = (&whole[..start], &whole[start..end], &whole[end..]);
        let room = self.config().longest.map_or(usize::MAX, |longest| longest.saturating_sub(before + after));
        let room = room.clamp(1, middle.len().max(1));
        for window in 0..middle.len().div_ceil(room).max(1) {
            let from = (window * room).min(middle.len().saturating_sub(room));
            let from_to = from..(from + room).min(middle.len());
            let row = ids.len();
            [head, &middle[from_to], tail].iter().for_each(|part| ids.extend_from_slice(part));
            lengths.push((ids.len() - row) as u32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{TextConfig, TokenizerKind};

    fn check(longest: Option<usize>, text: &str, expect: &[&[u32]]) {
        let config = TextConfig { longest, ..TextConfig::default() };
        let fitted = Tokenizer::fit(&["a b c d e f g"], &config).unwrap();
        let (rows, counts) = fitted.encode_windows(&["a", text]).unwrap();
        let found: Vec<&[u32]> = rows.iter().skip(1).collect();
        assert_eq!((found.as_slice(), counts.as_slice()), (expect, &[1, expect.len()][..]), "{text}");
    }

    #[test]
    fn windows_cover_a_text() {
        check(Some(3), "a b c", &[&[2, 3, 4]]);
        check(Some(3), "a b c d", &[&[2, 3, 4], &[3, 4, 5]]);
        check(Some(3), "a b c d e f g", &[&[2, 3, 4], &[5, 6, 7], &[6, 7, 8]]);
        check(Some(3), "", &[&[]]);
        check(None, "a b c d e f g", &[&[2, 3, 4, 5, 6, 7, 8]]);
    }

    #[test]
    fn special_tokens_stand_around_each_window() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/text/bert/vocab.txt");
        let config = TextConfig {
            tokenizer: TokenizerKind::Pretrained,
            tokenizer_file: Some(file.into()),
            longest: Some(5),
            ..TextConfig::default()
        };
        let tokenizer = Tokenizer::fit::<&str>(&[], &config).unwrap();
        let whole = Tokenizer::fit::<&str>(&[], &TextConfig { longest: None, ..config }).unwrap();
        let ids = whole.encode("the a the a the").unwrap().ids;
        let (rows, counts) = tokenizer.encode_windows(&["the a the a the", ""]).unwrap();
        let (cls, sep) = (ids[0], ids[6]);
        let expect = [&[cls], &ids[1..4], &[sep, cls], &ids[3..6], &[sep], &[cls, sep]].concat();
        assert_eq!((rows.ids(), rows.offsets(), counts), (&expect[..], &[0, 5, 10, 12][..], vec![2, 1]));
    }
}

//! Rewriting a piece.

/// Whether a piece was rewritten.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Normalized {
    /// The piece stands as it was; the output was left alone.
    Unchanged,
    /// The output holds the new text.
    Rewritten,
}

/// Rewrites a piece of text.
pub trait Normalizer {
    /// Puts the piece's new text into `output`, which comes empty, unless it stays as it is.
    ///
    /// The result depends on the piece alone: its offsets are those of the piece, and looking it up again in
    /// the original gives the same token.
    fn normalize(&self, piece: &str, output: &mut String) -> Normalized;
}

/// Lower case by Unicode's rules, the final sigma and letters whose lower case is longer or shorter included.
#[derive(Clone, Copy, Debug)]
pub struct Lowercaser;

impl Normalizer for Lowercaser {
    #[inline]
    fn normalize(&self, piece: &str, output: &mut String) -> Normalized {
        let (mut high, mut upper) = (0, false);
        for byte in piece.bytes() {
            high |= byte;
            upper |= byte.is_ascii_uppercase();
        }
        if high < 128 {
            if !upper {
                return Normalized::Unchanged;
            }
            output.push_str(piece);
            output.make_ascii_lowercase();
            return Normalized::Rewritten;
        }
        lowercase_wide(piece, output)
    }
}

fn lowercase_wide(piece: &str, output: &mut String) -> Normalized {
    if piece.chars().all(|character| character.to_lowercase().eq([character])) {
        return Normalized::Unchanged;
    }
    output.push_str(&piece.to_lowercase());
    Normalized::Rewritten
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(piece: &str, expect: &str) {
        let mut output = String::new();
        let found = match Lowercaser.normalize(piece, &mut output) {
            Normalized::Unchanged => piece,
            Normalized::Rewritten => &output,
        };
        assert_eq!(found, expect);
        assert_eq!(found, piece.to_lowercase());
    }

    #[test]
    fn lower_case() {
        check("", "");
        check("dog", "dog");
        check("Dog_9", "dog_9");
        check("naïve", "naïve");
        check("ÜBER", "über");
        check("İstanbul", "i̇stanbul");
        check("ΟΔΟΣ", "οδος");
        check("ẞ", "ß");
        check("Kelvin K", "kelvin k");
        check("Ⱥ", "ⱥ");
        check("日本", "日本");
        check("ǅ", "ǆ");
    }

    #[test]
    fn unchanged_pieces_are_not_copied() {
        let mut output = String::new();
        for piece in ["dog", "naïve", "日本", "🙂"] {
            assert_eq!(Lowercaser.normalize(piece, &mut output), Normalized::Unchanged);
            assert!(output.is_empty());
        }
    }
}

//! Special tokens.

use serde::{Deserialize, Serialize};

/// A token that no text holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Special {
    /// Fills up short rows.
    Pad,
    /// Stands for every token that has no id.
    Unk,
    /// Start of a sequence.
    Sos,
    /// End of a sequence.
    Eos,
    /// The place whose vector stands for the whole text.
    Cls,
    /// Between two texts.
    Sep,
    /// A hidden token.
    Mask,
}

impl Special {
    pub(crate) const ALL: [Self; 7] =
        [Self::Pad, Self::Unk, Self::Sos, Self::Eos, Self::Cls, Self::Sep, Self::Mask];

    /// How it is written in a vocabulary: `<pad>`, `<unk>` and so on.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Pad => "<pad>",
            Self::Unk => "<unk>",
            Self::Sos => "<sos>",
            Self::Eos => "<eos>",
            Self::Cls => "<cls>",
            Self::Sep => "<sep>",
            Self::Mask => "<mask>",
        }
    }

    pub(crate) fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|special| special.text() == text)
    }

    /// How tokenizers of sub-words write it, the likeliest first.
    pub(crate) const fn spellings(self) -> &'static [&'static str] {
        match self {
            Self::Pad => &["[PAD]", "<pad>"],
            Self::Unk => &["[UNK]", "<unk>"],
            Self::Sos => &["<sos>", "<s>", "[BOS]"],
            Self::Eos => &["<eos>", "</s>", "[EOS]", "<|endoftext|>"],
            Self::Cls => &["[CLS]", "<cls>", "<s>"],
            Self::Sep => &["[SEP]", "<sep>", "</s>"],
            Self::Mask => &["[MASK]", "<mask>"],
        }
    }
}

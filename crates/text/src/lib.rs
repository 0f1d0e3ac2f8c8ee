//! Turns text into token ids with a [`Tokenizer`] and remembers where each came from.
//!
//! A [`PreTokenizer`] cuts a text into pieces, which are normalized (to lower case, say), and a [`Vocab`]
//! gives the result its [`TokenId`]. The text is cut before it is normalized, never after: so the byte
//! offsets of a token are offsets into the text that the caller handed in, whatever normalizing does to its
//! length, and an explanation can colour the words of the original. The price is that normalizing cannot
//! change where a text is cut.
//!
//! Sub-words come from the crate `tokenizers`: [`Tokenizer::load`] reads a pretrained `tokenizer.json` or a
//! BERT's `vocab.txt`. All kinds give the same ids and offsets, so that a model does not know which it reads.
//!
//! For models without embeddings a [`Vectorizer`] makes sparse rows of word and character n-grams, and an
//! [`NgramHasher`] adds n-grams to token ids for those with. Both say where in the text an n-gram stands.
//!
//! A [`LineEncoder`] reads texts as fastText does, for models that were trained there.
//!
//! A vocabulary is counted from training texts alone. It and every encoding are the same for any number of
//! threads.
//!
#![doc = include_str!("../README.md")]

mod analyzer;
mod character;
mod character_ngrams;
mod clean;
mod config;
mod count;
mod english;
mod error;
mod hasher;
mod keyness;
mod line_encoder;
mod lines;
mod lowercase;
mod pretokenize;
mod reduction;
mod special;
mod subwords;
mod token;
mod tokenizer;
mod tokenizer_kind;
mod truncation;
mod vectorizer;
mod vocab;
mod vocab_file;
mod windows;
mod words;

pub use assort_rows::{SparseRows, TokenRows};
pub use character_ngrams::CharacterNgrams;
pub use clean::{Accents, Cleaning, Html, Repeats, UnicodeForm};
pub use config::{Lowercase, Marks, Punctuation, TextConfig, VocabConfig};
pub use english::English;
pub use error::{Advice, Error};
pub use hasher::{HasherConfig, NgramHasher};
pub use keyness::{Keyness, keyness};
pub use line_encoder::{LineConfig, LineEncoder};
pub use pretokenize::{Characters, PreTokenizer, Whitespace, Words};
pub use reduction::{Language, Reduction};
pub use special::Special;
pub use token::{Encoding, Token, TokenId};
pub use tokenizer::Tokenizer;
pub use tokenizer_kind::TokenizerKind;
pub use truncation::{LongTexts, Truncation};
pub use vectorizer::{
    CharacterBounds, InverseDocumentFrequency, NgramRange, Norm, Occurrence, TermFrequency, Units,
    Vectorizer, VectorizerConfig, Weighting,
};
pub use vocab::Vocab;
pub use words::WordSet;

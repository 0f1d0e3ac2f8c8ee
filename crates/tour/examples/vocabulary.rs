//! From words to numbers: a vocabulary, unknown words, and rows of one length.

use std::io::{self, Write};

use assort_tensor::{Padded, PaddingSide};
use assort_text::{Special, TextConfig, TokenId, Tokenizer, Truncation, VocabConfig};
use assort_tour::{Result, show};
use candle_core::{DType, Device};

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let texts = ["I love my dog", "I love my cat", "my dog loves me!"];
    let config = TextConfig {
        vocabulary: VocabConfig { specials: vec![Special::Sos, Special::Eos], ..VocabConfig::default() },
        ..TextConfig::default()
    };
    let tokenizer = Tokenizer::fit(&texts, &config)?;
    let vocab = tokenizer.vocab();
    writeln!(out, "the vocabulary, special tokens first, then by frequency")?;
    for (id, (token, count)) in vocab.iter().enumerate() {
        writeln!(out, "{id:>2}  {token:<6} {count}")?;
    }

    writeln!(out, "\na token remembers the bytes that it came from")?;
    let text = "My dog loves pizza";
    for token in tokenizer.tokens(text)? {
        let bytes = token.start..token.end;
        writeln!(
            out,
            "{:<6} bytes {:>2} to {:>2}, '{}'",
            token.text,
            bytes.start,
            bytes.end,
            &text[bytes.clone()]
        )?;
    }
    let encoding = tokenizer.encode(text)?;
    writeln!(
        out,
        "ids {:?}: 'pizza' was never seen and is {}",
        encoding.ids,
        vocab.token(vocab.unk()).unwrap_or_default()
    )?;

    writeln!(out, "\nrows of unequal length, filled up, with a mask in which 1 means a real token")?;
    let rows = tokenizer.encode_batch(&[texts[0], "cat", texts[2]])?;
    let padded = Padded::new(&rows, vocab.pad().0, PaddingSide::Behind, &Device::Cpu)?;
    writeln!(out, "{}\n\n{}", show(&padded.ids)?, show(&padded.keep.as_type(DType::U8)?)?)?;

    writeln!(out, "\na long text is cut: head, tail, or both ends")?;
    for (name, truncation) in
        [("head", Truncation::Head), ("tail", Truncation::Tail), ("both", Truncation::HeadAndTail)]
    {
        let config = TextConfig { longest: Some(4), truncation, ..TextConfig::default() };
        let cut = Tokenizer::fit(&["one two three four five six seven"], &config)?;
        let kept = cut.encode("one two three four five six seven")?;
        let words: Vec<&str> = kept.ids.iter().filter_map(|id| cut.vocab().token(TokenId(*id))).collect();
        writeln!(out, "{name:<5} {}", words.join(" "))?;
    }
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}

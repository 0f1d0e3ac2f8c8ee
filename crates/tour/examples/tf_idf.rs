//! One-hot vectors, counts, and four forms of TF-IDF.

use std::io::{self, Write};

use assort_text::{
    InverseDocumentFrequency, NgramRange, Norm, SparseRows, TermFrequency, Vectorizer, VectorizerConfig,
    Weighting,
};
use assort_tour::{Result, show};
use candle_core::{D, DType, Device, Tensor};

const TEXTS: [&str; 2] = ["I love love my dog", "I love my cat"];
const WORDS: [&str; 5] = ["i", "love", "my", "dog", "cat"];

/// A line for each text: the weights of the words.
fn table(out: &mut dyn Write, vectorizer: &Vectorizer, rows: &SparseRows) -> Result {
    for (columns, weights) in rows.iter() {
        let weight = |word: &str| {
            let column = vectorizer.column(word)?;
            let place = columns.iter().position(|found| *found == column)?;
            weights.get(place).copied()
        };
        // Adding 0 turns -0 into 0.
        let cells = WORDS.map(|word| format!("{:>7.3}", weight(word).unwrap_or(0.) + 0.));
        writeln!(out, "{}", cells.join(""))?;
    }
    Ok(())
}

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    writeln!(out, "one-hot: a vector for each word, and nothing alike about any two")?;
    let eye = Tensor::eye(WORDS.len(), DType::F32, &Device::Cpu)?;
    for word in [3usize, 4] {
        writeln!(out, "{:<5} {}", WORDS[word], show(&eye.get(word)?)?)?;
    }
    writeln!(out, "and back: the place of the largest is {}", show(&eye.get(3)?.argmax(D::Minus1)?)?)?;

    writeln!(out, "\nthe texts: {}", TEXTS.join(" / "))?;
    let head = WORDS.map(|word| format!("{word:>7}")).join("");
    let counts = VectorizerConfig {
        words: NgramRange { shortest: 1, longest: 1 },
        minimum_documents: 1,
        weighting: Weighting::Counts,
        norm: Norm::None,
        ..VectorizerConfig::default()
    };
    let (vectorizer, rows) = Vectorizer::fit_transform(&TEXTS, &counts)?;
    writeln!(out, "counts\n{head}")?;
    table(out, &vectorizer, &rows)?;

    let forms = [
        ("share of the text times ln N/df", TermFrequency::Share, InverseDocumentFrequency::Plain),
        ("share of the text times ln N/(1 + df)", TermFrequency::Share, InverseDocumentFrequency::PlusOne),
        ("count times ln N/(1 + df)", TermFrequency::Count, InverseDocumentFrequency::PlusOne),
        ("count times ln (1 + N)/(1 + df) + 1", TermFrequency::Count, InverseDocumentFrequency::Smoothed),
    ];
    for (name, term_frequency, inverse_document_frequency) in forms {
        let weighting = Weighting::TfIdf;
        let config =
            VectorizerConfig { weighting, term_frequency, inverse_document_frequency, ..counts.clone() };
        let (vectorizer, rows) = Vectorizer::fit_transform(&TEXTS, &config)?;
        writeln!(out, "\n{name}\n{head}")?;
        table(out, &vectorizer, &rows)?;
    }
    writeln!(out, "\na word of every text says nothing in the first form, speaks against itself in the")?;
    writeln!(out, "second and third, and still counts in the last")?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}

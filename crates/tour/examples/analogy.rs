//! Cosine similarity, nearest words, and king - man + woman.

use std::io::{self, Write};

use assort_tour::{Result, show};
use candle_core::{Device, Tensor};

/// Words with made-up features: royal, male, young, alive, and the length of its name.
const TABLE: [(&str, [f32; 5]); 8] = [
    ("king", [4.2, 1.8, 0.3, 3.0, 0.8]),
    ("queen", [4.1, -1.9, 0.4, 3.1, 1.0]),
    ("prince", [3.8, 1.7, 2.9, 3.0, 1.2]),
    ("princess", [3.9, -1.8, 3.0, 2.9, 1.6]),
    ("man", [0.2, 2.0, 0.2, 3.0, 0.6]),
    ("woman", [0.1, -2.1, 0.3, 3.1, 1.0]),
    ("boy", [0.0, 1.9, 3.1, 3.0, 0.6]),
    ("castle", [3.0, 0.1, 0.0, -2.5, 1.2]),
];

/// Course B's vectors of three numbers: king, man, woman. That of queen is the tour's.
const TOY: [[f32; 3]; 4] = [[4.2, 1.8, 7.5], [2.1, 0.9, 5.0], [2.0, 1.0, 5.1], [4.0, 2.0, 7.4]];

/// Each row divided by its length: the product of two such rows is their cosine.
fn normalized(rows: &Tensor) -> candle_core::Result<Tensor> {
    rows.broadcast_div(&rows.sqr()?.sum_keepdim(1)?.sqrt()?)
}

/// The words nearest to a vector, without those that made it: one product with the whole table.
fn nearest(table: &Tensor, vector: &Tensor, without: &[&str]) -> Result<Vec<(&'static str, f32)>> {
    let cosines =
        normalized(table)?.matmul(&normalized(&vector.unsqueeze(0)?)?.t()?)?.squeeze(1)?.to_vec1::<f32>()?;
    let words = TABLE.iter().map(|(word, _)| *word).zip(cosines);
    let mut found: Vec<_> = words.filter(|(word, _)| !without.contains(word)).collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    Ok(found)
}

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let table = Tensor::new(&TABLE.map(|(_, row)| row), &Device::Cpu)?;
    let of = |word: &str| -> Result<Tensor> {
        let row = TABLE.iter().position(|(known, _)| *known == word).ok_or("no such word")?;
        Ok(table.get(row)?)
    };
    let all = normalized(&table)?;
    let cosines = all.matmul(&all.t()?)?.to_vec2::<f32>()?;
    writeln!(out, "cosines: 1 is the same direction, 0 a right angle, -1 the opposite")?;
    for ((word, _), row) in TABLE.iter().zip(&cosines) {
        let cells: Vec<String> = row.iter().map(|cosine| format!("{cosine:>6.2}")).collect();
        writeln!(out, "{word:<9}{}", cells.join(""))?;
    }

    let [king, man, woman, queen] = TOY.map(|row| Tensor::new(&row, &Device::Cpu));
    let (difference, queen) = ((king? - man?)?, queen?);
    let sum = (&difference + woman?)?;
    writeln!(out, "\nin three numbers: king - man {}, + woman {}", show(&difference)?, show(&sum)?)?;
    let pair = normalized(&Tensor::stack(&[&sum, &queen], 0)?)?;
    let cosine = pair.matmul(&pair.t()?)?.get(0)?.get(1)?.to_scalar::<f32>()?;
    writeln!(out, "its cosine with queen {}: {cosine:.4}", show(&queen)?)?;

    let told = |found: &[(&str, f32)]| {
        let words: Vec<String> =
            found.iter().take(3).map(|(word, cosine)| format!("{word} {cosine:.4}")).collect();
        words.join(", ")
    };
    writeln!(out, "\nnearest to queen      {}", told(&nearest(&table, &of("queen")?, &["queen"])?))?;
    let vector = ((of("king")? - of("man")?)? + of("woman")?)?;
    writeln!(out, "king - man + woman    {}", told(&nearest(&table, &vector, &["king", "man", "woman"])?))?;
    let vector = ((of("prince")? - of("king")?)? + of("man")?)?;
    writeln!(out, "prince - king + man   {}", told(&nearest(&table, &vector, &["prince", "king", "man"])?))?;
    writeln!(
        out,
        "the words of the question are left out: king - man + woman is often nearest to king itself"
    )?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}

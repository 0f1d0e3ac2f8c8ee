//! Times the vectorizer on a file with one text a line, for words 1 to 1, 1 to 2 and so on, and for
//! characters: `cargo run --release -p assort-text --example vectorize -- FILE LONGEST`
#![allow(clippy::print_stdout)]

use assort_text::{NgramRange, Units, Vectorizer, VectorizerConfig};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, longest] = arguments.as_slice() else { return Err("expected FILE LONGEST".into()) };
    let file = std::fs::read_to_string(path)?;
    let texts: Vec<&str> = file.lines().collect();
    for longest in 1..=longest.parse()? {
        let words = NgramRange { shortest: 1, longest };
        time(&texts, &VectorizerConfig { words, ..VectorizerConfig::default() })?;
    }
    let characters = NgramRange { shortest: 2, longest: 4 };
    let config = VectorizerConfig { units: Units::Characters, characters, ..VectorizerConfig::default() };
    time(&texts, &config)
}

fn time(texts: &[&str], config: &VectorizerConfig) -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let (vectorizer, rows) = Vectorizer::fit_transform(texts, config)?;
    let fit = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let again = vectorizer.transform(texts)?;
    let transform = start.elapsed().as_secs_f64();
    println!(
        "{{\"units\":{},\"words\":{},\"features\":{},\"stored\":{},\
         \"fit_transform_s\":{fit:.3},\"transform_s\":{transform:.3}}}",
        serde_json::to_string(&config.units)?,
        config.words.longest,
        rows.width(),
        again.stored(),
    );
    Ok(())
}

//! How long a made file of 400,000 words with 100 numbers takes to open, as text and as its binary copy, and
//! to ask for the words nearest to one: `cargo run --release --example opening -- FOLDER`.

#![allow(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use assort_random::{Seed, fill_normal};
use assort_vectors::{CacheConfig, Neighbours, WordVectors};
use flate2::Compression;
use flate2::write::GzEncoder;

const WORDS: u64 = 400_000;
const WIDTH: usize = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder for the made files")?);
    let text = folder.join("made.txt");
    let packed = folder.join("made.txt.gz");
    if !packed.exists() {
        make(&text, &packed)?;
    }
    for path in [&text, &packed] {
        println!("{}: {} MB", path.display(), fs::metadata(path)?.len() / 1_000_000);
        for cache in [None, Some(CacheConfig::default()), Some(CacheConfig::default())] {
            let clock = Instant::now();
            let (vectors, _, opened) = WordVectors::open(path, cache.as_ref())?;
            println!("{:7.3} s  {} words  {opened:?}", clock.elapsed().as_secs_f64(), vectors.len());
            let clock = Instant::now();
            let point = vectors.vector("word77").ok_or("the made word is there")?;
            let found = Neighbours::new(&vectors).nearest(point, 10, &[77]);
            println!("{:7.3} s  the nearest {}", clock.elapsed().as_secs_f64(), found.len());
        }
    }
    Ok(())
}

fn make(text: &Path, packed: &Path) -> Result<(), Box<dyn Error>> {
    let mut plain = BufWriter::new(File::create(text)?);
    let mut gzip = GzEncoder::new(BufWriter::new(File::create(packed)?), Compression::fast());
    let (mut line, mut values) = (String::new(), [0f32; WIDTH]);
    for word in 0..WORDS {
        fill_normal(&mut values, 0.0, 0.4, Seed::new(word));
        line.clear();
        write!(line, "word{word}")?;
        for value in values {
            write!(line, " {value:.5}")?;
        }
        line.push('\n');
        plain.write_all(line.as_bytes())?;
        gzip.write_all(line.as_bytes())?;
    }
    plain.flush()?;
    gzip.finish()?.flush()?;
    Ok(())
}

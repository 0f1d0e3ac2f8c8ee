//! Loads a trained folder, sorts texts and prints what comes out:
//! `cargo run --release --example predict -- FOLDER "never again"`
#![allow(clippy::print_stdout, reason = "an example prints")]

use std::path::Path;

use assort_pipeline::Pipeline;
use candle_core::Device;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("name the folder that `assort train` has left, then texts")?;
    let texts: Vec<String> = arguments.collect();
    let pipeline = Pipeline::load(Path::new(&folder), &Device::Cpu)?;
    for (text, ranked) in texts.iter().zip(pipeline.predict(&texts, 3)?) {
        println!("{text}");
        for prediction in ranked {
            println!("  {:5.1} %  {}", 100.0 * prediction.probability, prediction.label);
        }
    }
    Ok(())
}

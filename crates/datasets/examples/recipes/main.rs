//! Writes the recipe titles of `fixtures/recipes`: `cargo run -p assort-datasets --example recipes -- OUTDIR`
#![allow(clippy::print_stdout)]

mod grammar;

use std::path::PathBuf;

use assort_datasets::{Existing, write_table};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name the folder to write into")?);
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("recipes.csv");
    write_table(&path, &grammar::columns(), Existing::Replace)?;
    println!("{}", path.display());
    Ok(())
}

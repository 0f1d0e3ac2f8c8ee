//! The committed recipe titles are those of the grammar.

#[path = "../../examples/recipes/grammar.rs"]
mod grammar;

use std::{collections::HashSet, fs};

use assort_datasets::{Existing, ReadOptions, read, write_table};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/recipes/recipes.csv");

#[test]
fn fixture_is_what_the_grammar_makes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recipes.csv");
    write_table(&path, &grammar::columns(), Existing::Keep).unwrap();
    let same = fs::read(&path).unwrap() == fs::read(FILE).unwrap();
    assert!(same, "run: cargo run -p assort-datasets --example recipes -- fixtures/recipes");
}

#[test]
fn titles_are_distinct_and_nearly_balanced() {
    let (data, report) = read(FILE, &ReadOptions::default()).unwrap();
    assert_eq!(
        (report.rows, report.kept, data.names().names().join(" ")),
        (4000, 4000, "fruit vegetable".into())
    );
    assert_eq!(data.texts().iter().collect::<HashSet<_>>().len(), 4000);
    assert!((1800..2000).contains(&data.counts()[0]), "{:?}", data.counts());
    assert!(fs::metadata(FILE).unwrap().len() < 250_000);
}

//! Random cells, written by the rules of RFC 4180 and read again.

use assort_datasets::{ReadOptions, read};
use assort_random::{Generator, Seed};

const PIECES: &[&str] = &[
    "a",
    "b c",
    "\"",
    "\"\"",
    ",",
    "\t",
    ";",
    "\n",
    "\r\n",
    "\r",
    " ",
    "é",
    "☕",
    "'",
    "\\",
    "#",
    "\n\n",
    "__label__x",
];

/// A cell of up to eight pieces that is not white space alone.
fn cell(generator: &mut Generator) -> String {
    let pieces = (0..generator.below(8)).map(|_| PIECES[generator.below(PIECES.len() as u64) as usize]);
    let cell: String = pieces.collect();
    if cell.trim().is_empty() { "x".into() } else { cell }
}

fn written(cell: &str, separator: char, generator: &mut Generator) -> String {
    if cell.contains([separator, '"', '\n', '\r']) || generator.below(3) == 0 {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[test]
fn delimited_cells() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..60 {
        let generator = &mut Seed::new(9).at(round).generator();
        let (name, separator) = if round % 3 == 0 { ("a.tsv", '\t') } else { ("a.csv", ',') };
        let end = if round % 2 == 0 { "\n" } else { "\r\n" };
        let rows: Vec<[String; 2]> = (0..1 + generator.below(1500))
            .map(|row| [cell(generator), format!("{}{row}", cell(generator))])
            .collect();
        let mut file = format!("label{separator}text{end}");
        for [label, text] in &rows {
            let label = written(label, separator, generator);
            file += &format!("{label}{separator}{}{end}", written(text, separator, generator));
            if generator.below(50) == 0 {
                file += end;
            }
        }
        if generator.below(2) == 0 {
            file.truncate(file.trim_end_matches(['\r', '\n']).len());
        }
        let path = folder.path().join(name);
        std::fs::write(&path, &file).unwrap();
        let (data, _) =
            read(&path, &ReadOptions::default()).unwrap_or_else(|error| panic!("round {round}: {error}"));
        assert_eq!(data.len(), rows.len(), "round {round}");
        for (row, [label, text]) in rows.iter().enumerate() {
            assert_eq!(data.text(row).unwrap(), text, "round {round}, row {}", row + 1);
            assert_eq!(data.label_name(row).unwrap(), label.trim(), "round {round}, row {}", row + 1);
        }
    }
}

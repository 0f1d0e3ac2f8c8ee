//! Tables that are written and read again.

use std::fs;

use assort_datasets::{Column, Error, Existing, ReadOptions, read, write_table};

fn columns() -> Vec<Column> {
    let texts = ["plain", "a, \"b\"\nc\r\nd", "tab\tinside ☕"];
    vec![
        Column::strings("text", texts.map(Into::into).to_vec()),
        Column::strings("label", ["x", "y", "x"].map(Into::into).to_vec()),
        Column::reals("probability", vec![0.1, 1e-7, f64::NAN]),
        Column::counts("row", vec![1, 2, u64::MAX]),
    ]
}

#[test]
fn written_tables_are_read_again() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.csv", "a.tsv", "a.jsonl", "a.parquet"] {
        let path = folder.path().join(name);
        write_table(&path, &columns(), Existing::Keep).unwrap();
        let (data, report) = read(&path, &ReadOptions::default()).unwrap();
        assert_eq!(data.texts().slices(), ["plain", "a, \"b\"\nc\r\nd", "tab\tinside ☕"], "{name}");
        assert_eq!(report.columns, ["text", "label", "probability", "row"]);
        let options =
            ReadOptions { label: Some("row".into()), text: Some("probability".into()), ..Default::default() };
        let (numbers, report) = read(&path, &options).unwrap();
        assert_eq!((numbers.len(), report.without_text), (2, 1), "{name}");
        let values: Vec<f64> = numbers.texts().iter().map(|number| number.parse().unwrap()).collect();
        assert_eq!(values, [0.1, 1e-7], "{name}");
        assert_eq!(report.labels.last().unwrap().0, "18446744073709551615", "{name}");
    }
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 4, "{left:?}");
    let lines = fs::read_to_string(folder.path().join("a.jsonl")).unwrap();
    assert_eq!(
        lines.lines().next(),
        Some("{\"text\":\"plain\",\"label\":\"x\",\"probability\":0.1,\"row\":1}")
    );
}

#[test]
fn refusals() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    fs::write(&path, "old").unwrap();
    assert!(matches!(write_table(&path, &columns(), Existing::Keep), Err(Error::Exists { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    write_table(&path, &columns(), Existing::Replace).unwrap();
    assert!(fs::read_to_string(&path).unwrap().starts_with("text,label,probability,row\nplain,x,0.1,1\n"));
    assert!(matches!(
        write_table(folder.path().join("a.xml"), &columns(), Existing::Keep),
        Err(Error::Format { .. })
    ));
    let short = [Column::counts("a", vec![1]), Column::counts("b", vec![])];
    let error = write_table(folder.path().join("b.csv"), &short, Existing::Keep).unwrap_err();
    assert_eq!(error.to_string(), "column 'b': expected 1 values, found 0");
    let twice = [Column::counts("a", vec![1]), Column::counts("a", vec![1])];
    assert!(matches!(
        write_table(folder.path().join("b.csv"), &twice, Existing::Keep),
        Err(Error::DuplicateColumn { .. })
    ));
    let error = write_table(folder.path().join("no/b.csv"), &columns(), Existing::Keep).unwrap_err();
    assert!(error.to_string().starts_with("cannot write "), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

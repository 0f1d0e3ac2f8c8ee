//! Rows with any number of labels: in cells, lists, columns and lines.

use std::fs;
use std::path::Path;

use assort_datasets::{Dataset, Ratios, ReadOptions, ReadReport, Resampling, Task, read, read_texts};
use assort_random::Seed;

fn write(name: &str, content: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    (folder, path)
}

fn sets(data: &Dataset) -> Vec<String> {
    (0..data.len()).map(|row| data.label_text(row)).collect()
}

/// Reads a file and compares the labels of its rows.
#[track_caller]
fn check(name: &str, content: &str, options: &ReadOptions, expect: &[&str]) -> ReadReport {
    let (_folder, path) = write(name, content);
    let (data, report) = read(&path, options).unwrap();
    assert_eq!(data.task(), Task::AnyOf);
    assert_eq!(sets(&data), expect, "{name}");
    report
}

#[track_caller]
fn fails(name: &str, content: &str, options: &ReadOptions, expect: &str) {
    let (_folder, path) = write(name, content);
    let error = read(&path, options).map(|_| "no error").unwrap_err().to_string();
    assert!(error.contains(expect), "{error}");
}

fn separated(separator: &str) -> ReadOptions {
    ReadOptions { label_separator: Some(separator.into()), ..ReadOptions::default() }
}

fn any() -> ReadOptions {
    ReadOptions { task: Task::AnyOf, ..ReadOptions::default() }
}

fn flags(names: &[&str]) -> ReadOptions {
    let label_columns = names.iter().map(|name| (*name).to_owned()).collect();
    ReadOptions { label_columns, ..ReadOptions::default() }
}

#[test]
fn cells_with_a_separator() {
    let rows = "text,label\nplum,fruit\nsoup, vegetable | spice|vegetable \nstone,\npie,fruit|\n";
    let report = check("a.csv", rows, &separated("|"), &["fruit", "spice, vegetable", "", "fruit"]);
    assert_eq!((report.several, report.without_any, report.without_label), (1, 1, 0));
    assert_eq!(report.labels, [("fruit".into(), 2), ("spice".into(), 1), ("vegetable".into(), 1)]);
    let report = check("b.csv", "text,label\na,x\nb,y\n", &separated(";"), &["x", "y"]);
    let notes: Vec<String> = report.notes.iter().map(ToString::to_string).collect();
    assert_eq!(notes, ["no row has several labels that ';' parts"]);
}

#[test]
fn lists_of_json() {
    let rows = "{\"text\":\"a\",\"label\":[\"x\",\"y\"]}\n{\"text\":\"b\",\"label\":[]}\n\
                {\"text\":\"c\",\"label\":[2,null,\"x\"]}\n{\"text\":\"d\",\"label\":\"x\"}\n\
                {\"text\":\"e\"}\n";
    let report = check("a.jsonl", rows, &any(), &["x, y", "", "2, x", "x"]);
    assert_eq!((report.several, report.without_any, report.without_label), (2, 1, 1));
    let one = "line 1 has 2 labels ('x', 'y'): leave one, or read rows with any number of labels";
    fails("a.jsonl", rows, &ReadOptions::default(), one);
    fails("a.jsonl", "{\"text\":\"a\",\"label\":[{\"b\":1}]}\n", &any(), "'label' holds an object");
    fails("a.jsonl", "{\"text\":\"a\",\"label\":[\"b\"}\n", &any(), "line 1");
}

#[test]
fn columns_of_labels() {
    let rows = "text,toxic,rude\na,1,0\nb,0,false\nc,Yes,TRUE\nd,,1.0\n";
    check("a.csv", rows, &flags(&["toxic", "rude"]), &["toxic", "", "rude, toxic", "rude"]);
    fails(
        "a.csv",
        "text,toxic\na,1\nb,maybe\n",
        &flags(&["toxic"]),
        "row 2 has 'maybe' in the column 'toxic'",
    );
    fails("a.csv", rows, &flags(&["toxic", "mean"]), "has no column 'mean'");
    let both = ReadOptions { text: Some("text".into()), ..flags(&["toxic", "text"]) };
    fails("a.csv", rows, &both, "one column cannot be both text and label");
    let json = "{\"text\":\"a\",\"toxic\":true,\"rude\":0}\n{\"text\":\"b\",\"rude\":1}\n";
    check("a.jsonl", json, &flags(&["toxic", "rude"]), &["toxic", "rude"]);
    let (_folder, path) = write("a.csv", rows);
    let (texts, _) = read_texts(&path, &flags(&["toxic", "rude"])).unwrap();
    assert_eq!((texts.texts.len(), texts.labels), (4, None));
    assert_eq!(read_texts(&path, &flags(&["mean"])).unwrap().0.texts.len(), 4);
}

#[test]
fn lines_with_several_labels() {
    let rows = "__label__a __label__b some text\n__label__b more\nnothing here\n";
    let report = check("a.txt", rows, &any(), &["a, b", "b"]);
    assert_eq!(report.without_label, 1);
    fails("a.txt", rows, &ReadOptions::default(), "line 1 has 2 labels ('a', 'b')");
}

#[test]
fn lists_of_parquet() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/readers/lists.parquet"));
    let of = |column: &str| ReadOptions { label: Some(column.into()), ..any() };
    let (data, report) = read(path, &of("labels")).unwrap();
    assert_eq!(sets(&data), ["fruit", "vegetable", "", "fruit, vegetable"]);
    assert_eq!(report.without_label, 1, "a missing list tells nothing, an empty one does");
    assert_eq!(sets(&read(path, &of("numbers")).unwrap().0), ["1", "2", "", "1, 2", "3"]);
    let one = ReadOptions { label: Some("labels".into()), ..ReadOptions::default() };
    let error = read(path, &one).unwrap_err().to_string();
    assert!(error.contains("the column 'labels' holds lists"), "{error}");
}

#[test]
fn labels_that_are_kept_and_rare_ones() {
    let rows = "text,label\na,x|y\nb,y\nc,z\nd,\ne,x\nf,x|z\n";
    let keep = ReadOptions { keep: vec!["x".into(), "z".into()], ..separated("|") };
    let report = check("a.csv", rows, &keep, &["x", "z", "", "x", "x, z"]);
    assert_eq!((report.not_kept, report.kept), (1, 5));
    let frequent = ReadOptions { at_least: 3, ..separated("|") };
    let report = check("a.csv", rows, &frequent, &["x", "", "x", "x"]);
    assert_eq!((report.rare, report.kept, report.several, report.without_any), (2, 4, 0, 1));
    fails("a.csv", rows, &ReadOptions { at_least: 9, ..separated("|") }, "at least 9");
}

#[test]
fn parts_and_numbers() {
    let rows: String = (0..200)
        .map(|row| {
            format!("text {row},{}{}\n", if row % 3 == 0 { "a|" } else { "" }, ["b", "c", ""][row % 3])
        })
        .collect();
    let (_folder, path) = write("a.csv", &format!("text,label\n{rows}"));
    let (data, _) = read(&path, &separated("|")).unwrap();
    let split = data.split(&Ratios::new(&[0.7, 0.15, 0.15]).unwrap(), Seed::new(1)).unwrap();
    let validation = split.validation.unwrap();
    assert_eq!((split.train.len(), validation.len(), split.test.len()), (140, 30, 30));
    let test = data.select(&split.test).unwrap();
    assert!(test.counts().iter().all(|rows| (9..=11).contains(rows)), "{:?}", test.counts());
    let folds = data.folds(4, Seed::new(1)).unwrap();
    assert!(folds.iter().all(|fold| (49..=51).contains(&fold.validation.len())));
    assert!(data.resample(Resampling::Oversample, Seed::new(1)).is_err());
    assert_eq!(data.resample(Resampling::None, Seed::new(1)).unwrap().len(), 200);

    let joined = data.select(&split.train).unwrap().joined(&test).unwrap();
    assert_eq!(joined.len(), 170);
    let single = Dataset::from_pairs([("x", "c"), ("y", "a")], "pairs");
    assert!(joined.joined(&single).is_err());
    let single = single.with_labels(data.names()).unwrap();
    assert!(single.clone().with_task(Task::OneOf).is_ok() && data.clone().with_task(Task::OneOf).is_err());
    let digest = single.digest();
    let as_sets = single.with_task(Task::AnyOf).unwrap();
    assert_eq!((as_sets.task(), sets(&as_sets)), (Task::AnyOf, vec!["c".into(), "a".into()]));
    assert_ne!(as_sets.digest(), digest, "the task is a part of the data");
    assert!(joined.joined(&as_sets).is_ok());
}

#[test]
fn rows_that_nothing_can_be_learned_from() {
    let message = |rows: &str| {
        let (_folder, path) = write("a.csv", &format!("text,label\n{rows}"));
        let (data, _) = read(&path, &separated("|")).unwrap();
        data.check_trainable().err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(message("a,x\nb,\n"), "");
    assert!(message("a,x|y\nb,x|y\n").contains("all 2 rows have the same labels"));
    assert!(message("a,\nb,\n").contains("all 2 rows have the same labels"));
}

//! Files that are read block by block: what comes is what is read as a whole.

use std::fs;
use std::io::Write;
use std::path::Path;

use assort_datasets::{
    Block, Carry, Column, Error, Existing, Note, ReadOptions, ReadReport, Values, read_blocks, read_texts,
    read_with_columns, write_table,
};

use super::formats::file;

/// The blocks of a file.
fn blocks(path: &Path, carry: &Carry) -> (Vec<Block>, Result<ReadReport, Error>) {
    let mut blocks = Vec::new();
    let report = read_blocks(path, &ReadOptions::default(), carry, |block| {
        blocks.push(block);
        true
    });
    (blocks, report)
}

/// Compares the blocks of a file with the file as a whole.
#[track_caller]
fn check(path: &Path) -> ReadReport {
    let (blocks, report) = blocks(path, &Carry::None);
    let report = report.unwrap_or_else(|error| panic!("{error}"));
    let (whole, told) = read_texts(path, &ReadOptions::default()).unwrap();
    let texts: Vec<&str> = blocks.iter().flat_map(|block| block.texts.iter()).collect();
    assert!(texts == whole.texts.slices(), "{} and {} texts", texts.len(), whole.texts.len());
    let rows: Vec<u64> = blocks.iter().flat_map(|block| block.rows.clone()).collect();
    assert_eq!(rows, whole.rows);
    let (last, full) = blocks.split_last().unwrap();
    assert!(full.iter().all(|block| block.rows.len() == Block::ROWS) && last.rows.len() <= Block::ROWS);
    assert_eq!((&report.columns, &report.text), (&told.columns, &told.text));
    assert_eq!((report.rows, report.kept, &report.notes), (told.rows, told.kept, &told.notes));
    assert!(blocks.is_sorted_by_key(|block| block.bytes));
    report
}

/// Rows of words of two bytes, blank texts, quotes, and cells over several lines; more than a piece of them.
fn rows(count: usize, quoted: bool) -> Vec<(String, String)> {
    let row = |row: usize| {
        let mut text = format!("réaction {row} {}", "é".repeat(row % 97));
        if row % 1000 == 7 {
            text.clear();
        }
        if quoted && row % 13 == 5 {
            text.push_str(", \"ça\"\r\nune ligne\nou deux");
        }
        (text, format!("k{}", row % 3))
    };
    (0..count).map(row).collect()
}

fn delimited(count: usize, separator: char, end: &str) -> String {
    let cell = |text: &str| match text.contains(['"', ',', '\n', '\t']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    };
    let mut file = format!("text{separator}label{end}");
    for (text, label) in rows(count, true) {
        file.push_str(&format!("{}{separator}{label}{end}", cell(&text)));
    }
    file
}

#[test]
fn cells() {
    let folder = tempfile::tempdir().unwrap();
    let content = delimited(60_000, ',', "\n");
    assert!(content.len() > 6 << 20, "more than a piece");
    let report = check(&file(&folder, "a.csv", &content));
    assert_eq!((report.rows, report.without_text), (60_000, 55));
    check(&file(&folder, "b.csv", delimited(60_000, ',', "\r\n")));
    check(&file(&folder, "c.tsv", delimited(60_000, '\t', "\n")));
    let bare: String = rows(60_000, false).iter().map(|(text, label)| format!("{text},{label}\r")).collect();
    check(&file(&folder, "d.csv", format!("text,label\r{bare}")));
    // Without an end of the last line, and with blank ones.
    check(&file(&folder, "e.csv", format!("\u{feff}{}\n\n\nlast,k0", content.trim_end())));
}

#[test]
fn lines_of_every_kind() {
    let folder = tempfile::tempdir().unwrap();
    let rows = rows(60_000, false);
    let lines = |line: fn(&str, &str) -> String| -> String {
        rows.iter().map(|(text, label)| line(text, label)).collect()
    };
    check(&file(&folder, "a.txt", lines(|text, _| format!("{text}\n"))));
    check(&file(&folder, "b.txt", lines(|text, _| format!("{text}\r"))));
    check(&file(&folder, "c.txt", lines(|text, label| format!("__label__{label} {text}\n"))));
    let json = |text: &str, label: &str| format!("{{\"text\":\"{text}\",\"label\":\"{label}\"}}\n");
    let report = check(&file(&folder, "d.jsonl", lines(json)));
    assert_eq!(report.columns, ["text", "label"]);
    let list = lines(json).trim_end().replace('\n', ",\n");
    check(&file(&folder, "e.json", format!("[{list}]")));
    // A column that begins behind the first piece.
    let late = format!("{}{{\"content\":\"late\"}}\n", lines(|_, label| format!("{{\"n\":\"{label}\"}}\n")));
    let path = file(&folder, "f.jsonl", late);
    let options = ReadOptions { text: Some("content".into()), ..ReadOptions::default() };
    let mut found = Vec::new();
    let report = read_blocks(&path, &options, &Carry::None, |block| {
        found.extend(block.texts.iter().map(str::to_owned));
        true
    });
    assert_eq!((found, report.unwrap().rows), (vec!["late".to_owned()], 60_001));
}

#[test]
fn packed_files() {
    let folder = tempfile::tempdir().unwrap();
    let content = delimited(60_000, ',', "\n");
    let (first, second) = content.split_at(content.find("\nréaction 30000").unwrap() + 1);
    let mut packed = Vec::new();
    for part in [first, second] {
        let mut gzip = flate2::write::GzEncoder::new(&mut packed, flate2::Compression::fast());
        gzip.write_all(part.as_bytes()).unwrap();
        gzip.finish().unwrap();
        packed.extend_from_slice(&[0; 9]);
    }
    check(&file(&folder, "a.csv.gz", &packed));
    check(&file(&folder, "a.csv.zst", zstd::encode_all(content.as_bytes(), 1).unwrap()));
    let (found, report) = blocks(&file(&folder, "b.csv.gz", &packed[..packed.len() / 3]), &Carry::None);
    let error = report.unwrap_err().to_string();
    assert!(error.contains("b.csv.gz: it cannot be unpacked") && found.is_empty(), "{error}");
}

/// How quotation marks are meant may show late in a file; then it holds for all of it.
#[test]
fn marks_that_show_late() {
    let folder = tempfile::tempdir().unwrap();
    let plain: String = (0..90_000).map(|row| format!("\"mot\" {row} {}\tk\n", "x".repeat(60))).collect();
    let path = file(&folder, "a.tsv", format!("text\tlabel\n{plain}un \"mot\tk\n"));
    let report = check(&path);
    assert_eq!(report.notes, [Note::LiteralQuotes { row: 1 }]);
    let plain: String = (0..90_000).map(|row| format!("\"mot, {row} {}\",k\n", "x".repeat(60))).collect();
    let path = file(&folder, "b.csv", format!("text,label\n{plain}\"un \\\"mot\\\"\",k\n"));
    let report = check(&path);
    assert_eq!(report.notes, [Note::EscapedQuotes { row: 90_001 }]);
}

#[test]
fn faults_are_told_with_their_places() {
    let folder = tempfile::tempdir().unwrap();
    let good = delimited(60_000, ',', "\n");
    let lines = good.matches('\n').count() + 1;
    let check = |name: &str, content: Vec<u8>| {
        let path = file(&folder, name, content);
        let (found, report) = blocks(&path, &Carry::None);
        let (error, whole) = (report.unwrap_err(), read_texts(&path, &ReadOptions::default()).unwrap_err());
        assert_eq!(error.to_string(), whole.to_string());
        assert!(found.iter().map(|block| block.rows.len()).sum::<usize>() > 30_000, "{error}");
        error.to_string()
    };
    let with = |end: &[u8]| [good.as_bytes(), end].concat();
    let ragged = check("a.csv", with(b"a,b,c\n"));
    assert!(ragged.contains(&format!("row 60001 (line {lines}) has 3 cells")), "{ragged}");
    let marks = check("b.csv", with(b"\"open,k\n"));
    assert!(marks.contains(&format!("row 60001 (line {lines}): a quotation mark opens")), "{marks}");
    let bytes = check("c.csv", with(b"caf\xe9,k\n"));
    assert!(bytes.contains(&format!("row 60001 (line {lines}) is not valid UTF-8")), "{bytes}");
    let json = "{\"text\":\"du texte et encore du texte, et puis du texte\"}\n".repeat(100_000);
    let broken = check("d.jsonl", [json.as_bytes(), b"{\"text\":\n"].concat());
    assert!(broken.contains("line 100001"), "{broken}");
    let bytes = check("e.txt", ["un peu de texte\n".repeat(400_000).as_bytes(), b"caf\xe9\n"].concat());
    assert!(bytes.contains("row 400001 (line 400001)"), "{bytes}");
}

#[test]
fn tables() {
    let folder = tempfile::tempdir().unwrap();
    let rows = rows(60_000, true);
    let column = |of: fn(&(String, String)) -> &String| rows.iter().map(|row| of(row).clone()).collect();
    let columns = [
        Column::strings("text", column(|row| &row.0)),
        Column::counts("number", (0..60_000).collect()),
        Column::reals("share", (0..60_000).map(|row| f64::from(row) / 7.0).collect()),
        Column::strings("label", column(|row| &row.1)),
    ];
    let path = folder.path().join("a.parquet");
    write_table(&path, &columns, Existing::Keep).unwrap();
    check(&path);
    let (found, _) = blocks(&path, &Carry::Named(vec!["share".into(), "number".into()]));
    let copy = folder.path().join("b.parquet");
    let mut writer = assort_datasets::TableWriter::create(&copy, Existing::Keep).unwrap();
    found.iter().for_each(|block| writer.write(&block.columns).unwrap());
    writer.finish().unwrap();
    let options = ReadOptions { text: Some("share".into()), ..ReadOptions::default() };
    let (again, _) = read_texts(&copy, &options).unwrap();
    let expect = (0..60_000).filter(|row| row % 1000 != 7 || row % 13 == 5);
    let expect: Vec<String> = expect.map(|row| serde_json::json!(f64::from(row) / 7.0).to_string()).collect();
    let again: Vec<f64> = again.texts.iter().map(|share| share.parse().unwrap()).collect();
    assert_eq!(again, expect.iter().map(|share| share.parse().unwrap()).collect::<Vec<f64>>());
}

#[test]
fn cells_are_carried_along() {
    let folder = tempfile::tempdir().unwrap();
    let cells = |path: &Path, carry: &Carry| {
        let (found, report) = blocks(path, carry);
        report.unwrap();
        let column = |column: &Column| format!("{}: {:?}", column.name, column.values);
        found[0].columns.iter().map(column).collect::<Vec<_>>()
    };
    let path = file(&folder, "a.csv", "id,text,label\n7,plum,x\n8,,y\n9,\"a, b\",\n");
    let all = cells(&path, &Carry::All);
    assert_eq!(all[0], "id: Cells([Some(\"7\"), Some(\"9\")])");
    assert_eq!(all[2], "label: Cells([Some(\"x\"), None])");
    assert_eq!(cells(&path, &Carry::Named(vec!["label".into()])), all[2..]);
    assert!(cells(&path, &Carry::None).is_empty());
    let (_, refused) = blocks(&path, &Carry::Named(vec!["labels".into()]));
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("has no column 'labels', did you mean 'label'?"), "{refused}");

    let path =
        file(&folder, "b.jsonl", "{\"text\":\"plum\",\"n\":[1,\"é\"]}\n{\"text\":\"pear\",\"n\":1.50}\n");
    assert_eq!(cells(&path, &Carry::All)[1], "n: Json([Some(\"[1,\\\"é\\\"]\"), Some(\"1.50\")])");
    let path = file(&folder, "c.txt", "__label__a __label__b plum\n");
    let (found, _) = blocks(&path, &Carry::All);
    assert!(found.is_empty(), "two labels are one too many");
    let path = file(&folder, "d.txt", "__label__a plum\nkale\n");
    assert_eq!(cells(&path, &Carry::All)[0], "label: Cells([Some(\"a\"), Some(\"\")])");

    let path = file(&folder, "e.csv", "id,text,label\n7,plum,x\n8,pear,\n9,kale,y\n10,leek,x\n");
    let options = ReadOptions { at_least: 2, ..ReadOptions::default() };
    let (data, columns, _) = read_with_columns(&path, &options, &Carry::All).unwrap();
    assert_eq!(data.texts().slices(), ["plum", "leek"]);
    assert_eq!(columns[0].values, Values::Cells(vec![Some("7".into()), Some("10".into())]));
}

#[test]
fn files_without_rows_are_one_block() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [("a.csv", "text,id\n"), ("b.csv", "text,id\n,7\n")] {
        let (found, report) = blocks(&file(&folder, name, content), &Carry::All);
        assert!(report.is_err());
        assert_eq!((found.len(), found[0].rows.len(), found[0].columns.len()), (1, 0, 2), "{name}");
    }
    let path = file(&folder, "c.txt", "word\n".repeat(50_000));
    let mut taken = 0;
    let report = read_blocks(&path, &ReadOptions::default(), &Carry::None, |_| {
        taken += 1;
        false
    });
    assert!(report.is_ok() && taken == 1, "nobody takes more");
    fs::remove_file(&path).unwrap();
    assert!(matches!(blocks(&path, &Carry::None).1, Err(Error::Missing(_))));
}

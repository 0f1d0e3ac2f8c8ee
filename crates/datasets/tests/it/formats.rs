//! The readers on small files of every format.

use std::fs;
use std::path::{Path, PathBuf};

use assort_datasets::{Choice, Dataset, Format, Note, ReadOptions, ReadReport, read, read_texts};
use polars_arrow::array::{Array, PrimitiveArray, Utf8ViewArray};
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field};
use polars_arrow::record_batch::RecordBatchT;
use polars_parquet::read::schema::KeyValue;
use polars_parquet::write::{
    CompressionOptions, Encoding, FileWriter, StatisticsOptions, Version, WriteOptions, row_group_iter,
};

pub fn file(folder: &tempfile::TempDir, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    path
}

pub fn pairs(data: &Dataset) -> Vec<(String, String)> {
    (0..data.len())
        .map(|row| (data.text(row).unwrap().into(), data.label_name(row).unwrap().into()))
        .collect()
}

/// Reads `content` as a file of this name and compares texts and labels, written `text|label`.
pub fn check(name: &str, content: impl AsRef<[u8]>, expect: &[&str]) -> ReadReport {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, name, content);
    let (data, report) = read(&path, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"));
    let found: Vec<String> = pairs(&data).iter().map(|(text, label)| format!("{text}|{label}")).collect();
    assert_eq!(found, expect);
    let total = report.kept + report.without_label + report.without_text + report.not_kept;
    assert_eq!((report.kept, report.rows), (expect.len() as u64, total));
    report
}

#[test]
fn csv_cells() {
    check("a.csv", "text,label\nx,a\ny,b\n", &["x|a", "y|b"]);
    check("a.csv", "label,text\na,x\nb,y", &["x|a", "y|b"]);
    check("a.csv", "text,label\r\nx,a\r\n\"y\",\"b\"\r\n", &["x|a", "y|b"]);
    check("a.csv", "\u{feff}text,label\nx,a\ny,b\n", &["x|a", "y|b"]);
    check("a.csv", "\u{feff}\"text\",\"label\"\nx,a\n", &["x|a"]);
    check("a.csv", "text,label\n\"x, \"\"y\"\"\",a\n\"two\nlines\",b\n", &["x, \"y\"|a", "two\nlines|b"]);
    check("a.csv", "text,label\n\"two\r\nlines\",b\r\n", &["two\r\nlines|b"]);
    check("a.csv", "\n\ntext,label\n\nx,a\n\r\n\ny,b\n\n", &["x|a", "y|b"]);
    check("a.csv", "text,label\nsay \"hi\" now,a\n", &["say \"hi\" now|a"]);
    check("a.csv", "text,label\n x , a \n", &[" x |a"]);
    check("a.csv", "text;label\nx, y;a\n", &["x, y|a"]);
    check("a.csv", "text\tlabel\nx, y\ta\n", &["x, y|a"]);
    check("a.csv", "id,text,label\n1,x,a\n2,y\n3\n4,z,b\n", &["x|a", "z|b"]);
    check("a.csv", "text,label\nNA,null\n007,1.50\n", &["NA|null", "007|1.50"]);
    check("a.csv", "text,label,\nx,a,\n", &["x|a"]);
    check("a.csv", "text,label\nnaïve ☕,é\n", &["naïve ☕|é"]);
    check("a.data", "text,label\nx,a\n", &["x|a"]);
}

#[test]
fn incomplete_rows_are_counted() {
    let report = check("a.csv", "text,label\nx,a\n,a\ny,\n \t,b\n\"\",\"\"\nz,b\n", &["x|a", "z|b"]);
    assert_eq!((report.rows, report.without_label, report.without_text), (6, 2, 2));
    assert_eq!(report.incomplete_rows, [2, 3, 4, 5]);
    assert_eq!(report.labels, [("a".into(), 2), ("b".into(), 2)]);
}

#[test]
fn rows_are_numbered_as_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "a.csv", "text,label\nx,a\n\n,a\n\"y\ny\",b\nz,c\n");
    let options = ReadOptions { keep: vec!["c".into(), "a".into()], ..Default::default() };
    let (data, report) = read(&path, &options).unwrap();
    assert_eq!(data.rows(), [1, 4]);
    assert_eq!((report.not_kept, report.format), (1, Format::Csv));
    assert_eq!(data.names().names(), ["a", "c"]);
    assert_eq!(data.source(), path);
}

#[test]
fn tsv() {
    check("a.tsv", "text\tlabel\nx, \"y\"\ta\n\"q\tr\"\tb\n", &["x, \"y\"|a", "q\tr|b"]);
    // Without quoting, marks are characters.
    check("a.tsv", "text\tlabel\na 5\" disk\ta\n\"open\tb\n", &["a 5\" disk|a", "\"open|b"]);
    check("a.tsv", "text,label\nx,a\n", &["x|a"]);
    check("a.txt", "sentence\tlabel\nx\ta\n", &["x|a"]);
}

#[test]
fn json_lines() {
    check(
        "a.jsonl",
        "{\"text\":\"x\\ny\",\"label\":\"a\"}\n\n{\"label\":1,\"text\":\"z\"}\n",
        &["x\ny|a", "z|1"],
    );
    check("a.json", "\u{feff}{\"text\":\"x\",\"label\":true}\r\n", &["x|true"]);
    let report = check(
        "a.ndjson",
        "{\"text\":\"x\",\"label\":\"a\"}\n{\"text\":null,\"label\":\"a\"}\n{\"text\":\"y\"}",
        &["x|a"],
    );
    assert_eq!((report.without_text, report.without_label, report.format), (1, 1, Format::Jsonl));
    check("a.txt", "{\"text\":\"x\",\"label\":\"a\"}\n", &["x|a"]);
}

#[test]
fn fasttext() {
    let report = check("a.txt", "__label__a x y\n__label__b\tz\n\nno label\n__label__c\n", &["x y|a", "z|b"]);
    assert_eq!((report.without_label, report.without_text, report.format), (1, 1, Format::FastText));
    check("a.csv", "__label__a x, y\r\n", &["x, y|a"]);
    check("a.ft", "no label\n__label__b z\n", &["z|b"]);
    check("a.txt", "  __label__a x\n\t__label__b  z\n", &["x|a", "z|b"]);
}

#[test]
fn folder() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("pos/2.txt", "good\n"),
        ("pos/10.txt", "fine\r\n"),
        ("neg/1.txt", "\u{feff}bad\n\n"),
        ("readme.txt", "-"),
        ("neg/.hidden", "-"),
    ] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let (data, report) = read(folder.path(), &ReadOptions::default()).unwrap();
    let expect =
        [("bad\n", "neg"), ("fine", "pos"), ("good", "pos")].map(|(text, label)| (text.into(), label.into()));
    assert_eq!(pairs(&data), expect);
    assert_eq!((report.format, report.text), (Format::Folder, None));
    let names = ["readme.txt", "neg/.hidden"].map(str::to_owned).to_vec();
    assert_eq!(report.notes, [Note::PassedOver { entries: 2, names }]);
}

/// Files in folders are taken as files by themselves are: unpacked, and nothing goes unseen.
#[test]
fn folders_as_people_have_them() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"packed\n").unwrap();
    fs::create_dir_all(folder.path().join("a/old/older")).unwrap();
    fs::create_dir_all(folder.path().join("b")).unwrap();
    fs::write(folder.path().join("a/1.txt.gz"), gzip.finish().unwrap()).unwrap();
    fs::write(folder.path().join("a/2"), zstd::encode_all(&b"too"[..], 1).unwrap()).unwrap();
    // A page of the web is a text here.
    fs::write(folder.path().join("b/1.html"), "<html>home</html>").unwrap();
    (0..7).for_each(|n| fs::write(folder.path().join(format!("{n}.md")), "-").unwrap());
    let (data, report) = read(folder.path(), &ReadOptions::default()).unwrap();
    let expect = [("packed", "a"), ("too", "a"), ("<html>home</html>", "b")];
    assert_eq!(pairs(&data), expect.map(|(text, label)| (text.into(), label.into())));
    let told = "'0.md', '1.md', '2.md', '3.md', '4.md' and 3 more are passed over: no text files of a label";
    assert_eq!(report.notes.iter().map(Note::to_string).collect::<Vec<_>>(), [told]);
}

/// A column of strings, some of which may be missing.
pub fn strings<S: AsRef<str>>(values: &[Option<S>]) -> Box<dyn Array> {
    Utf8ViewArray::from_slice(values).boxed()
}

/// Writes columns to a Parquet file, with the description that Hugging Face's data sets add, if there is one.
pub fn parquet(path: &Path, columns: Vec<(&str, Box<dyn Array>)>, description: Option<&str>) {
    let (names, arrays): (Vec<&str>, Vec<Box<dyn Array>>) = columns.into_iter().unzip();
    let fields = names.iter().zip(&arrays).map(|(name, array)| {
        let field = Field::new((*name).into(), array.dtype().clone(), true);
        (field.name.clone(), field)
    });
    let schema: ArrowSchema = fields.collect();
    let options = WriteOptions {
        statistics: StatisticsOptions::default(),
        version: Version::V1,
        compression: CompressionOptions::Snappy,
        data_page_size: None,
    };
    let mut writer = FileWriter::try_new(fs::File::create(path).unwrap(), schema.clone(), options).unwrap();
    let kinds = writer.parquet_schema().fields().to_vec();
    let encoding = |array: &dyn Array| match array.dtype() {
        ArrowDataType::Dictionary(..) => vec![Encoding::RleDictionary],
        _ => vec![Encoding::Plain],
    };
    let encodings: Vec<Vec<Encoding>> = arrays.iter().map(|array| encoding(array.as_ref())).collect();
    let rows = arrays[0].len();
    let batch = RecordBatchT::try_new(rows, schema.into(), arrays).unwrap();
    writer.write(rows as u64, row_group_iter(batch, encodings.into(), kinds, options)).unwrap();
    let pair = |text: &str| KeyValue { key: "huggingface".into(), value: Some(text.into()) };
    writer.end(description.map(|text| vec![pair(text)])).unwrap();
}

#[test]
fn parquet_columns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let texts = || strings(&[Some("x"), None, Some("y")]);
    let numbers = PrimitiveArray::from_vec(vec![3_i64, 4, 5]).boxed();
    parquet(&path, vec![("label", numbers.clone()), ("text", texts())], None);
    let (data, report) = read(&path, &ReadOptions::default()).unwrap();
    assert_eq!(pairs(&data), [("x".into(), "3".into()), ("y".into(), "5".into())]);
    assert_eq!((report.without_text, report.format, data.rows()), (1, Format::Parquet, &[1, 3][..]));
    let labels = strings(&[Some("a"), Some("b"), Some("c")]);
    parquet(&path, vec![("text", texts()), ("label", labels), ("id", numbers)], None);
    assert_eq!(
        pairs(&read(&path, &ReadOptions::default()).unwrap().0),
        [("x".into(), "a".into()), ("y".into(), "c".into())]
    );
}

#[test]
fn six_formats_give_one_digest() {
    let rows = [
        ("plain", "a"),
        ("with, comma", "b"),
        ("with \"quotes\"", "a"),
        ("tab\tinside", "c"),
        ("naïve ☕", "b"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let csv = |separator: &str| {
        rows.iter().fold(format!("text{separator}label\n"), |lines, (text, label)| {
            format!("{lines}\"{}\"{separator}{label}\n", text.replace('"', "\"\""))
        })
    };
    let jsonl =
        rows.iter().map(|(text, label)| serde_json::json!({"label": label, "text": text}).to_string() + "\n");
    let fasttext = rows.iter().map(|(text, label)| format!("__label__{label} {text}\n"));
    let mut paths = vec![
        file(&folder, "r.csv", csv(",")),
        file(&folder, "r.tsv", csv("\t")),
        file(&folder, "r.jsonl", jsonl.collect::<String>()),
        file(&folder, "r.txt", fasttext.collect::<String>()),
        folder.path().join("r.parquet"),
    ];
    let column = |values: [&str; 5]| strings(&values.map(Some));
    let columns = vec![("text", column(rows.map(|row| row.0))), ("label", column(rows.map(|row| row.1)))];
    parquet(&paths[4], columns, None);
    let sets: Vec<Dataset> =
        paths.drain(..).map(|path| read(path, &ReadOptions::default()).unwrap().0).collect();
    for data in &sets {
        assert_eq!(pairs(data), rows.map(|(text, label)| (text.to_string(), label.to_string())), "{data:?}");
        assert_eq!((data.digest(), data.rows()), (sets[0].digest(), sets[0].rows()));
    }
    // A folder orders rows by label and file.
    for (index, (text, label)) in rows.iter().enumerate() {
        fs::create_dir_all(folder.path().join("r").join(label)).unwrap();
        fs::write(folder.path().join("r").join(label).join(format!("{index}.txt")), text).unwrap();
    }
    let sorted = sets[0].select(&[0, 2, 1, 4, 3]).unwrap();
    let data = read(folder.path().join("r"), &ReadOptions::default()).unwrap().0;
    assert_eq!(
        (data.texts(), data.row_labels(), data.digest()),
        (sorted.texts(), sorted.row_labels(), sorted.digest())
    );
    assert_ne!(data.digest(), sets[0].digest());
    assert_eq!(Dataset::from_pairs(rows, "memory").digest(), sets[0].digest());
}

/// Checks which columns are chosen for a header, written `text/choice label/choice`.
fn check_choice(header: &str, expect: &str) {
    let folder = tempfile::tempdir().unwrap();
    let cells = header.split(',').enumerate().map(|(index, _)| format!("w{index}"));
    let row = cells.collect::<Vec<_>>().join(",");
    let path = file(&folder, "a.csv", format!("{header}\n{row}\n{row}\n"));
    let found = match read(&path, &ReadOptions::default()) {
        Ok((_, ReadReport { text: Some(text), label: Some(label), .. })) => {
            format!("{} {:?}, {} {:?}", text.name, text.choice, label.name, label.choice)
        }
        Ok(_) => "no columns".into(),
        Err(error) => error.to_string().split_once(": ").unwrap().1.split(';').next().unwrap().to_string(),
    };
    assert_eq!(found, expect, "{header}");
}

#[test]
fn column_choice() {
    check_choice("tweet_id,sentiment,content", "content Guessed, sentiment Guessed");
    check_choice("Review,SENTIMENT", "Review Guessed, SENTIMENT Guessed");
    check_choice("title,text,topic,label", "text Guessed, label Guessed");
    check_choice("title,body,label", "both 'title' and 'body' could be the text");
    check_choice("text,class,topic", "both 'class' and 'topic' could be the label");
    check_choice("text,x,y", "no column has a usual name for the label");
    check_choice("x,y,label", "no column has a usual name for the text");
    check_choice("text,kind", "text Guessed, kind Inferred");
    check_choice("words,label", "words Inferred, label Guessed");
    check_choice("id,text", "no column has a usual name for the label");
    check_choice("user_id,label", "no column has a usual name for the text");
    check_choice("x,y", "no column has a usual name for the text and none for the label");
    check_choice("text", "no column has a usual name for the label");
}

#[test]
fn named_columns() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "a.csv", "title,body,n,kind,label\nt,b,1,k,l\n");
    let check = |text: Option<&str>, label: Option<&str>, expect: (&str, &str)| {
        let options =
            ReadOptions { text: text.map(Into::into), label: label.map(Into::into), ..Default::default() };
        let (data, report) = read(&path, &options).unwrap();
        assert_eq!((data.text(0).unwrap(), data.label_name(0).unwrap()), expect);
        assert_eq!(report.text.unwrap().choice, if text.is_some() { Choice::Named } else { Choice::Guessed });
    };
    check(Some("title"), None, ("t", "l"));
    check(Some("n"), Some("kind"), ("1", "k"));
    check(None, Some("title"), ("b", "t"));
    let path = file(&folder, "b.csv", "label,kind,text\nl,k,t\n");
    let check = |text: &str, label: Option<&str>, expect: &str| {
        let options =
            ReadOptions { text: Some(text.into()), label: label.map(Into::into), ..Default::default() };
        assert_eq!(read_texts(&path, &options).unwrap().0.texts.get(0), Some(expect));
    };
    check("label", None, "l");
    check("kind", Some("label"), "k");
}

/// Reads texts to predict: `text` or `text|label` for each.
fn check_texts(name: &str, content: &str, expect: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let (data, report) = read_texts(file(&folder, name, content), &ReadOptions::default()).unwrap();
    let label = |row: usize| {
        let labels = data.labels.as_ref()?;
        Some(format!("|{}", labels.names.name(labels.labels[row]?)?))
    };
    let found: Vec<String> = data
        .texts
        .iter()
        .enumerate()
        .map(|(row, text)| format!("{text}{}", label(row).unwrap_or_default()))
        .collect();
    assert_eq!(
        (found, report.kept),
        (expect.iter().map(|&text| text.to_string()).collect(), expect.len() as u64)
    );
}

#[test]
fn texts_to_predict() {
    check_texts("a.txt", "one\r\n\ntwo, three\n", &["one", "two, three"]);
    check_texts("a.txt", "the text of it\tall\n", &["the text of it\tall"]);
    check_texts(
        "a.txt",
        "Content, happy\nI like it\nThis, too\n",
        &["Content, happy", "I like it", "This, too"],
    );
    check_texts("a.txt", "Review; well done\nfine; really\n", &["Review; well done", "fine; really"]);
    check_texts("a.txt", "__label__a one\ntwo\n__label__b three\n", &["one|a", "two", "three|b"]);
    check_texts("a.csv", "text\none\n\"two, three\"\n", &["one", "two, three"]);
    check_texts("a.csv", "id,text\n7,one\n8,\n", &["one"]);
    check_texts("a.csv", "text,label\none,a\ntwo,\n", &["one|a", "two"]);
    check_texts("a.csv", "text,class,topic\none,a,b\n", &["one"]);
    check_texts("a.csv", "text,other\none,a\n", &["one"]);
    check_texts("a.jsonl", "{\"review\":\"one\"}\n", &["one"]);
}

/// A message that names a line can be put beside it.
#[test]
fn a_row_of_plain_lines_is_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let (data, report) =
        read_texts(file(&folder, "a.txt", "one\n\n two\n"), &ReadOptions::default()).unwrap();
    assert_eq!((data.rows.as_slice(), report.rows, report.without_text), (&[1, 3][..], 3, 1));
    assert_eq!(report.incomplete_rows, [2]);
}

#[test]
fn tweets_of_course_a() {
    let path =
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/tweets/tweet_emotions.csv"));
    if !path.exists() {
        println!("skipped: {} is missing", path.display());
        return;
    }
    let options = ReadOptions {
        text: Some("content".into()),
        label: Some("sentiment".into()),
        keep: ["neutral", "worry", "happiness"].map(Into::into).to_vec(),
        ..ReadOptions::default()
    };
    let (data, report) = read(path, &options).unwrap();
    assert_eq!((report.rows, report.without_label, report.without_text, report.kept), (40_001, 1, 0, 22_306));
    assert_eq!(
        (data.names().names().join(" "), data.counts()),
        ("happiness neutral worry".into(), vec![5209, 8638, 8459])
    );
    assert_eq!(report.labels.len(), 13);
}

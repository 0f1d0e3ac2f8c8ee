//! Files as people have them: read as they are meant, with a note where that is in doubt.

use std::io::Write;

use assort_datasets::{Error, Note, ReadOptions, read, read_texts};
use polars_arrow::array::{
    Array, BinaryViewArray, BooleanArray, DictionaryArray, ListArray, PrimitiveArray, Utf8ViewArray,
};
use polars_arrow::datatypes::{ArrowDataType, TimeUnit};
use polars_arrow::types::NativeType;

use crate::formats::{check, file, pairs, parquet, strings};

/// Reads `content` with these options and compares texts and labels, written `text|label`.
fn check_with(name: &str, content: impl AsRef<[u8]>, options: &ReadOptions, expect: &[&str]) -> Vec<Note> {
    let folder = tempfile::tempdir().unwrap();
    let read = read(file(&folder, name, content), options);
    let (data, report) = read.unwrap_or_else(|error| panic!("{name}: {error}"));
    let found: Vec<String> = pairs(&data).iter().map(|(text, label)| format!("{text}|{label}")).collect();
    assert_eq!(found, expect);
    report.notes
}

#[test]
fn separators() {
    for (name, content) in [
        ("a.csv", "text;label\nx, y;a\nz;b\n"),
        ("a.csv", "label;\"text\"\na;\"x, y\"\nb;z\n"),
        ("a.csv", "text|label\nx, y|a\nz|b\n"),
        ("a.tsv", "text;label\nx, y;a\nz;b\n"),
        ("a.txt", "text;label\nx, y;a\nz;b\n"),
        ("a.csv", "sep=;\ntext;label\nx, y;a\nz;b\n"),
        ("a.csv", "\r\n \nsep=;\r\ntext;label\nx, y;a\nz;b\n"),
        ("a.csv", "\u{feff}sep=;\r\ntext;label\r\nx, y;a\r\nz;b\r\n"),
        ("a.csv", "\"sep=\t\"\ntext\tlabel\nx, y\ta\nz\tb\n"),
    ] {
        check(name, content, &["x, y|a", "z|b"]);
    }
    // Separators inside quotes do not count.
    let cleaned = ReadOptions { text: Some("text, cleaned".into()), ..Default::default() };
    check_with("a.csv", "label;\"text, cleaned\"\na;x\n", &cleaned, &["x|a"]);
    check_with("a.csv", "note;text, cleaned;label\nn;x;a\n", &cleaned, &["x|a"]);
}

#[test]
fn carriage_returns_end_lines() {
    check("a.csv", "text,label\rx,a\ry,b", &["x|a", "y|b"]);
    check("a.tsv", "text\tlabel\rx\ta\r\"y\tb\r", &["x|a", "\"y|b"]);
    check("a.jsonl", "{\"text\":\"x\",\"label\":\"a\"}\r{\"text\":\"y\",\"label\":\"b\"}\r", &["x|a", "y|b"]);
    check("a.txt", "__label__a x\r__label__b y\r", &["x|a", "y|b"]);
    check("a.csv", "text,label\rx,a\r\ny,b\n", &["x|a", "y|b"]);
    check("a.csv", "text,label\nx,a\ry,b\r\nz,a\n", &["x|a", "y|b", "z|a"]);
    // In quotes it is a character like others.
    check("a.csv", "text,label\n\"x\ry\",a\n", &["x\ry|a"]);
    check("a.csv", "\"te\rxt\",label\r\nx,a\r\n", &["x|a"]);
}

#[test]
fn blanks_around_quoted_cells() {
    check("a.csv", "text, label\n\"x, y\", \"a\"\nz , \"b\" \n", &["x, y|a", "z |b"]);
    check("a.csv", "text, \"the, label\",label\n1, \"2, 3\" , \"a\"\r\nz,\"q\",b\n", &["1|a", "z|b"]);
    check("a.csv", "text,label\n \"x\" he said,a\n", &[" \"x\" he said|a"]);
    check("a.tsv", "text\tlabel\n \"x\ty\"\ta\n", &["x\ty|a"]);
}

/// A carriage return in a cell that is not the last one ends no line.
#[test]
fn carriage_returns_within_cells() {
    check("a.csv", "text,label\nx\ry,a\nz,b\n", &["x\ry|a", "z|b"]);
    check("a.csv", "label,text\na,x\ry\nb,z\n", &["x\ry|a", "z|b"]);
    check("a.tsv", "text\tlabel\n5\" x\ry\ta\rz\tb\n", &["5\" x\ry|a", "z|b"]);
    check("a.csv", "text,label\nx,a\r\ry,b\r", &["x|a", "y|b"]);
}

/// Marks behind backslashes are read as they are meant, or told.
#[test]
fn backslashes_before_marks() {
    let default = ReadOptions::default();
    for (name, content, texts, row) in [
        ("a.csv", "text,label\nx,b\n\"say \\\"hi\\\" now\",a\n", ["x|b", "say \"hi\" now|a"], 2),
        (
            "a.csv",
            "text,label\n\"to k:\\\\ and \\\"\",a\n\"y\nz \\\"\",b\n",
            ["to k:\\ and \"|a", "y\nz \"|b"],
            1,
        ),
        ("a.csv", "text,label\n\"x, \\\",\\\" é\",a\ny\\, 5\\\",b\n", ["x, \",\" é|a", "y, 5\"|b"], 1),
        ("a.tsv", "text\tlabel\n\"x \\\"\\n\\\" y\"\ta\nz\tb\n", ["x \"\\n\" y|a", "z|b"], 1),
    ] {
        assert_eq!(check_with(name, content, &default, &texts), [Note::EscapedQuotes { row }], "{content}");
    }
    // Outside of quotes they may be meant.
    let content = "text,label\n\"\",b\nfive \\\"inch\\\",a\nx,b\n\\\"\\\",a\n";
    let notes = check_with("a.csv", content, &default, &["five \\\"inch\\\"|a", "x|b", "\\\"\\\"|a"]);
    assert_eq!(notes, [Note::LiteralBackslashes { row: 2, line: 3, others: 1 }]);
    // A backslash at the end of a cell, where marks are doubled, is no escape.
    assert_eq!(
        check_with(
            "a.csv",
            "text,label\n\"k:\\\",a\n\"x \"\"y\"\"\",b\n",
            &default,
            &["k:\\|a", "x \"y\"|b"]
        ),
        []
    );
    let folder = tempfile::tempdir().unwrap();
    let torn = file(&folder, "a.csv", "text,label\n\"k:\\\",one\nx\",two\n");
    assert!(matches!(read(torn, &default), Err(Error::Quotes { row: 2, line: 3, .. })));
}

/// Marks that enclose nothing must not swallow rows.
#[test]
fn loose_quotation_marks() {
    let rows = "x\ta\n\"y\tb\nz\ta\nw\"\tb\nv\ta\n";
    let all = ["x|a", "\"y|b", "z|a", "w\"|b", "v|a"];
    let notes = check_with("a.tsv", format!("text\tlabel\n{rows}"), &ReadOptions::default(), &all);
    assert_eq!(notes, [Note::LiteralQuotes { row: 2 }]);
    // Between commas the marks may be meant; the note tells of it.
    let content = "label,text\na,x\nb,\"y\na,z\nb,w\"\na,v\n";
    let swallowed = ["x|a", "y\na,z\nb,w|b", "v|a"];
    let notes = check_with("a.csv", content, &ReadOptions::default(), &swallowed);
    assert_eq!(notes, [Note::LongCell { row: 2, line: 3, lines: 3, others: 0 }]);
    // Lines inside a cell that are no rows are nothing to speak of.
    check("a.tsv", "text\tlabel\n\"x\ny\"\ta\n", &["x\ny|a"]);
    // One label that occurs elsewhere is enough, whatever else the lines hold.
    let content = "label,text\na,x\nb,\"y\n\nrare,z, z\na,w\"\nb,v\n";
    let swallowed = ["x|a", "y\n\nrare,z, z\na,w|b", "v|b"];
    let notes = check_with("a.csv", content, &ReadOptions::default(), &swallowed);
    assert_eq!(notes, [Note::LongCell { row: 2, line: 3, lines: 4, others: 0 }]);
    let content = "label\ttext\na\tx\nb\t\"y\nz\"\nb\t\"no\tlabel\nq\tw\"\na\tv\n";
    let texts = ["x|a", "y\nz|b", "no\tlabel\nq\tw|b", "v|a"];
    assert_eq!(check_with("a.tsv", content, &ReadOptions::default(), &texts), []);
}

#[test]
fn columns_in_doubt() {
    let name = |text: &str| ReadOptions { text: Some(text.into()), ..Default::default() };
    // What is invisible around a name does not count, nor do columns that nobody needs.
    check("a.csv", "\u{feff}\u{feff}text,\u{200b}label\u{a0}\nx,a\n", &["x|a"]);
    check("a.jsonl", "{\" text\":\"x\",\"label \":\"a\"}\n", &["x|a"]);
    let notes = check_with("a.csv", "text,n,label,n\nx,1,a,2\n", &ReadOptions::default(), &["x|a"]);
    assert_eq!(notes, [Note::RepeatedColumns { names: vec!["n".into()] }]);
    check("a.csv", "Text,text,label\n1,x,a\n", &["x|a"]);
    check("a.csv", "texte,catégorie\nx,a\n", &["x|a"]);
    // Several columns make one text, without those that are empty.
    let content = "title,\"body, long\",label\nt,b,a\n,c,b\nd,,a\n";
    check_with("a.csv", content, &name("title,\"body, long\""), &["t b|a", "c|b", "d|a"]);
    check_with("a.csv", content, &name("\"body, long\",title"), &["b t|a", "c|b", "d|a"]);
    let content = "{\"title\":\"t\",\"body\":\"b\",\"label\":1}\n{\"body\":\"c\",\"label\":2}\n";
    check_with("a.jsonl", content, &name("title,body"), &["t b|1", "c|2"]);
}

#[test]
fn files_without_header() {
    let options = |text: &str, label: &str| ReadOptions {
        text: Some(text.into()),
        label: Some(label.into()),
        no_header: true,
        ..Default::default()
    };
    check_with("a.csv", "a,x\n\nb,\"y, z\"\n", &options("2", "1"), &["x|a", "y, z|b"]);
    check_with("a.tsv", "7\ta\tx\ty\n8\tb\tz\t\n", &options("3,4", "2"), &["x y|a", "z|b"]);
    let folder = tempfile::tempdir().unwrap();
    let error = read(file(&folder, "a.csv", "a,x\nb,y,z\n"), &options("2", "1")).unwrap_err();
    assert!(matches!(error, Error::Ragged { row: 2, line: 2, .. }), "{error}");
    assert!(error.to_string().contains("row 2 (line 2) has 3 cells, the first row has 2: "), "{error}");
    let texts = ReadOptions { text: Some("1".into()), no_header: true, ..Default::default() };
    let (texts, _) = read_texts(file(&folder, "b.csv", "one,1\ntwo,2\n"), &texts).unwrap();
    assert_eq!(texts.texts.slices(), ["one", "two"]);
}

#[test]
fn packed_files() {
    let content = b"text,label\nx,a\ny,b\n";
    let packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let gzip = |mut packer: flate2::write::GzEncoder<Vec<u8>>| {
        packer.write_all(content).unwrap();
        packer.finish().unwrap()
    };
    let gzip = gzip(packer);
    check("a.csv.gz", &gzip, &["x|a", "y|b"]);
    check("a.csv", &gzip, &["x|a", "y|b"]);
    // Members one behind the other are one file.
    check("a.csv.gz", [&gzip[..], &gzip[..]].concat(), &["x|a", "y|b", "text|label", "x|a", "y|b"]);
    // As are those that tapes pad with zeros, and frames of zstd with some that hold no data.
    let zeros = [0; 700];
    check("a.csv.gz", [&gzip[..], &zeros].concat(), &["x|a", "y|b"]);
    let padded = [&gzip[..], &zeros, &gzip[..], &zeros].concat();
    check("a.csv.gz", padded, &["x|a", "y|b", "text|label", "x|a", "y|b"]);
    let packed = zstd::encode_all(&content[..], 1).unwrap();
    let empty = *b"\x5a\x2a\x4d\x18\x03\0\0\0abc";
    check("a.csv.zst", &packed, &["x|a", "y|b"]);
    check("a.csv.zst", [&empty[..], &packed, &empty].concat(), &["x|a", "y|b"]);
    check("a.csv", [&packed[..], &packed].concat(), &["x|a", "y|b", "text|label", "x|a", "y|b"]);
}

#[test]
fn json_of_other_programs() {
    check(
        "a.json",
        "[{\"text\":\"x\",\"label\":\"a\"},\n {\"text\":\"y\",\"label\":\"b\"}]\n",
        &["x|a", "y|b"],
    );
    check("a.json", "[\n  {\n  \"text\": \"x\",\n  \"label\": 1\n  }\n]", &["x|1"]);
    // Digits stay as they are written, and what is not needed is not looked at.
    let numbers = "{\"text\":\"x\",\"label\":123456789012345678901234567890,\"n\":{\"deep\":[1]}}\n\
                   {\"text\":\"y\",\"label\":2.10}\n";
    check("a.jsonl", numbers, &["x|123456789012345678901234567890", "y|2.10"]);
    let nested = format!("{{\"text\":\"x\",\"label\":\"a\",\"n\":{}{}}}\n", "[".repeat(999), "]".repeat(999));
    check("a.jsonl", nested, &["x|a"]);
    // Half a surrogate pair is no character.
    let lone = "{\"text\":\"x\",\"label\":\"a\"}\n\
                {\"text\":\"\\ud83d y \\\\ud83d \\ud83d\\ude00\",\"label\":\"b\"}\n";
    let read = ["x|a", "\u{fffd} y \\ud83d 😀|b"];
    let notes = check_with("a.jsonl", lone, &ReadOptions::default(), &read);
    assert_eq!(notes, [Note::LoneSurrogates { rows: 1, line: 2 }]);
    // A name that has one is a name like others.
    let lone = "{\"id\\udc00\":[1],\"text\":\"x\",\"la\\u0062el\":\"a\",\"\\\"\":0}\n";
    assert_eq!(check("a.jsonl", lone, &["x|a"]).columns, ["id\u{fffd}", "text", "label", "\""]);
}

#[test]
fn columns_that_begin_late() {
    let early = "{\"title\":\"x\",\"label\":\"a\"}\n".repeat(1500);
    let late = format!("{early}{{\"body\":\"y\",\"label\":\"b\"}}\n");
    let body = ReadOptions { text: Some("body".into()), ..Default::default() };
    check_with("a.jsonl", late, &body, &["y|b"]);
    let folder = tempfile::tempdir().unwrap();
    let error = read(file(&folder, "a.json", "[]"), &ReadOptions::default()).unwrap_err();
    assert!(matches!(error, Error::Empty(_)), "{error}");
}

/// The line of an object in a list is the one that it begins on.
#[test]
fn lines_in_a_list() {
    let folder = tempfile::tempdir().unwrap();
    let list = "[{\"text\":\"x\",\"label\":\"a\"},\n\n {\"text\":[],\"label\":\"b\"}]";
    let error = read(file(&folder, "a.json", list), &ReadOptions::default()).unwrap_err();
    assert!(matches!(error, Error::Json { line: 3, .. }), "{error}");
}

#[test]
fn rare_and_similar_labels() {
    check("a.csv", "text,label\nx,\u{feff}a\ny,\u{200b}b\n", &["x|a", "y|b"]);
    let content = "text,label\nx,a\ny,A\nz,b\nw,b\nv,cafe\u{301}\nu,caf\u{e9}\n";
    let folder = tempfile::tempdir().unwrap();
    let at_least = |at_least| ReadOptions { at_least, ..Default::default() };
    let (data, report) = read(file(&folder, "a.csv", content), &at_least(2)).unwrap();
    assert_eq!((data.rows(), report.kept, report.rare), (&[3, 4][..], 2, 4));
    assert_eq!(data.names().names(), ["b"]);
    let error = read(file(&folder, "a.csv", content), &at_least(3)).unwrap_err();
    assert!(matches!(error, Error::AllRare { at_least: 3, rows: 6, .. }), "{error}");
    let notes = read(file(&folder, "a.csv", content), &ReadOptions::default()).unwrap().1.notes;
    let similar =
        |names: [&str; 2], others| Note::SimilarLabels { names: names.map(str::to_owned).to_vec(), others };
    assert_eq!(notes, [similar(["A", "a"], 0), similar(["cafe\u{301}", "caf\u{e9}"], 0)]);
    // However many are alike, few lines tell of it.
    let many = (0..400).map(|n| format!("x,l{n}\ny,L{n}\n")).collect::<String>();
    let notes = read(file(&folder, "b.csv", format!("text,label\n{many}")), &ReadOptions::default());
    let notes = notes.unwrap().1.notes;
    assert_eq!((&notes[0], notes.len()), (&similar(["L0", "l0"], 0), 5));
    let last = "the labels 'L101', 'l101' look alike (395 more groups of labels do): are they one?";
    assert_eq!(notes[4].to_string(), last);
}

/// Reads a Parquet file of texts and one column of labels.
fn check_labels(labels: Box<dyn Array>, description: Option<&str>, expect: Result<&[&str], &str>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let texts: Vec<Option<String>> = (0..labels.len()).map(|row| Some(format!("t{row}"))).collect();
    let kind = labels.dtype().clone();
    parquet(&path, vec![("text", strings(&texts)), ("label", labels)], description);
    match (read(&path, &ReadOptions::default()), expect) {
        (Ok((data, _)), Ok(expect)) => {
            let found: Vec<&str> = (0..data.len()).map(|row| data.label_name(row).unwrap()).collect();
            assert_eq!(found, expect, "{kind:?}");
        }
        (Err(error), Err(expect)) => assert!(error.to_string().contains(expect), "{error}"),
        (read, _) => panic!("{kind:?}: {read:?}"),
    }
}

#[test]
fn types_of_parquet() {
    fn check<T: NativeType>(values: Vec<T>, expect: &[&str]) {
        check_labels(PrimitiveArray::from_vec(values).boxed(), None, Ok(expect));
    }
    check(vec![1_i8, -2], &["1", "-2"]);
    check(vec![1_u8, 255], &["1", "255"]);
    check(vec![1_i16, -2], &["1", "-2"]);
    check(vec![1_u16, 65_535], &["1", "65535"]);
    check(vec![1_i32, -2], &["1", "-2"]);
    check(vec![1_u32, u32::MAX], &["1", "4294967295"]);
    check(vec![1_i64, i64::MIN], &["1", "-9223372036854775808"]);
    check(vec![1_u64, u64::MAX], &["1", "18446744073709551615"]);
    check(vec![1.0_f32, 0.1, f32::NAN], &["1", "0.1"]);
    check(vec![2.0_f64, f64::NAN, 0.25], &["2", "0.25"]);
    let dated = |kind, values: Vec<i64>| PrimitiveArray::from_vec(values).to(kind).boxed();
    let days = PrimitiveArray::from_vec(vec![0, 19_000]).to(ArrowDataType::Date32).boxed();
    check_labels(days, None, Ok(&["1970-01-01", "2022-01-08"]));
    let moments = dated(ArrowDataType::Timestamp(TimeUnit::Millisecond, None), vec![0, 1500]);
    check_labels(moments, None, Ok(&["1970-01-01 00:00:00", "1970-01-01 00:00:01.500"]));
    let prices = PrimitiveArray::from_vec(vec![150_i128, -5]).to(ArrowDataType::Decimal(10, 2)).boxed();
    check_labels(prices, None, Ok(&["1.50", "-0.05"]));
    check_labels(BooleanArray::from_slice([true, false]).boxed(), None, Ok(&["true", "false"]));
    let bytes = |values: [&[u8]; 2]| BinaryViewArray::from_slice_values(values).boxed();
    check_labels(bytes([b"a", b"b"]), None, Ok(&["a", "b"]));
    let torn = bytes([b"a", b"b\xff"]);
    check_labels(torn, None, Err("a.parquet: the column 'label' cannot be read: 'b\\xff' is not UTF-8"));
    let words = Utf8ViewArray::from_slice_values(["x", "y"]).boxed();
    let keys = PrimitiveArray::from_vec(vec![1_u32, 0, 1]);
    let categories = DictionaryArray::try_from_keys(keys, words, false).unwrap().boxed();
    check_labels(categories, None, Ok(&["y", "x", "y"]));
    let (kind, offsets) = (ArrowDataType::Int32, vec![0_i64, 1, 2].try_into().unwrap());
    let lists = ListArray::<i64>::new(
        ListArray::<i64>::default_datatype(kind),
        offsets,
        PrimitiveArray::from_vec(vec![1, 2]).boxed(),
        None,
    );
    check_labels(lists.boxed(), None, Err("a.parquet: the column 'label' holds lists"));
}

/// The numbers of class labels have names in the description that data sets of Hugging Face carry.
#[test]
fn class_labels_of_parquet() {
    let numbers = || PrimitiveArray::from_vec(vec![1_i64, 0, -1, 2]).boxed();
    let feature = r#"{"info":{"features":{"label":{"names":["no","yes"],"_type":"ClassLabel"}}}}"#;
    check_labels(numbers(), Some(feature), Ok(&["yes", "no", "2"]));
    for other in ["not json", "{}", r#"{"info":{"features":{"label":{"_type":"ClassLabel","names":7}}}}"#] {
        check_labels(numbers(), Some(other), Ok(&["1", "0", "-1", "2"]));
    }
}

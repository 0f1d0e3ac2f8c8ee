//! Every refusal, by its message.

use std::fs;

use assort_datasets::{Advice, ColumnRole, Dataset, Error, Labels, ReadOptions, Texts, read, read_texts};

/// Reads `content` as a file of this name and compares the error without the folder's path.
fn check(name: &str, content: impl AsRef<[u8]>, options: ReadOptions, expect: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    let error = read(&path, &options).expect_err(expect).to_string();
    let error = error.replace(&format!("{}/", folder.path().display()), "");
    assert!(error.starts_with(expect), "expected: {expect}\n   found: {error}");
}

fn plain(name: &str, content: impl AsRef<[u8]>, expect: &str) {
    check(name, content, ReadOptions::default(), expect);
}

fn columns(text: &str, label: &str) -> ReadOptions {
    let name = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    ReadOptions { text: name(text), label: name(label), ..Default::default() }
}

#[test]
fn files() {
    let error = read("no/such/file.csv", &ReadOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "no/such/file.csv does not exist: check the path");
    plain("a.csv", "", "a.csv is empty");
    plain("a.csv", "\u{feff}\r\n \n", "a.csv is empty");
    plain("a.jsonl", "\n", "a.jsonl is empty");
    plain("a.csv", "text,label\n", "a.csv holds a header and no rows");
    plain("a.csv", "text,label", "a.csv holds a header and no rows");
    plain("a.tsv", "text\tlabel\r\n\r\n", "a.tsv holds a header and no rows");
    plain(
        "a.csv",
        "text,label\n,a\n,\nx,\n",
        "a.csv: none of its 3 rows has a text and a label: 1 lack a text, 2 lack a label",
    );
    plain("a.txt", "one\ntwo\n", "a.txt: its lines have no labels: give a CSV");
    plain("a.parquet", "text,label\nx,a\n", "a.parquet: it is named like a Parquet file");
    plain("a.parquet", b"PAR1 and then nothing", "cannot read a.parquet: ");
}

#[test]
fn folders() {
    let folder = tempfile::tempdir().unwrap();
    let message = || read(folder.path(), &ReadOptions::default()).unwrap_err().to_string();
    assert!(message().contains("it holds no folders with text files"));
    fs::create_dir(folder.path().join("a")).unwrap();
    assert!(message().contains("it holds no folders with text files"));
    fs::write(folder.path().join("a/1.txt"), b"ok\nbr\xffken").unwrap();
    assert!(message().contains("a/1.txt: row 2 (line 2) is not valid UTF-8 at byte 5"), "{}", message());
    fs::write(folder.path().join("a/1.txt"), b"\xff\xfeh\0i\0").unwrap();
    assert!(message().ends_with("a/1.txt: it is UTF-16: save it as UTF-8"), "{}", message());
    fs::write(folder.path().join("a/1.txt"), b"\x1f\x8b\x08 and no more").unwrap();
    assert!(message().contains("a/1.txt: it cannot be unpacked"), "{}", message());
}

#[cfg(target_os = "linux")]
#[test]
fn folders_without_a_name_that_could_be_a_label() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let nameless = folder.path().join(OsStr::from_bytes(b"caf\xe9"));
    fs::create_dir(&nameless).unwrap();
    fs::write(nameless.join("1.txt"), "x").unwrap();
    let message = read(folder.path(), &ReadOptions::default()).unwrap_err().to_string();
    assert!(
        message.ends_with("caf\u{fffd}: the name of this folder is not UTF-8, and so is no label: rename it")
    );
    // The name of a file is nothing that is read.
    fs::rename(&nameless, folder.path().join("a")).unwrap();
    fs::write(folder.path().join("a").join(OsStr::from_bytes(b"\xff.txt")), "y").unwrap();
    assert_eq!(read(folder.path(), &ReadOptions::default()).unwrap().1.kept, 2);
}

#[test]
fn broken_utf8() {
    plain(
        "a.csv",
        b"text,label\nx,a\ny\xe9,b\n",
        "a.csv: row 2 (line 3) is not valid UTF-8 at byte 16 of the file",
    );
    plain("a.csv", b"te\xe9xt,label\nx,a\n", "a.csv: row 0 (line 1) is not valid UTF-8 at byte 2");
    plain(
        "a.csv",
        b"text,label\n\"two\nlines\",a\n\n\"q\n\xff\",b\n",
        "a.csv: row 2 (line 5) is not valid UTF-8 at byte 29",
    );
    plain("a.csv", b"text,label\nx,a\n\xff,b\n", "a.csv: row 2 (line 3) is not valid UTF-8 at byte 15");
    plain("a.csv", b"text,label\nx,a\ny,b\xc3", "a.csv: row 2 (line 3) is not valid UTF-8 at byte 18");
    plain(
        "a.tsv",
        b"text\tlabel\n5\" x\ta\nx\xff\tb\n",
        "a.tsv: row 2 (line 3) is not valid UTF-8 at byte 19",
    );
    plain(
        "a.jsonl",
        b"{\"text\":\"x\"}\n\n{\"text\":\"\xff\"}\n",
        "a.jsonl: row 2 (line 3) is not valid UTF-8 at byte 23",
    );
    plain("a.txt", b"x\n\n\xff\n", "a.txt: row 3 (line 3) is not valid UTF-8 at byte 3");
    plain("a.txt", b"__label__a x\n__label__b \xff\n", "a.txt: row 2 (line 2) is not valid UTF-8 at byte 24");
}

/// Files of other kinds are named by their content, whatever their ending.
#[test]
fn files_of_other_kinds() {
    for (content, expect) in [
        (&b"\xfd7zXZ\0\0\x04"[..], "it is compressed with xz: unpack it first"),
        (b"BZh91AY&SY\x12", "it is compressed with bzip2"),
        (b"PK\x03\x04\x14\0 a.csv", "it is a zip archive: unpack it first"),
        (b"PK\x03\x04\x14\0 [Content_Types].xml xl/workbook.xml", "it is an Excel workbook: save its sheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "it is an Excel workbook"),
        (b"\n<!DOCTYPE HTML><title>404</title>", "it is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1", "it is a pointer of Git LFS"),
        (b"%PDF-1.7", "it is a PDF"),
        (b"\xff\xfet\0e\0", "it is UTF-16: save it as UTF-8"),
        (b"\xff\xfe\0\0t\0\0\0", "it is UTF-32"),
        (b"t\0e\0x\0t\0,\0l\0a\0b\0e\0l\0\n\0", "it looks like UTF-16 without a byte-order mark"),
        (b"te\0xt,label\nx,a\n", "its first line holds zero bytes"),
        (b"\x1f\x8b\x08 and no more", "it cannot be unpacked"),
        (b"\x28\xb5\x2f\xfd and no more", "it cannot be unpacked"),
    ] {
        plain("a.csv", content, &format!("a.csv: {expect}"));
        plain("a.dat", content, &format!("a.dat: {expect}"));
    }
    plain("a.xlsx", "PK..", "a.xlsx: its format is not known");
}

#[test]
fn packed_bombs() {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(b"text,label\n").unwrap();
    (0..100).for_each(|_| packed.write_all(&vec![b'a'; 1 << 20]).unwrap());
    plain("a.csv.gz", packed.finish().unwrap(), "a.csv.gz: unpacked it holds more than 67 MB");
}

/// A first line that is a row is told as such; columns in question can be joined.
#[test]
fn headers_that_are_none() {
    let advice = |name: &str, content: &str| {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), content).unwrap();
        read(folder.path().join(name), &ReadOptions::default()).unwrap_err().advice()
    };
    let none = Some(Advice::NoHeader { role: ColumnRole::TextAndLabel });
    assert_eq!(advice("a.csv", "spam,Win a free prize now\nham,See you at lunch then\n"), none);
    assert_eq!(advice("a.tsv", "0\tgood film\n1\tbad film\n"), none);
    let candidates = vec!["Title".into(), "Body".into()];
    let join = Some(Advice::NameColumn { role: ColumnRole::Text, candidates });
    assert_eq!(advice("a.csv", "Title,Body,Class Index\nx,y,1\n"), join);
}

#[test]
fn shapes_of_json() {
    for (content, expect) in [
        ("{\"text\":\"x\"},\n", "line 1: a comma follows its object: write one object a line"),
        ("{\"text\":\"x\"} {\"text\":\"y\"}\n", "line 1: more follows its object at column 14"),
        ("[\"x\",\"a\"]\n[\"y\",\"b\"]\n", "line 1: it holds a list, expected one object"),
        ("{\n  \"text\": \"x\"\n}\n", "line 1: its object does not end on the line"),
        ("\n{text: x}\n", "line 2: it is no valid JSON at column 2: expected one object"),
        ("[{\"text\":\"x\"},\n {\"text\" \"y\"}]\n", "line 2: the list that the file begins with is broken"),
        // Columns are characters of the line.
        (
            "[{\"é\":\"日本\"},\n {\"é日\" \"y\"}]\n",
            "line 2: the list that the file begins with is broken at column 8",
        ),
        ("\u{a0} {\"é日\": x}\n", "line 1: it is no valid JSON at column 10: expected one object"),
        ("  {\"é\":\"日\"} {}\n", "line 1: more follows its object at column 13"),
    ] {
        plain("a.json", content, &format!("a.json: {expect}"));
    }
}

/// A byte-order mark counts as bytes of the file.
#[test]
fn broken_utf8_behind_a_byte_order_mark() {
    plain(
        "a.csv",
        b"\xef\xbb\xbftext,label\n\xff,b\n",
        "a.csv: row 1 (line 2) is not valid UTF-8 at byte 14",
    );
}

#[test]
fn rows() {
    plain("a.csv", "text,label\nx,a\ny, z,b\n", "a.csv: row 2 (line 3) has 3 cells, the header has 2");
    plain(
        "a.csv",
        "text,label\n\"x\nx\",a\n\ny,b,c,d\n",
        "a.csv: row 2 (line 5) has 4 cells, the header has 2",
    );
    plain(
        "a.csv",
        "text,label\nx,a\n\"y,b\n",
        "a.csv: row 2 (line 3): a quotation mark opens a cell and is never closed",
    );
    plain(
        "a.csv",
        "text,label\n\"x\" y,a\n",
        "a.csv: row 1 (line 2): a cell goes on after its closing quotation mark",
    );
    plain(
        "a.csv",
        "text,label\n5\" disk,a\n",
        "a.csv: row 1 (line 2): a quotation mark stands alone in a cell",
    );
    plain("a.csv", "\"text,label\nx,a\n", "a.csv: row 0 (line 1): a quotation mark opens a cell");
    let way_out =
        "and is never closed: close it at the end of the cell, or, if it belongs to the text, put the cell";
    plain(
        "a.csv",
        "text,label\n\"x,a\n",
        &format!("a.csv: row 1 (line 2): a quotation mark opens a cell {way_out}"),
    );
    // A cell that ends with a mark, and does not begin with one.
    plain("a.csv", "text,label\nx,a\nshe left\",b\n", "a.csv: row 2 (line 3): a quotation mark stands alone");
    plain(
        "a.jsonl",
        "{\"text\":\"x\",\"label\":\"a\"}\n\n{\"text\":\n",
        "a.jsonl: line 3: its object does not end on the line: write one object a line",
    );
    plain("a.jsonl", "[1]\n", "a.jsonl: line 1: it holds a single value, expected one object");
    plain(
        "a.jsonl",
        "{\"text\":[\"x\"],\"label\":\"a\"}\n",
        "a.jsonl: line 1: 'text' holds a list, expected a string",
    );
    plain("a.txt", "__label__a x\n__label__a __label__b y\n", "a.txt: line 2 has 2 labels ('a', 'b')");
}

#[test]
fn column_names() {
    let file = "tweet_id,sentiment,content\n1,a,x\n2,b,y\n";
    check(
        "a.csv",
        file,
        columns("contnet", ""),
        "a.csv has no column 'contnet', did you mean 'content'?: its columns are 'tweet_id', \
         'sentiment', 'content'",
    );
    check(
        "a.csv",
        file,
        columns("", "zzz"),
        "a.csv has no column 'zzz': its columns are 'tweet_id', 'sentiment', 'content'",
    );
    check("a.csv", file, columns("content", "content"), "a.csv: one column cannot be both text and label");
    plain(
        "a.csv",
        "x,y,z\n1,2,3\n",
        "a.csv: no column has a usual name for the text and none for the label; its columns are 'x', 'y', \
         'z'",
    );
    plain("a.csv", "text,label,text\nx,a,y\n", "a.csv has two columns named 'text'");
    plain("a.csv", "text,kind\nx,1\ny,2\nz,3\n", "a.csv: every row has another value in 'kind'");
    let neither =
        "a.jsonl: no column has a usual name for the text and none for the label; its columns are 'a'";
    plain("a.jsonl", "{\"a\":1}\n", neither);
}

#[test]
fn the_column_to_name_is_advised() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    fs::write(&path, "x,y,z\n1,2,3\n").unwrap();
    let check = |options, role| {
        let advice = Advice::NameColumn { role, candidates: Vec::new() };
        assert_eq!(read(&path, &options).unwrap_err().advice(), Some(advice));
    };
    check(ReadOptions::default(), ColumnRole::TextAndLabel);
    check(columns("x", ""), ColumnRole::Label);
    check(columns("x", "w"), ColumnRole::Label);
    fs::write(folder.path().join("a.xyz"), "plain words\n").unwrap();
    let unknown = read(folder.path().join("a.xyz"), &ReadOptions::default()).unwrap_err();
    assert_eq!(unknown.advice(), Some(Advice::NameFormat));
}

#[test]
fn numbers_as_text() {
    let file = "text,label\n1,a\n 2.5,b\n-3e4,a\n";
    plain("a.csv", file, "a.csv: the column 'text' holds only numbers");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), file).unwrap();
    assert_eq!(read(folder.path().join("a.csv"), &columns("text", "")).unwrap().0.len(), 3);
    let error = read_texts(folder.path().join("a.csv"), &ReadOptions::default()).unwrap_err();
    assert_eq!(error.advice(), Some(Advice::ConfirmText { column: "text".into() }));
}

#[test]
fn labels_to_keep() {
    let keep = |label: &str| ReadOptions { keep: vec!["neutral".into(), label.into()], ..Default::default() };
    let file = "text,label\nx,neutral\ny,worry\n";
    check(
        "a.csv",
        file,
        keep("wory"),
        "a.csv: no row has the label 'wory' that was to be kept, did you mean 'worry'?; its labels are \
         'neutral', 'worry'",
    );
    check("a.csv", file, keep("xyz"), "a.csv: no row has the label 'xyz' that was to be kept; its labels");
}

#[test]
fn training_needs_two_labels() {
    let message = |pairs: &[(&str, &str)]| {
        Dataset::from_pairs(pairs.iter().copied(), "a").check_trainable().map_err(|error| error.to_string())
    };
    assert_eq!(message(&[("x", "p"), ("y", "n")]), Ok(()));
    assert_eq!(
        message(&[("x", "p"), ("y", "p")]),
        Err("a: all 2 rows have the label 'p': a classifier needs at least two labels".into())
    );
    assert!(message(&[]).unwrap_err().starts_with("a is empty"));
    let one_left = Dataset::from_pairs([("x", "p"), ("y", "n")], "a").select(&[1]).unwrap();
    assert!(
        matches!(one_left.check_trainable(), Err(Error::OneLabel { label, rows: 1, .. }) if label == "n")
    );
}

#[test]
fn labels_of_a_test_set() {
    let test = || Dataset::from_pairs([("x", "neg"), ("y", "pos"), ("z", "positive")], "test.csv");
    let error = test().with_labels(&Labels::new(["neg", "pos"])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "test.csv: row 3 has the label 'positive', which the training rows do not have, did you mean \
         'pos'?; they have 'neg', 'pos'"
    );
    let mapped = test().with_labels(&Labels::new(["positive", "pos", "zero", "neg", "about"])).unwrap();
    assert_eq!(mapped.labels().unwrap().iter().map(|label| label.0).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!((mapped.label_name(1), mapped.digest()), (Some("pos"), test().digest()));
}

#[test]
fn shapes() {
    let texts: Texts = ["x"].into_iter().collect();
    let error = Dataset::new(texts, vec![], Labels::default(), vec![1], "a").unwrap_err();
    assert_eq!(error.to_string(), "labels of a data set: expected 1 values, found 0");
    let error = Dataset::from_pairs([("x", "a")], "a").select(&[0, 1]).unwrap_err();
    assert_eq!(error.to_string(), "row index 1 is outside the data set of 1 rows");
}

/// Cut Parquet files are refused at every length.
#[test]
fn cut_parquet() {
    use assort_datasets::{Column, Existing, write_table};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let values = |name: &str| (0..50).map(|row| format!("{name} {row}")).collect::<Vec<_>>();
    let columns = [Column::strings("text", values("text")), Column::strings("label", values("label"))];
    write_table(&path, &columns, Existing::Keep).unwrap();
    let whole = fs::read(&path).unwrap();
    for length in 4..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(read(&path, &ReadOptions::default()).is_err(), "{length} of {} bytes", whole.len());
    }
}

/// A file that the decoder would panic on is an error.
#[test]
fn damaged_parquet() {
    let mut bytes =
        fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/readers/rows.parquet")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    fs::write(&path, &bytes).unwrap();
    assert_eq!(read(&path, &ReadOptions::default()).unwrap().0.len(), 50);
    bytes[522] ^= 0x55;
    fs::write(&path, &bytes).unwrap();
    let error = read(&path, &ReadOptions::default()).unwrap_err().to_string();
    assert!(error.contains("a.parquet: the column 'text' cannot be read: its bytes 4 to "), "{error}");
    // Nor does any other changed byte end in more than an error, were it a number of values below zero.
    for place in 4..bytes.len() - 8 {
        for change in [0x55, 0xff] {
            let mut other = bytes.clone();
            other[522] ^= 0x55;
            other[place] ^= change;
            fs::write(&path, &other).unwrap();
            let _read_or_refused = read(&path, &ReadOptions::default());
        }
    }
}

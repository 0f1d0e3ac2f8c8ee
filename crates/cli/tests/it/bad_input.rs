use super::room::{Room, TINY, kitchen};

/// A training that is refused: exit code 2, one line with these words, nothing written.
#[track_caller]
fn check(data: &[u8], flags: &str, words: &[&str]) {
    let room = Room::empty();
    room.file("a.csv", data);
    room.file("good.csv", kitchen(20).as_bytes());
    refused(&room, &format!("train --train a.csv --out m {TINY} {flags}"), words);
}

#[track_caller]
pub fn refused(room: &Room, line: &str, words: &[&str]) {
    let before = room.names();
    let outcome = room.run(line).exits(2);
    let message = &outcome.err;
    assert!(message.starts_with("error: ") && message.lines().count() == 1, "not one line: {message}");
    for word in words {
        assert!(message.contains(word), "{word:?} is missing in {message}");
    }
    assert_eq!(room.names(), before, "something was written");
}

#[test]
fn files() {
    refused(
        &Room::empty(),
        "train --train missing.csv --out m",
        &["missing.csv does not exist", "check the path"],
    );
    check(b"", "", &["a.csv is empty"]);
    check(b"text,label\n", "", &["a.csv holds a header and no rows"]);
    check(b"text,label\na \xff,x\nb,y\n", "", &["a.csv: row 1 (line 2) is not valid UTF-8"]);
    check(b"text,label\nplum,fruit\nleek,vegetable,more\n", "", &["row 2 (line 3) has 3 cells"]);
}

#[test]
fn columns() {
    let good = kitchen(20);
    let good = good.as_bytes();
    check(good, "--text txet", &["a.csv has no column 'txet'", "did you mean 'text'?", "--text"]);
    check(good, "--label lable", &["no column 'lable'", "did you mean 'label'?"]);
    check(b"text,label\n1,a\n2,b\n3.5,a\n", "", &["the column 'text' holds only numbers", "--text text"]);
    check(
        b"title,body,label\na,b,c\n",
        "",
        &["both 'title' and 'body'", "or join them with --text title,body"],
    );
    check(
        b"ham,see you at lunch then\nspam,win a free prize now\n",
        "",
        &["or give --no-header if the first line"],
    );
    check(b"one,two,three\na,b,c\n", "", &["--text", "'one', 'two', 'three'"]);
}

#[test]
fn labels() {
    check(b"text,label\na,x\nb,x\n", "", &["all 2 rows have the label 'x'", "at least two labels"]);
    let single = format!("{}odd one,mushroom\n", kitchen(20));
    let too_few = ["the label 'mushroom' has 1 row", "3 parts", "--at-least 3"];
    check(single.as_bytes(), "--split 0.7,0.15,0.15", &too_few);
    check(single.as_bytes(), "", &["the label 'mushroom' has 1 row"]);
    let good = kitchen(20);
    check(good.as_bytes(), "--keep fruit,vegtable", &["'vegtable'", "did you mean 'vegetable'?"]);
    let comma = good.replace("vegetable", "\"leek, or kale\"");
    check(comma.as_bytes(), "--keep leek", &["did you mean 'leek, or kale'?", "--keep '\"leek, or kale\"'"]);

    let room = Room::kitchen();
    room.file("test.csv", b"text,label\nplum,fruit\nleek,vegetabel\n");
    let words = ["test.csv: row 2 has the label 'vegetabel'", "did you mean 'vegetable'?"];
    for role in ["test", "validation"] {
        refused(&room, &format!("train --train kitchen.csv --{role} test.csv --out m {TINY}"), &words);
    }
}

#[test]
fn splits() {
    let good = kitchen(20);
    let good = good.as_bytes();
    check(good, "--split 0.7,0.2", &["add up to 0.9", "must add up to 1"]);
    check(good, "--split 0.7,x", &["'x' is not a number"]);
    check(good, "--split 0.7,0.3 --test good.csv", &["--split", "--test", "cannot be used with"]);
    check(good, "--split 0.001,0.999", &["the split leaves"]);
    check(good, "--split 0.7,0.3 --validation good.csv", &["--split", "--validation"]);
}

#[test]
fn settings_and_flags() {
    let good = kitchen(20);
    let good = good.as_bytes();
    check(good, "--set epoch=3", &["`epoch` is no setting", "did you mean `epochs`?"]);
    check(good, "--set epochs=many", &["epochs = many"]);
    check(good, "--set epochs=0", &["epochs = 0", "at least 1"]);
    check(good, "--set learning_rate=-1", &["learning_rate = -1"]);
    check(good, "--set contrastive_weight=-1", &["contrastive_weight = -1: a number from 0 on"]);
    check(good, "--set contrastive_temperature=0", &["contrastive_temperature = 0: a number above 0"]);
    check(good, "--set entropy_weight=high", &["entropy_weight = high: give a number"]);
    check(good, "--set validation_share=2", &["validation_share = 2"]);
    let left = ["validation_share = 0.999 leaves 0 of 20 rows for training, with 0 of 2 labels"];
    check(good, "--set validation_share=0.999", &left);
    check(good, "--set clip_norm=nan", &["clip_norm = nan: give a finite number"]);
    check(good, "--config none.toml", &["none.toml", "--config"]);
    check(good, "--model bret", &["`bret` is no model", "bag"]);
    check(good, "--trian x", &["'--trian'", "'--train'"]);
    check(good, "--format xls", &["xls", "csv"]);
    check(good, "--resume", &["nothing to resume"]);
    let linear = Room::kitchen();
    refused(&linear, "train --train kitchen.csv --model linear --out m --resume", &["made in one go"]);
    let room = Room::kitchen();
    refused(&room, "train --train kitchen.csv", &["--out <FOLDER>"]);
    refused(&room, "train --train kitchen.csv --out m --device gpu", &["`gpu` is no device"]);
}

#[test]
fn ngrams() {
    let good = kitchen(20);
    let good = good.as_bytes();
    check(
        good,
        "--set word_ngrams=0",
        &["word_ngrams = 0: give two numbers, as [1, 2], or one n for [1, n]"],
    );
    check(good, "--set subwords=[6,3]", &["subwords = 6 to 3: the range is upside down", "shortest first"]);
    check(good, "--set subwords=[0,3]", &["subwords = 0 to 3: an n-gram has at least 1 unit"]);
    check(good, "--set subwords=3", &["subwords = 3: give two numbers, as [2, 3]"]);
    check(good, "--set buckets=0", &["buckets = 0: give a whole number from 1 on"]);
    check(good, "--set word_ngrams=2 --set buckets=0", &["buckets = 0: give a whole number from 1 on"]);
    let room = Room::kitchen();
    let linear = |set: &str| format!("train --train kitchen.csv --out m --model linear --set {set}");
    refused(&room, &linear("word_ngrams=[3,1]"), &["word_ngrams = 3 to 1: the range is upside down"]);
    refused(&room, &linear("character_ngrams=[5,2]"), &["character_ngrams = 5 to 2", "upside down"]);
    room.file("mine.toml", b"model = \"linear\"\nword_ngrams = [2, 0]\n");
    let words = ["word_ngrams = 2 to 0: an n-gram has at least 1 unit"];
    refused(&room, "train --train kitchen.csv --out m --config mine.toml", &words);
}

#[test]
fn places() {
    let room = Room::kitchen();
    room.file("file", b"");
    std::fs::create_dir(room.path("thesis")).unwrap();
    std::fs::write(room.path("thesis/chapter.txt"), b"precious").unwrap();
    let line = |out: &str| format!("train --train kitchen.csv {TINY} --out {out}");
    refused(&room, &line("thesis"), &["thesis is there already"]);
    refused(&room, &line("thesis --overwrite"), &["thesis is there already and is no model folder"]);
    refused(&room, &line("file/m"), &["file/m"]);
    assert_eq!(room.read("thesis/chapter.txt"), b"precious");
}

#[test]
fn broken_models() {
    let room = Room::trained();
    let manifest = String::from_utf8(room.read("m/assort.json")).unwrap();
    let weights = room.read("m/model.safetensors");
    let predict = "predict m --text plum";
    let check = |words: &[&str]| refused(&room, predict, words);

    room.file("m/assort.json", manifest.replace("\"format\": 1", "\"format\": 99").as_bytes());
    check(&["assort.json has the format 99, this program reads 1"]);
    room.file("m/assort.json", &manifest.as_bytes()[..manifest.len() / 2]);
    check(&["assort.json: not a whole manifest"]);
    room.file("m/assort.json", manifest.replace("\"vegetable\"", "\"fruit\"").as_bytes());
    check(&["assort.json: the label 'fruit' stands there twice", "restore the file"]);
    room.file("m/assort.json", manifest.replace("\"embedding\": 4", "\"embedding\": 5").as_bytes());
    check(&["model.safetensors", "embedding.weight", "4]", "5]"]);
    room.file("m/assort.json", manifest.as_bytes());
    room.file("m/model.safetensors", &weights[..weights.len() / 2]);
    check(&["model.safetensors has changed since it was written", "--no-check loads it all the same"]);
    let unchecked = format!("{predict} --no-check");
    refused(&room, &unchecked, &["model.safetensors: not a whole safetensors file"]);
    let mut flipped = weights.clone();
    *flipped.last_mut().unwrap() ^= 1;
    room.file("m/model.safetensors", &flipped);
    check(&["model.safetensors has changed"]);
    room.run(&unchecked).exits(0);
    let undigested: Vec<&str> =
        manifest.lines().filter(|line| !line.contains(".safetensors\": \"")).collect();
    room.file("m/assort.json", undigested.join("\n").as_bytes());
    room.run(predict).exits(0);
    room.file("m/assort.json", manifest.replace("\"vocab.txt\"", "\"../vocab.txt\"").as_bytes());
    check(&["assort.json: '../vocab.txt' is no file that predicts"]);
    room.file("m/assort.json", manifest.as_bytes());
    std::fs::remove_file(room.path("m/model.safetensors")).unwrap();
    std::fs::create_dir(room.path("m/model.safetensors")).unwrap();
    check(&["model.safetensors: is no plain file"]);
    std::fs::remove_dir(room.path("m/model.safetensors")).unwrap();
    room.file("m/model.safetensors", &weights);
    room.run(predict).exits(0);

    refused(&room, "predict kitchen.csv --text plum", &["is no model folder"]);
    refused(&room, "predict nowhere --text plum", &["nowhere is no model folder"]);
    let resume = format!("train --train kitchen.csv --out m {TINY} --set epochs=30 --resume");
    room.run(&resume.replace("--resume", "--overwrite --keep-state")).exits(0);
    let state = room.read("m/state.safetensors");
    let mut changed = state.clone();
    *changed.last_mut().unwrap() ^= 1;
    room.file("m/state.safetensors", &changed);
    refused(&room, &resume, &["state.safetensors: not a whole training state", "checksum"]);
    room.file("m/state.safetensors", &state[..100]);
    refused(&room, &resume, &["state.safetensors"]);
}

/// A library that panics is no bug of the program: its file is named.
#[test]
fn panics_of_libraries_are_told_as_errors() {
    let room = Room::empty();
    room.file(
        "a.json",
        br#"{"version": "1.0", "pre_tokenizer": {"type": "FixedLength", "length": 0},
        "model": {"type": "WordPiece", "unk_token": "x", "continuing_subword_prefix": "", "vocab": {"x": 0},
        "max_input_chars_per_word": 9}, "decoder": null, "added_tokens": [], "normalizer": null}"#,
    );
    refused(
        &room,
        "tokenize --with a.json --text plum",
        &["a.json: the file is damaged, or a library fails"],
    );
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/readers/rows.parquet");
    let mut bytes = std::fs::read(fixture).unwrap();
    bytes[526] ^= 0x55;
    room.file("a.parquet", &bytes);
    refused(&room, "inspect a.parquet", &["a.parquet: the file is damaged, or a library fails on it ("]);
}

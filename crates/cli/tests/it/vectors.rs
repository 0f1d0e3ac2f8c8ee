use super::room::{Outcome, Room};

/// Vectors that tell fruit from vegetables, with a header and a word that no text has.
const FOOD: &str = "5 3\nplum 2 0 0\napple 2 0.1 0\nleek 0 2 0\nkale 0 2 0.2\nstone 1 2 3\n";

/// Settings that make a training take a moment, without a width.
const SHORT: &str = "--set epochs=3 --set batch_size=8 --device cpu --threads 1";

fn with_food() -> Room {
    let room = Room::kitchen();
    room.file("food.txt", FOOD.as_bytes());
    room
}

fn train(room: &Room, out: &str, flags: &str) -> Outcome {
    room.run(&format!("train --train kitchen.csv --out {out} {SHORT} {flags}"))
}

fn metrics(room: &Room, model: &str) -> serde_json::Value {
    serde_json::from_slice(&room.read(&format!("{model}/metrics.json"))).unwrap()
}

#[test]
fn a_bag_begins_with_vectors() {
    let room = with_food();
    let told =
        ["food.txt: 5 words of 3 numbers", "4 of ", "words begin with theirs", "of the training tokens"];
    train(&room, "m", "--vectors food.txt").exits(0).says(&told).says(&["× 3"]);
    let figures = &metrics(&room, "m")["vectors"];
    assert_eq!((&figures["found"], &figures["width"]), (&4.into(), &3.into()));
    assert!(figures["token_share"].as_f64().unwrap() > 0.2);
    let report = String::from_utf8(room.read("m/report.html")).unwrap();
    assert!(report.contains("Word vectors") && report.contains("food.txt, 5 words of 3 numbers"));
    assert!(!room.names().contains(&"food.txt.assort-vectors".to_owned()), "a small file needs no copy");
    room.run("predict m --text plum").exits(0);

    let json = train(&room, "j", "--vectors food.txt --json").exits(0).json();
    let event = json.iter().find(|event| event["event"] == "vectors").unwrap();
    assert_eq!(event["figures"]["digest"], figures["digest"]);
}

/// A frozen embedding holds the vectors of the file, bit for bit, and zero for padding and unknown words.
#[test]
fn a_frozen_embedding_stays() {
    let room = with_food();
    let frozen = "--vectors food.txt --set freeze_embedding_epochs=3";
    train(&room, "m", frozen).exits(0).says(&["frozen"]);
    let (vocab, table) = (room.read("m/vocab.txt"), embedding(&room, "m"));
    let vocab = String::from_utf8(vocab).unwrap();
    let row = |word: &str| {
        let at = vocab.lines().position(|line| line.starts_with(&format!("{word}\t"))).unwrap();
        table[at * 3..at * 3 + 3].to_vec()
    };
    assert_eq!((row("plum"), row("kale")), (vec![2.0, 0.0, 0.0], vec![0.0, 2.0, 0.2]));
    assert_eq!((row("<pad>"), row("<unk>")), (vec![0.0; 3], vec![0.0; 3]));
    assert!(row("and").iter().all(|value| *value != 0.0));
    train(&room, "n", "--vectors food.txt --set freeze_embedding_epochs=2").exits(0);
    assert_ne!(embedding(&room, "n"), table);
}

/// The numbers of `embedding.weight`, the first tensor of the file or not.
fn embedding(room: &Room, model: &str) -> Vec<f32> {
    let bytes = room.read(&format!("{model}/model.safetensors"));
    let length = u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
    let header: serde_json::Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    let place = &header["embedding.weight"]["data_offsets"];
    let at = |index: usize| 8 + length + place[index].as_u64().unwrap() as usize;
    bytes[at(0)..at(1)].chunks(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect()
}

#[test]
fn the_same_bits_after_a_restart() {
    let room = with_food();
    let flags = "--vectors food.txt --set freeze_embedding_epochs=1";
    train(&room, "whole", flags).exits(0);
    train(&room, "parts", &format!("{flags} --set epochs=1 --keep-state")).exits(0);
    // The file may lie elsewhere, but it must have the same words and numbers.
    std::fs::rename(room.path("food.txt"), room.path("moved.txt")).unwrap();
    let moved = flags.replace("food", "moved");
    train(&room, "parts", &format!("{moved} --resume --keep-state")).exits(0);
    assert_eq!(room.read("whole/model.safetensors"), room.read("parts/model.safetensors"));
    room.file("moved.txt", FOOD.replace("kale 0", "kale 1").as_bytes());
    let other = train(&room, "parts", &format!("{moved} --set epochs=5 --resume")).exits(2);
    assert!(other.err.contains("the vectors' digest was"), "{}", other.err);
}

#[test]
fn other_starts_for_words_that_are_missing() {
    let room = with_food();
    room.file("food.txt", FOOD.replace(" 2", " 20").as_bytes());
    let mut tables = Vec::new();
    for start in ["unit-normal", "file-normal", "model"] {
        let flags =
            format!("--vectors food.txt --set freeze_embedding_epochs=9 --set vectors_missing={start}");
        train(&room, start, &flags).exits(0);
        let table = embedding(&room, start);
        let squares: f32 = table.iter().map(|value| value * value).sum();
        tables.push(squares / table.len() as f32);
    }
    let [unit, file, model] = tables.try_into().unwrap();
    assert!(file > 5.0 * unit && unit > model + 0.5, "{unit} {file} {model}");
}

#[track_caller]
fn refused(room: &Room, flags: &str, words: &[&str]) {
    let before = room.names();
    let outcome = train(room, "m", flags).exits(2);
    assert!(outcome.err.starts_with("error: ") && outcome.err.lines().count() == 1, "{}", outcome.err);
    for word in words {
        assert!(outcome.err.contains(word), "{word:?} is missing in {}", outcome.err);
    }
    assert_eq!(room.names(), before, "something was written");
}

#[test]
fn files_that_do_not_fit() {
    let room = with_food();
    let width = ["embedding = 4", "food.txt has vectors of 3 numbers"];
    refused(&room, "--set embedding=4 --vectors food.txt", &width);
    train(&room, "same", "--vectors food.txt --set embedding=3").exits(0);
    let torn = FOOD.replace("leek 0 2 0", "leek 0 2");
    room.file("torn.txt", torn.as_bytes());
    refused(&room, "--vectors torn.txt", &["torn.txt, line 4", "3 numbers, found 2", "torn"]);
    room.file("odd.txt", FOOD.replace("leek 0 2 0", "leek 0 x 0").as_bytes());
    refused(&room, "--vectors odd.txt", &["odd.txt, line 4", "expected a number, found 'x'"]);
    room.file("empty.txt", b"");
    refused(&room, "--vectors empty.txt", &["empty.txt: the file is empty"]);
    refused(&room, "--vectors kitchen.csv", &["kitchen.csv, line 1", "no file of word vectors"]);
    refused(&room, "--vectors nowhere.txt", &["cannot read nowhere.txt"]);
    refused(&room, "--vectors food.txt --set vectors_missing=zero", &["vectors_missing = zero"]);
    let linear = room.run("train --train kitchen.csv --out m --model linear --vectors food.txt").exits(2);
    assert!(linear.err.contains("--vectors: linear has no word embedding"), "{}", linear.err);
}

#[test]
fn words_that_come_twice_are_told() {
    let room = with_food();
    room.file("twice.txt", format!("{FOOD}plum 9 9 9\n").as_bytes());
    let outcome = train(&room, "m", "--vectors twice.txt").exits(0);
    let words = "twice.txt: 1 row of a word that stood before, the first on line 7";
    assert!(outcome.err.contains(words), "{}", outcome.err);
}

/// The project's made vectors, and what NumPy says of them.
fn made() -> (Room, serde_json::Value) {
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/vectors");
    let room = Room::empty();
    room.file("words.txt", &std::fs::read(fixtures.join("words.txt")).unwrap());
    let golden = std::fs::read(fixtures.join("golden.json")).unwrap();
    (room, serde_json::from_slice(&golden).unwrap())
}

#[track_caller]
fn same(found: &serde_json::Value, expect: &serde_json::Value) {
    let (found, expect) = (found["words"].as_array().unwrap(), expect.as_array().unwrap());
    assert_eq!(found.len(), expect.len());
    for (found, expect) in found.iter().zip(expect) {
        assert_eq!(found["word"], expect[0]);
        assert!((found["cosine"].as_f64().unwrap() - expect[1].as_f64().unwrap()).abs() < 1e-4, "{found}");
    }
}

#[test]
fn answers_equal_those_of_numpy() {
    let (room, golden) = made();
    let ask = |question: &str| room.run(&format!("vectors words.txt {question} --count 5 --json")).exits(0);
    for (word, expect) in golden["nearest"].as_object().unwrap() {
        same(&ask(&format!("nearest {word}")).json()[0], expect);
    }
    for analogy in golden["analogy"].as_array().unwrap() {
        let word = |index: usize| analogy[index].as_str().unwrap();
        same(&ask(&format!("analogy {} {} {}", word(0), word(1), word(2))).json()[0], &analogy[3]);
    }
    let cosine = ask("similarity cat dog").json()[0]["cosine"].as_f64().unwrap();
    assert!((cosine - golden["similarity"][0][2].as_f64().unwrap()).abs() < 1e-5);
    let table = room.run("vectors words.txt analogy king man woman --count 2").exits(0);
    assert_eq!(table.out, "queen     0.8520\nprincess  0.7941\n");
}

/// Course B's toy vectors of king, man and woman, and a queen, with a header.
#[test]
fn toy_vectors() {
    let room = Room::empty();
    room.file("toy.vec", b"4 3\nking 4.2 1.8 7.5\nqueen 4.0 2.0 7.4\nman 2.1 0.9 5.0\nwoman 2.0 1.0 5.1\n");
    let asked = room.run("vectors toy.vec analogy king man woman").exits(0);
    assert_eq!(asked.out, "queen  0.9999\n");
    room.run("vectors toy.vec similarity king queen").exits(0).says(&["0.9995"]);
    room.file("zero.vec", b"a 0 0\nb 0 0\nc 0 0\n");
    let undefined = "undefined: the vector is zero, and so near nothing\n";
    assert_eq!(room.run("vectors zero.vec nearest a").exits(0).out, undefined);
    room.run("map zero.vec --out zero.svg").exits(0);
    assert!(!String::from_utf8(room.read("zero.svg")).unwrap().contains("t-SNE"));
}

#[test]
fn vectors_of_ones_own_texts() {
    let room = Room::kitchen();
    let line = "vectors own.txt train --data kitchen.csv --width 6 --epochs 2 --minimum-count 2";
    let told = room.run(line).exits(0).says(&["own.txt: ", " words of 6 numbers, from 48 texts of "]);
    assert!(told.err.contains("epoch 2 of 2"), "{}", told.err);
    let first = room.read("own.txt");
    let taken = room.run(line).exits(2).err;
    assert!(taken.contains("own.txt exists already"), "{taken}");
    room.run(&format!("{line} --overwrite --seed 1")).exits(0);
    assert_ne!(room.read("own.txt"), first);
    room.run(&format!("{line} --overwrite")).exits(0);
    assert_eq!(room.read("own.txt"), first);
    room.run("vectors own.txt nearest plum --count 1").exits(0);
    train(&room, "m", "--vectors own.txt").exits(0).says(&["words begin with theirs"]);
    let wide = room.run("vectors w.txt train --data kitchen.csv --width 9999").exits(2).err;
    assert_eq!(wide, "error: width must be from 1 to 4096\n");
    let rare = room.run("vectors w.txt train --data kitchen.csv --minimum-count 999").exits(2).err;
    assert!(rare.contains("fewer than two words occur often enough"), "{rare}");
}

#[test]
fn words_that_are_not_there() {
    let (room, _) = made();
    let asked = room.run("vectors words.txt nearest quen").exits(2);
    let words = "error: 'quen' is none of the 50 words of words.txt: did you mean 'queen'";
    assert!(asked.err.starts_with(words) && asked.err.lines().count() == 1, "{}", asked.err);
    let asked = room.run("vectors words.txt analogy king man ?!").exits(2);
    assert!(asked.err.contains("and none is spelled like it"), "{}", asked.err);
    let asked = room.run("vectors nowhere.txt nearest king").exits(2);
    assert!(asked.err.contains("cannot read nowhere.txt"), "{}", asked.err);
}

#[test]
fn the_embedding_of_a_trained_model() {
    let room = with_food();
    train(&room, "m", "--vectors food.txt --set freeze_embedding_epochs=9").exits(0);
    let found = room.run("vectors m nearest plum --count 1 --json").exits(0).json();
    assert_eq!(found[0]["words"][0]["word"], "apple");
    let special = room.run("vectors m nearest <unk>").exits(2);
    assert!(special.err.contains("'<unk>' is none of the"), "{}", special.err);
    room.run("train --train kitchen.csv --out lin --model linear").exits(0);
    let linear = room.run("vectors lin nearest plum").exits(2);
    assert!(linear.err.contains("the model linear has no word embedding"), "{}", linear.err);
    let none = room.run("vectors . nearest plum").exits(2);
    assert!(none.err.contains("no model folder"), "{}", none.err);
}

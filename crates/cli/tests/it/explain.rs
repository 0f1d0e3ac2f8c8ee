use super::room::{Room, TINY};

/// The sum of numbers in JSON.
fn sum(values: &serde_json::Value, label: usize) -> f64 {
    let each = values.as_array().unwrap().iter();
    each.map(|one| one["contributions"][label].as_f64().unwrap()).sum()
}

#[test]
fn words_are_coloured_or_numbered() {
    let room = Room::trained();
    let words = ["explain", "m", "--text", "Plum and\nleek, plum"];
    let plain = room.run_words(&words).exits(0);
    assert!(!plain.out.contains('\u{1b}') && plain.out.contains("text         Plum[+"), "{}", plain.out);
    let plain = plain.says(&["legend       [numbers]", "leek[−", "constant rest", "logit", "probability"]);
    let line = |start: &str| plain.out.lines().find(|line| line.starts_with(start)).unwrap().to_owned();
    assert!(line("predicted").contains("fruit, "), "{}", plain.out);
    assert!(line("for").contains("lum") && line("against").contains("leek"), "{}", plain.out);
    assert!(plain.err.is_empty(), "{}", plain.err);

    let coloured = room.command(&words).env("CLICOLOR_FORCE", "1").output().unwrap();
    let out = String::from_utf8(coloured.stdout).unwrap();
    assert!(out.contains("\u{1b}[38;5;") && out.contains("mPlum\u{1b}[0m"), "{out:?}");
    assert!(!out.contains("Plum[+"), "{out}");
}

#[test]
fn another_label_can_be_asked_for() {
    let room = Room::trained();
    let words = ["explain", "m", "--text", "plum and leek", "--text", "kale", "--label", "vegetable"];
    let outcome = room.run_words(&words).exits(0);
    let first = outcome.out.lines().find(|line| line.starts_with("for")).unwrap();
    assert!(first.contains("leek"), "{}", outcome.out);
    assert!(outcome.out.matches("constant rest").count() == 2, "{}", outcome.out);
}

#[test]
fn numbers_sum_to_the_logits_that_give_the_probabilities() {
    let room = Room::kitchen();
    let models = [
        "--set pooling=mean --set word_ngrams=2 --set buckets=50",
        "--set pooling=sum --set hidden=6",
        "--set pooling=max --set hidden=6 --set word_ngrams=3",
    ];
    for flags in models {
        room.run(&format!("train --train kitchen.csv --out m --overwrite {TINY} {flags}")).exits(0);
        let texts = ["explain", "m", "--json", "--text", "Größe plum-leek plum", "--text", "日本 leek 😀"];
        let lines = room.run_words(&texts).exits(0).json();
        let predicted =
            ["predict", "m", "--json", "--text", "Größe plum-leek plum", "--text", "日本 leek 😀"];
        let predicted = room.run_words(&predicted).exits(0).json();
        assert_eq!(lines.len(), 2);
        for (line, predicted) in lines.iter().zip(&predicted) {
            let text = line["text"].as_str().unwrap();
            let logits: Vec<f64> =
                line["logits"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
            let whole: f64 = logits.iter().map(|logit| logit.exp()).sum();
            for (label, logit) in logits.iter().enumerate() {
                let rest = line["rest"][label].as_f64().unwrap();
                assert!((sum(&line["pieces"], label) + rest - logit).abs() < 1e-9, "{line}");
                assert!((sum(&line["words"], label) + rest - logit).abs() < 1e-9, "{line}");
                let ranked = predicted["predictions"].as_array().unwrap().iter();
                let probability = ranked
                    .filter(|one| one["label"] == line["labels"][label])
                    .map(|one| one["probability"].as_f64().unwrap())
                    .next();
                assert!((probability.unwrap() - logit.exp() / whole).abs() < 1e-5, "{flags} {line}");
            }
            for word in line["words"].as_array().unwrap() {
                let at = |end: usize| word["range"][end].as_u64().unwrap() as usize;
                assert_eq!(word["text"].as_str(), text.get(at(0)..at(1)), "{word}");
            }
        }
    }
}

#[test]
fn rows_of_a_file_become_a_page() {
    let room = Room::trained();
    room.file("b.csv", b"text\nplum\n\"<script>alert('leek')</script> & plum\"\nkale\n");
    let line = "explain m --data b.csv --row 2 --row 3 --html why.html";
    let outcome = room.run(line).exits(0).says(&["written      why.html", "kale[+"]);
    assert!(outcome.err.contains("text column: text"), "{}", outcome.err);
    let page = String::from_utf8(room.read("why.html")).unwrap();
    assert!(!page.contains("<script") && page.contains(">leek</mark>"), "{page}");
    assert!(!page.contains("http") && !page.contains("src="), "the page needs no other file");
    assert_eq!(page.matches("<article>").count(), 2);
    assert!(page.contains("text 2<") && page.contains("text 3<") && page.ends_with("</html>\n"), "{page}");

    let refused = room.run(line).exits(2);
    assert!(refused.err.contains("why.html exists already"), "{}", refused.err);
    room.run(&format!("{line} --overwrite")).exits(0);
}

#[test]
fn many_texts_become_pages() {
    let room = Room::trained();
    let texts: String = (0..205).map(|row| format!("plum {row}\n")).collect();
    room.file("many.csv", format!("text\n{texts}").as_bytes());
    let line = "explain m --data many.csv --json --html why.html";
    room.run(line).exits(0);
    let page = |name: &str| String::from_utf8(room.read(name)).unwrap();
    let articles =
        ["why.html", "why-2.html", "why-3.html"].map(|name| page(name).matches("<article>").count());
    assert_eq!(articles, [100, 100, 5]);
    assert!(
        page("why-2.html").contains("href=\"./why-3.html\"") && page("why-2.html").contains("page 2 of 3")
    );
    // Each of them is somebody's file.
    std::fs::remove_file(room.path("why.html")).unwrap();
    assert!(room.run(line).exits(2).err.contains("why-2.html exists already"));
}

#[test]
fn bad_input() {
    let room = Room::trained();
    let check = |words: &[&str], expect: &[&str]| {
        let before = room.names();
        let outcome = room.run_words(words).exits(2);
        let message = &outcome.err;
        assert!(message.starts_with("error: ") && message.lines().count() == 1, "not one line: {message}");
        for word in expect {
            assert!(message.contains(word), "{word:?} is missing in {message}");
        }
        assert!(outcome.out.is_empty() && room.names() == before, "{}", outcome.out);
    };
    let explain = ["explain", "m", "--text"];
    check(&[&explain[..], &[""]].concat(), &["--text number 1 is empty", "at least one word"]);
    check(&[&explain[..], &["a", "--text", " \n"]].concat(), &["--text number 2 is empty"]);
    let label = [&explain[..], &["plum", "--label", "vegetabel"]].concat();
    check(&label, &["no label 'vegetabel'", "did you mean 'vegetable'?", "fruit, vegetable"]);
    check(&[&explain[..], &["plum", "--html", "no/why.html"]].concat(), &["there is no folder no"]);
    check(&["explain", "m"], &["--text <TEXT>"]);
    check(&["explain", "nowhere", "--text", "a"], &["nowhere is no model folder"]);
    check(&["explain", "m", "--data", "missing.csv"], &["missing.csv does not exist"]);
    room.file("kitchen.txt", b"plum\n");
    let refused = room.run("explain m --data kitchen.txt --row 2").exits(2);
    assert!(refused.err.contains("kitchen.txt has no text in row 2"), "{}", refused.err);
}

#[test]
fn a_text_without_a_known_piece_is_all_rest() {
    let room = Room::kitchen();
    room.run(&format!("train --train kitchen.csv --out m {TINY} --set punctuation=drop")).exits(0);
    room.run_words(&["explain", "m", "--text", "?!"])
        .exits(0)
        .says(&["text         ?!", "the rest decides alone"]);
}

/// What is read by programs has names as they are; only a terminal is too narrow for them.
#[test]
fn names_are_whole_behind_a_pipe() {
    let room = Room::empty();
    let [one, other] =
        ["whatever grows on trees and is sweet", "whatever grows in the ground and is not sweet at all"];
    let word = "a-word-that-is-longer-than-any-column-of-a-table-would-be";
    let rows = |n: u32| format!("{word} plum {n},{one}\nraw leek {n},{other}\n");
    let rows: String = (0..12).map(rows).collect();
    room.file("rows.csv", format!("text,label\n{rows}").as_bytes());
    let first = "the-first-of-the-models-that-are-compared";
    for (folder, seed) in [(first, 1), ("b", 2)] {
        let train = format!("train --train rows.csv --model linear --seed {seed} --out {folder} --threads 1");
        room.run(&format!("{train} --set tokenizer=whitespace")).exits(0).says(&[one, other]);
    }
    room.run_words(&["explain", "b", "--text", word]).exits(0).says(&[one, other, word]);
    room.run(&format!("compare {first} b --data rows.csv")).exits(0).says(&[first]);
    room.run("inspect rows.csv").exits(0).says(&[one, other]);
    let features = "features --data rows.csv --by-label --ngrams 1 --tokenizer whitespace";
    room.run(features).exits(0).says(&[one, other, word]);
    room.run_words(&["features", "--text", word, "--tokenizer", "whitespace"]).exits(0).says(&[word]);
}

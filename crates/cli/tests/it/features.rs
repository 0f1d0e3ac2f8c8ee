//! Texts as matrices, and what marks labels.

use super::room::Room;

/// Course B's two texts.
const TEXTS: [&str; 5] = ["features", "--text", "I love love my dog", "--text", "I love my cat"];

fn run(room: &Room, flags: &str) -> super::room::Outcome {
    let words: Vec<&str> = TEXTS.into_iter().chain(flags.split_whitespace()).collect();
    room.run_words(&words)
}

fn matrix(room: &Room, flags: &str) -> Vec<Vec<f64>> {
    let told = run(room, &format!("{flags} --json")).exits(0).json();
    assert_eq!(told[0]["features"], serde_json::json!(["i", "love", "my", "dog", "cat"]));
    let rows = told[0]["rows"].as_array().unwrap().iter();
    rows.map(|row| row["values"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()).collect()
}

#[test]
fn tables_of_course_b() {
    let room = Room::empty();
    assert_eq!(matrix(&room, ""), [[1., 2., 1., 1., 0.], [1., 1., 1., 0., 1.]]);
    assert_eq!(matrix(&room, "--kind binary"), [[1., 1., 1., 1., 0.], [1., 1., 1., 0., 1.]]);
    let hot = matrix(&room, "--kind one-hot");
    assert_eq!(hot.len(), 9);
    assert_eq!((&hot[1], &hot[2], &hot[8]), (&vec![0., 1., 0., 0., 0.], &hot[1], &vec![0., 0., 0., 0., 1.]));
    // The course's table is ln N/df; its formula says ln N/(1 + df), and scikit-learn's form has a name too.
    let check = |flags: &str, expect: [[f64; 5]; 2]| {
        for (found, expect) in matrix(&room, flags).iter().flatten().zip(expect.iter().flatten()) {
            assert!((found - expect).abs() < 5e-4, "{flags}: {found} is not {expect}");
        }
    };
    check("--kind tfidf", [[0., 0., 0., 0.139, 0.], [0., 0., 0., 0., 0.173]]);
    let below = (2.0_f64 / 3.0).ln();
    check(
        "--kind tfidf --idf plus-one",
        [[below / 5., below * 2. / 5., below / 5., 0., 0.], [below / 4., below / 4., below / 4., 0., 0.]],
    );
    // sklearn.feature_extraction.text.TfidfVectorizer(token_pattern=r"\w+") of the same texts.
    check(
        "--kind tfidf --idf smoothed --term-frequency count --norm l2",
        [[0.3541, 0.7082, 0.3541, 0.4977, 0.], [0.4483, 0.4483, 0.4483, 0., 0.6301]],
    );
    run(&room, "--kind tfidf").exits(0).says(&[
        "i  love  my    dog    cat",
        "0.139",
        "0.173",
        "2 rows of 5 features",
    ]);
}

#[test]
fn files_are_written() {
    let room = Room::kitchen();
    room.run("features --data kitchen.csv --out f.csv --top 3").exits(0).says(&["48 rows of", "… and"]);
    let csv = String::from_utf8(room.read("f.csv")).unwrap();
    assert!(csv.starts_with("row,plum,and,number,0,leek") && csv.lines().count() == 49, "{csv}");
    let refused = room.run("features --data kitchen.csv --out f.csv").exits(2);
    assert!(refused.err.contains("f.csv exists already"), "{}", refused.err);
    let refused = room.run("features --data kitchen.csv --minimum-documents 99").exits(2);
    assert!(refused.err.contains("no feature is left of 48 texts"), "{}", refused.err);
}

#[test]
fn what_marks_a_label() {
    let room = Room::kitchen();
    let shown = room.run("features --data kitchen.csv --by-label --top 4").exits(0);
    let shown =
        shown.says(&["fruit        24 texts", "vegetable    24 texts", "most telling", "plum number"]);
    assert!(!shown.out.split("vegetable ").next().unwrap().contains("leek"), "{}", shown.out);
    let told = room.run("features --data kitchen.csv --by-label --ngrams 1 --json").exits(0).json();
    let first = &told[0]["labels"][1]["ngrams"][0];
    assert_eq!((first["ngram"].as_str(), first["elsewhere"].as_f64()), (Some("kale"), Some(0.0)));
    let told = room.run("features --data kitchen.csv --by-label --stop-words english --json").exits(0);
    assert!(told.out.contains("plum number") && !told.out.contains(" and"), "{}", told.out);
    let refused = room.run("features --data kitchen.csv --stemming klingon").exits(2);
    assert!(refused.err.contains("possible values: arabic, basque"), "{}", refused.err);
    let refused = room.run("features --data kitchen.csv --by-label --label nothing").exits(2);
    assert!(refused.err.contains("no column 'nothing'"), "{}", refused.err);
}

use super::room::Room;

/// The project's made vectors, and a list of some words with their groups.
fn made() -> Room {
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/vectors");
    let room = Room::empty();
    for name in ["words.txt", "words.tsv"] {
        room.file(name, &std::fs::read(fixtures.join(name)).unwrap());
    }
    room
}

#[test]
fn words_in_groups() {
    let room = made();
    let line = "map words.txt --words words.tsv --out map.svg --out map.png --out map.html";
    room.run(line).exits(0).says(&["50 words of words.txt", "first principal component, 31.5 %", "map.html"]);
    let svg = String::from_utf8(room.read("map.svg")).unwrap();
    for word in ["royalty", "animals", "queen", "madrid", "first principal component"] {
        assert!(svg.contains(word), "{word}");
    }
    assert!(room.read("map.png").starts_with(b"\x89PNG"));
    let page = String::from_utf8(room.read("map.html")).unwrap();
    assert!(page.contains(",\"princess\"]") && page.contains("\"royalty\",\"people\""));
    assert!(!page.contains("src=") && !page.contains("href="));
    let again = room.run("map words.txt --words words.tsv --out map.svg").exits(2);
    assert!(again.err.contains("map.svg exists already"), "{}", again.err);
    room.run("map words.txt --words words.tsv --out map.svg --overwrite").exits(0);
    assert_eq!(String::from_utf8(room.read("map.svg")).unwrap(), svg, "the same bytes again");
}

#[test]
fn groups_come_apart_and_the_seed_decides() {
    let room = made();
    let line = "map words.txt --words words.tsv --method tsne --perplexity 8 --json";
    let found = room.run(line).exits(0).json();
    assert_eq!(found, room.run(&format!("{line} --threads 1")).exits(0).json());
    assert_ne!(found[0]["points"], room.run(&format!("{line} --seed 1")).exits(0).json()[0]["points"]);
    let points = found[0]["points"].as_array().unwrap();
    let place = |point: &serde_json::Value| (point["x"].as_f64().unwrap(), point["y"].as_f64().unwrap());
    let fruit = points.iter().filter(|point| point["group"] == "fruit");
    for point in fruit {
        let (x, y) = place(point);
        let distance = |other: &&serde_json::Value| {
            let (right, up) = place(other);
            (x - right).hypot(y - up)
        };
        let others = points.iter().filter(|other| other["text"] != point["text"]);
        let nearest = others.min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap();
        assert_eq!(nearest["group"], "fruit", "{point}");
    }
}

#[test]
fn texts_by_label_and_words_of_a_model() {
    let room = Room::trained();
    let line = "map m --data kitchen.csv --rows 30 --out texts.html";
    room.run(line).exits(0).says(&["30 texts of kitchen.csv as m sees them"]);
    let page = String::from_utf8(room.read("texts.html")).unwrap();
    assert!(page.contains("\"fruit\",\"vegetable\"") && page.contains(" number "));
    let words = room.run("map m --top 20 --json").exits(0).json();
    assert_eq!(words[0]["points"].as_array().unwrap().len(), 20);
    room.run(
        "train --train kitchen.csv --out cnn --model cnn --set epochs=1 --set embedding=4 --set filters=3",
    )
    .exits(0);
    let cnn = room.run("map cnn --data kitchen.csv --json").exits(0).json();
    assert_eq!(cnn[0]["points"].as_array().unwrap().len(), 48);
    room.run("train --train kitchen.csv --out lin --model linear").exits(0);
    let linear = room.run("map lin --data kitchen.csv --out lin.png").exits(2);
    assert!(linear.err.contains("`linear` has no state"), "{}", linear.err);
}

#[test]
fn what_cannot_be_drawn() {
    let room = made();
    room.file("few.txt", b"king\nqueen\tr\ndragon\n");
    room.file("none.txt", b"dragon\n");
    room.file("empty.txt", b"\n");
    let before = room.names();
    let check = |flags: &str, words: &[&str]| {
        let outcome = room.run(&format!("map words.txt {flags}")).exits(2);
        let last = outcome.err.lines().last().unwrap();
        assert!(last.starts_with("error: "), "{}", outcome.err);
        for word in words {
            assert!(outcome.err.contains(word), "{word:?} is missing in {}", outcome.err);
        }
        assert_eq!(room.names(), before);
    };
    let few = "perplexity = 30 needs more than 31 points, and there are 20: choose at most 7";
    check("--top 20 --method tsne --out a.png", &[few]);
    check("--perplexity 5 --out a.png", &["--perplexity belongs to --method tsne"]);
    check("--method tsne --perplexity 0.5 --out a.png", &["perplexity = 0.5: give a number from 1 on"]);
    check(
        "--words few.txt --out a.png",
        &["1 of the words are not in words.txt: dragon", "2 points make no map"],
    );
    check("--words none.txt --out a.png", &["there is nothing to draw"]);
    check("--words empty.txt --out a.png", &["0 points make no map"]);
    check("--words nowhere.txt --out a.png", &["nowhere.txt", "--words needs a text file"]);
    check("--out a.gif", &["a.gif: the name of a map ends in .svg, .png or .html"]);
    check("--out words.txt.png/a.png", &["there is no folder"]);
    check("--data words.tsv --out a.png", &["words.txt is no model folder"]);
}

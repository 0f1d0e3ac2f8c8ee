//! Every lesson, run: its figures are the courses', and `docs/tour.md` shows what it writes.
//!
//! `UPDATE_EXPECT=1 cargo test --release --workspace --test lessons` writes the page's blocks anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use assort_tour::Result;

/// Takes up each example as a module, and lists their lessons by name, in the order of the page.
macro_rules! lessons {
    ($($name:ident $path:literal)*) => {
        $(#[allow(dead_code)] #[path = $path] mod $name;)*
        const LESSONS: &[(&str, fn(&mut dyn Write) -> Result)] = &[$((stringify!($name), $name::lesson)),*];
    };
}

lessons! {
    tensors "../examples/tensors.rs"
    shapes "../examples/shapes.rs"
    strides "../examples/strides.rs"
    broadcasting "../examples/broadcasting.rs"
    pitfalls "../examples/pitfalls.rs"
    matrix_product "../examples/matrix_product.rs"
    autodiff "../examples/autodiff.rs"
    detach "../examples/detach.rs"
    polynomial "../examples/polynomial.rs"
    regression "../examples/regression.rs"
    losses "../examples/losses.rs"
    modules "../examples/modules.rs"
    modes "../examples/modes.rs"
    batch_norm "../examples/batch_norm.rs"
    convolution "../examples/convolution.rs"
    vocabulary "../examples/vocabulary.rs"
    data_loader "../examples/data_loader.rs"
    masked_mean "../examples/masked_mean.rs"
    tf_idf "../examples/tf_idf.rs"
    word_order "../examples/word_order.rs"
    recurrent_shapes "../examples/recurrent_shapes.rs"
    analogy "../examples/analogy.rs"
    contextual "../examples/contextual.rs"
    language_model "../examples/language_model.rs"
    fill_mask "../examples/fill_mask.rs"
}

fn run(name: &str) -> String {
    let (_, lesson) = LESSONS.iter().find(|(known, _)| *known == name).unwrap();
    let mut out = Vec::new();
    lesson(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Numbers after `≈` differ from machine to machine.
fn lasting(text: &str) -> String {
    text.lines().map(|line| line.split('≈').next().unwrap().trim_end().to_owned() + "\n").collect()
}

/// The page in parts: words, and the block after each lesson's command.
fn block<'p>(page: &'p str, name: &str) -> (&'p str, &'p str, &'p str) {
    let command = format!("cargo run --release --example {name}\n```\n\n```text\n");
    let start = page.find(&command).unwrap_or_else(|| panic!("docs/tour.md lacks {command}")) + command.len();
    let end = start + page[start..].find("```").unwrap();
    (&page[..start], &page[start..end], &page[end..])
}

#[test]
fn the_page_shows_what_the_lessons_write() {
    let path = root().join("docs/tour.md");
    let mut page = fs::read_to_string(&path).unwrap();
    let is_updating = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut last = 0;
    for (name, _) in LESSONS {
        let found = run(name);
        let (before, shown, after) = block(&page, name);
        assert!(before.len() > last, "the page has {name} before the lesson that comes first");
        last = before.len();
        if is_updating {
            page = format!("{before}{found}{after}");
        } else {
            assert_eq!(lasting(shown), lasting(&found), "docs/tour.md differs from the lesson {name}");
        }
    }
    if is_updating {
        fs::write(&path, page).unwrap();
    }
}

#[test]
fn the_loss_surface_is_drawn_as_shown() {
    let path = root().join("docs/loss-surface.svg");
    let drawn = polynomial::picture().unwrap().svg().unwrap() + "\n";
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &drawn).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap() == drawn,
        "docs/loss-surface.svg is not what the lesson draws"
    );
}

#[test]
fn every_example_is_a_lesson_of_the_page() {
    let files = fs::read_dir(root().join("crates/tour/examples")).unwrap();
    let mut names: Vec<String> =
        files.map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned()).collect();
    names.sort();
    let mut lessons: Vec<&str> = LESSONS.iter().map(|(name, _)| *name).collect();
    lessons.sort_unstable();
    assert_eq!(names, lessons);
}

#[track_caller]
fn check(lesson: &str, figures: &[&str]) {
    let found = run(lesson);
    for figure in figures {
        assert!(found.contains(figure), "{figure:?} is missing in\n{found}");
    }
}

#[test]
fn figures_of_the_courses() {
    check(
        "autodiff",
        &["[0.6667, 0.6667, 0.6667]", "c  [5, 7]   the sum of both", "b  [0, 7]", "cleared    [0, 0, 0]"],
    );
    check("tensors", &["x + y    [5, 7, 9]", "x - y    [-3, -3, -3]", "x * y    [4, 10, 18]"]);
    check("tensors", &["y / x    [4, 2.5, 2]", "largest of rows [3, 6], at [2, 2]"]);
    check("shapes", &["[5, 6, 7] split into parts of 2: [2, 6, 7] [2, 6, 7] [1, 6, 7]"]);
    check("pitfalls", &["largest score at [0, 1], largest share at [0, 1]", "has the dimensions 0 to 1"]);
    check("polynomial", &["gives [2, 2, 5], with the loss 1.6667", " 200  0.5000  1.0000  0.1667"]);
    let losses = "11.2489 4.6657 1.9987 0.9182 0.4805 0.3031 0.2313 0.2021 0.1903 0.1855 0.1835 0.1827";
    check("regression", &losses.split(' ').collect::<Vec<_>>());
    check("regression", &["10.0255  0.4065", "1.3668  0.4805"]);
    check("matrix_product", &["the same to a ten-thousandth: true"]);
    check(
        "tf_idf",
        &["1.000  2.000  1.000  1.000  0.000", "0.139", "0.173", "-0.081 -0.162 -0.081", "1.405"],
    );
    check("word_order", &["mean of words", "last state"]);
    check(
        "analogy",
        &["king - man [2.1, 0.9, 2.5], + woman [4.1, 1.9, 7.6]", "king - man + woman    queen 0.9"],
    );
    check("recurrent_shapes", &["(B, T, V)  [1, 4, 20000]", "(B, H)     [1, 768]"]);
    check("contextual", &["cosine 1.0000"]);
    check("language_model", &["44    44   row row row your boat gently down the stream."]);
    check("fill_mask", &["filled with  \"meat\"", "place 1, the animal"]);
    check("convolution", &["features [2, 9], logits [2, 2]"]);
}

#[test]
fn counts_are_equal_where_states_differ() {
    let found = run("word_order");
    let of = |what: &str| -> Vec<String> {
        found.lines().filter(|l| l.contains(what)).map(|l| l.split(what).nth(1).unwrap().to_owned()).collect()
    };
    let (means, states) = (of("mean of words"), of("last state"));
    assert!(means.len() == 2 && means[0] == means[1], "{found}");
    assert!(states.len() == 2 && states[0] != states[1], "{found}");
}

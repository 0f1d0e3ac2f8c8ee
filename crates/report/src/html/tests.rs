use assort_datasets::Role;
use assort_metrics::FigureSet;
use assort_metrics::figures::{ACCURACY, LOSS};

use crate::sample::Sample;
use crate::{html, markdown, pictures};

/// The first fault in the nesting of the page's tags, if there is one.
fn unbalanced(page: &str) -> Option<String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = page.strip_prefix("<!DOCTYPE html>").unwrap_or(page);
    while let Some(start) = rest.find('<') {
        if rest[..start].contains('>') {
            return Some(format!("a bare > before {:?}", &rest[start..rest.len().min(start + 60)]));
        }
        // Quotes hide whatever is in them.
        let mut is_quoted = false;
        let end = rest[start..].find(|letter| {
            is_quoted ^= letter == '"';
            letter == '>' && !is_quoted
        });
        let Some(end) = end else { return Some("a tag that does not end".into()) };
        let tag = &rest[start + 1..start + end];
        rest = &rest[start + end + 1..];
        let name = tag.split([' ', '\n', '/']).find(|part| !part.is_empty()).unwrap_or_default();
        if tag.starts_with('/') {
            match open.pop() {
                Some(last) if last == name => {}
                last => return Some(format!("</{name}> closes {last:?}")),
            }
        } else if name == "style" {
            rest = rest.split_once("</style>").map_or("", |(_, after)| after);
        } else if !tag.ends_with('/') && !["meta", "wbr", "input"].contains(&name) {
            open.push(name);
        }
    }
    (!open.is_empty()).then(|| format!("left open: {open:?}"))
}

/// The page, after all that must hold for every page.
fn page(sample: &Sample) -> String {
    let page = html::page(&sample.report()).unwrap();
    assert_eq!(unbalanced(&page), None);
    assert!(!page.contains("NaN") && !page.contains(">inf") && !page.contains("None"));
    assert!(!page.contains("<script") && !page.contains("src=") && !page.contains("<link"));
    assert_eq!(page.matches("http").count(), page.matches("xmlns=\"http://www.w3.org/2000/svg\"").count());
    for id in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert_eq!(page.matches(&format!(" id=\"{id}\"")).count(), 1, "#{id}");
    }
    page
}

fn check(sample: &Sample, expect: &[&str]) {
    let page = page(sample).replace("<wbr>", "");
    for words in expect {
        assert!(page.contains(words), "no {words:?} in {page}");
    }
}

#[test]
fn the_checker_finds_what_is_wrong() {
    for good in ["<p>a</p>", "<meta charset=\"utf-8\"><p title=\">\">a<b/></p>", "<style>a > b</style>", ""] {
        assert_eq!(unbalanced(good), None, "{good}");
    }
    for bad in ["<p>", "</p>", "<p><b></p></b>", "<p", "a > b<p></p>", "<p title=\"></p>"] {
        assert!(unbalanced(bad).is_some(), "{bad}");
    }
}

#[test]
fn a_run_of_three_labels() {
    let sample = Sample::new(&["happiness", "neutral", "worry"], 3346, 12);
    check(
        &sample,
        &[
            "<h1><bdi>tweets</bdi></h1>",
            "Right on 60.9 % of 3,347 test rows (95 % interval: 59.2 to 62.5 %); always answering “worry”, \
             the most frequent label, would be right on 40.9 %.",
            "<dt>Parameters</dt><dd>10,444,291</dd><dd class=\"note\">all trained</dd>",
            "even guessing: 1.099",
            "<dd>55,767</dd><dd class=\"note\">rows/s, tokenizing included</dd>",
            "best: epoch 4",
            "cut off from the training file",
            "<code>learning_rate</code></th><td><code>0.0001</code></td><td>--set</td>",
            "<code>vocabulary_size</code></th><td><code>none</code></td><td>default</td>",
            "assort predict tweets --text &quot;…&quot;",
            "said <b class=\"predicted\">neutral</b> with 99.9 %",
            "413 MiB",
        ],
    );
    assert!(!page(&sample).contains("class=\"caution\""));
}

#[test]
fn labels_of_all_numbers() {
    for count in [1, 2, 13, 77, 130] {
        let sample = Sample::labels(count);
        let page = page(&sample).replace("<wbr>", "");
        for (label, _) in &sample.label_rows {
            let cell = format!("<th scope=\"row\"><bdi>{label}</bdi></th>");
            assert!(page.matches(&cell).count() >= 2, "{count} labels: no {label}");
        }
        assert_eq!(page.contains("The labels with the lowest F1"), count > 8);
        assert_eq!(page.contains("the 120 most frequent of 130 labels"), count > 120);
    }
}

#[test]
fn figures_that_are_not_there() {
    check(
        &Sample::nothing(),
        &[
            "The model was judged on 0 test rows: its accuracy is not defined.",
            "There were no rows to judge by.",
            "No epoch was finished",
            "<dt>Accuracy</dt><dd>–</dd>",
            "<dt>Predicting</dt><dd>–</dd>",
            "aria-label=\"not defined, see the note\"",
        ],
    );
    let mut sample = Sample::labels(3);
    sample.evaluation.per_label[1].precision = None;
    check(
        &sample,
        &[
            "Not defined: precision where no row was predicted",
            "An undefined value counts as 0 in an average.",
        ],
    );
    assert!(!page(&Sample::labels(3)).contains("Not defined"));
}

#[test]
fn odd_figures() {
    let mut sample = Sample::labels(3);
    for record in &mut sample.metrics.history {
        (record.train_loss, record.validation) = (f64::NAN, FigureSet::default());
        record.learning_rate = f64::INFINITY;
    }
    sample.set(&ACCURACY, Some(f64::NAN));
    sample.set(&LOSS, Some(f64::INFINITY));
    sample.mistakes[0].probability = f64::NAN;
    check(&sample, &["There were no validation figures.", "with –."]);
    let mut sample = Sample::labels(2);
    sample.mistakes.clear();
    check(&sample, &["The model made no mistake on these rows."]);
}

#[test]
fn a_single_epoch() {
    check(
        &Sample::new(&["a", "b"], 20, 1),
        &["1 epoch and 2 steps; the weights of epoch 1 were kept", "best: epoch 1"],
    );
}

#[test]
fn judged_by_what_chose_the_epoch() {
    let mut sample = Sample::labels(3);
    sample.role = Role::Validation;
    check(
        &sample,
        &[
            "validation rows (95 % interval",
            "The epoch was chosen on these validation rows",
            "Validation rows that",
        ],
    );
}

#[test]
fn a_model_that_is_no_better_than_guessing() {
    let mut sample = Sample::new(&["a", "b"], 100, 2);
    let set = |sample: &mut Sample, low: f64, high: f64| {
        let interval = sample.evaluation.accuracy_interval.as_mut().unwrap();
        (interval.low, interval.high) = (low, high);
    };
    set(&mut sample, 0.4, 0.7);
    check(&sample, &["these rows do not show that the model is better"]);
    set(&mut sample, 0.1, 0.2);
    check(&sample, &["The model is worse than always answering “"]);
}

#[test]
fn hostile_names_and_texts() {
    let script = "<script>alert(\"1\")</script>";
    let mut sample = Sample::new(&[script, "a'b\"c\n\0</td>", "&amp; ü|*_`[x](y)`"], 300, 3);
    sample.title = format!("it's {script}");
    sample.mistakes[0].text = format!("</p>\u{202e}{script}\n\t&lt;");
    sample.files.insert("test".into(), script.into());
    sample.settings[0].value = serde_json::json!(script);
    sample.metrics.model = script.into();
    check(
        &sample,
        &[
            "&lt;/p&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp;lt;",
            "<bdi>a'b&quot;c \u{fffd}&lt;/td&gt;</bdi>",
            "<bdi>&amp;amp; ü|*_`[x](y)`</bdi>",
        ],
    );
    for picture in pictures(&sample.report()).unwrap() {
        assert_eq!(unbalanced(&picture.svg), None, "{}", picture.name);
    }
    // In a fenced block all is literal.
    let card = markdown::card(&sample.report());
    let card = card.split("```").step_by(2).collect::<String>();
    assert!(!card.contains("<script") && !card.contains("[x](y)"), "{card}");
}

#[test]
fn same_input_same_bytes() {
    let (one, other) = (Sample::labels(13), Sample::labels(13));
    assert_eq!(html::page(&one.report()).unwrap(), html::page(&other.report()).unwrap());
    assert_eq!(pictures(&one.report()).unwrap(), pictures(&other.report()).unwrap());
    assert_eq!(markdown::card(&one.report()), markdown::card(&other.report()));
}

#[test]
fn pictures_are_files() {
    for sample in [Sample::labels(2), Sample::labels(77), Sample::nothing()] {
        let pictures = pictures(&sample.report()).unwrap();
        let names = ["loss", "accuracy", "confusion", "labels"];
        let expect = if sample.metrics.history.is_empty() { &names[2..] } else { &names[..] };
        assert_eq!(pictures.iter().map(|picture| picture.name).collect::<Vec<_>>(), expect);
        for picture in pictures {
            assert!(
                picture.svg.starts_with("<svg") && picture.png.starts_with(b"\x89PNG"),
                "{}",
                picture.name
            );
        }
    }
}

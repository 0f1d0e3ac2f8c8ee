use super::*;
use assort_classifier::{Explainable, Inputs, Parts, Predictor, Task, probabilities};
use std::path::Path;

fn names() -> Vec<String> {
    ["calm", "glad", "worry"].map(String::from).to_vec()
}

const HEAD: &str = "default = 'calm'\n";

/// Two labels, the later of the alphabet first.
const BODY: &str = "[labels.worry]\npatterns = ['\\bsick\\b', { pattern = 'miss (you|him)', weight = 0.3 }]\n\
                    [labels.glad]\npatterns = ['happy', { pattern = 'yay+', weight = 0.1 }, \
                    { pattern = 'fun', weight = 0.2 }]\n";

fn rules(head: &str) -> Rules {
    Rules::parse(&format!("{HEAD}{head}{BODY}"), Path::new("r.toml"), &names(), Task::OneOf).unwrap()
}

/// The label of a text, and the logits.
#[track_caller]
fn check(head: &str, text: &str, label: &str, logits: [f64; 3]) {
    let rules = rules(head);
    let found = probabilities(&rules, &Inputs::Texts(vec![text.into()]), Task::OneOf).unwrap();
    let row: Vec<f64> = found.row(0).to_vec();
    let best = (0..3).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
    assert_eq!(names()[best], label, "{text}: {row:?}");
    let answer = rules.answer(text);
    assert_eq!(best as u32, answer.label, "{text}");
    let close = |found: &[f64]| found.iter().zip(logits).all(|(found, logit)| (found - logit).abs() < 1e-9);
    assert!(close(&answer.clone().logits()), "{text}: {answer:?}, expected {logits:?}");
    let explained = rules.contributions(&Inputs::Texts(vec![text.into()])).unwrap();
    assert!(close(&explained[0].logits()), "{text}: {explained:?}");
}

#[test]
fn scores_decide() {
    check("", "", "calm", [0.5, 0.0, 0.0]);
    check("", "nothing of it", "calm", [0.5, 0.0, 0.0]);
    check("", "I am sick", "worry", [0.0, 0.0, 1.0]);
    check("", "seasickness", "calm", [0.5, 0.0, 0.0]);
    check("", "happy, happy, happy", "glad", [0.0, 1.0, 0.0]);
    check("", "sick but happy, yayyy", "glad", [0.0, 1.1, 1.0]);
    check("", "sick and happy, and I miss you", "worry", [0.0, 1.0, 1.3]);
}

#[test]
fn case() {
    check("", "SICK", "worry", [0.0, 0.0, 1.0]);
    check("case = 'insensitive'\n", "Sick", "worry", [0.0, 0.0, 1.0]);
    check("case = 'sensitive'\n", "Sick", "calm", [0.5, 0.0, 0.0]);
    check("case = 'sensitive'\n", "sick", "worry", [0.0, 0.0, 1.0]);
}

#[test]
fn ties() {
    check("", "sick and happy", "worry", [0.0, 1.0, 1.5]);
    check("ties = 'first'\n", "happy and sick", "worry", [0.0, 1.0, 1.5]);
    check("ties = 'default'\n", "sick and happy", "calm", [1.5, 1.0, 1.0]);
    check("ties = 'default'\n", "sick", "worry", [0.0, 0.0, 1.0]);
    // 0.1 + 0.2 is not 0.3 in floating point.
    check("", "miss him, yay, fun", "worry", [0.0, 0.3, 0.8]);
    check("ties = 'default'\n", "miss him, yay, fun", "calm", [0.8, 0.3, 0.3]);
}

#[test]
fn matches_explain_the_scores() {
    let rules = rules("");
    let text = "Happy, happy: é miss him, sick";
    let found = rules.matches(text);
    let line = |found: &Match| {
        let words: Vec<&str> = found.ranges.iter().map(|range| &text[range.clone()]).collect();
        format!("{} {} {} {}", found.name, found.pattern, found.weight, words.join("+"))
    };
    assert_eq!(
        found.iter().map(line).collect::<Vec<_>>(),
        ["worry \\bsick\\b 1 sick", "worry miss (you|him) 0.3 miss him", "glad happy 1 Happy+happy"]
    );
    let answer = rules.answer(text);
    for label in 0..3 {
        let sum: f64 = found.iter().filter(|found| found.label == label).map(|found| found.weight).sum();
        assert_eq!(sum, answer.scores[label as usize]);
    }
    assert!(rules.matches("").is_empty());
    let explained = rules.contributions(&Inputs::Texts(vec![text.into()])).unwrap().remove(0);
    let Parts::Matches(places) = explained.parts() else { panic!("{explained:?}") };
    let parts = places
        .iter()
        .zip(explained.iter())
        .map(|(place, values)| format!("{} {values:?}", &text[place.start..place.end]));
    let expect = [
        "sick [0.0, 0.0, 1.0]",
        "miss him [0.0, 0.0, 0.3]",
        "Happy [0.0, 0.5, 0.0]",
        "happy [0.0, 0.5, 0.0]",
    ];
    assert_eq!(parts.collect::<Vec<_>>(), expect);
}

#[test]
fn rows_keep_their_places() {
    let rules = rules("");
    let texts: Vec<String> = (0..500).map(|row| ["sick", "happy", ""][row % 3].repeat(row % 2)).collect();
    let found = probabilities(&rules, &Inputs::Texts(texts.clone()), Task::OneOf).unwrap();
    for (row, text) in texts.iter().enumerate() {
        let alone = probabilities(&rules, &Inputs::Texts(vec![text.clone()]), Task::OneOf).unwrap();
        assert_eq!(found.row(row), alone.row(0));
    }
    assert_eq!(probabilities(&rules, &Inputs::Texts(Vec::new()), Task::OneOf).unwrap().dim(), (0, 3));
    let refused = rules.predict(&Inputs::Ragged(Default::default())).unwrap_err().to_string();
    assert_eq!(refused, "the model reads texts, but was given token ids");
}

/// A file that is refused, with the whole message.
#[track_caller]
fn refused(text: &str, expect: &str) {
    let found = Rules::parse(text, Path::new("r.toml"), &names(), Task::OneOf).unwrap_err().to_string();
    assert_eq!(found, expect);
}

#[test]
fn broken_expressions_have_line_and_column() {
    let broken = |line: &str| format!("default = 'calm'\n[labels.glad]\npatterns = [{line}]\n");
    refused(
        &broken("'happy', 'fun(ny'"),
        "r.toml, line 3, column 26: the expression fun(ny is broken here: unclosed group",
    );
    refused(
        &broken("\n  'é[a-'"),
        "r.toml, line 4, column 5: the expression é[a- is broken here: unclosed character class",
    );
    refused(
        &broken(r#""\\bsick\u00e9\\b*+)""#),
        "r.toml, line 3, column 32: the expression \\bsické\\b*+) is broken here: unopened group",
    );
    refused(
        &broken("{ pattern = 'a{2,1}', weight = 2 }"),
        "r.toml, line 3, column 27: the expression a{2,1} is broken here: invalid repetition count range, \
         the start must be <= the end",
    );
    refused(
        &broken("\'\'\'a\nb(\'\'\'"),
        "r.toml, line 3, column 13: the expression a b( is broken here: unclosed group",
    );
    refused(
        &broken(r"'(?=sick)'"),
        "r.toml, line 3, column 14: the expression (?=sick) is broken here: look-around, including \
         look-ahead \
         and look-behind, is not supported",
    );
    refused(
        &broken(r"'a{1000}{1000}{1000}'"),
        "r.toml, line 3, column 13: a{1000}{1000}{1000} takes too much memory: shorten counted \
         repetitions such as \
         {1,1000}",
    );
    refused(
        &broken("''"),
        "r.toml, line 3, column 13: this expression is empty and would match every text: write one, or \
         remove it",
    );
}

#[test]
fn labels() {
    refused(
        "default = 'clam'\n[labels.glad]\npatterns = ['a']\n",
        "r.toml, line 1, column 11: the label 'clam' is not among the labels of the training rows: calm, \
         glad, worry",
    );
    refused(
        "default = 'calm'\n[labels.sad]\npatterns = ['a']\n",
        "r.toml, line 2, column 9: the label 'sad' is not among the labels of the training rows: calm, \
         glad, worry",
    );
    refused(
        "default = 'calm'\n[labels.glad]\npatterns = []\n",
        "r.toml, line 2, column 9: the label 'glad' has no patterns: give some, or remove it",
    );
    refused(
        "default = 'calm'\n[labels.\"\"]\npatterns = ['a']\n",
        "r.toml, line 2, column 9: the label '' is not among the labels of the training rows: calm, glad, \
         worry",
    );
    refused(
        "default = 'calm'\n[labels.glad]\npatterns = ['a']\n[labels.glad]\npatterns = ['b']\n",
        "r.toml, line 4, column 9: duplicate key",
    );
    refused("default = 'calm'\n", "r.toml: there are no rules: write [labels.NAME] with patterns = ['…']");
}

#[test]
fn files() {
    let check = |text: &str, expect: &str| {
        let found = Rules::parse(text, Path::new("r.toml"), &names(), Task::OneOf).unwrap_err().to_string();
        assert!(found.contains(expect) && !found.contains('\n'), "{found}");
    };
    check("", "missing field `default`");
    check("default = \n", "r.toml, line 1, column ");
    check(&format!("{HEAD}tie = 'first'\n"), "line 2, column 1: unknown field `tie`");
    check(&format!("{HEAD}ties = 'last'\n"), "line 2, column 8: unknown variant `last`");
    check(&format!("{HEAD}[labels.glad]\npattern = ['a']\n"), "line 3, column 1: unknown field `pattern`");
    check(&format!("{HEAD}[labels.glad]\npatterns = [3]\n"), "expected an expression in quotes");
    check(&format!("{HEAD}[labels.glad]\npatterns = [{{ weight = 3 }}]\n"), "missing field `pattern`");
    check(
        &format!("{HEAD}[labels.glad]\npatterns = [{{ pattern = 'a', wait = 3 }}]\n"),
        "unknown field `wait`",
    );
    for weight in ["0.0", "-1", "nan", "inf", "1e7"] {
        let text = format!("{HEAD}[labels.glad]\npatterns = [{{ pattern = 'a', weight = {weight} }}]\n");
        check(&text, "line 3, column 39: the weight is ");
    }
}

#[test]
fn the_example_answers() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/rules/tweets.toml"));
    let labels = ["happiness", "neutral", "worry"].map(String::from);
    let rules = Rules::parse(&std::fs::read_to_string(path).unwrap(), path, &labels, Task::OneOf).unwrap();
    let check = |text: &str, expect: &str| {
        assert_eq!(labels[rules.answer(text).label as usize], expect, "{text}: {:?}", rules.matches(text));
    };
    check("I feel so sick, headache again", "worry");
    check("Happy mothers day to everyone!!", "happiness");
    check("check out http://example.com", "neutral");
    check("nothing to say", "neutral");
}

#[test]
fn any_number_of_labels() {
    let parse = |head: &str| {
        Rules::parse(&format!("{head}{BODY}"), Path::new("r.toml"), &names(), Task::AnyOf).unwrap()
    };
    let check = |head: &str, text: &str, expect: &[&str]| {
        let rules = parse(head);
        let inputs = Inputs::Texts(vec![text.into()]);
        let found = probabilities(&rules, &inputs, Task::AnyOf).unwrap();
        let names = names();
        let holds: Vec<&str> =
            (0..3).filter(|label| found[(0, *label)] >= 0.5).map(|label| names[label].as_str()).collect();
        assert_eq!(holds, expect, "{text}: {found}");
        let explained = rules.contributions(&inputs).unwrap();
        let logits: Vec<f64> = found.iter().map(|p| (p / (1.0 - p)).ln()).collect();
        assert!(explained[0].logits().iter().zip(&logits).all(|(sum, logit)| (sum - logit).abs() < 1e-9));
    };
    check("", "happy and sick", &["glad", "worry"]);
    check("", "fun", &[]);
    check("", "fun and happy", &["glad"]);
    check(HEAD, "fun", &["calm"]);
    check(HEAD, "", &["calm"]);
    check("", "", &[]);
    let missing = Rules::parse(BODY, Path::new("r.toml"), &names(), Task::OneOf).unwrap_err().to_string();
    assert!(missing.contains("missing field `default`"), "{missing}");
}

//! Audits.

use assort_datasets::{Audit, AuditOptions, Conflict, Dataset, Duplicate, Shared, leaks};

#[test]
fn duplicates_and_conflicts() {
    let rows =
        [("x", "a"), ("y", "a"), (" x\n", "b"), ("x", "a"), ("z", "b"), ("z", "b"), (" ", "a"), ("", "b")];
    let audit = Audit::of(&Dataset::from_pairs(rows, "made"), &AuditOptions::default());
    assert_eq!((audit.rows, audit.empty), (8, 2));
    assert_eq!((audit.duplicates.texts, audit.duplicates.rows), (2, 3));
    let expected =
        [("x", vec![1, 3, 4]), ("z", vec![5, 6])].map(|(text, rows)| Duplicate { text: text.into(), rows });
    assert_eq!(audit.duplicates.examples, expected);
    let labelled = [(1, "a"), (3, "b"), (4, "a")].map(|(row, label)| (row, label.to_owned())).to_vec();
    assert_eq!((audit.conflicts.texts, audit.conflicts.rows), (1, 3));
    assert_eq!(audit.conflicts.examples, [Conflict { text: "x".into(), rows: labelled }]);
    let labels: Vec<_> =
        audit.labels.iter().map(|label| (label.label.as_str(), label.rows, label.share)).collect();
    assert_eq!(labels, [("a", 4, Some(0.5)), ("b", 4, Some(0.5))]);
}

#[test]
fn lengths() {
    let long = "näh ".repeat(20);
    let data = Dataset::from_pairs([("one two", "a"), (long.as_str(), "b")], "made");
    let audit = Audit::of(&data, &AuditOptions { whole: 0.5, examples: 0 });
    let (characters, tokens) = (audit.characters.unwrap(), audit.tokens.unwrap());
    assert_eq!((characters.shortest, characters.longest, characters.mean), (7, 80, 43.5));
    assert_eq!((tokens.p50, tokens.p90, tokens.longest), (2, 20, 20));
    let longest = audit.longest.unwrap();
    assert_eq!((longest.tokens, longest.cut), (8, 0.5));
    let empty = Audit::of(&data.select(&[]).unwrap(), &AuditOptions::default());
    assert_eq!((empty.rows, empty.tokens, empty.longest, empty.labels[0].share), (0, None, None, None));
}

#[test]
fn leaks_between_splits() {
    let set = |texts: &[&str]| Dataset::from_pairs(texts.iter().map(|text| (*text, "a")), "made");
    let (train, validation, test) =
        (set(&["a", "b", "c", "b"]), set(&["d", "e", " "]), set(&["b", "x", "b ", "e", "a"]));
    let found = leaks(
        &[("train", &train), ("validation", &validation), ("test", &test)],
        &AuditOptions { examples: 1, ..Default::default() },
    );
    assert_eq!(found.len(), 2);
    assert_eq!(
        (found[0].first.as_str(), found[0].second.as_str(), found[0].texts, found[0].rows),
        ("train", "test", 2, 3)
    );
    assert_eq!(found[0].examples, [Shared { text: "b".into(), first_row: 2, second_row: 1 }]);
    assert_eq!((found[1].first.as_str(), found[1].texts, found[1].rows), ("validation", 1, 1));
    assert_eq!(leaks(&[("train", &train)], &AuditOptions::default()), []);
}

/// The same figures by a plain loop.
#[test]
fn agrees_with_a_plain_loop() {
    let mut generator = assort_random::Seed::new(5).generator();
    let made = |generator: &mut assort_random::Generator| {
        let rows: Vec<(String, &str)> = (0..500)
            .map(|_| (format!("t{}", generator.below(300)), if generator.below(4) == 0 { "a" } else { "b" }))
            .collect();
        Dataset::from_pairs(rows.iter().map(|(text, label)| (text.as_str(), *label)), "made")
    };
    let (one, two) = (made(&mut generator), made(&mut generator));
    let mut seen = std::collections::BTreeMap::<&str, Vec<&str>>::new();
    for row in 0..one.len() {
        seen.entry(one.text(row).unwrap()).or_default().push(one.label_name(row).unwrap());
    }
    let audit = Audit::of(&one, &AuditOptions::default());
    let several = |labels: &&Vec<&str>| labels.iter().any(|label| *label != labels[0]);
    assert_eq!(audit.duplicates.rows as usize, one.len() - seen.len());
    assert_eq!(audit.conflicts.texts as usize, seen.values().filter(several).count());
    let leaked = two.texts().iter().filter(|text| seen.contains_key(text)).count();
    let found = leaks(&[("train", &one), ("test", &two)], &AuditOptions::default());
    assert_eq!(found[0].rows as usize, leaked);
}

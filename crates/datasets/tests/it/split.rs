//! Splits, folds and resampled rows.

use std::collections::HashSet;

use assort_datasets::{Dataset, Error, Ratios, Resampling};
use assort_random::Seed;

/// A data set with so many rows of each label, mixed.
fn data(counts: &[usize]) -> Dataset {
    let names = ["a", "b", "c", "d"];
    let rounds = counts.iter().copied().max().unwrap_or_default();
    let rows = (0..rounds).flat_map(|round| {
        counts.iter().zip(names).filter(move |(count, _)| round < **count).map(|(_, name)| ("text", name))
    });
    Dataset::from_pairs(rows, "made")
}

fn check_parts(data: &Dataset, parts: &[&[u32]]) {
    let all: HashSet<u32> = parts.iter().flat_map(|part| part.iter().copied()).collect();
    let total: usize = parts.iter().map(|part| part.len()).sum();
    assert_eq!((all.len(), total), (data.len(), data.len()));
}

#[test]
fn repeats_of_rare_labels_are_altered() {
    let pairs = [("sweet ripe plum from the old tree", "fruit"), ("raw leek", "root"), ("kale", "root")];
    let many = (0..30).map(|_| ("boiled beet with salt and some dill", "root"));
    let data = Dataset::from_pairs(pairs.into_iter().chain(many), "made");
    let synonym = |word: &str| (word == "ripe").then(|| "mature".to_owned());
    let more = data.synthesize(Seed::new(3), &synonym).unwrap();
    assert_eq!(more.counts(), [32, 32]);
    assert_eq!(more, data.synthesize(Seed::new(3), &synonym).unwrap());
    let fruit: Vec<&str> = (0..more.len())
        .filter(|row| more.label_name(*row) == Some("fruit"))
        .filter_map(|row| more.texts().get(row))
        .collect();
    assert!(fruit.contains(&"sweet ripe plum from the old tree"), "the row itself stays");
    let different: HashSet<&&str> = fruit.iter().collect();
    assert!(different.len() > 20, "{different:?}");
    assert!(fruit.iter().any(|text| text.contains("mature")), "{fruit:?}");
    let root = (0..more.len()).filter(|row| more.label_name(*row) == Some("root"));
    let known: Vec<&str> = data.texts().iter().collect();
    assert!(
        root.filter_map(|row| more.texts().get(row)).all(|text| known.contains(&text)),
        "none is repeated"
    );
}

#[test]
fn course_a() {
    let data = data(&[5209, 8638, 8459]);
    let ratios = Ratios::parse("0.7,0.15,0.15").unwrap();
    let split = data.split(&ratios, Seed::new(1)).unwrap();
    let validation = split.validation.as_ref().unwrap();
    assert_eq!((split.train.len(), validation.len(), split.test.len()), (15_614, 3_346, 3_346));
    check_parts(&data, &[&split.train, validation, &split.test]);
    for (part, share) in [(&split.train, 0.7), (validation, 0.15), (&split.test, 0.15)] {
        for (count, rows) in data.select(part).unwrap().counts().into_iter().zip([5209.0, 8638.0, 8459.0]) {
            assert!((count as f64 - rows * share).abs() < 1.0, "{count} of {rows} by {share}");
        }
        assert!(!part.is_sorted());
    }
    assert_eq!(data.split(&ratios, Seed::new(1)).unwrap(), split);
    assert_ne!(data.split(&ratios, Seed::new(2)).unwrap(), split);
    let two = data.split(&Ratios::parse("0.8, 0.2").unwrap(), Seed::new(1)).unwrap();
    assert_eq!((two.train.len(), two.validation, two.test.len()), (17_845, None, 4_461));
}

#[test]
fn holdout() {
    let data = data(&[60, 40]);
    let (rest, held) = data.holdout(0.15, Seed::new(1)).unwrap();
    check_parts(&data, &[&rest, &held]);
    assert_eq!(data.select(&held).unwrap().counts(), [9, 6]);
    assert!(matches!(data.holdout(1.0, Seed::new(1)), Err(Error::Ratios { .. })));
}

#[test]
fn rare_labels() {
    let ratios = Ratios::parse("0.7,0.15,0.15").unwrap();
    let error = data(&[10, 1]).split(&ratios, Seed::new(1)).unwrap_err().to_string();
    assert!(error.starts_with("the label 'b' has 1 row, too few to be split into 3 parts"), "{error}");
    assert!(data(&[10, 2]).split(&ratios, Seed::new(1)).is_err());
    assert!(data(&[10, 3]).split(&ratios, Seed::new(1)).is_ok());
    assert!(data(&[10, 1]).holdout(0.2, Seed::new(1)).is_err());
    // A label without rows does not hinder.
    let selected = data(&[10, 1]).select(&[0, 2, 3, 4]).unwrap();
    assert_eq!(selected.counts(), [4, 0]);
    assert!(selected.split(&ratios, Seed::new(1)).is_ok());
}

#[test]
fn ratios() {
    let message = |given: &str| Ratios::parse(given).unwrap_err().to_string();
    assert_eq!(message("0.7,0.2,0.2"), "split 0.7,0.2,0.2: the shares add up to 1.1, they must add up to 1");
    assert_eq!(message("0.1,0.2"), "split 0.1,0.2: the shares add up to 0.3, they must add up to 1");
    assert_eq!(message("0.5,x"), "split 0.5,x: 'x' is not a number");
    assert!(message("1").contains("two or three shares, not 1"));
    assert!(message("0.4,0.3,0.2,0.1").contains("two or three shares, not 4"));
    assert!(message("1.2,-0.2").contains("1.2 is not"));
    assert!(message("NaN,0.5").contains("NaN is not"));
    assert!(Ratios::new(&[0.1 + 0.2, 0.7]).is_ok());
}

#[test]
fn resampling() {
    let data = data(&[10, 4, 7]);
    let counts =
        |resampling| data.select(&data.resample(resampling, Seed::new(3)).unwrap()).unwrap().counts();
    assert_eq!(counts(Resampling::Oversample), [10, 10, 10]);
    assert_eq!(counts(Resampling::Undersample), [4, 4, 4]);
    assert_eq!(data.resample(Resampling::None, Seed::new(3)).unwrap(), (0..21).collect::<Vec<_>>());
    let over = data.resample(Resampling::Oversample, Seed::new(3)).unwrap();
    // Every row stays, and rows of a label are repeated almost equally often.
    for row in 0..21 {
        let times = over.iter().filter(|&&drawn| drawn == row).count();
        let expected = match data.label_name(row as usize).unwrap() {
            "a" => 1..=1,
            "b" => 2..=3,
            _ => 1..=2,
        };
        assert!(expected.contains(&times), "row {row} {times} times");
    }
    let under = data.resample(Resampling::Undersample, Seed::new(3)).unwrap();
    assert_eq!(under.iter().collect::<HashSet<_>>().len(), 12);
    assert_ne!(over, data.resample(Resampling::Oversample, Seed::new(4)).unwrap());
}

#[test]
fn folds() {
    let data = data(&[10, 7, 5]);
    let folds = data.folds(5, Seed::new(1)).unwrap();
    let validated: Vec<&[u32]> = folds.iter().map(|fold| fold.validation.as_slice()).collect();
    check_parts(&data, &validated);
    for fold in &folds {
        check_parts(&data, &[&fold.train, &fold.validation]);
        let counts = data.select(&fold.validation).unwrap().counts();
        assert_eq!((counts[0], counts[2]), (2, 1));
        assert!((1..=2).contains(&counts[1]) && (4..=5).contains(&fold.validation.len()));
    }
    assert!(matches!(
        data.folds(6, Seed::new(1)),
        Err(Error::TooFewRows { labels, parts: 6 }) if labels == [("c".to_owned(), 5)]
    ));
    assert!(matches!(data.folds(1, Seed::new(1)), Err(Error::Ratios { .. })));
}

/// No group lies in two parts, and parts and labels have their shares as nearly as groups allow.
#[test]
fn groups_stay_whole() {
    let mut pairs = Vec::new();
    let mut groups = Vec::new();
    for group in 0..60_u32 {
        for row in 0..1 + group % 7 {
            pairs.push((format!("text {group} {row}"), if (group + row) % 3 == 0 { "a" } else { "b" }));
            groups.push(group);
        }
    }
    let data = Dataset::from_pairs(pairs.iter().map(|(text, label)| (text.as_str(), *label)), "made");
    let data = data.with_groups(groups.clone()).unwrap();
    let group_of = |row: &u32| groups[*row as usize];
    for seed in 0..5 {
        let split = data.split(&Ratios::parse("0.6,0.2,0.2").unwrap(), Seed::new(seed)).unwrap();
        let parts = [split.train, split.validation.unwrap(), split.test];
        let own = |part: &Vec<u32>| part.iter().map(group_of).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(parts.iter().map(|part| own(part).len()).sum::<usize>(), 60);
        assert_eq!(parts.iter().map(Vec::len).sum::<usize>(), data.len());
        for (part, share) in parts.iter().zip([0.6, 0.2, 0.2]) {
            let found = part.len() as f64 / data.len() as f64;
            assert!((found - share).abs() < 0.03, "{found} of {share}");
            let part = data.select(part).unwrap();
            assert!(part.groups().is_some_and(|groups| groups.len() == part.len()));
            let label = part.counts()[0] as f64 / part.len() as f64;
            let all = data.counts()[0] as f64 / data.len() as f64;
            assert!((label - all).abs() < 0.06, "{label} of {all}");
        }
    }
    let folds = data.folds(5, Seed::new(1)).unwrap();
    for fold in &folds {
        let held: std::collections::BTreeSet<u32> = fold.validation.iter().map(group_of).collect();
        assert!(fold.train.iter().all(|row| !held.contains(&group_of(row))));
    }
    let error = data.clone().with_groups(vec![0; data.len()]).unwrap().folds(2, Seed::new(1)).unwrap_err();
    assert!(error.to_string().contains("1 group cannot fill 2 parts"), "{error}");
    assert!(data.with_groups(vec![0]).is_err());
}

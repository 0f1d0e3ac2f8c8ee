//! The table of cases: what is measured, on which files, beside which peer.

/// The kind of a figure, which says how runs are taken together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Seconds or memory: less is better. Taken together as medians; compared as peer over ours.
    Cost {
        /// The ratio to reach.
        aim: f64,
    },
    /// Work of a second: more is better. Taken together as medians; compared as ours over the peer.
    Rate {
        /// The ratio to reach.
        aim: f64,
    },
    /// A share of right answers: more is better. Taken together as means over the runs; each of ours has
    /// another seed.
    Score,
}

/// One number that both sides tell.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// Its key in the JSON lines: the peer's own, so that both lines read side by side.
    pub key: &'static str,
    /// Where `metrics.json` has it (a JSON pointer, RFC 6901).
    pub ours: &'static str,
    /// The divisor of ours, also there.
    pub divisor: Option<&'static str>,
    /// How it is compared.
    pub kind: Kind,
}

/// The files of a case's task that `assort` reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Splits {
    /// All three; the rows of the test are judged.
    All,
    /// The training rows alone, for a rate of training: some of them validate.
    Training,
}

/// One thing to measure.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Its name on the command line.
    pub name: &'static str,
    /// The measure, in a line.
    pub measures: &'static str,
    /// The folder of its files within the data.
    pub task: &'static str,
    /// The settings, seen from the root of the repository.
    pub config: &'static str,
    /// Further arguments of `assort train`.
    pub arguments: &'static [&'static str],
    /// The peer's script; `None` where no peer has the like.
    pub script: Option<&'static str>,
    /// The script's arguments.
    pub script_arguments: &'static [&'static str],
    /// Which files ours reads.
    pub splits: Splits,
    /// The compared figures; the first is the one that the case is about.
    pub figures: &'static [Figure],
    /// How many pairs run where the command line does not say.
    pub pairs: u32,
}

const fn cost(key: &'static str, ours: &'static str, aim: f64) -> Figure {
    Figure { key, ours, divisor: None, kind: Kind::Cost { aim } }
}

const fn epoch(aim: f64) -> Figure {
    Figure { divisor: Some("/train/epochs"), ..cost("epoch_step_s", "/train/step_seconds", aim) }
}

const ACCURACY: Figure = Figure { key: "accuracy", ours: "/test/accuracy", divisor: None, kind: Kind::Score };

/// fastText's call does all: reading its cleaned file, its dictionary, the training.
const FASTTEXT: &[Figure] = &[cost("train_s", "/train/seconds", 2.0), ACCURACY];

const LINEAR: &[Figure] = &[
    cost("total_s", "/train/seconds", 3.0),
    cost("infer_s", "/predict/seconds", 5.0),
    cost("peak_rss_mb", "/peak_memory_mb", 2.0),
    ACCURACY,
];

/// Both sides stop after some steps on batches of 64 reviews of like length, cut behind 256 tokens.
const fn steps(model: &'static str, count: &'static str) -> [&'static str; 12] {
    let (longest, share) = ("longest=256", "validation_share=0.01");
    let [threads, cut] = ["--threads", "truncation=head"];
    ["--model", model, threads, "2", "--set", longest, "--set", cut, "--set", share, "--set", count]
}

const GRU_STEPS: &[&str] = &steps("gru", "max_steps=24");
const LSTM_STEPS: &[&str] = &steps("lstm", "max_steps=24");
/// More, for they take a moment each.
const RNN_STEPS: &[&str] = &steps("rnn", "max_steps=200");

const fn tokens(aim: f64) -> Figure {
    let (key, ours) = ("tokens_per_s", "/train/tokens_per_second");
    Figure { key, ours, divisor: None, kind: Kind::Rate { aim } }
}

/// The least that a peer's rate may be passed by, and its memory by any measure.
const fn recurrent(aim: f64) -> [Figure; 2] {
    [tokens(aim), cost("peak_rss_mb", "/peak_memory_mb", 1.0)]
}

/// The peer's script has fastText use two threads.
const TWO_THREADS: &[&str] = &["--threads", "2"];

/// The settings that most cases share.
const USUAL: Case = Case {
    name: "",
    measures: "",
    task: "tweets",
    config: "examples/configs/bag-speed.toml",
    arguments: &[],
    script: None,
    script_arguments: &[],
    splits: Splits::All,
    figures: &[],
    pairs: 5,
};

const BAG: Case = Case { arguments: &["--set", "epochs=5"], script: Some("bag_torch.py"), ..USUAL };

const FAST: Case =
    Case { arguments: TWO_THREADS, script: Some("fasttext_run.py"), figures: FASTTEXT, ..USUAL };

const SKLEARN: Case = Case { script: Some("tfidf_sklearn.py"), figures: LINEAR, ..USUAL };

const RECURRENT: Case = Case {
    task: "imdb",
    config: "examples/configs/course-c-advanced.toml",
    arguments: LSTM_STEPS,
    script: Some("rnn_torch.py"),
    splits: Splits::Training,
    pairs: 3,
    ..USUAL
};

/// Every case.
pub const CASES: &[Case] = &[
    Case {
        name: "bag",
        measures: "seconds of an epoch's steps, sparse Adam, against PyTorch as an expert writes it",
        script_arguments: &["expert", "3"],
        figures: &[epoch(10.0)],
        ..BAG
    },
    Case {
        name: "bag-notebook",
        measures: "the same against PyTorch as a notebook writes it: padded rows, dense Adam",
        script_arguments: &["notebook", "1"],
        figures: &[epoch(300.0)],
        pairs: 1,
        ..BAG
    },
    Case {
        name: "fasttext-tweets",
        measures: "seconds to a trained model of short texts, and its accuracy, against fastText",
        config: "examples/configs/fast-tweets.toml",
        script_arguments: &["tweets", "5", "0.1", "2", "100", "50000"],
        ..FAST
    },
    Case {
        name: "fasttext-imdb",
        measures: "the same of long reviews",
        task: "imdb",
        config: "examples/configs/fast-imdb.toml",
        script_arguments: &["imdb", "5", "0.5", "2", "50", "500000"],
        ..FAST
    },
    Case {
        name: "linear-tweets",
        measures: "seconds to train and to predict, memory and accuracy, against scikit-learn",
        config: "examples/configs/linear-tweets.toml",
        script_arguments: &["tweets", "1"],
        ..SKLEARN
    },
    Case {
        name: "linear-imdb",
        measures: "the same of long reviews",
        task: "imdb",
        config: "examples/configs/linear-imdb.toml",
        script_arguments: &["imdb", "10"],
        ..SKLEARN
    },
    Case {
        name: "rnn",
        measures: "tokens a second that train one layer of Elman's network, against PyTorch",
        config: "examples/configs/course-c-base.toml",
        arguments: RNN_STEPS,
        script_arguments: &["base", "1", "200", "256"],
        figures: &recurrent(1.5),
        ..RECURRENT
    },
    Case {
        name: "lstm",
        measures: "the same of two layers of LSTM in both directions, against PyTorch at its best: unpacked",
        script_arguments: &["unpacked", "1", "24", "256"],
        figures: &recurrent(1.6),
        ..RECURRENT
    },
    Case {
        name: "gru",
        measures: "the same of gated recurrent units, without a peer",
        arguments: GRU_STEPS,
        script: None,
        figures: &recurrent(1.6),
        ..RECURRENT
    },
    Case {
        name: "lstm-packed",
        measures: "the same against PyTorch's packed sequences, as course C writes it",
        script_arguments: &["advanced", "1", "24", "256"],
        figures: &recurrent(9.0),
        ..RECURRENT
    },
];

/// The case of a name.
pub fn find(name: &str) -> Option<&'static Case> {
    CASES.iter().find(|case| case.name == name)
}

/// The names, one after the other, for messages.
pub fn names() -> String {
    CASES.iter().map(|case| case.name).collect::<Vec<_>>().join(", ")
}

/// Every case with what it measures and aims at.
pub fn list() -> String {
    let width = CASES.iter().map(|case| case.name.len()).max().unwrap_or_default();
    let lines = CASES.iter().map(|case| {
        let aims = case.figures.iter().filter_map(|figure| match figure.kind {
            Kind::Cost { aim } => Some(format!("{} {aim} times less", figure.key)),
            Kind::Rate { aim } => Some(format!("{} {aim} times more", figure.key)),
            Kind::Score => None,
        });
        let aims = match case.script {
            Some(_) => aims.collect::<Vec<_>>().join(", "),
            None => "none".into(),
        };
        let Case { name, measures, pairs, .. } = case;
        format!("  {name:width$}  {measures}\n  {:width$}  aim: {aims}; pairs: {pairs}\n", "")
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        let names: BTreeSet<_> = CASES.iter().map(|case| case.name).collect();
        assert_eq!(names.len(), CASES.len());
        assert!(CASES.iter().all(|case| find(case.name).is_some_and(|found| found.name == case.name)));
        assert!(find("nothing").is_none());
    }

    #[test]
    fn configs_are_there() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let lacking: Vec<_> = CASES.iter().filter(|case| !root.join(case.config).is_file()).collect();
        assert!(lacking.is_empty(), "{lacking:?}");
    }

    #[test]
    fn each_case_begins_with_an_aim() {
        for case in CASES {
            let first = case.figures.first().map(|figure| figure.kind);
            assert!(
                matches!(first, Some(Kind::Cost { aim } | Kind::Rate { aim }) if aim > 1.0),
                "{}",
                case.name
            );
            let keys: BTreeSet<_> = case.figures.iter().map(|figure| figure.key).collect();
            assert_eq!(keys.len(), case.figures.len(), "{}", case.name);
        }
    }

    #[test]
    fn the_list_has_every_case() {
        let list = list();
        assert!(CASES.iter().all(|case| list.contains(&format!("  {} ", case.name))), "{list}");
        assert!(
            list.contains(
                "aim: total_s 3 times less, infer_s 5 times less, peak_rss_mb 2 times less; pairs: 5"
            ),
            "{list}"
        );
        assert!(list.contains("aim: epoch_step_s 300 times less; pairs: 1"), "{list}");
        assert!(list.contains("without a peer") && list.contains("aim: none; pairs: 3"), "{list}");
    }
}

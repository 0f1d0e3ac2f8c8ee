//! What each model is good for, and what was measured of it.

/// A model as people choose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelTopic {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub what: &'static str,
    /// When to choose it.
    pub choose: &'static str,
    /// What it costs.
    pub cost: &'static str,
}

/// One run that was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The model's name.
    pub model: &'static str,
    /// The share of test rows that it is right on.
    pub accuracy: f64,
    /// Of training, from rows in memory to final weights.
    pub seconds: f64,
    /// Of the file of weights or features, in 10⁶ bytes.
    pub megabytes: f64,
}

impl Measured {
    const fn new(model: &'static str, accuracy: f64, seconds: f64, megabytes: f64) -> Self {
        Self { model, accuracy, seconds, megabytes }
    }
}

/// A corpus that models were measured on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Corpus {
    /// Its name.
    pub name: &'static str,
    /// Its training rows, validation rows included.
    pub rows: u32,
    /// Its labels.
    pub labels: u32,
    /// Words of its median text.
    pub words: u32,
    /// The runs, the most accurate first.
    pub measured: &'static [Measured],
}

/// All models, in the order in which to try them.
pub const MODELS: [ModelTopic; 10] = [
    ModelTopic {
        name: "linear",
        what: "Logistic regression on weighted n-grams, its penalty chosen.",
        choose: "First: topics and keywords, any number of rows, many labels, answers to explain.",
        cost: "Seconds, a few MB; it knows no word that the rows lack.",
    },
    ModelTopic {
        name: "bag",
        what: "The mean of learned word vectors and a linear layer.",
        choose: "Many short texts, a small folder, or pretrained word vectors with few rows.",
        cost: "Seconds; with few rows and many labels it lies behind linear.",
    },
    ModelTopic {
        name: "frozen",
        what: "A pretrained encoder as it is, with a linear head.",
        choose: "Few rows, or meaning that words alone do not show, without a GPU.",
        cost: "One pass of the encoder over each text; the encoder's size.",
    },
    ModelTopic {
        name: "distilbert",
        what: "A pretrained encoder of six layers, trained further.",
        choose: "When accuracy is worth minutes: few rows, order and tone.",
        cost: "Minutes to hours on a CPU, and the encoder's size.",
    },
    ModelTopic {
        name: "bert",
        what: "A pretrained encoder of any depth, trained further.",
        choose: "As distilbert, for checkpoints of that kind.",
        cost: "Twice distilbert's where it has twice the layers.",
    },
    ModelTopic {
        name: "cnn",
        what: "Convolutions over words (Kim 2014).",
        choose: "Phrases of a few words decide, and rows are many.",
        cost: "Seconds to a minute; sooner done than a recurrent network.",
    },
    ModelTopic {
        name: "lstm",
        what: "Long short-term memory, in both directions.",
        choose: "Order decides, rows are many, and no pretrained encoder may be had.",
        cost: "Minutes; longer texts take longer.",
    },
    ModelTopic {
        name: "gru",
        what: "Gated recurrent units: a smaller lstm.",
        choose: "As lstm, with fewer rows.",
        cost: "Three quarters of lstm's.",
    },
    ModelTopic {
        name: "rnn",
        what: "Elman's recurrent network.",
        choose: "To learn what lstm and gru mend.",
        cost: "A third of lstm's.",
    },
    ModelTopic {
        name: "rules",
        what: "Regular expressions for each label, written by hand.",
        choose: "There are no rows yet, or each answer must follow from a written rule.",
        cost: "Your time.",
    },
];

/// The machine of all that was measured, and the checkpoint of `frozen`.
pub const MACHINE: &str = "two cores of an AMD EPYC, beside other work; frozen and distilbert begin with \
                           a distilled MiniLM of six layers and 384 numbers a token";

/// What was measured, by `assort train --model NAME` with the defaults and seed 0.
pub const CORPORA: [Corpus; 4] = [
    Corpus {
        name: "SST-2, 5,000 sentences",
        rows: 5_000,
        labels: 2,
        words: 7,
        measured: &[
            Measured::new("distilbert", 0.873, 506.6, 90.9),
            Measured::new("frozen", 0.828, 29.6, 90.3),
            Measured::new("linear", 0.812, 0.7, 0.1),
            Measured::new("lstm", 0.781, 6.7, 2.4),
            Measured::new("rnn", 0.780, 2.3, 1.6),
            Measured::new("gru", 0.776, 4.8, 2.1),
            Measured::new("bag", 0.775, 0.1, 1.8),
            Measured::new("cnn", 0.751, 1.5, 1.9),
        ],
    },
    Corpus {
        name: "Tweets of three emotions",
        rows: 15_614,
        labels: 3,
        words: 12,
        measured: &[
            Measured::new("lstm", 0.591, 23.3, 3.7),
            Measured::new("frozen", 0.590, 123.1, 90.3),
            Measured::new("gru", 0.587, 18.8, 3.5),
            Measured::new("rnn", 0.586, 10.3, 3.0),
            Measured::new("cnn", 0.582, 5.5, 3.2),
            Measured::new("linear", 0.578, 3.6, 0.3),
            Measured::new("bag", 0.574, 0.4, 5.7),
        ],
    },
    Corpus {
        name: "HWU64, questions to a home assistant",
        rows: 10_030,
        labels: 64,
        words: 6,
        measured: &[
            Measured::new("frozen", 0.901, 87.6, 90.4),
            Measured::new("linear", 0.875, 24.4, 6.1),
            Measured::new("rnn", 0.864, 6.8, 1.1),
            Measured::new("gru", 0.862, 14.7, 1.6),
            Measured::new("cnn", 0.862, 8.2, 1.4),
            Measured::new("bag", 0.861, 0.7, 1.0),
            Measured::new("lstm", 0.849, 14.9, 1.8),
        ],
    },
    Corpus {
        name: "IMDb, 2,000 reviews",
        rows: 2_000,
        labels: 2,
        words: 174,
        measured: &[
            Measured::new("linear", 0.875, 2.8, 0.2),
            Measured::new("bag", 0.854, 0.7, 6.0),
            Measured::new("frozen", 0.811, 239.3, 90.3),
            Measured::new("rnn", 0.740, 20.1, 5.5),
            Measured::new("gru", 0.679, 33.7, 6.0),
            Measured::new("cnn", 0.672, 10.4, 5.8),
            Measured::new("lstm", 0.666, 63.3, 6.2),
        ],
    },
];

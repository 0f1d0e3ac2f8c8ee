//! Several models on the same rows.

use assort_metrics::{Difference, McNemar};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Evaluation, JudgedData};

/// The pieces of a text that speak most for an answer, with what they add to its logit.
pub type Reasons = Vec<(String, f64)>;

/// One of the models.
#[derive(Clone, Debug, Serialize)]
pub struct Candidate {
    /// The name that it goes by.
    pub name: String,
    /// Its architecture.
    pub model: String,
    /// Rows that it predicted a second, from texts to probabilities.
    pub rows_per_second: Option<f64>,
    /// How good it is on the rows.
    #[serde(rename = "judgement")]
    pub evaluation: Evaluation,
}

/// Two of the models, by their places among the candidates.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Pair {
    /// The one.
    pub first: usize,
    /// The other.
    pub second: usize,
    /// The second's accuracy less the first's.
    pub accuracy: Difference,
    /// Whether the rows that one alone got right are evenly divided.
    pub mcnemar: McNemar,
    /// The probability of McNemar's test, all pairs looked at together (Holm).
    pub p_value: f64,
    /// Rows that the two predict differently, right or wrong.
    pub different: usize,
}

/// A model's answer for a row.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The label's number.
    pub label: u32,
    /// Its probability.
    pub probability: f64,
}

/// A row that not all models predict alike.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Disagreement {
    /// Its place in the data, from 0.
    pub index: usize,
    /// The number of its true label.
    pub truth: u32,
    /// The answer of each candidate.
    pub answers: Vec<Answer>,
}

impl Disagreement {
    /// The probability of the least sure answer.
    pub fn least(&self) -> f64 {
        self.answers.iter().map(|answer| answer.probability).fold(f64::INFINITY, f64::min)
    }
}

/// Several models on the same rows.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The labels' names, by number.
    pub labels: Vec<String>,
    /// The models, in the order in which they were given.
    pub candidates: Vec<Candidate>,
    /// Each model with each later one.
    pub pairs: Vec<Pair>,
    /// The rows that divide the models, first those where even the least sure answer is surest.
    pub disagreements: Vec<Disagreement>,
}

impl Comparison {
    /// The comparison for programs. The first rows that divide the models come with the reasons for each
    /// answer; `text` gives row number and text of one.
    pub fn json<'t>(
        &self,
        data: &JudgedData,
        reasons: &[Vec<Reasons>],
        text: impl Fn(&Disagreement) -> (u64, &'t str),
    ) -> Value {
        let name = |label: u32| self.labels.get(label as usize);
        let piece = |(text, value): &(String, f64)| json!({ "text": text, "contribution": value });
        let answer = |(answer, reasons): (&Answer, &Reasons)| {
            let because: Vec<Value> = reasons.iter().map(piece).collect();
            json!({ "label": name(answer.label), "probability": answer.probability, "because": because })
        };
        let row = |(row, reasons): (&Disagreement, &Vec<Reasons>)| {
            let (number, text) = text(row);
            let answers: Vec<Value> = row.answers.iter().zip(reasons).map(answer).collect();
            json!({ "row": number, "text": text, "truth": name(row.truth), "answers": answers })
        };
        let rows: Vec<Value> = self.disagreements.iter().zip(reasons).map(row).collect();
        json!({
            "data": data,
            "labels": self.labels,
            "models": self.candidates,
            "pairs": self.pairs,
            "disagreements": { "rows": self.disagreements.len(), "shown": rows },
        })
    }
}

//! One text with what speaks for and against a label.

use assort_pipeline::{Attribution, Deletion, Method, Ranked};
use serde_json::{Value, json};

/// The most labels whose logits are listed.
const LABELS: usize = 5;

/// Which label is explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The most probable one.
    Predicted,
    /// The one of this number.
    Label(usize),
}

/// An attribution with the names and probabilities of its labels.
pub struct Explanation<'p> {
    /// The number of the text.
    pub row: u64,
    /// How it was found.
    pub method: Method,
    /// How it fared in the deletion test, if that was asked for and the text has words.
    pub deletion: Option<Deletion>,
    /// The contribution of each piece.
    pub attribution: Attribution,
    /// The labels' names (K).
    pub labels: &'p [String],
    /// Their probabilities (K).
    pub probabilities: Vec<f64>,
    /// The number of the label that is explained.
    pub label: usize,
    /// The number of the most probable label, of equals the first.
    pub predicted: usize,
}

/// The strongest pieces of one sign, and what all the others of that sign add.
pub struct Side {
    /// The strongest first.
    pub pieces: Vec<Ranked>,
    /// How many more there are, and what they add together.
    pub others: Option<(usize, f64)>,
}

impl<'p> Explanation<'p> {
    /// Chooses the label.
    pub fn new(
        row: u64,
        method: Method,
        attribution: Attribution,
        labels: &'p [String],
        probabilities: Vec<f64>,
        asked: Asked,
    ) -> Self {
        let all = probabilities.iter().enumerate();
        let best = all.fold(None, |best: Option<(usize, f64)>, (label, &probability)| match best {
            Some((_, highest)) if highest >= probability => best,
            _ => Some((label, probability)),
        });
        let predicted = best.map_or(0, |(label, _)| label);
        let label = if let Asked::Label(label) = asked { label } else { predicted };
        Self { row, method, deletion: None, attribution, labels, probabilities, label, predicted }
    }

    /// A label's name.
    pub fn name(&self, label: usize) -> &str {
        self.labels.get(label).map(String::as_str).unwrap_or_default()
    }

    /// A label's probability.
    pub fn probability(&self, label: usize) -> Option<f64> {
        self.probabilities.get(label).copied()
    }

    /// The part of the explained label's logit that no piece causes.
    pub fn rest(&self) -> f64 {
        self.attribution.rest().get(self.label).copied().unwrap_or_default()
    }

    /// The logit of the label that is explained.
    pub fn logit(&self) -> f64 {
        self.attribution.logits().get(self.label).copied().unwrap_or_default()
    }

    /// Parts of the logit of the label that is explained; an estimate has a gap.
    pub fn sum(&self) -> Vec<(String, f64)> {
        let gap = self.attribution.gap().get(self.label).copied().unwrap_or_default();
        let (rest, logit) = (self.rest(), self.logit());
        let mut sum = vec![("all pieces".into(), logit - rest - gap), ("constant rest".into(), rest)];
        if self.method != Method::Exact {
            sum.push(("gap".into(), gap));
        }
        sum.push(("logit".into(), logit));
        sum
    }

    /// Pieces for the label and pieces against it; those that add nothing are on neither side.
    pub fn sides(&self, top: usize) -> [Side; 2] {
        let ranked = self.attribution.ranked(self.label);
        let (mut against, mut favour) = (Vec::new(), Vec::new());
        for piece in ranked {
            match piece.contribution {
                value if value > 0.0 => favour.push(piece),
                value if value < 0.0 => against.push(piece),
                _ => {}
            }
        }
        against.reverse();
        [favour, against].map(|mut pieces| {
            let others = pieces.split_off(top.min(pieces.len()));
            let sum = others.iter().map(|piece| piece.contribution).sum();
            Side { pieces, others: (!others.is_empty()).then_some((others.len(), sum)) }
        })
    }

    /// The other labels to compare with, the most probable first, and always the explained one.
    pub fn compared(&self) -> Vec<(usize, f64, f64)> {
        let logits = self.attribution.logits();
        let mut all: Vec<(usize, f64, f64)> = (logits.iter().zip(&self.probabilities).enumerate())
            .map(|(label, (logit, probability))| (label, *logit, *probability))
            .collect();
        all.sort_by(|a, b| b.2.total_cmp(&a.2));
        let mut place = 0;
        all.retain(|(label, _, _)| {
            place += 1;
            place <= LABELS || *label == self.label
        });
        all
    }

    /// The explanation for programs: all labels and pieces, numbers in the order of `labels`.
    pub fn json(&self) -> Value {
        let attribution = &self.attribution;
        let pieces: Vec<Value> = attribution
            .pieces()
            .iter()
            .map(|piece| {
                let ranges: Vec<[usize; 2]> = piece.ranges.iter().map(|r| [r.start, r.end]).collect();
                let text = attribution.piece_text(piece);
                let mut all = json!({ "text": text, "ranges": ranges, "contributions": piece.contributions });
                if let Some(pattern) = &piece.pattern {
                    all["pattern"] = json!(pattern);
                }
                all
            })
            .collect();
        let word = |word: &assort_pipeline::Word| {
            let text = attribution.text().get(word.range.clone());
            let range = [word.range.start, word.range.end];
            json!({ "text": text, "range": range, "contributions": word.contributions })
        };
        let mut line = json!({
            "row": self.row,
            "method": self.method.name(),
            "text": attribution.text(),
            "label": self.name(self.label),
            "predicted": self.name(self.predicted),
            "labels": self.labels,
            "probabilities": self.probabilities,
            "logits": attribution.logits(),
            "rest": attribution.rest(),
            "gap": attribution.gap(),
            "pieces": pieces,
            "words": attribution.words().iter().map(word).collect::<Vec<_>>(),
        });
        if let Some(Deletion { attributed, random }) = self.deletion {
            line["deletion"] = json!({ "attributed": attributed, "random": random });
        }
        line
    }
}

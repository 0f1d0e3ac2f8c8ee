//! Choosing how probabilities become answers, on labelled rows that the model was not trained on.

use assort_classifier::{ConformalSets, Costs, Decision};
use assort_datasets::Dataset;
use assort_metrics::{Goal, RankedRows, Task, Threshold, wilson};
use assort_pipeline::Pipeline;
use assort_report::{AnsweredShare, DecisionFigures, LabelThreshold, SetFigures};
use ndarray::ArrayView2;

use crate::evaluate::Evaluated;
use crate::ranking::coverage;
use crate::truth::Truth;
use crate::{Error, Result, memory};

/// What a decision is to bring.
#[derive(Clone, Debug, PartialEq)]
pub enum DecisionGoal {
    /// A figure of a label's answers, or of all: see [`choose_decision`].
    Threshold(Goal),
    /// The least expected cost.
    Costs(Costs),
    /// Sets of labels that hold the true one in this share of rows.
    Coverage(f64),
}

/// A choice, with what it brings to labels.
struct Chosen {
    decision: Decision,
    labels: Vec<LabelThreshold>,
    sets: Option<SetFigures>,
}

/// The model's decision changed so that it reaches a goal on these rows, whose label numbers must be the
/// pipeline's; and what it brings there. What the goal does not touch stays.
///
/// Where a row has one label, precision is reached by not answering: of all labels by one threshold, or of
/// the label of this number by one of its own. Recall and F1 are those of a label, which is needed then, and
/// are reached by a weight of its probability. Where a row has any number of labels, each label or the one
/// gets the threshold that reaches the goal.
///
/// # Errors
/// [`Error::Request`] if the goal cannot be reached, with the nearest that can; if it is none of the model's
/// task; if rows are too few for it. If the device fails.
pub fn choose_decision(
    pipeline: &Pipeline,
    data: &Dataset,
    goal: &DecisionGoal,
    label: Option<usize>,
) -> Result<(Decision, DecisionFigures)> {
    memory::check_judging(data.len(), pipeline.labels().len())?;
    if data.is_empty() {
        return Err(Error::Request("there are no rows to choose a threshold by".into()));
    }
    let before = Evaluated::new(pipeline, data)?;
    let (names, truth, all) = (pipeline.labels(), Truth::new(data), before.probabilities.view());
    let words = words(goal, label.and_then(|label| names.get(label)));
    let rows = Rows { names, truth: &truth, probabilities: all, base: pipeline.decision() };
    let chosen = match (goal, pipeline.task()) {
        (DecisionGoal::Threshold(goal), Task::AnyOf) => rows.thresholds_of_labels(*goal, label)?,
        (DecisionGoal::Threshold(Goal::Precision(precision)), Task::OneOf) => {
            rows.threshold_of_answers(*precision, label)?
        }
        (DecisionGoal::Threshold(goal), Task::OneOf) => rows.weight(*goal, label)?,
        (DecisionGoal::Costs(_) | DecisionGoal::Coverage(_), Task::AnyOf) => {
            let why = "costs and sets of labels are for models that give a row one label: ask for a \
                       precision, a recall or F1";
            return Err(Error::Request(why.into()));
        }
        (DecisionGoal::Costs(costs), Task::OneOf) => Chosen {
            // Costs say by themselves when to answer, and what.
            decision: Decision {
                costs: Some(costs.clone()),
                sets: pipeline.decision().sets,
                ..Decision::default()
            },
            labels: Vec::new(),
            sets: None,
        },
        (DecisionGoal::Coverage(coverage), Task::OneOf) => rows.sets(*coverage)?,
    };
    let figures = rows.figures((&before, data), words, goal, &chosen)?;
    Ok((chosen.decision, figures))
}

fn words(goal: &DecisionGoal, label: Option<&String>) -> String {
    let of = label.map_or(String::new(), |label| format!(" of “{label}”"));
    match goal {
        DecisionGoal::Threshold(Goal::Precision(share)) => format!("precision {share}{of}"),
        DecisionGoal::Threshold(Goal::Recall(share)) => format!("recall {share}{of}"),
        DecisionGoal::Threshold(Goal::F1) => format!("the largest F1{of}"),
        DecisionGoal::Costs(_) => "the least expected cost".into(),
        DecisionGoal::Coverage(share) => format!("sets that hold the true label in {share} of the rows"),
    }
}

/// Rows that a decision is chosen by.
struct Rows<'r> {
    names: &'r [String],
    truth: &'r Truth,
    /// (B, K)
    probabilities: ArrayView2<'r, f64>,
    /// What was decided so far.
    base: &'r Decision,
}

impl Rows<'_> {
    fn name(&self, label: usize) -> &str {
        self.names.get(label).map_or("", String::as_str)
    }

    /// The number of rows with a label.
    fn support(&self, label: usize) -> u64 {
        (0..self.truth.rows()).filter(|row| self.truth.holds(*row, label)).count() as u64
    }

    /// Thresholds of labels that hold by themselves.
    fn thresholds_of_labels(&self, goal: Goal, label: Option<usize>) -> Result<Chosen> {
        let mut decision = self.base.clone();
        let classes = self.names.len();
        decision.thresholds = (0..classes).map(|label| self.base.threshold(Task::AnyOf, label)).collect();
        let mut labels = Vec::new();
        for own in label.map_or(0..classes, |label| label..label + 1) {
            let scores = self.probabilities.column(own);
            let scores = scores.iter().enumerate().map(|(row, p)| (*p, self.truth.holds(row, own)));
            let Some(found) = RankedRows::new(scores).threshold(goal) else {
                match label {
                    Some(own) => return Err(self.no_rows(own)),
                    None => continue,
                }
            };
            match (found.is_reached, decision.thresholds.get_mut(own)) {
                (true, Some(threshold)) => *threshold = found.at,
                _ if label.is_some() => return Err(self.unreached(own, goal, &found)),
                _ => {}
            }
            labels.push(self.of_threshold(own, &found, Some(found.at), None));
        }
        if labels.iter().all(|label| !label.is_reached) {
            let why = "no label reaches it on these rows: ask for less";
            return Err(Error::Request(why.into()));
        }
        Ok(Chosen { decision, labels, sets: None })
    }

    /// A threshold of answers, of all or of one label.
    fn threshold_of_answers(&self, precision: f64, label: Option<usize>) -> Result<Chosen> {
        let answers = self.probabilities.rows().into_iter().enumerate().filter_map(|(row, values)| {
            let answer = self.base.label(values);
            let wanted = label.is_none_or(|label| label == answer);
            wanted.then(|| Some((*values.get(answer)?, self.truth.holds(row, answer)))).flatten()
        });
        let goal = Goal::Precision(precision);
        let ranked = RankedRows::new(answers);
        let Some(mut found) = ranked.threshold(goal) else {
            let what = label.map_or("no answer".into(), |label| format!("no answer “{}”", self.name(label)));
            return Err(Error::Request(format!(
                "{what} is right on these rows: no threshold brings precision"
            )));
        };
        let classes = self.names.len();
        let mut decision = self.base.clone();
        let Some(own) = label else {
            if !found.is_reached {
                let (precision, answers) = (found.precision().unwrap_or_default(), found.predicted);
                return Err(Error::Request(format!(
                    "no threshold reaches precision {} on these rows: the highest is {precision:.4}, from \
                     probability {:.4} on with {answers} answers; ask for less",
                    goal_value(goal),
                    found.at
                )));
            }
            decision.thresholds = vec![found.at; classes];
            return Ok(Chosen { decision, labels: Vec::new(), sets: None });
        };
        if !found.is_reached {
            return Err(self.unreached(own, goal, &found));
        }
        found.support = self.support(own);
        decision.thresholds = (0..classes).map(|label| self.base.threshold(Task::OneOf, label)).collect();
        if let Some(threshold) = decision.thresholds.get_mut(own) {
            *threshold = found.at;
        }
        Ok(Chosen {
            decision,
            labels: vec![self.of_threshold(own, &found, Some(found.at), None)],
            sets: None,
        })
    }

    /// A weight of one label that moves answers towards it or away from it.
    fn weight(&self, goal: Goal, label: Option<usize>) -> Result<Chosen> {
        let Some(own) = label else {
            let why = "recall and F1 are those of a label where a row has one: name the label";
            return Err(Error::Request(why.into()));
        };
        let weight = |label: usize| self.base.weights.get(label).copied().unwrap_or(1.0);
        // It is the answer where w p ≥ m for the largest of the others m: from the share p / (p + m) on that
        // is 1 / (1 + w).
        let share = |(row, values): (usize, ndarray::ArrayView1<f64>)| {
            let others = values.iter().enumerate().filter(|(label, _)| *label != own);
            let most = others.map(|(label, p)| weight(label) * p).fold(1e-300, f64::max);
            let p = values.get(own).copied().unwrap_or_default();
            (p / (p + most), self.truth.holds(row, own))
        };
        let rows = self.probabilities.rows().into_iter().enumerate();
        let found = RankedRows::new(rows.map(share)).threshold(goal).ok_or_else(|| self.no_rows(own))?;
        if !found.is_reached {
            return Err(self.unreached(own, goal, &found));
        }
        let at = found.at.clamp(1e-9, 1.0 - 1e-9);
        let mut decision = self.base.clone();
        decision.costs = None;
        decision.weights = (0..self.names.len()).map(weight).collect();
        if let Some(weight) = decision.weights.get_mut(own) {
            *weight = (1.0 - at) / at;
        }
        let labels = vec![self.of_threshold(own, &found, None, Some((1.0 - at) / at))];
        Ok(Chosen { decision, labels, sets: None })
    }

    /// Sets that hold the true label as often as asked for.
    fn sets(&self, coverage: f64) -> Result<Chosen> {
        let rows = self.truth.rows();
        let of_truth = |row: usize| {
            let values = self.probabilities.row(row);
            let own = values.iter().enumerate().find(|(label, _)| self.truth.holds(row, *label));
            own.map(|(_, probability)| *probability)
        };
        let fitted = ConformalSets::fit((0..rows).filter_map(of_truth).collect(), coverage);
        let Some(sets) = fitted else {
            let needed = (1.0 / (1.0 - coverage) - 1e-9).ceil() - 1.0;
            return Err(Error::Request(format!(
                "{rows} rows are too few to promise {coverage} of the rows: it takes {needed} or more"
            )));
        };
        let decision = Decision { sets: Some(sets), ..self.base.clone() };
        let (mut held, mut labels, mut alone) = (0, 0, 0);
        for (row, values) in self.probabilities.rows().into_iter().enumerate() {
            let set = decision.set(values).unwrap_or_default();
            held += usize::from(set.iter().any(|label| self.truth.holds(row, *label)));
            (labels, alone) = (labels + set.len(), alone + usize::from(set.len() == 1));
        }
        let share = |part: usize| part as f64 / rows as f64;
        let figures = SetFigures {
            promised: coverage,
            held: share(held),
            least: sets.least,
            mean_labels: share(labels),
            alone: share(alone),
        };
        Ok(Chosen { decision, labels: Vec::new(), sets: Some(figures) })
    }

    fn of_threshold(
        &self,
        label: usize,
        found: &Threshold,
        at: Option<f64>,
        weight: Option<f64>,
    ) -> LabelThreshold {
        LabelThreshold {
            label: self.name(label).into(),
            threshold: at,
            weight,
            precision: found.precision(),
            recall: found.recall(),
            f1: found.f1(),
            answers: found.predicted,
            is_reached: found.is_reached,
        }
    }

    fn no_rows(&self, label: usize) -> Error {
        Error::Request(format!("none of these rows has the label “{}”: choose others", self.name(label)))
    }

    fn unreached(&self, label: usize, goal: Goal, found: &Threshold) -> Error {
        let (what, nearest) = match goal {
            Goal::Precision(_) => ("precision", found.precision()),
            Goal::Recall(_) => ("recall", found.recall()),
            Goal::F1 => ("F1", found.f1()),
        };
        Error::Request(format!(
            "no threshold of “{}” reaches {what} {} on these rows: the highest is {:.4}, from {:.4} on with \
             {} answers; ask for less",
            self.name(label),
            goal_value(goal),
            nearest.unwrap_or_default(),
            found.at,
            found.predicted
        ))
    }

    /// What the choice brings beside what was decided before.
    fn figures(
        &self,
        (before, data): (&Evaluated, &Dataset),
        words: String,
        goal: &DecisionGoal,
        chosen: &Chosen,
    ) -> Result<DecisionFigures> {
        let decision = &chosen.decision;
        let is_one = self.truth.labels().task() == Task::OneOf;
        let is_moved =
            is_one && (&decision.weights, &decision.costs) != (&self.base.weights, &self.base.costs);
        let after = before.redecided(self.names, data, decision)?;
        let answered = after.evaluation.answered.filter(|_| !matches!(goal, DecisionGoal::Coverage(_)));
        let rows = data.len() as f64;
        let answered = match answered {
            Some(found) => Some(AnsweredShare {
                threshold: decision.thresholds.first().copied().filter(|first| {
                    chosen.labels.is_empty() && decision.thresholds.iter().all(|other| other == first)
                }),
                coverage: found.rows as f64 / rows,
                accuracy: (found.rows > 0).then(|| found.right as f64 / found.rows as f64),
                interval: wilson(found.right as u64, found.rows as u64, 0.95)?,
            }),
            None => None,
        };
        let cost = match goal {
            DecisionGoal::Costs(costs) => {
                Some([self.cost(costs, self.base, false) / rows, self.cost(costs, decision, true) / rows])
            }
            _ => None,
        };
        let accuracy = match is_moved {
            true => [before.evaluation.accuracy(), after.evaluation.accuracy()],
            false => [None, None],
        };
        Ok(DecisionFigures {
            goal: words,
            rows: data.len(),
            labels: chosen.labels.clone(),
            answered,
            accuracy,
            cost,
            sets: chosen.sets,
            coverage: coverage(self.truth, self.probabilities),
        })
    }

    /// What the answers of a decision cost on all rows, if it may say nothing or must answer.
    fn cost(&self, costs: &Costs, decision: &Decision, may_be_none: bool) -> f64 {
        let of = |(row, values): (usize, ndarray::ArrayView1<f64>)| {
            let answer = match may_be_none {
                true => decision.answer(values),
                false => Some(decision.label(values)),
            };
            let truth = (0..self.names.len()).find(|label| self.truth.holds(row, *label));
            truth.map_or(0.0, |truth| costs.of(truth, answer))
        };
        self.probabilities.rows().into_iter().enumerate().map(of).sum()
    }
}

fn goal_value(goal: Goal) -> f64 {
    match goal {
        Goal::Precision(value) | Goal::Recall(value) => value,
        Goal::F1 => 1.0,
    }
}

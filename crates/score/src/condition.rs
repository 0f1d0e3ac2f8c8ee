//! Which answers are kept.

use assort_datasets::nearest;
use assort_pipeline::Prediction;

use crate::{Error, Result};

/// A condition on the answers of a text: comparisons of `label` or `probability`, joined by `and` and `or`;
/// `and` binds closer.
///
/// `label == x` holds if x is among the labels of the text. `probability` is that of its most probable label.
/// Names with blanks stand in double quotes. A text without labels has no probability.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    text: String,
    /// One of these lists must hold, all members of it.
    any: Vec<Vec<Comparison>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Comparison {
    Label { name: String, is: bool },
    Probability { operator: Operator, limit: f64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Above,
    AtLeast,
    Below,
    AtMost,
    Equal,
    Other,
}

const OPERATORS: [(&str, Operator); 6] = [
    (">=", Operator::AtLeast),
    ("<=", Operator::AtMost),
    ("==", Operator::Equal),
    ("!=", Operator::Other),
    (">", Operator::Above),
    ("<", Operator::Below),
];

impl Condition {
    /// Reads a condition, of a model with these labels.
    ///
    /// # Errors
    /// [`Error::Condition`] if it is none, or names a label that the model does not have.
    pub fn parse(text: &str, labels: &[String]) -> Result<Self> {
        let fail = |problem| Error::Condition { text: text.into(), problem };
        let mut words = words(text).map_err(fail)?.into_iter();
        let mut any = vec![Vec::new()];
        loop {
            let comparison = comparison(&mut words, labels).map_err(fail)?;
            if let Some(all) = any.last_mut() {
                all.push(comparison);
            }
            match words.next() {
                None => return Ok(Self { text: text.into(), any }),
                Some(Word::Bare(word)) if word == "and" => {}
                Some(Word::Bare(word)) if word == "or" => any.push(Vec::new()),
                Some(word) => return Err(fail(format!("expected 'and' or 'or', found '{}'", word.text()))),
            }
        }
    }

    /// The condition as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it holds for the labels of a text, the most probable first.
    pub fn holds(&self, ranked: &[Prediction<'_>]) -> bool {
        let holds = |comparison: &Comparison| match comparison {
            Comparison::Label { name, is } => ranked.iter().any(|one| one.label == name) == *is,
            Comparison::Probability { operator, limit } => ranked.first().is_some_and(|best| {
                let probability = best.probability;
                match operator {
                    Operator::Above => probability > *limit,
                    Operator::AtLeast => probability >= *limit,
                    Operator::Below => probability < *limit,
                    Operator::AtMost => probability <= *limit,
                    Operator::Equal => probability == *limit,
                    Operator::Other => probability != *limit,
                }
            }),
        };
        self.any.iter().any(|all| all.iter().all(holds))
    }
}

fn comparison(words: &mut impl Iterator<Item = Word>, labels: &[String]) -> Result<Comparison, String> {
    const FIELDS: &str = "expected 'label' or 'probability'";
    let field = words.next().ok_or(format!("{FIELDS}, found the end"))?;
    if !["label", "probability"].contains(&field.text()) {
        return Err(format!("{FIELDS}, found '{}'", field.text()));
    }
    let operator = match words.next() {
        Some(Word::Operator(operator)) => operator,
        Some(word) => return Err(format!("expected ==, !=, >, >=, < or <=, found '{}'", word.text())),
        None => return Err("expected ==, !=, >, >=, < or <=, found the end".into()),
    };
    let value = match words.next() {
        Some(Word::Bare(value) | Word::Quoted(value)) => value,
        Some(word) => return Err(format!("expected a value, found '{}'", word.text())),
        None => return Err("expected a value, found the end".into()),
    };
    match field.text() {
        "probability" => {
            let limit = value.parse().ok().filter(|limit| (0.0..=1.0).contains(limit));
            let limit = limit.ok_or(format!("expected a number from 0 to 1, found '{value}'"))?;
            Ok(Comparison::Probability { operator, limit })
        }
        _ => {
            let is = match operator {
                Operator::Equal => true,
                Operator::Other => false,
                _ => return Err("labels are compared with == and != alone".into()),
            };
            if !labels.contains(&value) {
                let hint = nearest(&value, labels.iter().map(String::as_str));
                let hint = hint.map(|label| format!("; did you mean '{label}'?")).unwrap_or_default();
                return Err(format!("the model has no label '{value}'{hint}"));
            }
            Ok(Comparison::Label { name: value, is })
        }
    }
}

/// A word of a condition.
enum Word {
    Bare(String),
    Quoted(String),
    Operator(Operator),
}

impl Word {
    fn text(&self) -> &str {
        match self {
            Self::Bare(text) | Self::Quoted(text) => text,
            Self::Operator(operator) => {
                OPERATORS.iter().find(|(_, known)| known == operator).map_or("", |(sign, _)| sign)
            }
        }
    }
}

fn words(text: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (word, after) = quoted.split_once('"').ok_or("a quotation mark is never closed")?;
            words.push(Word::Quoted(word.into()));
            rest = after.trim_start();
            continue;
        }
        if let Some((sign, operator)) = OPERATORS.iter().find(|(sign, _)| rest.starts_with(sign)) {
            words.push(Word::Operator(*operator));
            rest = rest.get(sign.len()..).unwrap_or_default().trim_start();
            continue;
        }
        if rest.starts_with(['=', '!']) {
            return Err("compare with == or !=".into());
        }
        let end = rest.find(|letter: char| letter.is_whitespace() || "=!<>\"".contains(letter));
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        words.push(Word::Bare(word.into()));
        rest = after.trim_start();
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels() -> Vec<String> {
        ["fruit", "root vegetable"].map(String::from).to_vec()
    }

    #[test]
    fn conditions() {
        let check = |text: &str, ranked: &[(&'static str, f64)], expect: bool| {
            let ranked: Vec<Prediction> =
                ranked.iter().map(|&(label, probability)| Prediction { label, probability }).collect();
            let condition = Condition::parse(text, &labels()).unwrap();
            assert_eq!(condition.holds(&ranked), expect, "{text}: {ranked:?}");
        };
        let fruit = [("fruit", 0.9)];
        check("probability > 0.9", &fruit, false);
        check("probability>=0.9", &fruit, true);
        check("probability != 0.9", &fruit, false);
        check("probability <= .5 or label==fruit", &fruit, true);
        check("label != fruit", &fruit, false);
        check("label == \"root vegetable\"", &[("root vegetable", 0.7)], true);
        check("label == fruit", &[("root vegetable", 0.7), ("fruit", 0.6)], true);
        check("label == fruit and probability < 0.5 or probability == 0.9", &fruit, true);
        check("label == fruit and probability < 0.5", &fruit, false);
        check("probability < 1", &[], false);
        check("label != fruit", &[], true);
    }

    #[test]
    fn what_is_no_condition() {
        let check = |text: &str, expect: &str| {
            let error = Condition::parse(text, &labels()).unwrap_err().to_string();
            assert!(error.starts_with("the condition '") && error.contains(expect), "{error}");
        };
        check("", "expected 'label' or 'probability', found the end");
        check("length > 3", "expected 'label' or 'probability', found 'length'");
        check("probability", "expected ==, !=, >, >=, < or <=, found the end");
        check("probability = 0.5", "compare with == or !=");
        check("probability > ", "expected a value, found the end");
        check("probability > high", "expected a number from 0 to 1, found 'high'");
        check("probability > 90", "expected a number from 0 to 1, found '90'");
        check("probability > NaN", "expected a number from 0 to 1");
        check("label > fruit", "compared with == and != alone");
        check("label == friut", "no label 'friut'; did you mean 'fruit'?");
        check("label == root vegetable", "no label 'root'");
        check("label == fruit, probability > 0.5", "no label 'fruit,'");
        check("label == fruit probability > 0.5", "expected 'and' or 'or', found 'probability'");
        check("label == \"fruit", "never closed");
        check("label == fruit and", "found the end");
        check("> 0.5", "found '>'");
    }
}

//! Figures of one set of predictions.

use crate::figure::{Figure, FigureKind};
use crate::{Error, Evidence, FIGURES, SetEvidence, Task};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use std::fmt;

/// Figures in a fixed order, found by name.
///
/// It is written as an object of names with a number, or null where a figure is undefined; intervals are not
/// written. Names that [`FIGURES`] does not have are passed over in reading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FigureSet(Vec<Figure>);

impl FigureSet {
    /// Every figure of some predictions, one label a row.
    ///
    /// # Errors
    /// As [`FigureKind::measure`].
    pub fn new(evidence: &Evidence) -> Result<Self, Error> {
        let kinds = FIGURES.iter().filter(|kind| kind.serves(Task::OneOf));
        kinds.map(|kind| kind.measure(evidence)).collect()
    }

    /// Every figure of predicted label sets.
    ///
    /// # Errors
    /// As [`FigureKind::measure`].
    pub fn new_sets(evidence: &SetEvidence) -> Result<Self, Error> {
        let kinds = FIGURES.iter().filter(|kind| kind.serves(Task::AnyOf));
        kinds.map(|kind| kind.measure_sets(evidence)).collect()
    }

    /// These figures of some predictions, in this order.
    ///
    /// # Errors
    /// As [`FigureKind::measure`].
    pub fn of(kinds: &[&'static FigureKind], evidence: &Evidence) -> Result<Self, Error> {
        kinds.iter().map(|kind| kind.measure(evidence)).collect()
    }

    /// These figures of predicted label sets, in this order.
    ///
    /// # Errors
    /// As [`FigureKind::measure`].
    pub fn of_sets(kinds: &[&'static FigureKind], evidence: &SetEvidence) -> Result<Self, Error> {
        kinds.iter().map(|kind| kind.measure_sets(evidence)).collect()
    }

    /// The figures in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Figure> {
        self.0.iter()
    }

    /// The figure of a kind, if the set has it.
    pub fn get(&self, kind: &FigureKind) -> Option<&Figure> {
        self.iter().find(|figure| figure.kind == kind)
    }

    /// The figure of this name, in snake or kebab case, if the set has it.
    pub fn named(&self, name: &str) -> Option<&Figure> {
        self.get(FigureKind::named(name)?)
    }

    /// The value of a kind; `None` if it is undefined or the set does not have it.
    pub fn value(&self, kind: &FigureKind) -> Option<f64> {
        self.get(kind)?.value
    }
}

impl FromIterator<Figure> for FigureSet {
    fn from_iter<I: IntoIterator<Item = Figure>>(figures: I) -> Self {
        Self(figures.into_iter().collect())
    }
}

impl<'s> IntoIterator for &'s FigureSet {
    type Item = &'s Figure;
    type IntoIter = std::slice::Iter<'s, Figure>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Serialize for FigureSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|figure| (figure.kind.name, figure.value)))
    }
}

impl<'de> Deserialize<'de> for FigureSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Figures)
    }
}

struct Figures;

impl<'de> Visitor<'de> for Figures {
    type Value = FigureSet;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("figures by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FigureSet, A::Error> {
        let mut figures = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            match FigureKind::named(&name) {
                Some(kind) => figures.push(Figure { kind, value: map.next_value()?, interval: None }),
                None => _ = map.next_value::<serde::de::IgnoredAny>()?,
            }
        }
        Ok(FigureSet(figures))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::{ACCURACY, LOSS, MACRO_F1};
    use crate::{ClassificationReport, UndefinedRule, log_loss};
    use ndarray::array;

    #[test]
    fn as_the_report_says() {
        let probabilities = array![[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.3, 0.7, 0.0], [0.5, 0.5, 0.0]];
        let truth = [0, 1, 2, 1];
        let evidence = Evidence::new(&truth, probabilities.view()).unwrap();
        let found = FigureSet::new(&evidence).unwrap();
        let rule = UndefinedRule::AsZero;
        let report = ClassificationReport::new(evidence.confusion(), &["a", "b", "c"], rule).unwrap();
        let (equal, weighted) = (report.macro_average, report.weighted_average);
        let expect = [
            ("loss", log_loss(probabilities.view(), &truth).unwrap()),
            ("accuracy", report.accuracy),
            ("macro_precision", equal.precision),
            ("macro_recall", equal.recall),
            ("macro_f1", equal.f1),
            ("weighted_precision", weighted.precision),
            ("weighted_recall", weighted.recall),
            ("weighted_f1", weighted.f1),
        ];
        for (name, value) in expect {
            assert!(value.is_some());
            assert_eq!(found.named(name).unwrap().value, value, "{name}");
        }
        let interval = crate::wilson(2, 4, 0.95).unwrap();
        assert_eq!(found.get(&ACCURACY).unwrap().interval, interval);
    }

    #[test]
    fn undefined_figures_say_why() {
        let probabilities = ndarray::Array2::zeros((0, 2));
        for figure in &FigureSet::new(&Evidence::new(&[], probabilities.view()).unwrap()).unwrap() {
            assert_eq!(figure.value, None, "{:?}", figure.kind);
            assert!(figure.undefined().is_some_and(|reason| reason.starts_with("there are no rows")));
        }
        let labels = Evidence::from_labels(&[0, 1], vec![0, 1], 2).unwrap();
        assert_eq!(LOSS.measure(&labels).unwrap().value, None);
        assert_eq!(ACCURACY.measure(&labels).unwrap().undefined(), None);
    }

    #[test]
    fn soft_truth_changes_the_loss_alone() {
        let (probabilities, soft) = (array![[0.9, 0.1], [0.4, 0.6]], array![[0.75, 0.25], [0.0, 1.0]]);
        let evidence = Evidence::new(&[0, 1], probabilities.view()).unwrap();
        let hard = FigureSet::new(&evidence).unwrap();
        let found = FigureSet::new(&evidence.with_soft_truth(soft.view()).unwrap()).unwrap();
        let expect = (-0.75 * 0.9f64.ln() - 0.25 * 0.1f64.ln() - 0.6f64.ln()) / 2.0;
        assert!((found.value(&LOSS).unwrap() - expect).abs() < 1e-15);
        assert_eq!(found.iter().skip(1).collect::<Vec<_>>(), hard.iter().skip(1).collect::<Vec<_>>());
    }

    #[test]
    fn json_and_back() {
        let evidence = Evidence::from_labels(&[0, 1], vec![0, 0], 2).unwrap();
        let set = FigureSet::of(&[&MACRO_F1, &LOSS], &evidence).unwrap();
        let json = serde_json::to_string(&set).unwrap();
        assert_eq!(json, r#"{"macro_f1":0.3333333333333333,"loss":null}"#);
        assert_eq!(serde_json::from_str::<FigureSet>(&json).unwrap(), set);
        let foreign: FigureSet = serde_json::from_str(r#"{"sharpness":[1],"loss":2.0}"#).unwrap();
        assert_eq!(foreign.iter().map(|f| (f.kind.name, f.value)).collect::<Vec<_>>(), [("loss", Some(2.0))]);
    }

    #[test]
    fn names_are_found_in_both_cases() {
        assert_eq!(FigureKind::named("macro-f1"), Some(&MACRO_F1));
        assert_eq!(FigureKind::named("sharpness"), None);
        for kind in FIGURES {
            assert_eq!(FigureKind::named(&kind.setting()), Some(*kind), "its name is the only one such");
        }
    }
}

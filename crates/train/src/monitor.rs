//! The validation figure that decides.

use assort_metrics::figures::{ACCURACY, LOSS, MACRO_F1, SUBSET_ACCURACY};
use assort_metrics::{FIGURES, FigureKind, Task};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

/// Which validation figure decides what the best epoch is, and when training stops: any of [`FIGURES`].
///
/// Settings name it in kebab case, `macro-f1` say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Monitor(&'static FigureKind);

impl Monitor {
    /// The loss.
    pub const LOSS: Self = Self(&LOSS);
    /// The accuracy.
    pub const ACCURACY: Self = Self(&ACCURACY);
    /// The macro F1.
    pub const MACRO_F1: Self = Self(&MACRO_F1);

    /// The figure of this name; `None` if there is none.
    pub fn named(name: &str) -> Option<Self> {
        FigureKind::named(name).map(Self)
    }

    /// What it is for rows of this task: the accuracy of label sets is that of whole sets.
    pub fn for_task(self, task: Task) -> Self {
        match task {
            Task::AnyOf if self == Self::ACCURACY => Self(&SUBSET_ACCURACY),
            _ => self,
        }
    }

    /// The figure.
    pub fn kind(self) -> &'static FigureKind {
        self.0
    }

    /// The figures that an epoch's validation computes: those of the task that are always shown, and this
    /// one.
    pub(crate) fn validation_figures(self, task: Task) -> Vec<&'static FigureKind> {
        let shown = [&LOSS, &ACCURACY, &SUBSET_ACCURACY, &MACRO_F1, self.0];
        FIGURES.iter().copied().filter(|kind| kind.serves(task) && shown.contains(kind)).collect()
    }
}

impl Serialize for Monitor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.setting())
    }
}

impl<'de> Deserialize<'de> for Monitor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| {
            let known: Vec<String> = FIGURES.iter().map(|kind| format!("`{}`", kind.setting())).collect();
            // In the words of derived code, which takes names from the source alone.
            D::Error::custom(format!("unknown variant `{name}`, expected one of {}", known.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expect: &str) {
        let found = match serde_json::from_str::<Monitor>(json) {
            Ok(monitor) => serde_json::to_string(&monitor).unwrap(),
            Err(error) => error.to_string(),
        };
        assert!(found.starts_with(expect), "{found}");
    }

    #[test]
    fn any_figure_by_its_name() {
        check(r#""loss""#, r#""loss""#);
        check(r#""macro-f1""#, r#""macro-f1""#);
        check(r#""cohen_kappa""#, r#""cohen-kappa""#);
        check(r#""sharpness""#, "unknown variant `sharpness`, expected one of `loss`, `accuracy`, ");
        check("1", "invalid type: integer `1`, expected a string");
    }

    #[test]
    fn each_epoch_has_it_once() {
        let names = |monitor: Monitor, task| {
            monitor.validation_figures(task).iter().map(|kind| kind.name).collect::<Vec<_>>()
        };
        assert_eq!(names(Monitor::ACCURACY, Task::OneOf), ["loss", "accuracy", "macro_f1"]);
        let kappa = Monitor::named("cohen-kappa").unwrap();
        assert_eq!(names(kappa, Task::OneOf), ["loss", "accuracy", "macro_f1", "cohen_kappa"]);
        let micro = Monitor::named("micro-f1").unwrap();
        let of_sets = ["loss", "micro_f1", "macro_f1", "subset_accuracy"];
        assert_eq!(names(micro, Task::AnyOf), of_sets);
    }
}

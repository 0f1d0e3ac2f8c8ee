//! A figure: a number that says how good predictions are, with what a reader must know of it.

use crate::statistic::Prepared;
use crate::{Evidence, Interval, SetEvidence, Task};
use std::fmt;

/// Which values of a figure are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Larger ones.
    Higher,
    /// Smaller ones.
    Lower,
}

/// How a figure is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// A share of a whole from 0 to 1, shown as per cent.
    Share,
    /// A plain number.
    Number,
}

/// How far a figure may be trusted, as [`FigureSet::with_intervals`](crate::FigureSet::with_intervals) tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// It is a share of the rows: [`wilson`](crate::wilson)'s interval, which every measurement has.
    Wilson,
    /// It is another number: an interval by resampling the rows.
    Bootstrap,
}

/// The description of a figure and the function that computes it: an entry of [`FIGURES`](crate::FIGURES).
///
/// Two are equal if their names are.
pub struct FigureKind {
    /// Its name in files, in snake case.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Which values are better.
    pub better: Better,
    /// How it is shown.
    pub scale: Scale,
    /// When it is undefined, as the end of a sentence: "there are no rows".
    pub undefined: &'static str,
    /// It where each row has one label; not there if it is none of [`Task::OneOf`].
    pub(crate) one_of: Option<for<'a, 'e> fn(&'a Evidence<'e>) -> Prepared<'a>>,
    /// It where a row has any number of labels; not there if it is none of [`Task::AnyOf`].
    pub(crate) any_of: Option<for<'a, 'e> fn(&'a SetEvidence<'e>) -> Prepared<'a>>,
    /// The kind of its interval.
    pub(crate) trust: Trust,
}

impl FigureKind {
    /// Whether it is a figure of this task.
    pub fn serves(&self, task: Task) -> bool {
        match task {
            Task::OneOf => self.one_of.is_some(),
            Task::AnyOf => self.any_of.is_some(),
        }
    }

    /// The name in settings, in kebab case.
    pub fn setting(&self) -> String {
        self.name.replace('_', "-")
    }

    /// The value with its sign turned where larger is better, so that the smallest is the best.
    pub fn cost(&self, value: f64) -> f64 {
        match self.better {
            Better::Lower => value,
            Better::Higher => -value,
        }
    }
}

impl PartialEq for FigureKind {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for FigureKind {}

impl fmt::Debug for FigureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A figure of some predictions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// The kind.
    pub kind: &'static FigureKind,
    /// Its value; `None` where it is undefined, and [`FigureKind::undefined`] says why.
    pub value: Option<f64>,
    /// How far it may be trusted, where that is known.
    pub interval: Option<Interval>,
}

impl Figure {
    /// Why it has no value; `None` if it has one.
    pub fn undefined(&self) -> Option<&'static str> {
        self.value.is_none().then_some(self.kind.undefined)
    }
}

//! A figure: a number that says how good predictions are, with what a reader must know of it.

use crate::{Error, Evidence, Interval};
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
    /// Its value; `None` where it is undefined.
    pub(crate) value: fn(&Evidence) -> Result<Option<f64>, Error>,
    /// Its interval, where one is known.
    pub(crate) interval: fn(&Evidence) -> Result<Option<Interval>, Error>,
}

impl FigureKind {
    /// The figure of some predictions.
    ///
    /// # Errors
    /// If probabilities are no probabilities; each function of this crate says what it refuses.
    pub fn measure(&'static self, evidence: &Evidence) -> Result<Figure, Error> {
        let (value, interval) = ((self.value)(evidence)?, (self.interval)(evidence)?);
        Ok(Figure { kind: self, value, interval })
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

/// The interval of figures for which none is known.
pub(crate) fn no_interval(_: &Evidence) -> Result<Option<Interval>, Error> {
    Ok(None)
}

/// A figure of some predictions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// What it is.
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

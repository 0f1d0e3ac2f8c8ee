//! Figures of one set of predictions.

use crate::figure::{Figure, FigureKind, Trust};
use crate::judged::{Judged, weighted};
use crate::statistic::Weighted;
use crate::{Bootstrap, Error, FIGURES, Interval, wilson};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use std::fmt;

/// So many numbers are looked at for an interval, and no more: some seconds.
const DEAR: usize = 2_000_000_000;

/// Figures in a fixed order, found by name.
///
/// It is written as an object of names with a number, or null where a figure is undefined; intervals are not
/// written. Names that [`FIGURES`] does not have are passed over in reading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FigureSet(Vec<Figure>);

impl FigureSet {
    /// Every figure of some predictions.
    ///
    /// # Errors
    /// As [`FigureKind::measure`].
    pub fn new(judged: &impl Judged) -> Result<Self, Error> {
        let kinds: Vec<_> = FIGURES.iter().copied().filter(|kind| judged.has(kind)).collect();
        Self::of(&kinds, judged)
    }

    /// These figures of some predictions, in this order.
    ///
    /// # Errors
    /// As [`FigureKind::measure`].
    pub fn of(kinds: &[&'static FigureKind], judged: &impl Judged) -> Result<Self, Error> {
        let rows = vec![1.0; judged.rows()];
        let weighted = weighted(judged, &rows);
        kinds.iter().map(|kind| kind.measured(judged, &weighted)).collect()
    }

    /// Every figure with an interval: Wilson's for shares of the rows, for others the percentile bootstrap
    /// (Efron 1979), which draws rows anew among those of the same true label, so that each label keeps its
    /// number; of label sets among all rows.
    ///
    /// Resample i draws from `bootstrap.seed.at(i)`, whatever the number of threads. Figures of which all
    /// resamples together look at more than 2·10⁹ numbers have no interval: areas under curves of more than
    /// two million probabilities, say.
    ///
    /// # Errors
    /// As [`FigureKind::measure`]; [`Error::Parameter`] for a confidence that is not between 0 and 1, or no
    /// resamples.
    pub fn with_intervals(judged: &impl Judged, bootstrap: &Bootstrap) -> Result<Self, Error> {
        bootstrap.check()?;
        let mut all = Self::new(judged)?;
        let mut resampled = Vec::new();
        for (place, figure) in all.0.iter().enumerate().filter(|(_, figure)| figure.interval.is_none()) {
            let statistic = judged.prepared(figure.kind)?.filter(|_| figure.value.is_some());
            resampled.extend(statistic.filter(|s| s.cost * bootstrap.resamples < DEAR).map(|s| (place, s)));
        }
        if resampled.is_empty() {
            return Ok(all);
        }
        let strata = judged.drawn_among();
        let draws: Vec<Vec<Option<f64>>> = (0..bootstrap.resamples)
            .into_par_iter()
            .map(|resample| {
                let rows = bootstrap.drawn(resample, &strata, judged.rows());
                let weighted = weighted(judged, &rows);
                resampled.iter().map(|(_, statistic)| statistic.value(&weighted)).collect()
            })
            .collect();
        for (at, (place, _)) in resampled.iter().enumerate() {
            let values = draws.iter().filter_map(|draw| draw.get(at).copied().flatten()).collect();
            if let Some(figure) = all.0.get_mut(*place) {
                figure.interval = bootstrap.ends(values);
            }
        }
        Ok(all)
    }

    /// The intervals by the figures' names, of those that have one.
    pub fn intervals(&self) -> impl Iterator<Item = (&'static str, Interval)> + '_ {
        self.iter().filter_map(|figure| Some((figure.kind.name, figure.interval?)))
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

impl FigureKind {
    /// The figure of some predictions.
    ///
    /// # Errors
    /// [`Error::Task`] if it is none of that task; if probabilities are no probabilities.
    pub fn measure(&'static self, judged: &impl Judged) -> Result<Figure, Error> {
        self.measured(judged, &weighted(judged, &vec![1.0; judged.rows()]))
    }

    /// The figure of rows that are counted already, each once.
    pub(crate) fn measured(
        &'static self,
        judged: &impl Judged,
        weighted: &Weighted,
    ) -> Result<Figure, Error> {
        let value = judged.prepared(self)?.and_then(|statistic| statistic.value(weighted));
        let interval = match (self.trust, value) {
            (Trust::Wilson, Some(share)) => {
                let rows = judged.rows() as u64;
                wilson((share * rows as f64).round() as u64, rows, 0.95)?
            }
            _ => None,
        };
        Ok(Figure { kind: self, value, interval })
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
    use crate::SetEvidence;
    use crate::figures::{ACCURACY, LOSS, MACRO_F1};
    use crate::{ClassificationReport, Evidence, UndefinedRule, log_loss};
    use assort_random::Seed;
    use ndarray::{Array2, array};

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

    /// Rows of three labels, right in about two of three, with probabilities that mean something.
    fn judged() -> (Vec<u32>, Array2<f64>) {
        let truth: Vec<u32> = (0..600).map(|row| [0, 0, 0, 1, 1, 2][row % 6]).collect();
        let mut generator = Seed::new(4).generator();
        let mut probabilities = Array2::zeros((600, 3));
        for (mut row, label) in probabilities.rows_mut().into_iter().zip(&truth) {
            row.iter_mut().for_each(|p: &mut f64| *p = 0.05 + generator.uniform());
            row[*label as usize] += 0.5;
            row /= row.sum();
        }
        (truth, probabilities)
    }

    #[test]
    fn every_figure_has_an_interval_around_it() {
        let (truth, probabilities) = judged();
        let evidence = Evidence::new(&truth, probabilities.view()).unwrap();
        let bootstrap = Bootstrap { resamples: 400, ..Bootstrap::new(Seed::new(1)) };
        let all = FigureSet::with_intervals(&evidence, &bootstrap).unwrap();
        for figure in all.iter().filter(|figure| figure.value.is_some()) {
            let (value, interval) = (figure.value.unwrap(), figure.interval.unwrap());
            // The calibration error of resamples is larger than that of the rows themselves.
            let low = if figure.kind.name.starts_with("calibration") { 0.0 } else { interval.low };
            assert!(low <= value && value <= interval.high && interval.low < interval.high, "{figure:?}");
            assert!(interval.high - interval.low < 0.3, "{figure:?}");
        }
        let values = |set: &FigureSet| set.iter().map(|figure| figure.value).collect::<Vec<_>>();
        assert_eq!(values(&all), values(&FigureSet::new(&evidence).unwrap()));
        // Losses of rows: the mean's standard error within each label, by hand.
        let losses: Vec<f64> =
            truth.iter().enumerate().map(|(row, t)| -probabilities[(row, *t as usize)].ln()).collect();
        let variance: f64 = (0..3)
            .map(|label| {
                let own: Vec<f64> =
                    losses.iter().zip(&truth).filter(|(_, t)| **t == label).map(|(l, _)| *l).collect();
                let mean = own.iter().sum::<f64>() / own.len() as f64;
                own.iter().map(|loss| (loss - mean).powi(2)).sum::<f64>()
            })
            .sum();
        let half = 1.96 * variance.sqrt() / 600.0;
        let (loss, interval) = (all.value(&LOSS).unwrap(), all.get(&LOSS).unwrap().interval.unwrap());
        assert!((interval.high - loss - half).abs() < 0.15 * half, "{interval:?} {loss} ± {half}");
        assert!((loss - interval.low - half).abs() < 0.15 * half, "{interval:?} {loss} ± {half}");
    }

    #[test]
    fn intervals_do_not_depend_on_threads() {
        let (truth, probabilities) = judged();
        let evidence = Evidence::new(&truth, probabilities.view()).unwrap();
        let bootstrap = Bootstrap { resamples: 50, ..Bootstrap::new(Seed::new(1)) };
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| FigureSet::with_intervals(&evidence, &bootstrap).unwrap())
        };
        assert_eq!(run(1), run(3));
        let other = Bootstrap { seed: Seed::new(2), ..bootstrap };
        assert_ne!(run(1), FigureSet::with_intervals(&evidence, &other).unwrap());
        assert!(FigureSet::with_intervals(&evidence, &Bootstrap { resamples: 0, ..other }).is_err());
    }

    #[test]
    fn intervals_of_label_sets() {
        let (_, probabilities) = judged();
        let truth = probabilities.mapv(|p| p > 0.4);
        let evidence = SetEvidence::new(truth.view(), probabilities.view(), &[0.35; 3]).unwrap();
        let bootstrap = Bootstrap { resamples: 100, ..Bootstrap::new(Seed::new(1)) };
        let all = FigureSet::with_intervals(&evidence, &bootstrap).unwrap();
        assert!(all.iter().all(|figure| figure.value.is_none() || figure.interval.is_some()));
        assert_eq!(all.intervals().count(), all.iter().filter(|figure| figure.value.is_some()).count());
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

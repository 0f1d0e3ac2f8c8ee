//! The path of penalties of a linear model, judged on rows that it is not fitted to.

use std::time::Instant;

use assort_datasets::{Fold, Resampling};
use assort_models::linear::{self, Design, LinearConfig, Path};
use assort_random::Seed;
use assort_report::{Search, Tried, TriedFeatures};
use assort_tensor::Targets;
use ndarray::ArrayView2;

use crate::context::Context;
use crate::prepare::Rows;
use crate::truth::{self, Truth};
use crate::{Error, Event, Result};

/// The inverse penalties, half a power of ten apart.
pub const PENALTIES: [f64; 7] = [0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0];
/// The place of the first one that is tried.
pub const FIRST: usize = 2;
/// The next penalty is tried if this one has lowered the loss by this share of it.
const LOWERED: f64 = 0.005;
/// With fewer training rows than this, the loss is that of folds: the validation rows would tell too little.
const FEW_ROWS: usize = 2_000;
/// The most folds.
const FOLDS: usize = 5;
/// While penalties are compared, a fit need not be exact.
const TOLERANCE: f64 = 1e-2;

/// Folds of few training rows, or of any number where no others judge them; `None` where the validation rows
/// judge. Copies of a row must not lie on both sides, and each label needs a row in each fold.
pub fn folds(rows: &Rows, seed: u64, resample: Resampling) -> Result<Option<Vec<Fold>>> {
    let train = &rows.train;
    let fewest = train.counts().into_iter().filter(|count| *count > 0).min().unwrap_or(0);
    let folds = FOLDS.min(fewest as usize);
    let is_judged = !rows.validation.is_empty();
    if folds < 2 || resample != Resampling::None {
        if is_judged {
            return Ok(None);
        }
        let reason = "no rows are left to choose settings by, and folds need no resampling and two rows of \
                      each label: give a share above 0, or each open setting a value";
        return Err(assort_settings::Error::value("validation_share", "0", reason).into());
    }
    if train.len() >= FEW_ROWS && is_judged {
        return Ok(None);
    }
    Ok(Some(train.folds(folds, Seed::new(seed).stream("penalty"))?))
}

/// Rows to fit to and rows to judge by, as features.
pub struct Division<R> {
    pub rows: R,
    pub targets: Targets,
    pub held: R,
    pub truth: Truth,
    pub classes: usize,
}

/// The search that these divisions judge, of so many labels, before anything was tried.
pub fn search<R>(divisions: &[Division<R>], labels: usize) -> Search {
    let judging = divisions.first().map(|division| division.classes);
    Search {
        labels: judging.filter(|judging| *judging < labels),
        rows: divisions.iter().map(|division| division.truth.rows()).sum(),
        folds: (divisions.len() > 1).then_some(divisions.len()),
        tried: Vec::new(),
    }
}

/// Walks the path of penalties: from that at the place `first` up while the loss falls, and down where it did
/// not.
pub fn walk<'d, R>(
    run: &mut Context,
    search: &mut Search,
    divisions: &'d [Division<R>],
    (features, config): (TriedFeatures, &LinearConfig),
    (penalties, first): (&[f64], usize),
) -> Result<()>
where
    &'d R: Into<Design<'d>>,
{
    let config = LinearConfig { tolerance: config.tolerance.max(TOLERANCE), ..config.clone() };
    let path = |of: &'d Division<R>| -> Result<Path> {
        let rows: Design<'d> = (&of.rows).into();
        Ok(Path::new(rows, truth::labels(&of.targets)?, of.classes, &config)?)
    };
    let paths = divisions.iter().map(path).collect::<Result<_>>()?;
    let truth = Truth::joined(divisions.iter().map(|division| &division.truth))?;
    let mut walker = Walker { divisions, features, paths, truth, lowest: None, lowered: false };
    let mut take = |penalty: f64| -> Result<bool> {
        let Some(tried) = walker.take(penalty)? else { return Ok(false) };
        run.tell(&Event::Tried { tried: &tried });
        search.tried.push(tried);
        Ok(walker.lowered)
    };
    let mut falls = 0;
    for penalty in penalties.iter().skip(first) {
        if !take(*penalty)? {
            break;
        }
        falls += 1;
    }
    // The first one has nothing to be compared with.
    if falls < 2 {
        for penalty in penalties.iter().take(first).rev() {
            if !take(*penalty)? {
                break;
            }
        }
    }
    Ok(())
}

/// The paths of all divisions.
struct Walker<'d, 'c, R> {
    divisions: &'d [Division<R>],
    features: TriedFeatures,
    paths: Vec<Path<'c>>,
    /// The labels of the rows held back, of all divisions.
    truth: Truth,
    /// The lowest loss so far.
    lowest: Option<f64>,
    /// Whether the last penalty has lowered it.
    lowered: bool,
}

impl<'d, R> Walker<'d, '_, R>
where
    &'d R: Into<Design<'d>>,
{
    /// Mean loss and accuracy on the rows held back; `None` for a penalty so weak that numbers do not
    /// suffice, unless it is the first one.
    fn take(&mut self, inverse_penalty: f64) -> Result<Option<Tried>> {
        let clock = Instant::now();
        let mut probabilities = Vec::new();
        for (path, division) in self.paths.iter_mut().zip(self.divisions) {
            let model = match path.fit(inverse_penalty) {
                Err(linear::Error::Diverged { .. }) if self.lowest.is_some() => return Ok(None),
                fitted => fitted?,
            };
            let held: Design<'d> = (&division.held).into();
            let own = model.probabilities(&model.scores(held)?);
            probabilities.extend(own.into_iter().map(f64::from));
        }
        let classes = self.divisions.first().map_or(0, |division| division.classes);
        let table = ArrayView2::from_shape((self.truth.rows(), classes), &probabilities)
            .map_err(|error| Error::Request(error.to_string()))?;
        let (accuracy, loss) = self.truth.accuracy_and_loss(table)?;
        self.lowered = self.lowest.is_none_or(|lowest| loss < lowest * (1.0 - LOWERED));
        self.lowest = Some(self.lowest.map_or(loss, |lowest| lowest.min(loss)));
        Ok(Some(Tried {
            features: self.features,
            inverse_penalty,
            loss,
            accuracy,
            seconds: clock.elapsed().as_secs_f64(),
        }))
    }
}

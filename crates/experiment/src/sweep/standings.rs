//! How the combinations of a sweep stand.

use assort_metrics::FigureKind;
use assort_report::{Standing, Trial};
use serde_json::{Map, Value};

/// The combinations of some trials, the best first, failed ones last; equal ones in the order of the trials.
pub fn standings(trials: &[Trial], by: &FigureKind) -> Vec<Standing> {
    let mut groups: Vec<(&Map<String, Value>, Vec<&Trial>)> = Vec::new();
    for trial in trials {
        match groups.iter_mut().find(|(values, _)| *values == &trial.values) {
            Some((_, group)) => group.push(trial),
            None => groups.push((&trial.values, vec![trial])),
        }
    }
    let mut all: Vec<Standing> = groups.iter().map(|(values, group)| Standing::new(values, group)).collect();
    let key = |standing: &Standing| standing.figures.get(by).map_or(f64::INFINITY, |mean| by.cost(mean.mean));
    all.sort_by(|a, b| key(a).total_cmp(&key(b)));
    all
}

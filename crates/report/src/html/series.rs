//! Several trainings as a page: the trials of a sweep, the folds of a cross-validation.

use assort_metrics::FigureKind;
use assort_metrics::figures::{ACCURACY, LOSS, MACRO_F1, MICRO_F1, SUBSET_ACCURACY};
use assort_plot::LineChart;
use maud::{Markup, html};

use super::STYLE;
use super::front::{FRONT, Point, chart};
use super::parts::{document, figure, head, line, paragraph, scroll};
use crate::numbers::{counted, grouped, scaled, seconds};
use crate::series::words;
use crate::text::visible;
use crate::{CrossValidation, Evaluation, Result, Standing, Trial};

/// The figures of each run that are shown, beside the one that decides.
const SHOWN: [&FigureKind; 5] = [&LOSS, &ACCURACY, &MICRO_F1, &MACRO_F1, &SUBSET_ACCURACY];

/// The page of a sweep: the combinations, the best first, quality against time, and the curves.
///
/// # Errors
/// If a picture cannot be drawn.
pub fn sweep(
    title: &str,
    standings: &[Standing],
    trials: &[Trial],
    by: &'static FigureKind,
    curves: Option<&LineChart>,
) -> Result<String> {
    let points = trials.iter().map(|trial| {
        let value = trial.figure(by);
        Point { name: format!("{}, seed {}", words(&trial.values), trial.seed), price: trial.seconds, value }
    });
    let time = chart("by seconds of training", "seconds of training", &points.collect::<Vec<_>>(), by);
    let body = html! {
        main {
            h1 { "Which settings? " bdi { (visible(title)) } }
            (paragraph(&verdict(standings, trials, by)))
            h2 { "Best first" }
            (scroll("Combinations", &table(standings, by)))
            @if let Some(curves) = curves {
                (figure("curves", &curves.title, curves.svg()?, "The first seed of each combination."))
            }
            (figure("time", &time.title, time.svg()?,
                "Each trial by what its training took. The line joins those than which none is both as good \
                 and cheaper."))
        }
    };
    Ok(document(&format!("{title} – assort sweep"), STYLE, &body))
}

fn verdict(standings: &[Standing], trials: &[Trial], by: &FigureKind) -> String {
    let Some(best) = standings.first().filter(|best| best.failure.is_none()) else {
        return "No trial came to its end.".into();
    };
    let mean = best.figures.get(by).map(|mean| mean.mean);
    format!(
        "Of {} with {}, {} has the best {} on the validation rows, {}. Judge it by rows that chose nothing.",
        counted(standings.len(), "combination"),
        counted(trials.len(), "trial"),
        words(&best.values),
        by.title,
        scaled(mean, by.scale)
    )
}

fn table(standings: &[Standing], by: &'static FigureKind) -> Markup {
    let mut kinds: Vec<&FigureKind> = SHOWN.to_vec();
    kinds.retain(|kind| standings.iter().any(|one| one.figures.get(kind).is_some()));
    if !kinds.contains(&by) {
        kinds.push(by);
    }
    let mark = |kind: &&FigureKind| {
        if *kind == by { format!("{} (decides)", kind.title) } else { kind.title.into() }
    };
    let titles: Vec<String> = kinds.iter().map(mark).collect();
    let mut columns = vec!["Settings"];
    columns.extend(titles.iter().map(String::as_str));
    columns.extend(["Time", "Folder"]);
    let row = |one: &Standing| {
        let figures =
            kinds.iter().map(|kind| scaled(one.figures.get(kind).map(|mean| mean.mean), kind.scale));
        let folders = match &one.failure {
            Some(why) => format!("failed: {why}"),
            None => one.folders.join(", "),
        };
        line(&words(&one.values), &figures.chain([seconds(one.seconds), folders]).collect::<Vec<_>>())
    };
    html! { table { (head(&columns)) tbody { @for one in standings { (row(one)) } } } }
}

/// The page of a cross-validation: each fold, and the figures of all together.
///
/// # Errors
/// If a picture cannot be drawn.
pub fn folds(title: &str, all: &CrossValidation) -> Result<String> {
    let mean = all.figures.get(&ACCURACY).or_else(|| all.figures.get(&SUBSET_ACCURACY));
    let verdict = match mean {
        Some(mean) => format!(
            "Right on {} of the rows in the mean of {}, with a deviation of {} between them. Each row was \
             judged once, by a model that nothing of it had shaped.",
            scaled(mean.mean, ACCURACY.scale),
            counted(all.folds.len(), "fold"),
            scaled(mean.deviation, ACCURACY.scale)
        ),
        None => "The accuracy is not defined in every fold.".into(),
    };
    let points = all.folds.iter().map(|fold| Point {
        name: format!("fold {}", fold.fold),
        price: fold.seconds,
        value: fold.evaluation.accuracy(),
    });
    let points = points.collect::<Vec<_>>();
    let mut time = chart("by seconds of training", "seconds of training", &points, &ACCURACY);
    // No fold is chosen.
    time.series.retain(|series| series.name != FRONT);
    let body = html! {
        main {
            h1 { "Cross-validation " bdi { (visible(title)) } }
            (paragraph(&verdict))
            h2 { "Each fold" }
            (scroll("Each fold", &each_fold(all)))
            (figure("time", &time.title, time.svg()?, "Each fold by what its training took."))
            h2 { "All figures" }
            (scroll("All figures", &means(all)))
        }
    };
    Ok(document(&format!("{title} – assort folds"), STYLE, &body))
}

fn each_fold(all: &CrossValidation) -> Markup {
    let value = |evaluation: &Evaluation, kind: &FigureKind| scaled(evaluation.value(kind), kind.scale);
    let kinds =
        SHOWN.into_iter().filter(|kind| all.folds.iter().any(|fold| fold.evaluation.value(kind).is_some()));
    let kinds: Vec<&FigureKind> = kinds.collect();
    let mut columns = vec!["Fold", "Rows"];
    columns.extend(kinds.iter().map(|kind| kind.title));
    columns.extend(["Time", "Folder"]);
    html! {
        table {
            (head(&columns))
            tbody {
                @for fold in &all.folds {
                    @let figures = kinds.iter().map(|kind| value(&fold.evaluation, kind));
                    @let cells = [grouped(fold.evaluation.rows)].into_iter().chain(figures);
                    @let cells = cells.chain([seconds(fold.seconds), fold.folder.clone()]);
                    (line(&fold.fold.to_string(), &cells.collect::<Vec<_>>()))
                }
            }
        }
    }
}

fn means(all: &CrossValidation) -> Markup {
    html! {
        table.narrow {
            (head(&["Figure", "Mean", "Deviation"]))
            tbody {
                @for (kind, mean) in all.figures() {
                    @let value = |value: Option<f64>| scaled(value, kind.scale);
                    (line(kind.title, &[
                        value(mean.map(|mean| mean.mean)),
                        value(mean.and_then(|mean| mean.deviation)),
                    ]))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Sample;
    use crate::{FigureMeans, FoldResult};
    use serde_json::{Map, json};

    #[test]
    fn every_trial_has_its_place_and_nothing_leaves_it() {
        let trial = |rate: f64, failure: Option<&str>| Trial {
            folder: format!("trial-{rate}"),
            values: Map::from_iter([("learning_rate".into(), json!(rate))]),
            seed: 7,
            validation: failure.is_none().then(|| Sample::labels(3).evaluation),
            failure: failure.map(str::to_owned),
            best_epoch: None,
            cut_short: false,
            parameters: 3,
            seconds: 1.5,
            history: Vec::new(),
        };
        let trials = [trial(0.1, None), trial(100.0, Some("<i>diverged"))];
        let standings: Vec<Standing> =
            trials.iter().map(|trial| Standing::new(&trial.values, &[trial])).collect();
        let page = sweep("<s>", &standings, &trials, &LOSS, None).unwrap();
        let told = ["learning_rate 0.1", "trial-0.1", "failed: &lt;i&gt;diverged", "loss (decides)"];
        for expect in told {
            assert!(page.to_lowercase().contains(&expect.to_lowercase()), "{expect}: {page}");
        }
        assert!(["<i>", "<s>"].iter().all(|tag| !page.contains(tag)));
        assert!(sweep("s", &standings[1..], &trials[1..], &LOSS, None).unwrap().contains("No trial came"));
    }

    #[test]
    fn every_fold_has_its_line() {
        let fold = |number| FoldResult {
            fold: number,
            folder: format!("fold-{number}"),
            evaluation: Sample::labels(3).evaluation,
            seconds: 2.0,
        };
        let folds_of: Vec<FoldResult> = (1..=3).map(fold).collect();
        let evaluations: Vec<_> = folds_of.iter().map(|fold| Some(&fold.evaluation)).collect();
        let all = CrossValidation { figures: FigureMeans::new(&evaluations), folds: folds_of };
        let page = folds("reviews", &all).unwrap();
        for expect in ["in the mean of 3 folds", "fold-1", "fold-3", "Deviation"] {
            assert!(page.contains(expect), "{expect}: {page}");
        }
        assert!(!page.contains("Hamming"), "a figure of rows with any number of labels: {page}");
    }
}

//! `assort threshold`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use assort_datasets::{Labels, Task, read};
use assort_experiment::{DecisionGoal, Error, Goal, choose_decision, read_costs};
use assort_pipeline::{ModelFolder, Pipeline};
use assort_report::coverage_chart;
use assort_report::terminal::block::block;
use assort_report::terminal::reading::{self, By, Naming};
use assort_report::terminal::threshold::lines;
use serde_json::json;

use super::model::{self, Wanted, read_as_trained};
use super::sink;
use crate::arguments::ThresholdArguments;
use crate::exit::{Exit, Midway, without_room};
use crate::interrupt;
use crate::screen::{print, print_words, terminal_width};

/// The flags that name the columns.
const COLUMNS: Naming = Naming { text: By::Flag("--text-column"), label: By::Flag("--label-column") };

/// The picture that is left in the model's folder, without its ending.
const PICTURE: &str = "threshold";

/// Chooses, and keeps the choice.
pub fn run(arguments: &ThresholdArguments) -> Result<Exit> {
    interrupt::end_at_once()?;
    let pipeline = model::load(&arguments.folder, &arguments.model)?;
    let folder = ModelFolder::at(&arguments.folder);
    let Some(path) = arguments.data.as_ref().filter(|_| !arguments.reset) else {
        folder.change(|manifest| manifest.decision = Default::default()).map_err(Midway::new)?;
        let done = "each text gets its most probable label again";
        let text = match (arguments.json, pipeline.task()) {
            (true, _) => format!("{}\n", json!({ "decision": {} })),
            (false, Task::OneOf) => format!("{}: {done}\n", arguments.folder.display()),
            (false, Task::AnyOf) => {
                format!("{}: labels hold from probability 0.5 on again\n", arguments.folder.display())
            }
        };
        print(&text)?;
        return Ok(Exit::Fine);
    };
    let goal = goal(arguments, &pipeline)?;
    let label = arguments.label.as_deref().map(|name| place(&pipeline, name)).transpose()?;
    let clock = std::time::Instant::now();
    let ((data, report), naming) =
        read_as_trained(&pipeline, &arguments.options(), Wanted::Labels, COLUMNS, |options| {
            read(path, options)
        })?;
    let seconds = clock.elapsed().as_secs_f64();
    let data = data.with_labels(&Labels::in_order(pipeline.labels().to_vec()))?.with_task(pipeline.task())?;
    let (decision, figures) =
        choose_decision(&pipeline, &data, &goal, label).map_err(|error| match error {
            // What cannot be reached was asked for by a flag.
            Error::Request(_) => error.into(),
            other => without_room(other),
        })?;
    folder.change(|manifest| manifest.decision = decision.clone()).map_err(Midway::new)?;
    if arguments.json {
        print(&format!("{}\n", json!({ "decision": decision, "figures": figures })))?;
        return Ok(Exit::Fine);
    }
    let mut text = block("read", &reading::lines(path, &report, Some(seconds), naming));
    text.push_str(&block("chosen", &lines(&figures, terminal_width())));
    let mut written = vec![folder.manifest().display().to_string()];
    if figures.answered.is_some()
        && let Some(chart) = coverage_chart(&figures.coverage)
    {
        let place = folder.pictures();
        fs::create_dir_all(&place).with_context(|| place.display().to_string()).map_err(Midway::new)?;
        for (ending, bytes) in [("svg", chart.svg()?.into_bytes()), ("png", chart.png()?)] {
            let path = place.join(format!("{PICTURE}.{ending}"));
            sink::write(&path, &bytes)?;
            written.extend((ending == "svg").then(|| path.display().to_string()));
        }
    }
    text.push_str(&block("written", &written));
    text.push_str(&block("next", &next(&arguments.folder, &goal)));
    print_words(&text)?;
    Ok(Exit::Fine)
}

/// How the choice is used.
fn next(folder: &Path, goal: &DecisionGoal) -> [String; 1] {
    let folder = folder.display();
    [match goal {
        DecisionGoal::Threshold(Goal::Precision(_)) | DecisionGoal::Costs(_) => {
            format!("assort predict {folder} --data new.csv --abstain says none where it is not sure")
        }
        DecisionGoal::Threshold(_) => format!("assort predict {folder} --data new.csv"),
        DecisionGoal::Coverage(_) => format!("assort predict {folder} --data new.csv --sets"),
    }]
}

fn goal(arguments: &ThresholdArguments, pipeline: &Pipeline) -> Result<DecisionGoal> {
    let is_one = pipeline.task() == Task::OneOf;
    if is_one && arguments.label.is_none() && (arguments.recall.is_some() || arguments.f1) {
        bail!("recall and F1 are those of a label where a text has one: name it with --label");
    }
    Ok(match arguments {
        ThresholdArguments { precision: Some(share), .. } => DecisionGoal::Threshold(Goal::Precision(*share)),
        ThresholdArguments { recall: Some(share), .. } => DecisionGoal::Threshold(Goal::Recall(*share)),
        ThresholdArguments { costs: Some(path), .. } => {
            DecisionGoal::Costs(read_costs(path, pipeline.labels())?)
        }
        ThresholdArguments { coverage: Some(share), .. } => DecisionGoal::Coverage(*share),
        _ => DecisionGoal::Threshold(Goal::F1),
    })
}

/// The number of a label.
fn place(pipeline: &Pipeline, name: &str) -> Result<usize> {
    let labels = pipeline.labels();
    labels.iter().position(|label| label == name).with_context(|| {
        let known: Vec<&str> = labels.iter().take(10).map(String::as_str).collect();
        let more = if labels.len() > known.len() { ", …" } else { "" };
        format!("--label '{name}' is none of the model's labels: {}{more}", known.join(", "))
    })
}

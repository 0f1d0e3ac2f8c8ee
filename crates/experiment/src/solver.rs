//! A linear model's training by its own solver.

use std::time::Instant;

use assort_datasets::Dataset;
use assort_models::linear::{LinearConfig, LinearModel, Refit, Stopped, fit};
use assort_models::{Model, ModelConfig, Shape};
use assort_pipeline::{Featurizer, text_probabilities};
use assort_report::ParameterLine;
use assort_rows::SparseRows;

use crate::context::Context;
use crate::evaluate::Evaluated;
use crate::outcome::{Outcome, Refitted, Training};
use crate::prepare::Rows;
use crate::{Error, Event, Result, choice, memory, truth};

/// Learns the features from the training rows, chooses what is left open, and fits the model on them.
pub fn solve(run: &mut Context, linear: &LinearConfig, rows: &Rows) -> Result<Outcome> {
    let clock = Instant::now();
    let chosen = choice::settle(run, linear, rows)?;
    let (search, fitted) = chosen.map_or((None, None), |chosen| (Some(chosen.search), chosen.fitted));
    let ModelConfig::Linear(linear) = run.config.model.clone() else {
        return Err(Error::Request(format!("{} has no solver", run.config.model.name())));
    };
    let vectorizing = Instant::now();
    let (featurizer, inputs) = match fitted {
        Some(fitted) => fitted,
        None => {
            let (featurizer, inputs) = Featurizer::fit(&rows.train.texts().slices(), &run.config.features)?;
            (featurizer, inputs.into_sparse()?)
        }
    };
    let (features, tokens) = (inputs.width(), inputs.stored());
    let seconds = vectorizing.elapsed().as_secs_f64();
    run.tell(&Event::Vectorized { features, weights: tokens, seconds });
    let shape = Shape { vocabulary: featurizer.width(), classes: rows.train.names().len() };
    memory::check_linear(&linear, (rows.train.len(), features, shape.classes))?;
    let solving = Instant::now();
    let model = fit_to(&inputs, &rows.train, &linear)?;
    let training = Training::Solved {
        steps: model.convergence().iter().map(|end| end.iterations).sum(),
        seconds: solving.elapsed().as_secs_f64(),
        search,
    };
    let mut fitted = Fitted { featurizer, model, tokens };
    let refitted = match linear.refit {
        Refit::Off => None,
        Refit::On => Some(Box::new(refit(run, &linear, rows, &mut fitted)?)),
    };
    let Fitted { featurizer, model, tokens } = fitted;
    let shape = Shape { vocabulary: featurizer.width(), ..shape };
    let seconds = clock.elapsed().as_secs_f64();
    let total = model.coefficients().len() + model.intercepts().len();
    tell(run, &model, total)?;
    Ok(Outcome {
        features: featurizer.settled(run.config.features.clone()),
        featurizer,
        model: Model::Linear(model),
        architecture: run.config.model.clone(),
        shape,
        parameters: (total, total),
        tokens,
        seconds,
        training,
        pretrained: None,
        refitted,
    })
}

/// Fits to rows with these features and their labels.
fn fit_to(inputs: &SparseRows, data: &Dataset, linear: &LinearConfig) -> Result<LinearModel> {
    Ok(fit(inputs, truth::labels(&truth::targets(data))?, data.names().len(), linear)?)
}

/// A fitted model with its features.
struct Fitted {
    featurizer: Featurizer,
    model: LinearModel,
    tokens: usize,
}

/// Judges the model on the validation rows, then fits it once more to them too.
fn refit(run: &Context, linear: &LinearConfig, rows: &Rows, fitted: &mut Fitted) -> Result<Refitted> {
    let clock = Instant::now();
    let texts = rows.validation.texts().slices();
    let names = rows.train.names().names();
    let before = Model::Linear(fitted.model.clone());
    let kind = (names.len(), run.config.task);
    let probabilities = text_probabilities(&fitted.featurizer, &before, kind, &texts)?;
    let seconds = clock.elapsed().as_secs_f64();
    let validation = Evaluated::of(names, &rows.validation, probabilities, (0, seconds))?;
    let all = rows.train.joined(&rows.validation)?;
    let (featurizer, inputs) = Featurizer::fit(&all.texts().slices(), &run.config.features)?;
    let inputs = inputs.into_sparse()?;
    memory::check_linear(linear, (all.len(), inputs.width(), names.len()))?;
    let model = fit_to(&inputs, &all, linear)?;
    *fitted = Fitted { featurizer, model, tokens: inputs.stored() };
    Ok(Refitted { validation, digest: all.digest(), rows: all.len() })
}

/// Tells the parameters, and warns where the solver did not converge.
fn tell(run: &mut Context, model: &LinearModel, total: usize) -> Result<()> {
    let line = |(name, tensor): (String, candle_core::Tensor)| ParameterLine {
        name,
        shape: tensor.dims().to_vec(),
        values: tensor.elem_count(),
        trained: true,
    };
    let name = run.config.model.name();
    let parameters = model.tensors()?.into_iter().map(line).collect();
    run.tell(&Event::Model { name, parameters, total, trainable: total, device: "cpu".into() });
    warn_if_unfinished(run, model);
    Ok(())
}

/// Warns where the solver did not converge.
pub fn warn_if_unfinished(run: &mut Context, model: &LinearModel) {
    for end in model.convergence().iter().filter(|end| end.stopped == Stopped::IterationLimit) {
        let (steps, share) = (end.iterations, end.gradient_share);
        run.warn(format!(
            "the solver stopped after {steps} steps before it converged (gradient {share:.1e} of the first): \
             raise iteration_limit or tolerance"
        ));
    }
}

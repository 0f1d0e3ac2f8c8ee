//! Questions to a model.

use std::sync::Arc;

use assort_pipeline::{Method, Prediction};
use assort_report::{Asked, Explanation};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use ndarray::Array1;
use serde::Serialize;
use serde_json::{Value, json};

use crate::Limits;
use crate::answers;
use crate::failure::{Failure, Suggestion};
use crate::model::Model;
use crate::requests::{self, EmbedRequest, ExplainRequest, PredictRequest};
use crate::shared::{Answer, Predicted, Served, Shared};

/// The most labels that an error lists.
const LISTED: usize = 100;

#[derive(Serialize)]
struct Predictions<'m> {
    model: &'m str,
    digest: &'m str,
    predictions: Vec<Vec<Prediction<'m>>>,
}

/// `POST /predict`.
pub async fn predict(State(shared): State<Arc<Shared>>, request: Request) -> Result<Response, Failure> {
    let PredictRequest { texts, model, top, abstain } = requests::read(request, &shared.limits).await?;
    requests::check(&texts, shared.limits.texts, &shared.limits)?;
    if top == Some(0) {
        return Err(Failure::of_field("top", "give at least 1"));
    }
    let served = shared.model(model.as_deref())?;
    let Predicted { model, probabilities } = in_time(&shared.limits, served.predictions.ask(texts)).await?;
    let top = top.unwrap_or(usize::MAX);
    let ranked = |row: &Array1<f64>| match abstain {
        true => model.pipeline.ranked_if_sure(row.view(), top),
        false => model.pipeline.ranked(row.view(), top),
    };
    let predictions = probabilities.iter().map(ranked).collect();
    let found = Predictions { model: &model.name, digest: &model.digest, predictions };
    Ok(answers::json(StatusCode::OK, &found))
}

/// `POST /explain`.
pub async fn explain(State(shared): State<Arc<Shared>>, request: Request) -> Result<Response, Failure> {
    let ExplainRequest { texts, model, label, method } = requests::read(request, &shared.limits).await?;
    requests::check(&texts, shared.limits.explained, &shared.limits)?;
    if let Some(place) = texts.iter().position(|text| text.trim().is_empty()) {
        return Err(Failure::of_field(format!("texts[{place}]"), "give a text with at least one word"));
    }
    let method = method.as_deref().map(method_named).transpose()?;
    let question = move |model: &Model| explanations(model, &texts, label.as_deref(), method);
    question_of(&shared, model.as_deref(), "explanations", question).await
}

/// `POST /embed`.
pub async fn embed(State(shared): State<Arc<Shared>>, request: Request) -> Result<Response, Failure> {
    let EmbedRequest { texts, model } = requests::read(request, &shared.limits).await?;
    requests::check(&texts, shared.limits.texts, &shared.limits)?;
    let question = move |model: &Model| {
        // One by one, so that a text's bits do not depend on the others.
        let states = texts.iter().map(|text| Ok(Value::from(model.pipeline.row_states(&[text])?.0)));
        states.collect::<Result<Value, Failure>>()
    };
    question_of(&shared, model.as_deref(), "embeddings", question).await
}

/// A model's answer to a question, under this key.
async fn question_of(
    shared: &Shared,
    model: Option<&str>,
    key: &str,
    question: impl Fn(&Model) -> Result<Value, Failure> + Send + 'static,
) -> Result<Response, Failure> {
    let served: &Served = shared.model(model)?;
    let Answer { model, value } = in_time(&shared.limits, served.questions.ask(Box::new(question))).await?;
    let found = json!({ "model": model.name, "digest": model.digest, key: value });
    Ok(answers::json(StatusCode::OK, &found))
}

async fn in_time<T>(limits: &Limits, answer: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let late = |_| Failure::unavailable("the answer took too long: send less, or ask later");
    tokio::time::timeout(limits.answer_time, answer).await.map_err(late)?
}

fn method_named(name: &str) -> Result<Method, Failure> {
    Method::ALL.into_iter().find(|method| method.name() == name).ok_or_else(|| {
        let from = Method::ALL.map(|method| method.name().to_owned()).to_vec();
        let refused = Failure::of_field("method", format!("there is no method '{name}'"));
        refused.with(Suggestion::Choose { from })
    })
}

/// Each text's explanation, of the label that is asked for or of the one that is predicted.
fn explanations(
    model: &Model,
    texts: &[String],
    label: Option<&str>,
    method: Option<Method>,
) -> Result<Value, Failure> {
    let pipeline = &model.pipeline;
    let labels = pipeline.labels();
    let asked = match label {
        None => Asked::Predicted,
        Some(name) => Asked::Label(labels.iter().position(|label| label == name).ok_or_else(|| {
            let from = labels.iter().take(LISTED).cloned().collect();
            let refused = Failure::of_field("label", format!("the model has no label '{name}'"));
            refused.with(Suggestion::Choose { from })
        })?),
    };
    let unexplained = || Failure::of_field("model", "this model cannot be explained");
    let method = method.or(pipeline.methods().first().copied()).ok_or_else(unexplained)?;
    let one = |(row, text): (u64, &String)| {
        let attribution = pipeline.explain(text, method)?;
        let probabilities = pipeline.probabilities(&[text])?.row(0).to_vec();
        Ok(Explanation::new(row, method, attribution, labels, probabilities, asked).json())
    };
    (1..).zip(texts).map(one).collect()
}

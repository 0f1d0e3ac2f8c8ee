//! Counts and times for Prometheus.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    path: &'static str,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Asked {
    path: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfModel {
    model: String,
}

type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// Everything that is counted.
pub struct Metrics {
    registry: Registry,
    answered: Family<Answered, Counter>,
    seconds: Histograms<Asked>,
    /// Connections that are open.
    pub connections: Gauge,
    texts: Family<OfModel, Counter>,
    batches: Histograms<OfModel>,
    computed: Histograms<OfModel>,
    waiting: Family<OfModel, Gauge>,
    generation: Family<OfModel, Gauge>,
    refused: Family<OfModel, Counter>,
}

/// What is counted of one model.
#[derive(Clone)]
pub struct ModelMetrics {
    /// Texts that were predicted.
    pub texts: Counter,
    /// Texts of each batch.
    pub batches: Histogram,
    /// Seconds that each batch took.
    pub computed: Histogram,
    /// Requests that wait.
    pub waiting: Gauge,
    /// How often the folder was loaded.
    pub generation: Gauge,
    /// How often it could not be loaded.
    pub refused: Counter,
}

/// From 0.1 milliseconds to 26 seconds.
fn times() -> Histogram {
    Histogram::new(exponential_buckets(0.0001, 2.0, 19))
}

/// From 1 text to 4096.
fn sizes() -> Histogram {
    Histogram::new(exponential_buckets(1.0, 2.0, 13))
}

impl Metrics {
    pub fn new() -> Self {
        let metrics = Self {
            registry: Registry::with_prefix("assort"),
            answered: Family::default(),
            seconds: Family::new_with_constructor(times),
            connections: Gauge::default(),
            texts: Family::default(),
            batches: Family::new_with_constructor(sizes),
            computed: Family::new_with_constructor(times),
            waiting: Family::default(),
            generation: Family::default(),
            refused: Family::default(),
        };
        metrics.registered()
    }

    fn registered(mut self) -> Self {
        let registry = &mut self.registry;
        registry.register("requests", "Requests answered", self.answered.clone());
        registry.register(
            "request_seconds",
            "Time from a request's head to its answer",
            self.seconds.clone(),
        );
        registry.register("connections", "Open connections", self.connections.clone());
        registry.register("texts", "Texts predicted", self.texts.clone());
        registry.register("batch_texts", "Texts of a batch", self.batches.clone());
        registry.register("batch_seconds", "Time to compute a batch", self.computed.clone());
        registry.register("waiting_requests", "Requests that wait for the model", self.waiting.clone());
        registry.register("model_generation", "How often the model was loaded", self.generation.clone());
        registry.register("model_refused", "How often the folder could not be loaded", self.refused.clone());
        self
    }

    /// Counts a request.
    pub fn answered(&self, path: &'static str, status: u16, seconds: f64) {
        self.answered.get_or_create(&Answered { path, status }).inc();
        self.seconds.get_or_create(&Asked { path }).observe(seconds);
    }

    /// The counts of a model.
    pub fn model(&self, name: &str) -> ModelMetrics {
        let label = OfModel { model: name.to_owned() };
        ModelMetrics {
            texts: self.texts.get_or_create_owned(&label),
            batches: self.batches.get_or_create_owned(&label),
            computed: self.computed.get_or_create_owned(&label),
            waiting: self.waiting.get_or_create_owned(&label),
            generation: self.generation.get_or_create_owned(&label),
            refused: self.refused.get_or_create_owned(&label),
        }
    }

    /// All of it in the text format of OpenMetrics.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // A string takes everything.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_names_and_labels() {
        let metrics = Metrics::new();
        metrics.answered("/predict", 200, 0.0003);
        let model = metrics.model("a\"b");
        model.texts.inc_by(3);
        model.batches.observe(3.0);
        metrics.model("a\"b").waiting.set(2);
        let text = metrics.text();
        for line in [
            "assort_requests_total{path=\"/predict\",status=\"200\"} 1\n",
            "assort_request_seconds_bucket{le=\"0.0004\",path=\"/predict\"} 1\n",
            "assort_texts_total{model=\"a\\\"b\"} 3\n",
            "assort_batch_texts_bucket{le=\"4.0\",model=\"a\\\"b\"} 1\n",
            "assort_waiting_requests{model=\"a\\\"b\"} 2\n",
            "# EOF\n",
        ] {
            assert!(text.contains(line), "{line} is missing in {text}");
        }
    }
}

//! The parts of a pretrained network that are trained, and how fast.

use assort_kernels::optim::CheckedRule;
use assort_tensor::{Parameter, Parameters, Part, Training};
use serde::{Deserialize, Serialize};

use crate::{DecayOn, Error, Group, Result};

/// How a network that has been trained is trained further, by its parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FineTuning {
    /// So many of the last layers are trained, with the head; the rest is frozen. All, embeddings too,
    /// without it.
    pub trained_layers: Option<usize>,
    /// Factor of the learning rate of a layer for each step down from the head, in (0, 1];
    /// embeddings lie below the first layer. (Howard and Ruder 2018, in the form of Clark and others 2020,
    /// ELECTRA.)
    pub layer_decay: f64,
    /// Megabytes of memory for the output of frozen layers, which is computed once and kept for all epochs;
    /// what is more goes to disk. Nothing is kept without it.
    pub cache_megabytes: Option<usize>,
}

impl Default for FineTuning {
    fn default() -> Self {
        Self { trained_layers: None, layer_decay: 1.0, cache_megabytes: Some(1024) }
    }
}

impl FineTuning {
    /// Checks the ranges.
    ///
    /// # Errors
    /// Names the first that is outside.
    pub fn check(&self) -> Result<()> {
        if !(self.layer_decay > 0.0 && self.layer_decay <= 1.0) {
            let (parameter, found) = ("layer_decay", self.layer_decay.to_string());
            return Err(Error::Configuration { parameter, found, expected: "above 0, at most 1".into() });
        }
        Ok(())
    }

    /// Freezes what is not to be trained. What is frozen already stays so.
    ///
    /// # Errors
    /// If the network has fewer layers than are to be trained.
    pub fn freeze(&self, parameters: &mut Parameters) -> Result<()> {
        let Some(trained) = self.trained_layers else { return Ok(()) };
        let layers = parameters.layers();
        if trained > layers {
            let (parameter, found) = ("trained_layers", trained.to_string());
            return Err(Error::Configuration {
                parameter,
                found,
                expected: format!("the network has {layers} layers; none trains them all, embeddings too"),
            });
        }
        let lowest = Part::Layer(layers - trained);
        parameters.freeze(|one| one.training == Training::Frozen || one.part < lowest);
        Ok(())
    }

    /// Rule and rate of each parameter, in their order.
    pub fn groups(&self, parameters: &Parameters, rule: CheckedRule, decay_on: DecayOn) -> Vec<Group> {
        let layers = parameters.layers();
        let group = |parameter: &Parameter| {
            let steps = match parameter.part {
                Part::Head | Part::Classifier => 0,
                Part::Layer(number) => layers - number,
                Part::Words | Part::Embeddings => layers + 1,
            };
            let decays = decay_on == DecayOn::All || parameter.var.rank() > 1;
            let rate = self.layer_decay.powi(i32::try_from(steps).unwrap_or(i32::MAX));
            Group { rule: if decays { rule } else { rule.without_decay() }, rate }
        };
        parameters.iter().map(group).collect()
    }
}

#[cfg(test)]
mod tests {
    use assort_kernels::optim::Rule;

    use super::*;
    use candle_core::{DType, Device, Tensor};

    fn encoder() -> Parameters {
        let mut parameters = Parameters::default();
        let mut declare = |name: &str, part, shape: &[usize]| {
            let ones = Tensor::ones(shape, DType::F32, &Device::Cpu).unwrap();
            parameters.declare(name, part, &ones).unwrap();
        };
        declare("words", Part::Words, &[4, 2]);
        declare("norm", Part::Embeddings, &[2]);
        for layer in 0..3 {
            declare(&format!("query {layer}"), Part::Layer(layer), &[2, 2]);
            declare(&format!("bias {layer}"), Part::Layer(layer), &[2]);
        }
        declare("pooler", Part::Head, &[3, 2]);
        declare("bias", Part::Classifier, &[3]);
        parameters
    }

    fn check(trained_layers: Option<usize>, expect: &str) {
        let mut parameters = encoder();
        let config = FineTuning { trained_layers, ..FineTuning::default() };
        let found = match config.freeze(&mut parameters) {
            Ok(()) => {
                let mark = |p: &Parameter| if p.training == Training::Trained { 't' } else { '-' };
                parameters.iter().map(mark).collect()
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expect, "{trained_layers:?}");
    }

    #[test]
    fn the_last_layers_and_the_head_are_trained() {
        check(None, "tttttttttt");
        check(Some(0), "--------tt");
        check(Some(2), "----tttttt");
        check(Some(3), "--tttttttt");
        check(Some(4), "trained_layers = 4: the network has 3 layers; none trains them all, embeddings too");
    }

    #[test]
    fn rates_fall_from_the_head_down_and_norms_do_not_decay() {
        let parameters = encoder();
        let config = FineTuning { layer_decay: 0.5, ..FineTuning::default() };
        let rule = Rule::adam_w().check().unwrap();
        let groups = config.groups(&parameters, rule, DecayOn::Matrices);
        let rates: Vec<f64> = groups.iter().map(|group| group.rate).collect();
        assert_eq!(rates, [0.0625, 0.0625, 0.125, 0.125, 0.25, 0.25, 0.5, 0.5, 1.0, 1.0]);
        let decays: Vec<bool> = groups.iter().map(|group| group.rule == rule).collect();
        assert_eq!(decays, [true, false, true, false, true, false, true, false, true, false]);
        let all = config.groups(&parameters, rule, DecayOn::All);
        assert!(all.iter().all(|group| group.rule == rule));
        assert!(FineTuning { layer_decay: 0.0, ..config }.check().is_err());
    }
}

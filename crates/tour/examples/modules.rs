//! Modules: layers, lists of layers, and which parameters are registered.

use std::collections::BTreeMap;
use std::io::{self, Write};

use assort_tensor::{Parameters, Part};
use assort_tour::{Result, parameter_table};
use candle_core::{DType, Device, Tensor};
use candle_nn::{Embedding, Linear, Module, VarBuilder, VarMap, embedding, linear, seq};

/// One layer, a list of layers, a map of layers, and a tensor that nobody registered.
struct Network {
    embedding: Embedding,
    list: Vec<Linear>,
    map: BTreeMap<&'static str, Linear>,
    scale: Tensor,
}

impl Network {
    /// A `VarBuilder` makes a parameter, or takes the one of this name, and the `VarMap` behind it keeps it.
    fn new(vb: VarBuilder) -> Result<Self> {
        let layer = |name: String| linear(4, 4, vb.pp(name));
        Ok(Self {
            embedding: embedding(10, 4, vb.pp("embedding"))?,
            list: (0..2).map(|i| layer(format!("list.{i}"))).collect::<Result<_, _>>()?,
            map: [("mean", layer("map.mean".into())?), ("max", layer("map.max".into())?)].into(),
            scale: Tensor::ones(4, DType::F32, vb.device())?,
        })
    }
}

impl Module for Network {
    fn forward(&self, ids: &Tensor) -> candle_core::Result<Tensor> {
        let mut state = self.embedding.forward(ids)?;
        for layer in &self.list {
            state = layer.forward(&state)?.relu()?;
        }
        let mean = self.map["mean"].forward(&state.mean_keepdim(0)?)?;
        let max = self.map["max"].forward(&state.max_keepdim(0)?)?;
        (mean + max)?.broadcast_mul(&self.scale)
    }
}

/// Variables of a `VarMap` by name; the map itself has no order.
fn registered(variables: &VarMap) -> Result<Parameters> {
    let data = variables.data().lock().map_err(|_| "a thread that held the variables has failed")?;
    let sorted: BTreeMap<_, _> = data.iter().collect();
    let mut parameters = Parameters::default();
    for (name, var) in sorted {
        parameters.register(name, Part::Head, var.clone())?;
    }
    Ok(parameters)
}

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let variables = VarMap::new();
    let vb = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
    let network = Network::new(vb.pp("network"))?;
    writeln!(out, "registered: what the VarBuilder made")?;
    writeln!(out, "{}", parameter_table(&registered(&variables)?))?;
    writeln!(out, "\n`scale` is a plain tensor: it is not in the table, not trained, not saved")?;

    let ids = Tensor::new(&[3u32, 1, 4], &Device::Cpu)?;
    let output = network.forward(&ids)?;
    writeln!(out, "\n{:?} token ids become {:?}", ids.dims(), output.dims())?;
    let gradients = output.sqr()?.sum_all()?.backward()?;
    let reached = variables.all_vars().iter().filter(|var| gradients.get(var).is_some()).count();
    writeln!(out, "gradients reach {reached} of {} parameters", variables.all_vars().len())?;

    writeln!(out, "\nthe same name is the same parameter: two layers that share")?;
    let tied = seq().add(linear(4, 4, vb.pp("tied"))?).add_fn(Tensor::relu).add(linear(4, 4, vb.pp("tied"))?);
    let tied_size = registered(&variables)?.total() - 10 * 4 - 4 * (4 * 4 + 4);
    writeln!(out, "{} steps, {tied_size} values", tied.len())?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}

//! The gradient report: did every trained parameter get a gradient, and no frozen one?

use crate::{Error, Gradient, Gradients, Parameters, Result, Training};

/// How a gradient came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GradientKind {
    /// As a tensor of the parameter's shape.
    Dense,
    /// As touched rows.
    Rows,
}

/// One line of the report.
#[derive(Clone, Debug)]
pub struct GradientEntry {
    /// The parameter.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Whether it is trained.
    pub training: Training,
    /// How its gradient came and the gradient's norm; `None` where none came.
    pub gradient: Option<(GradientKind, f64)>,
}

/// All parameters with what the backward pass gave them.
///
/// candle drops a gradient without a word where an op has no backward pass, so the first step of every
/// training is followed by [`GradientReport::verify`].
#[derive(Clone, Debug)]
pub struct GradientReport(Vec<GradientEntry>);

impl GradientReport {
    /// The report of one step.
    pub fn new(parameters: &Parameters, gradients: &Gradients) -> Result<Self> {
        let entries = parameters.iter().zip(gradients.iter()).map(|(parameter, gradient)| {
            let gradient = match gradient {
                Some(g @ Gradient::Dense(_)) => Some((GradientKind::Dense, g.squared_norm()?.sqrt())),
                Some(g @ Gradient::Rows(_)) => Some((GradientKind::Rows, g.squared_norm()?.sqrt())),
                None => None,
            };
            let (name, shape) = (parameter.name.clone(), parameter.var.dims().to_vec());
            Ok(GradientEntry { name, shape, training: parameter.training, gradient })
        });
        entries.collect::<Result<_>>().map(Self)
    }

    /// The lines, in the parameters' order.
    pub fn entries(&self) -> &[GradientEntry] {
        &self.0
    }

    /// # Errors
    /// Names every trained parameter that got no gradient or one that is not finite, and every frozen one
    /// that got one.
    pub fn verify(&self) -> Result<()> {
        let fault = |entry: &GradientEntry| match (entry.training, entry.gradient) {
            (Training::Trained, None) => Some(format!("{} is trained but got no gradient", entry.name)),
            (Training::Trained, Some((_, norm))) if !norm.is_finite() => Some(format!(
                "the gradient of {} is not finite; lower learning_rate or set clip_norm",
                entry.name
            )),
            (Training::Frozen, Some(_)) => Some(format!("{} is frozen but got a gradient", entry.name)),
            _ => None,
        };
        let faults: Vec<String> = self.0.iter().filter_map(fault).collect();
        if faults.is_empty() { Ok(()) } else { Err(Error::Gradient(faults.join("; "))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Part, RowSink, Tracking};
    use candle_core::{DType, Device, Tensor};

    fn check(frozen: &str, unused: &str, expect: &str) {
        let mut parameters = Parameters::default();
        for name in ["a", "b"] {
            parameters
                .declare(name, Part::Head, &Tensor::ones(2, DType::F32, &Device::Cpu).unwrap())
                .unwrap();
        }
        let value = |name| parameters.value(name, Tracking::Recorded).unwrap();
        let used = ["a", "b"].into_iter().filter(|name| *name != unused).map(value);
        let loss = used.reduce(|x, y| (x * y).unwrap()).unwrap().sum_all().unwrap();
        let mut store = loss.backward().unwrap();
        parameters.freeze(|parameter| parameter.name == frozen);
        let gradients = Gradients::collect(&parameters, &mut store, &RowSink::default()).unwrap();
        let found = GradientReport::new(&parameters, &gradients).unwrap().verify();
        assert_eq!(found.err().map(|e| e.to_string()).unwrap_or_default(), expect);
    }

    #[test]
    fn faults_name_the_parameter() {
        check("", "", "");
        check("", "b", "the gradient report found: b is trained but got no gradient");
        check("b", "", "the gradient report found: b is frozen but got a gradient");
        check("b", "b", "");
    }
}

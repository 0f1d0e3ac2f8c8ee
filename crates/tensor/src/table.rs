//! Parameters and gradients as tables of words.

use std::fmt;

use crate::{GradientKind, GradientReport, Parameters, Training};

/// Rows of cells, columns two spaces apart; those that `right` names lean to the right.
fn write(f: &mut fmt::Formatter, rows: &[Vec<String>], right: &[usize]) -> fmt::Result {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for (number, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
            if right.contains(&column) { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        let end = if number == 0 { "" } else { "\n" };
        write!(f, "{end}{}", line.trim_end())?;
    }
    Ok(())
}

fn shape(dims: &[usize]) -> String {
    dims.iter().map(ToString::to_string).collect::<Vec<_>>().join(" x ")
}

fn state(training: Training) -> String {
    match training {
        Training::Trained => String::new(),
        Training::Frozen => "frozen".into(),
    }
}

/// A line for each parameter (name, shape, number of values) and one with their sum.
impl fmt::Display for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut rows: Vec<Vec<String>> = self
            .iter()
            .map(|parameter| {
                let (name, dims) = (parameter.name.clone(), parameter.var.dims());
                let values = parameter.var.elem_count().to_string();
                vec![name, shape(dims), values, state(parameter.training)]
            })
            .collect();
        rows.push(vec!["all".into(), String::new(), self.total().to_string()]);
        write(f, &rows, &[2])
    }
}

/// A line for each parameter: name, shape, the gradient's norm (– where none came), and `rows` where it came as touched rows.
impl fmt::Display for GradientReport {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let line = |entry: &crate::GradientEntry| {
            let (norm, kind) = match entry.gradient {
                Some((GradientKind::Dense, norm)) => (format!("{norm:.4}"), String::new()),
                Some((GradientKind::Rows, norm)) => (format!("{norm:.4}"), "rows".into()),
                None => ("–".into(), state(entry.training)),
            };
            vec![entry.name.clone(), shape(&entry.shape), norm, kind]
        };
        let rows: Vec<Vec<String>> = self.entries().iter().map(line).collect();
        write(f, &rows, &[2])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Gradients, Part, Result, RowSink, Tracking};
    use candle_core::{DType, Device, Tensor};

    #[test]
    fn tables() -> Result<()> {
        let mut parameters = Parameters::default();
        parameters.declare(
            "embedding.weight",
            Part::Words,
            &Tensor::ones((10, 4), DType::F32, &Device::Cpu)?,
        )?;
        parameters.declare("bias", Part::Head, &Tensor::ones(4, DType::F32, &Device::Cpu)?)?;
        parameters.freeze(|parameter| parameter.part == Part::Words);
        let expect = "embedding.weight  10 x 4  40  frozen\nbias              4        4\nall                       44";
        assert_eq!(parameters.to_string(), expect);
        let loss = parameters.value("bias", Tracking::Recorded)?.sqr()?.sum_all()?;
        let gradients = Gradients::collect(&parameters, &mut loss.backward()?, &RowSink::default())?;
        let expect = "embedding.weight  10 x 4       –  frozen\nbias              4       4.0000";
        assert_eq!(GradientReport::new(&parameters, &gradients)?.to_string(), expect);
        assert_eq!(Parameters::default().to_string(), "all    0");
        Ok(())
    }
}

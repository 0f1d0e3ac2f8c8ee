//! Parameters and gradients as tables of words.

use assort_tensor::{GradientKind, GradientReport, Parameters, Training};

/// A line for each parameter (name, shape, number of values) and one with their sum.
pub fn parameter_table(parameters: &Parameters) -> String {
    let line = |parameter: &assort_tensor::Parameter| {
        let (dims, values) = (parameter.var.dims(), parameter.var.elem_count());
        [parameter.name.clone(), shape(dims), values.to_string(), state(parameter.training).into()]
    };
    let all = ["all".into(), String::new(), parameters.total().to_string(), String::new()];
    table(parameters.iter().map(line).chain([all]).collect())
}

/// A line for each parameter: name, shape, the gradient's norm (– where none came), and `rows` where it came
/// as touched rows.
pub fn gradient_table(report: &GradientReport) -> String {
    let line = |entry: &assort_tensor::GradientEntry| {
        let (norm, kind) = match entry.gradient {
            Some((GradientKind::Dense, norm)) => (format!("{norm:.4}"), ""),
            Some((GradientKind::Rows, norm)) => (format!("{norm:.4}"), "rows"),
            None => ("–".into(), state(entry.training)),
        };
        [entry.name.clone(), shape(&entry.shape), norm, kind.into()]
    };
    table(report.entries().iter().map(line).collect())
}

fn shape(dims: &[usize]) -> String {
    dims.iter().map(ToString::to_string).collect::<Vec<_>>().join(" x ")
}

fn state(training: Training) -> &'static str {
    match training {
        Training::Trained => "",
        Training::Frozen => "frozen",
    }
}

/// Rows of a name, a shape, a number and a word, two spaces apart.
fn table(rows: Vec<[String; 4]>) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let [name, shape, number, _] = [0, 1, 2, 3].map(width);
    let line = |[a, b, c, d]: &[String; 4]| format!("{a:<name$}  {b:<shape$}  {c:>number$}  {d}");
    rows.iter().map(|row| line(row).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

//! Slices as a table, those first on which a model is worst.

use super::table::{Lean, Table};
use crate::Slice;
use crate::numbers::{decimal, grouped, percent, range};
use crate::text::fitted;
use assort_metrics::Scale;

/// So many are shown.
const MOST: usize = 12;
/// The most columns of a value.
const VALUE: usize = 30;

/// The table, and how many slices it leaves out.
pub fn lines(slices: &[Slice], width: Option<usize>) -> Vec<String> {
    let mut table = Table::new(&[
        ("", Lean::Left),
        ("", Lean::Left),
        ("rows", Lean::Right),
        ("accuracy", Lean::Right),
        ("95 % interval", Lean::Right),
        ("by chance", Lean::Right),
    ]);
    for slice in slices.iter().take(MOST) {
        table.row([
            fitted(&slice.of, width.map(|_| VALUE)),
            fitted(&slice.value, width.map(|_| VALUE)),
            grouped(slice.rows),
            percent(slice.accuracy),
            slice.interval.map_or(String::new(), |interval| range(&interval, Scale::Share)),
            if slice.p_value < 0.001 { "<0.001".into() } else { decimal(slice.p_value, 3) },
        ]);
    }
    let mut lines = table.lines();
    if slices.len() > MOST {
        lines.push(format!("and {} more", grouped(slices.len() - MOST)));
    }
    lines
}

//! Predictions as lines.

use assort_pipeline::Prediction;

use super::bars::bar;
use super::table::{Lean, Table, aligned};
use crate::numbers::percent;
use crate::text::{one_line, shortened};

/// The most columns of a label's name.
const NAME: usize = 30;

/// The columns that names of these labels take.
pub fn label_columns(labels: &[String]) -> usize {
    let widths = labels.iter().map(|label| console::measure_text_width(label));
    widths.max().unwrap_or_default().min(NAME)
}

/// One text with its labels, the most probable first, and a bar for each.
pub fn ranking(text: &str, ranked: &[Prediction], width: usize) -> String {
    let mut table = Table::plain(&[Lean::Left, Lean::Right, Lean::Left]);
    for Prediction { label, probability } in ranked {
        table.row([shortened(label, NAME), percent(*probability), bar(*probability, 30)]);
    }
    let lines = table.lines().into_iter().map(|line| format!("  {line}\n"));
    std::iter::once(format!("{}\n", shortened(text, width))).chain(lines).collect()
}

/// One text in a line, behind its labels; cut where the terminal ends, and whole where there is none.
pub fn line(text: &str, ranked: &[Prediction], label_columns: usize, width: Option<usize>) -> String {
    let mut cells = Vec::new();
    for Prediction { label, probability } in ranked {
        cells.extend([shortened(label, label_columns), percent(*probability)]);
    }
    let widths: Vec<usize> = [label_columns, 7].into_iter().cycle().take(cells.len()).collect();
    let leans: Vec<Lean> = [Lean::Left, Lean::Right].into_iter().cycle().take(cells.len()).collect();
    let start = aligned(&cells, &widths, &leans);
    let text = match width {
        Some(width) => shortened(text, width.saturating_sub(console::measure_text_width(&start) + 2).max(8)),
        None => one_line(text),
    };
    format!("{start}  {text}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let ranked = [("vegetable", 0.75), ("fruit", 0.25)]
            .map(|(label, probability)| Prediction { label, probability });
        let found = ranking("raw\nleek", &ranked, 100);
        let expect =
            "raw leek\n  vegetable  75.0 %  ██████████████████████▌\n  fruit      25.0 %  ███████▌\n";
        assert_eq!(found, expect);
        assert_eq!(line("raw leek", &ranked[..1], 9, None), "vegetable   75.0 %  raw leek\n");
        assert_eq!(line("raw leek soup", &ranked[..1], 9, Some(30)), "vegetable   75.0 %  raw leek …\n");
        assert_eq!(line("a", &ranked, 9, None), "vegetable   75.0 %  fruit       25.0 %  a\n");
    }
}

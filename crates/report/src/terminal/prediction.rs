//! Predictions as lines.

use assort_pipeline::Prediction;

use super::bars::bar;
use super::table::{Lean, Table, aligned};
use crate::numbers::percent;
use crate::text::fitted;

/// The most columns of a label's name.
const NAME: usize = 30;

/// What stands for a text that none of the labels holds for.
const NONE: &str = "(no label)";

/// The columns that names of these labels take.
pub fn label_columns(labels: &[String]) -> usize {
    let widths = labels.iter().map(|label| console::measure_text_width(label));
    widths.max().unwrap_or_default().min(NAME)
}

/// One text with its labels, the most probable first, and a bar for each; text and labels are whole where
/// there is no terminal.
pub fn ranking(text: &str, ranked: &[Prediction], width: Option<usize>) -> String {
    let mut table = Table::plain(&[Lean::Left, Lean::Right, Lean::Left]);
    for Prediction { label, probability } in ranked {
        table.row([fitted(label, width.map(|_| NAME)), percent(*probability), bar(*probability, 30)]);
    }
    if ranked.is_empty() {
        table.row([NONE.into(), String::new(), String::new()]);
    }
    let lines = table.lines().into_iter().map(|line| format!("  {line}\n"));
    std::iter::once(format!("{}\n", fitted(text, width))).chain(lines).collect()
}

/// One text in a line, behind its labels; cut where the terminal ends, and whole where there is none.
pub fn line(text: &str, ranked: &[Prediction], label_columns: usize, width: Option<usize>) -> String {
    let mut cells = Vec::new();
    for Prediction { label, probability } in ranked {
        cells.extend([fitted(label, width.map(|_| label_columns)), percent(*probability)]);
    }
    if ranked.is_empty() {
        cells.push(NONE.into());
    }
    let widths: Vec<usize> = [label_columns, 7].into_iter().cycle().take(cells.len()).collect();
    let leans: Vec<Lean> = [Lean::Left, Lean::Right].into_iter().cycle().take(cells.len()).collect();
    let start = aligned(&cells, &widths, &leans);
    let room = width.map(|width| width.saturating_sub(console::measure_text_width(&start) + 2).max(8));
    format!("{start}  {}\n", fitted(text, room))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let ranked = [("vegetable", 0.75), ("fruit", 0.25)]
            .map(|(label, probability)| Prediction { label, probability });
        let found = ranking("raw\nleek", &ranked, Some(100));
        let expect =
            "raw leek\n  vegetable  75.0 %  ██████████████████████▌\n  fruit      25.0 %  ███████▌\n";
        assert_eq!(found, expect);
        assert_eq!(line("raw leek", &ranked[..1], 9, None), "vegetable   75.0 %  raw leek\n");
        assert_eq!(line("raw leek soup", &ranked[..1], 9, Some(30)), "vegetable   75.0 %  raw leek …\n");
        let long = "a label of some forty letters, cut on terminals";
        let ranked_long = [Prediction { label: long, probability: 0.5 }];
        assert_eq!(line("a", &ranked_long, 30, None), format!("{long}   50.0 %  a\n"));
        assert!(ranking("a", &ranked_long, None).contains(long));
        let cut = "a label of some forty letters…";
        assert_eq!(line("a", &ranked_long, 30, Some(80)), format!("{cut}   50.0 %  a\n"));
        assert!(ranking("a", &ranked_long, Some(80)).contains(cut));
        assert_eq!(line("a", &[], 9, None), "(no label)  a\n");
        assert_eq!(ranking("a", &[], None), "a\n  (no label)\n");
        assert_eq!(line("a", &ranked, 9, None), "vegetable   75.0 %  fruit       25.0 %  a\n");
    }
}

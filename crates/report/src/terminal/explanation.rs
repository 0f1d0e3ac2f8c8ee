//! One text with what speaks for and against a label.

use assort_pipeline::{Deletion, Method, Ranked};

use super::block::{MARGIN, WIDTH, block, coloured_block};
use super::coloured_words;
use super::table::{Lean, Table};
use crate::Explanation;
use crate::numbers::{counted, percent};
use crate::text::fitted;

/// The columns of a label's name.
const NAME: usize = 30;

/// The explanation of one text as blocks, with so many pieces on either side. Names are cut where there is a
/// terminal, which has so many columns.
pub fn blocks(explanation: &Explanation, top: usize, width: Option<usize>) -> String {
    let within = |width: usize| width.saturating_sub(MARGIN).max(20);
    let room = width.map(within);
    let words = coloured_words::lines(
        &explanation.attribution,
        explanation.label,
        room.unwrap_or_else(|| within(WIDTH)),
    );
    let mut text = coloured_block("text", &words);
    let half = room.map(|room| room / 2);
    let is_predicted = explanation.label == explanation.predicted;
    let probability = percent(explanation.probability(explanation.label));
    let mut verdict = format!("{}, {probability}", fitted(explanation.name(explanation.label), half));
    if !is_predicted {
        let predicted = fitted(explanation.name(explanation.predicted), half);
        verdict.push_str(&format!(
            "; predicted is {predicted}, {}",
            percent(explanation.probability(explanation.predicted))
        ));
    }
    text.push_str(&block(if is_predicted { "predicted" } else { "asked" }, &[verdict]));
    if explanation.method != Method::Exact {
        let estimate = format!("{}, an estimate: the gap is what it leaves over", explanation.method);
        text.push_str(&block("method", &[estimate]));
    }
    let sides = explanation.sides(top);
    let columns = sides.iter().flat_map(|side| &side.pieces);
    let widths = columns.map(|piece| console::measure_text_width(&name(piece, room)));
    let names = widths.max().unwrap_or_default().max("constant rest".len());
    for (title, side) in ["for", "against"].into_iter().zip(&sides) {
        let mut rows: Vec<(String, f64)> =
            side.pieces.iter().map(|piece| (name(piece, room), piece.contribution)).collect();
        rows.extend(side.others.map(|(count, sum)| (format!("{count} more"), sum)));
        text.push_str(&block(title, &numbers(&rows, names)));
    }
    if explanation.attribution.pieces().is_empty() {
        text.push_str(&block(
            "pieces",
            &["the model knows no piece of this text: the rest decides alone".into()],
        ));
    }
    text.push_str(&block("sum", &numbers(&explanation.sum(), names)));
    text.push_str(&block("labels", &label_lines(explanation, room)));
    text
}

fn label_lines(explanation: &Explanation, room: Option<usize>) -> Vec<String> {
    let mut table = Table::new(&[("", Lean::Left), ("logit", Lean::Right), ("probability", Lean::Right)]);
    let compared = explanation.compared();
    for (label, logit, probability) in &compared {
        let name = fitted(explanation.name(*label), room.map(|_| NAME));
        table.row([name, signed(*logit), percent(*probability)]);
    }
    let mut lines = table.lines();
    if compared.len() < explanation.labels.len() {
        lines.push(format!("and {}", counted(explanation.labels.len() - compared.len(), "more label")));
    }
    lines
}

/// The mean of the deletion tests in a sentence.
pub fn deletions(checks: &[Deletion]) -> String {
    let mean = |part: fn(&Deletion) -> f64| {
        let mean = checks.iter().map(part).sum::<f64>() / checks.len() as f64;
        format!("{:.1}", 100.0 * mean)
    };
    if checks.is_empty() {
        return "no text has a word that could be taken out".into();
    }
    format!(
        "without the words that speak most for it (5 to 50 % of a text) the label loses {} points of \
         probability, without words at random {} ({})",
        mean(|check| check.attributed),
        mean(|check| check.random),
        counted(checks.len(), "text")
    )
}

/// The words of a piece in one line, with how often it occurs and what found it.
pub fn name(piece: &Ranked, room: Option<usize>) -> String {
    let mut name = fitted(&piece.text, room.map(|room| (room / 2).max(8)));
    if name.is_empty() {
        name = "(no word)".into();
    }
    if let Some(pattern) = &piece.pattern {
        name.push_str(&format!(" by {}", fitted(pattern, room.map(|room| (room / 3).max(8)))));
    }
    if piece.count > 1 {
        name.push_str(&format!(" ×{}", piece.count));
    }
    name
}

/// A number with its sign.
pub fn signed(value: f64) -> String {
    let text = format!("{value:+.4}");
    if text.trim_start_matches(['+', '-']).chars().all(|c| matches!(c, '0' | '.')) {
        text.replace(['+', '-'], " ")
    } else {
        text.replace('-', "−")
    }
}

fn numbers(rows: &[(String, f64)], names: usize) -> Vec<String> {
    let mut table = Table::plain(&[Lean::Left, Lean::Right]);
    for (name, value) in rows {
        let name = console::pad_str(name, names, console::Alignment::Left, None).into_owned();
        table.row([name, format!("{:>9}", signed(*value))]);
    }
    table.lines()
}

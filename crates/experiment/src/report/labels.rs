//! What concerns single labels: their scores, their confusions and their rows.

use super::format::{NONE, count, counted, escape, percent};
use super::page::{details, figure, head, line, paragraph, scroll};
use super::{charts, page, words};
use crate::{LabelFigures, ReportInput, Result};

/// With more labels than this, a sentence names the weakest ones.
const MANY: usize = 8;
/// So many confusions are listed.
const CONFUSIONS: usize = 10;

/// Precision, recall, F1 and support of each label, with small bars.
pub fn scores(input: &ReportInput) -> String {
    let judged = input.judged;
    if judged.per_label.is_empty() {
        return paragraph("There are no labels.");
    }
    let row = |label: &LabelFigures| {
        format!(
            "<tr><th scope=\"row\">{}</th>{}{}{}<td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
            page::label(&label.label),
            score(label.precision),
            score(label.recall),
            score(label.f1),
            count(label.support as usize),
            count(label.predicted as usize)
        )
    };
    let average = |name: &str, values: [Option<f64>; 3]| {
        let rows = count(judged.rows);
        format!(
            "<tr><th scope=\"row\">{name}</th>{}<td class=\"number\">{rows}</td><td class=\"number\">{rows}</td></tr>\n",
            values.map(score).concat()
        )
    };
    let table = format!(
        "<table class=\"scores\">\n{}<tbody>\n{}</tbody>\n<tfoot>\n{}{}</tfoot>\n</table>",
        head(&["Label", "Precision", "Recall", "F1", "Support", "Predicted"]),
        judged.per_label.iter().map(row).collect::<String>(),
        average("Macro average", [judged.macro_precision, judged.macro_recall, judged.macro_f1]),
        average("Weighted average", [judged.weighted_precision, judged.weighted_recall, judged.weighted_f1])
    );
    let mut notes = String::from(
        "<p class=\"note\">Precision: of the rows predicted as the label, the share that is right. Recall: of the \
         label’s rows, the share that was found. F1: the harmonic mean of both. Support: the label’s rows. Predicted: the rows that the model gave the label.</p>\n",
    );
    if !words::undefined(judged).is_empty() {
        notes += &format!(
            "<p class=\"note\" id=\"undefined\"><sup>1</sup> {} {}.</p>\n",
            escape(words::UNDEFINED),
            escape(&capital(&judged.averaging))
        );
    }
    weakest(input) + &scroll("Scores of each label", &table) + &notes
}

/// A score with its bar.
fn score(share: Option<f64>) -> String {
    match share.filter(|share| share.is_finite()) {
        Some(share) => format!(
            "<td class=\"number\"><svg class=\"bar\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" \
             aria-hidden=\"true\"><rect class=\"track\" width=\"100\" height=\"4\"/>\
             <rect class=\"right\" width=\"{:.1}\" height=\"4\"/></svg>{}</td>",
            (share * 100.0).clamp(0.0, 100.0),
            escape(&percent(share))
        ),
        None => format!(
            "<td class=\"number\">{NONE}<sup><a href=\"#undefined\" aria-label=\"not defined, see the note\">1</a></sup></td>"
        ),
    }
}

fn weakest(input: &ReportInput) -> String {
    let all = &input.judged.per_label;
    let mut scored: Vec<(f64, &LabelFigures)> =
        all.iter().filter_map(|label| Some((label.f1?, label))).collect();
    if all.len() <= MANY || scored.len() < 3 {
        return String::new();
    }
    scored.sort_by(|a, b| a.0.total_cmp(&b.0));
    let named =
        scored.iter().take(3).map(|(f1, label)| format!("{} ({})", words::name(&label.label), percent(*f1)));
    paragraph(&format!("The labels with the lowest F1: {}.", named.collect::<Vec<_>>().join(", ")))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// The confusion matrix and the most frequent confusions.
pub fn confusions(input: &ReportInput) -> Result<String> {
    let judged = input.judged;
    if judged.rows == 0 {
        return Ok(paragraph("There were no rows to judge by."));
    }
    let picture = charts::confusion(input);
    let caption = "Rows are true labels, columns what the model said: the diagonal is right. The darker a cell, the \
                   larger its share of the row.";
    let mut out = figure("confusion", &picture.title, &picture.svg()?, caption);
    let mut wrong: Vec<(u64, usize, usize)> = Vec::new();
    for (row, counts) in judged.confusion.iter().enumerate() {
        let others = counts.iter().enumerate().filter(|&(column, &rows)| column != row && rows > 0);
        wrong.extend(others.map(|(column, &rows)| (rows, row, column)));
    }
    if judged.per_label.len() < 3 || wrong.is_empty() {
        return Ok(out);
    }
    wrong.sort_by_key(|&(rows, row, column)| (std::cmp::Reverse(rows), row, column));
    let confusion = |&(rows, row, column): &(u64, usize, usize)| {
        let (truth, predicted) = (judged.per_label.get(row)?, judged.per_label.get(column)?);
        let share = (truth.support > 0).then(|| rows as f64 / truth.support as f64);
        Some(format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"number\">{}</td>\
             <td class=\"number\">{}</td></tr>\n",
            page::label(&truth.label),
            page::label(&predicted.label),
            count(rows as usize),
            escape(&percent(share))
        ))
    };
    let lines: String = wrong.iter().take(CONFUSIONS).filter_map(confusion).collect();
    out += "<h3>The most frequent confusions</h3>\n";
    out += &scroll(
        "The most frequent confusions",
        &format!(
            "<table>\n<thead><tr><th scope=\"col\">It is</th><th scope=\"col\">The model says</th>\
             <th scope=\"col\" class=\"number\">Rows</th><th scope=\"col\" class=\"number\">Share of the label’s rows\
             </th></tr></thead>\n<tbody>\n{lines}</tbody>\n</table>"
        ),
    );
    Ok(out)
}

/// How many rows each label has.
pub fn rows(input: &ReportInput) -> Result<String> {
    let picture = charts::labels(input);
    let all = input.label_rows;
    let [most, least] =
        [all.iter().rev().max_by_key(|(_, rows)| rows[0]), all.iter().min_by_key(|(_, rows)| rows[0])];
    let caption = match (most, least) {
        (Some((most, rows)), Some((least, few))) if rows[0] > few[0] => format!(
            "Most training rows: {} with {}; fewest: {} with {}.",
            words::name(most),
            counted(rows[0], "row"),
            words::name(least),
            counted(few[0], "row")
        ),
        (Some((_, rows)), Some(_)) => format!("Every label has {}.", counted(rows[0], "training row")),
        _ => "There are no labels.".into(),
    };
    let lines = all.iter().map(|(name, rows)| line(name, &rows.map(count))).collect::<String>();
    let table = format!(
        "<table>\n{}<tbody>\n{lines}</tbody>\n</table>",
        head(&["Label", "Training", "Validation", "Test"])
    );
    let table = scroll("Rows of each label by use", &table);
    Ok(figure("counts", &picture.title, &picture.svg()?, &caption)
        + &details("All counts as a table", &table))
}

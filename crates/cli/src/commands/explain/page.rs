//! Explanations as one page of HTML that needs no other file.

use assort_pipeline::Method;

use super::explanation::{Explanation, Side, name, signed};
use super::words::{FAINTEST, parts, strongest};
use crate::arguments::ExplainArguments;
use crate::show::numbers::percent;

const STYLE: &str = include_str!("style.css");

/// The strength of the strongest colour, so that ink can be read on it.
const DEEPEST: f64 = 0.6;
const BLUE: [f64; 3] = [0.0, 114.0, 178.0];
const ORANGE: [f64; 3] = [213.0, 94.0, 0.0];

/// A page that grows by a text at a time, if one is wanted.
pub struct Page {
    is_wanted: bool,
    method: Method,
    title: String,
    top: usize,
    body: String,
}

impl Page {
    /// An empty page.
    pub fn new(arguments: &ExplainArguments, method: Method) -> Self {
        Self {
            method,
            is_wanted: arguments.html.is_some(),
            title: arguments.folder.display().to_string(),
            top: arguments.top,
            body: String::new(),
        }
    }

    /// Adds a text.
    pub fn add(&mut self, explanation: &Explanation) {
        if self.is_wanted {
            self.body.push_str(&article(explanation, self.top));
        }
    }

    /// The page.
    pub fn finish(self) -> String {
        let sum = match self.method {
            Method::Exact => "All pieces and the constant rest sum to the logit exactly".to_owned(),
            method => format!(
                "The numbers are an estimate, by {method}: all pieces, the constant rest and a gap, which the estimate \
                 leaves over, sum to the logit"
            ),
        };
        let [weak, strong] = [0.25, 1.0].map(|share| (colour(share, 1.0), colour(-share, 1.0)));
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light\">\n<title>{title} – explained by assort</title>\n\
             <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>What <bdi>{title}</bdi> goes by</h1>\n\
             <p class=\"legend\">Words that speak for the label are <mark style=\"background:{}\">light</mark> to \
             <mark style=\"background:{}\">deep blue</mark>, words against it <mark class=\"against\" \
             style=\"background:{}\">light</mark> to <mark class=\"against\" style=\"background:{}\">deep orange</mark> \
             with a dotted line. Point at a word for its number: what it adds to the label’s logit. {sum}, and the probabilities come from the logits of all labels. A piece of \
             several words colours each of them alike.</p>\n{body}</main>\n<footer>Written by assort {version}.</footer>\n\
             </body>\n</html>\n",
            weak.0,
            strong.0,
            weak.1,
            strong.1,
            title = escape(&self.title),
            body = self.body,
            version = env!("CARGO_PKG_VERSION"),
        )
    }
}

fn article(explanation: &Explanation, top: usize) -> String {
    let label = explanation.label;
    let told = if label == explanation.predicted {
        "predicted".to_owned()
    } else {
        let (name, probability) =
            (explanation.name(explanation.predicted), explanation.probability(explanation.predicted));
        format!("asked for; predicted is <bdi>{}</bdi>, {}", escape(name), percent(probability))
    };
    let sides = explanation.sides(top);
    let largest = sides.iter().flat_map(|side| &side.pieces).map(|piece| piece.contribution.abs());
    let largest = largest.fold(0.0, f64::max);
    let [favour, against] = &sides;
    format!(
        "<article>\n<h2><bdi>{}</bdi> {} <span>{told} · text {}</span></h2>\n<div class=\"text\">{}</div>\n\
         <div class=\"sides\">\n{}{}</div>\n<div class=\"sides\">\n{}{}</div>\n</article>\n",
        escape(explanation.name(label)),
        percent(explanation.probability(label)),
        explanation.row,
        text(explanation),
        side("Speaks for it", "for", favour, largest),
        side("Speaks against it", "against", against, largest),
        sum(explanation),
        labels(explanation),
    )
}

/// The text as it stands, its words coloured.
fn text(explanation: &Explanation) -> String {
    let parts = parts(&explanation.attribution, explanation.label);
    let most = strongest(&parts);
    let mut html = String::new();
    for part in &parts {
        match part.value {
            Some(value) => html.push_str(&format!(
                "<mark{} style=\"background:{}\" title=\"{}\">{}</mark>",
                if value < 0.0 && value.abs() / most > FAINTEST { " class=\"against\"" } else { "" },
                colour(value, most),
                signed(value),
                escape(part.text)
            )),
            None => html.push_str(&escape(part.text)),
        }
    }
    html
}

fn side(title: &str, class: &str, side: &Side, largest: f64) -> String {
    let row = |head: String, value: f64, bar: Option<f64>| {
        let bar =
            bar.map(|share| format!("<span class=\"bar\" style=\"width:{:.1}%\"></span>", share * 100.0));
        let bar = bar.unwrap_or_default();
        format!(
            "<tr><th scope=\"row\">{head}</th><td class=\"number\">{}</td><td class=\"track\">{bar}</td></tr>\n",
            signed(value)
        )
    };
    let mut rows: String = (side.pieces.iter())
        .map(|piece| {
            let share = if largest > 0.0 { piece.contribution.abs() / largest } else { 0.0 };
            row(format!("<bdi>{}</bdi>", escape(&name(piece, 120))), piece.contribution, Some(share))
        })
        .collect();
    if let Some((count, sum)) = side.others {
        rows.push_str(&row(format!("<small>{count} more</small>"), sum, None));
    }
    if rows.is_empty() {
        rows = "<tr><td class=\"note\">no piece of the text</td></tr>\n".into();
    }
    format!("<div class=\"{class}\"><h3>{title}</h3>\n<table>\n{rows}</table></div>\n")
}

fn sum(explanation: &Explanation) -> String {
    let row = |(name, value): &(String, f64)| {
        let (class, value) = (if name == "logit" { " class=\"all\"" } else { "" }, signed(*value));
        format!("<tr{class}><th scope=\"row\">{name}</th><td class=\"number\">{value}</td></tr>\n")
    };
    let rows: String = explanation.sum().iter().map(row).collect();
    format!("<div><h3>Sum</h3>\n<table>\n{rows}</table></div>\n")
}

fn labels(explanation: &Explanation) -> String {
    let row = |(label, logit, probability): &(usize, f64, f64)| {
        let class = if *label == explanation.label { " class=\"explained\"" } else { "" };
        format!(
            "<tr{class}><th scope=\"row\"><bdi>{}</bdi></th><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
            escape(explanation.name(*label)),
            signed(*logit),
            percent(*probability)
        )
    };
    let rows: String = explanation.compared().iter().map(row).collect();
    format!(
        "<div><h3>Labels</h3>\n<table>\n<thead><tr><th scope=\"col\">label</th><th scope=\"col\" class=\"number\">logit</th>\
         <th scope=\"col\" class=\"number\">probability</th></tr></thead>\n{rows}</table></div>\n"
    )
}

/// White for nothing, blue for what speaks for the label, orange for what speaks against it.
fn colour(value: f64, most: f64) -> String {
    let strength = if most > 0.0 { DEEPEST * (value.abs() / most).clamp(0.0, 1.0) } else { 0.0 };
    // What is not a number has no colour: `max` gives the other.
    let strength = strength.max(0.0);
    let hue = if value > 0.0 { BLUE } else { ORANGE };
    let [red, green, blue] = hue.map(|channel| (255.0 - (255.0 - channel) * strength).round() as u8);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Text between tags or quotes. Line ends and tabs stay; other control characters, which HTML forbids, are marked, and
/// directions that would turn the words after them around are left out.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' => out.push(letter),
            '\r' => {}
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            letter if letter.is_control() => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_leave_their_place() {
        let check = |text: &str, expect: &str| assert_eq!(escape(text), expect);
        check("<b a=\"x\" c='y'>&amp;\r\n", "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;amp;\n");
        check("a\u{202e}b\u{1b}c", "ab\u{fffd}c");
    }

    #[test]
    fn colours() {
        let check = |value, expect: &str| assert_eq!(colour(value, 2.0), expect);
        check(0.0, "#ffffff");
        check(2.0, "#66aad1");
        check(-2.0, "#e69e66");
        check(f64::NAN, "#ffffff");
        assert_eq!(colour(0.0, 0.0), "#ffffff");
    }
}

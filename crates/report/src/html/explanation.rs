//! Explanations as one page of HTML that needs no other file.

use assort_pipeline::Method;
use maud::{Markup, html};

use super::parts::document;
use crate::explanation::{Explanation, Side};
use crate::numbers::percent;
use crate::terminal::coloured_words::{FAINTEST, parts, strongest};
use crate::terminal::explanation::{name, signed};
use crate::text::visible;

const STYLE: &str = include_str!("explanation.css");

/// The strength of the strongest colour, so that ink can be read on it.
const DEEPEST: f64 = 0.6;
const BLUE: [f64; 3] = [0.0, 114.0, 178.0];
const ORANGE: [f64; 3] = [213.0, 94.0, 0.0];

/// The most texts of a page: more would take a browser long to lay out.
pub const TEXTS: usize = 100;

/// One page among several, which lie side by side under these names.
#[derive(Clone, Copy, Debug)]
pub struct PagePlace<'p> {
    /// The names of all pages.
    pub names: &'p [String],
    /// Which of them this is, from 0.
    pub at: usize,
}

/// The page of a model's explanations by one method; `articles` are those of its texts.
pub fn page(model: &str, method: Method, articles: &[Markup], place: PagePlace) -> String {
    let model = visible(model);
    let sample = |value: f64| format!("background:{}", colour(value, 1.0));
    let body = html! {
        main {
            h1 { "What " bdi { (model) } " goes by" }
            p.legend {
                "Words that speak for the label are "
                mark style=(sample(0.25)) { "light" } " to " mark style=(sample(1.0)) { "deep blue" }
                ", words against it "
                mark.against style=(sample(-0.25)) { "light" } " to "
                mark.against style=(sample(-1.0)) { "deep orange" }
                " with a dotted line. Point at a word for its number: what it adds to the label’s logit. "
                @match method {
                    Method::Exact => "All pieces and the constant rest sum to the logit exactly",
                    method => {
                        "The numbers are an estimate, by " (method) ": all pieces, the constant rest and a \
                         gap, which the estimate leaves over, sum to the logit"
                    }
                }
                ", and the probabilities come from the logits of all labels. A piece of several words \
                 colours each of them alike."
            }
            (pages(place))
            @for article in articles { (article) }
            (pages(place))
        }
        footer { "Written by assort " (env!("CARGO_PKG_VERSION")) "." }
    };
    document(&format!("{model} – explained by assort"), STYLE, &body)
}

/// Links to the other pages, where there are some.
fn pages(place: PagePlace) -> Markup {
    let all = place.names.len();
    let link = |at: Option<usize>, words: &str| {
        let name = at.and_then(|at| place.names.get(at));
        html! { @if let Some(name) = name { a href=(address(name)) { (words) } } }
    };
    html! {
        @if all > 1 {
            nav.pages aria-label="Pages" {
                (link(place.at.checked_sub(1), "← previous"))
                span { "page " (place.at + 1) " of " (all) }
                (link(Some(place.at + 1), "next →"))
                (link((place.at > 0).then_some(0), "first"))
                (link((place.at + 1 < all).then(|| all - 1), "last"))
            }
        }
    }
}

/// A file beside the page as an address, every byte but plain ones escaped.
fn address(name: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    format!("./{}", name.bytes().map(byte).collect::<String>())
}

/// One text with so many pieces on either side.
pub fn article(explanation: &Explanation, top: usize) -> Markup {
    let Explanation { label, predicted, .. } = *explanation;
    let sides = explanation.sides(top);
    let largest = sides.iter().flat_map(|side| &side.pieces).map(|piece| piece.contribution.abs());
    let largest = largest.fold(0.0, f64::max);
    let [favour, against] = &sides;
    html! {
        article {
            h2 {
                bdi { (visible(explanation.name(label))) } " " (percent(explanation.probability(label))) " "
                span {
                    @if label == predicted {
                        "predicted"
                    } @else {
                        "asked for; predicted is " bdi { (visible(explanation.name(predicted))) } ", "
                        (percent(explanation.probability(predicted)))
                    }
                    " · text " (explanation.row)
                }
            }
            div.text { (text(explanation)) }
            div.sides {
                (side("Speaks for it", "for", favour, largest))
                (side("Speaks against it", "against", against, largest))
            }
            div.sides { (sum(explanation)) (labels(explanation)) }
        }
    }
}

/// The text as it stands, its words coloured.
fn text(explanation: &Explanation) -> Markup {
    let parts = parts(&explanation.attribution, explanation.label);
    let most = strongest(&parts);
    html! {
        @for part in &parts {
            @match part.value {
                Some(value) => {
                    mark.against[value < 0.0 && value.abs() / most > FAINTEST]
                        style={ "background:" (colour(value, most)) } title=(signed(value)) {
                        (with_lines(part.text))
                    }
                }
                None => (with_lines(part.text)),
            }
        }
    }
}

/// A text as [`visible`] gives it, but with its line ends, which the page shows.
fn with_lines(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

fn side(title: &str, class: &str, side: &Side, largest: f64) -> Markup {
    let width = |value: f64| {
        let share = if largest > 0.0 { value.abs() / largest } else { 0.0 };
        format!("width:{:.1}%", share * 100.0)
    };
    html! {
        div class=(class) {
            h3 { (title) }
            table {
                @for piece in &side.pieces {
                    tr {
                        th scope="row" { bdi { (visible(&name(piece, Some(120)))) } }
                        td.number { (signed(piece.contribution)) }
                        td.track { span.bar style=(width(piece.contribution)) {} }
                    }
                }
                @if let Some((count, sum)) = side.others {
                    tr {
                        th scope="row" { small { (count) " more" } }
                        td.number { (signed(sum)) }
                        td.track {}
                    }
                }
                @if side.pieces.is_empty() && side.others.is_none() {
                    tr { td.note { "no piece of the text" } }
                }
            }
        }
    }
}

fn sum(explanation: &Explanation) -> Markup {
    html! {
        div {
            h3 { "Sum" }
            table {
                @for (name, value) in explanation.sum() {
                    tr.all[name == "logit"] { th scope="row" { (name) } td.number { (signed(value)) } }
                }
            }
        }
    }
}

fn labels(explanation: &Explanation) -> Markup {
    html! {
        div {
            h3 { "Labels" }
            table {
                thead {
                    tr {
                        th scope="col" { "label" }
                        th.number scope="col" { "logit" }
                        th.number scope="col" { "probability" }
                    }
                }
                @for (label, logit, probability) in explanation.compared() {
                    tr.explained[label == explanation.label] {
                        th scope="row" { bdi { (visible(explanation.name(label))) } }
                        td.number { (signed(logit)) }
                        td.number { (percent(probability)) }
                    }
                }
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_leave_their_place() {
        let check = |text: &str, expect: &str| {
            let text = with_lines(text);
            assert_eq!(html! { (text) }.into_string(), expect);
        };
        check("<b a=\"x\" c='y'>&amp;\n", "&lt;b a=&quot;x&quot; c='y'&gt;&amp;amp;\n");
        check("a\u{202e}b\u{1b}c", "ab\u{fffd}c");
    }

    #[test]
    fn pages_lead_to_each_other() {
        let names: Vec<String> = ["a.html", "a-2.html", "a b-3.html"].map(String::from).into();
        let links = |names: &[String], at| {
            let page = page("m", Method::Exact, &[], PagePlace { names, at });
            let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
            links.map(str::to_owned).collect::<Vec<_>>()
        };
        assert!(links(&names[..1], 0).is_empty());
        let first = ["./a-2.html", "./a%20b-3.html"];
        assert_eq!(links(&names, 0), [first, first].concat());
        let middle = ["./a.html", "./a%20b-3.html", "./a.html", "./a%20b-3.html"];
        assert_eq!(links(&names, 1), [middle, middle].concat());
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

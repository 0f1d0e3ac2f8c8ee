//! Parts of pages and sections.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::text::visible;

/// A whole page, which needs no other file.
pub fn document(title: &str, style: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (visible(title)) }
                style { (PreEscaped(style)) }
            }
            body { (body) }
        }
    };
    page.into_string() + "\n"
}

/// A wide thing that moves sideways where the window is narrow; by keyboard too.
pub fn scroll(name: &str, body: &Markup) -> Markup {
    html! { div.scroll role="region" aria-label=(name) tabindex="0" { (body) } }
}

/// A picture with its explanation. A narrow window shows all of it, or by a switch its full size, which
/// scrolls. Pictures that grew with their labels take more of a wide window than the text does.
pub fn figure(id: &str, name: &str, svg: String, caption: &str) -> Markup {
    let has_usual_width = svg.split('>').next().is_some_and(|tag| tag.contains(" width=\"760\""));
    html! {
        figure.wide[!has_usual_width] {
            input.zoom type="checkbox" id={ (id) "-zoom" };
            label for={ (id) "-zoom" } { "Full size" span.unseen { ": " (name) } }
            (scroll(name, &PreEscaped(svg)))
            figcaption { (visible(caption)) }
        }
    }
}

/// Units of a picture's view box in a pixel.
const UNITS: f64 = 4.0;

/// A picture with words that show where one points: each at a corner, with width and height, in pixels.
pub fn with_words(svg: &str, words: impl Iterator<Item = ([f64; 4], String)>) -> String {
    let places = html! {
        g fill="#fff" fill-opacity="0" {
            @for (place, words) in words {
                @let [x, y, width, height] = place.map(|pixels| (pixels * UNITS).round());
                rect x=(x) y=(y) width=(width) height=(height) { title { (visible(&words)) } }
            }
        }
    };
    svg.replace("</svg>", &format!("{}</svg>", places.into_string()))
}

/// A label's name; a long one may break after an underscore.
pub fn label(name: &str) -> Markup {
    let name = visible(name);
    html! {
        bdi {
            @for (place, part) in name.split('_').enumerate() {
                @if place > 0 { "_" wbr; }
                (part)
            }
        }
    }
}

/// A summary that opens what is behind it.
pub fn details(summary: &str, body: &Markup) -> Markup {
    html! { details { summary { (summary) } (body) } }
}

/// A paragraph of plain text.
pub fn paragraph(text: &str) -> Markup {
    html! { p { (visible(text)) } }
}

/// A table's head. The first column holds names, the others numbers.
pub fn head(columns: &[&str]) -> Markup {
    html! {
        thead {
            tr {
                @for (place, name) in columns.iter().enumerate() {
                    th.number[place > 0] scope="col" { (name) }
                }
            }
        }
    }
}

/// A line of a table: a name, then numbers.
pub fn line(name: &str, numbers: &[String]) -> Markup {
    html! {
        tr {
            th scope="row" { (label(name)) }
            @for number in numbers { td.number { (visible(number)) } }
        }
    }
}

//! The page as a whole: head, sections in the order that a reader wants them, foot.

use super::format::escape;
use super::{curves, labels, making, mistakes, summary};
use crate::{ReportInput, Result};

const STYLE: &str = include_str!("style.css");

/// The report as one page.
pub fn html(input: &ReportInput) -> Result<String> {
    let sections = [
        Section { id: "labels", short: "Labels", title: "Each label", body: labels::scores(input) },
        Section {
            id: "confusions",
            short: "Confusions",
            title: "What is taken for what",
            body: labels::confusions(input)?,
        },
        Section { id: "training", short: "Training", title: "Training", body: curves::training(input)? },
        Section { id: "rows", short: "Rows", title: "Rows by label", body: labels::rows(input)? },
        Section {
            id: "mistakes",
            short: "Mistakes",
            title: "The most confident mistakes",
            body: mistakes::list(input),
        },
        Section { id: "making", short: "Making", title: "How it was made", body: making::tables(input) },
        Section { id: "use", short: "Use", title: "How to use it", body: making::commands(input) },
    ];
    let links = sections.iter().map(|s| format!("<li><a href=\"#{}\">{}</a></li>", s.id, s.short));
    let bodies = sections.iter().map(|s| {
        format!(
            "<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">{}</h2>\n{}</section>\n",
            s.title,
            s.body,
            id = s.id
        )
    });
    Ok(format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light\">\n\
         <title>{} – assort report</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{}\
         <nav aria-label=\"Sections\"><ul>{}</ul></nav>\n{}</main>\n\
         <footer>Written by assort {}. All of it is in this file; the same figures for programs are in \
         <code>metrics.json</code>.</footer>\n</body>\n</html>\n",
        escape(&input.title),
        summary::head(input),
        links.collect::<String>(),
        bodies.collect::<String>(),
        env!("CARGO_PKG_VERSION"),
    ))
}

struct Section {
    id: &'static str,
    /// Its name among the links at the top.
    short: &'static str,
    title: &'static str,
    body: String,
}

/// A wide thing that moves sideways where the window is narrow; by keyboard too.
pub fn scroll(name: &str, body: &str) -> String {
    format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"{}\" tabindex=\"0\">{body}</div>\n",
        escape(name)
    )
}

/// A picture with its explanation. A narrow window shows all of it, or by a switch its full size, which scrolls.
/// Pictures that grew with their labels take more of a wide window than the text does.
pub fn figure(id: &str, name: &str, svg: &str, caption: &str) -> String {
    let has_usual_width = svg.split('>').next().is_some_and(|tag| tag.contains(" width=\"760\""));
    format!(
        "<figure{}>\n<input type=\"checkbox\" class=\"zoom\" id=\"{id}-zoom\"><label for=\"{id}-zoom\">Full size\
         <span class=\"unseen\">: {}</span></label>\n{}<figcaption>{}</figcaption>\n</figure>\n",
        if has_usual_width { "" } else { " class=\"wide\"" },
        escape(name),
        scroll(name, svg),
        escape(caption)
    )
}

/// A label's name; a long one may break after an underscore.
pub fn label(name: &str) -> String {
    format!("<bdi>{}</bdi>", escape(name).replace('_', "_<wbr>"))
}

/// What is opened when asked for.
pub fn details(summary: &str, body: &str) -> String {
    format!("<details><summary>{}</summary>\n{body}</details>\n", escape(summary))
}

/// A paragraph of plain text.
pub fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", escape(text))
}

/// A table's head. The first column holds names, the others numbers.
pub fn head(columns: &[&str]) -> String {
    let cell = |(index, name): (usize, &&str)| {
        let class = if index == 0 { "" } else { " class=\"number\"" };
        format!("<th scope=\"col\"{class}>{}</th>", escape(name))
    };
    format!("<thead><tr>{}</tr></thead>\n", columns.iter().enumerate().map(cell).collect::<String>())
}

/// A line of a table: a name, then numbers.
pub fn line(name: &str, numbers: &[String]) -> String {
    let numbers = numbers.iter().map(|number| format!("<td class=\"number\">{}</td>", escape(number)));
    format!("<tr><th scope=\"row\">{}</th>{}</tr>\n", label(name), numbers.collect::<String>())
}

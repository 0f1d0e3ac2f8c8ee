//! A map as a page of HTML that needs no other file.

use super::Scatter;
use crate::{Result, render};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page: the picture, the points with their texts, and a script that shows the nearest one under the
/// pointer.
pub fn html(map: &Scatter) -> Result<String> {
    let (picture, places) = map.laid_out();
    let svg = render::svg(&picture)?;
    let mut points = String::new();
    for ((x, y), group, point) in &places {
        let text = if point.text.is_empty() { &point.name } else { &point.text };
        let comma = if points.is_empty() { "" } else { ",\n" };
        points.push_str(&format!("{comma}[{x:.1},{y:.1},{group},{}]", quoted(text)));
    }
    let groups: Vec<String> = map.groups.iter().map(|group| quoted(&group.name)).collect();
    let title = render::escape(&picture.title);
    Ok(format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<div id=\"map\">{svg}<span id=\"ring\" hidden></span></div>\n\
         <div id=\"tip\" role=\"status\" hidden><b></b><span></span></div>\n\
         <p>Point at the map to read what lies there.</p>\n</main>\n<script>\n\
         const width = {}, groups = [{}], points = [\n{points}\n];\n{SCRIPT}</script>\n</body>\n</html>\n",
        picture.width.ceil(),
        groups.join(","),
    ))
}

/// A text as a string of JavaScript that may stand in a page.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => {
                out.push('\\');
                out.push(letter);
            }
            letter if letter.is_control() || matches!(letter, '<' | '>' | '&' | '\u{2028}' | '\u{2029}') => {
                out.push_str(&format!("\\u{:04x}", letter as u32));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ScatterGroup, ScatterPoint};

    #[test]
    fn texts_cannot_leave_their_place() {
        assert_eq!(
            quoted("a\"b\\c\n</script>\u{2028}"),
            "\"a\\\"b\\\\c\\u000a\\u003c/script\\u003e\\u2028\""
        );
        let point = ScatterPoint { name: "</script><b>".into(), ..ScatterPoint::default() };
        let group = ScatterGroup { name: "<i>".into(), points: vec![point] };
        let page = html(&Scatter { title: "<u>".into(), groups: vec![group], ..Scatter::default() }).unwrap();
        assert_eq!(page.matches("</script>").count(), 1);
        assert!(page.contains("<title>&lt;u&gt;</title>") && !page.contains("<i>"));
        assert!(!page.contains("src=") && !page.contains("href="));
    }
}

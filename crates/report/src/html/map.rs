//! A map as a page that shows each point's text under the pointer.

use maud::{PreEscaped, html};
use serde_json::{Value, json};

use super::parts::document;
use crate::{Map, Result};

const STYLE: &str = include_str!("map.css");
const SCRIPT: &str = include_str!("map.js");

/// The page: the picture, the points with their texts, and a script that shows the nearest one.
///
/// # Errors
/// If the picture cannot be drawn.
pub fn page(map: &Map) -> Result<String> {
    let scatter = map.scatter();
    let tenths = |value: f64| (value * 10.0).round() / 10.0;
    let places = scatter.places();
    let points: Vec<Value> = places
        .iter()
        .map(|((x, y), group, point)| json!([tenths(*x), tenths(*y), group, point.text]))
        .collect();
    let groups: Vec<&String> = scatter.groups.iter().map(|group| &group.name).collect();
    // No text ends the script.
    let data = json!({ "groups": groups, "points": points }).to_string().replace('<', "\\u003c");
    let body = html! {
        main {
            div #window tabindex="0" role="region" aria-label="Map" {
                div #map { (PreEscaped(scatter.svg()?)) span #ring hidden {} }
            }
            div #tip role="status" hidden { b {} span {} }
            p { "Point at the map to read what lies there." }
        }
        script { (PreEscaped(format!("const {{ groups, points }} = {data};\n{SCRIPT}"))) }
    };
    Ok(document(&map.title, STYLE, &body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MapLayout, MapPoint};

    #[test]
    fn texts_cannot_leave_their_place() {
        let text = "a\"b\\c\n</script><b>\u{2028}";
        let point = MapPoint { name: String::new(), text: text.into(), group: 0, place: [0.0, 0.0] };
        let layout = MapLayout::Tsne { perplexity: 30.0, seed: 0 };
        let map = Map { title: "<u>".into(), groups: vec!["<i>".into()], points: vec![point], layout };
        let page = page(&map).unwrap();
        assert_eq!(page.matches("</script>").count(), 1);
        assert!(page.contains(r#"a\"b\\c\n\u003c/script>\u003cb>"#), "{page}");
        assert!(page.contains("<title>&lt;u&gt;</title>") && !page.contains("<i>"));
        assert!(!page.contains("src=") && !page.contains("href="));
    }
}

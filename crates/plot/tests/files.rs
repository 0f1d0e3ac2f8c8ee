//! The files: SVG that parses and can stand in HTML, PNG of the right size, the same bytes each time.

use assort_plot::{
    AxisRange, BarGroup, Bars, Error, Heatmap, Histogram, LineChart, Mark, Result, Series, percentile_marks,
};

const NASTY: [&str; 8] = [
    "plain",
    "<script>&amp;",
    "\"double\" 'single'",
    "🙂 emoji 👩‍👩‍👧",
    "two\nlines\ttab",
    "مرحبا שלום",
    "\u{0}\u{7}\u{ffff}",
    "",
];

/// `NASTY` in an SVG.
const WRITTEN: [&str; 8] = [
    "plain",
    "&lt;script&gt;&amp;amp;",
    "&quot;double&quot; &apos;single&apos;",
    "🙂 emoji 👩‍👩‍👧",
    "two lines tab",
    "مرحبا שלום",
    "\u{fffd}\u{fffd}\u{fffd}",
    "(empty)",
];

fn nasty() -> Vec<String> {
    NASTY.map(String::from).to_vec()
}

fn heatmap() -> Heatmap {
    let counts = (0..8).map(|row| (0..8).map(|column| row * column).collect()).collect();
    Heatmap { title: NASTY.join(" "), labels: nasty(), counts, ..Heatmap::default() }
}

fn lines() -> LineChart {
    LineChart {
        title: NASTY[1].into(),
        series: NASTY.map(|name| Series::by_epoch(name, &[1.0, 0.5, f64::NAN, 0.25])).to_vec(),
        best: Some(Mark { name: NASTY[2].into(), at: 2.0 }),
        ..LineChart::default()
    }
}

fn bars() -> Bars {
    Bars {
        names: nasty(),
        groups: NASTY.map(|name| BarGroup::counts(name, 0..8)).to_vec(),
        ..Bars::default()
    }
}

fn histogram() -> Histogram {
    let values: Vec<f64> = (0..500).map(|value| f64::from(value % 37)).collect();
    Histogram { marks: percentile_marks(&values, &[50.0, 99.0]), values, ..Histogram::default() }
}

type Drawn = (&'static str, Result<String>, Result<Vec<u8>>);

fn all() -> Vec<Drawn> {
    vec![
        ("heatmap", heatmap().svg(), heatmap().png()),
        ("lines", lines().svg(), lines().png()),
        ("bars", bars().svg(), bars().png()),
        ("histogram", histogram().svg(), histogram().png()),
        ("no heatmap", Heatmap::default().svg(), Heatmap::default().png()),
        ("no lines", LineChart::default().svg(), LineChart::default().png()),
        ("no bars", Bars::default().svg(), Bars::default().png()),
        ("no histogram", Histogram::default().svg(), Histogram::default().png()),
    ]
}

/// The value of an attribute in a start tag.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    tag.split_once(&format!(" {name}=\""))?.1.split_once('"').map(|(value, _)| value)
}

/// Panics unless `svg` is one well-formed element. Returns its start tags.
fn parse(svg: &str) -> Vec<&str> {
    let (mut tags, mut open) = (Vec::new(), Vec::new());
    let mut rest = svg;
    while let Some(start) = rest.find('<') {
        check_text(&rest[..start]);
        assert!(tags.is_empty() || !open.is_empty() || rest[..start].trim().is_empty(), "text outside");
        let length = rest[start..].find('>');
        assert!(length.is_some(), "a tag ends");
        let end = start + length.unwrap_or(0);
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "closed in order");
            continue;
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "quotes in pairs: {tag}");
        tag.split('"').skip(1).step_by(2).for_each(check_text);
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        assert!(!name.is_empty(), "a tag has a name");
        if !tag.ends_with('/') {
            open.push(name);
        }
        tags.push(tag);
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "one element: {open:?} {rest:?}");
    tags
}

/// Panics on characters that XML forbids and on a lone ampersand.
fn check_text(text: &str) {
    let is_allowed = |letter: char| {
        "\t\n\r".contains(letter)
            || matches!(letter, '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
    };
    assert!(text.chars().all(|letter| is_allowed(letter) && letter != '>'), "{text:?}");
    for part in text.split('&').skip(1) {
        let entity = part.split_once(';').map(|(entity, _)| entity);
        assert!(matches!(entity, Some("lt" | "gt" | "amp" | "quot" | "apos")), "{text:?}");
    }
}

#[test]
fn svg_is_well_formed_and_words_are_large() {
    for (what, svg, _) in all() {
        let svg = svg.unwrap();
        let tags = parse(&svg);
        let number = |tag: &str, name: &str| attribute(tag, name).and_then(|value| value.parse::<f64>().ok());
        let root = tags[0];
        assert!(root.starts_with("svg ") && !svg.contains("<?xml"), "{what}");
        let view: Vec<f64> =
            attribute(root, "viewBox").unwrap().split(' ').map(|part| part.parse().unwrap()).collect();
        let scale = number(root, "width").unwrap() / view[2];
        assert_eq!(number(root, "height").unwrap(), view[3] * scale, "{what}");
        let sizes: Vec<f64> = tags.iter().filter_map(|tag| number(tag, "font-size")).collect();
        assert_eq!(sizes.len(), tags.iter().filter(|tag| tag.starts_with("text ")).count(), "{what}");
        assert!(!sizes.is_empty() || what == "no lines", "{what}");
        assert!(sizes.iter().all(|size| size * scale >= 11.0), "{what}: {sizes:?}");
        let families = tags.iter().filter_map(|tag| attribute(tag, "font-family"));
        assert!(families.into_iter().all(|family| family == "DejaVu Sans, Verdana, Geneva, sans-serif"));
        assert!(!svg.contains(" dy="), "{what}: baselines");
        assert!(!svg.contains("http") || svg.matches("http").count() == 1, "{what}: self-contained");
    }
}

#[test]
fn svg_holds_every_name() {
    for (what, svg, _) in all().into_iter().take(3) {
        let svg = svg.unwrap();
        for name in WRITTEN {
            assert!(svg.contains(&format!(">\n{name}\n<")), "{what}: {name}");
        }
    }
    let labels: Vec<String> = (0..77).map(|index| format!("intent {index}")).collect();
    let svg = Heatmap { labels: labels.clone(), counts: vec![vec![1; 77]; 77], ..Heatmap::default() }
        .svg()
        .unwrap();
    for label in labels {
        assert_eq!(svg.matches(&format!(">\n{label}\n<")).count(), 2, "{label}");
    }
}

#[test]
fn png_has_two_pixels_to_a_pixel() {
    for (what, svg, png) in all() {
        let (svg, png) = (svg.unwrap(), png.unwrap());
        let side = |name: &str| attribute(&svg, name).unwrap().parse::<u32>().unwrap();
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n", "{what}");
        assert_eq!(&png[12..16], b"IHDR", "{what}");
        let big_endian = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        assert_eq!((big_endian(16), big_endian(20)), (side("width") * 2, side("height") * 2), "{what}");
    }
}

#[test]
fn same_input_gives_same_bytes() {
    for ((what, svg, png), (_, svg_again, png_again)) in all().into_iter().zip(all()) {
        assert_eq!(svg.unwrap(), svg_again.unwrap(), "{what}");
        assert!(png.unwrap() == png_again.unwrap(), "{what}");
    }
}

fn check(result: Result<String>, expect: &str) {
    assert_eq!(result.map_err(|error| error.to_string()), Err(expect.to_string()));
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let labels = || vec!["a".to_string(), "b".to_string()];
    check(
        Heatmap { labels: labels(), ..Heatmap::default() }.svg(),
        "rows of the matrix: expected 2, found 0; give one for each name",
    );
    check(
        Heatmap { labels: labels(), counts: vec![vec![1, 2], vec![3]], ..Heatmap::default() }.svg(),
        "columns of row 1 of the matrix: expected 2, found 1; give one for each name",
    );
    check(
        Heatmap { labels: vec!["a".into(); 501], counts: vec![vec![0; 501]; 501], ..Heatmap::default() }
            .svg(),
        "501 names are too many for one picture (at most 500); draw the most frequent ones",
    );
    check(
        Bars { names: labels(), groups: vec![BarGroup::counts("test", [1])], ..Bars::default() }.svg(),
        "values of group \"test\": expected 2, found 1; give one for each name",
    );
    check(
        LineChart { y_range: AxisRange::Fixed { low: 1.0, high: 0.0 }, ..LineChart::default() }.svg(),
        "the range from 1 to 0 cannot be drawn; give two finite numbers, the lower one first",
    );
    assert!(matches!(
        LineChart { y_range: AxisRange::Fixed { low: f64::NAN, high: 0.0 }, ..LineChart::default() }.png(),
        Err(Error::Range { .. })
    ));
}

#[test]
fn a_fixed_range_cuts_lines_at_its_border() {
    let chart = LineChart {
        series: vec![Series::by_epoch("wild", &[0.5, 1e90, -1e90, 0.5])],
        y_range: AxisRange::Fixed { low: 0.0, high: 1.0 },
        ..LineChart::default()
    };
    let svg = chart.svg().unwrap();
    let heights = parse(&svg).into_iter().filter_map(|tag| attribute(tag, "points")).flat_map(|points| {
        let height = |point: &str| point.split_once(',').unwrap().1.parse::<f64>().unwrap();
        points.split_whitespace().map(height).collect::<Vec<_>>()
    });
    assert!(heights.into_iter().all(|height| (0.0..2000.0).contains(&height)));
}

#[test]
fn extremes_do_not_panic() {
    let most = u64::MAX;
    let matrix = Heatmap {
        labels: vec!["a".into(), "b".into()],
        counts: vec![vec![most; 2]; 2],
        ..Heatmap::default()
    };
    assert!(matrix.svg().unwrap().contains("50 %") && matrix.png().is_ok());
    let values = vec![f64::MAX, f64::MIN, f64::MIN_POSITIVE, -0.0, f64::NAN, f64::INFINITY, 1e99, -1e99];
    let bars = Bars {
        names: vec!["x".into(); 8],
        groups: vec![BarGroup { name: String::new(), values: values.iter().copied().map(Some).collect() }],
        ..Bars::default()
    };
    assert!(bars.svg().is_ok() && bars.png().is_ok());
    let chart = LineChart { series: vec![Series::by_epoch("x", &values)], ..LineChart::default() };
    assert!(chart.svg().is_ok() && chart.png().is_ok());
    let histogram = Histogram {
        marks: percentile_marks(&values, &[f64::NAN, -5.0, 500.0]),
        values,
        ..Histogram::default()
    };
    assert!(histogram.svg().is_ok() && histogram.png().is_ok());
}

#[test]
fn percentiles_are_nearest_ranks() {
    let check = |values: &[f64], percentile: f64, expect: Option<f64>| {
        let marks = percentile_marks(values, &[percentile]);
        assert_eq!(marks.first().map(|mark| mark.at), expect, "{values:?} {percentile}");
    };
    check(&[], 50.0, None);
    check(&[3.0], 50.0, Some(3.0));
    check(&[4.0, 1.0, 3.0, 2.0], 50.0, Some(2.0));
    check(&[4.0, 1.0, 3.0, 2.0], 51.0, Some(3.0));
    check(&[4.0, 1.0, f64::NAN, 3.0, 2.0], 100.0, Some(4.0));
    check(&[4.0, 1.0, 3.0, 2.0], 0.0, Some(1.0));
}

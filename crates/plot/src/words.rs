//! Makes any name fit: cleaned for XML, shortened, wrapped.

use std::collections::{HashMap, HashSet};

use crate::font::{Weight, width};

/// The smallest text size, in pixels.
pub(crate) const SMALL: f64 = 11.0;

/// One line of text that XML allows: white space as single blanks, control characters gone or replaced.
pub(crate) fn clean(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            letter if letter.is_whitespace() => {
                if !line.is_empty() && !line.ends_with(' ') {
                    line.push(' ');
                }
            }
            // Directions that would turn the words after them around.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            letter if letter.is_control() => line.push('\u{fffd}'),
            '\u{fffe}' | '\u{ffff}' => line.push('\u{fffd}'),
            letter => line.push(letter),
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// [`clean`], with words for an empty name.
pub(crate) fn name(text: &str) -> String {
    let line = clean(text);
    if line.is_empty() { "(empty)".to_string() } else { line }
}

/// The beginning of `text` with an ellipsis, so that it is at most `room` pixels wide.
pub(crate) fn shorten(text: &str, size: f64, weight: Weight, room: f64) -> String {
    if width(text, size, weight) <= room {
        return text.to_string();
    }
    let letters: Vec<char> = text.chars().collect();
    let kept = longest(letters.len(), |count| {
        let start: String = letters.iter().take(count).collect();
        width(start.trim_end(), size, weight) + width("…", size, weight) <= room
    });
    let start: String = letters.iter().take(kept).collect();
    format!("{}…", start.trim_end())
}

/// The beginning and the end of `text` around an ellipsis.
fn shorten_middle(text: &str, size: f64, weight: Weight, room: f64) -> String {
    let letters: Vec<char> = text.chars().collect();
    let parts = |count: usize| {
        let start: String = letters.iter().take(count.div_ceil(2)).collect();
        let end: String = letters.iter().skip(letters.len() - count / 2).collect();
        format!("{}…{}", start.trim_end(), end.trim_start())
    };
    parts(longest(letters.len().saturating_sub(1), |count| width(&parts(count), size, weight) <= room))
}

/// The largest count up to `limit` that fits; 0 if none does.
fn longest(limit: usize, fits: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, limit);
    while low < high {
        let middle = (low + high).div_ceil(2);
        if fits(middle) { low = middle } else { high = middle - 1 }
    }
    low
}

/// Cleans and shortens all names. Names that would look alike are cut in their middle instead.
pub(crate) fn fit_names(names: &[String], size: f64, room: f64) -> Vec<String> {
    let full: Vec<String> = names.iter().map(|text| name(text)).collect();
    let short: Vec<String> = full.iter().map(|text| shorten(text, size, Weight::Regular, room)).collect();
    let mut owners: HashMap<&str, HashSet<&str>> = HashMap::new();
    for (short, full) in short.iter().zip(&full) {
        owners.entry(short).or_default().insert(full);
    }
    let is_unclear = |short: &str| owners.get(short).is_some_and(|owners| owners.len() > 1);
    let cut = |(short, full): (&String, &String)| match is_unclear(short) {
        true => shorten_middle(full, size, Weight::Regular, room),
        false => short.clone(),
    };
    short.iter().zip(&full).map(cut).collect()
}

/// The greatest width among `lines`; 0 without lines.
pub(crate) fn widest(lines: &[String], size: f64, weight: Weight) -> f64 {
    lines.iter().map(|line| width(line, size, weight)).fold(0.0, f64::max)
}

/// Breaks `text` at blanks into at most `most` lines; the last one is shortened if it must be.
pub(crate) fn wrap(text: &str, size: f64, weight: Weight, room: f64, most: usize) -> Vec<String> {
    let text = clean(text);
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let full = lines.len() >= most;
        match lines.last_mut() {
            Some(line) if full || width(&format!("{line} {word}"), size, weight) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_string()),
        }
    }
    lines.iter().map(|line| shorten(line, size, weight, room)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: &str) {
        assert_eq!(name(input), expect);
    }

    #[test]
    fn names_become_one_clean_line() {
        check("joy", "joy");
        check("", "(empty)");
        check(" \n ", "(empty)");
        check("two\r\nlines\tand  more ", "two lines and more");
        check("bell\u{7}", "bell\u{fffd}");
        check("nul\0", "nul\u{fffd}");
        check("\u{202e}evil\u{202c}", "evil");
        check("not\u{ffff}", "not\u{fffd}");
        check("مرحبا 🙂", "مرحبا 🙂");
    }

    #[test]
    fn long_names_get_an_ellipsis_and_fit() {
        for room in [12.0, 20.0, 50.0, 77.7] {
            let short = shorten("a rather long name", 11.0, Weight::Regular, room);
            assert!(short.ends_with('…') && width(&short, 11.0, Weight::Regular) <= room, "{short}");
        }
        assert_eq!(shorten("short", 11.0, Weight::Regular, 100.0), "short");
        assert_eq!(shorten("hopeless", 11.0, Weight::Regular, 0.0), "…");
    }

    #[test]
    fn names_with_one_beginning_stay_apart() {
        let names =
            ["balance_not_updated_after_transfer".to_string(), "balance_not_updated_after_cheque".into()];
        let short = fit_names(&names, 11.0, 130.0);
        assert_ne!(short[0], short[1]);
        assert!(short[0].ends_with("transfer") && short[1].ends_with("cheque"), "{short:?}");
    }

    #[test]
    fn titles_wrap_at_blanks() {
        let lines = wrap("one two three four five six", 11.0, Weight::Regular, 60.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(
            lines[1].ends_with('…') && lines.iter().all(|line| width(line, 11.0, Weight::Regular) <= 60.0)
        );
        assert!(wrap("", 11.0, Weight::Regular, 60.0, 2).is_empty());
    }
}

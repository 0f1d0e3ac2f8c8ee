//! A text whose words show what they add: by colour, or where there is none by numbers.

use assort_pipeline::Attribution;
use console::{measure_text_width, style};

use crate::text::visible;

/// The smallest share of the strongest word's contribution that shows a colour or a number.
pub const FAINTEST: f64 = 0.06;

/// Backgrounds from weak to strong, of the 256 colours that terminals have, each with the text colour that
/// can be read on it. Blue and orange differ for all who see colours weakly; both are chosen, so that the
/// terminal's own do not matter.
const FOR: [(u8, u8); 4] = [(153, 16), (111, 16), (69, 16), (25, 231)];
const AGAINST: [(u8, u8); 4] = [(223, 16), (216, 16), (208, 16), (166, 16)];

/// Meaning of the colours or numbers.
pub fn legend() -> String {
    if !console::colors_enabled() {
        return "[numbers] are what a word adds to the logit of the label: + speaks for it, − against it"
            .into();
    }
    let shown = |word: &str, ramp: [(u8, u8); 4]| {
        ramp.get(1).map_or(word.to_owned(), |(ground, ink)| {
            style(word).on_color256(*ground).color256(*ink).to_string()
        })
    };
    let (blue, orange) = (shown("blue", FOR), shown("orange", AGAINST));
    format!("{blue} speaks for the label, {orange} against it; the deeper, the more")
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Part<'t> {
    /// The text.
    pub text: &'t str,
    /// Contribution to the label's logit, of a word; `None` between words.
    pub value: Option<f64>,
}

/// The whole text as words and what stands between them.
pub fn parts(attribution: &Attribution, label: usize) -> Vec<Part<'_>> {
    let text = attribution.text();
    let (mut parts, mut at) = (Vec::new(), 0);
    for word in attribution.words() {
        // A word that overlaps the one before cannot be coloured by itself.
        let gap = text.get(at..word.range.start);
        let (Some(gap), Some(own)) = (gap, text.get(word.range.clone())) else { continue };
        parts.push(Part { text: gap, value: None });
        parts.push(Part { text: own, value: word.contributions.get(label).copied() });
        at = word.range.end;
    }
    parts.push(Part { text: text.get(at..).unwrap_or_default(), value: None });
    parts.retain(|part| !part.text.is_empty());
    parts
}

/// The largest contribution of a word, by size.
pub fn strongest(parts: &[Part]) -> f64 {
    parts.iter().filter_map(|part| part.value).map(f64::abs).fold(0.0, f64::max)
}

/// The text in lines of at most so many columns, white space as single blanks.
pub fn lines(attribution: &Attribution, label: usize, room: usize) -> Vec<String> {
    let parts = parts(attribution, label);
    let strongest = strongest(&parts);
    let (mut lines, mut line, mut columns) = (Vec::new(), String::new(), 0);
    let mut is_joined = true;
    for part in &parts {
        let mut is_glued = is_joined && !part.text.starts_with(char::is_whitespace);
        for text in part.text.split_whitespace() {
            let text = show(text, part.value, strongest);
            let width = measure_text_width(&text);
            let gap = usize::from(!is_glued && columns > 0);
            if columns > 0 && columns + gap + width > room {
                lines.push(std::mem::take(&mut line));
                columns = 0;
            } else if gap > 0 {
                line.push(' ');
                columns += 1;
            }
            line.push_str(&text);
            columns += width;
            is_glued = false;
        }
        is_joined = !part.text.ends_with(char::is_whitespace);
    }
    lines.push(line);
    lines
}

fn show(text: &str, value: Option<f64>, strongest: f64) -> String {
    // No text may steer the terminal.
    let text: String = visible(text);
    let Some(value) = value else { return text };
    let Some((ground, ink)) = colour(value, strongest) else { return text };
    if console::colors_enabled() {
        return style(text).on_color256(ground).color256(ink).to_string();
    }
    let decimals = [(0.1, 2), (0.01, 3)].into_iter().find(|(least, _)| strongest >= *least);
    let decimals = decimals.map_or(4, |(_, decimals)| decimals);
    format!("{text}[{}]", format!("{value:+.decimals$}").replace('-', "−"))
}

fn colour(value: f64, strongest: f64) -> Option<(u8, u8)> {
    let share = value.abs() / strongest;
    // Not a number: nothing to show.
    if share.is_nan() || share < FAINTEST {
        return None;
    }
    let ramp = if value > 0.0 { FOR } else { AGAINST };
    ramp.get(((share * 4.0) as usize).min(3)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_pipeline::Piece;

    fn attribution(text: &str, words: &[(std::ops::Range<usize>, f64)]) -> Attribution {
        let pieces = words.iter().map(|(range, value)| Piece {
            ranges: vec![range.clone()],
            pattern: None,
            contributions: vec![*value],
        });
        Attribution::new(text, words.iter().map(|(range, _)| range.clone()).collect(), pieces, &[0.0])
    }

    #[test]
    fn nothing_of_the_text_is_lost() {
        let found = attribution(" über\tno,\nend ", &[(1..6, 1.0), (7..9, -0.5), (11..14, 0.001)]);
        console::set_colors_enabled(false);
        assert_eq!(lines(&found, 0, 80), ["über[+1.00] no[−0.50], end"]);
        assert_eq!(lines(&found, 0, 12), ["über[+1.00]", "no[−0.50],", "end"]);
        assert_eq!(lines(&attribution("", &[]), 0, 12), [""]);
        let control = attribution("a\u{1b}[31mb", &[(0..1, 1.0)]);
        assert_eq!(lines(&control, 0, 80), ["a[+1.00]\u{fffd}[31mb"]);
    }

    #[test]
    fn hue_tells_the_sign_and_strength_the_size() {
        assert_eq!(colour(1.0, 1.0), Some(FOR[3]));
        assert_eq!(colour(-1.0, 1.0), Some(AGAINST[3]));
        assert_eq!(colour(0.3, 1.0), Some(FOR[1]));
        assert_eq!(colour(-0.1, 1.0), Some(AGAINST[0]));
        assert_eq!(colour(0.01, 1.0), None);
        assert_eq!(colour(0.0, 0.0), None);
    }

    /// The contrast ratio of the Web Content Accessibility Guidelines, for colours of the 256 from 16 to 231.
    fn contrast((one, other): (u8, u8)) -> f64 {
        let luminance = |colour: u8| {
            let cube = colour - 16;
            let part = |level: u8| {
                let value = [0.0, 95.0, 135.0, 175.0, 215.0, 255.0][usize::from(level)] / 255.0;
                if value <= 0.04045 { value / 12.92 } else { ((value + 0.055_f64) / 1.055).powf(2.4) }
            };
            0.2126 * part(cube / 36) + 0.7152 * part(cube / 6 % 6) + 0.0722 * part(cube % 6)
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn words_can_be_read_on_every_colour() {
        assert!(FOR.into_iter().chain(AGAINST).all(|pair| contrast(pair) >= 4.5));
    }
}

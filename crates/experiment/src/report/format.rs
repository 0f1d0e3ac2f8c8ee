//! Numbers and texts as people read them. What is not there is a dash, never `NaN`.

use serde_json::Value;

/// What stands for a value that is not defined.
pub const NONE: &str = "–";

/// Text between tags or quotes of HTML; control characters, which HTML forbids, become `U+FFFD`.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            // Directions that would turn the words after them around.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            letter if letter.is_control() => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}

/// White space as single blanks, and at most `limit` letters, the last one an ellipsis if there were more.
pub fn shorten(text: &str, limit: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(limit) {
        Some(_) => line.chars().take(limit.saturating_sub(1)).chain(['…']).collect(),
        None => line,
    }
}

/// A share of one with one decimal: 59.2 %. What rounds to 0 or 100 without being it says so.
pub fn percent(share: impl Into<Option<f64>>) -> String {
    let Some(share) = share.into().filter(|share| share.is_finite()) else { return NONE.into() };
    match (share, decimal(share * 100.0, 1)) {
        (share, text) if share > 0.0 && text == "0.0" => "<0.1\u{a0}%".into(),
        (share, text) if share < 1.0 && text == "100.0" => ">99.9\u{a0}%".into(),
        (_, text) => format!("{text}\u{a0}%"),
    }
}

/// A number with so many decimals and a comma between thousands.
pub fn decimal(number: impl Into<Option<f64>>, decimals: usize) -> String {
    let Some(number) = number.into().filter(|number| number.is_finite()) else { return NONE.into() };
    let text = format!("{:.decimals$}", number.abs());
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let is_negative = number < 0.0 && text.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    format!("{}{}{rest}", if is_negative { "−" } else { "" }, group(whole))
}

/// A count with a comma between thousands.
pub fn count(number: usize) -> String {
    group(&number.to_string())
}

/// A count and what is counted: 1 test row; 3,346 test rows.
pub fn counted(number: usize, what: &str) -> String {
    format!("{} {what}{}", count(number), if number == 1 { "" } else { "s" })
}

fn group(digits: &str) -> String {
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A time: 0.004 s; 5.1 s; 3 min 12 s; 2 h 5 min.
pub fn seconds(time: impl Into<Option<f64>>) -> String {
    let Some(time) = time.into().filter(|time| time.is_finite() && *time >= 0.0) else { return NONE.into() };
    let (minutes, hours) = ((time / 60.0).floor(), (time / 3600.0).floor());
    match time {
        time if time < 0.0995 => format!("{}\u{a0}s", decimal(time, 3)),
        time if time < 0.995 => format!("{}\u{a0}s", decimal(time, 2)),
        time if time < 60.0 => format!("{}\u{a0}s", decimal(time, 1)),
        time if time < 3600.0 => format!("{minutes}\u{a0}min {}\u{a0}s", (time - minutes * 60.0).floor()),
        _ => format!("{}\u{a0}h {}\u{a0}min", decimal(hours, 0), minutes - hours * 60.0),
    }
}

/// A number of things a second.
pub fn rate(number: Option<f64>) -> String {
    decimal(number, if number.is_some_and(|number| number < 100.0) { 1 } else { 0 })
}

/// A hyper-parameter's value as users write it.
pub fn setting(value: &Value) -> String {
    match value {
        Value::Null => "none".into(),
        Value::String(word) => word.clone(),
        other => other.to_string(),
    }
}

/// One argument of a command line, in quotes where a shell needs them.
pub fn argument(text: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "_-./:@%+".contains(letter);
    match text {
        text if !text.is_empty() && !text.starts_with('-') && text.chars().all(is_plain) => text.into(),
        text if text.starts_with('-') => format!("'./{}'", text.replace('\'', r"'\''")),
        text => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<I>(format: impl Fn(I) -> String, cases: impl IntoIterator<Item = (I, &'static str)>) {
        for (input, expect) in cases {
            assert_eq!(format(input).replace('\u{a0}', " "), expect);
        }
    }

    #[test]
    fn shares() {
        let cases =
            [(0.5923, "59.2 %"), (0.0, "0.0 %"), (1.0, "100.0 %"), (1e-5, "<0.1 %"), (0.99999, ">99.9 %")];
        check(percent, cases);
        check(percent, [(f64::NAN, "–"), (f64::INFINITY, "–"), (0.9994, "99.9 %"), (0.0006, "0.1 %")]);
        assert_eq!(percent(None), "–");
    }

    #[test]
    fn numbers() {
        check(
            |number: f64| decimal(number, 3),
            [(0.8915, "0.891"), (-1234.5, "−1,234.500"), (-0.0, "0.000"), (f64::NAN, "–")],
        );
        check(count, [(0, "0"), (999, "999"), (1000, "1,000"), (10_444_291, "10,444,291")]);
        check(|number| counted(number, "row"), [(0, "0 rows"), (1, "1 row"), (3346, "3,346 rows")]);
        check(
            rate,
            [(None, "–"), (Some(52_340.4), "52,340"), (Some(3.25), "3.2"), (Some(f64::INFINITY), "–")],
        );
    }

    #[test]
    fn times() {
        let short =
            [(0.0042, "0.004 s"), (0.42, "0.42 s"), (0.999, "1.0 s"), (5.11, "5.1 s"), (59.99, "60.0 s")];
        check(seconds, short);
        let long =
            [(60.0, "1 min 0 s"), (192.4, "3 min 12 s"), (7500.0, "2 h 5 min"), (-1.0, "–"), (f64::NAN, "–")];
        check(seconds, long);
    }

    #[test]
    fn texts() {
        check(escape, [(r#"<script>"a" & 'b'"#, "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;")]);
        check(escape, [("a\nb\0c\u{202e}d", "a b\u{fffd}cd"), ("日本 é", "日本 é")]);
        check(
            |text| shorten(text, 5),
            [("a\n\t b", "a b"), ("12345", "12345"), ("éééééé", "éééé…"), ("", "")],
        );
        check(
            argument,
            [
                ("reviews", "reviews"),
                ("my model", "'my model'"),
                ("it's", r"'it'\''s'"),
                ("-x", "'./-x'"),
                ("", "''"),
            ],
        );
        check(
            |value: Value| setting(&value),
            [(Value::Null, "none"), (Value::from(0.001), "0.001"), (Value::from("sum"), "sum")],
        );
    }
}

//! Texts of others, in one line, with nothing in them that could act on whoever shows them.

/// The sign of a character that may not be shown.
const REPLACEMENT: char = '\u{fffd}';

/// A text in which every character is seen: white space becomes blanks, controls become `U+FFFD`, and marks
/// that would turn the direction of the words after them are gone.
pub fn visible(text: &str) -> String {
    let shown = |letter: char| match letter {
        letter if turns(letter) => None,
        letter if letter.is_whitespace() => Some(' '),
        '\u{fffe}' | '\u{ffff}' => Some(REPLACEMENT),
        letter if letter.is_control() => Some(REPLACEMENT),
        letter => Some(letter),
    };
    text.chars().filter_map(shown).collect()
}

/// Whether a character turns the direction of the words after it.
pub fn turns(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text in one line: white space and control characters become single spaces, and marks that would turn
/// the direction of the words after them are gone.
pub fn one_line(text: &str) -> String {
    let parts = text.split(|c: char| c.is_whitespace() || c.is_control());
    let line = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    if line.contains(turns) { line.replace(turns, "") } else { line }
}

/// A text in one line of at most so many columns of a terminal, with `…` where it was cut.
pub fn shortened(text: &str, columns: usize) -> String {
    // A text of many pages is not laid out for the sake of its first line.
    let most = columns.saturating_mul(8).max(64);
    let beginning: String = text.chars().take(most).collect();
    console::truncate_str(&one_line(&beginning), columns, "…").into_owned()
}

/// A text in one line, of at most so many columns of a terminal where there is one.
pub fn fitted(text: &str, columns: Option<usize>) -> String {
    columns.map_or_else(|| one_line(text), |columns| shortened(text, columns))
}

/// White space as single blanks, and at most `limit` letters, the last one an ellipsis if there were more.
pub fn abridged(text: &str, limit: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(limit) {
        Some(_) => line.chars().take(limit.saturating_sub(1)).chain(['…']).collect(),
        None => line,
    }
}

/// A word of a command line, in quotes where a shell needs them.
pub fn word(text: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "_-./:@%+,=".contains(letter);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.into(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// A path as one argument of a command line: a [`word`] that is not taken for a flag.
pub fn argument(path: &str) -> String {
    match path.starts_with('-') {
        true => format!("'./{}'", path.replace('\'', r"'\''")),
        false => word(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen() {
        assert_eq!(visible("a\nb\0c\u{202e}d\u{fffe}"), "a b\u{fffd}cd\u{fffd}");
        assert_eq!(visible("日本 é"), "日本 é");
    }

    #[test]
    fn lines() {
        assert_eq!(one_line(" a\r\n b\t\u{1b}[31mc "), "a b [31mc");
        assert_eq!(one_line("a\u{202e}b \u{2066}c\u{2069} \u{5d0}\u{200f}"), "ab c \u{5d0}\u{200f}");
        assert_eq!(shortened("one two three", 8), "one two…");
        assert_eq!(shortened("one two", 8), "one two");
        assert_eq!(shortened("日本語テキスト", 7), "日本語…");
        for (text, expect) in [("a\n\t b", "a b"), ("12345", "12345"), ("éééééé", "éééé…"), ("", "")]
        {
            assert_eq!(abridged(text, 5), expect);
        }
    }

    #[test]
    fn arguments() {
        for (text, expect) in [
            ("reviews", "reviews"),
            ("my model", "'my model'"),
            ("it's", r"'it'\''s'"),
            ("-x", "'./-x'"),
            ("", "''"),
        ] {
            assert_eq!(argument(text), expect);
        }
    }
}

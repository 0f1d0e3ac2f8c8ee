//! Texts and tables in Markdown.

use crate::text::abridged;

/// Plain text inside Markdown: one line, in which nothing is markup.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let line = abridged(text, usize::MAX);
    let mut letters = line.chars().peekable();
    let mut is_word = false;
    while let Some(letter) = letters.next() {
        let is_inside = is_word && letters.peek().is_some_and(|next| next.is_alphanumeric());
        is_word = letter.is_alphanumeric() || letter == '_';
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '_' if is_inside => out.push('_'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => out.extend(['\\', letter]),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            letter if letter.is_control() => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}

/// A table of cells that are Markdown already: columns of words, then columns of numbers.
pub fn table(words: &[&str], numbers: &[&str], lines: impl IntoIterator<Item = Vec<String>>) -> String {
    let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let names: Vec<String> = words.iter().chain(numbers).map(ToString::to_string).collect();
    let rules = words.iter().map(|_| "---").chain(numbers.iter().map(|_| "---:"));
    let rules: Vec<String> = rules.map(Into::into).collect();
    row(&names) + &row(&rules) + &lines.into_iter().map(|cells| row(&cells)).collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        assert_eq!(plain(text), expect);
    }

    #[test]
    fn nothing_in_plain_text_is_markup() {
        check("a_b", "a_b");
        check("_b_", r"\_b\_");
        check("a|b", r"a\|b");
        check("<b>&*`", r"&lt;b&gt;&amp;\*\`");
        check("a\n# b", "a # b");
        check("[x](y)", r"\[x\](y)");
        check("a\0\u{202e}b", "a\u{fffd}b");
        check("日本 é", "日本 é");
    }

    #[test]
    fn tables() {
        let lines = [vec!["a".to_string(), "1".to_string()]];
        assert_eq!(table(&["Label"], &["Rows"], lines), "| Label | Rows |\n| --- | ---: |\n| a | 1 |\n");
    }
}

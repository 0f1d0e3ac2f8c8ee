//! Characters that nobody sees.

/// A name without the white space and the characters of no width around it.
pub(crate) fn trimmed(name: &str) -> &str {
    name.trim_matches(|character: char| character.is_whitespace() || is_invisible(character))
}

/// Whether nothing is seen of a character where it stands: controls, marks of direction and of byte order,
/// and all white space but the blank.
pub(crate) fn is_invisible(character: char) -> bool {
    let formats = matches!(
        character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    );
    formats || character.is_control() || (character.is_whitespace() && character != ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_around_a_name() {
        assert_eq!(trimmed("\u{feff}\u{200b} text\u{a0}"), "text");
        assert_eq!(trimmed(" प्रश्न\n"), "प्रश्न");
    }
}

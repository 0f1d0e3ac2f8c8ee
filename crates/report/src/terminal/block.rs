//! Lines under a title in the margin.

use crate::text::visible;

/// The columns that the titles take.
pub const MARGIN: usize = 13;

/// The columns of lines that are laid out for no terminal.
pub const WIDTH: usize = 100;

/// The columns that lines of a block have on a terminal of this width.
pub fn room(width: Option<usize>) -> Option<usize> {
    width.map(|width| width.saturating_sub(MARGIN))
}

/// Lines with a title before the first one; the others are indented as far. Every character of them is seen:
/// controls from somebody's file act on no terminal.
pub fn block(title: &str, lines: &[String]) -> String {
    coloured_block(title, &lines.iter().map(|line| visible(line)).collect::<Vec<_>>())
}

/// [`block`] of lines that are coloured, whose words were made [`visible`] before.
pub fn coloured_block(title: &str, lines: &[String]) -> String {
    let mut block = String::new();
    for (number, line) in lines.iter().enumerate() {
        let title = if number == 0 { title } else { "" };
        let padded = format!("{title:<width$}", width = MARGIN - 1);
        let padded = if number == 0 { console::style(padded).bold().to_string() } else { padded };
        block.push_str(format!("{padded} {line}").trim_end());
        block.push('\n');
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_stands_before_the_first_line() {
        console::set_colors_enabled(false);
        let found = block("split", &["one".into(), String::new(), "two".into()]);
        assert_eq!(found, "split        one\n\n             two\n");
        assert_eq!(block("nothing", &[]), "");
        assert_eq!(
            block("paths", &["a\u{1b}[31m\u{9b}\rb".into()]),
            "paths        a\u{fffd}[31m\u{fffd} b\n"
        );
    }
}

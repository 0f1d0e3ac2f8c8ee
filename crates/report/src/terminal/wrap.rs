//! Lines that are broken between words.

use std::borrow::Cow;

use console::measure_text_width;
use textwrap::{Options, WordSplitter, WrapAlgorithm};

use super::block::MARGIN;

/// The fewest columns that words are broken into.
const LEAST: usize = 20;

/// A text as lines of at most so many columns, as far as its words allow.
pub fn wrapped(text: &str, columns: usize) -> Vec<String> {
    broken(text, columns, "")
}

/// The lines of blocks, each of which that is wider than the terminal goes on in the next line, below its
/// beginning; all as they are without a terminal.
pub fn fit(text: &str, columns: Option<usize>) -> Cow<'_, str> {
    let Some(columns) = columns.filter(|columns| text.lines().any(|line| is_wide(line, *columns))) else {
        return text.into();
    };
    let mut fitted = String::with_capacity(text.len() + 64);
    for line in text.split_inclusive('\n') {
        if !is_wide(line.trim_end(), columns) {
            fitted.push_str(line);
            continue;
        }
        let blanks = line.len() - line.trim_start_matches(' ').len();
        let indent = " ".repeat(if blanks > 0 { blanks } else { MARGIN }.min(columns / 2));
        // Blanks at the beginning and between columns are kept: words alone are broken apart.
        fitted.push_str(&broken(line.trim_end(), columns, &indent).join("\n"));
        fitted.push('\n');
    }
    fitted.into()
}

/// Lines of so many columns, all but the first indented; a number and its unit stay together.
fn broken(text: &str, columns: usize, indent: &str) -> Vec<String> {
    const UNITS: [(&str, &str); 2] = [(" %", "\u{a0}%"), (" s)", "\u{a0}s)")];
    let joined = UNITS.iter().fold(text.to_owned(), |text, (apart, joined)| text.replace(apart, joined));
    let lines = textwrap::wrap(&joined, options(columns, indent)).into_iter();
    let parted = |line: Cow<str>| {
        UNITS.iter().fold(line.into_owned(), |line, (apart, joined)| line.replace(joined, apart))
    };
    lines.map(parted).collect()
}

fn is_wide(line: &str, columns: usize) -> bool {
    line.len() > columns && measure_text_width(line) > columns
}

fn options(columns: usize, indent: &str) -> Options<'_> {
    Options::new(columns.max(LEAST))
        .subsequent_indent(indent)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_whole() {
        assert_eq!(wrapped("one two three four five six", 20), ["one two three four", "five six"]);
        assert_eq!(
            wrapped("a-very-long-word-that-fits-nowhere x", 20),
            ["a-very-long-word-that-fits-nowhere", "x"]
        );
        assert_eq!(wrapped("", 20), [""]);
        assert_eq!(
            wrapped("accuracy of nearly 31.1 % (0.25 s)", 25),
            ["accuracy of nearly 31.1 %", "(0.25 s)"]
        );
    }

    #[test]
    fn lines_go_on_below_their_beginning() {
        let text = "read         one two three four\n             five six seven eight\nshort\n";
        // Half of a narrow terminal stays for words.
        let expect = "read         one two\n            three four\n             five six\n            seven \
                      eight\nshort\n";
        assert_eq!(fit(text, Some(24)), expect);
        assert_eq!(fit(text, None), text);
        assert_eq!(fit(text, Some(80)), text);
        let coloured = "\u{1b}[1mread\u{1b}[0m         one two";
        assert_eq!(fit(coloured, Some(20)), coloured);
    }
}

//! Lines of a vectors file: a word, then its numbers, between spaces or tabs.
//!
//! The numbers are counted from the right, because some files have words with spaces in them (GloVe's of 840
//! billion tokens has `. . .`). A word whose last part is itself a number would pass for a row that is too
//! wide, and is refused as one.

/// The words and numbers of a block of lines.
#[derive(Debug, Default)]
pub struct Rows {
    /// All words, one after the other.
    pub text: String,
    /// Where each word ends in `text`.
    pub ends: Vec<usize>,
    /// All numbers, row by row.
    pub values: Vec<f32>,
    /// The line of each word, counted from 0 in the block.
    pub lines: Vec<u32>,
}

/// A line, counted from 0 in its block, and its fault.
pub type Fault = (usize, String);

/// Parses whole lines with `width` numbers each. Blank lines are passed over.
pub fn rows(block: &[u8], width: usize) -> Result<Rows, Fault> {
    let mut rows = Rows::default();
    for (index, line) in block.split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii_end();
        if line.is_empty() {
            continue;
        }
        let word = row(line, width, &mut rows.values).ok_or_else(|| (index, fault(line, width)))?;
        rows.text.push_str(word);
        rows.ends.push(rows.text.len());
        rows.lines.push(index as u32);
    }
    Ok(rows)
}

/// The word of a line; its numbers are added to `values`.
fn row<'l>(line: &'l [u8], width: usize, values: &mut Vec<f32>) -> Option<&'l str> {
    let start = values.len();
    values.resize(start + width, 0.0);
    let mut rest = line;
    for value in values.get_mut(start..)?.iter_mut().rev() {
        let (before, field) = last_field(rest)?;
        *value = number(field)?;
        rest = before;
    }
    let is_wider = last_field(rest).is_some_and(|(_, field)| number(field).is_some());
    str::from_utf8(rest).ok().filter(|word| !word.is_empty() && !is_wider)
}

/// The bytes before the last field, and the field; `None` if there is but one.
fn last_field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = line.iter().rposition(|byte| is_separator(*byte))?;
    Some((line.get(..at)?.trim_ascii_end(), line.get(at + 1..)?))
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn number(field: &[u8]) -> Option<f32> {
    let value: f32 = str::from_utf8(field).ok()?.parse().ok()?;
    value.is_finite().then_some(value)
}

fn fields(line: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    line.split(|byte| is_separator(*byte)).filter(|field| !field.is_empty())
}

/// The fault of a line that is no row.
fn fault(line: &[u8], width: usize) -> String {
    let Ok(text) = str::from_utf8(line) else {
        return "expected UTF-8 text, found other bytes: save binary vectors as text".to_owned();
    };
    if text.starts_with([' ', '\t']) && fields(line).all(|field| number(field).is_some()) {
        return "expected a word before the numbers, found none".to_owned();
    }
    let found = fields(line).count().saturating_sub(1);
    let numbers = |count: usize| if count == 1 { "1 number".to_owned() } else { format!("{count} numbers") };
    if found < width {
        return format!("expected a word and {}, found {found}: the line is torn", numbers(width));
    }
    let odd = fields(line).rev().take(width).filter(|field| number(field).is_none()).last();
    match odd {
        Some(field) => format!("expected a number, found '{}'", shortened(&String::from_utf8_lossy(field))),
        None => format!("expected a word and {} as in the first row, found {found}", numbers(width)),
    }
}

/// The number of words and their width, if the line is a header as word2vec writes it.
pub fn header(line: &[u8]) -> Option<(usize, usize)> {
    let mut fields = fields(line.trim_ascii_end()).map(|field| str::from_utf8(field).ok()?.parse().ok());
    let header = (fields.next()??, fields.next()??);
    fields.next().is_none().then_some(header)
}

/// The width of the first row: all fields but the first, or, where a word has spaces, the numbers at its end.
pub fn width(line: &[u8]) -> Result<usize, String> {
    let line = line.trim_ascii_end();
    let others = fields(line).count().saturating_sub(1);
    match fields(line).rev().take(others).take_while(|field| number(field).is_some()).count() {
        0 => Err(format!(
            "expected a word and its numbers, found '{}': this is no file of word vectors",
            shortened(&String::from_utf8_lossy(line))
        )),
        width => Ok(width),
    }
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(block: &str, width: usize, expect: &str) {
        let found = match rows(block.as_bytes(), width) {
            Ok(rows) => {
                let mut start = 0;
                let words = rows.ends.iter().map(|end| {
                    let word = &rows.text[start..*end];
                    start = *end;
                    word
                });
                let line = |(word, values): (&str, &[f32])| format!("{word}={values:?}");
                words.zip(rows.values.chunks(width)).map(line).collect::<Vec<_>>().join(" ")
            }
            Err((line, problem)) => format!("{line}: {problem}"),
        };
        assert_eq!(found, expect, "{block:?}");
    }

    #[test]
    fn lines() {
        check("the 1 -2.5\nof 3e-1 0\n", 2, "the=[1.0, -2.5] of=[0.3, 0.0]");
        check("the 1 2 \r\nof\t3\t4", 2, "the=[1.0, 2.0] of=[3.0, 4.0]");
        check("the  1   2\n\n\n", 2, "the=[1.0, 2.0]");
        check(". . . 1 2\nnew york 3 4\n", 2, ". . .=[1.0, 2.0] new york=[3.0, 4.0]");
        check("7 1 2\nnan 3 4\ninf 5 6\n", 2, "7=[1.0, 2.0] nan=[3.0, 4.0] inf=[5.0, 6.0]");
        check("a\u{a0}b 1\n日本 2\n", 1, "a\u{a0}b=[1.0] 日本=[2.0]");
        check("", 2, "");
    }

    #[test]
    fn faults() {
        check("a 1 2\nb 3", 2, "1: expected a word and 2 numbers, found 1: the line is torn");
        check("a 1 2\nb", 2, "1: expected a word and 2 numbers, found 0: the line is torn");
        check("a 1 2\nb 3 4 5", 2, "1: expected a word and 2 numbers as in the first row, found 3");
        check("a 1 2\nb 3 x", 2, "1: expected a number, found 'x'");
        check("a 1 2\nb 3 NaN", 2, "1: expected a number, found 'NaN'");
        check("a 1 1e99", 2, "0: expected a number, found '1e99'");
        check(" 1 2", 2, "0: expected a word before the numbers, found none");
        check("a 1", 1, "a=[1.0]");
        assert!(rows(b"a\xff 1", 1).unwrap_err().1.contains("expected UTF-8"));
    }

    #[test]
    fn first_lines() {
        assert_eq!(header(b"400000 100\r"), Some((400_000, 100)));
        assert_eq!(header(b"the 100"), None);
        assert_eq!(header(b"1 2 3"), None);
        assert_eq!(header(b"12"), None);
        assert_eq!(width(b"the 1 2 3 "), Ok(3));
        assert_eq!(width(b". . 1 2"), Ok(2));
        assert_eq!(width(b"7 1 2"), Ok(2));
        assert!(width(b"I love my dog").unwrap_err().contains("found 'I love my dog': this is no"));
        assert!(width(b"word").is_err());
    }
}

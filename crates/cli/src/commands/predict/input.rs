//! Texts from standard input, one a line.

use std::io::{BufRead, BufReader, Read};

use anyhow::{Result, anyhow, bail};
use assort_report::numbers::counted;

/// Bytes that are read at once.
const BUFFER: usize = 1 << 16;

/// The first blank lines are told by their numbers.
const LISTED: usize = 10;

/// Blank lines, which hold no text.
#[derive(Debug, Default)]
pub struct Blank {
    count: u64,
    first: Vec<u64>,
}

impl Blank {
    fn add(&mut self, line: u64) {
        self.count += 1;
        if self.first.len() < LISTED {
            self.first.push(line);
        }
    }

    /// What was left out, if anything was.
    pub fn line(&self) -> Option<String> {
        let mut first: Vec<String> = self.first.iter().map(u64::to_string).collect();
        if self.count > first.len() as u64 {
            first.push("…".into());
        }
        let noun = if self.count == 1 { "line" } else { "lines" };
        let count = counted(self.count, "line");
        (self.count > 0).then(|| format!("left out: {count} without a text ({noun} {})", first.join(", ")))
    }
}

/// Hands on the lines that are there, at most so many at once: a file comes in large batches, what somebody
/// types line by line. Blank lines are left out, but counted: a text has the number of its line. Where no
/// line feed ends a line, carriage returns do. The blank ones.
pub fn batches(
    input: impl Read,
    most: usize,
    mut take: impl FnMut(&[(u64, &str)]) -> Result<()>,
) -> Result<Blank> {
    let mut input = BufReader::with_capacity(BUFFER, input);
    let (mut line_number, mut found) = (0_u64, 0_u64);
    let mut blank = Blank::default();
    let mut is_open = true;
    while is_open {
        let mut batch: Vec<(u64, String)> = Vec::new();
        // The first line is waited for; the others are taken while they are at hand.
        while batch.len() < most && (batch.is_empty() || input.buffer().contains(&b'\n')) {
            let mut line = Vec::new();
            let read = input.read_until(b'\n', &mut line);
            if read.map_err(|error| anyhow!("cannot read standard input: {error}"))? == 0 {
                is_open = false;
                break;
            }
            let is_ended = line.last() == Some(&b'\n');
            let Ok(text) = String::from_utf8(line) else {
                let number = line_number + 1;
                bail!("standard input: line {number} is not valid UTF-8: convert it to UTF-8 first");
            };
            let text = if line_number == 0 { text.trim_start_matches('\u{feff}') } else { &text };
            let text = text.trim_end_matches(['\r', '\n']);
            // A first line without an end is all there is.
            let end = if line_number == 0 && !is_ended { '\r' } else { '\n' };
            for text in text.split(end) {
                line_number += 1;
                match text.trim().is_empty() {
                    true => blank.add(line_number),
                    false => batch.push((line_number, text.to_owned())),
                }
            }
        }
        found += batch.len() as u64;
        let texts: Vec<(u64, &str)> = batch.iter().map(|(row, text)| (*row, text.as_str())).collect();
        if !texts.is_empty() {
            take(&texts)?;
        }
    }
    if found == 0 {
        bail!("standard input holds no text: give one text a line, or use --text or --data");
    }
    Ok(blank)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &[u8], most: usize, expect: &str) {
        let mut found = String::new();
        let result = batches(input, most, |texts| {
            found.push_str(&format!("{texts:?}"));
            Ok(())
        });
        let found = match result {
            Ok(blank) => found + &blank.line().unwrap_or_default(),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expect);
    }

    #[test]
    fn lines() {
        check(
            b"a\r\n\n b \nc",
            9,
            r#"[(1, "a"), (3, " b ")][(4, "c")]left out: 1 line without a text (line 2)"#,
        );
        check(b"a\nb\nc\n", 2, r#"[(1, "a"), (2, "b")][(3, "c")]"#);
        check("\u{feff}a\n".as_bytes(), 9, r#"[(1, "a")]"#);
        check(b"a\r\rb c\r", 9, r#"[(1, "a"), (3, "b c")]left out: 1 line without a text (line 2)"#);
        check(b"a\rb\nc", 9, r#"[(1, "a\rb")][(2, "c")]"#);
        check(b"a", 9, r#"[(1, "a")]"#);
        let many = "left out: 12 lines without a text (lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …)";
        check(format!("{}a", "\n".repeat(12)).as_bytes(), 9, &format!(r#"[(13, "a")]{many}"#));
        check(b"\n \n", 9, "standard input holds no text: give one text a line, or use --text or --data");
        check(b"a\n\xff\n", 9, "standard input: line 2 is not valid UTF-8: convert it to UTF-8 first");
    }
}

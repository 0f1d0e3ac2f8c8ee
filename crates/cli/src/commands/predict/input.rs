//! Texts from standard input, one a line.

use std::io::{BufRead, BufReader, Read};

use anyhow::{Result, anyhow, bail};

/// Bytes that are read at once.
const BUFFER: usize = 1 << 16;

/// Hands on the lines that are there, at most so many at once: a file comes in large batches, what somebody
/// types line by line. Blank lines are left out, but counted: a text has the number of its line.
pub fn batches(
    input: impl Read,
    most: usize,
    mut take: impl FnMut(&[(u64, &str)]) -> Result<()>,
) -> Result<()> {
    let mut input = BufReader::with_capacity(BUFFER, input);
    let (mut line_number, mut found) = (0_u64, 0_u64);
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
            line_number += 1;
            let Ok(text) = String::from_utf8(line) else {
                bail!("standard input: line {line_number} is not valid UTF-8: convert it to UTF-8 first");
            };
            let text = if line_number == 1 { text.trim_start_matches('\u{feff}') } else { &text };
            if !text.trim().is_empty() {
                found += 1;
                batch.push((line_number, text.trim_end_matches(['\r', '\n']).to_owned()));
            }
        }
        let texts: Vec<(u64, &str)> = batch.iter().map(|(row, text)| (*row, text.as_str())).collect();
        if !texts.is_empty() {
            take(&texts)?;
        }
    }
    if found == 0 {
        bail!("standard input holds no text: give one text a line, or use --text or --data");
    }
    Ok(())
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
        let found = result.err().map_or(found, |error| error.to_string());
        assert_eq!(found, expect);
    }

    #[test]
    fn lines() {
        check(b"a\r\n\n b \nc", 9, r#"[(1, "a"), (3, " b ")][(4, "c")]"#);
        check(b"a\nb\nc\n", 2, r#"[(1, "a"), (2, "b")][(3, "c")]"#);
        check("\u{feff}a\n".as_bytes(), 9, r#"[(1, "a")]"#);
        check(b"\n \n", 9, "standard input holds no text: give one text a line, or use --text or --data");
        check(b"a\n\xff\n", 9, "standard input: line 2 is not valid UTF-8: convert it to UTF-8 first");
    }
}

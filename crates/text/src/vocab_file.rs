//! A vocabulary as a file: one `token<TAB>count` a line, the id is the line's number from 0.
//!
//! Backslash, tab, line feed and carriage return stand as `\\`, `\t`, `\n` and `\r`. The specials come first,
//! with count 0. The file ends with a line feed, so that a torn one is told.

use crate::lines::{self, Fault};
use crate::{Error, Special, Vocab};
use std::borrow::Cow;
use std::path::Path;

impl Vocab {
    /// Writes the file beside its place, then renames it into it: a reader sees the old file or the new one.
    ///
    /// # Errors
    /// [`Error::File`] if the place cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let mut text = String::new();
        for (token, count) in self.iter() {
            escape(token, &mut text);
            text.push('\t');
            text.push_str(&count.to_string());
            text.push('\n');
        }
        assort_files::write(path, text.as_bytes()).map_err(Error::file("write", path))
    }

    /// Reads what [`Vocab::save`] wrote.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read; [`Error::ListFile`] with the line if it is torn, not UTF-8, has
    /// a token twice, or is no vocabulary.
    pub fn load(path: &Path) -> Result<Self, Error> {
        lines::read(path, "vocabulary", parse)
    }
}

/// The vocabulary, or the line that is wrong and why.
fn parse(text: &str) -> Result<Vocab, Fault> {
    let mut vocab = Vocab::with_specials(&[]);
    let mut lines = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        lines = index + 1;
        let problem = |text: String| (index + 1, text);
        let Some(line) = line.strip_suffix('\n') else {
            return Err(problem("the line is not ended: the file is torn".to_owned()));
        };
        let (token, count) = entry(line).map_err(problem)?;
        match [Special::Pad, Special::Unk].get(index) {
            Some(special) if token == special.text() && count == 0 => continue,
            Some(special) => {
                return Err(problem(format!("expected {}<TAB>0, found '{line}'", special.text())));
            }
            None => (),
        }
        if vocab.id(&token).is_some() {
            return Err(problem(format!("the token '{token}' stands here a second time")));
        }
        match Special::from_text(&token) {
            Some(special) => {
                vocab.push_special(special).ok_or_else(|| {
                    problem(format!("expected the special token {token} before all others"))
                })?;
            }
            None => {
                vocab.push(&token, count);
            }
        }
    }
    if lines < 2 {
        return Err((lines + 1, "expected <pad> and <unk> on the first two lines, found the end".to_owned()));
    }
    Ok(vocab)
}

/// Token and count of a line, or its fault.
pub(crate) fn entry(line: &str) -> Result<(Cow<'_, str>, u64), String> {
    let (token, count) =
        line.rsplit_once('\t').ok_or_else(|| format!("expected token<TAB>count, found '{line}'"))?;
    let count = count.parse().map_err(|_| format!("expected a count after the tab, found '{count}'"))?;
    let token = unescape(token).ok_or_else(|| format!("'{token}' has a backslash that escapes nothing"))?;
    if token.is_empty() {
        return Err("expected a token before the tab, found nothing".to_owned());
    }
    Ok((token, count))
}

/// Appends a token as it stands in a file.
pub(crate) fn escape(token: &str, output: &mut String) {
    for character in token.chars() {
        match character {
            '\\' => output.push_str("\\\\"),
            '\t' => output.push_str("\\t"),
            '\n' => output.push_str("\\n"),
            '\r' => output.push_str("\\r"),
            other => output.push(other),
        }
    }
}

fn unescape(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('\\') {
        return Some(Cow::Borrowed(text));
    }
    let mut output = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        output.push(match character {
            '\\' => match characters.next()? {
                '\\' => '\\',
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                _ => return None,
            },
            other => other,
        });
    }
    Some(Cow::Owned(output))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{VocabConfig, words::WordSet};
    use std::fs;

    #[test]
    fn there_and_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vocab.txt");
        let config = VocabConfig { specials: vec![Special::Sos, Special::Eos], ..VocabConfig::default() };
        let tokens = ["a", "a\tb", "\\", "\\t", "\r\n", "日本", " ", "\u{2028}", "#"];
        let counts: Vec<u64> = (1..).take(tokens.len()).collect();
        let (vocab, _) = Vocab::rank(&tokens.iter().collect::<WordSet>(), &counts, &config).unwrap();
        vocab.save(&path).unwrap();
        let loaded = Vocab::load(&path).unwrap();
        assert_eq!(loaded, vocab);
        assert_eq!(loaded.specials(), vocab.specials());
        assert!(loaded.iter().eq(vocab.iter()));
        // A second save replaces the first and leaves nothing beside it.
        Vocab::with_specials(&[]).save(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "<pad>\t0\n<unk>\t0\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    fn check(text: &str, line: usize, expect: &str) {
        let (found, problem) = parse(text).unwrap_err();
        assert_eq!(found, line, "{problem}");
        assert!(problem.contains(expect), "{problem}");
    }

    #[test]
    fn bad_files() {
        check("", 1, "found the end");
        check("<pad>\t0\n", 2, "found the end");
        check("<pad>\t0\n<unk>\t0\nthe\t12\ncat\t1", 4, "torn");
        check("<pad>\t0\n<unk>\t0\nthe", 3, "torn");
        check("the\t4\n", 1, "expected <pad><TAB>0, found 'the\t4'");
        check("id,text\n1,2\n", 1, "expected token<TAB>count");
        check("<pad>\t0\n<unk>\t0\nthe\t-1\n", 3, "expected a count after the tab, found '-1'");
        check("<pad>\t0\n<unk>\t0\nthe\t1\r\n", 3, "expected a count");
        check("<pad>\t0\n<unk>\t0\na\t2\na\t1\n", 4, "'a' stands here a second time");
        check("<pad>\t0\n<unk>\t0\n<pad>\t0\n", 3, "a second time");
        check("<pad>\t0\n<unk>\t0\na\t2\n<sos>\t0\n", 4, "before all others");
        check("<pad>\t0\n<unk>\t0\na\\x\t2\n", 3, "escapes nothing");
        check("<pad>\t0\n<unk>\t0\na\\\t2\n", 3, "escapes nothing");
        check("<pad>\t0\n<unk>\t0\n\t2\n", 3, "found nothing");
    }

    #[test]
    fn places_that_do_not_work() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("none").join("vocab.txt");
        let message = Vocab::load(&missing).unwrap_err().to_string();
        assert!(message.starts_with("cannot read ") && message.contains("vocab.txt"), "{message}");
        let torn = folder.path().join("torn.txt");
        fs::write(&torn, b"<pad>\t0\n<unk>\t0\n\xff\t2\n").unwrap();
        let message = Vocab::load(&torn).unwrap_err().to_string();
        assert!(message.contains("torn.txt, line 3: expected UTF-8"), "{message}");
        let message = Vocab::with_specials(&[]).save(&missing).unwrap_err().to_string();
        assert!(message.starts_with("cannot write "), "{message}");
        // A folder stands in the place: the file beside it goes away again.
        assert!(Vocab::with_specials(&[]).save(folder.path()).is_err());
    }
}

//! Names of checkpoints.

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// `OWNER/NAME`, and a branch, tag or commit: `OWNER/NAME@REVISION`; `main` without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepoId {
    name: String,
    revision: String,
}

impl RepoId {
    /// `OWNER/NAME`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The branch, tag or commit.
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// Whether the words could name a checkpoint.
    pub fn is_one(words: &str) -> bool {
        words.parse::<Self>().is_ok()
    }
}

impl FromStr for RepoId {
    type Err = Error;

    fn from_str(words: &str) -> Result<Self, Error> {
        let (name, revision) = words.split_once('@').unwrap_or((words, "main"));
        let fits = match name.split_once('/') {
            Some((owner, repo)) => is_part(owner) && is_part(repo) && revision.split('/').all(is_part),
            None => false,
        };
        match fits {
            true => Ok(Self { name: name.into(), revision: revision.into() }),
            false => Err(Error::Name(words.into())),
        }
    }
}

impl fmt::Display for RepoId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.revision.as_str() {
            "main" => f.write_str(&self.name),
            revision => write!(f, "{}@{revision}", self.name),
        }
    }
}

/// The hub's own rule: letters, digits, `-`, `_` and `.`; neither `--` nor `..`, and neither `-` nor `.` at an end.
fn is_part(part: &str) -> bool {
    let edge = |c: char| c == '-' || c == '.';
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '_' || edge(c);
    !part.is_empty()
        && part.len() <= 96
        && part.chars().all(inner)
        && !part.starts_with(edge)
        && !part.ends_with(edge)
        && !part.contains("--")
        && !part.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &str, expect: Option<(&str, &str)>) {
        let found = words.parse::<RepoId>().ok();
        assert_eq!(found.as_ref().map(|id| (id.name(), id.revision())), expect, "{words}");
    }

    #[test]
    fn names() {
        check("distilbert/distilbert-base-uncased", Some(("distilbert/distilbert-base-uncased", "main")));
        check("a/b@v1.0", Some(("a/b", "v1.0")));
        check("a/b@refs/pr/3", Some(("a/b", "refs/pr/3")));
        for wrong in
            ["a", "a/b/c", "../b", "a/..", "./a", "/b", "a/", "a b/c", "a/b@", "a/b@../x", "a--b/c", ""]
        {
            check(wrong, None);
        }
    }
}

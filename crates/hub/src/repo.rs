//! Names of repositories and of their files.

use std::fmt;
use std::str::FromStr;

use crate::Error;
use crate::address::told;

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
            false => Err(Error::Name(told(words).into_owned())),
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

/// One file of a repository: `OWNER/NAME:FILE` or `OWNER/NAME@REVISION:FILE`. The colon keeps it apart from a
/// local path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileId {
    repo: RepoId,
    file: String,
}

impl FileId {
    /// The repository.
    pub fn repo(&self) -> &RepoId {
        &self.repo
    }

    /// The file within it; folders are parted by `/`.
    pub fn file(&self) -> &str {
        &self.file
    }
}

impl FromStr for FileId {
    type Err = Error;

    fn from_str(words: &str) -> Result<Self, Error> {
        let wrong = || Error::FileName(told(words).into_owned());
        let (repo, file) = words.split_once(':').ok_or_else(wrong)?;
        let repo = repo.parse().map_err(|_| wrong())?;
        let inner = |c: char| c.is_ascii_alphanumeric() || "-_.+".contains(c);
        let is_plain = |part: &str| !part.is_empty() && !part.starts_with('.') && part.chars().all(inner);
        if !file.split('/').all(is_plain) {
            return Err(wrong());
        }
        Ok(Self { repo, file: file.into() })
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.repo, self.file)
    }
}

/// The hub's own rule: letters, digits, `-`, `_` and `.`; neither `--` nor `..`, and neither `-` nor `.` at
/// an end.
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

    #[test]
    fn files() {
        for (words, repo, file) in [
            ("a/b:c.txt", "a/b", "c.txt"),
            ("a/b@v1:c/d-e_f+g.vec.gz", "a/b@v1", "c/d-e_f+g.vec.gz"),
            ("a/b@refs/pr/3:c", "a/b@refs/pr/3", "c"),
        ] {
            let id: FileId = words.parse().unwrap();
            assert_eq!(
                (id.repo().to_string().as_str(), id.file(), id.to_string().as_str()),
                (repo, file, words)
            );
        }
        for wrong in
            ["a/b", "a/b:", "a:b", "c:/a/b.txt", "a/b:/c", "a/b:c/../d", "a/b:.c", "a/b:c d", "a/b:c:d", ":c"]
        {
            let message = wrong.parse::<FileId>().unwrap_err().to_string();
            assert!(message.contains("OWNER/NAME:FILE"), "{wrong}: {message}");
        }
    }
}

//! The files that are meant, and the names of their answers.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use assort_datasets::Format;

use crate::{Error, Result};

/// A file to score, and the name of its answers in their folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shard {
    /// The file.
    pub input: PathBuf,
    /// The name of its answers, by a path in the folder.
    pub name: PathBuf,
}

/// Endings of files of rows that a folder is searched for, and how their answers are written.
const ENDINGS: [(&str, Format); 8] = [
    ("parquet", Format::Parquet),
    ("pq", Format::Parquet),
    ("csv", Format::Csv),
    ("tsv", Format::Tsv),
    ("tab", Format::Tsv),
    ("jsonl", Format::Jsonl),
    ("ndjson", Format::Jsonl),
    ("json", Format::Jsonl),
];

/// The files that paths name: files, patterns with `*`, `?` and `[…]`, and folders with files of rows. A
/// folder without such files is meant as a whole, with its folder for each label. Sorted by name where the
/// paths do not tell their order; each file once.
///
/// # Errors
/// If a pattern is broken or names nothing, or a path is not there.
pub fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = Vec::new();
    for path in paths {
        let pattern = path.to_str().filter(|text| text.contains(['*', '?', '[']));
        match pattern.filter(|_| path.symlink_metadata().is_err()) {
            Some(pattern) => found.extend(matches(pattern)?),
            None if path.is_dir() => found.extend(files_of(path)?),
            None if path.exists() => found.push(path.clone()),
            None => return Err(assort_datasets::Error::Missing(path.clone()).into()),
        }
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|path| seen.insert(path.clone()));
    Ok(found)
}

fn matches(pattern: &str) -> Result<Vec<PathBuf>> {
    let broken = |reason: String| Error::Pattern { pattern: pattern.into(), reason };
    // As in shells, hidden files are named alone.
    let options = glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::new() };
    let paths = glob::glob_with(pattern, options).map_err(|error| broken(error.to_string()))?;
    let paths: Vec<PathBuf> = paths.collect::<Result<_, _>>().map_err(|error| {
        let path = error.path().to_owned();
        Error::Io { path, source: error.into() }
    })?;
    let mut files: Vec<PathBuf> = paths.into_iter().filter(|path| path.is_file()).collect();
    files.sort_unstable();
    if files.is_empty() { Err(Error::NoMatch(pattern.into())) } else { Ok(files) }
}

fn files_of(folder: &Path) -> Result<Vec<PathBuf>> {
    let fail = |source| Error::Io { path: folder.into(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        let name = path.file_name().map(OsStr::as_encoded_bytes).unwrap_or_default();
        // Programs of clusters leave files without rows, which they name so.
        let is_hidden = name.starts_with(b".") || name.starts_with(b"_");
        if !is_hidden && ending(&path).is_some() && path.is_file() {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(if files.is_empty() { vec![folder.into()] } else { files })
}

/// The format that an ending names, and the path without it.
fn ending(path: &Path) -> Option<(Format, PathBuf)> {
    let unpacked = match path.extension().and_then(OsStr::to_str) {
        Some("gz" | "gzip" | "zst" | "zstd") => path.with_extension(""),
        _ => path.to_owned(),
    };
    let word = unpacked.extension().and_then(OsStr::to_str)?.to_lowercase();
    let (_, format) = ENDINGS.iter().find(|(known, _)| *known == word)?;
    Some((*format, unpacked.with_extension("")))
}

/// Names the answers of files by their paths below the folder that all of them lie in. They are written in
/// `format`, or else as the files are: Parquet, JSON Lines and TSV as such, all else as CSV.
///
/// # Errors
/// If two would have one name.
pub fn name(inputs: Vec<PathBuf>, format: Option<Format>) -> Result<Vec<Shard>> {
    let common = common_folder(&inputs);
    let mut shards: Vec<Shard> = Vec::new();
    let mut names: HashMap<PathBuf, PathBuf> = HashMap::new();
    for input in inputs {
        let below = input.strip_prefix(&common).unwrap_or(&input);
        let parts = below.components().filter(|part| matches!(part, Component::Normal(_)));
        let below: PathBuf = parts.collect();
        let below = if below.as_os_str().is_empty() { "answers".into() } else { below };
        let (own, stem) = ending(&below).unwrap_or((Format::Csv, below));
        let mut name = stem.into_os_string();
        name.push(".");
        name.push(format.unwrap_or(own).name());
        let name = PathBuf::from(name);
        if let Some(first) = names.insert(name.clone(), input.clone()) {
            return Err(Error::OneName { first, second: input, name });
        }
        shards.push(Shard { input, name });
    }
    Ok(shards)
}

fn common_folder(paths: &[PathBuf]) -> PathBuf {
    let mut folders = paths.iter().map(|path| path.parent().unwrap_or(Path::new("")));
    let mut common = folders.next().map(Path::to_owned).unwrap_or_default();
    for folder in folders {
        while !folder.starts_with(&common) {
            common.pop();
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found() {
        let room = tempfile::tempdir().unwrap();
        let path = |name: &str| room.path().join(name);
        std::fs::create_dir_all(path("parts/deep")).unwrap();
        std::fs::create_dir_all(path("labels/fruit")).unwrap();
        for name in ["parts/b.csv", "parts/a.parquet", "parts/c.jsonl.gz", "parts/_SUCCESS", "parts/x.md"] {
            std::fs::write(path(name), "").unwrap();
        }
        for name in ["parts/.d.csv", "parts/_e.csv", "parts/deep/a.csv", "odd[1].csv"] {
            std::fs::write(path(name), "").unwrap();
        }
        let check = |paths: &[&str], expect: &[&str]| {
            let paths: Vec<PathBuf> = paths.iter().map(|name| path(name)).collect();
            let expect: Vec<PathBuf> = expect.iter().map(|name| path(name)).collect();
            assert_eq!(find(&paths).unwrap(), expect);
        };
        check(&["parts"], &["parts/a.parquet", "parts/b.csv", "parts/c.jsonl.gz"]);
        check(&["parts/*.csv", "parts/x.md"], &["parts/_e.csv", "parts/b.csv", "parts/x.md"]);
        check(&["parts/**/a.*"], &["parts/a.parquet", "parts/deep/a.csv"]);
        check(&["parts/b.csv", "parts/b.csv", "parts/?.csv"], &["parts/b.csv"]);
        check(&["odd[1].csv"], &["odd[1].csv"]);
        check(&["labels"], &["labels"]);
        let refused = |name: &str| find(&[path(name)]).unwrap_err().to_string();
        assert!(refused("parts/*.tsv").contains("*.tsv names no file"));
        assert!(refused("parts/b.tsv").contains("does not exist"));
        assert!(refused("parts/[b").contains("is no pattern"));
    }

    #[test]
    fn answers_are_named_as_their_files() {
        let named = |paths: &[&str], format| {
            let shards = name(paths.iter().map(PathBuf::from).collect(), format)?;
            let names = shards.iter().map(|shard| shard.name.display().to_string());
            Ok::<_, Error>(names.collect::<Vec<_>>().join(" "))
        };
        assert_eq!(named(&["in/a.parquet", "in/b.pq"], None).unwrap(), "a.parquet b.parquet");
        assert_eq!(named(&["in/x/a.jsonl.gz", "in/y/a.tsv"], None).unwrap(), "x/a.jsonl y/a.tsv");
        assert_eq!(named(&["a.b.txt", "c"], None).unwrap(), "a.b.txt.csv c.csv");
        assert_eq!(named(&["in/a.parquet"], Some(Format::Csv)).unwrap(), "a.csv");
        assert_eq!(named(&["../in/a.csv", "b.csv"], None).unwrap(), "in/a.csv b.csv");
        let refused = named(&["in/a.csv", "in/a.csv.gz"], None).unwrap_err().to_string();
        assert_eq!(
            refused,
            "in/a.csv and in/a.csv.gz would both be written as a.csv: give one of them another name"
        );
    }
}

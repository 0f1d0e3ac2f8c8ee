//! The files of the repository, read once.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// Hidden folders that belong to the project; all others (version control, editors) are passed over.
const HIDDEN: &[&str] = &[".cargo", ".ci", ".github"];

/// The files below a root by their path from it, written with `/`. Links are not followed.
#[derive(Default)]
pub struct Tree {
    /// `None` stands for a file that is not UTF-8.
    files: BTreeMap<String, Option<String>>,
}

impl Tree {
    /// Reads everything below `root` but what the root's `.gitignore` names.
    pub fn read(root: &Path) -> io::Result<Tree> {
        let ignored = match fs::read_to_string(root.join(".gitignore")) {
            Ok(text) => text.lines().map(str::to_owned).collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let mut tree = Tree::default();
        tree.descend(root, "", &ignored)?;
        Ok(tree)
    }

    fn descend(&mut self, folder: &Path, prefix: &str, ignored: &[String]) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let kind = entry.file_type()?;
            // A folder, or in a second working tree a file that says where the first one is.
            if name == ".git" || ignored.iter().any(|pattern| is_ignored(pattern, &path, &name)) {
                continue;
            }
            if kind.is_dir() {
                if !name.starts_with('.') || HIDDEN.contains(&name.as_str()) {
                    self.descend(&entry.path(), &format!("{path}/"), ignored)?;
                }
            } else if kind.is_file() {
                self.files.insert(path, String::from_utf8(fs::read(entry.path())?).ok());
            }
        }
        Ok(())
    }

    /// A tree in memory.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Tree {
        Tree { files: files.iter().map(|(p, t)| ((*p).to_owned(), Some((*t).to_owned()))).collect() }
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// The text of a file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    /// Every text file, by path.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// The text files whose name ends so.
    pub fn ending<'t>(&'t self, end: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> {
        self.texts().filter(move |(path, _)| path.ends_with(end))
    }

    /// Whether the path names a file or a folder that holds one.
    pub fn holds(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        path.is_empty()
            || self.files.contains_key(path)
            || self.files.range(folder.clone()..).next().is_some_and(|(p, _)| p.starts_with(&folder))
    }

    /// The folders right under `crates/`, in order, each with its manifest's text.
    pub fn crates(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts().filter_map(|(path, text)| {
            let name = path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")?;
            (!name.contains('/')).then_some((name, text))
        })
    }
}

/// The few forms of pattern that this repository's `.gitignore` uses: `/path`, `name`, `*.end`.
fn is_ignored(pattern: &str, path: &str, name: &str) -> bool {
    let pattern = pattern.trim().trim_end_matches('/');
    match pattern.strip_prefix('/') {
        _ if pattern.is_empty() || pattern.starts_with('#') => false,
        Some(anchored) => path == anchored,
        None => match pattern.strip_prefix('*') {
            Some(end) => name.ends_with(end),
            None => name == pattern,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignores_what_gitignore_names() {
        let check = |pattern, path: &str, expect| {
            let name = path.rsplit('/').next().unwrap();
            assert_eq!(is_ignored(pattern, path, name), expect, "{pattern} {path}");
        };
        check("/target", "target", true);
        check("/target/", "target", true);
        check("/target", "crates/target", false);
        check("*.partial", "out/run.partial", true);
        check("*.partial", "out/partial.rs", false);
        check("node_modules", "a/node_modules", true);
        check("", "a", false);
        check("# a", "a", false);
    }

    #[test]
    fn holds_files_and_folders() {
        let tree = Tree::of(&[("a/b.md", ""), ("a-b", "")]);
        for (path, expect) in [("a/b.md", true), ("a", true), ("a/b", false), ("c", false), ("a-b", true)] {
            assert_eq!(tree.holds(path), expect, "{path}");
        }
    }
}

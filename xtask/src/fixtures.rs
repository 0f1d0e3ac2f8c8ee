//! Whether the data set in the repository is what its generator writes today.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use crate::steps;

/// Where the recipes lie, seen from the root.
pub const FOLDER: &str = "fixtures/recipes";

/// Where they are made anew for the comparison.
const BESIDE: &str = "target/fixtures/recipes";

/// Runs the generator beside the committed files and compares each file it writes.
pub fn check(root: &Path) -> ExitCode {
    // An older run's files must not be taken for this one's. It may well not be there.
    let _ = fs::remove_dir_all(root.join(BESIDE));
    let code = steps::fixtures(root, BESIDE).run();
    if code != ExitCode::SUCCESS {
        return code;
    }
    match differing(&root.join(BESIDE), &root.join(FOLDER)) {
        Ok(names) if names.is_empty() => {
            println!("fixtures: {FOLDER} is what its generator writes");
            ExitCode::SUCCESS
        }
        Ok(names) => {
            eprintln!(
                "fixtures: differ from the generator's: {}; run `cargo xtask fixtures`",
                names.join(", ")
            );
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("fixtures: cannot compare: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The names of the files in `made` that are not, byte for byte, in `committed`. No file made is an error.
fn differing(made: &Path, committed: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    let mut seen = 0;
    for entry in fs::read_dir(made)? {
        let entry = entry?;
        seen += 1;
        if fs::read(committed.join(entry.file_name())).ok() != Some(fs::read(entry.path())?) {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    if seen == 0 {
        return Err(std::io::Error::other("the generator wrote no file"));
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_files_that_differ_or_lack() {
        let folder = std::env::temp_dir().join(format!("xtask-fixtures-{}", std::process::id()));
        let (made, committed) = (folder.join("made"), folder.join("committed"));
        fs::create_dir_all(&made).unwrap();
        fs::create_dir_all(&committed).unwrap();
        assert!(differing(&made, &committed).is_err());
        for (name, text) in [("a", "1"), ("b", "2"), ("c", "3")] {
            fs::write(made.join(name), text).unwrap();
        }
        fs::write(committed.join("a"), "1").unwrap();
        fs::write(committed.join("b"), "other").unwrap();
        assert_eq!(differing(&made, &committed).unwrap(), ["b", "c"]);
        fs::remove_dir_all(&folder).unwrap();
    }
}

//! Several runs that belong together, in one folder: each a model folder of its own, and one file that tells
//! of all.

use std::fs;
use std::path::{Path, PathBuf};

use assort_files::{remove_leftovers, sync_parent};
use assort_pipeline::{ModelFolder, Staging, write_file};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Advice, Error, Result, Resume};

/// The version of the file.
const FORMAT: u32 = 1;

/// Content of the file: what the runs have in common, and what each came to.
#[derive(Serialize, Deserialize)]
struct Contents<R> {
    format: u32,
    /// Settings that must be the same for a series to go on.
    common: Map<String, Value>,
    runs: Vec<R>,
    /// Figures of all runs together, for programs; written when all are done.
    #[serde(default)]
    together: Value,
}

/// The finished runs of a series. The file is there from the beginning, so that a series which is stopped in
/// its first run can go on, and is written anew after each run.
pub struct Series<R> {
    path: PathBuf,
    contents: Contents<R>,
    resume: Resume,
}

impl<R: Serialize + DeserializeOwned> Series<R> {
    /// Makes the folder with its file, or takes up the one that is there.
    ///
    /// # Errors
    /// If the place is taken or cannot be written, there is nothing to go on from, or it belongs to another
    /// series.
    pub fn open(folder: &Path, file: &str, resume: Resume, common: Map<String, Value>) -> Result<Self> {
        let path = folder.join(file);
        let fresh = Contents { format: FORMAT, common, runs: Vec::new(), together: Value::Null };
        match (resume, path.is_file()) {
            (Resume::Continue | Resume::Epoch(_), false) => {
                let place = path.display();
                Err(Error::unfit(format!("nothing to resume: there is no {place}"), Advice::StartAnew))
            }
            (Resume::Fresh, false) => {
                // Of a series that was killed before its file had its name.
                remove_leftovers(&path)
                    .map_err(|e| Error::File { path: path.clone(), reason: e.to_string() })?;
                let is_taken = fs::read_dir(folder).map_or(folder.exists(), |mut all| all.next().is_some());
                if is_taken {
                    let reason = format!("{} is there already and holds something else", folder.display());
                    return Err(Error::unfit(reason, Advice::OtherFolder));
                }
                Staging::check(&folder.join("run"), assort_pipeline::Existing::Keep)?;
                let series = Self { path, contents: fresh, resume };
                series.write()?;
                Ok(series)
            }
            (Resume::Fresh, true) => {
                let reason = format!("{} is there already", folder.display());
                Err(Error::unfit(reason, Advice::ResumeOrOtherFolder))
            }
            (Resume::Continue | Resume::Epoch(_), true) => {
                let runs = read::<R>(&path, &fresh.common)?;
                Ok(Self { path, contents: Contents { runs, ..fresh }, resume })
            }
        }
    }

    /// The finished runs.
    pub fn runs(&self) -> &[R] {
        &self.contents.runs
    }

    /// Where the next run belongs, and whether it goes on from a state there.
    pub fn one(&self, name: &str) -> (PathBuf, Resume) {
        let place = self.path.with_file_name(name);
        let state = ModelFolder::at(&Staging::partial_of(&place)).state();
        let goes_on = self.resume != Resume::Fresh && Staging::is_begun(&place) && state.is_file();
        (place, if goes_on { Resume::Continue } else { Resume::Fresh })
    }

    /// Takes the file away if an error ended the first run before it left anything: the series leaves no
    /// trace.
    pub fn give_up(&self, error: Error) -> Error {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        if self.contents.runs.is_empty() && fs::read_dir(folder).is_ok_and(|entries| entries.count() == 1) {
            // The error that ended the run is the one to tell.
            let _ = fs::remove_file(&self.path);
            let _ = fs::remove_dir(folder);
        }
        error
    }

    /// Keeps a finished run.
    pub fn push(&mut self, run: R) -> Result<()> {
        self.contents.runs.push(run);
        self.write()
    }

    /// Keeps what the runs come to together.
    pub fn close(&mut self, together: Value) -> Result<()> {
        self.contents.together = together;
        self.write()
    }

    fn write(&self) -> Result<()> {
        let fail = |reason: String| Error::File { path: self.path.clone(), reason };
        let json = serde_json::to_string_pretty(&self.contents).map_err(|e| fail(e.to_string()))?;
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|e| Error::io(folder, e))?;
        write_file(&self.path, format!("{json}\n").as_bytes())?;
        sync_parent(&self.path).map_err(|e| fail(e.to_string()))
    }
}

fn read<R: DeserializeOwned>(path: &Path, common: &Map<String, Value>) -> Result<Vec<R>> {
    let fail = |reason: String| Error::File { path: path.into(), reason };
    let unfit = |reason: String, advice| Error::unfit(format!("{}: {reason}", path.display()), advice);
    let text = assort_files::read_plain_text(path).map_err(|e| fail(e.to_string()))?;
    let found: Contents<R> = serde_json::from_str(&text)
        .map_err(|e| unfit(format!("not a whole file ({e})"), Advice::StartAnewElsewhere))?;
    if found.format != FORMAT {
        return Err(fail(format!("has the format {}, this program reads {FORMAT}", found.format)));
    }
    let mut keys = common.keys().chain(found.common.keys());
    let differing = keys.find(|key| common.get(*key) != found.common.get(*key));
    match differing {
        None => Ok(found.runs),
        Some(key) => {
            let word = |all: &Map<String, Value>| all.get(key).unwrap_or(&Value::Null).to_string();
            let (now, then) = (word(common), word(&found.common));
            let reason = format!("{key} is {now} now and was {then} before");
            Err(unfit(reason, Advice::SameOrOtherFolder))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn common(rate: f64) -> Map<String, Value> {
        Map::from_iter([("learning_rate".into(), rate.into())])
    }

    fn open(folder: &Path, resume: Resume, rate: f64) -> Result<Series<u32>> {
        Series::open(folder, "sweep.json", resume, common(rate))
    }

    #[test]
    fn a_series_goes_on_where_it_stopped() -> Result<()> {
        let room = tempfile::tempdir().unwrap();
        let folder = room.path().join("a/sweep");
        let refused = |resume, rate| open(&folder, resume, rate).err().unwrap().to_string();
        assert!(refused(Resume::Continue, 0.1).contains("nothing to resume"));
        open(&folder, Resume::Fresh, 0.1)?.give_up(Error::Request("no".into()));
        assert!(!folder.exists(), "a series that fails at once leaves no trace");
        open(&folder, Resume::Fresh, 0.1)?;
        assert_eq!(open(&folder, Resume::Continue, 0.1)?.runs(), [0; 0]);
        open(&folder, Resume::Continue, 0.1)?.push(7)?;
        assert!(refused(Resume::Fresh, 0.1).contains("is there already"));
        assert!(refused(Resume::Continue, 0.2).contains("learning_rate is 0.2 now and was 0.1 before"));
        let mut again = open(&folder, Resume::Continue, 0.1)?;
        again.push(8)?;
        assert_eq!(open(&folder, Resume::Continue, 0.1)?.runs(), [7, 8]);
        fs::write(folder.join("sweep.json"), "{").unwrap();
        assert!(refused(Resume::Continue, 0.1).contains("not a whole file"));
        fs::remove_file(folder.join("sweep.json")).unwrap();
        fs::write(folder.join(".assort-x1.partial"), "{").unwrap();
        open(&folder, Resume::Fresh, 0.1)?;
        fs::remove_file(folder.join("sweep.json")).unwrap();
        fs::write(folder.join("thesis.txt"), "precious").unwrap();
        assert!(refused(Resume::Fresh, 0.1).contains("holds something else"));
        Ok(())
    }
}

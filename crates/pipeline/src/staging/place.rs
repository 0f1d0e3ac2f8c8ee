//! The place of a folder, and what lies there.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use assort_files::{AtomicFile, is_mount_point};

use super::{REPLACED, RUN};
use crate::{Error, ModelFolder, Result};

/// The path of a folder that can be made, without a `.` at its end.
pub fn plain(target: &Path) -> Result<PathBuf> {
    match target.file_name() {
        Some(_) => Ok(target.components().collect()),
        None => Err(unwritable(target, "names no folder that could be made: end it with a name".into())),
    }
}

/// Whether a folder carries one of assort's marks. One that holds a model and nothing else counts: earlier
/// versions took the mark away before they renamed.
pub fn is_marked(folder: &Path) -> bool {
    [RUN, REPLACED].iter().any(|mark| folder.join(mark).is_file())
        || ModelFolder::is_one(folder) && foreign(folder).is_none()
}

/// Refuses a partial folder that is not assort's, or holds files of somebody else.
pub fn check_partial(partial: &Path) -> Result<()> {
    if partial.is_symlink() || partial.exists() && !is_marked(partial) && !is_empty(partial) {
        return Err(Error::Foreign(partial.into()));
    }
    check_foreign(partial)
}

/// A folder may be replaced if it is not there, is empty, or holds a model and nothing else.
pub fn check_replaceable(folder: &Path) -> Result<()> {
    if !folder.exists() || is_empty(folder) {
        return Ok(());
    }
    if !ModelFolder::is_one(folder) {
        return Err(Error::Foreign(folder.into()));
    }
    check_foreign(folder)
}

/// Refuses places that nothing can be renamed onto.
pub fn check_movable(target: &Path) -> Result<()> {
    if target.is_symlink() {
        return Err(unwritable(
            target,
            "is a link, which is not replaced: name the folder that it leads to".into(),
        ));
    }
    if is_mount_point(target) {
        let reason = "is a mounted volume, which can't be replaced as a whole: name a folder in it";
        return Err(unwritable(target, reason.into()));
    }
    Ok(())
}

/// Opens and drops a file in the nearest parent that is there.
pub fn probe(target: &Path) -> Result<()> {
    let parents = target
        .ancestors()
        .skip(1)
        .map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent });
    let Some(parent) = parents.into_iter().find(|parent| parent.exists()) else { return Ok(()) };
    AtomicFile::create(&parent.join("probe"))
        .map(drop)
        .map_err(|e| unwritable(target, format!("cannot be written ({e}): check the folder it lies in")))
}

/// Removes what a folder holds, but for what `keeps` names by its place in the folder and its name.
pub fn clear(folder: &Path, keeps: impl Fn(&Path, &OsStr) -> bool) -> Result<()> {
    for (place, name) in entries(folder) {
        let path = folder.join(&place).join(&name);
        let is_inner = place.as_os_str().is_empty() && ModelFolder::is_folder(&name) && is_real_folder(&path);
        if is_inner || keeps(&place, &name) {
            continue;
        }
        let removed = if is_real_folder(&path) { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(|e| Error::io(&path, e))?;
    }
    // Inner folders go if nothing was kept in them.
    for name in ModelFolder::FOLDERS {
        let path = folder.join(name);
        if is_real_folder(&path) && is_empty(&path) {
            fs::remove_dir(&path).map_err(|e| Error::io(&path, e))?;
        }
    }
    Ok(())
}

/// Gives a folder the weights of another one's epochs, without copying them where the system can.
pub fn link_epochs(old: &Path, new: &Path) -> Result<()> {
    for (place, name) in entries(old).into_iter().filter(|(place, _)| place == Path::new("epochs")) {
        let (from, folder) = (old.join(&place).join(&name), new.join(&place));
        let linked = fs::create_dir_all(&folder).and_then(|()| {
            let to = folder.join(&name);
            fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(drop))
        });
        linked.map_err(|e| Error::io(&from, e))?;
    }
    Ok(())
}

/// Gives the new folder, and the files that both hold, the permissions of the old ones.
pub fn copy_permissions(old: &Path, new: &Path) -> Result<()> {
    let both = entries(new).into_iter().map(|(place, name)| place.join(name)).chain([PathBuf::new()]);
    for path in both {
        let (from, to) = (old.join(&path), new.join(&path));
        if let Ok(found) = fs::symlink_metadata(&from).and_then(|old| Ok((old, fs::symlink_metadata(&to)?)))
            && found.0.file_type() == found.1.file_type()
            && !found.0.is_symlink()
            && found.0.permissions() != found.1.permissions()
        {
            fs::set_permissions(&to, found.0.permissions()).map_err(|e| Error::io(&to, e))?;
        }
    }
    Ok(())
}

fn unwritable(target: &Path, reason: String) -> Error {
    Error::Unwritable { path: target.into(), reason }
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

fn is_real_folder(path: &Path) -> bool {
    path.is_dir() && !path.is_symlink()
}

/// Everything in a folder, and in those inner ones that a model has: the place within the folder, and the
/// name.
fn entries(folder: &Path) -> Vec<(PathBuf, std::ffi::OsString)> {
    let inner = ModelFolder::FOLDERS.map(PathBuf::from);
    let inner = inner.into_iter().filter(|place| is_real_folder(&folder.join(place)));
    let within = |place: PathBuf| {
        let names = fs::read_dir(folder.join(&place)).into_iter().flatten().flatten();
        names.map(move |entry| (place.clone(), entry.file_name()))
    };
    [PathBuf::new()].into_iter().chain(inner).flat_map(within).collect()
}

/// The first entry that no model folder has, and no program leaves behind that is killed while it writes one.
fn foreign(folder: &Path) -> Option<PathBuf> {
    let is_left = |name: &OsStr| {
        name.as_encoded_bytes().starts_with(b".")
            || name.to_str().is_some_and(|name| name.ends_with(".partial") || name.ends_with(".writing"))
    };
    entries(folder)
        .into_iter()
        .filter(|(place, name)| !ModelFolder::holds(place, name) && !is_left(name))
        .map(|(place, name)| place.join(name))
        .filter(|path| ![RUN, REPLACED].iter().any(|mark| path == Path::new(mark)))
        .min()
}

fn check_foreign(folder: &Path) -> Result<()> {
    match foreign(folder) {
        Some(path) => Err(Error::Holds { folder: folder.into(), found: folder.join(path) }),
        None => Ok(()),
    }
}

//! Folders of the user that hold what can be made again.

use std::env;
use std::path::PathBuf;

/// The folder for binary copies of vectors files that lie where nothing can be written.
pub fn vectors_cache() -> Option<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let caches = set("XDG_CACHE_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".cache")))
        .or_else(|| set("LOCALAPPDATA"));
    caches.map(|folder| folder.join("assort").join("vectors"))
}

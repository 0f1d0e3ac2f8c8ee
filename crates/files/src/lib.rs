//! [`AtomicFile`] is a file that appears under its name whole or not at all: it grows beside its place under
//! a name that nobody else has, and is synced and renamed when all of it is there. Beside it stand what all
//! writers of files share: [`Existing`], [`FileLock`], and [`Digest`], SHA-256 as the hexadecimal digits that
//! other programs show. Files of strangers are read by [`read_plain`], which takes nothing that has no end,
//! and by libraries that may panic on them, which [`guarded`] turns into errors; what is large is read where
//! [`free_memory`] says that there is room.
//!
//! The temporary file lies in the folder of the target, never in a folder for temporary files, because only a
//! rename within one file system is atomic. The price is that a killed program leaves one behind. Its name
//! matches `.assort-*.partial`, always, so that [`remove_leftovers`] finds it.
//!
#![doc = include_str!("../README.md")]

mod atomic;
mod digest;
mod folder;
mod guard;
mod lock;
mod memory;
mod plain;

pub use atomic::{AtomicFile, is_temporary, remove_leftovers, write};
pub use digest::{Digest, sha256};
pub use folder::{exchange, is_mount_point, sync_folder, sync_parent};
pub use guard::{Panicked, guarded, is_guarded};
pub use lock::FileLock;
pub use memory::{Bytes, free_memory};
pub use plain::{check_plain, open_plain, read_plain, read_plain_text};

/// The choice for a file or folder that is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and writing is an error.
    #[default]
    Keep,
    /// It is replaced when the new one is whole.
    Replace,
}

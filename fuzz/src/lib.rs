//! The readers of files for `cargo fuzz`, one target each: the functions that `cargo xtask torture readers`
//! calls, in the room that it made.

#[path = "../../crates/experiment/examples/readers/targets.rs"]
mod targets;

use std::path::PathBuf;
use std::sync::LazyLock;

/// The folder with a whole file of each kind: what the variable `ROOM` names, or where torture leaves it.
static ROOM: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::var_os("ROOM").map_or_else(|| "target/torture/readers".into(), PathBuf::from));

/// Reads the bytes as the file of this name. An error is fine.
pub fn read(name: &str, bytes: &[u8]) {
    assert!(
        ROOM.join("bag").is_dir(),
        "{} is no room: `cargo xtask torture readers` makes one",
        ROOM.display()
    );
    let _ = targets::read(&ROOM, name, bytes);
}

/// Ends the program at a panic, but not at one that is caught and becomes an error.
pub fn end_at_panics() {
    std::panic::set_hook(Box::new(|panic| {
        if !panic.location().is_some_and(|place| assort_files::is_guarded(place.file())) {
            eprintln!("{panic}");
            std::process::abort();
        }
    }));
}

/// A target that reads the file of this name.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        libfuzzer_sys::fuzz_target!(init: $crate::end_at_panics(), |bytes: &[u8]| {
            $crate::read($name, bytes);
        });
    };
}

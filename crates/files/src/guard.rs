//! Panics of other people's code.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many guarded calls are under way.
static GUARDED: AtomicUsize = AtomicUsize::new(0);

/// A panic that was caught, with its words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the file is damaged, or a library fails on it ({0})")]
pub struct Panicked(String);

/// Calls a library that panics on some input: its panic, on whichever of its threads, becomes an error. What
/// the call changed must not be used after that.
///
/// # Errors
/// If it panics.
pub fn guarded<T>(call: impl FnOnce() -> T) -> Result<T, Panicked> {
    struct Count;
    impl Drop for Count {
        fn drop(&mut self) {
            GUARDED.fetch_sub(1, Ordering::SeqCst);
        }
    }
    GUARDED.fetch_add(1, Ordering::SeqCst);
    let _count = Count;
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| Panicked(words(&*payload)))
}

/// Whether a panic in a source file will be an error of [`guarded`], so that a panic hook has nothing to
/// tell. A library may work on threads of its own; so each panic counts while a call is under way, but for
/// those in the workspace's own files, which cargo names by paths that are not absolute.
pub fn is_guarded(file: &str) -> bool {
    GUARDED.load(Ordering::SeqCst) > 0 && !file.starts_with("crates/")
}

fn words(payload: &(dyn Any + Send)) -> String {
    let words = payload.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message");
    words.lines().next().unwrap_or_default().chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_become_errors_and_are_nobody_elses() {
        let library = "/registry/tokenizers-0.23.2/src/lib.rs";
        assert_eq!(guarded(|| 3), Ok(3));
        let panicked = guarded(|| -> u8 {
            assert!(is_guarded(library) && !is_guarded("crates/text/src/lib.rs"));
            panic!("chunk size must be {}\nmore", "non-zero");
        });
        let told = "the file is damaged, or a library fails on it (chunk size must be non-zero)";
        assert_eq!(panicked.unwrap_err().to_string(), told);
        let threads = guarded(|| std::thread::spawn(|| panic!("on a thread")).join().unwrap_err());
        assert!(threads.is_ok());
        assert!(guarded(|| guarded(|| panic!("inner"))).unwrap().is_err());
    }
}

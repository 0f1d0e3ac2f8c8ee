//! candle's second thread pool.

/// Tells candle to add and multiply on the thread that asks. For a program that computes: call it first of
/// all.
///
/// Products and the loops of this crate share rayon's threads. candle's own elementwise operations, which the
/// backward pass uses to add gradients, have threads of their own; these spin for a while after each
/// operation and take their time from rayon's. candle reads its number of threads from the variable
/// `CANDLE_NUM_THREADS`, which is set to 1 here unless it is there. True if it was set: on Linux, by a
/// process of one thread.
///
/// PERF: steps of fine-tuning a small DistilBERT on two cores, 275 to 1483 tokens a batch: the backward
/// passes of 736 tokens took 163 ms and, with one pool, 143; of 837 tokens 162 and 149; of 640 tokens 150 and
/// 111 (`cargo xtask bench distilbert`, and the same with CANDLE_NUM_THREADS=2).
pub fn use_one_thread_pool() -> bool {
    #[cfg(target_os = "linux")]
    {
        use std::ffi::{c_char, c_int};
        unsafe extern "C" {
            fn setenv(name: *const c_char, value: *const c_char, overwrite: c_int) -> c_int;
        }
        let alone = std::fs::read_dir("/proc/self/task").is_ok_and(|tasks| tasks.count() == 1);
        // SAFETY: `setenv` is the C library's, of this signature, and both texts end with 0. It must not run
        // while another thread uses the environment: there is no other thread.
        return alone && unsafe { setenv(c"CANDLE_NUM_THREADS".as_ptr(), c"1".as_ptr(), 0) == 0 };
    }
    #[allow(unreachable_code)]
    false
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_process_of_several_threads_is_left_alone() {
        let (sender, receiver) = std::sync::mpsc::channel::<()>();
        let other = std::thread::spawn(move || receiver.recv());
        assert!(!super::use_one_thread_pool());
        drop(sender);
        assert!(other.join().unwrap().is_err());
    }
}

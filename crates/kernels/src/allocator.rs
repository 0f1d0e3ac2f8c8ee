//! The fate of freed memory.

use std::ffi::c_int;

/// Tells the C library's allocator to keep freed memory for the next allocation. For a program that trains:
/// call it once, before it starts threads.
///
/// A step of training allocates and frees the same large tensors over and over. glibc hands them back to the
/// system each time, which then clears every page anew: for tensors of a few megabytes that is most of the
/// time of an elementwise op. The price is that memory, once used, stays with the process until it ends. True
/// if the allocator took the setting; where there is no glibc nothing happens.
///
/// PERF: the backward pass of ReLU over 3 M values took 3.8 ns a value and, with memory kept, 0.79; the
/// backward pass of a linear layer of 768 to 768 over 32 rows 1.55 ms and 0.93 (`cargo run --release -p
/// assort-kernels --example measure`, and the same with KEEP=1 in the environment).
pub fn keep_freed_memory() -> bool {
    set(c_int::MAX, 1 << 30)
}

/// Tells the C library's allocator to hand large blocks back to the system as soon as they are freed. For a
/// program that takes large things once and has no steps. As [`keep_freed_memory`] otherwise.
///
/// PERF: `examples/configs/linear-imdb.toml` on IMDb peaks at 235 MB in 1.34 s, and at 308 MB in 1.21 s with
/// memory kept, both with one arena; an arena for each thread and glibc's moving threshold take 360 MB
/// (`cargo xtask bench linear-imdb --data DIR`).
pub fn return_freed_memory() -> bool {
    set(c_int::MAX, 1 << 17)
}

/// Tells the C library's allocator to share one arena between all threads. For models whose threads take
/// large tensors: another thread's own arena holds at most 64 MB, gives larger tensors a mapping each, and
/// unmaps what is empty, whatever the settings. Threads that take small things wait for each other. As
/// [`keep_freed_memory`] otherwise.
///
/// PERF: `examples/configs/bag-speed.toml` on tweets, median seconds of the steps of an epoch, three runs in
/// turn: 0.105, 0.093 and 0.094 with an arena for each thread, 0.122, 0.119 and 0.110 with one.
pub fn share_one_arena() -> bool {
    const M_ARENA_MAX: c_int = -8;
    option(M_ARENA_MAX, 1)
}

/// Blocks from `mapped` bytes on get a mapping of their own, which is unmapped with them; of the rest, up to
/// `kept` bytes stay when they are freed.
fn set(kept: c_int, mapped: c_int) -> bool {
    const M_TRIM_THRESHOLD: c_int = -1;
    const M_MMAP_THRESHOLD: c_int = -3;
    option(M_TRIM_THRESHOLD, kept) & option(M_MMAP_THRESHOLD, mapped)
}

/// Sets one of the options that malloc.h numbers.
fn option(parameter: c_int, value: c_int) -> bool {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        unsafe extern "C" {
            fn mallopt(parameter: c_int, value: c_int) -> c_int;
        }
        // SAFETY: `mallopt` is glibc's, of this signature (malloc.h), takes any value and may be called at
        // any time; it locks the allocator itself.
        return unsafe { mallopt(parameter, value) } == 1;
    }
    #[allow(unreachable_code)]
    {
        let _ = (parameter, value);
        false
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn glibc_takes_the_setting() {
        let glibc = cfg!(all(target_os = "linux", target_env = "gnu"));
        assert_eq!(
            [super::return_freed_memory(), super::keep_freed_memory(), super::share_one_arena()],
            [glibc; 3]
        );
    }
}

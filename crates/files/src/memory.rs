//! Memory that the process can still have.

use std::fmt;
use std::fs;
use std::path::Path;

/// A number of bytes, shown in MB or GB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 as f64 / 1e6 {
            megabytes if megabytes < 1e3 => write!(f, "{megabytes:.0} MB"),
            megabytes => write!(f, "{:.1} GB", megabytes / 1e3),
        }
    }
}

/// Bytes that the process can still take: the least of what the machine has free, swap counted, what limits
/// on its address space and data leave, and what its control groups leave. `None` where nothing tells, as on
/// systems without Linux' `/proc`.
///
/// It is a moment's figure: other processes take and free memory too.
pub fn free_memory() -> Option<u64> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let (limits, status) = (read("/proc/self/limits"), read("/proc/self/status"));
    let bounds = [
        machine(&read("/proc/meminfo")),
        limit(&limits, "Max address space", &status, "VmSize:").map(|left| left.saturating_sub(arenas())),
        limit(&limits, "Max data size", &status, "VmData:"),
        groups(&read("/proc/self/cgroup"), Path::new("/sys/fs/cgroup")),
    ];
    bounds.into_iter().flatten().min()
}

/// Bytes of addresses that the C library reserves for threads that start to allocate, 64 MB each.
fn arenas() -> u64 {
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get() as u64);
    threads.min(4) << 26
}

/// What the machine has free.
fn machine(meminfo: &str) -> Option<u64> {
    Some(kilobytes(meminfo, "MemAvailable:")? + kilobytes(meminfo, "SwapFree:").unwrap_or(0))
}

/// What a limit leaves of which a line of the status tells the use.
fn limit(limits: &str, name: &str, status: &str, used: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix(name))?;
    let most: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(most.saturating_sub(kilobytes(status, used)?))
}

/// The bytes of a line `NAME N kB`.
fn kilobytes(lines: &str, name: &str) -> Option<u64> {
    let line = lines.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// The least that a control group leaves, of the process's own and those above it. `root` is where they are
/// mounted; within a container the own one may be its root.
fn groups(own: &str, root: &Path) -> Option<u64> {
    let places = own.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        match (parts.next()?, parts.next()?) {
            ("", path) => Some((root.to_owned(), path, ["memory.max", "memory.current", "inactive_file "])),
            (kinds, path) if kinds.split(',').any(|kind| kind == "memory") => {
                let names = ["memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "];
                Some((root.join("memory"), path, names))
            }
            _ => None,
        }
    });
    let left = |folder: &Path, [most, used, cached]: [&str; 3]| -> Option<u64> {
        let number = |name: &str| fs::read_to_string(folder.join(name)).ok()?.trim().parse::<u64>().ok();
        let stat = fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
        // What files hold of the memory is given back when it is needed.
        let cached = stat.lines().find_map(|line| line.strip_prefix(cached)?.trim().parse().ok());
        Some(number(most)?.saturating_sub(number(used)?.saturating_sub(cached.unwrap_or(0))))
    };
    let above = |(root, path, names): (std::path::PathBuf, &str, _)| -> Option<u64> {
        let path = Path::new(path.trim_start_matches('/'));
        path.ancestors().filter_map(|group| left(&root.join(group), names)).min()
    };
    places.filter_map(above).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown() {
        assert_eq!([20_400_000, 1_449_000_000].map(|n| Bytes(n).to_string()), ["20 MB", "1.4 GB"]);
    }

    #[test]
    fn limits_leave_what_is_not_used() {
        let meminfo = "MemTotal:  8 kB\nMemAvailable:       3 kB\nSwapFree:   2 kB\n";
        assert_eq!((machine(meminfo), machine("")), (Some(5 * 1024), None));
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max data size             unlimited            unlimited            bytes     \n\
                      Max address space         10240                unlimited            bytes     \n";
        let status = "VmPeak:\t 99 kB\nVmSize:\t       4 kB\nVmData:\t 1 kB\n";
        assert_eq!(limit(limits, "Max address space", status, "VmSize:"), Some(6 * 1024));
        assert_eq!(limit(limits, "Max data size", status, "VmData:"), None);
        assert_eq!(limit(limits, "Max address space", "VmSize: 99 kB", "VmSize:"), Some(0));
    }

    #[test]
    fn groups_above_count_too() {
        let root = tempfile::tempdir().unwrap();
        let write = |folder: &str, files: &[(&str, &str)]| {
            let folder = root.path().join(folder);
            fs::create_dir_all(&folder).unwrap();
            files.iter().for_each(|(name, text)| fs::write(folder.join(name), text).unwrap());
        };
        write("a/b", &[("memory.max", "max\n"), ("memory.current", "50\n")]);
        let stat = "anon 40\ninactive_file 15\nactive_file 5\n";
        write("a", &[("memory.max", "100\n"), ("memory.current", "60\n"), ("memory.stat", stat)]);
        assert_eq!(groups("0::/a/b\n", root.path()), Some(55));
        assert_eq!(groups("0::/\n", root.path()), None);

        // The first form, seen from within a container that does not show its own group.
        let used = [("memory.limit_in_bytes", "9000"), ("memory.usage_in_bytes", "2000")];
        write("memory", &used);
        assert_eq!(groups("5:cpu:/x\n4:hugetlb,memory:/x/y\n0::/x/y\n", root.path()), Some(7000));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_can_have_some() {
        assert!(free_memory().is_some_and(|bytes| bytes > 1 << 20));
    }
}

//! Which calls of `cargo` each command stands for.
//!
//! Everything is built with the release profile, tests too: dependencies are then built once for using and
//! for testing, and the numeric code is tested as it is shipped.

use std::path::{Path, PathBuf};

use crate::command::Invocation;

/// Where the default run puts its model folder, seen from the root.
pub const DEFAULT_OUT: &str = "target/assort/default";

/// Which training run was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// Without arguments: the bag on the recipes that lie in the repository.
    Default,
    /// The user's own: the arguments go to `assort train`.
    Own,
}

/// `assort train`: `[--features F] [ARGS...]`.
///
/// The default run happens at the root; with arguments it runs where the user stands, because their paths are
/// meant from there.
pub fn train(root: &Path, arguments: &[String]) -> Result<(Invocation, Run), String> {
    let (features, rest) = match arguments {
        [flag, rest @ ..] if flag == "--features" => match rest {
            [names, rest @ ..] if !names.starts_with('-') => (Some(names.as_str()), rest),
            _ => return Err("`--features` needs a name: cuda or metal".to_owned()),
        },
        [flag, rest @ ..] if flag.starts_with("--features=") => (flag.strip_prefix("--features="), rest),
        rest => (None, rest),
    };
    let mut words = run(root, "assort", features);
    words.push("train".to_owned());
    if rest.is_empty() {
        let data = ["--train", "fixtures/recipes/recipes.csv", "--split", "0.7,0.15,0.15", "--model", "bag"];
        words.extend(data.into_iter().chain(["--out", DEFAULT_OUT, "--overwrite"]).map(str::to_owned));
        Ok((Invocation::new(words, Some(root.to_owned())), Run::Default))
    } else {
        words.extend(rest.iter().cloned());
        Ok((Invocation::new(words, None), Run::Own))
    }
}

/// `cargo run` of a program, up to its arguments.
///
/// Chosen by program, not by package: so all members of the workspace decide the features of the
/// dependencies, as they do in tests, and nothing is built twice.
fn run(root: &Path, program: &str, features: Option<&str>) -> Vec<String> {
    let manifest = root.join("Cargo.toml").display().to_string();
    let words = ["run", "--release", "--manifest-path", &manifest, "--bin", program];
    let features = features.into_iter().flat_map(|names| ["--features", names]);
    words.into_iter().chain(features).chain(["--"]).map(str::to_owned).collect()
}

/// Builds the programs of a measurement; `None` if the list of cases or the help is asked for, which need one
/// of them.
///
/// By program, not by package, for the same reason as in [`run`]: what is measured is what users build.
pub fn bench_build(root: &Path, arguments: &[String]) -> Option<Invocation> {
    if arguments.is_empty() || arguments.iter().any(|word| word == "--help" || word == "-h") {
        return None;
    }
    let bins = ["assort", "assort-bench", "assort-bench-encoder", "assort-bench-serve"];
    let words = ["build", "--release"].into_iter().chain(bins.into_iter().flat_map(|name| ["--bin", name]));
    Some(Invocation::new(words, Some(root.to_owned())))
}

/// Runs a case, where the user stands, because the paths are meant from there.
pub fn bench(root: &Path, arguments: &[String]) -> Invocation {
    let (program, arguments) = match arguments {
        [name, rest @ ..] if name == "serve" => ("assort-bench-serve", rest),
        all => ("assort-bench", all),
    };
    Invocation::new(run(root, program, None).iter().chain(arguments), None)
}

/// Every test of the workspace.
pub fn test(root: &Path, arguments: &[String]) -> Invocation {
    let words = ["test", "--workspace", "--release"].into_iter().map(str::to_owned);
    Invocation::new(words.chain(arguments.iter().cloned()), Some(root.to_owned()))
}

/// The folder that cargo builds in.
pub fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir))
}

/// Builds the program, by its name for the same reason as in [`run`].
pub fn program(root: &Path) -> Invocation {
    Invocation::new(["build", "--release", "--bin", "assort"], Some(root.to_owned()))
}

/// The tour's lessons, beside the page that shows what they write. `None` until a test run has built them:
/// then the reading of sources stays a matter of a second.
pub fn tour(root: &Path) -> Option<Invocation> {
    let built = std::fs::read_dir(target(root).join("release/deps")).ok()?.flatten();
    let is_lesson = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with("lessons-");
    built.map(|entry| entry.file_name()).find(|name| is_lesson(name))?;
    let words = ["test", "--workspace", "--release", "--quiet", "--test", "lessons"];
    Some(Invocation::new(words, Some(root.to_owned())))
}

/// Formatting, changing nothing.
pub fn format(root: &Path) -> Invocation {
    Invocation::new(["fmt", "--all", "--check"], Some(root.to_owned()))
}

/// Clippy over everything, tests and examples too.
pub fn clippy(root: &Path) -> Invocation {
    let words = ["clippy", "--workspace", "--all-targets", "--release", "--", "-D", "warnings"];
    Invocation::new(words, Some(root.to_owned()))
}

/// The documentation of the crates, broken links denied.
pub fn docs(root: &Path) -> Invocation {
    Invocation::new(["doc", "--workspace", "--no-deps", "--release"], Some(root.to_owned()))
        .with("RUSTDOCFLAGS", "-D warnings")
}

/// The small data set of the project's own, written into a folder seen from the root.
pub fn fixtures(root: &Path, folder: &str) -> Invocation {
    let words = ["run", "--release", "-p", "assort-datasets", "--example", "recipes", "--", folder];
    Invocation::new(words, Some(root.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn check(arguments: &str, expect: &str, run: Run) {
        let (call, kind) = train(Path::new("repo"), &words(arguments)).unwrap();
        let start = format!("cargo run --release --manifest-path {} --bin assort", manifest());
        assert_eq!(call.to_string(), format!("{start} {expect}"));
        assert_eq!(kind, run);
        assert_eq!(call.folder.is_some(), run == Run::Default);
    }

    fn manifest() -> String {
        Path::new("repo").join("Cargo.toml").display().to_string()
    }

    #[test]
    fn train_without_arguments_is_the_default_run() {
        let default = "train --train fixtures/recipes/recipes.csv --split 0.7,0.15,0.15 --model bag \
                       --out target/assort/default --overwrite";
        check("", &format!("-- {default}"), Run::Default);
        check("--features cuda", &format!("--features cuda -- {default}"), Run::Default);
        check("--features=metal", &format!("--features metal -- {default}"), Run::Default);
    }

    #[test]
    fn train_passes_arguments_on() {
        check("--train a.csv", "-- train --train a.csv", Run::Own);
        check("--help", "-- train --help", Run::Own);
        check("--features cuda --train a.csv", "--features cuda -- train --train a.csv", Run::Own);
        check("--train a.csv --features x", "-- train --train a.csv --features x", Run::Own);
    }

    #[test]
    fn features_need_a_name() {
        assert!(train(Path::new("repo"), &words("--features")).is_err());
        assert!(train(Path::new("repo"), &words("--features --train a.csv")).is_err());
    }

    #[test]
    fn bench_builds_both_programs_to_measure() {
        let check = |arguments: &str, build: Option<&str>, run: &str| {
            let (root, arguments) = (Path::new("repo"), words(arguments));
            assert_eq!(bench_build(root, &arguments).map(|call| call.to_string()).as_deref(), build);
            let call = bench(root, &arguments);
            let start = format!("cargo run --release --manifest-path {} --bin assort-bench --", manifest());
            assert_eq!(call.to_string(), format!("{start}{run}"));
            assert_eq!(call.folder, None);
        };
        let build = Some(
            "cargo build --release --bin assort --bin assort-bench --bin assort-bench-encoder \
             --bin assort-bench-serve",
        );
        check("", None, "");
        check("--help", None, " --help");
        check("bag -h", None, " bag -h");
        check("bag", build, " bag");
        check("bag --data d --pairs 1", build, " bag --data d --pairs 1");
        let call = bench(Path::new("repo"), &words("serve 127.0.0.1:80 --texts a")).to_string();
        assert!(call.ends_with("--bin assort-bench-serve -- 127.0.0.1:80 --texts a"), "{call}");
    }

    #[test]
    fn the_tour_is_run_once_it_is_built() {
        let room = std::env::temp_dir().join(format!("xtask-tour-{}", std::process::id()));
        let deps = room.join("target/release/deps");
        std::fs::create_dir_all(&deps).unwrap();
        std::fs::write(deps.join("other-1"), b"").unwrap();
        let before = tour(&room);
        std::fs::write(deps.join("lessons-1"), b"").unwrap();
        let after = tour(&room).map(|call| call.to_string());
        std::fs::remove_dir_all(&room).unwrap();
        if std::env::var_os("CARGO_TARGET_DIR").is_none() {
            assert_eq!(before, None);
            assert_eq!(after.as_deref(), Some("cargo test --workspace --release --quiet --test lessons"));
        }
    }

    #[test]
    fn the_others_pass_their_arguments_too() {
        let root = Path::new("repo");
        let check = |call: Invocation, expect: &str| assert_eq!(call.to_string(), expect);
        check(test(root, &[]), "cargo test --workspace --release");
        check(
            test(root, &words("-p assort-text -- csv")),
            "cargo test --workspace --release -p assort-text -- csv",
        );
        check(clippy(root), "cargo clippy --workspace --all-targets --release -- -D warnings");
        check(docs(root), "RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --release");
    }
}

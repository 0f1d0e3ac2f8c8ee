//! Whole measurements with stand-ins for both programs, run by `sh`.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use clap::Parser;
use serde_json::{Value, json};

use crate::plan::{Places, Plan};
use crate::{Arguments, run};

/// Writes what it was called with beside `metrics.json`'s folder, and figures made from the seed.
const ASSORT: &str = r#"#!/bin/sh
echo "$@" >> "CALLS"
while [ $# -gt 0 ]; do
    case "$1" in --seed) seed=$2;; --out) out=$2;; esac
    shift
done
mkdir "$out"
train="{\"seconds\": $((seed + 1)), \"epochs\": 2}"
echo "{\"train\": $train, \"test\": {\"accuracy\": 0.5}}" > "$out/metrics.json"
"#;

const PEER: &str = r#"
echo "peer $@ in $DATA" >> "CALLS"
echo "a warning on standard output"
echo '{"peer": "fake", "train_s": 6.0, "accuracy": 0.25}'
"#;

/// Held by each test: a script that is still open for writing in another thread's child cannot be started.
static ALONE: Mutex<()> = Mutex::new(());

/// A repository, data and a peer's environment in a folder that goes with it.
struct House(PathBuf, #[expect(dead_code, reason = "held, not read")] MutexGuard<'static, ()>);

impl House {
    fn new(name: &str) -> House {
        let root = std::env::temp_dir().join(format!("assort-bench-{}-{name}", std::process::id()));
        let house = House(root, ALONE.lock().unwrap_or_else(PoisonError::into_inner));
        for file in ["train.csv", "val.csv", "test.csv"] {
            house.write(&format!("data/tweets/{file}"), "text,label\n");
        }
        house.write("examples/configs/fast-tweets.toml", "");
        house.write("assort", ASSORT);
        fs::set_permissions(house.0.join("assort"), fs::Permissions::from_mode(0o755)).unwrap();
        house.write("peers/fasttext_run.py", PEER);
        house.write("venv/bin/note", "");
        symlink("/bin/sh", house.0.join("venv/bin/python")).unwrap();
        house
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text.replace("CALLS", self.0.join("calls").to_str().unwrap())).unwrap();
    }

    /// The lines that a command prints, or its error.
    fn bench(&self, name: &str, flags: &str) -> Result<Vec<Value>, String> {
        let flags = flags.replace('@', self.0.to_str().unwrap());
        let arguments = Arguments::try_parse_from(["bench"].into_iter().chain(flags.split_whitespace()));
        let arguments = arguments.map_err(|error| error.to_string())?;
        let places =
            Places { root: self.0.clone(), assort: self.0.join("assort"), target: self.0.join("target") };
        let plan = Plan::new(name, &arguments, &places).map_err(|error| format!("{error:#}"))?;
        let mut out = Vec::new();
        run(&plan, &mut out).map_err(|error| format!("{error:#}"))?;
        assert!(!self.0.join("target/assort-bench").exists());
        let out = String::from_utf8(out).unwrap();
        Ok(out.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    fn calls(&self) -> String {
        fs::read_to_string(self.0.join("calls")).unwrap().replace(self.0.to_str().unwrap(), "@")
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn ours(seed: u32) -> Value {
    json!({"program": "assort", "bench": "fasttext-tweets", "task": "tweets", "seed": seed, "epochs": 2,
           "train_s": f64::from(seed + 1), "accuracy": 0.5})
}

#[test]
fn pairs_come_in_turn() {
    let house = House::new("turn");
    let lines = house.bench("fasttext-tweets", "--data @/data --peers @/venv --pairs 3").unwrap();
    let peer = json!({"peer": "fake", "train_s": 6.0, "accuracy": 0.25});
    let summary = json!({"bench": "fasttext-tweets", "pairs": 3, "figure": "train_s", "ours_median": 2.0,
        "peer_median": 6.0, "ratio_median": 3.0, "aim": 2.0,
        "accuracy": {"ours_mean": 0.5, "peer_mean": 0.25}});
    assert_eq!(lines, [ours(0), peer.clone(), ours(1), peer.clone(), ours(2), peer, summary]);
    let calls = house.calls();
    let first = format!(
        "train --train @/data/tweets/train.csv --validation @/data/tweets/val.csv \
         --test @/data/tweets/test.csv --config @/examples/configs/fast-tweets.toml --threads 2 --seed 0 \
         --out @/target/assort-bench/{}/model-0",
        std::process::id()
    );
    assert_eq!(calls.lines().next(), Some(first.as_str()));
    assert_eq!(calls.lines().nth(1), Some("peer tweets 5 0.1 2 100 50000 in @/data"));
    assert_eq!(calls.lines().count(), 6);
}

#[test]
fn ours_alone_and_five_by_default() {
    let house = House::new("alone");
    let lines = house.bench("fasttext-tweets", "--data @/data").unwrap();
    assert_eq!(lines[..5], [ours(0), ours(1), ours(2), ours(3), ours(4)]);
    let summary = json!({"bench": "fasttext-tweets", "pairs": 5, "figure": "train_s", "ours_median": 3.0,
                         "aim": 2.0, "accuracy": {"ours_mean": 0.5}});
    assert_eq!(lines[5..], [summary]);
}

#[test]
fn what_is_missing_is_named() {
    let house = House::new("missing");
    let check = |name: &str, flags: &str, expect: &str| {
        let error = house.bench(name, flags).unwrap_err();
        assert!(error.contains(expect), "{name} {flags}: {error}");
        assert!(!house.0.join("calls").exists(), "{name} {flags}");
    };
    check("fasttext", "--data @/data", "there is no case `fasttext`: choose one of bag, bag-notebook");
    check("fasttext-tweets", "", "`fasttext-tweets` needs --data DIR");
    check("fasttext-tweets", "--data @/nowhere", "nowhere/tweets/train.csv is no file");
    check("fasttext-imdb", "--data @/data", "imdb/train.csv is no file");
    check("fasttext-tweets", "--data @/data --peers @/nowhere", "nowhere/bin/python is no file");
    check(
        "fasttext-tweets",
        "--data @/data --peers @/venv --scripts @/nowhere",
        "nowhere/fasttext_run.py is no file: name the folder that has it with --scripts",
    );
    check("linear-tweets", "--data @/data --peers @/venv", "peers/tfidf_sklearn.py is no file");
    check("linear-tweets", "--data @/data", "linear-tweets.toml is missing");
    check("fasttext-tweets", "--data @/data --scripts @/peers", "--peers");
    check("fasttext-tweets", "--data @/data --pairs 0", "--pairs");
    fs::remove_file(house.0.join("data/tweets/val.csv")).unwrap();
    check("fasttext-tweets", "--data @/data", "tweets/val.csv is no file");
    house.write("data/tweets/val.csv", "");
    fs::remove_file(house.0.join("assort")).unwrap();
    check("fasttext-tweets", "--data @/data", "`cargo xtask bench` builds it");
}

#[test]
fn a_side_that_fails_is_told() {
    let house = House::new("fails");
    let check = |path: &str, script: &str, expect: &str| {
        house.write(path, script);
        let error = house.bench("fasttext-tweets", "--data @/data --peers @/venv --pairs 1").unwrap_err();
        assert!(error.contains(expect), "{error}");
        assert!(!Path::new(&house.0.join("target/assort-bench")).exists());
    };
    let peer = "peers/fasttext_run.py";
    let expect = "fasttext_run.py failed (exit status: 3): No module named 'fasttext'";
    check(peer, "echo first >&2; echo \"No module named 'fasttext'\" >&2; exit 3", expect);
    check(peer, "echo hello", "fasttext_run.py printed no JSON object");
    check(peer, "echo '{\"train_s\": 1.0}'", "the line of fasttext_run.py has no number `accuracy`");
    check(
        "assort",
        "#!/bin/sh\necho 'error: broken' >&2; exit 2",
        "assort train failed (exit status: 2): error: broken",
    );
    check("assort", "#!/bin/sh\nexit 0", "model-0/metrics.json");
}

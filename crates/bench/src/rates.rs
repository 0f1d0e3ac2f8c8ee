//! The bench `distilbert`: tokens a second of fine-tuning and of prediction, beside the peer.
//!
//! Both sides are programs that take the same arguments and print the same keys; see `encoder/main.rs` for
//! ours.

use std::io::Write;
use std::path::{Path, PathBuf, absolute};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::{Value, json};

use crate::measure::{Line, last_object, output};
use crate::plan::{Peer, find_peer};
use crate::summary::{median, rounded};
use crate::{Arguments, tell};

/// The name on the command line.
pub const NAME: &str = "distilbert";

const SCRIPT: &str = "bert_torch.py";

/// One figure of a run.
struct Rate {
    name: &'static str,
    key: &'static str,
    /// How many times the peer's rate is to be reached.
    aim: f64,
}

/// The arguments of both programs, and what is read from their lines.
struct Run {
    arguments: &'static [&'static str],
    rates: &'static [Rate],
}

const TRAIN: &str = "tokens_per_s";
const INFER: &str = "infer_tokens_per_s";

const RUNS: &[Run] = &[
    Run {
        arguments: &["base", "imdb", "2", "10", "16", "128"],
        rates: &[Rate { name: "train-last-2", key: TRAIN, aim: 1.35 }],
    },
    Run {
        arguments: &["base", "imdb", "0", "6", "16", "128"],
        rates: &[
            Rate { name: "train-all", key: TRAIN, aim: 1.35 },
            Rate { name: "infer", key: INFER, aim: 1.15 },
        ],
    },
    Run {
        arguments: &["minilm-distilbert", "tweets", "0", "60", "32", "128"],
        rates: &[
            Rate { name: "small-train-all", key: TRAIN, aim: 1.8 },
            Rate { name: "small-infer", key: INFER, aim: 1.3 },
        ],
    },
];

/// The bench with its aims, in the form of [`cases::list`](crate::cases::list).
pub fn list() -> String {
    let aims = RUNS.iter().flat_map(|run| run.rates).map(|rate| format!("{} {} times", rate.name, rate.aim));
    let aims = aims.collect::<Vec<_>>().join(", ");
    format!(
        "  {NAME}  tokens a second of fine-tuning and of prediction, against PyTorch; needs checkpoints \
         beside the data\n  aim: {aims}; pairs: 3\n"
    )
}

/// Runs both sides in turn, prints every line as it comes, and a line for each case at the end.
///
/// # Errors
/// A file that is missing, or a program that fails.
pub fn run(arguments: &Arguments, program: &Path, scratch: &Path, out: &mut impl Write) -> Result<()> {
    let Some(data) = &arguments.data else {
        bail!("`{NAME}` needs --data DIR: the folder that has imdb/train.csv and tweets/train.csv");
    };
    let data = absolute(data).with_context(|| format!("--data {}", data.display()))?;
    ensure!(program.is_file(), "{} is missing: `cargo xtask bench` builds it", program.display());
    let peer = arguments.peers.as_deref();
    let peer =
        peer.map(|folder| find_peer(SCRIPT, folder, arguments.scripts.as_deref(), &data)).transpose()?;
    let mut lines: Vec<Vec<(Line, Option<Line>)>> = RUNS.iter().map(|_| Vec::new()).collect();
    for _ in 0..arguments.pairs.unwrap_or(3) {
        for (run, lines) in RUNS.iter().zip(&mut lines) {
            let mut command = Command::new(program);
            let ours = one(command.args(run.arguments).arg("--data").arg(&data), "assort-bench-encoder")?;
            tell(out, &ours)?;
            let theirs = peer.as_ref().map(|peer| of_peer(peer, run, &data, scratch)).transpose()?;
            if let Some(theirs) = &theirs {
                tell(out, theirs)?;
            }
            lines.push((ours, theirs));
        }
    }
    for (run, lines) in RUNS.iter().zip(&lines) {
        run.rates.iter().try_for_each(|rate| tell(out, &medians(rate, lines)))?;
    }
    Ok(())
}

fn of_peer(peer: &Peer, run: &Run, data: &Path, scratch: &Path) -> Result<Line> {
    let mut command = Command::new(&peer.python);
    command.arg(&peer.script).args(run.arguments).env("DATA", data);
    command.env("TMPDIR", temporary(scratch)).env("PYTHONDONTWRITEBYTECODE", "1").env("HF_HUB_OFFLINE", "1");
    one(&mut command, SCRIPT)
}

/// A folder that is there for the peer's temporary files.
fn temporary(scratch: &Path) -> PathBuf {
    if scratch.is_dir() { scratch.into() } else { std::env::temp_dir() }
}

fn one(command: &mut Command, name: &str) -> Result<Line> {
    last_object(&output(command, name)?).ok_or_else(|| anyhow!("{name} printed no JSON object"))
}

/// Medians of both sides, and the median of the pairs' ratios, ours to the peer's.
fn medians(rate: &Rate, lines: &[(Line, Option<Line>)]) -> Line {
    let number = |line: &Line, key: &str| line.get(key).and_then(Value::as_f64);
    let told = |values: Vec<Option<f64>>| json!(median(&values).map(rounded));
    let of_ours = |key: &str| told(lines.iter().map(|(ours, _)| number(ours, key)).collect());
    let mut line = Line::new();
    line.insert("bench".into(), NAME.into());
    line.insert("case".into(), rate.name.into());
    line.insert("pairs".into(), lines.len().into());
    line.insert(TRAIN.into(), of_ours(rate.key));
    line.insert("peak_rss_mb".into(), of_ours("peak_rss_mb"));
    if lines.iter().all(|(_, peer)| peer.is_some()) {
        let of_peer = |key: &str| {
            told(lines.iter().map(|(_, peer)| peer.as_ref().and_then(|peer| number(peer, key))).collect())
        };
        line.insert("peer_tokens_per_s".into(), of_peer(rate.key));
        line.insert("peer_peak_rss_mb".into(), of_peer("peak_rss_mb"));
        let ratio = |(ours, peer): &(Line, Option<Line>)| {
            Some(number(ours, rate.key)? / number(peer.as_ref()?, rate.key)?)
        };
        line.insert("ratio_median".into(), told(lines.iter().map(ratio).collect()));
    }
    line.insert("aim".into(), rate.aim.into());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(value: Value) -> Line {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn a_line_for_each_case() {
        let pair = |ours: f64, peer: f64| {
            let ours = line(json!({"tokens_per_s": ours, "peak_rss_mb": 5}));
            (ours, Some(line(json!({"tokens_per_s": peer, "peak_rss_mb": 7}))))
        };
        let rate = Rate { name: "train-all", key: TRAIN, aim: 1.35 };
        let expect = json!({"bench": "distilbert", "case": "train-all", "pairs": 3, "tokens_per_s": 30.0,
            "peak_rss_mb": 5.0, "peer_tokens_per_s": 10.0, "peer_peak_rss_mb": 7.0, "ratio_median": 2.5,
            "aim": 1.35});
        let lines = [pair(30.0, 12.0), pair(20.0, 10.0), pair(40.0, 10.0)];
        assert_eq!(Value::Object(medians(&rate, &lines)), expect);
        let alone = [(lines[0].0.clone(), None)];
        assert!(!medians(&rate, &alone).contains_key("ratio_median"));
    }

    #[test]
    fn the_list_names_every_case() {
        let text = list();
        for name in ["train-last-2", "train-all", "infer", "small-train-all", "small-infer"] {
            assert!(text.contains(&format!("{name} 1.")), "{text}");
        }
    }
}

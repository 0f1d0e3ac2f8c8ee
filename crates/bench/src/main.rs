//! The program `assort-bench`: runs a [`Case`](cases::Case) through `assort` and, where its environment is
//! given, through a peer in turn, and tells how many times less ours takes.
//!
//! Both sides run as programs of their own, as a user would run them, and tell their own figures; nothing is
//! timed here. So both are measured alike. [`cases`] is the one table, [`plan`] checks all that a case needs
//! before anything runs, [`measure`] runs one side, [`summary`] reckons. [`rates`] has steps of fine-tuning,
//! which the program `assort-bench-encoder` takes.

mod cases;
mod measure;
mod plan;
mod rates;
mod scratch;
mod summary;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Parser;

use plan::{Places, Plan};
use scratch::Scratch;

/// Measure assort, pair after pair with a peer.
///
/// Each side prints one JSON line a run, and the last line has the medians and the median ratio, peer to
/// ours. The n-th run of ours has seed n, from 0. Without NAME: the cases.
#[derive(Parser, Debug)]
#[command(name = "assort-bench", bin_name = "cargo xtask bench")]
pub struct Arguments {
    /// The case to measure
    pub name: Option<String>,
    /// Folder with the tasks' folders, each with train.csv, val.csv and test.csv
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// How often each side runs [default: 5, or what the list of cases says]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub pairs: Option<u32>,
    /// Python virtual environment of the peers [default: ours alone is measured]
    #[arg(long, value_name = "VENV")]
    pub peers: Option<PathBuf>,
    /// Folder with the peers' scripts [default: `peers` beside --data]
    #[arg(long, value_name = "DIR", requires = "peers")]
    pub scripts: Option<PathBuf>,
}

/// The last line of the list.
const FLAGS: &str = "`cargo xtask bench --help` has the flags.";

/// A mistake in the command line or in the files it names; the same code as that of the program `assort`.
const MISUSED: u8 = 2;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let Some(name) = &arguments.name else {
        return ending(
            write!(io::stdout(), "Cases\n{}{}\n{FLAGS}\n", cases::list(), rates::list()).map_err(Into::into),
        );
    };
    if name == rates::NAME {
        let encoder = |places: &Places| {
            let name = format!("assort-bench-encoder{}", std::env::consts::EXE_SUFFIX);
            places.assort.with_file_name(name)
        };
        return ending(places().and_then(|places| {
            rates::run(&arguments, &encoder(&places), &places.target, &mut io::stdout())
        }));
    }
    let plan = places().and_then(|places| Plan::new(name, &arguments, &places));
    match plan {
        Ok(plan) => ending(run(&plan, &mut io::stdout())),
        Err(error) => {
            complain(&error);
            ExitCode::from(MISUSED)
        }
    }
}

/// Runs the pairs, prints every line as it comes and the summary at the end.
fn run(plan: &Plan, out: &mut impl Write) -> anyhow::Result<()> {
    let scratch = Scratch::new(&plan.scratch)?;
    let mut runs = Vec::new();
    for pair in 0..plan.pairs {
        let ours = measure::ours(plan, pair, scratch.path())?;
        tell(out, &ours)?;
        let peer = plan.peer.as_ref().map(|peer| measure::peer(plan, peer, scratch.path())).transpose()?;
        if let Some(peer) = &peer {
            tell(out, peer)?;
        }
        runs.push(summary::Pair::new(plan.case, &ours, peer.as_ref())?);
    }
    tell(out, &summary::summary(plan.case, &runs))
}

fn tell(out: &mut impl Write, line: &measure::Line) -> anyhow::Result<()> {
    writeln!(out, "{}", serde_json::to_string(line)?)?;
    Ok(out.flush()?)
}

/// The repository this program was built from, and the programs beside it.
fn places() -> anyhow::Result<Places> {
    let own = std::env::current_exe().context("cannot tell where this program lies")?;
    let Some(folder) = own.parent() else { bail!("{} lies in no folder", own.display()) };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new("."));
    Ok(Places {
        root: root.to_owned(),
        assort: folder.join(format!("assort{}", std::env::consts::EXE_SUFFIX)),
        target: folder.parent().unwrap_or(folder).to_owned(),
    })
}

fn ending(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn complain(error: &anyhow::Error) {
    // Where standard error is closed there is nobody to tell.
    let _ = writeln!(io::stderr(), "error: {error:#}");
}

#[cfg(test)]
mod tests;

//! The developer commands of the workspace: `cargo xtask help` lists them.
//!
//! It uses the standard library alone and links none of the crates, so that it is built in seconds and can
//! still run, and say what is wrong, while a crate does not compile. Everything it does is spawning `cargo`,
//! except [`mod@tidy`], which reads the sources itself.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod command;
mod courses;
mod deny;
mod fixtures;
mod steps;
mod tidy;
mod torture;

use std::path::PathBuf;
use std::process::ExitCode;

use command::Invocation;

const HELP: &str = "\
cargo xtask COMMAND [ARGS...]

Use
  train                  train the default classifier on fixtures/recipes (release build)
  train ARGS...          the same as `assort train ARGS...`, in the current folder
  train --features F ... pass F (cuda, metal) to cargo; first argument only

Measure
  bench                  list the cases
  bench NAME --data DIR  run a case on the files in DIR, five times (release build)
        --peers VENV     and the peer in turn, in that Python virtual environment
        --scripts DIR    the peers' scripts, if not in `peers` beside the data
        --pairs N        how often
  bench serve ADDRESS --texts FILE   ask a server, ours or another: requests a second, and their times

Check, cheapest first
  tidy                   read the sources and hold the rules of ARCHITECTURE.md; once the tests are built,
                         compare docs/tour.md and docs/courses.md with what their programs print
  tidy CRATE             the rules in one crate
  lint                   formatting, clippy and docs, warnings denied
  test [ARGS...]         every test, release profile; ARGS go to `cargo test`
  ci                     tidy, formatting, clippy, test, docs; stops at the first failure
  deny                   licences, sources, doubles and known faults of the dependencies (needs cargo-deny)
  courses --data DIR     compare docs/courses.md with what its commands print, those on the data in DIR too
  torture [GROUP...]     kill the program at random and at each file operation, and feed it damaged files
        --tries N        how often for each group [default: 40]
        --seed N         another course of chance [default: 1]

Make
  fixtures               write fixtures/recipes anew
  fixtures --check       make them beside and compare, byte by byte

  help                   this page
";

/// The exit code for a command line that xtask does not understand; the same as the program's own.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = match std::env::args_os().skip(1).map(|a| a.into_string()).collect() {
        Ok(arguments) => arguments,
        Err(argument) => return misused(&format!("{argument:?} is not UTF-8")),
    };
    let root = root();
    let (name, rest) = match arguments.split_first() {
        Some((name, rest)) => (name.as_str(), rest),
        None => return misused("name a command"),
    };
    match name {
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        "train" => train(&root, rest),
        "bench" => bench(&root, rest),
        "test" => steps::test(&root, rest).replace(),
        "lint" | "ci" | "deny" if !rest.is_empty() => misused(&format!("`{name}` takes no arguments")),
        "tidy" => match rest {
            [] => tidy(&root),
            [name] => tidy::run(&root, Some(name)),
            _ => misused("`tidy` takes one crate at most"),
        },
        "lint" => run_all(&[steps::format(&root), steps::clippy(&root), steps::docs(&root)]),
        "ci" => match tidy::run(&root, None) {
            code if code != ExitCode::SUCCESS => code,
            _ => run_all(&[
                steps::format(&root),
                steps::clippy(&root),
                steps::test(&root, &[]),
                steps::docs(&root),
            ]),
        },
        "deny" => deny::run(&root),
        "courses" => match rest {
            [] => courses::run(&root, None),
            [flag, data] if flag == "--data" => courses::run(&root, Some(std::path::Path::new(data))),
            _ => misused("`courses` takes nothing but --data DIR"),
        },
        "torture" => torture::run(&root, rest).unwrap_or_else(|reason| {
            eprintln!("xtask: {reason}");
            ExitCode::FAILURE
        }),
        "fixtures" => match rest {
            [] => steps::fixtures(&root, fixtures::FOLDER).run(),
            [flag] if flag == "--check" => fixtures::check(&root),
            _ => misused("`fixtures` takes nothing but --check"),
        },
        other => misused(&format!("there is no command `{other}`")),
    }
}

/// Runs `assort train`: the default run, or the user's own.
fn train(root: &std::path::Path, arguments: &[String]) -> ExitCode {
    match steps::train(root, arguments) {
        Err(reason) => misused(&reason),
        // The program takes this process's place: signals and exit codes need no handing on.
        Ok((invocation, steps::Run::Own)) => invocation.replace(),
        Ok((invocation, steps::Run::Default)) => {
            let code = invocation.run();
            if code == ExitCode::SUCCESS {
                println!("\nThe report: {}", root.join(steps::DEFAULT_OUT).join("report.html").display());
            }
            code
        }
    }
}

/// Builds what a measurement needs, then lets the measuring program take this process's place.
fn bench(root: &std::path::Path, arguments: &[String]) -> ExitCode {
    match steps::bench_build(root, arguments).map(|build| run_all(&[build])) {
        Some(code) if code != ExitCode::SUCCESS => code,
        _ => steps::bench(root, arguments).replace(),
    }
}

/// Holds the rules over the sources, and compares the pages of the tour and the courses with what their
/// programs print, if they are built.
fn tidy(root: &std::path::Path) -> ExitCode {
    let code = tidy::run(root, None);
    if code != ExitCode::SUCCESS {
        return code;
    }
    let Some(tour) = steps::tour(root) else {
        println!("tidy: docs/tour.md is compared with its programs once `cargo xtask test` has built them");
        return ExitCode::SUCCESS;
    };
    match run_all(&[tour]) {
        code if code != ExitCode::SUCCESS => code,
        _ if steps::target(root).join("release/assort").is_file() => courses::run(root, None),
        code => code,
    }
}

/// Runs the steps in order and stops at the first that fails.
fn run_all(steps: &[Invocation]) -> ExitCode {
    for step in steps {
        let code = step.run();
        if code != ExitCode::SUCCESS {
            eprintln!("xtask: failed: {step}");
            return code;
        }
    }
    ExitCode::SUCCESS
}

fn misused(reason: &str) -> ExitCode {
    eprintln!("xtask: {reason}\n\n{HELP}");
    ExitCode::from(USAGE)
}

/// The folder of the workspace: the parent of this package, wherever the command is given.
fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().map_or_else(|| package.clone(), PathBuf::from)
}

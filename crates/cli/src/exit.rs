//! Exit codes and the one line that reports an error.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use assort_report::text::visible;

use crate::advice;
use crate::arguments::Command;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All was done.
    Fine,
    /// Something went wrong on the way: a full disk, a diverging loss, a bug.
    Failed,
    /// Flags, settings or files that cannot be used; nothing was written.
    Misused,
    /// Stopped by the user; a training has saved its state.
    Interrupted,
}

impl Exit {
    /// The code that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Failed => 1,
            Self::Misused => 2,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// An error that came after the input had been accepted. All others are mistakes in flags or files.
#[derive(Debug)]
pub struct Midway(anyhow::Error);

impl Midway {
    /// Marks an error so that it exits as [`Exit::Failed`].
    pub fn new(error: impl Into<anyhow::Error>) -> Self {
        Self(error.into())
    }
}

/// An error of what was accepted, unless it is that there is no room for it, which is told before any work.
pub fn without_room(error: assort_experiment::Error) -> anyhow::Error {
    match error {
        assort_experiment::Error::Memory { .. } => error.into(),
        other => Midway::new(other).into(),
    }
}

impl fmt::Display for Midway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Midway {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// Reports the error of a command, if there is one, and says how the program ends.
pub fn report(result: anyhow::Result<Exit>, command: &Command) -> Exit {
    let (exit, message) = match result {
        Ok(exit) => (exit, None),
        Err(error) => ending(&error, command),
    };
    if let Some(message) = message {
        complain(&message);
    }
    exit
}

/// How the program ends with this error, and what it says.
fn ending(error: &anyhow::Error, command: &Command) -> (Exit, Option<String>) {
    let inner = error.downcast_ref::<Midway>().map_or(error, |midway| &midway.0);
    let line = || line(error) + &advice::render(inner, command).unwrap_or_default();
    match error.downcast_ref::<io::Error>() {
        // Nobody reads on, as behind `| head`: nothing is wrong.
        Some(output) if output.kind() == io::ErrorKind::BrokenPipe => (Exit::Fine, None),
        Some(output) => (Exit::Failed, Some(format!("cannot write to standard output: {output}"))),
        None if error.is::<Midway>() => (Exit::Failed, Some(line())),
        None => (Exit::Misused, Some(line())),
    }
}

/// Tells what clap says of a command line: help and version in full, a mistake in one line.
pub fn misused(error: &clap::Error) -> Exit {
    use clap::error::ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
    match error.kind() {
        DisplayHelp | DisplayVersion => {
            // A reader who has gone away needs no help.
            let _ = error.print();
            Exit::Fine
        }
        DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            Exit::Misused
        }
        _ => {
            complain(&one_line_of_usage(&error.render().to_string()));
            Exit::Misused
        }
    }
}

/// Writes `error: …` to standard error.
pub fn complain(message: &str) {
    say("error", console::Color::Red, message);
}

/// Writes `warning: …` to standard error.
pub fn warn(message: &str) {
    say("warning", console::Color::Yellow, message);
}

/// Writes a line to standard error.
pub fn note(message: &str) {
    let _ = writeln!(io::stderr(), "{}", visible(message));
}

fn say(kind: &str, colour: console::Color, message: &str) {
    let kind = console::style(format!("{kind}:")).for_stderr().fg(colour).bold();
    // Where standard error is closed there is nobody to tell.
    let _ = writeln!(io::stderr(), "{kind} {}", visible(&flat(message)));
}

/// A panic is a bug: it is told in one line that can be reported. Those of libraries that are guarded become
/// errors and are told as such.
pub fn report_bugs() {
    std::panic::set_hook(Box::new(|panic| {
        if panic.location().is_some_and(|place| assort_files::is_guarded(place.file())) {
            return;
        }
        let place = panic.location().map(|place| format!(" at {place}")).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("no message");
        complain(&format!("this is a bug in assort{place}: {message}; please report it"));
    }));
}

/// An error and its causes in one line; a cause that is already part of it is not repeated.
fn line(error: &anyhow::Error) -> String {
    let mut line = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !line.contains(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    line
}

fn flat(message: &str) -> String {
    message.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Clap's message without its usage, which `--help` tells.
fn one_line_of_usage(message: &str) -> String {
    let lines = message.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let kept: Vec<&str> = lines.filter(|line| !line.is_empty() && !line.starts_with("For more")).collect();
    let line = kept.join(" ").replace(" tip: ", "; ").replace(" [possible values", "; [possible values");
    format!("{}; `--help` tells more", line.strip_prefix("error: ").unwrap_or(&line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Arguments;
    use anyhow::anyhow;
    use clap::Parser;

    #[test]
    fn one_line_without_repeats() {
        let cause = anyhow!("disk is\nfull").context("a.csv: disk is\nfull").context("reading");
        assert_eq!(flat(&line(&cause)), "reading: a.csv: disk is full");
    }

    #[test]
    fn usage_in_one_line() {
        let message = "error: unexpected argument '--trian' found\n\n  \
                       tip: a similar argument exists: '--train'\n\nUsage: assort train\n\n\
                       For more information, try '--help'.\n";
        let expect =
            "unexpected argument '--trian' found; a similar argument exists: '--train'; `--help` tells more";
        assert_eq!(one_line_of_usage(message), expect);
    }

    #[test]
    fn endings() {
        let command = Arguments::try_parse_from(["assort", "train", "--train", "a.csv", "--out", "m"]);
        let command = command.unwrap().command;
        let check = |error: anyhow::Error, code, expect: Option<&str>| {
            let (exit, message) = ending(&error, &command);
            assert_eq!((exit.code(), message.as_deref()), (code, expect));
        };
        check(io::Error::from(io::ErrorKind::BrokenPipe).into(), 0, None);
        let full = io::Error::other("no space");
        check(full.into(), 1, Some("cannot write to standard output: no space"));
        check(Midway::new(anyhow!("lost")).into(), 1, Some("lost"));
        check(anyhow::Error::from(Midway::new(anyhow!("lost"))).context("drawing"), 1, Some("drawing: lost"));
        check(anyhow!("no such file"), 2, Some("no such file"));
        let exists = || assort_datasets::Error::Exists("a".into());
        let advised = "a exists already: choose another name, or allow it to be replaced with --overwrite";
        check(exists().into(), 2, Some(advised));
        check(Midway::new(exists()).into(), 1, Some(advised));
        assert_eq!(report(Ok(Exit::Interrupted), &command).code(), 130);
    }
}
